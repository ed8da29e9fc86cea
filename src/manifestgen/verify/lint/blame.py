"""Which patch brought a finding about: asked by looking at the objects as they were before each patch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from manifestgen.errors import Finding
from manifestgen.kube.objects import Inventory, KubeObject
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.places import patch_place

Findings = Callable[[Inventory], Sequence[Finding] | None]
"""The findings on some objects; None when they are so wrong that nothing can be said."""


def blamed(
    platform: ResolvedPlatform, inventory: Inventory, found: Sequence[Finding], ask: Findings
) -> Iterator[Finding]:
    """The findings, those that a patch brought about at its line."""
    patches = list(platform.spec.patches)
    if not found or not any(made.history for made in inventory.objects.values()):
        yield from found
        return
    causes: dict[Finding, str] = {}
    before = ask(_as_of(inventory, patches, 0))
    for count, name in enumerate(patches, start=1):
        after = ask(_as_of(inventory, patches, count))
        if before is not None and after is not None:
            causes |= {one: name for one in after if one not in before and one not in causes}
        before = after
    for finding in found:
        yield _moved(platform, finding, causes.get(finding))


def _as_of(inventory: Inventory, patches: Sequence[str], count: int) -> Inventory:
    """The objects after the first patches; what one deleted is not known any more."""
    applied = frozenset(patches[:count])
    return replace(
        inventory, objects={key: _before(made, applied) for key, made in inventory.objects.items()}
    )


def _before(made: KubeObject, applied: frozenset[str]) -> KubeObject:
    for index, (name, manifest) in enumerate(made.history):
        if name not in applied:
            return replace(made, manifest=manifest, history=made.history[:index])
    return made


def _moved(platform: ResolvedPlatform, finding: Finding, name: str | None) -> Finding:
    if name is None:
        return finding
    _, location = patch_place(platform, name, ())
    message = f"{finding.message} (since patches.{name})"
    return replace(finding, message=message, location=location)
