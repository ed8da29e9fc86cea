"""Paths inside an object, and the list items on them by what tells them apart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from manifestgen.kube.objects import Manifest

_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS: Final = re.compile(r"[A-Za-z0-9]+")

WORKLOADS: Final = frozenset(
    {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Rollout"}
)
ROUTES: Final = frozenset({"Ingress", "HTTPRoute", "GRPCRoute"})
"""Kinds that a component is about when it has no workload."""
POD: Final = "pod"
"""Stands for the way from a workload to its pod template, however long."""
MAIN: Final = "main"
"""Stands for the name of the container that a workload is about."""
_POD_TEMPLATES: Final = (("spec", "jobTemplate", "spec", "template"), ("spec", "template"))

# What tells the items of a list from each other: the first of these lines of which every item has an
# entry, no two the same.
_LABELS: Final[tuple[tuple[tuple[str, ...], ...], ...]] = (
    (("name",),),
    (("metadata", "name"),),
    (("secretKey",),),
    (("alert",), ("record",)),
    tuple(
        (source, *rest)
        for source, rest in (
            ("resource", ("name",)),
            ("containerResource", ("name",)),
            ("pods", ("metric", "name")),
            ("external", ("metric", "name")),
            ("object", ("metric", "name")),
        )
    ),
    (("topologyKey",),),
    (("containerPort",),),
    (("type",),),
)


class Item(NamedTuple):
    """A list item on a path. ``label`` is None for the only item, or a number for one of several."""

    label: str | int | None


Step = str | Item
Path = tuple[Step, ...]


def camel(name: str) -> str:
    """``name`` as a key that needs no quotes in a Go template, where that can be: ``waitForPostgres``.

    A domain before a slash is left out: ``zone`` for ``topology.kubernetes.io/zone``.
    """
    last = name.rsplit("/", 1)[-1]
    if _IDENTIFIER.fullmatch(last):
        return last
    words = _WORDS.findall(last)
    if not words:
        return name if name.isprintable() and name != "<<" else "key"  # to Helm 3, << merges another map
    first, *others = words
    return "".join([first[0].lower(), first[1:], *(word[0].upper() + word[1:] for word in others)])


def normal(kind: str, path: Path, main_container: str | None) -> Path:
    """``path`` with the pod template and the main container by the names that rules use."""
    if kind not in WORKLOADS:
        return path
    for prefix in _POD_TEMPLATES:
        if path[: len(prefix)] == prefix:
            path = (POD, *path[len(prefix) :])
            break
    if path[:3] == (POD, "spec", "containers") and len(path) > 3 and path[3] == Item(main_container):
        path = (*path[:3], Item(MAIN), *path[4:])
    return path


def leads_to_pods(kind: str, path: Path) -> bool:
    """Whether the pod template of a workload lies below ``path``: a CronJob has it far down."""
    return kind in WORKLOADS and any(
        len(path) < len(prefix) and prefix[: len(path)] == path for prefix in _POD_TEMPLATES
    )


def labels(lists: Iterable[list[Any]]) -> list[list[str]] | None:
    """For each list the labels of its items, when something tells all of them apart."""
    together = list(lists)
    if not all(isinstance(item, dict) for items in together for item in items):
        return None
    for places in _LABELS:
        found = [[_label(item, places) for item in items] for items in together]
        if all(None not in row and len(set(row)) == len(row) for row in found):
            return [[str(label) for label in row] for row in found]
    return None


def _label(item: Any, places: tuple[tuple[str, ...], ...]) -> str | None:
    return next((found for place in places if (found := _look_up(item, place)) is not None), None)


def _look_up(value: Any, keys: tuple[str, ...]) -> str | None:
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return None
        value = value[key]
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def pod_spec(manifest: Manifest) -> dict[str, Any] | None:
    """The spec of the pods that a workload makes."""
    if manifest["kind"] not in WORKLOADS:
        return None
    for prefix in _POD_TEMPLATES:
        found: Any = manifest
        for key in (*prefix, "spec"):
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, dict):
            return found
    return None


def main_container(manifest: Manifest, component: str) -> str | None:
    """The name of the container that the workload is about: the component's, or else the first."""
    containers = (pod_spec(manifest) or {}).get("containers")
    if not isinstance(containers, list):
        return None
    names = [c["name"] for c in containers if isinstance(c, dict) and isinstance(c.get("name"), str)]
    return component if component in names else next(iter(names), None)
