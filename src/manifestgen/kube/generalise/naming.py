"""What values are called: by the table of rules, and where that is silent by their place in the object."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from manifestgen.kube.generalise.paths import MAIN, POD, Item, Path, camel
from manifestgen.kube.generalise.rules import Rule
from manifestgen.kube.generalise.tree import ValuePath
from manifestgen.kube.objects import ObjectId

FILES: Final = "files"
"""What a ConfigMap of files has in its name, and its values are called."""
DASHBOARD: Final = "Dashboard"
"""What the table of rules calls a ConfigMap with a dashboard of Grafana."""
SCRIPTS: Final = "Scripts"
"""What it calls a ConfigMap with programs of ours."""
NOUNS: Final[dict[str, str]] = {
    "HorizontalPodAutoscaler": "autoscaling",
    "ScaledObject": "autoscaling",
}
"""What the values of a kind are called where that is not the kind itself."""

GATHERED: Final[dict[str, str]] = {
    "ClusterIssuer": "issuers",
    DASHBOARD: "dashboards",
    "PriorityClass": "priorityClasses",
    "ResourceQuota": "quotas",
    "PrometheusRule": "rules",
    "RoleBinding": "access",
    "ScrapeConfig": "scrapeConfigs",
    "Probe": "probes",
}
"""Kinds of which the platform itself may have several: where their values lie, each below its name."""

_DESCRIPTIONS: Final[dict[str, str]] = {
    "activeDeadlineSeconds": "Seconds that a Job may take in all.",
    "affinity": "Which pods and nodes its pods are drawn to or kept from.",
    "backoffLimit": "How many pods may fail before the Job does.",
    "args": "Arguments of the container.",
    "command": "Command of the container.",
    "completions": "How many pods must succeed.",
    "concurrencyPolicy": "What happens when the last Job still runs.",
    "egress": "What its pods may connect to.",
    "ingress": "Who may connect to its pods.",
    "loadBalancerSourceRanges": "Networks that may reach it.",
    "minReadySeconds": "Seconds that a new pod must be ready before it counts as available.",
    "nodeSelector": "Labels of the nodes that the pods may run on.",
    "parallelism": "How many pods run at once.",
    "priorityClassName": "PriorityClass of the pods.",
    "resources": "Requests and limits of the container.",
    "terminationGracePeriodSeconds": "Seconds that a pod gets to stop.",
    "tolerations": "Taints of nodes that the pods put up with.",
    "topologySpreadConstraints": "How the pods are spread over nodes and zones.",
}

_SILENT: Final = frozenset({POD, "spec", "jobTemplate", "metadata", "containers", "initContainers", "data"})
"""Steps that say nothing in the name of a value."""


_FIRST_WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])")
"""Capitals that a kind begins with, without that of the next word."""


class Place(NamedTuple):
    """Where the values of an object lie."""

    kind: str
    component: ValuePath
    suffix: str
    """What its name has beyond the component's, in camelCase; empty for the main object of its kind."""
    bare: bool
    """Whether the values lie right below the component's, without the kind."""
    gathered: ValuePath = ()
    """Where its values lie beside those of the others of its kind; empty for what a component owns."""

    @property
    def own(self) -> ValuePath:
        """``("api",)`` for a Deployment, ``("api", "service")`` for a Service."""
        if self.gathered:
            return self.gathered
        if self.bare:
            return (*self.component, self.suffix) if self.suffix else self.component
        return self.noun(NOUNS.get(self.kind, ""))

    def noun(self, noun: str) -> ValuePath:
        """Where a thing called ``noun`` lies: ``api.config``, ``api.nginxConfig``."""
        if noun == "config" and self.suffix == FILES:
            return (*self.component, FILES)
        word = noun or _small(self.kind)
        return (*self.component, self.suffix + word[0].upper() + word[1:] if self.suffix else word)

    @property
    def by_kind(self) -> ValuePath:
        """A place for its values that no other kind claims."""
        return self.noun("")


def _small(kind: str) -> str:
    """``httpRoute`` for HTTPRoute, ``networkPolicy`` for NetworkPolicy."""
    first = _FIRST_WORD.match(kind)
    end = first.end() if first is not None else 1
    return kind[:end].lower() + kind[end:]


def candidates(rule: Rule | None, place: Place, path: Path) -> Iterator[ValuePath]:
    """Names for the value at ``path``, the one people expect first, the longest last."""
    if rule is not None and rule.name != ("",):
        yield _expand(rule, place, path)
    inner = _inner(path)
    yield (*place.own, *inner)
    yield (*place.by_kind, *inner)


def description(rule: Rule | None, identity: ObjectId, path: Path) -> str:
    """What people are told about the value at ``path``."""
    known = (rule.description if rule else "") or _DESCRIPTIONS.get(str(path[-1]), "")
    return known or f"`{'.'.join(_inner(path))}` of {identity.kind} {identity.name}."


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
    return tuple(parts) or (_last_word(path),)


def _last_word(path: Path) -> str:
    """The last step, although it says little: ``initContainers``; ``all`` where there is none."""
    words = [step for step in path if not isinstance(step, Item) and step != POD]
    return camel(words[-1]) if words else "all"
