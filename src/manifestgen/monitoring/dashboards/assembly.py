"""Which dashboards a platform has, and what stands on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from manifestgen.monitoring import boards, promql
from manifestgen.monitoring.boards import API, BUSINESS, DATABASE, INFRASTRUCTURE
from manifestgen.monitoring.dashboards import api, cluster, stores
from manifestgen.monitoring.dashboards.figures import own_panels, rows_of_business
from manifestgen.monitoring.dashboards.objectives import slo_rows
from manifestgen.monitoring.dashboards.shapes import Board, Panel, Row, Variable
from manifestgen.monitoring.dashboards.watching import Watch
from manifestgen.monitoring.dashboards.workloads import deployments_of, handler_variable, workload_boards
from manifestgen.monitoring.jobs import jobs_of
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.monitoring.subjects import Application, applications
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.prometheus import Category


class _Place(NamedTuple):
    """Where the panels for a preset stand: a row for each component, or with ``together`` one for all."""

    board: str
    title: str
    panels: tuple[Panel, ...]
    together: bool = False


_PLACES: Final[Mapping[str, _Place]] = {
    "web": _Place(API, "Service @component", api.WEB),
    "celery": _Place(API, "Tasks of Celery", api.CELERY),
    "probes": _Place(API, "Routes, asked from inside the cluster", api.PROBES),
    "postgresql": _Place(DATABASE, "PostgreSQL: @component", stores.POSTGRESQL),
    "cloudnativepg": _Place(DATABASE, "PostgreSQL: @component", stores.CLOUDNATIVEPG),
    "timescaledb": _Place(DATABASE, "TimescaleDB", stores.TIMESCALEDB),
    "redis": _Place(DATABASE, "Redis: @component", stores.REDIS),
    "rabbitmq": _Place(INFRASTRUCTURE, "RabbitMQ: @component", stores.RABBITMQ),
    "minio": _Place(INFRASTRUCTURE, "MinIO: @component", stores.MINIO),
    "ingress": _Place(INFRASTRUCTURE, "Ingress controller", cluster.INGRESS),
    "gateway": _Place(INFRASTRUCTURE, "Gateway", cluster.GATEWAY),
    "certificates": _Place(INFRASTRUCTURE, "Certificates", cluster.CERTIFICATES),
    "vault": _Place(INFRASTRUCTURE, "Vault", cluster.VAULT),
    "pods": _Place(INFRASTRUCTURE, "Pods", cluster.PODS),
    "containers": _Place(INFRASTRUCTURE, "Containers and volumes", cluster.CONTAINERS),
    "nodes": _Place(INFRASTRUCTURE, "Nodes", cluster.NODES),
    "cluster": _Place(INFRASTRUCTURE, "Nodes as Kubernetes sees them", cluster.CLUSTER_NODES),
    "prometheus": _Place(INFRASTRUCTURE, "Prometheus", cluster.PROMETHEUS),
    "alertmanager": _Place(INFRASTRUCTURE, "Alertmanager", cluster.ALERTMANAGER),
    "observers": _Place(INFRASTRUCTURE, "Dashboards, logs and traces", cluster.OBSERVERS, together=True),
}
"""By the name of the preset; workloads have dashboards of their own."""

_TITLES: Final[Mapping[str, tuple[str, str]]] = {
    API: ("API", "What answers and works for people: requests, tasks, routes."),
    DATABASE: ("Database", "Where the data is: PostgreSQL and Redis."),
    INFRASTRUCTURE: ("Infrastructure", "What everything stands on: queues, objects, pods, nodes, watchers."),
    BUSINESS: ("Business", "Figures of the business."),
}


def boards_of(platform: ResolvedPlatform) -> tuple[Board, ...]:
    """The dashboards of a platform, in the order in which people look at them; none without a panel."""
    presets = applications(platform, frozenset(job.name for job in jobs_of(platform)))
    groups = groups_of(platform)
    moved = {name for name, one in platform.spec.monitoring.alerts.items() if one.component and not one.expr}
    watch = Watch((alert for group in groups for alert in group.alerts), moved)
    rows = {name: [*_preset_rows(name, presets, watch)] for name in _TITLES}
    rows[BUSINESS] += rows_of_business(platform, watch)
    for name, drawn in own_panels(next((g.alerts for g in groups if g.name == "own"), ()), watch).items():
        rows[name].append(Row("Alerts of this platform alone", drawn))
    deployments = deployments_of(platform, presets)
    made = [
        Board(
            name,
            title,
            description,
            tuple(rows[name]),
            tuple(_handlers(presets) if name == API else ()),
            deployments,
            promql.matcher("category", _categories(name)),
        )
        for name, (title, description) in _TITLES.items()
    ]
    if platform.spec.slos:
        told = any("slo" in alert.labels for group in groups for alert in group.alerts)
        rows_of_slos = tuple(slo_rows(platform, watch))
        made.append(_slo_board(rows_of_slos, deployments, 'slo!=""' if told else None))
    made += workload_boards(platform, presets, watch)
    return tuple(board for board in made if board.rows)


def _preset_rows(board: str, presets: Sequence[Application], watch: Watch) -> Iterator[Row]:
    for preset, subjects in presets:
        place = _PLACES.get(preset.name)
        if place is None or place.board != board:
            continue
        rows = [watch.row(place.title, place.panels, subject) for subject in subjects]
        if place.together:
            yield Row(place.title, tuple(drawn for row in rows for drawn in row.panels))
        else:
            yield from rows


def _categories(board: str) -> Iterable[Category]:
    return [category for category, name in boards.OF_CATEGORY.items() if name == board]


def _handlers(presets: Sequence[Application]) -> Iterator[Variable]:
    for preset, subjects in presets:
        if preset.name == "web":
            yield handler_variable(subjects[0].values["all"])


def _slo_board(rows: tuple[Row, ...], deployments: str | None, alerts: str | None) -> Board:
    return Board(
        boards.SLO,
        "Objectives",
        "What people may count on: how much of it is kept, and how fast the error budgets burn.",
        rows,
        deployments=deployments,
        alerts=alerts,
    )
