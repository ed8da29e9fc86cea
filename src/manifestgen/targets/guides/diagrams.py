"""Pictures in Mermaid: few enough arrows to be looked at, or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from manifestgen.rendering.mermaid import label
from manifestgen.spec.platform import Platform
from manifestgen.targets.guides.network import flows, opened_by
from manifestgen.targets.guides.site import Site

_MOST: Final = 40
"""Arrows that a person can follow."""


class Arrow(NamedTuple):
    """From one thing to another, with words on it."""

    source: str
    target: str
    words: str = ""


class Picture(NamedTuple):
    """A flowchart with what it shows."""

    title: str
    text: str


_SHAPES: Final[Mapping[str, tuple[str, str]]] = {
    "workload": ('["', '"]'),
    "store": ('[("', '")]'),
    "outside": ('(["', '"])'),
    "route": ('{{"', '"}}'),
}


def architecture(site: Site) -> list[Picture]:
    """Requests that come in, data that is kept, and what lies outside: a picture for each."""
    spec = site.spec
    kinds = _kinds(spec)
    asked = [*_requests(spec), *_connections(spec, "workload")]
    pictures = (
        ("Requests", asked),
        ("Data", list(_connections(spec, "store"))),
        ("Outside of the namespace", list(_connections(spec, "outside"))),
    )
    drawn = ((title, _drawn("LR", arrows, kinds)) for title, arrows in pictures if arrows)
    return [Picture(title, text) for title, text in drawn if text]


def network(site: Site) -> str:
    """Who may talk to whom by the policies; empty for nothing, or for too much."""
    arrows = [
        Arrow(source, target, "; ".join(dict.fromkeys(port for port in ports if port)))
        for (source, target), ports in opened_by(flows(site)).items()
        if target != source and "every pod" not in (source, target)
    ]
    kinds = _kinds(site.spec)
    return _drawn("LR", arrows, {name: kinds.get(name, "outside") for one in arrows for name in one[:2]})


def steps(groups: Sequence[tuple[str, Sequence[str]]]) -> str:
    """One thing after the other, in groups."""
    return "\n".join(["flowchart TD", *(f"  {line}" for line in _steps(groups))])


def _steps(groups: Sequence[tuple[str, Sequence[str]]]) -> Iterator[str]:
    number = 0
    for group, (title, words) in enumerate(groups):
        yield f'subgraph g{group}["{label(title)}"]'
        for word in words:
            yield f'  n{number}["{label(word)}"]'
            number += 1
        yield "end"
    yield from (f"n{one} --> n{one + 1}" for one in range(number - 1))


def _kinds(spec: Platform) -> dict[str, str]:
    return {
        **dict.fromkeys(spec.externals, "outside"),
        **dict.fromkeys(spec.workloads, "workload"),
        **dict.fromkeys(spec.datastores, "store"),
        **{f"route {name}": "route" for name in spec.routes},
    }


def _requests(spec: Platform) -> Iterator[Arrow]:
    for name, route in spec.routes.items():
        yield Arrow(", ".join(route.hosts), f"route {name}")
        for one in dict.fromkeys(asked.workload for _, rule in route.all_rules() for asked in rule.asked):
            yield Arrow(f"route {name}", one)


def _connections(spec: Platform, kind: str) -> Iterator[Arrow]:
    kinds = _kinds(spec)
    for name, workload in spec.workloads.items():
        for target in dict.fromkeys(workload.connects):
            if kinds.get(target) == kind:
                yield Arrow(name, target)


def _drawn(direction: str, arrows: Sequence[Arrow], kinds: Mapping[str, str]) -> str:
    """The flowchart; what has the same arrows is one node, and with too many of them there is none."""
    together = _together(arrows, kinds)
    if not together or len(together) > _MOST:
        return ""
    names = list(dict.fromkeys(name for one in together for name in one[:2]))
    numbers = {name: f"n{number}" for number, name in enumerate(names)}
    return "\n".join([f"flowchart {direction}", *(f"  {line}" for line in _lines(together, numbers, kinds))])


def _lines(arrows: Iterable[Arrow], numbers: Mapping[str, str], kinds: Mapping[str, str]) -> Iterator[str]:
    for name, number in numbers.items():
        opening, closing = _SHAPES[kinds.get(name.split(_AND)[0], "outside")]
        words = "<br>".join(label(one) for one in name.split(_AND))
        yield f"{number}{opening}{words}{closing}"
    for one in arrows:
        words = f'|"{label(one.words)}"| ' if one.words else ""
        yield f"{numbers[one.source]} --> {words}{numbers[one.target]}"


_AND: Final = "\n"


def _together(arrows: Sequence[Arrow], kinds: Mapping[str, str]) -> list[Arrow]:
    """The arrows with sources of the same kind that lead to the same, and are led to by nothing, as one."""
    led_to = {one.target for one in arrows}
    targets: dict[str, list[tuple[str, str]]] = {}
    for one in arrows:
        targets.setdefault(one.source, []).append((one.target, one.words))
    alike: dict[tuple[object, ...], list[str]] = {}
    for source, leads in targets.items():
        own = source if source in led_to else ""
        alike.setdefault((kinds.get(source, "outside"), own, *sorted(leads)), []).append(source)
    name = {source: _AND.join(sources) for sources in alike.values() for source in sources}
    found = [
        Arrow(name.get(one.source, one.source), name.get(one.target, one.target), one.words) for one in arrows
    ]
    return list(dict.fromkeys(found))
