"""Grafana: its data sources and its dashboards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.artifact import Artifact
from manifestgen.errors import ManifestgenError
from manifestgen.facts import services
from manifestgen.monitoring.checks import check_monitoring
from manifestgen.monitoring.dashboards.wanted import home_of, settings_of
from manifestgen.monitoring.jobs import namespace_of, scraped_workloads
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.datasources import Datasource, PrometheusSource
from manifestgen.spec.late import (
    Database,
    ExternalStore,
    FileOrEnv,
    JaegerSource,
    LokiSource,
    PostgresqlSource,
    TempoSource,
)
from manifestgen.targets.monitoring.place import folder, place

TARGET: Final = "grafana"

_TRACE_ID: Final = r'"?trace_?[iI][dD]"?[=:]\s*"?(\w+)'


def render_grafana(platform: ResolvedPlatform, renderer: Renderer) -> list[Artifact]:
    """Data sources, dashboards and where Grafana finds them, for one environment.

    Raises ManifestgenError with every finding of ``check_monitoring``.
    """
    findings = check_monitoring(platform)
    if findings:
        raise ManifestgenError(findings)
    sources = [_source(uid, source, platform) for uid, source in platform.spec.monitoring.datasources.items()]
    text = renderer.render(
        "monitoring/grafana/datasources.yml.j2", {"sources": sources, "place": place(platform)}
    )
    return [
        _artifact("provisioning/datasources/datasources.yml", text, platform),
        *_dashboards(platform, renderer),
    ]


def _artifact(path: str, text: str, platform: ResolvedPlatform) -> Artifact:
    return Artifact(f"{folder(platform)}/grafana/{path}", text, TARGET, platform.environment)


def _dashboards(platform: ResolvedPlatform, renderer: Renderer) -> Iterator[Artifact]:
    settings = settings_of(platform)
    if settings is None or platform.spec.monitoring.delivery == "operator":
        return
    # Grafana's models are imported only for those who have dashboards.
    from manifestgen.monitoring.dashboards.assembly import boards_of
    from manifestgen.monitoring.dashboards.encode import dashboard_json

    home = home_of(platform)
    files = {board.name: dashboard_json(board, home) for board in boards_of(platform)}
    if not files:
        return
    provider = {"name": platform.name, "folder": settings.folder or platform.name, "path": settings.path}
    context = {"provider": _literal(provider), "place": place(platform)}
    text = renderer.render("monitoring/grafana/dashboards.yml.j2", context)
    yield _artifact("provisioning/dashboards/dashboards.yml", text, platform)
    for name, document in files.items():
        yield _artifact(f"dashboards/{name}.json", document, platform)


def _source(uid: str, source: Datasource, platform: ResolvedPlatform) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": source.title, "uid": uid, "type": _TYPES[source.type]}
    entry["access"] = "proxy"
    entry |= dict(_settings(source, platform))
    if source.default:
        entry["isDefault"] = True
    entry["editable"] = False
    literal = {key: _literal(value) for key, value in entry.items()}
    if isinstance(source, PostgresqlSource):
        literal["secureJsonData"] = {"password": _secret(source.password)}
    return literal


_TYPES: Final = {
    "prometheus": "prometheus",
    "loki": "loki",
    "tempo": "tempo",
    "jaeger": "jaeger",
    "postgresql": "postgres",
}


def _settings(source: Datasource, platform: ResolvedPlatform) -> Iterator[tuple[str, Any]]:
    match source:
        case PostgresqlSource():
            yield from _postgresql(source, platform)
        case PrometheusSource():
            yield "url", source.url
            yield "jsonData", dict(_prometheus(platform))
        case LokiSource():
            yield "url", source.url
            yield "jsonData", {"derivedFields": list(_trace_links(source))}
        case TempoSource() | JaegerSource():
            yield "url", source.url
            yield "jsonData", dict(_tracing(source, platform))


def _prometheus(platform: ResolvedPlatform) -> Iterator[tuple[str, Any]]:
    yield "httpMethod", "POST"
    yield "prometheusType", "Prometheus"
    yield "timeInterval", platform.spec.monitoring.scrape_interval
    sources = platform.spec.monitoring.datasources
    traces = [uid for kind in _TRACES for uid, source in sources.items() if source.type == kind]
    if traces:  # OpenTelemetry's name for it, which client libraries use for exemplars
        yield "exemplarTraceIdDestinations", [{"name": "trace_id", "datasourceUid": traces[0]}]


def _trace_links(source: LokiSource) -> Iterator[dict[str, str]]:
    if source.traces:
        yield {
            "name": "Trace",
            "matcherRegex": _TRACE_ID,
            "datasourceUid": source.traces,
            "url": "${__value.raw}",
        }


def _tracing(source: TempoSource | JaegerSource, platform: ResolvedPlatform) -> Iterator[tuple[str, Any]]:
    yield "nodeGraph", {"enabled": True}
    if source.logs:
        yield (
            "tracesToLogsV2",
            {
                "datasourceUid": source.logs,
                "spanStartTimeShift": "-5m",
                "spanEndTimeShift": "5m",
                "filterByTraceID": True,
            },
        )
    metrics = [uid for uid, s in platform.spec.monitoring.datasources.items() if s.type == "prometheus"]
    if metrics and any(one.type == "web" for one in scraped_workloads(platform).values()):
        yield "tracesToMetrics", _metrics_of_a_span(metrics[0])
    if isinstance(source, TempoSource) and metrics:
        yield "serviceMap", {"datasourceUid": metrics[0]}


def _metrics_of_a_span(source: str) -> dict[str, Any]:
    """What the service of a span did at that time.

    OpenTelemetry names a service after its workload unless told otherwise; so is the job called here.
    """
    return {
        "datasourceUid": source,
        "spanStartTimeShift": "-5m",
        "spanEndTimeShift": "5m",
        "tags": [{"key": "service.name", "value": "job"}],
        "queries": [
            {"name": name, "query": f"{record}{{$__tags}}"} for name, record in _OF_A_SERVICE.items()
        ],
    }


_OF_A_SERVICE: Final = {
    "Requests": "job:http_requests:rate5m",
    "Share of errors": "job:http_requests_errors:ratio_rate5m",
    "95 of 100 within": "job:http_request_duration_seconds:p95_5m",
}
"""Recording rules for what people ask of a service first."""

_TRACES: Final = ("tempo", "jaeger")


def _postgresql(source: PostgresqlSource, platform: ResolvedPlatform) -> Iterator[tuple[str, Any]]:
    store = platform.spec.datastores[source.datastore]
    host = f"{services.host(source.datastore, store.type)}.{namespace_of(platform)}.svc"
    if isinstance(store, ExternalStore) and store.host is not None:
        host = store.host  # what its certificate names
    yield "url", f"{host}:{store.ports.client}"
    yield "user", source.username
    yield (
        "jsonData",
        {
            "database": store.database if isinstance(store, Database) else "",
            "sslmode": source.ssl_mode,
            "maxOpenConns": 5,
            "timescaledb": source.timescaledb,
        },
    )


def _secret(secret: FileOrEnv) -> str:
    """Grafana reads it itself, when it starts."""
    return f"$__file{{{secret.file}}}" if secret.file else f"${{{secret.env}}}"


def _literal(value: Any) -> Any:
    """``value`` with its dollar signs doubled: Grafana replaces ``$NAME`` in all of a file."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {key: _literal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return value
