"""Environment variables: each is set once, and refers only to those that are set before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.verify.lint.references import provided
from manifestgen.verify.lint.world import Pods, World

Keys = Mapping[str, frozenset[str] | None]

_REFERENCE: Final = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")
"""As the kubelet reads it; ``$$`` is a dollar sign."""
_LIKE_A_VARIABLE: Final = re.compile(r"[A-Z_][A-Z0-9_]*")
"""On a command line ``$(date)`` is the shell's own, and Kubernetes leaves it to that."""
_OF_SERVICES: Final = re.compile(
    r"[A-Z0-9_]+_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_[A-Z_]+)?)"
)


def check(world: World) -> Iterator[Finding]:
    """The `env` of every container, and what refers to it."""
    known = {kind: provided(world, kind) for kind in ("ConfigMap", "Secret")}
    for pods in world.pods:
        for container in pods.containers():
            yield from _twice(world, pods, container)
            yield from _references(world, pods, container, known)


def _twice(world: World, pods: Pods, container: dict[str, Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for variable in container.get("env") or ():
        name = variable["name"]
        if name in seen:
            yield world.objection(
                pods.made,
                "env-duplicate",
                f"container {container['name']} of {pods.name} sets {name} twice; the last one "
                "counts, and "
                "an apply may drop either",
                "remove one",
                ("env",),
            )
        seen.add(name)


def _references(
    world: World, pods: Pods, container: dict[str, Any], known: Mapping[str, Keys]
) -> Iterator[Finding]:
    given = _from_sets(container, known)
    if given is None:
        return
    everything = [variable["name"] for variable in container.get("env") or ()]
    for variable in container.get("env") or ():
        for name in _names(variable.get("value")):
            if name not in given and not _OF_SERVICES.fullmatch(name):
                where = f"the variable {variable['name']} of"
                yield _unknown(world, pods, container, (where, name), [*given, *everything])
        given.add(variable["name"])
    for text in (*(container.get("command") or ()), *(container.get("args") or ())):
        for name in _names(text):
            is_ours = _LIKE_A_VARIABLE.fullmatch(name) and not _OF_SERVICES.fullmatch(name)
            if is_ours and name not in given:
                yield _unknown(world, pods, container, ("the command of", name), [*given])


def _from_sets(container: dict[str, Any], known: Mapping[str, Keys]) -> set[str] | None:
    """The variables of whole ConfigMaps and Secrets; None where one of these may hold anything."""
    found: set[str] = set()
    for source in container.get("envFrom") or ():
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            if field in source:
                keys = known[kind].get(source[field]["name"])
                if keys is None:
                    return None
                found |= {source.get("prefix", "") + key for key in keys}
    return found


def _names(text: Any) -> list[str]:
    if not isinstance(text, str) or "$(" not in text:
        return []
    return [match[1] for match in _REFERENCE.finditer(text) if match[1]]


def _unknown(
    world: World, pods: Pods, container: dict[str, Any], what: tuple[str, str], candidates: list[str]
) -> Finding:
    where, name = what
    late = "is set only further down" if name in candidates else "nobody sets"
    hint = "" if name in candidates else f"{nearest_hint(name, sorted(candidates))}; "
    advice = f"{hint or 'move it up; '}write $$({name}) if the text itself is meant"
    return world.objection(
        pods.made,
        "variable-unknown",
        f"{where} container {container['name']} in {pods.name} refers to {name}, which {late}: "
        f"it stays $({name})",
        advice,
        ("env",),
    )
