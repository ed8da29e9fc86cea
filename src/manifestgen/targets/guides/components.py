"""What the objects need of the cluster: APIs, who serves them, and how that is installed.

Charts and commands are those that each project documents for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from manifestgen.kube.identity import group
from manifestgen.rendering.shell import word
from manifestgen.spec.late import Mesh
from manifestgen.targets.guides.site import Site, names_of


class Component(NamedTuple):
    """Something that runs in the cluster beside the platform."""

    name: str
    why: str
    namespace: str
    commands: tuple[str, ...]
    """How it is installed, where no team of the cluster has done that."""
    served: tuple[str, ...] = ()
    """API groups whose kinds it serves."""
    notes: tuple[str, ...] = ()


class Api(NamedTuple):
    """Kinds of an API group that the objects use, and who serves them."""

    group: str
    kinds: tuple[str, ...]
    by: str
    where: str


_BUILT_IN: Final = ("", "apps", "batch", "policy", "autoscaling")


def is_built_in(name: str) -> bool:
    """Whether every cluster serves the group."""
    return name in _BUILT_IN or (name.endswith(".k8s.io") and name not in _NOT_BUILT_IN)


_NOT_BUILT_IN: Final = {
    "autoscaling.k8s.io",
    "gateway.networking.k8s.io",
    "snapshot.storage.k8s.io",
    "metrics.k8s.io",
}


def _chart(name: str, repository: str, chart: str, namespace: str, *options: str) -> tuple[str, ...]:
    flags = "".join(f" \\\n  {option}" for option in options)
    return (
        f"helm upgrade --install {name} {chart} --repo {repository} \\\n"
        f"  --namespace {namespace} --create-namespace{flags}",
    )


_CERT_MANAGER: Final = Component(
    "cert-manager",
    "It gets the certificates of the routes, and renews them.",
    "cert-manager",
    _chart(
        "cert-manager",
        "https://charts.jetstack.io",
        "cert-manager",
        "cert-manager",
        "--set crds.enabled=true",
    ),
    ("cert-manager.io",),
)


_EXTERNAL_SECRETS: Final = Component(
    "External Secrets Operator",
    "It copies secrets from their store into Secrets of the namespace.",
    "external-secrets",
    _chart(
        "external-secrets",
        "https://charts.external-secrets.io",
        "external-secrets",
        "external-secrets",
    ),
    ("external-secrets.io",),
)


def _ingress_nginx(sites: Sequence[Site]) -> Component:
    cluster = sites[-1].spec.cluster
    options = [f"--set controller.ingressClassResource.name={cluster.ingress_class}"]
    notes = []
    firewalls = [route.firewall for site in sites for route in site.spec.routes.values() if route.firewall]
    if any(firewall.mode == "block" for firewall in firewalls):
        options.append("--set controller.allowSnippetAnnotations=true")
        options.append("--set-string controller.config.annotations-risk-level=Critical")
        notes.append(
            "A firewall that blocks is switched on by a snippet, which the controller refuses unless it is "
            "told otherwise; let nobody else write Ingresses of its class."
        )
    return Component(
        "ingress-nginx",
        f"It lets requests in, by Ingresses of the class `{cluster.ingress_class}`.",
        cluster.ingress_namespace,
        _chart(
            "ingress-nginx",
            "https://kubernetes.github.io/ingress-nginx",
            "ingress-nginx",
            cluster.ingress_namespace,
            *options,
        ),
        notes=tuple(notes),
    )


def _other_ingress(sites: Sequence[Site]) -> Component:
    cluster = sites[-1].spec.cluster
    return Component(
        "Ingress controller",
        f"It lets requests in, by Ingresses of the class `{cluster.ingress_class}`.",
        cluster.ingress_namespace,
        (),
    )


def _gateway(sites: Sequence[Site]) -> Component:
    gateway = sites[-1].spec.cluster.gateway
    kind = (gateway.implementation if gateway else None) or ""
    commands: tuple[str, ...] = ()
    if kind == "envoy-gateway":
        commands = (
            "helm upgrade --install eg oci://docker.io/envoyproxy/gateway-helm \\\n"
            "  --namespace envoy-gateway-system --create-namespace",
        )
    return Component(
        "Gateway API",
        "It lets requests in, by HTTPRoutes; its definitions, and an implementation.",
        "envoy-gateway-system" if commands else "",
        commands,
        ("gateway.networking.k8s.io", "gateway.envoyproxy.io"),
    )


_METRICS_SERVER: Final = Component(
    "metrics-server",
    "It tells autoscalers, and `kubectl top`, what pods use.",
    "kube-system",
    _chart(
        "metrics-server",
        "https://kubernetes-sigs.github.io/metrics-server",
        "metrics-server",
        "kube-system",
    ),
)


def _adapter(sites: Sequence[Site]) -> Component:
    monitoring = sites[-1].spec.cluster.monitoring_namespace
    return Component(
        "Prometheus adapter",
        "It gives autoscalers the figures of the application that they ask for.",
        monitoring,
        _chart(
            "prometheus-adapter",
            "https://prometheus-community.github.io/helm-charts",
            "prometheus-adapter",
            monitoring,
        ),
        notes=(f"Its rules have to give {wanted_figures(sites)}.",),
    )


def wanted_figures(sites: Sequence[Site]) -> str:
    """The figures that autoscalers ask for beside those of pods."""
    found = names_of(sites, lambda site: [name for name, _ in _figures(site)])
    return ", ".join(f"`{name}`" for name in found)


def _figures(site: Site) -> Iterator[tuple[str, str]]:
    for scaler in site.manifests("HorizontalPodAutoscaler"):
        for metric in scaler["spec"].get("metrics") or ():
            kind = metric["type"]
            if kind in ("Pods", "Object", "External"):
                yield metric[kind.lower()]["metric"]["name"], kind


def _keda(sites: Sequence[Site]) -> Component:
    namespace = sites[-1].spec.cluster.keda_namespace
    return Component(
        "KEDA",
        "It scales workloads by queues and the like.",
        namespace,
        _chart("keda", "https://kedacore.github.io/charts", "keda", namespace),
        ("keda.sh",),
    )


_VPA: Final = Component(
    "Vertical Pod Autoscaler",
    "It says, or sets, what pods should ask for.",
    "vpa",
    _chart("vpa", "https://charts.fairwinds.com/stable", "vpa", "vpa"),
    ("autoscaling.k8s.io",),
)


_ROLLOUTS: Final = Component(
    "Argo Rollouts",
    "It brings new versions out as canaries, or by blue-green switches.",
    "argo-rollouts",
    _chart("argo-rollouts", "https://argoproj.github.io/argo-helm", "argo-rollouts", "argo-rollouts"),
    ("argoproj.io",),
)


_CHAOS: Final = Component(
    "Chaos Mesh",
    "It runs the experiments.",
    "chaos-mesh",
    _chart(
        "chaos-mesh",
        "https://charts.chaos-mesh.org",
        "chaos-mesh",
        "chaos-mesh",
        "--set chaosDaemon.runtime=containerd",
        "--set chaosDaemon.socketPath=/run/containerd/containerd.sock",
    ),
    ("chaos-mesh.org",),
)


def _prometheus_operator(sites: Sequence[Site]) -> Component:
    namespace = sites[-1].spec.cluster.monitoring_namespace
    return Component(
        "Prometheus operator",
        "It makes Prometheus and Alertmanager of the objects that this platform describes.",
        namespace,
        _chart(
            "kube-prometheus-stack",
            "https://prometheus-community.github.io/helm-charts",
            "kube-prometheus-stack",
            namespace,
        ),
        ("monitoring.coreos.com",),
    )


def _prometheus(sites: Sequence[Site]) -> Component:
    namespace = sites[-1].spec.cluster.monitoring_namespace
    return Component(
        "Prometheus",
        "It scrapes the platform, and fires its alerts.",
        namespace,
        _chart("prometheus", "https://prometheus-community.github.io/helm-charts", "prometheus", namespace),
        notes=("Its configuration is in `monitoring/`: see [Monitoring](#monitoring).",),
    )


def _cnpg(sites: Sequence[Site]) -> Component:
    namespace = sites[-1].spec.cluster.cnpg_namespace
    return Component(
        "CloudNativePG",
        "It runs PostgreSQL.",
        namespace,
        _chart("cnpg", "https://cloudnative-pg.github.io/charts", "cloudnative-pg", namespace),
        ("postgresql.cnpg.io",),
    )


def _rabbitmq(sites: Sequence[Site]) -> Component:
    return Component(
        "RabbitMQ Cluster Operator",
        "It runs RabbitMQ.",
        sites[-1].spec.cluster.rabbitmq_namespace,
        (
            "kubectl apply --filename \\\n"
            "  https://github.com/rabbitmq/cluster-operator/releases/latest/download/cluster-operator.yml",
        ),
        ("rabbitmq.com",),
    )


_POLICIES: Final = Component(
    "A network that enforces policies",
    "NetworkPolicies do nothing where the network plugin ignores them (Calico, Cilium and the plugins of "
    "the large clouds enforce them, some only when told to).",
    "",
    (),
)


def _istio(sites: Sequence[Site]) -> Component:
    repository = "https://istio-release.storage.googleapis.com/charts"
    mesh = _meshes(sites, "istio")[-1]
    namespace = mesh.control_plane
    plugin = _chart("istio-cni", repository, "cni", namespace, "--wait") if mesh.cni else ()
    options = ["--set pilot.cni.enabled=true"] if mesh.cni else []
    options += [f"--set revision={word(mesh.revision)}"] if mesh.revision else []
    return Component(
        "Istio",
        "Its proxies encrypt the calls between workloads, and let in only whom the spec names.",
        namespace,
        (
            *_chart("istio-base", repository, "base", namespace),
            *plugin,
            *_chart("istiod", repository, "istiod", namespace, *options, "--wait"),
        ),
        ("security.istio.io", "networking.istio.io", "telemetry.istio.io"),
        ("It has to be there before pods start: those that are older have no proxy until they start again.",),
    )


def _linkerd(sites: Sequence[Site]) -> Component:
    mesh = _meshes(sites, "linkerd")[-1]
    plugin = ("linkerd install-cni | kubectl apply --filename -",) if mesh.cni else ()
    flag = " --linkerd-cni-enabled" if mesh.cni else ""
    return Component(
        "Linkerd",
        "Its proxies encrypt the calls between workloads, and let in only whom the spec names.",
        mesh.control_plane,
        (
            "linkerd install --crds | kubectl apply --filename -",
            *plugin,
            f"linkerd install{flag} | kubectl apply --filename -",
            "linkerd check",
        ),
        ("policy.linkerd.io",),
        ("It has to be there before pods start: those that are older have no proxy until they start again.",),
    )


def _meshes(sites: Sequence[Site], kind: str) -> list[Mesh]:
    return [mesh for site in sites if (mesh := site.spec.service_mesh) and mesh.type == kind]


def components_of(sites: Sequence[Site]) -> list[Component]:
    """What has to be in the cluster, in the order in which it is installed."""
    groups = set(names_of(sites, lambda site: [group(one.api_version) for one in site.inventory.objects]))
    kinds = set(names_of(sites, lambda site: [one.kind for one in site.inventory.objects]))
    figures = {kind for site in sites for _, kind in _figures(site)}
    nginx = any(site.spec.cluster.has_ingress_nginx for site in sites)
    told = any(site.spec.monitoring.delivery != "operator" for site in sites)
    wanted = (
        (_POLICIES, "NetworkPolicy" in kinds),
        (_istio, bool(_meshes(sites, "istio"))),
        (_linkerd, bool(_meshes(sites, "linkerd"))),
        (_CERT_MANAGER, "cert-manager.io" in groups or bool(issuers_of(sites))),
        (_EXTERNAL_SECRETS, "external-secrets.io" in groups),
        (_ingress_nginx, "Ingress" in kinds and nginx),
        (_other_ingress, "Ingress" in kinds and not nginx),
        (_gateway, "gateway.networking.k8s.io" in groups),
        (_METRICS_SERVER, "HorizontalPodAutoscaler" in kinds or "autoscaling.k8s.io" in groups),
        (_prometheus_operator, "monitoring.coreos.com" in groups),
        (_prometheus, told and "monitoring.coreos.com" not in groups),
        (_adapter, bool(figures)),
        (_keda, "keda.sh" in groups),
        (_VPA, "autoscaling.k8s.io" in groups),
        (_ROLLOUTS, "argoproj.io" in groups),
        (_cnpg, "postgresql.cnpg.io" in groups),
        (_rabbitmq, "rabbitmq.com" in groups),
        (_CHAOS, "chaos-mesh.org" in groups),
    )
    return [one if isinstance(one, Component) else one(sites) for one, is_wanted in wanted if is_wanted]


def apis_of(sites: Sequence[Site], components: Sequence[Component]) -> list[Api]:
    """The API groups that not every cluster serves."""
    by = {served: one.name for one in components for served in one.served}
    found: dict[str, dict[str, None]] = {}
    where: dict[str, dict[str, None]] = {}
    for site in sites:
        for one in site.inventory.objects:
            name = group(one.api_version)
            if not is_built_in(name):
                found.setdefault(name, {})[one.kind] = None
                where.setdefault(name, {})[site.name] = None
    return [
        Api(
            name,
            tuple(kinds),
            by.get(name, "its own controller"),
            "all" if len(where[name]) == len(sites) else ", ".join(where[name]),
        )
        for name, kinds in found.items()
    ]


def issuers_of(sites: Sequence[Site]) -> list[dict[str, Any]]:
    """The ClusterIssuers that sign certificates of routes, and whether they are made here."""
    found: dict[str, dict[str, Any]] = {}
    for site in sites:
        for route in site.spec.routes.values():
            if route.tls is not None and route.tls.issuer:
                entry = found.setdefault(route.tls.issuer, {"name": route.tls.issuer, "sites": {}})
                entry["sites"][site.name] = None
                entry["ours"] = route.tls.issuer in site.spec.issuers
    return [{**one, "sites": ", ".join(one["sites"])} for one in found.values()]
