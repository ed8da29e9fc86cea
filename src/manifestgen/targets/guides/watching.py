"""Alerts, dashboards and objectives as the documents speak of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring import boards
from manifestgen.monitoring.alarms import alarms_of
from manifestgen.monitoring.dashboards.wanted import settings_of, wanted_workloads
from manifestgen.monitoring.links import board_of, board_url, page
from manifestgen.monitoring.routing.flowchart import flowchart
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.monitoring.rules import Alert
from manifestgen.monitoring.runbooks.pages import BOARD_TITLES
from manifestgen.monitoring.runbooks.telling import Recipient, recipients_of
from manifestgen.targets.guides.recovery import SEVERITIES, responses
from manifestgen.targets.guides.site import Site, alike, names_of

_SHOWS = {
    boards.API: "requests, tasks, routes",
    boards.DATABASE: "PostgreSQL and Redis",
    boards.INFRASTRUCTURE: "queues, objects, pods, nodes",
    boards.BUSINESS: "figures of the business",
    boards.SLO: "objectives and their error budgets",
}
_FEW = 3
Teller = Callable[[Alert], tuple[Recipient, ...]]
"""Who is told of an alert."""


def alerts_of(site: Site) -> list[Alert]:
    """All alerts of an environment."""
    return [alert for group in groups_of(site.platform) for alert in group.alerts]


def counted(site: Site) -> dict[str, Any]:
    """How many alerts there are, by severity."""
    found = Counter(alert.severity for alert in alerts_of(site))
    words = ", ".join(f"{found[severity]} {severity}" for severity in SEVERITIES if found[severity])
    return {"total": sum(found.values()), "words": words or "none"}


def severities(sites: Sequence[Site], pages: bool) -> list[dict[str, Any]]:
    """How soon somebody acts, with alerts as examples: of different kinds, as links where they have pages."""
    soon = responses(sites)
    tellers = {site.name: recipients_of(site.platform) for site in sites}
    return [
        {
            "name": severity,
            "response": soon[severity],
            "told": _told(sites, tellers, examples),
            "examples": [_named(one.name, pages) for one in examples],
        }
        for severity in SEVERITIES
        for examples in [_examples(sites, severity)]
    ]


def _examples(sites: Sequence[Site], severity: str) -> list[Alert]:
    found: dict[str, Alert] = {}
    for site in sites:
        for alert in alerts_of(site):
            if alert.severity == severity:
                found.setdefault(alert.category, alert)
    return list(found.values())[:_FEW]


def _told(sites: Sequence[Site], tellers: Mapping[str, Teller], examples: Sequence[Alert]) -> str:
    """Who hears of it, as the first of the examples shows."""
    found = alike(
        sites,
        lambda site: [
            ", ".join(dict.fromkeys(one.name for one in tellers[site.name](alert))) for alert in examples[:1]
        ],
    )
    return "; ".join(f"{one.value}{one.aside}" for one in found if one.value)


def _named(alert: str, pages: bool) -> str:
    return f"[{alert}](../runbooks/{page(alert)})" if pages else alert


def dashboards(sites: Sequence[Site]) -> list[dict[str, Any]]:
    """The dashboards with a link for each address of Grafana."""
    names = names_of(sites, lambda site: _boards(site))
    return [
        {"title": _title(name), "shows": _SHOWS.get(name, "pods, restarts, resources"), "links": links}
        for name in names
        if (links := _links(sites, name))
    ]


def _boards(site: Site) -> Iterator[str]:
    if settings_of(site.platform) is None:
        return
    found = {board_of(alert) for alert in alerts_of(site)}
    found |= {boards.SLO} if site.spec.slos else set()
    yield from (name for name in BOARD_TITLES if name in found)
    yield from (boards.of_workload(name) for name in wanted_workloads(site.platform))


def _title(board: str) -> str:
    return BOARD_TITLES.get(board) or f"Workload {board.removeprefix(boards.of_workload(''))}"


def _links(sites: Sequence[Site], board: str) -> list[tuple[str, str]]:
    """One link where all have the same Grafana, which asks for the environment itself."""
    urls: dict[str, list[str]] = {}
    for site in sites:
        address = site.spec.monitoring.grafana_url
        if address is not None and board in _boards(site):
            urls.setdefault(board_url(address, site.platform.name, board), []).append(site.name)
    return [("open" if len(names) == len(sites) else ", ".join(names), url) for url, names in urls.items()]


def routing(sites: Sequence[Site]) -> list[tuple[str, str]]:
    """Who is told, as a flowchart for each environment; once where it is the same."""
    drawn: dict[str, list[str]] = {}
    for site in sites:
        if site.spec.alerting is not None:
            lines = flowchart(alarms_of(site.platform, site.spec.alerting).routing)
            text = "\n".join(["flowchart TD", *(f"  {line}" for line in lines)])
            drawn.setdefault(text, []).append(site.name)
    return [(" and ".join(names), text) for text, names in drawn.items()]


def latency(sites: Sequence[Site]) -> list[str]:
    """What objectives promise of durations."""
    return names_of(sites, _latency)


def _latency(site: Site) -> Iterator[str]:
    for slo in site.spec.slos.values():
        if slo.latency is not None:
            seconds = parse_duration(slo.latency.threshold)
            yield f"`{slo.workload}` answers {slo.objective:g} of 100 requests within {seconds:g} s"
