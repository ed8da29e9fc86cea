"""What the checks look at: the objects of one environment, and who refers to whom among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

from manifestgen.errors import Finding
from manifestgen.facts.lint import LEVELS
from manifestgen.kube.identity import group
from manifestgen.kube.objects import Inventory, KubeObject, Manifest
from manifestgen.kube.pods import all_containers, pod_template, side_by_side
from manifestgen.kube.scale import AUTOSCALERS, target_of
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.lint.selectors import Labels, selects
from manifestgen.yamlio.nodes import Node, dotted

Step = str | int
_GROUPS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("ConfigMap", "LimitRange", "PersistentVolumeClaim", "ResourceQuota"), ""),
    **dict.fromkeys(("Namespace", "Secret", "Service", "ServiceAccount"), ""),
    **dict.fromkeys(("Ingress", "NetworkPolicy"), "networking.k8s.io"),
    **dict.fromkeys(("ClusterRole", "Role", "RoleBinding"), "rbac.authorization.k8s.io"),
    "HorizontalPodAutoscaler": "autoscaling",
    "PodDisruptionBudget": "policy",
    "PriorityClass": "scheduling.k8s.io",
    "StorageClass": "storage.k8s.io",
}
"""The groups of kinds of Kubernetes itself that checks ask for."""


class Pods(NamedTuple):
    """The pods that one object makes."""

    made: KubeObject
    labels: Labels
    spec: Manifest

    @property
    def kind(self) -> str:
        """The kind of the object that makes them."""
        return self.made.id.kind

    @property
    def name(self) -> str:
        """The object as messages call it: ``Deployment api``."""
        return f"{self.made.id.kind} {self.made.id.name}"

    def containers(self) -> Iterator[Manifest]:
        """All containers, those that run first, too."""
        return all_containers(self.spec)

    def running(self) -> list[Manifest]:
        """The containers that run side by side: the containers, and the init containers that stay."""
        return side_by_side(self.spec)


class World:
    """The objects of one environment, with the look-ups that checks share."""

    def __init__(self, platform: ResolvedPlatform, inventory: Inventory) -> None:
        self.platform = platform
        self.inventory = inventory

    @cached_property
    def _by_kind(self) -> dict[str, list[KubeObject]]:
        found: dict[str, list[KubeObject]] = {}
        for identity, made in self.inventory.objects.items():
            # Other projects have kinds of these names, too: Knative a Service, for example.
            if _GROUPS.get(identity.kind, of := group(identity.api_version)) == of and not made.unchecked:
                found.setdefault(identity.kind, []).append(made)
        return found

    def of(self, *kinds: str) -> Iterator[KubeObject]:
        """All objects of these kinds."""
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    def has(self, kind: str) -> bool:
        """Whether there is any object of the kind."""
        return kind in self._by_kind

    def find(self, kind: str, name: str, api_group: str | None = None) -> KubeObject | None:
        """The object of this kind and name (and API group, if it is given), None if there is none."""
        for made in self._by_kind.get(kind, ()):
            if made.id.name == name and api_group in (None, group(made.id.api_version)):
                return made
        return None

    @cached_property
    def pods(self) -> tuple[Pods, ...]:
        """All pods, in the order of the objects that make them."""
        found = []
        for made in self.inventory.objects.values():
            template = pod_template(made.manifest)
            if template is not None:
                labels = (template.get("metadata") or {}).get("labels") or {}
                found.append(Pods(made, labels, template["spec"]))
        return tuple(found)

    @cached_property
    def _pods_by_label(self) -> dict[tuple[str, str], list[Pods]]:
        found: dict[tuple[str, str], list[Pods]] = {}
        for pods in self.pods:
            for item in pods.labels.items():
                found.setdefault(item, []).append(pods)
        return found

    def selected(self, selector: Mapping[str, Any]) -> list[Pods]:
        """The pods that a LabelSelector chooses."""
        exact = selector.get("matchLabels") or {}
        candidates = min(
            (self._pods_by_label.get(item, []) for item in exact.items()), key=len, default=self.pods
        )
        return [pods for pods in candidates if selects(selector, pods.labels)]

    @cached_property
    def autoscalers(self) -> dict[tuple[str, str], list[KubeObject]]:
        """The autoscalers that decide how many pods run, by the kind and name of what they scale."""
        found: dict[tuple[str, str], list[KubeObject]] = {}
        for made in self.of(*AUTOSCALERS):
            found.setdefault(target_of(made.manifest), []).append(made)
        return found

    def objection(
        self, made: KubeObject, rule: str, message: str, advice: str, *places: tuple[Step, ...]
    ) -> Finding:
        """A finding of ``rule`` on what an object was made from.

        ``places`` are paths below it in the spec; the first that is there is named, else the whole thing.
        """
        node, source = self.platform.node, self.platform.written(made.source)
        path = next((longer for place in places if has(node, longer := (*source, *place))), source)
        found = node.at(path)
        location = found.location if path is not source else found.key_location or found.location
        return Finding(rule, message, advice, dotted(path), location, LEVELS[rule])


def has(node: Node, path: tuple[Step, ...]) -> bool:
    """Whether there is a value at the path."""
    for step in path:
        below = node.at((step,))
        if below is node:
            return False
        node = below
    return True
