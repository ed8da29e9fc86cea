"""References by name to ConfigMaps and Secrets that are there: the keys that are used are there, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.kube.objects import KubeObject, Manifest
from manifestgen.verify.lint.world import Pods, World


class Use(NamedTuple):
    """One use of a ConfigMap or Secret: by whom, which one, and the key, None for all there are."""

    by: KubeObject
    where: str
    kind: str
    name: str
    key: str | None


def check(world: World) -> Iterator[Finding]:
    """Every key that is used of a ConfigMap or Secret whose keys are known."""
    known = {kind: provided(world, kind) for kind in ("ConfigMap", "Secret")}
    for use in uses(world):
        keys = known[use.kind].get(use.name)
        if use.key is not None and keys is not None and use.key not in keys:
            yield world.objection(
                use.by,
                "key-missing",
                f"{use.where} uses the key {use.key} of {use.kind} {use.name}, which has no such key: "
                "the container does not start",
                nearest_hint(use.key, sorted(keys)),
            )


def provided(world: World, kind: str) -> dict[str, frozenset[str] | None]:
    """The ConfigMaps or Secrets that there will be, with their keys; None where the keys are not known."""
    found: dict[str, frozenset[str] | None] = {}
    for made in world.of(kind):
        texts = made.manifest.get("data") or {}, made.manifest.get("stringData") or {}
        found[made.id.name] = frozenset(key for data in texts for key in data) | frozenset(
            made.manifest.get("binaryData") or ()
        )
    if kind == "Secret":
        for made in world.of("ExternalSecret"):
            name, keys = _external(made.manifest)
            found[name] = keys
    return found


def _external(manifest: Manifest) -> tuple[str, frozenset[str] | None]:
    """The Secret of an ExternalSecret: one that is templated or taken whole may have any keys."""
    spec = manifest.get("spec") or {}
    target = spec.get("target") or {}
    open_ended = (
        spec.get("dataFrom") or target.get("template") or target.get("creationPolicy") in ("Merge", "None")
    )
    keys = None if open_ended else frozenset(one.get("secretKey", "") for one in spec.get("data") or ())
    return target.get("name") or manifest["metadata"]["name"], keys


def uses(world: World) -> Iterator[Use]:
    """Everything that containers, volumes and KEDA read, and that must be there."""
    for pods in world.pods:
        for container in pods.containers():
            yield from _of_container(pods, container)
        for volume in pods.spec.get("volumes") or ():
            yield from _of_volume(pods, volume)
    for made in world.of("TriggerAuthentication"):
        for reference in made.manifest["spec"].get("secretTargetRef") or ():
            where = f"TriggerAuthentication {made.id.name}"
            yield Use(made, where, "Secret", reference["name"], reference["key"])


def _of_container(pods: Pods, container: dict[str, Any]) -> Iterator[Use]:
    where = f"container {container['name']} of {pods.name}"
    for source in container.get("envFrom") or ():
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            reference = source.get(field)
            if reference and not reference.get("optional"):
                yield Use(pods.made, where, kind, reference["name"], None)
    for variable in container.get("env") or ():
        for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            reference = (variable.get("valueFrom") or {}).get(field)
            if reference and not reference.get("optional"):
                yield Use(pods.made, where, kind, reference["name"], reference["key"])


def _of_volume(pods: Pods, volume: dict[str, Any]) -> Iterator[Use]:
    where = f"volume {volume['name']} of {pods.name}"
    sources = [volume, *((volume.get("projected") or {}).get("sources") or ())]
    for source in sources:
        for field, kind, key in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
            reference = source.get(field)
            name = reference and (reference.get(key) or reference.get("name"))
            if not name or reference.get("optional"):
                continue
            yield Use(pods.made, where, kind, name, None)
            for item in reference.get("items") or ():
                yield Use(pods.made, where, kind, name, item["key"])
