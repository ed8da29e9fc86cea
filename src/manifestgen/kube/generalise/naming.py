"""What values are called: a table of the names that users of charts expect, and a rule for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from manifestgen.kube.generalise.paths import MAIN, POD, WORKLOADS, Item, Path, Step, camel
from manifestgen.kube.generalise.tree import ValuePath


class Treatment(Enum):
    """What is done with the place that a rule is about."""

    DIFFERING = "differing"
    """It becomes a value when layers differ there."""
    TUNABLE = "tunable"
    """It always becomes a value: people expect to tune it."""
    IMAGE = "image"
    ANNOTATIONS = "annotations"
    LABELS = "labels"
    RULES = "rules"
    HOSTS = "hosts"


@dataclass(frozen=True, slots=True)
class Rule:
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
    count: bool = False


def _rule(  # noqa: PLR0913 - a row of the table below
    kinds: str, place: str, name: str, description: str, treatment: Treatment = Treatment.TUNABLE, count: bool = False
) -> Rule:
    expanded = {"*": None, "workload": WORKLOADS}.get(kinds, frozenset(kinds.split()))
    return Rule(expanded, tuple(place.split("/")), tuple(name.split("/")), treatment, description, count)


_D, _I, _A, _L = Treatment.DIFFERING, Treatment.IMAGE, Treatment.ANNOTATIONS, Treatment.LABELS
_STORES: Final = "SecretStore ClusterSecretStore"
_HPA: Final = "HorizontalPodAutoscaler"
_PDB: Final = "PodDisruptionBudget"
_VAULT: Final = "spec/provider/vault"
_TARGET: Final = "resource/target/averageUtilization"
_CPU: Final = "Average CPU, in percent of the request, above which pods are added."
_MEMORY: Final = "Average memory, in percent of the request, above which pods are added."

RULES: Final[tuple[Rule, ...]] = (
    _rule("workload", "spec/replicas", "@/replicas", "Number of pods."),
    _rule("workload", "pod/spec/containers/[*]/image", "", "", _I),
    _rule("workload", "pod/spec/initContainers/[*]/image", "", "", _I),
    _rule("workload", "pod/spec/containers/[main]/resources", "@/resources", "Requests and limits of the container."),
    _rule("workload", "pod/spec/containers/[main]/env/[*]/value", "@/env/[]", "Environment variable.", _D),
    _rule("workload", "pod/spec/*/[*]/env/[*]/value", "@/[0]/env/[]", "Environment variable.", _D),
    _rule("workload", "pod/metadata/annotations", "@/podAnnotations", "Annotations of the pods.", _A),
    _rule("workload", "pod/metadata/labels", "@/podLabels", "More labels of the pods.", _L),
    _rule(_HPA, "spec/minReplicas", "@/minReplicas", "Fewest pods."),
    _rule(_HPA, "spec/maxReplicas", "@/maxReplicas", "Most pods."),
    _rule(_HPA, f"spec/metrics/[cpu]/{_TARGET}", "@/targetCPUUtilizationPercentage", _CPU),
    _rule(_HPA, f"spec/metrics/[memory]/{_TARGET}", "@/targetMemoryUtilizationPercentage", _MEMORY),
    _rule(_HPA, "spec/metrics/[*]/pods/target/averageValue", "@/targets/[]", "Average for each pod."),
    _rule(_HPA, "spec/metrics/[*]/external/target/averageValue", "@/targets/[]", "Average for each pod."),
    _rule(_HPA, "spec/metrics/[*]/*/target/value", "@/targets/[]", "Value above which pods are added."),
    _rule("ScaledObject", "spec/minReplicaCount", "@/minReplicas", "Fewest pods."),
    _rule("ScaledObject", "spec/maxReplicaCount", "@/maxReplicas", "Most pods."),
    _rule("ScaledObject", "spec/triggers/[cpu]/metadata/value", "@/targetCPUUtilizationPercentage", _CPU),
    _rule("ScaledObject", "spec/triggers/[memory]/metadata/value", "@/targetMemoryUtilizationPercentage", _MEMORY),
    _rule("ScaledObject", "spec/triggers/[rabbitmq]/metadata/value", "@/targetQueueLength", "Messages for each pod."),
    _rule("ScaledObject", "spec/triggers/[*]/metadata/value", "@/targets/[]", "Value of the trigger for each pod."),
    _rule(_PDB, "spec/minAvailable", "@/minAvailable", "Pods that must stay up, as a number or in percent.", count=True),
    _rule(
        _PDB, "spec/maxUnavailable", "@/maxUnavailable", "Pods that may be away, as a number or in percent.", count=True
    ),
    _rule("ConfigMap", "data", "@config", "Settings. Pods restart when one changes."),
    _rule("Service", "spec/type", "@/type", "Type of the Service."),
    _rule("Service", "metadata/annotations", "@/annotations", "Annotations of the Service.", _A),
    _rule("ServiceAccount", "metadata/annotations", "@/annotations", "Annotations of the service account.", _A),
    _rule("Ingress", "spec/ingressClassName", "@/className", "IngressClass of the controller."),
    _rule("Ingress", "metadata/annotations", "@/annotations", "Annotations for the ingress controller.", _A),
    _rule("Ingress", "spec/rules", "@/hosts", "Host names.", Treatment.RULES),
    _rule("Ingress", "spec/rules/[*]/host", "@/host", "Host name."),
    _rule("Ingress", "spec/tls/[*]/hosts", "@/hosts", "Host names.", Treatment.HOSTS),
    _rule("Ingress", "spec/tls/[*]/hosts/[*]", "@/host", "Host name."),
    _rule("Ingress", "spec/tls/[*]/secretName", "@/tlsSecret", "Secret with the certificate.", _D),
    _rule(_STORES, f"{_VAULT}/server", "vault/server", "Address of Vault."),
    _rule(_STORES, f"{_VAULT}/path", "vault/path", "Mount of the secrets engine."),
    _rule(_STORES, f"{_VAULT}/namespace", "vault/namespace", "Vault namespace (Enterprise)."),
    _rule(_STORES, f"{_VAULT}/auth/kubernetes/mountPath", "vault/mountPath", "Mount of the Kubernetes auth method."),
    _rule(_STORES, f"{_VAULT}/auth/kubernetes/role", "vault/role", "Role to log in with."),
    _rule("*", "metadata/annotations", "@/annotations", "Annotations.", _D),
    _rule("*", "metadata/labels", "@/labels", "More labels.", _L),
)

NOUNS: Final[dict[str, str]] = {
    "HorizontalPodAutoscaler": "autoscaling",
    "ScaledObject": "autoscaling",
    "SecretStore": "vault",
}
"""What the values of a kind are called where that is not the kind itself."""

_SILENT: Final = frozenset({POD, "spec", "metadata", "containers", "initContainers", "data"})
"""Steps that say nothing in the name of a value."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the values of an object lie."""

    kind: str
    component: ValuePath
    suffix: str
    """What its name has beyond the component's, in camelCase; empty for the main object of its kind."""
    bare: bool
    """Whether the values lie right below the component's, without the kind."""

    @property
    def own(self) -> ValuePath:
        """``("api",)`` for a Deployment, ``("api", "service")`` for a Service."""
        if self.bare:
            return (*self.component, self.suffix) if self.suffix else self.component
        return self.noun(NOUNS.get(self.kind, ""))

    def noun(self, noun: str) -> ValuePath:
        """Where a thing called ``noun`` lies: ``api.config``, ``api.nginxConfig``."""
        word = noun or self.kind[0].lower() + self.kind[1:]
        return (*self.component, self.suffix + word[0].upper() + word[1:] if self.suffix else word)

    @property
    def by_kind(self) -> ValuePath:
        """A place for its values that no other kind claims."""
        return self.noun("")


def find_rule(kind: str, path: Path) -> Rule | None:
    """The first rule about ``path``, which must be normal."""
    for rule in _by_length.get(len(path), ()):
        if (rule.kinds is None or kind in rule.kinds) and all(map(_matches, rule.place, path)):
            return rule
    return None


def _group() -> dict[int, tuple[Rule, ...]]:
    lengths = {len(rule.place) for rule in RULES}
    return {length: tuple(rule for rule in RULES if len(rule.place) == length) for length in lengths}


_by_length: Final = _group()


def _matches(wanted: str, step: Step) -> bool:
    if isinstance(step, Item):
        return wanted == "[*]" or wanted == f"[{step.label}]"
    return wanted in ("*", step)


def candidates(rule: Rule | None, place: Place, path: Path) -> Iterator[ValuePath]:
    """Names for the value at ``path``, the one people expect first, the longest last."""
    if rule is not None and rule.name != ("",):
        yield _expand(rule, place, path)
    inner = _inner(path)
    yield (*place.own, *inner)
    yield (*place.by_kind, *inner)


def _expand(rule: Rule, place: Place, path: Path) -> ValuePath:
    items = [camel(str(step.label)) for step in path if isinstance(step, Item) and step.label is not None]
    head, *rest = rule.name
    start = place.own if head == "@" else place.noun(head[1:]) if head.startswith("@") else (head,)
    marks = {"[]": items[-1:], "[0]": items[:1]}
    return (*start, *(part for word in rest for part in marks.get(word, [word])))


def _inner(path: Path) -> ValuePath:
    """What is left of ``path`` when the steps that say nothing are gone."""
    parts: list[str] = []
    for step in path:
        if not isinstance(step, Item):
            parts += [] if step in _SILENT else [camel(step)]
        elif isinstance(step.label, int):
            parts[-1:] = [f"{parts[-1]}{step.label + 1}" if parts and step.label else (parts or ["item"])[-1]]
        elif step.label not in (None, MAIN):
            parts.append(camel(str(step.label)))
    return tuple(parts) or ("all",)
