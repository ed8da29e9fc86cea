"""What can be in trouble: pods, routes, data services and the rest, by the names that commands need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from manifestgen.kube.identity import group
from manifestgen.kube.objects import Manifest
from manifestgen.kube.pods import all_containers, one_before_the_other, pod_template
from manifestgen.kube.scale import AUTOSCALERS
from manifestgen.monitoring.runbooks.access import prometheus, reach
from manifestgen.rendering.shell import word
from manifestgen.spec.late import Datastore, ExternalStore, Redis
from manifestgen.targets.guides.components import issuers_of
from manifestgen.targets.guides.site import Site, Somewhere, alike, names_of
from manifestgen.targets.guides.workloads import BRIEF, CONTROLLERS, Row, controllers

Pod = Mapping[str, Any]
_ROUTES: Final = ("Ingress", "HTTPRoute", "GRPCRoute")
_CLOUD: Final = (
    "eks.amazonaws.com/role-arn",
    "iam.gke.io/gcp-service-account",
    "azure.workload.identity/client-id",
)


def _pod(controller: Manifest) -> Pod:
    return (pod_template(controller) or {}).get("spec") or {}


def _main(controller: Manifest) -> Manifest:
    """The container of the workload itself."""
    containers = _pod(controller).get("containers") or [{}]
    name = controller["metadata"]["name"]
    return next((one for one in containers if one.get("name") == name), containers[0])


def _where(sites: Sequence[Site], is_meant: Callable[[Manifest], Any], *kinds: str) -> list[Somewhere]:
    return alike(
        sites,
        lambda site: [
            one["metadata"]["name"] for one in controllers(site, kinds or CONTROLLERS) if is_meant(one)
        ],
    )


def workloads(sites: Sequence[Site]) -> dict[str, list[Somewhere]]:
    """The names of workloads, by what may be wrong with them."""
    return {
        "running": _where(sites, lambda one: True),
        "deployments": _where(sites, lambda one: True, "Deployment"),
        "rollouts": _where(sites, lambda one: True, "Rollout"),
        "ready": _where(sites, lambda one: "readinessProbe" in _main(one)),
        "throttled": _where(
            sites, lambda one: "cpu" in ((_main(one).get("resources") or {}).get("limits") or {})
        ),
        "inits": alike(sites, _inits),
        "monitored": alike(
            sites, lambda site: [name for name, one in site.spec.workloads.items() if one.metrics is not None]
        ),
    }


def _inits(site: Site) -> Iterator[dict[str, str]]:
    for one in controllers(site):
        for container in one_before_the_other(_pod(one)):
            yield {"name": one["metadata"]["name"], "container": container["name"]}


def _kind(controller: Manifest) -> str:
    kind = str(controller["kind"]).lower()
    return f"{kind}s.{group(controller['apiVersion'])}" if kind == "rollout" else kind


def controllers_named(sites: Sequence[Site]) -> list[Somewhere]:
    """What ``kubectl rollout`` can be asked about."""
    return alike(
        sites,
        lambda site: [
            f"{_kind(one)}/{one['metadata']['name']}" for one in controllers(site) if one["kind"] != "Rollout"
        ],
    )


def probes(sites: Sequence[Site]) -> list[Somewhere]:
    """When each workload is ready."""
    return alike(
        sites,
        lambda site: [
            {"name": one["metadata"]["name"], "probe": _probe(_main(one)["readinessProbe"])}
            for one in controllers(site)
            if "readinessProbe" in _main(one)
        ],
    )


def _probe(probe: Pod) -> str:
    if "httpGet" in probe:
        return f"GET {probe['httpGet'].get('path', '/')} on port {probe['httpGet']['port']} answers"
    if "tcpSocket" in probe:
        return f"port {probe['tcpSocket']['port']} takes connections"
    if "grpc" in probe:
        return f"its health service on port {probe['grpc']['port']} says so"
    return "its command ends well: " + " ".join((probe.get("exec") or {}).get("command") or ())


def images(sites: Sequence[Site]) -> list[str]:
    """The images of all pods."""
    return names_of(
        sites,
        lambda site: [
            container["image"]
            for one in controllers(site, (*CONTROLLERS, *BRIEF))
            for container in all_containers(_pod(one))
            if "image" in container
        ],
    )


def pods(sites: Sequence[Site]) -> dict[str, bool]:
    """What is true of every pod."""
    every = [_pod(one) for site in sites for one in controllers(site, (*CONTROLLERS, *BRIEF))]
    containers = [container for pod in every for container in all_containers(pod)]

    def secured(container: Manifest, key: str) -> bool:
        return bool((container.get("securityContext") or {}).get(key))

    return {
        "rootless": bool(every) and all(_without_root(pod) for pod in every),
        "readonly": bool(every) and all(secured(one, "readOnlyRootFilesystem") for one in containers),
        "requests": bool(every) and all((one.get("resources") or {}).get("requests") for one in containers),
    }


def _without_root(pod: Pod) -> bool:
    own = pod.get("securityContext") or {}
    return all(
        (one.get("securityContext") or {}).get("runAsNonRoot", own.get("runAsNonRoot"))
        for one in all_containers(pod)
    )


def limits(sites: Sequence[Site]) -> list[Row]:
    """The limit of memory of each workload, side by side."""
    names = [one.value for one in _where(sites, lambda one: True)]
    by_site = [{one["metadata"]["name"]: _main(one) for one in controllers(site)} for site in sites]

    def cell(containers: Mapping[str, Manifest], name: str) -> str:
        if name not in containers:
            return "–"
        amounts = (containers[name].get("resources") or {}).get("limits") or {}
        return str(amounts.get("memory", "none"))

    return [Row(name, tuple(cell(one, name) for one in by_site)) for name in names]


# --- Routes ----------------------------------------------------------------------------------------


def routes(sites: Sequence[Site]) -> dict[str, Any]:
    """Routes as objects, and addresses that can be asked."""
    return {
        "route_objects": alike(
            sites,
            lambda site: [
                {"kind": one["kind"].lower(), "name": one["metadata"]["name"]}
                for one in site.manifests(*_ROUTES)
            ],
        ),
        "urls": alike(sites, _urls),
        "origins": alike(sites, _origins),
        "exits": alike(sites, _exits),
        "certificates": alike(sites, _certificates),
        "issuers": issuers_of(sites),
    }


def _urls(site: Site) -> Iterator[str]:
    for name in site.spec.routes:
        url = _url(site, name)
        if url:
            yield url


def _url(site: Site, name: str) -> str:
    """The first page of a route that can be asked; empty for one of gRPC, or with wildcards alone."""
    route = site.spec.routes[name]
    hosts = [host for host in route.hosts if "*" not in host]
    if not hosts or route.protocol == "GRPC":
        return ""
    return f"{'https' if route.tls is not None else 'http'}://{hosts[0]}{route.paths[0]}"


def _origins(site: Site) -> Iterator[dict[str, str]]:
    for name, route in site.spec.routes.items():
        url = _url(site, name)
        if route.cors is not None and url and "*" not in route.cors.origins[0]:
            yield {"origin": route.cors.origins[0], "url": url}


def _exits(site: Site) -> Iterator[dict[str, str]]:
    """What a user sees: the smoke checks of the deployment, else each route."""
    smoke = site.spec.deployment.smoke if site.spec.deployment is not None else {}
    if not smoke:
        yield from (_exit(url, "without an error") for url in _urls(site))
    for check in smoke.values():
        route = site.spec.routes[check.route]
        scheme = "https" if route.tls is not None else "http"
        yield _exit(f"{scheme}://{check.host or route.hosts[0]}{check.path}", f"with {check.status}")


def _exit(url: str, status: str) -> dict[str, str]:
    asked = "curl --silent --show-error --output /dev/null --write-out '%{http_code}\\n'"
    return {"command": f"{asked} {word(url)}", "url": url, "status": status}


def _certificates(site: Site) -> Iterator[str]:
    """cert-manager calls a certificate after its Secret where it makes it for an Ingress or a Gateway."""
    for name, route in site.spec.routes.items():
        if route.tls is not None and route.tls.issuer:
            yield route.tls.secret or f"{name}-tls"
    yield from (one["metadata"]["name"] for one in site.manifests("Certificate", of="cert-manager.io"))


# --- Data services ---------------------------------------------------------------------------------


def stores(sites: Sequence[Site]) -> dict[str, list[Somewhere]]:
    """The data services that run in the cluster, by type, and how client programs reach them."""
    found = [
        Somewhere(_store(name.value, sites, name.where), name.where)
        for name in alike(sites, lambda site: [name for name, _ in _in_cluster(site)])
    ]
    return {
        kind: [one for one in found if one.value["type"] == kind]
        for kind in ("postgresql", "redis", "rabbitmq", "minio")
    }


def _in_cluster(site: Site) -> Iterator[tuple[str, Datastore]]:
    for name, store in site.spec.datastores.items():
        if not isinstance(store, ExternalStore):
            yield name, store


def _store(name: str, sites: Sequence[Site], where: str) -> dict[str, Any]:
    """One of them, as the last environment has it."""
    *_, (site, store) = [(site, own[name]) for site in sites if name in (own := dict(_in_cluster(site)))]
    lines = list(reach(name, store))
    before = [f"NAME={name}"] if any("$NAME" in line for line in lines) else []
    return {
        "name": name,
        "type": store.type,
        "reach": "\n".join([*([f"# in {where}"] if where else []), *before, *lines]),
        "replicas": any(getattr(dict(_in_cluster(one)).get(name), "read_replicas", 0) > 0 for one in sites),
        "sentinel": store.ports.more[0] if isinstance(store, Redis) else None,
        "clients": site.spec.clients.get(name, []),
    }


# --- The rest --------------------------------------------------------------------------------------


def more(sites: Sequence[Site]) -> dict[str, Any]:
    """Other objects that commands name."""
    last = sites[-1].spec.cluster
    return {
        "policy_names": alike(sites, lambda site: site.names("NetworkPolicy")),
        "mesh_kinds": alike(sites, _mesh_kinds),
        "scalers": {
            "hpa": alike(sites, lambda site: site.names("HorizontalPodAutoscaler")),
            "keda": alike(sites, lambda site: site.names("ScaledObject")),
            "vpa": alike(sites, lambda site: site.names("VerticalPodAutoscaler")),
        },
        "budgets": alike(sites, lambda site: site.names("PodDisruptionBudget")),
        "store_names": alike(sites, lambda site: site.names("SecretStore")),
        "loadbalancers": alike(sites, _loadbalancers),
        "accounts": alike(sites, _accounts),
        "backups": alike(sites, lambda site: [{"name": name} for name in site.spec.backups]),
        "jobs": {
            "cron": _where(sites, lambda one: True, "CronJob"),
            "once": _where(sites, lambda one: True, "Job"),
        },
        "nginx_namespace": last.ingress_namespace,
        "keda_namespace": last.keda_namespace,
        "monitoring_namespace": last.monitoring_namespace,
        "dns": {
            "namespace": last.dns_namespace,
            "pods": ",".join(f"{key}={value}" for key, value in last.dns_pods.items()),
        },
        "prometheus_reach": "\n".join(prometheus(sites[-1].platform)),
    }


_OF_MESHES: Final = (
    "PeerAuthentication",
    "MeshTLSAuthentication",
    "AuthorizationPolicy",
    "Server",
)
"""Kinds by which meshes decide who may call."""


def _mesh_kinds(site: Site) -> Iterator[str]:
    yield from (kind.lower() for kind in _OF_MESHES if site.spec.mesh and site.names(kind))


def _loadbalancers(site: Site) -> Iterator[str]:
    for one in site.manifests("Service"):
        if one["spec"].get("type") == "LoadBalancer":
            yield one["metadata"]["name"]


def _accounts(site: Site) -> Iterator[str]:
    for one in site.manifests("ServiceAccount"):
        if set(_CLOUD) & set(one["metadata"].get("annotations") or {}):
            yield one["metadata"]["name"]


def scaling_kinds(sites: Sequence[Site]) -> list[str]:
    """How kubectl calls the kinds that have to do with scaling, as far as there are any."""
    plural = {
        "HorizontalPodAutoscaler": "horizontalpodautoscalers",
        "ScaledObject": "scaledobjects",
        "VerticalPodAutoscaler": "verticalpodautoscalers",
        "PodDisruptionBudget": "poddisruptionbudgets",
    }
    assert set(AUTOSCALERS) <= set(plural)
    return [words for kind, words in plural.items() if any(site.names(kind) for site in sites)] or ["pods"]
