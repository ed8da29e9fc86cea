"""What a person does about a finding, where leaving the thing out would be the wrong lesson.

By rule: each is given the platform and the place of the finding, and changes the platform.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from manifestgen.facts.quantities import parse_quantity
from manifestgen.spec.externals import External, PortRange
from manifestgen.spec.mesh import InMesh
from manifestgen.spec.secretstores import AwsStore, AzureStore, GcpStore, VaultStore
from manifestgen.spec.settings import SecretRef
from support.drawing.artist import Artist, fields_of
from support.drawing.values import Drawn, DrawnList, Path, at

Remedy = Callable[[Drawn, Path, Artist], None]

_STORES: Final = {"vault": VaultStore, "aws": AwsStore, "gcp": GcpStore, "azure": AzureStore}


def given(drawn: Any, key: str, artist: Artist) -> Any:
    """The field ``key`` of a drawn model, drawn where it is not there yet."""
    if key not in drawn:
        fields = {one.key: one for one in fields_of(drawn.model)}
        drawn[key] = artist.field(drawn.model, fields[key])
    return drawn[key]


def _store(root: Drawn, path: Path, artist: Artist) -> None:
    """A secret is in the only store there is of its type; mostly that is the one Vault."""
    provider = str(path[-1])
    if path[-1] in ("secrets", "secretsFrom"):
        given(root, "vault", artist)
    elif provider in _STORES and artist.choices.chance(70):
        given(root, "secretStores", artist)[f"{provider}-store"] = artist.model(_STORES[provider])
    else:
        reference = at(root, path[:-1])
        reference.clear()
        reference["vault"] = "app#key" if path[-3] == "secrets" else "app"
        given(root, "vault", artist)


def _which_store(root: Drawn, path: Path, artist: Artist) -> None:
    reference = at(root, path)
    types = {name: store["type"] for name, store in root.get("secretStores", {}).items()}
    types |= {"vault": "vault"} if "vault" in root else {}
    fitting = [
        name for name, kind in types.items() if kind in (*reference, "existing") or "remote" in reference
    ]
    if fitting:  # else what was done about another finding has taken them away; the next round says so
        reference["store"] = artist.choices.pick(fitting)


def _keys_of_type(root: Drawn, path: Path, artist: Artist) -> None:
    settings = at(root, path[:2])
    kind = settings["externalSecret"]["type"].rpartition("/")[2]
    keys = {"dockerconfigjson": [".dockerconfigjson"], "ssh-auth": ["ssh-privatekey"]}
    settings.pop("secrets", None)
    secrets = given(settings, "secrets", artist)
    for key in keys.get(kind, ["tls.crt", "tls.key"]):
        secrets[key] = artist.model(SecretRef)


def _count_something(root: Drawn, path: Path, artist: Artist) -> None:
    quota = at(root, path[:3])
    quota.pop("hard", None)
    for key in ("requests", "limits", "services", "loadBalancers", "claims"):
        if "scope" in quota or "priorityClasses" in quota:
            quota.pop(key, None)
    given(quota, "pods", artist)


def _request(root: Drawn, path: Path, artist: Artist) -> None:
    workload = at(root, path[:2])
    others = [*workload.get("containers", {}).values(), *workload.get("sidecars", {}).values()]
    for container in (workload, *others):
        given(given(container["resources"], "requests", artist), str(path[-1]), artist)


def _fewest(root: Drawn, path: Path, artist: Artist) -> None:
    at(root, path[:-1])["min"] = 1


def _bounds(root: Drawn, path: Path, artist: Artist) -> None:
    scaling = at(root, path[:-1])
    scaling["min"], scaling["max"] = scaling["max"], scaling["min"]


def _target(root: Drawn, path: Path, artist: Artist) -> None:
    given(at(root, path), "cpu", artist)


def _mail(root: Drawn, path: Path, artist: Artist) -> None:
    given(root["alerting"], "smtp", artist)


def _receivers_secret(root: Drawn, path: Path, artist: Artist) -> None:
    root["alerting"]["secret"] = "receivers"


def _clock(root: Drawn, path: Path, artist: Artist) -> None:
    """What has its own clock is told by files."""
    root["alerting"]["delivery"] = "files"


def _receiver(root: Drawn, path: Path, artist: Artist) -> None:
    root["alerting"]["default"] = path[2]


def _newer_alertmanager(root: Drawn, path: Path, artist: Artist) -> None:
    root["alerting"]["version"] = "0.28"


def _newer_prometheus(root: Drawn, path: Path, artist: Artist) -> None:
    root["monitoring"]["version"] = "2.53"


def _size(root: Drawn, path: Path, artist: Artist) -> None:
    storage = at(root, (*path[:2], "storage"))
    storage.pop("ephemeral", None)
    given(storage, "size", artist)


def _stop(root: Drawn, path: Path, artist: Artist) -> None:
    at(root, path[:-1]).update(period="10m", delay="2s")
    if int(root["cluster"]["kubernetesVersion"].split(".")[1]) < 30:
        root["cluster"]["kubernetesVersion"] = "1.32"


def _limits(root: Drawn, path: Path, artist: Artist) -> None:
    resources = at(root, path[:-2])
    asked, most = resources["requests"], resources["limits"]
    for key in asked.keys() & most.keys():
        if parse_quantity(asked[key]) > parse_quantity(most[key]):
            asked[key], most[key] = most[key], asked[key]


def _ports(root: Drawn, path: Path, artist: Artist) -> None:
    workload = at(root, path[:2])
    if not workload.get("ports"):
        workload.pop("ports", None)
        given(workload, "ports", artist)


def _exception(root: Drawn, path: Path, artist: Artist) -> None:
    external = at(root, path[:2])
    external["networks"][:] = ["0.0.0.0/0"]
    external["exceptNetworks"][:] = ["10.0.0.0/8"]


def _service(root: Drawn, path: Path, artist: Artist) -> None:
    at(root, path[:-1])["type"] = "Headless" if path[-1] == "publishNotReady" else "LoadBalancer"


def _origins(root: Drawn, path: Path, artist: Artist) -> None:
    cors = at(root, path[:-1])
    assert isinstance(cors["origins"], DrawnList)
    cors["origins"][:] = ["https://app.example.com"]


def _budget(root: Drawn, path: Path, artist: Artist) -> None:
    workload = at(root, path[:2])
    if "replicas" in workload and artist.choices.chance(50):
        workload["replicas"] = 20
        workload["disruptionBudget"] = type(budget := workload["disruptionBudget"])(
            budget.model, {"minAvailable": artist.choices.pick((1, "50%", 3))}
        )
    else:
        at(root, path[:-1])[path[-1]] = 1 if path[-1] == "maxUnavailable" else "0%"


def _quorum(root: Drawn, path: Path, artist: Artist) -> None:
    at(root, path[:2]).update(replicas=5, quorum=artist.choices.pick((1, 2, 3)))


def _network_place(root: Drawn, path: Path, artist: Artist) -> None:
    external = at(root, path[:2])
    external.pop("namespace", None)
    given(external, "networks", artist)


def _new_enough(root: Drawn, path: Path, artist: Artist) -> None:
    root["cluster"]["kubernetesVersion"] = "1.37"


def _alone(root: Drawn, path: Path, artist: Artist) -> None:
    modes = at(root, path)
    modes[:] = [modes[0]]


def _lenient(root: Drawn, path: Path, artist: Artist) -> None:
    security = given(root["tenancy"]["namespace"], "podSecurity", artist)
    security["enforce"] = "privileged"


def _unchecked(root: Drawn, path: Path, artist: Artist) -> None:
    given(at(root, path[:2]), "unchecked", artist)


def _open_to_backup(root: Drawn, path: Path, artist: Artist) -> None:
    """One external has all ports, and the backup connects to it."""
    ports = [Drawn(PortRange, {"port": 1, "endPort": 65535})]
    everywhere = Drawn(External, {"networks": ["0.0.0.0/0"], "ports": ports})
    given(root, "externals", artist)["everywhere"] = everywhere
    given(at(root, path[:2]), "connects", artist)[:] = ["everywhere"]


def _login_of_backup(root: Drawn, path: Path, artist: Artist) -> None:
    backup = at(root, path[:2])
    given(root["datastores"][backup["datastore"]], "credentials", artist)
    for key in ("username", "passwordKey"):
        given(backup, key, artist)


def _other_recovery(root: Drawn, path: Path, artist: Artist) -> None:
    """Without the backup there is another way, or another reason."""
    entry = at(root, path[:3])
    entry.pop("backup", None)
    if path[1] == "recoveryTimes":
        entry["procedure"] = "rollback"
    else:
        given(entry, "how", artist)


def _rare_backup(root: Drawn, path: Path, artist: Artist) -> None:
    """No schedule that is drawn rests for longer."""
    at(root, path[:-1])["rpo"] = "60w"


def _address_of_route(root: Drawn, path: Path, artist: Artist) -> None:
    """A smoke check asks the first host of its route for a path that this has."""
    smoke = at(root, path[:3])
    route = root["routes"][smoke["route"]]
    smoke["host"] = route["hosts"][0].replace("*", "www")
    rules = [route, *route.get("rules", {}).values()]
    smoke["path"] = next((rule["paths"][0] for rule in rules if "paths" in rule), "/")


def _in_vault(root: Drawn, path: Path, artist: Artist) -> None:
    given(root, "vault", artist)
    reference = at(root, path)
    reference.clear()
    reference |= {"vault": "deploy#slack", "store": "vault"}


def _measured_canary(root: Drawn, path: Path, artist: Artist) -> None:
    """What is deployed by script has no canary that nobody looks at."""
    if path[0] == "workloads":
        workload = at(root, path[:2])
        workload.pop("rollout", None)
        workload["strategy"] = "rolling"
    else:
        root["deployment"].pop("watch")


def _asked_prometheus(root: Drawn, path: Path, artist: Artist) -> None:
    if "deployment" in root:
        root["deployment"]["prometheus"] = "https://prometheus.example.com"


def _vault(root: Drawn, path: Path, artist: Artist) -> None:
    """The Vault that is set up is the platform's own."""
    given(root, "vault", artist)
    root["vaultSetup"]["store"] = "vault"


def _second_version(root: Drawn, path: Path, artist: Artist) -> None:
    at(root, path[:-1])["version"] = "v2"


def _address(root: Drawn, path: Path, artist: Artist) -> None:
    """Requests of load tests go elsewhere than to a route that does not answer them."""
    given(root["loadTests"], "url", artist)


def _deployed(root: Drawn, path: Path, artist: Artist) -> None:
    given(root, "deployment", artist)


def _logged_in(root: Drawn, path: Path, artist: Artist) -> None:
    """A job logs in to EKS by a role, to any other cluster by a kubeconfig."""
    ci = root["ci"]
    for key in ("role", "kubeconfig"):
        ci.pop(key, None)
    given(ci, "role" if "eks" in root.get("deployment", {}) else "kubeconfig", artist)


def _gateway(root: Drawn, path: Path, artist: Artist) -> None:
    given(at(root, path[:-1]), "gateway", artist)


def _out_of_mesh(root: Drawn, path: Path, artist: Artist) -> None:
    at(root, path[:2])["mesh"] = False


def _plaintext(root: Drawn, path: Path, artist: Artist) -> None:
    """What is called takes calls without TLS where it has a port; else the caller is in the mesh."""
    called = root["workloads"][str(at(root, path))]
    ports = list(called.get("ports", ()))
    if ports:
        items = DrawnList(list[str], ("InMesh", "plaintext", "value"), 0, [ports[0]])
        called["mesh"] = Drawn(InMesh, {"plaintext": items})
    else:
        at(root, path[:2]).pop("mesh", None)


def _installed_cni(root: Drawn, path: Path, artist: Artist) -> None:
    root["mesh"]["cni"] = True


REMEDIES: Final[dict[str, Remedy]] = {
    "vault-store": _vault,
    "vault-version": _second_version,
    "secret-store-missing": _store,
    "secret-store-ambiguous": _which_store,
    "kubernetes-feature": _new_enough,
    "autoscaling-version": _new_enough,
    "access-modes": _alone,
    "object-unknown-kind": _unchecked,
    "secret-type": _keys_of_type,
    "pod-security": _lenient,
    "quota-empty": _count_something,
    "quota-scope": _count_something,
    "autoscaling-request": _request,
    "autoscaling-zero": _fewest,
    "autoscaling-bounds": _bounds,
    "autoscaling-target": _target,
    "alert-smtp": _mail,
    "alert-secret": _receivers_secret,
    "alert-time-zone": _clock,
    "alertmanager-version": _newer_alertmanager,
    "prometheus-version": _newer_prometheus,
    "alert-receiver-unused": _receiver,
    "storage": _size,
    "stop-delay": _stop,
    "resources-request-over-limit": _limits,
    "port-missing": _ports,
    "network-exception": _exception,
    "service-field": _service,
    "cors-credentials": _origins,
    "disruption-blocks": _budget,
    "redis-quorum": _quorum,
    "gateway-missing": _gateway,
    "mesh-host-network": _out_of_mesh,
    "mesh-plaintext": _plaintext,
    "mesh-pod-security": _installed_cni,
    "load-test-path": _address,
    "load-test-host": _address,
    "external-place": _network_place,
    "backup-network": _open_to_backup,
    "backup-login": _login_of_backup,
    "recovery-backup": _other_recovery,
    "recovery-point": _rare_backup,
    "deployment-path": _address_of_route,
    "deployment-notify": _in_vault,
    "deployment-slo": _measured_canary,
    "prometheus-missing": _asked_prometheus,
    "ci-deployment": _deployed,
    "ci-login": _logged_in,
}
"""The first thing to try; what is still wrong then is drawn again, and at last left out."""
