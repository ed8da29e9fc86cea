"""Grafana: its data sources and its dashboards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.artifact import Artifact
from manifestgen.errors import ManifestgenError
from manifestgen.facts import services
from manifestgen.monitoring.checks import check_monitoring
from manifestgen.monitoring.dashboards.wanted import home_of, settings_of
from manifestgen.monitoring.jobs import namespace_of
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
    if settings is None:
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
            interval = platform.spec.monitoring.scrape_interval
            yield "url", source.url
            yield "jsonData", {"httpMethod": "POST", "prometheusType": "Prometheus", "timeInterval": interval}
        case LokiSource():
            yield "url", source.url
            yield "jsonData", {"derivedFields": list(_trace_links(source))}
        case TempoSource() | JaegerSource():
            yield "url", source.url
            yield "jsonData", dict(_tracing(source, platform))


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
    if isinstance(source, TempoSource) and metrics:
        yield "serviceMap", {"datasourceUid": metrics[0]}


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
