"""A patch in words, for the comment above it: ``Sets replicas, resources of container api.``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from manifestgen.kube.apply import DELETE, DIRECTIVE, REPLACE
from manifestgen.kube.objects import Manifest

# Maps that everybody knows to be there: their names say nothing.
_PASSED: Final = frozenset({"spec", "template", "jobTemplate", "metadata"})
# What the item of a list may be called by; the other keys of a merged list belong to the name.
_NAMES: Final = ("name", "mountPath", "devicePath", "containerPort", "port", "topologyKey", "ip", "uid")
_NAMES_TOO: Final = frozenset({"protocol", "whenUnsatisfiable"})
_CONTAINERS: Final[Mapping[str, str]] = {
    "containers": "container",
    "initContainers": "init container",
    "ephemeralContainers": "ephemeral container",
}
# Collections whose entries are named one by one: what one of them is called, and several.
_NAMED: Final[Mapping[str, tuple[str, str]]] = {
    "annotations": ("annotation", "annotations"),
    "labels": ("label", "labels"),
    "data": ("", "values"),
    "stringData": ("secret value", "secret values"),
    "nodeSelector": ("node label", "node labels"),
    "env": ("environment variable", "environment variables"),
    "ports": ("port", "ports"),
    "volumes": ("volume", "volumes"),
    "volumeMounts": ("mount", "mounts"),
    "imagePullSecrets": ("pull secret", "pull secrets"),
    "topologySpreadConstraints": ("spread over", "spread over"),
}
_LONGEST_LIST: Final = 140
_PLAIN_WORD: Final = re.compile(r"[A-Za-z0-9_./:-]{1,100}")
_FIELD: Final = re.compile(r"[A-Za-z]+")


def describe(patch: Manifest) -> str:
    """What a strategic-merge patch does, as a sentence or three."""
    changes = {key: value for key, value in patch.items() if key not in ("apiVersion", "kind")}
    phrases = list(_phrases(changes, ""))
    done = [("sets", [words for words, gone in phrases if not gone])]
    done += [("removes", [words for words, gone in phrases if gone])]
    sentence = " and ".join(f"{verb} {_separated(words)}" for verb, words in done if words)
    hint = " Items with a name alone only keep their place." if _keeps_places(changes) else ""
    return f"{sentence[:1].upper()}{sentence[1:]}.{hint}"


def describe_operations(operations: Iterable[Mapping[str, Any]]) -> str:
    """What RFC 6902 operations change, by their paths, as a sentence."""
    return f"Changes {_listed([_word(operation['path']) for operation in operations])}."


def _phrases(changes: Mapping[str, Any], pods: str) -> Iterator[tuple[str, bool]]:
    """What is changed, and whether that means: removed. ``pods`` is "pod " inside a pod template."""
    for key, value in changes.items():
        if key in _PASSED and isinstance(value, dict):
            inside = "pod " if key == "template" else pods
            yield from _phrases(_without_name(value) if key == "metadata" else value, inside)
        elif key in _CONTAINERS and _has_names(value):
            yield from _container_phrases(value, _CONTAINERS[key])
        elif key in _NAMED and (_has_names(value) or (isinstance(value, dict) and value)):
            yield from _entry_phrases(value, key, pods)
        elif key != DIRECTIVE:
            yield _path(key, value), value is None


def _without_name(metadata: Mapping[str, Any]) -> Manifest:
    return {key: value for key, value in metadata.items() if key != "name"}


def _path(key: str, value: Any) -> str:
    """The name of a field, down to the place where more than one thing changes."""
    path = _word(key)
    while isinstance(value, dict) and len(value) == 1:
        inner, value = next(iter(value.items()))
        if value is None or not _FIELD.fullmatch(inner):
            break
        path += f".{inner}"
    return path


def _container_phrases(items: list[Any], noun: str) -> Iterator[tuple[str, bool]]:
    for item in items:
        fields = {key: value for key, value in item.items() if key != "name"}
        if not fields or item == {DIRECTIVE: REPLACE}:
            continue
        name = f"{noun} {_word(item.get('name', '?'))}"
        if fields.get(DIRECTIVE) == DELETE:
            yield name, True
            continue
        inside = list(_phrases(fields, ""))
        for gone in (False, True):
            words = [words for words, removed in inside if removed is gone]
            if words:
                yield f"{_listed(words)} of {name}", gone


def _entry_phrases(value: Any, key: str, pods: str) -> Iterator[tuple[str, bool]]:
    """The entries that change; those that stand in a list only to keep their place are left out."""
    if isinstance(value, dict):
        entries = [(_word(name), item is None) for name, item in value.items() if name != DIRECTIVE]
    else:
        changed = [item for item in value if item.get(DIRECTIVE) != REPLACE and not _is_bare(item)]
        entries = [(_item_name(item), item.get(DIRECTIVE) == DELETE) for item in changed]
    one, several = _NAMED[key]
    owner = pods if key in ("labels", "annotations") else ""
    for gone in (False, True):
        names = [name for name, removed in entries if removed is gone]
        listed = _listed(names)
        if len(listed) > _LONGEST_LIST:
            yield f"{len(names)} {owner}{several}", gone
        elif names:
            noun = one if len(names) == 1 or not one else several
            yield f"{owner}{noun} {listed}".lstrip(), gone
    if not entries:
        yield f"{owner}{several}", False


def _has_names(value: Any) -> bool:
    """Whether this is a list of items that can be called by a name."""
    return isinstance(value, list) and all(
        isinstance(item, dict) and (DIRECTIVE in item or any(key in item for key in _NAMES)) for item in value
    )


def _is_bare(item: Any) -> bool:
    """Whether an item of a patch has no more than its name."""
    names = set(item) - _NAMES_TOO if isinstance(item, dict) else set()
    return len(names) == 1 and names <= set(_NAMES)


def _keeps_places(changes: Any) -> bool:
    """Whether some container or other item is named without a change."""
    if isinstance(changes, dict):
        return any(
            (key in (*_CONTAINERS, *_NAMED) and _has_bare_items(value)) or _keeps_places(value)
            for key, value in changes.items()
        )
    return isinstance(changes, list) and any(map(_keeps_places, changes))


def _has_bare_items(items: Any) -> bool:
    if not isinstance(items, list) or items[:1] == [{DIRECTIVE: REPLACE}]:
        return False
    bare = [_is_bare(item) for item in items]
    return True in bare and False in bare


def _item_name(item: Mapping[str, Any]) -> str:
    return next((_word(str(item[key])) for key in _NAMES if key in item), "?")


def _separated(words: list[str]) -> str:
    return ("; " if any(" and " in one or ", " in one for one in words) else ", ").join(words)


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _word(text: str) -> str:
    """A name as it stands in a comment; what is no plain word is escaped."""
    return text if _PLAIN_WORD.fullmatch(text) else ascii(text)
