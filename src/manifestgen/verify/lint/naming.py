"""Names and labels: what the API server takes, and what controllers make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from manifestgen.errors import Finding
from manifestgen.kube.objects import KubeObject
from manifestgen.kube.pods import pod_template
from manifestgen.verify.lint.world import World

_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL_1123: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_VALUE: Final = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")


class _Form(NamedTuple):
    pattern: re.Pattern[str]
    most: int
    why: str


_ANY: Final = _Form(_SUBDOMAIN, 253, "lower-case letters, digits, hyphens and dots, at most 253")
_FORMS: Final[Mapping[str, _Form]] = {
    "CronJob": _Form(_SUBDOMAIN, 52, "at most 52 characters: its Jobs add eleven of their own"),
    "Job": _Form(_SUBDOMAIN, 63, "at most 63 characters: its pods carry the name as a label"),
    "Namespace": _Form(_LABEL_1123, 63, "lower-case letters, digits and hyphens, at most 63"),
    "Service": _Form(_LABEL_1035, 63, "lower-case letters, digits and hyphens, a letter first, at most 63"),
    "StatefulSet": _Form(
        _SUBDOMAIN, 52, "at most 52 characters: its pods carry the name and a hash as a label"
    ),
}
_FREE: Final = frozenset({"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"})
"""Kinds whose names may be any segment of a path."""


def check(world: World) -> Iterator[Finding]:
    """The name of every object, and all labels."""
    good: set[tuple[str, Any]] = set()
    for made in world.inventory.objects.values():
        form = _FORMS.get(made.id.kind, _ANY)
        name = made.id.name
        if made.id.kind not in _FREE and (len(name) > form.most or not form.pattern.fullmatch(name)):
            yield world.objection(
                made,
                "name-invalid",
                f"{name!r} ({len(name)} characters) cannot be the name of a {made.id.kind}",
                f"use {form.why}",
            )
        for item in _labels(made):
            if item not in good:
                if _is_label(*item):
                    good.add(item)
                else:
                    yield _label(world, made, *item)


def _labels(made: KubeObject) -> Iterator[tuple[str, Any]]:
    yield from (made.manifest["metadata"].get("labels") or {}).items()
    template = pod_template(made.manifest)
    if template is not None and template is not made.manifest:
        yield from ((template.get("metadata") or {}).get("labels") or {}).items()


def _is_label(key: str, value: Any) -> bool:
    prefix, slash, name = key.rpartition("/")
    is_key = 0 < len(name) <= 63 and _VALUE.fullmatch(name) is not None
    is_prefix = not slash or (len(prefix) <= 253 and _SUBDOMAIN.fullmatch(prefix) is not None)
    return (
        is_key and is_prefix and isinstance(value, str) and len(value) <= 63 and bool(_VALUE.fullmatch(value))
    )


def _label(world: World, made: KubeObject, key: str, value: Any) -> Finding:
    return world.objection(
        made,
        "label-invalid",
        f"{made.id.kind} {made.id.name} has the label {key}: {value!r}, which the API server refuses",
        "use letters, digits and - _ . in the middle, at most 63; what is longer belongs into an annotation",
    )
