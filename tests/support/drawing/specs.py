"""The strategy: a spec as text, with what it was made of and what became of it on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies as st

from manifestgen.api import Rendered
from manifestgen.errors import Finding, errors_in
from manifestgen.spec.platform import Platform
from support.drawing.artist import Artist, themes
from support.drawing.choices import Choices
from support.drawing.coverage import FieldOf
from support.drawing.layers import Layering, changed
from support.drawing.meanings import Shapes, meaning_of
from support.drawing.repair import mend, repaired
from support.drawing.values import Drawn, DrawnMap
from support.rendering import rendered_anywhere

BUGS: Final = frozenset({"template-error", "object-invalid", "object-unknown-kind", "invalid"})
"""Rules that tell of our own mistakes when no template, manifest or patch of the user's is involved."""
_ROUNDS: Final = 8
"""Lint speaks when the schemas have nothing left to say, and what mends one complaint may bring the next."""
_NAMESPACES: Final = ("shop", "shop-staging", "shop-dev", "team-a")


@dataclass
class DrawnSpec:
    """A spec as the user would write it, and the platform of each environment that it was made from."""

    spec: dict[str, Any] = field(repr=False)
    environments: dict[str, Drawn] = field(repr=False)
    mended: bool
    result: Rendered | None = field(default=None, repr=False)
    """What became of it, when it has been rendered already."""
    is_part: bool = False
    """Whether it is what is left of a spec that is being made smaller."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What Hypothesis shows of one that fails: nothing, for a failure is told with a smaller spec."""
        printer.text("a drawn spec")


def artist_of(draw: st.DrawFn) -> Artist:
    """Somebody who draws by ``draw``."""
    return Artist(Choices(draw), meaning_of, Shapes())


@st.composite
def raw_specs(draw: st.DrawFn) -> DrawnSpec:
    """A spec as the types alone allow it; hardly any is right."""
    artist = artist_of(draw)
    document = artist.model(Platform)
    document["namespace"] = "shop"
    layering = Layering(document, artist, 2)
    environments = {name: changed(document, artist, 3) for name in layering.parents}
    return DrawnSpec(layering.written(document, environments), environments, mended=False)


@st.composite
def drawn_specs(draw: st.DrawFn, about: Sequence[FieldOf] = ()) -> DrawnSpec:
    """A spec that is mostly right: what is wrong with it has been mended, drawn again, or taken out.

    It is about a few fields, of those in ``about`` if there are any: these come up whatever lies on the way.
    """
    artist = artist_of(draw)
    artist.wanted = themes(artist.choices, Platform, 14, about)
    base = repaired(_platform(artist), artist)[0]
    count = artist.choices.pick((1, 2, 2, 3, 3, 4, 5, 6))
    layering = Layering(base, artist, count)
    environments: dict[str, Drawn] = {}
    for name, parent in layering.parents.items():
        start = base if parent is None else environments[parent]
        document = changed(start, artist, artist.choices.integer(0, 6))
        document["namespace"] = artist.choices.pick(_NAMESPACES)
        environments[name] = repaired(document, artist)[0]
    return _settled(artist, layering, base, environments)


def _settled(artist: Artist, layering: Layering, base: Drawn, environments: dict[str, Drawn]) -> DrawnSpec:
    """The spec after what only its objects can show to be wrong has been mended, too."""
    tried: list[set[Any]] = [set() for _ in (base, *environments)]
    for _ in range(_ROUNDS):
        spec = layering.written(base, environments)
        try:
            result = rendered_anywhere(spec)
        except Exception:  # noqa: BLE001 - whoever asked for the spec shall see it happen
            return DrawnSpec(spec, environments, mended=True)
        errors = errors_in(result.findings)
        if not errors or BUGS & {error.rule for error in errors if not _is_of_own(error)}:
            break
        for document, done in zip((base, *environments.values()), tried, strict=True):
            mend(document, errors, artist, done)
        base = repaired(base, artist)[0]
        environments = {name: repaired(one, artist)[0] for name, one in environments.items()}
    return DrawnSpec(spec, environments, any(tried), result)


def _is_of_own(error: Finding) -> bool:
    return error.path.startswith(("patches", "manifests"))


@st.composite
def drawn_platforms(draw: st.DrawFn, about: Sequence[FieldOf] = ()) -> Drawn:
    """One platform that is right, of the fields in ``about`` if there are any."""
    artist = artist_of(draw)
    artist.wanted = themes(artist.choices, Platform, 10, about)
    return repaired(_platform(artist), artist)[0]


def _platform(artist: Artist) -> Drawn:
    """A platform in which things are there to be referred to."""
    drawn = artist.model(Platform)
    for section, fewest in (("workloads", 1), ("settings", 1)):
        wanted = fewest + artist.choices.pick((0, 1, 2, 0))
        _fill(artist, drawn, section, wanted)
    drawn["namespace"] = "shop"
    return drawn


def _fill(artist: Artist, drawn: Drawn, section: str, wanted: int) -> None:
    from support.drawing.artist import fields_of

    (found,) = (one for one in fields_of(Platform) if one.key == section)
    members = drawn.setdefault(section, artist.field(Platform, found))
    assert isinstance(members, DrawnMap)
    for _ in range(3):
        if len(members) < wanted:
            artist.add_member(members)
