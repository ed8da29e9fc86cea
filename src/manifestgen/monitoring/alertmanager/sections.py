"""The parts of ``alertmanager.yml``, each with what its comment says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, get_args

from manifestgen.monitoring import promql
from manifestgen.monitoring.alertmanager.receivers import receiver_body
from manifestgen.monitoring.alertmanager.topology import Derived, derived
from manifestgen.monitoring.rules import Alert
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import Alerting, AlertMatch, AlertRoute, Inhibition, Interval, Period


class Named(NamedTuple):
    """An entry of a list that has a name only for people: in its comment and in what is said about it."""

    name: str
    comment: str
    body: Mapping[str, Any]


class Configuration(NamedTuple):
    """A whole ``alertmanager.yml``."""

    globals: Mapping[str, Any]
    root: Mapping[str, Any]
    """The route at the top, without those below it."""
    routes: tuple[Named, ...]
    inhibitions: tuple[Named, ...]
    intervals: tuple[Named, ...]
    receivers: tuple[Named, ...]

    @property
    def document(self) -> dict[str, Any]:
        """All that decides who is told, as Alertmanager reads it."""
        return {
            "route": {**self.root, "routes": [route.body for route in self.routes]},
            "inhibit_rules": [rule.body for rule in self.inhibitions],
            "time_intervals": [
                {"name": one.name, "time_intervals": one.body["time_intervals"]} for one in self.intervals
            ],
        }


def configuration(platform: ResolvedPlatform, alerting: Alerting, alerts: Iterable[Alert]) -> Configuration:
    """The configuration for the ``alerting`` of a platform that has these alerts."""
    follows = derived(platform, alerts) if alerting.topology_inhibitions else ()
    return Configuration(
        globals=dict(_globals(alerting)),
        root=_root(alerting),
        routes=tuple(
            Named(name, _said_of(name, route), dict(_route(route))) for name, route in alerting.routes.items()
        ),
        inhibitions=(
            *(Named(name, r.description or name, _inhibition(r)) for name, r in alerting.inhibitions.items()),
            *(Named(rule.name, rule.why, _derived(rule)) for rule in follows),
        ),
        intervals=tuple(
            Named(name, "", {"time_intervals": list(periods_of(interval))})
            for name, interval in alerting.intervals.items()
        ),
        receivers=tuple(
            Named(name, receiver.description or "", dict(receiver_body(receiver)))
            for name, receiver in alerting.receivers.items()
        ),
    )


def _globals(alerting: Alerting) -> Iterator[tuple[str, Any]]:
    yield "resolve_timeout", alerting.resolve_timeout
    if alerting.pagerduty_url:
        yield "pagerduty_url", alerting.pagerduty_url
    smtp = alerting.smtp
    if smtp is not None:
        yield "smtp_smarthost", smtp.smarthost
        yield "smtp_from", smtp.from_
        yield "smtp_require_tls", smtp.require_tls
        if smtp.username is not None:
            yield "smtp_auth_username", smtp.username
        if smtp.password_file is not None:
            yield "smtp_auth_password_file", smtp.password_file


def _root(alerting: Alerting) -> dict[str, Any]:
    return {
        "receiver": alerting.default,
        "group_by": alerting.group_by,
        "group_wait": alerting.group_wait,
        "group_interval": alerting.group_interval,
        "repeat_interval": alerting.repeat_interval,
    }


def _said_of(name: str, route: AlertRoute) -> str:
    """What a reader of the file should know; docs/alerts.md says more."""
    if not route.active:
        return name
    return (
        f"{name}: told in {' or '.join(route.active)} only. What is over by then is lost,\n"
        "unless the keep_firing_for of its rule lasts until then."
    )


def _route(route: AlertRoute) -> Iterator[tuple[str, Any]]:
    """A route has one receiver: several become branches below it, each asked in turn."""
    yield "matchers", list(_matchers(route.match))
    yield "receiver", route.to[0]
    if route.continue_:
        yield "continue", True
    for key in ("group_by", "group_wait", "group_interval", "repeat_interval"):
        if getattr(route, key):
            yield key, getattr(route, key)
    intervals = dict(_intervals(route))
    if len(route.to) == 1:
        yield from intervals.items()
    else:
        # Branches do not inherit intervals from the route above them.
        branches = [{"receiver": receiver, "continue": True, **intervals} for receiver in route.to]
        del branches[-1]["continue"]
        yield "routes", branches


def _intervals(route: AlertRoute) -> Iterator[tuple[str, list[str]]]:
    if route.muted:
        yield "mute_time_intervals", route.muted
    if route.active:
        yield "active_time_intervals", route.active


def _matchers(match: AlertMatch) -> Iterator[str]:
    for label, values in match.conditions.items():
        yield promql.matcher(label, values)


def _inhibition(rule: Inhibition) -> dict[str, Any]:
    return {
        "source_matchers": list(_matchers(rule.source)),
        "target_matchers": list(_matchers(rule.target)),
        "equal": rule.equal,
    }


def _derived(rule: Derived) -> dict[str, Any]:
    return {
        "source_matchers": [promql.matcher(label, values) for label, values in rule.source.items()],
        "target_matchers": [promql.matcher(label, values) for label, values in rule.target.items()],
        "equal": list(rule.equal),
    }


def periods_of(interval: Interval) -> Iterator[dict[str, Any]]:
    """The periods as Alertmanager has them: a date is one of its own, of month, day and maybe year."""
    for period in interval.periods.values():
        for date in period.dates or [""]:
            yield dict(_period(period, date, interval.location))


def _period(period: Period, date: str, location: str) -> Iterator[tuple[str, Any]]:
    if period.times:
        ranges = (clock.split("-") for clock in period.times)
        yield "times", [{"start_time": start, "end_time": end} for start, end in ranges]
    if period.weekdays:
        yield "weekdays", list(_weekday_ranges(period))
    if date:
        *year, month, day = date.split("-")
        yield "days_of_month", [str(int(day))]
        yield "months", [str(int(month))]
        if year:
            yield "years", year
    if location != "UTC":  # what it is without; `location` came with 0.25
        yield "location", location


def _weekday_ranges(period: Period) -> Iterator[str]:
    """Days that follow one another as a range, ``monday:friday``.

    Alertmanager's week begins with Sunday: a range may not end there, so it stands alone.
    """
    from manifestgen.spec.alerting import Weekday

    *week, sunday = get_args(Weekday)
    start = ""
    for day, following in zip(week, [*week[1:], None], strict=True):
        if day not in period.weekdays:
            continue
        start = start or day
        if following not in period.weekdays:
            yield day if day == start else f"{start}:{day}"
            start = ""
    if sunday in period.weekdays:
        yield sunday
