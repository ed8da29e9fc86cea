"""What a template is given: one view for each object, everything in it decided."""

from __future__ import annotations

from typing import Any, NamedTuple

from manifestgen.facts import conventions as names
from manifestgen.facts.quantities import parse_duration
from manifestgen.resolving import ResolvedPlatform


class View(NamedTuple):
    """An object to be: its template and what the template is given.

    ``component`` and ``source`` end up in the KubeObject. ``context`` always has ``name``,
    ``labels``, ``annotations`` and ``description`` (a sentence that stands above the object, or None).
    """

    template: str
    component: str
    source: tuple[str, ...]
    context: dict[str, Any]


class Owner(NamedTuple):
    """What the objects of one component have in common: its name, labels, selector and place in the spec."""

    platform: str
    name: str
    role: str
    source: tuple[str, ...]

    @property
    def labels(self) -> dict[str, str]:
        """Labels of its objects."""
        return names.labels(self.name, self.platform, self.role)

    @property
    def selector(self) -> dict[str, str]:
        """Labels that select its pods."""
        return names.selector(self.name, self.platform)

    def view(
        self, kind: str, name: str | None = None, *, description: str | None = None, **context: Any
    ) -> View:
        """A view for the template of ``kind`` (kebab-case); ``name`` defaults to the owner's."""
        head = {"name": name or self.name, "labels": self.labels, "annotations": {}}
        given = {**head, "description": description, **context}
        return View(f"kubernetes/{kind}.yaml.j2", self.name, self.source, given)


_ROLES = {"routes": "ingress", "claims": "storage"}


def owner_of(platform: ResolvedPlatform, section: str, name: str) -> Owner:
    """The owner that a named thing of the spec is."""
    thing = getattr(platform.spec, section)[name]
    return Owner(platform.name, name, getattr(thing, "type", _ROLES.get(section, section)), (section, name))


def seconds(duration: str) -> int:
    """A duration in whole seconds, at least one."""
    return max(1, round(parse_duration(duration)))


def present(**members: Any) -> dict[str, Any]:
    """The members that are not None, in order."""
    return {key: value for key, value in members.items() if value is not None}
