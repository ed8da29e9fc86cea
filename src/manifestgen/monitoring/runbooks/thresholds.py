"""The figures of the spec that an alert compares with, and why they are what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from manifestgen.monitoring.rules import Alert, Preset
from manifestgen.monitoring.subjects import PRESETS
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.base import Model
from manifestgen.spec.documentation import field_documentation

_SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "web": ("web",),
    "probes": ("ingress", "certificates"),
    "celery": ("celery",),
    "postgresql": ("postgresql",),
    "timescaledb": ("timescaledb",),
    "redis": ("redis",),
    "rabbitmq": ("rabbitmq",),
    "minio": ("minio",),
    "ingress": ("ingress", "web"),
    "gateway": ("ingress", "web"),
    "certificates": ("certificates",),
    "containers": ("kubernetes",),
    "pods": ("kubernetes",),
    "nodes": ("nodes",),
}
"""The parts of ``monitoring.thresholds`` that presets use, by their names."""
_BY_NAME: Final = {alert.name: (preset, alert) for preset in PRESETS for alert in preset.alerts}
_PLACE: Final = re.compile(r"@([a-z0-9_]+)")


class Threshold(NamedTuple):
    """A figure: where it stands in the spec, what it is in each environment, and why."""

    key: str
    values: Mapping[str, str]
    reason: str


def preset_of(alert: str) -> tuple[Preset, Alert] | None:
    """The preset that brings an alert, and the alert as it stands there."""
    return _BY_NAME.get(alert)


def thresholds_of(alert: str, platforms: Mapping[str, ResolvedPlatform]) -> Iterator[Threshold]:
    """The figures in the expression of an alert, in its order; none where the spec has another expression."""
    found = preset_of(alert)
    changed = any(
        alert in one.spec.monitoring.alerts and one.spec.monitoring.alerts[alert].expr is not None
        for one in platforms.values()
    )
    if found is None or changed:
        return
    preset, stated = found
    some = next(iter(platforms.values())).spec.monitoring.thresholds
    for name in dict.fromkeys(_PLACE.findall(stated.expr)):
        for section in _SECTIONS.get(preset.name, ()):
            model: type[Model] = type(getattr(some, section))
            if name in model.model_fields:
                yield Threshold(
                    f"{section}.{model.model_fields[name].alias or name}",
                    {n: _value(one, section, name) for n, one in platforms.items()},
                    field_documentation(model)[name],
                )
                break


def _value(platform: ResolvedPlatform, section: str, name: str) -> str:
    thresholds = getattr(platform.spec.monitoring.thresholds, section)
    value = getattr(thresholds, name)
    if isinstance(value, str):
        return value
    is_share = any(
        getattr(bound, "le", None) == 100 for bound in type(thresholds).model_fields[name].metadata
    )
    return f"{value:g}{' %' if is_share else ''}"
