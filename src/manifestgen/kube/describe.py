"""A patch in words, for the comment above it: ``replicas; resources of container api``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from manifestgen.kube.apply import DELETE, DIRECTIVE
from manifestgen.kube.objects import Manifest

# Maps that everybody knows to be there: their names say nothing.
_PASSED: Final = frozenset({"spec", "template", "jobTemplate", "metadata"})
# What names the item of a list, in the order of what a reader would call it by.
_NAMES: Final = ("name", "mountPath", "devicePath", "containerPort", "port", "topologyKey", "ip", "uid")
_CONTAINERS: Final[Mapping[str, str]] = {
    "containers": "container",
    "initContainers": "init container",
    "ephemeralContainers": "ephemeral container",
}
# Collections whose entries are named one by one: what one of them is called, and several.
_NAMED: Final[Mapping[str, tuple[str, str]]] = {
    "annotations": ("annotation", "annotations"),
    "labels": ("label", "labels"),
    "data": ("setting", "settings"),
    "stringData": ("secret value", "secret values"),
    "nodeSelector": ("node label", "node labels"),
    "env": ("environment variable", "environment variables"),
    "ports": ("port", "ports"),
    "volumes": ("volume", "volumes"),
    "volumeMounts": ("mount", "mounts"),
    "imagePullSecrets": ("pull secret", "pull secrets"),
    "topologySpreadConstraints": ("spread over", "spread over"),
}
_MOST_NAMES: Final = 4
_PLAIN_WORD: Final = re.compile(r"[A-Za-z0-9_./:-]{1,100}")


def describe(patch: Manifest) -> str:
    """What a strategic-merge patch changes, in the order in which it stands there; one line."""
    head = {"apiVersion", "kind"}
    changes = {key: value for key, value in patch.items() if key not in head}
    return "; ".join(_phrases(changes, ""))


def describe_operations(operations: Iterable[Mapping[str, Any]]) -> str:
    """What RFC 6902 operations change: their paths."""
    return _listed([_word(operation["path"]) for operation in operations])


def _phrases(changes: Mapping[str, Any], pods: str) -> Iterator[str]:
    for key, value in changes.items():
        if key in _PASSED and isinstance(value, dict):
            inside = "pod " if key == "template" else pods
            yield from _phrases(_without_name(value) if key == "metadata" else value, inside)
        elif key in _CONTAINERS and isinstance(value, list):
            yield from _container_phrases(value, _CONTAINERS[key])
        elif key in _NAMED and value:
            yield pods * (key in ("labels", "annotations")) + _named(value, *_NAMED[key])
        elif key != DIRECTIVE:
            yield f"no {_word(key)}" if value is None else _word(key)


def _without_name(metadata: Mapping[str, Any]) -> Manifest:
    return {key: value for key, value in metadata.items() if key != "name"}


def _container_phrases(items: list[Any], noun: str) -> Iterator[str]:
    for item in items:
        if item == {DIRECTIVE: "replace"}:
            continue
        name = _word(item.get("name", ""))
        fields = {key: value for key, value in item.items() if key != "name"}
        if fields.get(DIRECTIVE) == DELETE:
            yield f"no {noun} {name}"
        elif fields:
            yield f"{_listed(list(_phrases(fields, '')))} of {noun} {name}"


def _named(value: Any, one: str, several: str) -> str:
    """The entries that change; those that stand in a list only to keep their place are left out."""
    if isinstance(value, dict):
        names = [_entry(key, item is None) for key, item in value.items() if key != DIRECTIVE]
    else:
        names = [_entry(_item_name(item), item.get(DIRECTIVE) == DELETE) for item in value if _changes_something(item)]
    if len(names) > _MOST_NAMES:
        return f"{len(names)} {several}"
    return f"{one if len(names) == 1 else several} {_listed(names)}".rstrip()


def _changes_something(item: Mapping[str, Any]) -> bool:
    return item.get(DIRECTIVE) != "replace" and not set(item) <= {*_NAMES, "protocol", "whenUnsatisfiable"}


def _item_name(item: Mapping[str, Any]) -> str:
    return next((str(item[key]) for key in _NAMES if key in item), "?")


def _entry(name: str, removed: bool) -> str:
    return f"{_word(name)} (removed)" if removed else _word(name)


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _word(text: str) -> str:
    """A name as it stands in a comment; what is no plain word is escaped."""
    return text if _PLAIN_WORD.fullmatch(text) else ascii(text)
