"""What ``kubectl kustomize`` builds from an overlay that is still in memory."""

from __future__ import annotations

import copy
import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from manifestgen.kube.apply import apply_patch
from manifestgen.kube.identity import group, service_accounts
from manifestgen.kube.namespacing import transformed
from support import yaml11

_KNOWN: Final = {"apiVersion", "kind", "namespace", "resources", "patches", "transformers"}
Manifest = dict[str, Any]


def build(files: Mapping[str, str], folder: str) -> list[Manifest]:
    """The objects of the kustomization in ``folder``."""
    plan = _one(files[f"{folder}/kustomization.yaml"])
    assert plan.keys() <= _KNOWN, f"not modelled: {plan.keys() - _KNOWN}"
    objects: list[Manifest] = []
    for path in plan["resources"]:
        place = posixpath.normpath(f"{folder}/{path}")
        objects += _documents(files[place]) if place in files else build(files, place)
    for patch in plan.get("patches", ()):
        objects = _patched(objects, files[f"{folder}/{patch['path']}"], patch.get("target"))
    if "namespace" in plan:
        accounts = service_accounts(objects)
        objects = [transformed(one, plan["namespace"], accounts) for one in objects]
    for path in plan.get("transformers", ()):
        for transformer in _documents(files[f"{folder}/{path}"]):
            assert transformer["kind"] == "PatchTransformer", transformer
            objects = _patched(objects, transformer["patch"], transformer["target"])
    return [_settled(one) for one in objects]


@lru_cache(4096)
def _documents(text: str) -> tuple[Any, ...]:
    """What a file holds: every overlay builds on the same base, and nothing here changes what it is given."""
    return tuple(found for found in yaml11.read_all(text) if found is not None)


def _one(text: str) -> Any:
    (document,) = _documents(text)
    return document


def _patched(objects: list[Manifest], text: str, target: Mapping[str, str] | None) -> list[Manifest]:
    patch = _one(text)
    if isinstance(patch, list):
        assert target is not None, "operations say nothing about what they are for"
        hits = [index for index, one in enumerate(objects) if _selects(target, one)]
    else:
        assert target is None, target
        hits = [index for index, one in enumerate(objects) if _is_for(patch, one)]
    assert len(hits) == 1, f"a patch hits {len(hits)} objects: {text}"
    (index,) = hits
    result = (
        _operated(objects[index], patch) if isinstance(patch, list) else apply_patch(objects[index], patch)
    )
    return [*objects[:index], *([result] if result else []), *objects[index + 1 :]]


def _is_for(patch: Manifest, one: Manifest) -> bool:
    keys = ("apiVersion", "kind")
    return (
        all(patch[key] == one[key] for key in keys) and patch["metadata"]["name"] == one["metadata"]["name"]
    )


def _selects(target: Mapping[str, str], one: Manifest) -> bool:
    facts = {
        "group": group(one["apiVersion"]),
        "version": one["apiVersion"].rpartition("/")[2],
        "kind": one["kind"],
        "name": one["metadata"]["name"],
    }
    assert target.keys() <= facts.keys(), target
    return all(re.fullmatch(pattern, facts[key]) for key, pattern in target.items())


def _operated(one: Manifest, operations: list[Manifest]) -> Manifest:
    """RFC 6902 on a copy."""
    result: Manifest = copy.deepcopy(one)
    for step in copy.deepcopy(operations):
        *above, last = _steps(step["path"])
        parent: Any = result
        for key in above:
            parent = parent[int(key)] if isinstance(parent, list) else parent[key]
        _operate(parent, int(last) if isinstance(parent, list) and last != "-" else last, step)
    return result


def _operate(parent: Any, key: Any, step: Manifest) -> None:
    match step["op"]:
        case "add" if isinstance(parent, list):
            parent.insert(len(parent) if key == "-" else key, step["value"])
        case "add":
            parent[key] = step["value"]
        case "replace":
            assert isinstance(parent, list) or key in parent, step
            parent[key] = step["value"]
        case "remove":
            del parent[key]
        case "test":
            assert parent[key] == step["value"], step
        case other:
            raise AssertionError(f"not modelled: {other}")


def _steps(pointer: str) -> Iterator[str]:
    return (step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def _settled(one: Manifest) -> Manifest:
    """Kustomize drops ``annotations: {}`` from every object it builds."""
    if one["metadata"].get("annotations") != {}:
        return one
    return {**one, "metadata": {key: value for key, value in one["metadata"].items() if key != "annotations"}}
