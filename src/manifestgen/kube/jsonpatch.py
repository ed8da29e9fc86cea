"""The same difference as RFC 6902 operations: always possible, harder to read, so only a last resort."""

from __future__ import annotations

from typing import Any

from manifestgen.kube.difference import all_keys
from manifestgen.kube.objects import Manifest
from manifestgen.kube.plain import same


def json_operations(base: Manifest, target: Manifest) -> list[Manifest]:
    """The operations that turn ``base`` into ``target``, each at the deepest place that differs."""
    return _operations(base, target, "")


def _operations(base: Any, target: Any, path: str) -> list[Manifest]:
    if same(base, target):
        return []
    if isinstance(base, dict) and isinstance(target, dict):
        return [step for key in all_keys(base, target) for step in _field_operations(base, target, key, path)]
    if isinstance(base, list) and isinstance(target, list) and len(base) == len(target):
        pairs = enumerate(zip(base, target, strict=True))
        return [step for index, (old, new) in pairs for step in _operations(old, new, f"{path}/{index}")]
    return [{"op": "replace", "path": path, "value": target}]


def _field_operations(base: Manifest, target: Manifest, key: str, path: str) -> list[Manifest]:
    place = f"{path}/{_escaped(key)}"
    if key not in target:
        return [{"op": "remove", "path": place}]
    if key not in base:
        return [{"op": "add", "path": place, "value": target[key]}]
    return _operations(base[key], target[key], place)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
