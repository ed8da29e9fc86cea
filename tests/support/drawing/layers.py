"""Platforms written as one spec: a base, what environments change, what they extend, and defaults."""

from __future__ import annotations

from typing import Any, Final

from manifestgen.resolving.layers import _for_type
from support.drawing.artist import Artist, fields_of
from support.drawing.repair import containers, node_of
from support.drawing.values import Drawn, DrawnMap, copied, plain

ENVIRONMENTS: Final = ("production", "staging", "dev", "eu-west", "qa", "a")
FIXED: Final = ("apiVersion", "kind", "targets")


def changed(document: Drawn, artist: Artist, edits: int) -> Drawn:
    """Another environment's platform: ``document`` with some of it changed, removed and added."""
    name, document = document["metadata"]["name"], copied(document)
    for _ in range(edits):
        places = list(containers(document))
        place = artist.choices.pick(places)
        if isinstance(place, Drawn):
            _change_field(place, artist)
        elif place and artist.choices.chance(40) and len(place) > place.fewest:
            del place[artist.choices.pick(list(place))]
        else:
            artist.add_member(place)
    document["metadata"]["name"] = name  # which environments share
    return document


def _change_field(place: Drawn, artist: Artist) -> None:
    fixed = {*FIXED, *(("name",) if place.model.__name__ == "Metadata" else ()), "type"}
    fields = [field for field in fields_of(place.model) if field.key not in fixed]
    if not fields:
        return
    field = artist.choices.pick(fields)
    if field.key in place and not field.required and artist.choices.chance(30):
        del place[field.key]
        return
    value = artist.field(place.model, field)
    old = place.get(field.key)
    if isinstance(value, DrawnMap) and isinstance(old, DrawnMap):
        old.update(value)
    else:
        place[field.key] = value
    present = {one.name for one in fields_of(place.model) if one.key in place}
    kept = artist.shapes.fitted(artist.choices, place.model, present, field.name)
    for one in fields_of(place.model):
        if one.key in place and one.name not in kept:
            del place[one.key]
        elif one.key not in place and one.name in kept:
            place[one.key] = artist.field(place.model, one)


def difference(old: Any, new: Any) -> Any:
    """The merge patch (RFC 7396) that turns ``old`` into ``new``; an empty map when they are the same."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    patch: dict[str, Any] = {key: None for key in old if key not in new}
    for key, value in new.items():
        if key not in old:
            patch[key] = value
        elif old[key] != value or type(old[key]) is not type(value):
            patch[key] = difference(old[key], value)
    return patch


class Layering:
    """How the platforms of a drawn spec are written down."""

    def __init__(self, base: Drawn, artist: Artist, environments: int) -> None:
        choices = artist.choices
        names = choices.sample(ENVIRONMENTS, environments)
        self.parents = {
            name: names[choices.integer(0, place - 1)] if place and choices.chance(35) else None
            for place, name in enumerate(names)
        }
        self.defaults = self._defaults(base, artist)
        self.left_open = self._left_open(base, artist)

    @staticmethod
    def _defaults(base: Drawn, artist: Artist) -> dict[str, Any]:
        """Some of what one workload has, to be said once for all of them."""
        workloads = list(base.get("workloads", {}).values())
        if not workloads or not artist.choices.chance(30):
            return {}
        workload = artist.choices.pick(workloads)
        keys = [key for key in workload if key != "type"]
        chosen = artist.choices.sample(keys, min(len(keys), artist.choices.integer(1, 4)))
        return {key: plain(workload[key]) for key in chosen}

    @staticmethod
    def _left_open(base: Drawn, artist: Artist) -> tuple[str, str, str] | None:
        """Something that each environment says for itself, and the base leaves open."""
        things = [
            (section, name, key)
            for section in ("workloads", "datastores", "routes")
            for name, thing in base.get(section, {}).items()
            for key in thing
            if key != "type"
        ]
        return artist.choices.pick(things) if things and artist.choices.chance(25) else None

    def written(self, base: Drawn, environments: dict[str, Drawn]) -> dict[str, Any]:
        """The spec whose environments are ``environments``."""
        root = plain(base)
        if self.left_open is not None:
            section, name, key = self.left_open
            if all(key in e.get(section, {}).get(name, {key: 0}) for e in environments.values()):
                root.get(section, {}).get(name, {}).pop(key, None)
        layers = {
            name: self._layer(root, environments, name, plain(document))
            for name, document in environments.items()
        }
        if self.defaults:
            for name, workload in root.get("workloads", {}).items():
                root["workloads"][name] = difference(self._started(workload), workload)
            root = {**root, "defaults": {"workloads": self.defaults}}
        return {**root, "environments": layers}

    def _layer(self, root: Any, environments: dict[str, Drawn], name: str, document: Any) -> Any:
        parent = self.parents[name]
        start = root if parent is None else plain(environments[parent])
        patch = difference(start, document)
        if self.defaults:
            known = start.get("workloads", {})
            for key, workload in document.get("workloads", {}).items():
                if key not in known:
                    patch["workloads"][key] = difference(self._started(workload), workload)
        return {"extends": parent, **patch} if parent is not None else patch

    def _started(self, workload: Any) -> Any:
        """What a workload of that type is before it says anything."""
        return {
            key: node.plain()
            for key, node in _for_type("workloads", node_of(self.defaults), node_of(workload)).items()
        }
