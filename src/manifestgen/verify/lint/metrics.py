"""Metrics that autoscalers follow: somebody gives them.

Those of the external metrics API have names that clouds and adapters give them: of these nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.facts.metrics import series_type
from manifestgen.verify.lint.world import World

_RESOURCES: Final = frozenset({"cpu", "memory"})
_FOREIGN: Final = frozenset("|./ ")
"""Characters in the names that clouds give their metrics; those we know nothing about."""


def check(world: World) -> Iterator[Finding]:
    """Every HPA; the figures of KEDA's triggers are queries and have no names."""
    own = set(world.platform.spec.monitoring.business)
    for made in world.of("HorizontalPodAutoscaler"):
        for metric in made.manifest["spec"].get("metrics") or ():
            kind, name = _name(metric)
            if kind in ("resource", "containerResource"):
                if name not in _RESOURCES:
                    message = f"the metrics API has cpu and memory of pods, and no {name}"
                    advice = "scale on cpu or memory, or on a metric of the application"
                    yield world.objection(made, "metric-unknown", message, advice, ("autoscaling",))
            elif kind != "external" and not _is_known(name, own):
                yield world.objection(
                    made,
                    "metric-unknown",
                    f"HorizontalPodAutoscaler {made.id.name} follows {name}, which no exporter that we know "
                    "gives: "
                    "without it nothing is scaled",
                    f"correct the name, or declare it: monitoring.business.{name}",
                    ("autoscaling", {"pods": "metrics"}.get(kind, f"{kind}s"), name),
                    ("autoscaling",),
                )


def _name(metric: dict[str, Any]) -> tuple[str, str]:
    kind = metric["type"][:1].lower() + metric["type"][1:]
    source = metric.get(kind) or {}
    return kind, source.get("name") or (source.get("metric") or {}).get("name", "")


def _is_known(name: str, own: set[str]) -> bool:
    """Whether it is a series, or what the Prometheus adapter makes of one (``…_per_second``)."""
    if not name or set(name) & _FOREIGN:
        return True
    stem = name.removesuffix("_per_second")
    spellings = (name, stem, f"{stem}_total", f"{stem}_seconds_total")
    return any(spelling in own or series_type(spelling) is not None for spelling in spellings)
