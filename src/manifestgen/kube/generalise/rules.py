"""The table of values that users of charts expect, by the place in an object that they stand for."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from manifestgen.kube.generalise.paths import WORKLOADS, Item, Path, Step


class Treatment(Enum):
    """What is done with the place that a rule is about."""

    DIFFERING = "differing"
    """It becomes a value when layers differ there."""
    TUNABLE = "tunable"
    """It always becomes a value: people expect to tune it."""
    WHOLE = "whole"
    """It becomes one value when layers differ anywhere in it: people expect to find it in one piece."""
    # The others have functions in ``special``.
    IMAGE = "image"
    PULL_POLICY = "pull policy"
    ANNOTATIONS = "annotations"
    LABELS = "labels"
    HOSTS = "hosts"
    RULES = "rules"
    PATHS = "paths"
    SERVICE_TYPE = "service type"


class Rule(NamedTuple):
    """The name of the value for a place in objects of some kinds.

    In ``place``, ``[*]`` is any list item, ``[x]`` the one with that label, ``*`` any key. In ``name``,
    ``@`` is the place of the object's own values, ``@config`` the same with another noun, ``[]``
    the last list item, ``[0]`` the first; any other first part stands at the top of the values.
    """

    kinds: frozenset[str] | None
    place: tuple[str, ...]
    name: tuple[str, ...]
    treatment: Treatment
    description: str = ""
    is_count: bool = False
    choices: tuple[str, ...] = ()


def _rule(
    kinds: str, place: str, name: str, description: str, treatment: Treatment = Treatment.TUNABLE
) -> Rule:
    expanded = {"*": None, "workload": WORKLOADS}.get(kinds, frozenset(kinds.split()))
    return Rule(expanded, tuple(place.split("/")), tuple(name.split("/")), treatment, description)


def _count(
    kinds: str, place: str, name: str, description: str, treatment: Treatment = Treatment.TUNABLE
) -> Rule:
    """A rule for what may be a number or a percentage."""
    return _rule(kinds, place, name, description, treatment)._replace(is_count=True)


def _choice(rule: Rule, *choices: str) -> Rule:
    return rule._replace(choices=choices)


_DIFFERING: Final = Treatment.DIFFERING
_WHOLE: Final = Treatment.WHOLE
_STORES: Final = "SecretStore ClusterSecretStore"
_HPA: Final = "HorizontalPodAutoscaler"
_PDB: Final = "PodDisruptionBudget"
_VAULT: Final = "spec/provider/vault"
_BALANCE: Final = "spec/strategy/rollingUpdate"
_CANARY: Final = "spec/strategy/canary"
_SWITCH: Final = "spec/strategy/blueGreen"
_TARGET: Final = "resource/target/averageUtilization"
_CPU: Final = "Average CPU, in percent of the request, above which pods are added."
_MEMORY: Final = "Average memory, in percent of the request, above which pods are added."
_METRIC: Final = "Average of the metric for each pod, above which pods are added."
_RESOURCES: Final = "Requests and limits of the container."
_VARIABLE: Final = "Environment variable."
_SECURITY: Final = "Security context of the container."

_WORKLOAD_RULES: Final = (
    _rule("workload", "spec/replicas", "@/replicas", "Number of pods."),
    _count("workload", f"{_BALANCE}/maxSurge", "", "Pods beyond the number during an update.", _DIFFERING),
    _count("workload", f"{_BALANCE}/maxUnavailable", "", "Pods that an update may stop early.", _DIFFERING),
    _rule("workload", "pod/spec/containers/[*]/image", "", "", Treatment.IMAGE),
    _rule("workload", "pod/spec/initContainers/[*]/image", "", "", Treatment.IMAGE),
    _rule("workload", "pod/spec/*/[*]/imagePullPolicy", "", "", Treatment.PULL_POLICY),
    _rule("workload", "pod/spec/containers/[main]/resources", "@/resources", _RESOURCES),
    _rule("workload", "pod/spec/initContainers/[*]/resources", "@/resources", _RESOURCES, _DIFFERING),
    _rule("workload", "pod/spec/containers/[*]/resources", "@/[]/resources", _RESOURCES, _DIFFERING),
    _rule("workload", "pod/spec/containers/[main]/env/[*]/value", "@/env/[]", _VARIABLE, _DIFFERING),
    _rule("workload", "pod/spec/*/[*]/env/[*]/value", "@/[0]/env/[]", _VARIABLE, _DIFFERING),
    _rule("workload", "pod/spec/imagePullSecrets", "", "Logins of private registries.", _WHOLE),
    _rule("workload", "pod/spec/affinity", "", "", _WHOLE),
    _rule("workload", "pod/spec/tolerations", "", "", _WHOLE),
    _rule("workload", "pod/spec/topologySpreadConstraints", "", "", _WHOLE),
    _rule(
        "workload",
        "pod/spec/securityContext",
        "@/podSecurityContext",
        "Security context of the pods.",
        _WHOLE,
    ),
    _rule("workload", "pod/spec/containers/[main]/securityContext", "@/securityContext", _SECURITY, _WHOLE),
    _rule("workload", "pod/spec/*/[*]/securityContext", "@/[]/securityContext", _SECURITY, _WHOLE),
    _rule(
        "workload",
        "pod/metadata/annotations",
        "@/podAnnotations",
        "Annotations of the pods.",
        Treatment.ANNOTATIONS,
    ),
    _rule("workload", "pod/metadata/labels", "@/podLabels", "More labels of the pods.", Treatment.LABELS),
)

_ROLLOUT_RULES: Final = (
    _rule("Rollout", "spec/strategy", "@rollout/strategy", "How a new version takes over.", _DIFFERING),
    _rule("Rollout", f"{_CANARY}/steps", "@rollout/steps", "How a new version gets its share, step by step."),
    _rule(
        "Rollout",
        f"{_SWITCH}/autoPromotionEnabled",
        "@rollout/autoPromotionEnabled",
        "Switch as soon as the new version is ready, without asking anybody.",
    ),
    _rule(
        "Rollout",
        "spec/progressDeadlineSeconds",
        "@rollout/progressDeadlineSeconds",
        "Seconds in which the pods of a new version must get ready.",
        _DIFFERING,
    ),
    _rule(
        "AnalysisTemplate",
        "spec/metrics/[*]/provider/prometheus/address",
        "@rollout/prometheus",
        "Address of Prometheus, as Argo Rollouts reaches it.",
        _DIFFERING,
    ),
)
_CLAIM: Final = "spec/volumeClaimTemplates/[*]/spec"
_UPDATES: Final = "StatefulSet DaemonSet"
_UPDATE: Final = "spec/updateStrategy/rollingUpdate"
_CONTROLLER_RULES: Final = (
    _rule("CronJob", "spec/schedule", "@/schedule", "When a Job starts (cron)."),
    _rule("CronJob", "spec/timeZone", "@/timeZone", "Time zone of the schedule."),
    _rule("CronJob", "spec/suspend", "@/suspend", "Start no Jobs."),
    _rule("Job", "spec/suspend", "@/suspend", "Start no pods.", _DIFFERING),
    _rule(
        "Job",
        "metadata/annotations",
        "@/jobAnnotations",
        "Annotations of the Job, e.g. when it runs again.",
        _DIFFERING,
    ),
    _count(_UPDATES, f"{_UPDATE}/maxUnavailable", "", "Pods that an update may stop early.", _DIFFERING),
    _count(_UPDATES, f"{_UPDATE}/maxSurge", "", "Pods beyond one of each node during an update.", _DIFFERING),
    _rule(
        "StatefulSet", f"{_UPDATE}/partition", "", "Pods from this ordinal on get a new version.", _DIFFERING
    ),
    _rule("StatefulSet", f"{_CLAIM}/resources/requests/storage", "@/storage/[]/size", "Size of the claim."),
    _rule(
        "StatefulSet",
        f"{_CLAIM}/storageClassName",
        "@/storage/[]/storageClass",
        "StorageClass of the claim.",
    ),
    _rule(
        "StatefulSet",
        "spec/volumeClaimTemplates/[*]/metadata/labels",
        "@/storage/[]/labels",
        "Labels of the claim.",
        _DIFFERING,
    ),
    _rule(
        "StatefulSet",
        f"{_CLAIM}/accessModes",
        "@/storage/[]/accessModes",
        "Who may mount the claim.",
        _DIFFERING,
    ),
)

_SCALING_RULES: Final = (
    _rule(_HPA, "spec/minReplicas", "@/minReplicas", "Fewest pods."),
    _rule(_HPA, "spec/maxReplicas", "@/maxReplicas", "Most pods."),
    _rule(_HPA, f"spec/metrics/[cpu]/{_TARGET}", "@/targetCPUUtilizationPercentage", _CPU),
    _rule(_HPA, f"spec/metrics/[memory]/{_TARGET}", "@/targetMemoryUtilizationPercentage", _MEMORY),
    _rule(_HPA, "spec/metrics/[*]/*/target/averageValue", "@/targets/[]", _METRIC),
    _rule(_HPA, "spec/metrics/[*]/*/target/value", "@/targets/[]", "Value above which pods are added."),
    _rule("ScaledObject", "spec/minReplicaCount", "@/minReplicas", "Fewest pods."),
    _rule("ScaledObject", "spec/maxReplicaCount", "@/maxReplicas", "Most pods."),
    _rule("ScaledObject", "spec/triggers/[cpu]/metadata/value", "@/targetCPUUtilizationPercentage", _CPU),
    _rule(
        "ScaledObject",
        "spec/triggers/[memory]/metadata/value",
        "@/targetMemoryUtilizationPercentage",
        _MEMORY,
    ),
    _rule(
        "ScaledObject",
        "spec/triggers/[rabbitmq]/metadata/value",
        "@/targetQueueLength",
        "Messages for each pod.",
    ),
    _rule(
        "ScaledObject",
        "spec/triggers/[*]/metadata/value",
        "@/targets/[]",
        "Value of the trigger for each pod.",
    ),
    _count(_PDB, "spec/minAvailable", "@/minAvailable", "Pods that must stay up, as a number or in percent."),
    _count(
        _PDB, "spec/maxUnavailable", "@/maxUnavailable", "Pods that may be away, as a number or in percent."
    ),
)

_NETWORK_RULES: Final = (
    _choice(
        _rule("Service", "spec/type", "@/type", "Type of the Service.", Treatment.SERVICE_TYPE),
        *("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
    ),
    _rule(
        "Service",
        "metadata/annotations",
        "@/annotations",
        "Annotations of the Service.",
        Treatment.ANNOTATIONS,
    ),
    _rule("Ingress", "spec/ingressClassName", "@/className", "IngressClass of the controller."),
    _rule(
        "Ingress",
        "metadata/annotations",
        "@/annotations",
        "Annotations for the ingress controller.",
        Treatment.ANNOTATIONS,
    ),
    _rule("Ingress", "spec/rules", "@/hosts", "Host names.", Treatment.RULES),
    _rule("Ingress", "spec/rules/[*]/host", "@/host", "Host name."),
    _rule("Ingress", "spec/rules/[*]/http/paths", "@/paths", "Paths that are let in.", Treatment.PATHS),
    _rule("Ingress", "spec/tls/[*]/hosts", "@/hosts", "Host names.", Treatment.HOSTS),
    _rule("Ingress", "spec/tls/[*]/hosts/[*]", "@/host", "Host name."),
    _rule("Ingress", "spec/tls/[*]/secretName", "@/tlsSecret", "Secret with the certificate.", _DIFFERING),
    _rule("HTTPRoute GRPCRoute", "spec/hostnames", "@/hostnames", "Host names."),
    _rule(
        "HTTPRoute GRPCRoute",
        "spec/rules/[*]/backendRefs/[*]/weight",
        "@/weights/[]",
        "Its share of the requests.",
    ),
    _rule("HTTPRoute GRPCRoute", "spec/parentRefs", "@/parentRefs", "Gateway it attaches to.", _DIFFERING),
    _rule("HTTPRoute GRPCRoute", "spec/rules", "@/rules", "Which requests go where.", _DIFFERING),
    _rule(
        "HTTPRoute GRPCRoute",
        "metadata/annotations",
        "@/annotations",
        "Annotations for the controller of the Gateway.",
        Treatment.ANNOTATIONS,
    ),
    _rule("Gateway", "spec/gatewayClassName", "@/className", "GatewayClass of the controller."),
    _rule(
        "Gateway",
        "spec/infrastructure/annotations",
        "@/infrastructureAnnotations",
        "Annotations of what the controller makes for it.",
        Treatment.ANNOTATIONS,
    ),
    _rule(
        "Gateway",
        "metadata/annotations",
        "@/annotations",
        "Annotations of the Gateway.",
        Treatment.ANNOTATIONS,
    ),
    _rule(
        "NetworkPolicy",
        "spec/egress/[*]/to/[*]/ipBlock/cidr",
        "@/egressCidr",
        "Network that pods may reach, in CIDR notation.",
        _DIFFERING,
    ),
    _rule(
        "NetworkPolicy",
        "spec/ingress/[*]/from/[*]/ipBlock/cidr",
        "@/ingressCidr",
        "Network that may reach the pods, in CIDR notation.",
        _DIFFERING,
    ),
)

_RULE: Final = "spec/groups/[*]/rules/[*]"

_OTHER_RULES: Final = (
    _rule("ConfigMap", "data", "@config", "Settings. The pods that read them restart when one changes."),
    _rule(
        "ServiceAccount",
        "metadata/annotations",
        "@/annotations",
        "Annotations of the service account.",
        Treatment.ANNOTATIONS,
    ),
    _rule(_STORES, f"{_VAULT}/server", "@/server", "Address of Vault."),
    _rule(_STORES, f"{_VAULT}/path", "@/path", "Mount of the secrets engine."),
    _rule(_STORES, f"{_VAULT}/namespace", "@/namespace", "Vault namespace (Enterprise).", _DIFFERING),
    _rule(
        _STORES, f"{_VAULT}/auth/kubernetes/mountPath", "@/mountPath", "Mount of the Kubernetes auth method."
    ),
    _rule(_STORES, f"{_VAULT}/auth/kubernetes/role", "@/role", "Role to log in with."),
    _rule(_STORES, "spec/provider/aws/region", "@/region", "Region of the secrets."),
    _rule(_STORES, "spec/provider/gcpsm/projectID", "@/projectId", "Project of the secrets."),
    _rule(_STORES, "spec/provider/azurekv/vaultUrl", "@/vaultUrl", "Address of the Key Vault."),
    _rule(_STORES, "spec/provider/azurekv/tenantId", "@/tenantId", "Tenant of the Key Vault.", _DIFFERING),
    _rule("ResourceQuota", "spec/hard", "@/hard", "What may be used in the namespace."),
    _rule("LimitRange", "spec/limits", "@/limits", "Bounds for each container, pod or claim.", _DIFFERING),
    _rule(
        "RoleBinding",
        "roleRef/name",
        "@/role",
        "Role that they have; this-namespace in it stands for the namespace.",
        _DIFFERING,
    ),
    _rule("RoleBinding", "roleRef/kind", "@/roleKind", "Kind of the role.", _DIFFERING),
    _rule("PrometheusRule", f"{_RULE}/expr", "@/[]/expr", "Condition, or figure.", _DIFFERING),
    _rule("PrometheusRule", f"{_RULE}/for", "@/[]/for", "How long it must hold.", _DIFFERING),
    _rule("Dashboard", "data/*", "@/json", "The dashboard, as Grafana reads it.", _DIFFERING),
    _rule("PriorityClass", "value", "@/value", "The higher, the sooner.", _DIFFERING),
    _rule("ClusterIssuer", "spec/acme/server", "@/server", "Directory of the authority.", _DIFFERING),
    _rule("ClusterIssuer", "spec/acme/email", "@/email", "Who is told about certificates that end."),
    _rule("*", "metadata/annotations", "@/annotations", "Annotations.", _DIFFERING),
    _rule("*", "metadata/labels", "@/labels", "More labels.", Treatment.LABELS),
)

_STORE_RULES: Final = (
    _rule("Cluster", "spec/instances", "@/instances", "Instances of PostgreSQL, the primary among them."),
    _rule("Cluster", "spec/imageName", "@/imageName", "Image of PostgreSQL."),
    _rule("Cluster", "spec/storage/size", "@/storage/size", "Size of the volume of each instance."),
    _rule("Cluster", "spec/postgresql/parameters", "@/parameters", "Settings of PostgreSQL.", _DIFFERING),
    _rule("RabbitmqCluster", "spec/replicas", "@/replicas", "Nodes of RabbitMQ."),
    _rule("RabbitmqCluster", "spec/image", "@/image", "Image of RabbitMQ."),
    _rule("RabbitmqCluster", "spec/rabbitmq/additionalConfig", "@/config", "rabbitmq.conf.", _DIFFERING),
    _rule("RabbitmqCluster", "spec/persistence/storage", "@/storage", "Size of the volume of each node."),
    _rule("Cluster RabbitmqCluster", "spec/resources", "@/resources", "Requests and limits of each pod."),
    _rule(
        "Cluster RabbitmqCluster", "spec/affinity", "@/affinity", "How the pods are kept apart.", _DIFFERING
    ),
    _rule("Service", "spec/externalName", "@/externalName", "Host name that it is an alias of.", _DIFFERING),
    _rule("EndpointSlice", "endpoints", "@/endpoints", "Addresses that it leads to.", _DIFFERING),
)

RULES: Final = (
    *_ROLLOUT_RULES,
    *_WORKLOAD_RULES,
    *_CONTROLLER_RULES,
    *_SCALING_RULES,
    *_NETWORK_RULES,
    *_STORE_RULES,
    *_OTHER_RULES,
)
"""What becomes a value under which name; the first rule for a place holds."""


@lru_cache(maxsize=256)
def _rules_of(kind: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if rule.kinds is None or kind in rule.kinds)


@lru_cache(maxsize=16384)  # a platform has many objects of a kind, and they have the same places
def find_rule(kind: str, path: Path) -> Rule | None:
    """The first rule about ``path``, which must be normal."""
    for rule in _rules_of(kind):
        if len(rule.place) == len(path) and all(map(_matches, rule.place, path)):
            return rule
    return None


@lru_cache(maxsize=16384)
def has_rules_below(kind: str, path: Path) -> bool:
    """Whether there is a rule about a place below ``path``."""
    return any(len(r.place) > len(path) and all(map(_matches, r.place, path)) for r in _rules_of(kind))


def _matches(wanted: str, step: Step) -> bool:
    if isinstance(step, Item):
        return wanted == "[*]" or wanted == f"[{step.label}]"
    return wanted in ("*", step)
