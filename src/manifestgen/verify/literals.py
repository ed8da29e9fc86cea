"""Secrets that are written out in objects of the user's own, or by patches."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from manifestgen.errors import Finding
from manifestgen.kube.objects import Inventory, KubeObject, Manifest
from manifestgen.kube.pods import all_containers, pod_template
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.places import Path, culprit, patch_place, source_place
from manifestgen.verify.spec.secrets import SETTING, VALUE


def check(platform: ResolvedPlatform, inventory: Inventory) -> Iterator[Finding]:
    """The literals of all objects that are not made from intent alone."""
    for made in inventory.objects.values():
        own = made.source[0] == "manifests"
        if (own and not platform.spec.manifests[made.source[1]].literal_secret) or (made.history and not own):
            for path in _secrets(made.manifest):
                yield _finding(platform, made, path)


def _finding(platform: ResolvedPlatform, made: KubeObject, path: Path) -> Finding:
    name = culprit(made, partial(_has, path))
    shown, location = patch_place(platform, name, path) if name else source_place(platform, made, path)
    where = ".".join(map(str, path))
    message = f"{made.id.kind} {made.id.name}: {where} looks like a secret that is written out"
    advice = "keep it in Vault and use an ExternalSecret"
    if made.source[0] == "manifests":
        advice += "; `literalSecret: {reason: …}` says that it is no secret, or may be read by all"
    return Finding("secret-literal", message, advice, shown, location)


def _has(path: Path, manifest: Manifest) -> bool:
    return path in set(_secrets(manifest))


def _secrets(manifest: Manifest) -> Iterator[Path]:
    """Where an object holds what should be secret."""
    kind = (manifest["apiVersion"], manifest["kind"])
    for field in ("data", "stringData"):
        texts = manifest.get(field)
        for key, value in texts.items() if isinstance(texts, dict) else ():
            if value and (
                kind == ("v1", "Secret") or (kind == ("v1", "ConfigMap") and SETTING.search(str(key)))
            ):
                yield field, str(key)
    yield from _variables(manifest)
    yield from _by_looks(manifest, ())


def _variables(manifest: Manifest) -> Iterator[Path]:
    template = pod_template(manifest)
    for container in all_containers(template["spec"]) if template is not None else ():
        for variable in container.get("env") or ():
            name = str(variable.get("name"))
            if variable.get("value") and SETTING.search(name):
                yield "env", name


def _by_looks(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _by_looks(below, (*path, str(key)))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _by_looks(below, (*path, index))
    elif isinstance(value, str) and VALUE.search(value):
        yield path
