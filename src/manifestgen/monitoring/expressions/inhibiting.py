"""Whether alerts that shall silence each other can: by the labels that Alertmanager sees them with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from manifestgen.facts.nearest import nearest_hint
from manifestgen.monitoring.expressions import tree
from manifestgen.monitoring.expressions.shapes import ANY, Shape, Shaper
from manifestgen.monitoring.expressions.surroundings import Surroundings
from manifestgen.monitoring.flaw import Flaw
from manifestgen.monitoring.rulebook import PRESET_ALERTS
from manifestgen.monitoring.rules import Alert
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import AlertMatch

Path = tuple[str, ...]

_FIELDS: Final = ("severity", "category", "component", "team")
"""What is matched by labels of the alert itself; the environment is Prometheus' own."""


def flaws(
    platform: ResolvedPlatform, alerts: Sequence[Alert], there: Surroundings
) -> Iterator[tuple[Path, Flaw]]:
    """Inhibitions by alerts that there are not, or by labels that they do not have."""
    alerting = platform.spec.alerting
    if alerting is None:
        return
    everywhere = {"alertname", "platform", "environment", *platform.spec.monitoring.external_labels}
    for name, inhibition in alerting.inhibitions.items():
        path = ("alerting", "inhibitions", name)
        yield from _names(path, "source", inhibition.source, alerts)
        yield from _names(path, "target", inhibition.target, alerts)
        sources = [_shape(alert, there) for alert in alerts if _fits(inhibition.source, alert)]
        targets = [_shape(alert, there) for alert in alerts if _fits(inhibition.target, alert)]
        if not sources or not targets:
            continue  # what one environment lacks, another may have
        for label in inhibition.equal:
            if label not in everywhere:
                yield from (((*path, "equal"), flaw) for flaw in _equal(label, sources, targets))


def _names(path: Path, side: str, match: AlertMatch, alerts: Sequence[Alert]) -> Iterator[tuple[Path, Flaw]]:
    known = PRESET_ALERTS | {alert.name for alert in alerts}
    for name in _listed(match.alert):
        if name not in known:
            advice = nearest_hint(name, known)
            yield (*path, side, "alert"), Flaw("inhibition-label", f"there is no alert {name}", advice)


def _equal(label: str, sources: Sequence[Shape], targets: Sequence[Shape]) -> Iterator[Flaw]:
    here, there = any(one.may_have(label) for one in sources), any(one.may_have(label) for one in targets)
    if not here and not there:
        message = f"no alert on either side has the label {label}, and what both lack counts as equal"
        yield Flaw("inhibition-label", message, "remove it, or name a label that they have")
    for one, other, sides in ((sources, there, ("source", "target")), (targets, here, ("target", "source"))):
        if not other and all(label in shape.sure for shape in one):
            message = f"alerts of the {sides[0]} have the label {label}, those of the {sides[1]} never do"
            yield Flaw("inhibition-label", f"{message}: nothing is silenced", "name labels that both have")


def _shape(alert: Alert, there: Surroundings) -> Shape:
    """The labels of an alert when it leaves Prometheus."""
    try:
        shape = Shaper(there.shape).of(tree.parse(alert.expr)) or Shape()
    except ValueError:
        return ANY
    for label in alert.labels:
        shape = shape.with_each(label)
    return shape


def _fits(match: AlertMatch, alert: Alert) -> bool:
    names = _listed(match.alert)
    given = {field: _listed(getattr(match, field)) for field in _FIELDS}
    return (not names or alert.name in names) and all(
        not values or alert.labels[field] in values for field, values in given.items()
    )


def _listed(value: str | list[str] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)
