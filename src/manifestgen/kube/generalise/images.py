"""Container images: in parts, and one value for all containers that run the same image."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from manifestgen.kube.generalise.layers import ABSENT, Gap, Versions, present, united
from manifestgen.kube.generalise.paths import camel, pod_spec
from manifestgen.kube.generalise.subjects import Subject
from manifestgen.kube.generalise.tree import ValuePath
from manifestgen.kube.generalise.values import About, Values
from manifestgen.kube.objects import ObjectId

ContainerKey = tuple[ObjectId, str, str]
"""An object, the list of containers in it, and the container's name."""

_LISTS: Final = ("containers", "initContainers")
_IMAGE: Final = re.compile(
    r"(?P<repository>[^@:\s/]+(?::[0-9]+(?=/))?(?:/[^@:\s/]+)*)(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>\w+:\w+))?"
)
_PARTS: Final = {
    "repository": "Image without tag and digest.",
    "tag": "Tag of the image.",
    "digest": "Digest of the image, `sha256:…`; it wins over the tag.",
}


class _Use(NamedTuple):
    key: ContainerKey
    subject: Subject
    parts: tuple[Versions, Versions, Versions]

    @property
    def is_main(self) -> bool:
        return self.key[1] == "containers" and self.key[2] == self.subject.main_container


def claim_images(found: Sequence[Subject], values: Values) -> dict[ContainerKey, ValuePath]:
    """Where the parts of each container's image lie.

    The main container's image is the component's own, and whichever other container of the component
    runs the same image follows it. A helper image that several components run stands once for all.
    """
    uses = [use for subject in found for use in _uses(subject)]
    places: dict[ContainerKey, ValuePath] = {}
    for use in uses:
        if use.is_main:
            places[use.key] = _claim(use, [(*use.subject.place.own, "image")], values)
    own = [(use, places[use.key]) for use in uses if use.is_main]
    for use in uses:
        if not use.is_main:
            leader = next((path for main, path in own if _follows(use, main)), None)
            places[use.key] = _claim(use, [leader] if leader else _helper_names(use, uses), values)
    return places


def _uses(subject: Subject) -> Iterator[_Use]:
    specs = [pod_spec(version) if isinstance(version, dict) else None for version in subject.versions]
    for list_name in _LISTS:
        containers = [_by_name((spec or {}).get(list_name)) for spec in specs]
        for name in dict.fromkeys(name for layer in containers for name in layer):
            parts = _split(
                tuple(layer[name].get("image") if name in layer else ABSENT for layer in containers)
            )
            if parts is not None:
                yield _Use((subject.id, list_name, name), subject, parts)


def _by_name(containers: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(containers, list):
        return {}
    return {c["name"]: c for c in containers if isinstance(c, dict) and isinstance(c.get("name"), str)}


def _split(images: Versions) -> tuple[Versions, Versions, Versions] | None:
    """Repository, tag and digest in each layer, or None when some image has no such parts."""
    rows: list[tuple[Any, ...]] = []
    for image in images:
        if isinstance(image, Gap):
            rows.append((ABSENT,) * len(_PARTS))
            continue
        match = _IMAGE.fullmatch(image) if isinstance(image, str) else None
        if match is None:
            return None
        rows.append(tuple(match[part] or "" for part in _PARTS))
    repository, tag, digest = zip(*rows, strict=True)
    return repository, tag, digest


def _follows(use: _Use, main: _Use) -> bool:
    return use.subject.component == main.subject.component and _alike(use, main)


def _alike(one: _Use, other: _Use) -> bool:
    return all(united(a, b) is not None for a, b in zip(one.parts, other.parts, strict=True))


def _helper_names(use: _Use, uses: Sequence[_Use]) -> list[ValuePath]:
    alike = [other for other in uses if not other.is_main and _alike(use, other)]
    place = use.subject.place
    short = camel(str(present(use.parts[0])[0]).rsplit("/", 1)[-1])
    own_name = (*place.own, camel(use.key[2]), "image")
    if len({other.subject.component for other in alike}) > 1:
        return [("images", short), own_name]
    return [(*place.component, short, "image"), own_name] if len(alike) > 1 else [own_name]


def _claim(use: _Use, names: Sequence[ValuePath], values: Values) -> ValuePath:
    parts: dict[ValuePath, tuple[Versions, About]] = {
        (name,): (versions, About(about))
        for (name, about), versions in zip(_PARTS.items(), use.parts, strict=True)
    }
    return values.claim_parts(names, parts)
