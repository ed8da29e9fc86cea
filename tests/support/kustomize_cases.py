"""Pairs of manifests (base, target) as users have them, hostile strings included, and the real Kustomize."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from manifestgen.artifact import Artifact
from manifestgen.yamlio import emit
from manifestgen.yamlio.load import parse_documents

Manifest = dict[str, Any]

HOSTILE = (
    *("", " ", "on", "no", "y", "null", "~", "true", "0", "1_000", "0x1F", "0o17", "1e3", "1:30", ".inf"),
    *("2024-01-01", "-", "- a", "a: b", "# no comment", "a #b", "{{ .Values.x }}", "{a: b}", "[", "*alias"),
    *("&anchor", "!tag", "%", "@", "`", "'", '"', "\\", "a\nb", "a\nb\n", "\n", "\na", "  indented\nless"),
    *(
        "trailing \nspace",
        "tab\there",
        "a\r\nb",
        "$patch",
        "delete",
        "null\n",
        "---\nb",
        "...\n",
        "# x\n# y\n",
    ),
    *(
        "übergröße",
        "emoji 🦊",
        "\u2028",
        "\u00a0x",
        "x" * 300,
        "word " * 60,
        "a:b:c",
        "k=v",
        "<<",
        "=",
        "|",
        ">",
    ),
    *("?", "? a"),
)

# Where it stands in an annotation, Kustomize 5.8 stops at this, patched or not.
TAB_FIRST = "\ttab first\nthen"
KEYS = ("LOG_LEVEL", "on", "y", "1", "1e3", "null", "true", ".env", "app.conf", "a-b", "1_000", "2024-01-01")
# No "1" among these: Kustomize 5.8 stops at an annotation whose key reads as a number, patched or not.
ANNOTATIONS = ("nginx.ingress.kubernetes.io/limit-rps", "a/b", "on", "prometheus.io/scrape", "x.y~z/w")

texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.sampled_from(["info", "debug", "1.4.2", "http"]),
    st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=12),
)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Manifest]:
    """A map with any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


def needs(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Manifest]:
    """A map with all of the fields."""
    return st.fixed_dictionaries(fields)


def unique(
    key: str, names: Iterable[Any], **fields: st.SearchStrategy[Any]
) -> st.SearchStrategy[list[Manifest]]:
    """A list of items that have different values of ``key``, in any order."""
    item = st.fixed_dictionaries({key: st.sampled_from(list(names))}, optional=fields)
    return st.lists(item, max_size=4, unique_by=lambda one: one[key])


def one_of_fields(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Manifest]:
    """A map with exactly one of the fields, as unions are written in Kubernetes."""
    return st.one_of(*(st.fixed_dictionaries({name: value}) for name, value in fields.items()))


values = st.one_of(texts, st.just(TAB_FIRST))
maps = st.dictionaries(st.sampled_from(KEYS), values, max_size=5)
labels = st.dictionaries(st.sampled_from(["app", "tier", "on", "1"]), texts, max_size=3)
annotations = st.dictionaries(st.sampled_from(ANNOTATIONS), texts, min_size=1, max_size=4)
quantities = st.fixed_dictionaries(
    {}, optional={"cpu": st.sampled_from(["1", "200m"]), "memory": st.just("1Gi")}
)
numbers = st.sampled_from([0, 1, 2, 30, 1000000, 8080])
reference = some(name=st.sampled_from(["a", "b"]), key=texts, optional=st.booleans())
probe = st.builds(
    lambda how, when: how | when,
    one_of_fields(
        httpGet=some(path=st.just("/health"), port=st.sampled_from(["http", 80])),
        exec=some(command=st.lists(texts, max_size=3)),
        tcpSocket=some(port=numbers),
    ),
    some(periodSeconds=numbers, failureThreshold=numbers),
)
env = st.lists(
    st.builds(
        lambda name, value: {"name": name, **value},
        st.sampled_from(["A", "B", "C", "D", "on", "1"]),
        one_of_fields(
            value=values, valueFrom=one_of_fields(secretKeyRef=reference, configMapKeyRef=reference)
        ),
    ),
    max_size=5,
    unique_by=lambda one: str(one["name"]),
)
container_ports = st.one_of(
    unique("containerPort", [80, 81, 82], name=texts),
    unique("containerPort", [80, 81, 82], name=texts, protocol=st.sampled_from(["TCP", "UDP"])),
    unique("containerPort", [80, 81, 82]).map(lambda ports: [{**port, "protocol": "TCP"} for port in ports]),
    st.permutations([{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53, "protocol": "TCP"}]),
    st.just([{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}]),
)
containers = unique(
    "name",
    ["api", "proxy", "sidecar"],
    image=texts,
    command=st.lists(texts, max_size=3),
    env=env,
    envFrom=st.lists(one_of_fields(configMapRef=reference, secretRef=reference), max_size=2),
    ports=container_ports,
    resources=some(requests=quantities, limits=quantities),
    readinessProbe=probe,
    volumeMounts=unique("mountPath", ["/tmp", "/data", "/etc/x"], name=texts, readOnly=st.booleans()),
    securityContext=some(
        runAsUser=numbers, capabilities=some(drop=st.lists(texts, max_size=2)), privileged=st.booleans()
    ),
)
volumes = st.lists(
    st.builds(
        lambda name, source: {"name": name, **source},
        st.sampled_from(["tmp", "data", "conf"]),
        one_of_fields(
            emptyDir=some(sizeLimit=st.just("1Gi"), medium=texts),
            configMap=some(name=texts, items=st.lists(some(key=texts, path=texts), max_size=2)),
            persistentVolumeClaim=some(claimName=texts),
        ),
    ),
    max_size=3,
    unique_by=lambda one: str(one["name"]),
)
spread = st.lists(
    st.fixed_dictionaries(
        {
            "topologyKey": st.sampled_from(["kubernetes.io/hostname", "topology.kubernetes.io/zone"]),
            "whenUnsatisfiable": st.sampled_from(["ScheduleAnyway", "DoNotSchedule"]),
        },
        optional={"maxSkew": numbers, "labelSelector": some(matchLabels=labels)},
    ),
    max_size=3,
    unique_by=lambda one: (one["topologyKey"], one["whenUnsatisfiable"]),
)
pod_settings = some(
    initContainers=containers,
    volumes=volumes,
    topologySpreadConstraints=spread,
    imagePullSecrets=unique("name", ["regcred", "other"]),
    hostAliases=unique("ip", ["10.0.0.1", "10.0.0.2"], hostnames=st.lists(texts, max_size=2)),
    nodeSelector=labels,
    tolerations=st.lists(some(key=texts, operator=texts), max_size=2),
    affinity=some(podAntiAffinity=some(required=st.lists(some(topologyKey=texts), max_size=2))),
    terminationGracePeriodSeconds=numbers,
    automountServiceAccountToken=st.booleans(),
)
pod_spec = st.builds(lambda some, settings: {"containers": some, **settings}, containers, pod_settings)
deployment = some(
    replicas=numbers,
    selector=some(matchLabels=labels),
    strategy=one_of_fields(
        type=st.just("Recreate"), rollingUpdate=some(maxSurge=st.sampled_from([1, "25%"]))
    ),
    template=needs(metadata=some(labels=labels, annotations=annotations), spec=pod_spec),
)
service_ports = st.one_of(
    unique("port", [80, 443], name=texts, targetPort=st.sampled_from([8080, "http"])),
    unique("port", [80, 443], name=texts, protocol=st.sampled_from(["TCP", "UDP"]), targetPort=numbers),
)
rules = st.lists(
    some(host=texts, http=some(paths=st.lists(some(path=texts, pathType=texts), max_size=2))), max_size=2
)
peers = st.lists(
    one_of_fields(podSelector=some(matchLabels=labels), namespaceSelector=some(matchLabels=labels))
)
free = st.recursive(
    st.one_of(texts, numbers, st.booleans(), st.none(), st.just({}), st.just([])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "name", "on", "x/y.z"]), inner, max_size=3),
    ),
    max_leaves=8,
)

KINDS: Mapping[tuple[str, str], st.SearchStrategy[Manifest]] = {
    ("apps/v1", "Deployment"): needs(spec=deployment),
    ("apps/v1", "StatefulSet"): needs(spec=deployment),
    ("batch/v1", "CronJob"): needs(spec=needs(jobTemplate=needs(spec=needs(template=needs(spec=pod_spec))))),
    ("v1", "Service"): needs(
        spec=some(type=texts, ports=service_ports, selector=labels, clusterIP=st.just("None"))
    ),
    ("v1", "ConfigMap"): some(data=maps, binaryData=st.just({"a": "YQ=="})),
    ("v1", "ServiceAccount"): some(
        secrets=unique("name", ["a", "b", "c"]), imagePullSecrets=unique("name", ["a", "b"])
    ),
    ("networking.k8s.io/v1", "Ingress"): needs(
        spec=some(
            rules=rules, tls=st.lists(some(hosts=st.lists(texts, max_size=2), secretName=texts), max_size=2)
        )
    ),
    ("networking.k8s.io/v1", "NetworkPolicy"): needs(
        spec=some(
            podSelector=some(matchLabels=labels),
            egress=st.lists(some(to=peers, ports=service_ports), max_size=2),
        )
    ),
    ("autoscaling/v2", "HorizontalPodAutoscaler"): needs(
        spec=some(
            scaleTargetRef=st.just({"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}),
            minReplicas=numbers,
            metrics=st.lists(some(type=texts, resource=some(name=texts)), max_size=3),
        )
    ),
    ("policy/v1", "PodDisruptionBudget"): needs(
        spec=some(minAvailable=st.sampled_from([1, "50%"]), selector=some(matchLabels=labels))
    ),
    ("rbac.authorization.k8s.io/v1", "Role"): some(
        rules=st.lists(some(verbs=st.lists(texts, max_size=2)), max_size=2)
    ),
    ("external-secrets.io/v1", "ExternalSecret"): needs(
        spec=some(
            refreshInterval=texts,
            secretStoreRef=some(name=texts, kind=texts),
            data=unique("name", ["a", "b"], remoteRef=reference),
            template=some(containers=containers, data=maps),
        )
    ),
    ("example.com/v1", "Wrapper"): needs(
        spec=needs(apiVersion=st.just("v1"), kind=st.just("Pod"), spec=pod_spec, data=maps),
    ),
    ("example.com/v1", "Anything"): needs(spec=free, name=free),
}


def _port_lists(*more: Manifest) -> st.SearchStrategy[list[Manifest]]:
    """Ports as nobody should write them: without key, with equal ones, with ``$patch``."""
    wild = some(
        port=st.sampled_from([80, 81, ""]),
        protocol=st.sampled_from(["TCP", "UDP", ""]),
        name=st.sampled_from(["a", "b"]),
    )
    return st.lists(st.one_of(wild, wild, wild, *map(st.just, more)), max_size=4)


def services(ports: st.SearchStrategy[list[Manifest]]) -> st.SearchStrategy[Manifest]:
    """Services with these ports, if any."""
    return st.builds(
        lambda spec: {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": spec},
        some(ports=ports),
    )


wild_bases = services(_port_lists())
wild_patches = services(
    _port_lists(
        {"port": 80, "$patch": "delete"},
        {"port": 80, "protocol": "TCP", "$patch": "delete"},
        {"port": 81, "name": None, "$patch": "replace"},
        {"$patch": "replace"},
        {"$patch": "delete"},
        {"$patch": "merge"},
    )
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Manifest, Manifest]:
    """Two versions of one object; half of the time the second is mostly the first."""
    api_version, kind = draw(st.sampled_from(list(KINDS)))
    versions = []
    for _ in range(2):
        metadata = {"name": "x"} | draw(some(labels=labels, annotations=annotations))
        versions.append(
            {"apiVersion": api_version, "kind": kind, "metadata": metadata, **draw(KINDS[api_version, kind])}
        )
    base, target = versions
    return (
        (base, mixed(base, target, draw(st.randoms(use_true_random=False))))
        if draw(st.booleans())
        else (base, target)
    )


def mixed(base: Any, other: Any, choice: Any) -> Any:
    """``base`` with some of its parts taken from ``other``."""
    if isinstance(base, dict) and isinstance(other, dict):
        keys = [*base, *(key for key in other if key not in base and choice.random() < 0.3)]
        return {
            key: mixed(base.get(key, other.get(key)), other.get(key, base.get(key)), choice) for key in keys
        }
    return base if choice.random() < 0.7 else other


def built(kubectl: Path, folder: Path) -> list[Manifest]:
    """What ``kubectl kustomize`` makes of a folder, parsed."""
    done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [one for one in parse_documents(done.stdout) if one is not None]


def write(folder: Path, files: Mapping[str, str] | Iterable[Artifact]) -> None:
    """Files by their paths below ``folder``."""
    named = files.items() if isinstance(files, Mapping) else ((one.path, one.text) for one in files)
    for path, text in named:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8", newline="\n")


def renamed(manifest: Manifest, name: str) -> Manifest:
    """The object under another name."""
    return {**manifest, "metadata": {**manifest["metadata"], "name": name}}


def kustomization(**fields: Any) -> str:
    """The text of a kustomization.yaml."""
    return emit.dump({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", **fields})
