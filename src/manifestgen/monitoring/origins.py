"""Where an alert comes from: the preset, the objective or lines of the spec, and what it compares with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from manifestgen.errors import Location
from manifestgen.monitoring.business import alerts_of
from manifestgen.monitoring.rules import Alert
from manifestgen.monitoring.subjects import JOB_PRESETS, PRESETS
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.base import camel_case
from manifestgen.yamlio.nodes import Node, dotted

_PLACE: Final = re.compile(r"@([a-z0-9_]+)")
_SECTIONS: Final = {preset.name: sections for _, _, preset, sections in JOB_PRESETS if sections}
_LIKE: Final = {"cloudnativepg": ("postgresql",)}
_OF_OBJECTIVES: Final = (
    ("SloBurnRate", ("objective", "window", "minimum_failures")),
    ("SloErrorBudgetSpent", ("objective", "window")),
)
"""The fields of an objective that alerts on it compare with; whether it is measured depends on none."""


class Source(NamedTuple):
    """Something that makes the alert what it is; ``location`` is None for what is a default."""

    what: str
    location: Location | None


def sources_of(platform: ResolvedPlatform, alert: Alert) -> tuple[Source, ...]:
    """Where the alert comes from, the entry of the spec that changes it, and its thresholds."""
    return tuple(_sources(platform, alert))


def _sources(platform: ResolvedPlatform, alert: Alert) -> Iterator[Source]:
    preset = next((one for one in PRESETS if any(a.name == alert.name for a in one.alerts)), None)
    if preset is not None:
        yield Source(f"preset {preset.name}", None)
        template = next(one for one in preset.alerts if one.name == alert.name)
        sections = _SECTIONS.get(preset.name) or _LIKE.get(preset.name) or (preset.name,)
        for figure in dict.fromkeys(_PLACE.findall(template.expr)):
            yield from _threshold(platform, sections, figure)
    if alert.slo:
        yield from _objective(platform, alert)
    for name, metric in platform.spec.monitoring.business.items():
        if any(one.name == alert.name for one in alerts_of(name, metric)):
            yield _place(platform, ("monitoring", "business", name))
    if alert.name in platform.spec.monitoring.alerts:
        yield _place(platform, ("monitoring", "alerts", alert.name))


def _threshold(platform: ResolvedPlatform, sections: Sequence[str], figure: str) -> Iterator[Source]:
    thresholds = platform.spec.monitoring.thresholds
    for name in sections:
        section = getattr(thresholds, name, None)
        if hasattr(section, figure):
            path = ("monitoring", "thresholds", name, camel_case(figure))
            yield _place(platform, path, f"{dotted(path)}: {getattr(section, figure)}")


def _objective(platform: ResolvedPlatform, alert: Alert) -> Iterator[Source]:
    """The objective, and what of it decides when the alert fires."""
    place, slo = ("slos", alert.slo), platform.spec.slos[alert.slo]
    yield _place(platform, place)
    for figure in next((known for name, known in _OF_OBJECTIVES if alert.name.startswith(name)), ()):
        path = (*place, camel_case(figure))
        value = getattr(slo, figure)
        shown = f"{value:.10g}" if isinstance(value, float) else value
        yield _place(platform, path, f"{dotted(path)}: {shown}")


def _place(platform: ResolvedPlatform, path: Sequence[str], words: str = "") -> Source:
    node = _written(platform.node, path)
    return Source(words or dotted(path), None if node is None else node.key_location or node.location)


def _written(node: Node, path: Sequence[str]) -> Node | None:
    """The node at a path, None where the spec leaves it to a default."""
    for step in path:
        if not isinstance(node.value, dict) or step not in node.value:
            return None
        node = node.value[step]
    return node
