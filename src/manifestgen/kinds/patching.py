"""Patches of the spec on the objects of an environment, one after the other as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

from manifestgen.errors import Finding, ManifestgenError
from manifestgen.facts.checksum import config_checksum
from manifestgen.facts.nearest import nearest_hint
from manifestgen.kube.apply import DELETE, DIRECTIVE, REPLACE, UnmergeableError, apply_patch
from manifestgen.kube.comments import comments_of, written
from manifestgen.kube.identity import group
from manifestgen.kube.objects import KubeObject, Manifest, ObjectId
from manifestgen.kube.operations import OperationError, apply_operations
from manifestgen.kube.plain import copied, without_null_members
from manifestgen.kube.pods import pod_template
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import Patch, PatchTarget
from manifestgen.yamlio.nodes import dotted

Objects = Mapping[ObjectId, KubeObject]
Step = str | int

_DIRECTIVES: Final = ("$setElementOrder", "$deleteFromPrimitiveList", "$retainKeys")
_CHECKSUM: Final = "checksum/"


def patched(platform: ResolvedPlatform, objects: Objects) -> Objects:
    """The objects after all patches. Raises ManifestgenError with what is wrong with the patches.

    A patch that finds nothing is an error, but not in the base, where its object may not be.
    """
    findings: list[Finding] = []
    result = dict(objects)
    for name, patch in platform.spec.patches.items():
        if ("patches", name) in platform.incomplete:
            continue
        step = _Step(platform, name, patch)
        meant = [made for made in result.values() if fits(patch.target, made)]
        if not meant and platform.environment is not None:
            findings.append(step.finds_nothing(result))
        for made in meant:
            try:
                changed = step.applied(made)
            except ManifestgenError as error:
                findings += error.findings
                continue
            if changed is None:
                del result[made.id]
            else:
                result[made.id] = changed
    if findings:
        raise ManifestgenError(findings)
    return _with_checksums(objects, result)


def fits(target: PatchTarget, made: KubeObject) -> bool:
    """Whether an object is meant by everything that a target says."""
    labels = made.manifest["metadata"].get("labels")
    return (
        _matches(target.kind, made.id.kind)
        and _matches(target.name, made.id.name)
        and _matches(target.group, group(made.id.api_version))
        and (not target.labels or (isinstance(labels, dict) and target.labels.items() <= labels.items()))
    )


def _matches(pattern: str | None, text: str) -> bool:
    return pattern is None or _compiled(pattern).fullmatch(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(char, re.escape(char)) for char in pattern))


class _Step:
    """One patch, with the findings on it."""

    def __init__(self, platform: ResolvedPlatform, name: str, patch: Patch) -> None:
        self._platform = platform
        self._name = name
        self._patch = patch

    def applied(self, made: KubeObject) -> KubeObject | None:
        """The object after the patch, None when it is deleted."""
        manifest = self._merged(made) if self._patch.merge is not None else self._operated(made)
        if not manifest:
            return None
        manifest = without_null_members(manifest)
        self._check(made, manifest)
        return replace(
            made,
            manifest=manifest,
            text=written(manifest, comments_of(made.text)),
            history=(*made.history, (self._name, made.manifest)),
        )

    def _merged(self, made: KubeObject) -> Manifest:
        content = self._platform.node.at(("patches", self._name, "merge")).plain()
        wrong = next(_misused(content, ()), None)
        if wrong is not None:
            path, message, advice = wrong
            raise self._error("patch-directive", message, advice, ("merge", *path))
        try:
            return apply_patch(made.manifest, content)
        except UnmergeableError as error:
            message = f"it cannot be merged into {_called(made)}: {error}"
            advice = "write it with `json:`, which can replace anything by anything"
            raise self._error("patch-merge", message, advice, ("merge",)) from error

    def _operated(self, made: KubeObject) -> Manifest:
        operations = self._patch.json_ or []
        steps = [operation.model_dump(by_alias=True, exclude_unset=True) for operation in operations]
        try:
            result: Any = apply_operations(made.manifest, steps)
        except OperationError as error:
            operation = operations[error.index]
            message = f"{operation.op} {operation.path} cannot be done to {_called(made)}: {error}"
            raise self._error("patch-operation", message, error.hint, ("json", error.index)) from error
        return result if isinstance(result, dict) else {}

    def _check(self, made: KubeObject, manifest: Manifest) -> None:
        """What a patch must not do: give an object another identity, or a place to run."""
        metadata = manifest.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None
        identity = (manifest.get("apiVersion"), manifest.get("kind"), name)
        if identity != made.id or not isinstance(metadata, dict):
            changed = [
                key
                for key, old, new in zip(("apiVersion", "kind", "name"), made.id, identity, strict=True)
                if old != new
            ]
            message = f"it changes the {' and '.join(changed)} of {_called(made)}"
            advice = "delete the object with `$patch: delete`, and add another under manifests:"
            raise self._error("patch-identity", message, advice, ())
        if "namespace" in metadata:
            message = f"it gives {_called(made)} a namespace"
            advice = "remove it: where objects run is said by `namespace:` of the environment"
            raise self._error("object-namespace", message, advice, ("merge", "metadata", "namespace"))

    def finds_nothing(self, objects: Objects) -> Finding:
        """The finding that the patch means no object, with the nearest that there is."""
        target = self._patch.target
        said = [f"{key} {getattr(target, key)}" for key in ("group", "kind", "name") if getattr(target, key)]
        said += [f"label {key}: {value}" for key, value in target.labels.items()]
        message = f"there is no object with {', '.join(said)}"
        return self._finding("patch-unmatched", message, self._hint(objects), ("target",))

    def _hint(self, objects: Objects) -> str:
        """The nearest of what the first part of the target that fits nothing could be."""
        target = self._patch.target
        found = list(objects.values())
        for key, value_of in (("kind", _kind), ("group", _group), ("name", _name)):
            wanted = getattr(target, key)
            fitting = [made for made in found if _matches(wanted, value_of(made))]
            if not fitting:
                return nearest_hint(wanted, {value_of(made) or "*" for made in found})
            found = fitting
        return "no object has all of these labels" if target.labels else "correct the target"

    def _error(self, rule: str, message: str, advice: str, path: tuple[Step, ...]) -> ManifestgenError:
        return ManifestgenError([self._finding(rule, message, advice, path)])

    def _finding(self, rule: str, message: str, advice: str, path: tuple[Step, ...]) -> Finding:
        whole = ("patches", self._name)
        there: tuple[Step, ...] = whole
        for length in range(len(path), 0, -1):
            if self._has((*whole, *path[:length])):
                there = (*whole, *path[:length])
                break
        node = self._platform.node.at(there)
        return Finding(rule, message, advice, dotted(there), node.key_location or node.location)

    def _has(self, path: tuple[Step, ...]) -> bool:
        return self._platform.node.at(path) is not self._platform.node.at(path[:-1])


def _misused(value: Any, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], str, str]]:
    """Directives of strategic merges that would have no effect: where, the message and the advice."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict) and item.get(DIRECTIVE) == REPLACE and len(item) > 1:
                message = f"beside other keys of an item, {DIRECTIVE}: {REPLACE} has no effect"
                yield (*path, index), message, f"make it an item of its own: `- {DIRECTIVE}: {REPLACE}`"
            yield from _misused(item, (*path, index))
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _misused_key(key, below, path)
            yield from _misused(below, (*path, key))


def _misused_key(key: str, value: Any, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], str, str]]:
    if key.startswith(_DIRECTIVES):
        yield (*path, key), f"{key.split('/')[0]} is not supported", "write the list as it is to be"
    elif key == DIRECTIVE and value not in (DELETE, REPLACE, "merge"):
        yield (*path, key), f"there is no {DIRECTIVE}: {value}", "write delete or replace"
    elif key == DIRECTIVE and value == REPLACE and not path:
        advice = "replace the parts of the object one by one"
        yield (*path, key), f"{DIRECTIVE}: {REPLACE} has no effect on a whole object", advice


def _called(made: KubeObject) -> str:
    return f"{made.id.kind} {made.id.name}"


def _kind(made: KubeObject) -> str:
    return made.id.kind


def _group(made: KubeObject) -> str:
    return group(made.id.api_version)


def _name(made: KubeObject) -> str:
    return made.id.name


# --- Checksums -------------------------------------------------------------------------------------


def _with_checksums(before: Objects, after: Mapping[ObjectId, KubeObject]) -> Objects:
    """Checksums of settings that a patch changed brought up to date, so that pods start again."""
    sums = {
        f"{_CHECKSUM}{identity.name}": (_sum(before[identity]), _sum(made))
        for identity, made in after.items()
        if identity.kind == "ConfigMap" and identity.api_version == "v1" and made.history
    }
    if not sums:
        return after
    return {identity: _summed(made, sums) for identity, made in after.items()}


def _sum(made: KubeObject) -> str | None:
    data = made.manifest.get("data")
    texts = isinstance(data, dict) and all(isinstance(value, str) for value in data.values())
    return config_checksum(data) if isinstance(data, dict) and texts else None


def _summed(made: KubeObject, sums: Mapping[str, tuple[str | None, str | None]]) -> KubeObject:
    old = _annotations(made.manifest)
    new = {key: sums[key][1] for key, value in old.items() if key in sums and value == sums[key][0]}
    if not any(new.values()):
        return made
    manifest = copied(made.manifest)
    _annotations(manifest).update({key: value for key, value in new.items() if value is not None})
    return replace(made, manifest=manifest, text=written(manifest, comments_of(made.text)))


def _annotations(manifest: Manifest) -> dict[str, Any]:
    template = pod_template(manifest)
    metadata = template.get("metadata") if template is not None else None
    found = metadata.get("annotations") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}
