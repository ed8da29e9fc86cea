"""Routes that cannot do what they were written for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Final, NamedTuple, get_args

from manifestgen.errors import Finding
from manifestgen.monitoring.alertmanager.sections import periods_of
from manifestgen.monitoring.findings import finding_at
from manifestgen.monitoring.routing.clock import FIRST, Period, next_unmuted, read_period
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import Alerting, AlertRoute
from manifestgen.spec.prometheus import Category, Severity

_ALL: Final[dict[str, tuple[str, ...]]] = {"severity": get_args(Severity), "category": get_args(Category)}
"""All values of labels that have few: routes can share them out among themselves."""
_MOST: Final = 2000
"""How many kinds of alerts a route is split into; of one with more, nothing is said."""

Kind = dict[str, str]
"""What is known of the labels of some alerts."""


class _Fault(NamedTuple):
    """What is wrong with a route."""

    rule: str
    message: str
    advice: str


def route_findings(platform: ResolvedPlatform, alerting: Alerting) -> Iterator[Finding]:
    """Routes that nothing reaches, that say the same again, or that never speak."""
    earlier: dict[str, AlertRoute] = {}
    for name, route in alerting.routes.items():
        fault = _unreachable(route, earlier) or _repeated(route, earlier) or _never(alerting, route)
        if fault is not None:
            place = ("alerting", "routes", name)
            yield finding_at(platform, place, rule=fault.rule, message=fault.message, advice=fault.advice)
        earlier[name] = route


def _unreachable(route: AlertRoute, earlier: dict[str, AlertRoute]) -> _Fault | None:
    """Every alert that it is for is taken before, by a route that does not let it on."""
    kinds = _kinds(route)
    takers: list[str] = []
    for name, before in earlier.items():
        left = kinds if before.continue_ else [kind for kind in kinds if not _takes(before, kind)]
        if len(left) < len(kinds):
            takers.append(name)
        if kinds and not left:
            who = f"route {takers[0]} takes" if len(takers) == 1 else f"routes {', '.join(takers)} take"
            return _Fault(
                "alert-route-unreachable",
                f"no alert reaches it: {who} all that it matches before",
                "put it above, or give those `continue: true`",
            )
        kinds = left
    return None


def _repeated(route: AlertRoute, earlier: dict[str, AlertRoute]) -> _Fault | None:
    """A route above has told the same people of the same alerts, and at the same times."""
    kinds = _kinds(route)
    for name, before in earlier.items():
        told = set(route.to) <= set(before.to)
        when = (set(route.muted), set(route.active)) == (set(before.muted), set(before.active))
        if kinds and told and when and all(_takes(before, kind) for kind in kinds):
            return _Fault(
                "alert-route-duplicate",
                f"route {name} tells {', '.join(route.to)} of the same alerts: they would hear of them twice",
                "remove it, or let the two match different alerts",
            )
    return None


def _never(alerting: Alerting, route: AlertRoute) -> _Fault | None:
    """It is muted whenever it is active."""
    if not (route.muted or route.active):
        return None
    named = {name: alerting.intervals[name] for name in (*route.muted, *route.active)}
    # By one clock it does not matter whose it is; by two, hours that exclude each other may meet.
    same = named if len({one.location for one in named.values()}) == 1 else {}
    intervals = {name: tuple(_by_utc(body) for body in periods_of(one)) for name, one in same.items()}
    if not intervals or any(period.years for periods in intervals.values() for period in periods):
        return None  # nobody says which year it is
    if next_unmuted(intervals, FIRST, muted=route.muted, active=route.active) is not None:
        return None
    return _Fault(
        "alert-route-never",
        "its intervals leave no time at which somebody is told",
        "let `muted` and `active` leave some time, in the years to come, too",
    )


def _by_utc(body: dict[str, object]) -> Period:
    return read_period({**body, "location": "UTC"})


def _kinds(route: AlertRoute) -> list[Kind]:
    """The alerts it is for, split by labels that have few values or are named; none if they are too many."""
    choices = {label: tuple(values) for label, values in {**_ALL, **route.match.conditions}.items()}
    if prod(map(len, choices.values())) > _MOST:
        return []
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


def _takes(route: AlertRoute, kind: Kind) -> bool:
    """Whether it matches every alert of the kind."""
    return all(kind.get(label) in values for label, values in route.match.conditions.items())
