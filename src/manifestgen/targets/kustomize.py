"""Kustomize: a base that all environments share, and for each of them an overlay of small patches."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from manifestgen.artifact import Artifact
from manifestgen.kube.apply import DELETE, DIRECTIVE
from manifestgen.kube.describe import describe, describe_operations
from manifestgen.kube.difference import InexpressibleError, difference, identification
from manifestgen.kube.identity import group, is_called_after_namespace, object_paths, service_accounts
from manifestgen.kube.jsonpatch import json_operations
from manifestgen.kube.namespacing import corrections
from manifestgen.kube.objects import Inventory, KubeObject, Manifest, ObjectId
from manifestgen.rendering.environment import Renderer
from manifestgen.yamlio import emit

TARGET: Final = "kustomize"
_BASE: Final = "k8s/base"
_CORRECTIONS: Final = "namespace-corrections.yaml"
_COMMENT_WIDTH: Final = 98


class _Patch(NamedTuple):
    """A patch file; ``target`` is empty where the patch itself says which object it is for."""

    path: str
    text: str
    target: Mapping[str, str]


def render(
    base: Inventory, environments: Mapping[str, Inventory], platform_name: str, renderer: Renderer
) -> list[Artifact]:
    """The base and one overlay for each environment.

    What Kustomize builds from ``k8s/overlays/<name>`` is the objects of that environment in its
    namespace (``kube.identity.in_namespace``). Raises ManifestgenError when two objects would share a
    file.
    """
    artifacts = _base(base, platform_name, renderer)
    for name, environment in environments.items():
        artifacts += _Overlay(name, base, environment).artifacts(platform_name, renderer)
    return artifacts


def _base(base: Inventory, platform_name: str, renderer: Renderer) -> list[Artifact]:
    paths = object_paths(base.objects.values())
    groups: dict[str, list[str]] = {}
    for identity, thing in base.objects.items():
        groups.setdefault(thing.component, []).append(paths[identity])
    context = {
        "platform": platform_name,
        "groups": [{"component": name, "paths": paths} for name, paths in groups.items()],
    }
    text = renderer.render("kustomize/base.yaml.j2", context)
    objects = [_file(f"{_BASE}/{paths[identity]}", thing.text) for identity, thing in base.objects.items()]
    return [_file(f"{_BASE}/kustomization.yaml", text), *objects]


def _file(path: str, text: str, environment: str | None = None) -> Artifact:
    return Artifact(path=path, text=text, target=TARGET, environment=environment)


class _Overlay(NamedTuple):
    """What one environment adds to the base, changes in it and leaves out of it."""

    name: str
    base: Inventory
    environment: Inventory

    def artifacts(self, platform_name: str, renderer: Renderer) -> list[Artifact]:
        own = self._own_files()
        patches = list(self._patches())
        corrected = self._corrections()
        context = {
            "platform": platform_name,
            "environment": self.name,
            "namespace": self.environment.namespace,
            "resources": list(own),
            "patches": [{"path": patch.path, "target": patch.target} for patch in patches],
            "corrected": _CORRECTIONS if corrected else "",
        }
        files = {"kustomization.yaml": renderer.render("kustomize/overlay.yaml.j2", context)}
        files |= own | {patch.path: patch.text for patch in patches}
        files |= {_CORRECTIONS: corrected} if corrected else {}
        return [_file(f"k8s/overlays/{self.name}/{path}", text, self.name) for path, text in files.items()]

    def _own_files(self) -> dict[str, str]:
        """The objects that only this environment has."""
        paths = object_paths(self.environment.objects.values())
        objects = self.environment.objects.items()
        return {paths[key]: thing.text for key, thing in objects if key not in self.base.objects}

    def _patches(self) -> Iterator[_Patch]:
        """A patch for each object of the base that is another here, or is not here."""
        paths = object_paths(self.base.objects.values())
        for identity, thing in self.base.objects.items():
            path = f"patches/{paths[identity].replace('/', '-')}"
            other = self.environment.objects.get(identity)
            patch = (
                self._removal(path, thing) if other is None else _change(path, thing.manifest, other.manifest)
            )
            if patch is not None:
                yield patch

    def _removal(self, path: str, thing: KubeObject) -> _Patch:
        content = {**identification(thing.manifest), DIRECTIVE: DELETE}
        return _Patch(path, emit.dump(content, f"Not in {self.name}."), {})

    def _corrections(self) -> str:
        """The transformers that put right what ``namespace:`` does to some objects, as one file."""
        namespace = self.environment.namespace
        if namespace is None:
            return ""
        manifests = [thing.manifest for thing in self.environment.objects.values()]
        accounts = service_accounts(manifests)
        paths = object_paths(self.environment.objects.values())
        steps = {
            key: corrections(thing.manifest, namespace, accounts, thing.scope)
            for key, thing in self.environment.objects.items()
        }
        return "---\n".join(_transformer(key, paths[key], todo) for key, todo in steps.items() if todo)


def _change(path: str, base: Manifest, target: Manifest) -> _Patch | None:
    base, target = _settled(base), _settled(target)
    try:
        patch = difference(base, target)
    except InexpressibleError:
        operations = json_operations(base, target)
        words = f"{describe_operations(operations)} A patch in the object's own shape cannot say this."
        return _Patch(path, emit.dump(operations, _wrapped(words)), _selector(target))
    if patch is None:
        return None
    return _Patch(path, emit.dump(patch, _wrapped(describe(patch))), {})


def _settled(manifest: Manifest) -> Manifest:
    """The object without ``annotations: {}``, which Kustomize drops from every object it builds."""
    if manifest["metadata"].get("annotations") != {}:
        return manifest
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "annotations"}
    return {**manifest, "metadata": metadata}


def _transformer(identity: ObjectId, path: str, operations: list[Manifest]) -> str:
    content: dict[str, Any] = {
        "apiVersion": "builtin",
        "kind": "PatchTransformer",
        "metadata": {"name": path.removesuffix(".yaml").replace("/", "-")},
        "target": _selector_of(identity),
        "patch": emit.dump(operations),
    }
    return emit.dump(content, _reason(identity, operations))


def _reason(identity: ObjectId, operations: list[Manifest]) -> str:
    """Why an object is corrected, by the first of its operations."""
    if is_called_after_namespace(identity.name):
        return f"{identity.kind} is a kind without a namespace; its name begins with it."
    if operations[0]["path"].startswith(("/spec/", "/data/")):
        return f"What {identity.kind} {identity.name} says of the namespace."
    reasons = {
        "/metadata/namespace": f"{identity.kind} is a kind without a namespace.",
        "/metadata/name": f"{identity.kind} {identity.name} keeps its name.",
    }
    return reasons.get(operations[0]["path"], "Which namespace these subjects are in.")


def _selector(manifest: Manifest) -> Mapping[str, str]:
    return _selector_of(ObjectId(manifest["apiVersion"], manifest["kind"], manifest["metadata"]["name"]))


def _selector_of(identity: ObjectId) -> Mapping[str, str]:
    """Which object operations are for; Kustomize reads the values as regular expressions."""
    selector = {
        "group": group(identity.api_version),
        "version": identity.api_version.rpartition("/")[2],
        "kind": identity.kind,
        "name": identity.name.replace(".", "[.]"),
    }
    return {key: value for key, value in selector.items() if value}


def _wrapped(words: str) -> str:
    return textwrap.fill(words, _COMMENT_WIDTH, break_long_words=False, break_on_hyphens=False)
