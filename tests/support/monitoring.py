"""A platform whose monitoring uses every option, and its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from manifestgen.artifact import Artifact
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.resolving import ResolvedPlatform
from manifestgen.targets.monitoring import render_alertmanager, render_grafana, render_prometheus
from manifestgen.targets.monitoring.ruletests import Share, render_tests
from support import yaml11
from support.specs import Spec, everything, platform_of

MONITORING: dict[str, Any] = {
    "scrapeInterval": "15s",
    "scrapeTimeout": "10s",
    "evaluationInterval": "30s",
    "retention": "15d",
    "externalLabels": {"region": "eu-central-1"},
    "stack": {
        "celeryExporter": {"enabled": True},
        "blackbox": {"enabled": True, "path": "/up"},
        "sqlExporter": {"enabled": True},
        "grafana": {"enabled": True},
        "loki": {"enabled": True},
        "tempo": {"enabled": True},
        "jaeger": {"enabled": True, "namespace": "tracing"},
    },
    "targets": {
        "gateway": {"addresses": ["10.0.0.1:9100", "10.0.0.2:9100"], "path": "/m", "scheme": "https"}
    },
    "business": {
        "app_active_users": {"workload": "front", "type": "gauge", "description": "People", "lowest": 5},
        "app_orders_total": {
            "workload": "front",
            "type": "counter",
            "description": "Orders",
            "labels": ["status"],
            "lowest": 1.5,
            "highest": 1000,
            "window": "1d",
            "severity": "warning",
        },
    },
    "alerts": {
        "WebLatencyP99High": {"enabled": False},
        "RedisMemoryHigh": {"for": "20m", "severity": "info", "team": "team-cache"},
        "OrdersFailing": {
            "expr": 'sum by (job) (rate(app_orders_total{status="failed"}[5m])) > 1',
            "for": "5m",
            "keepFiringFor": "5m",
            "severity": "critical",
            "component": "front",
            "category": "business",
            "summary": "Orders fail",
            "description": "{{ $value | humanize }} orders fail in {{ $labels.job }}; {{ braces }} are text.",
        },
    },
    "datasources": {
        "prometheus": {"type": "prometheus", "url": "http://prometheus:9090", "default": True},
        "database": {
            "type": "postgresql",
            "title": "Database",
            "datastore": "database",
            "username": "reader",
            "password": {"file": "/etc/grafana/password"},
        },
        "timescale": {
            "type": "postgresql",
            "title": "TimescaleDB",
            "datastore": "database",
            "username": "reader",
            "password": {"env": "TIMESCALE_PASSWORD"},
            "sslMode": "verify-full",
            "timescaledb": True,
        },
        "loki": {"type": "loki", "title": "Loki", "url": "http://loki:3100", "traces": "tempo"},
        "tempo": {"type": "tempo", "title": "Tempo", "url": "http://tempo:3200", "logs": "loki"},
        "jaeger": {"type": "jaeger", "title": "Jaeger", "url": "http://jaeger:16686", "logs": "loki"},
    },
}

_SLACK = {"urlFile": "/etc/alertmanager/slack"}

ALERTING: dict[str, Any] = {
    "version": "0.28",
    "default": "everybody",
    "teams": {"api": "team-api", "database": "team-data", "front": "team-front", "business": "team-business"},
    "receivers": {
        "everybody": {"description": "All of us", "slack": {**_SLACK, "channel": "#all"}},
        "on-call": {"pagerduty": {"routingKeyFile": "/etc/alertmanager/pagerduty"}},
        "fire": {"slack": {**_SLACK, "channel": "#fire"}},
        "digest": {"slack": {**_SLACK, "channel": "#digest", "resolved": False}},
        "front": {"slack": {**_SLACK, "channel": "#front"}, "email": {"to": ["front@example.com"]}},
        "data": {
            "email": {"to": ["data@example.com", "dba@example.com"], "resolved": True},
            "teams": {"urlFile": "/etc/alertmanager/teams"},
            "opsgenie": {"apiKeyFile": "/etc/alertmanager/opsgenie", "region": "eu"},
            "webhook": {"urlFile": "/etc/alertmanager/hook", "tokenFile": "/etc/alertmanager/token"},
        },
    },
    "smtp": {
        "smarthost": "mail.example.com:587",
        "from": "alerts@example.com",
        "username": "alerts",
        "passwordFile": "/etc/alertmanager/smtp",
    },
    "routes": {
        "critical": {
            "match": {"severity": "critical"},
            "to": ["on-call", "fire"],
            "continue": True,
            "groupWait": "10s",
            "repeatInterval": "1h",
            "muted": ["holidays"],
        },
        "info": {
            "match": {"severity": "info"},
            "to": ["digest"],
            "groupBy": ["category"],
            "active": ["working-hours"],
        },
        "front": {"match": {"team": ["team-front", "team-api"], "environment": "live"}, "to": ["front"]},
        "data": {"match": {"category": "database"}, "to": ["data"], "groupInterval": "15m"},
    },
    "inhibitions": {
        "critical-silences-warning": {
            "description": "The cause says enough",
            "source": {"severity": "critical"},
            "target": {"severity": ["warning", "info"]},
            "equal": ["component", "environment"],
        },
        "database-silences-front": {
            "source": {"alert": ["PostgresqlDown", "PostgresqlAbsent"]},
            "target": {"component": "front", "severity": "warning"},
            "equal": ["environment"],
        },
    },
    "intervals": {
        "working-hours": {
            "location": "Europe/Zurich",
            "periods": {
                "week": {
                    "weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                    "times": ["08:00-12:00", "13:00-18:00"],
                },
                "sunday": {"weekdays": ["saturday", "sunday", "monday"], "times": ["20:00-24:00"]},
            },
        },
        "holidays": {"periods": {"fixed": {"dates": ["12-25", "2026-04-03"]}}},
    },
}


def monitored(**changes: Any) -> Spec:
    """A spec of everything with its monitoring; ``changes`` are put over the ``monitoring`` section."""
    spec = everything()
    spec["datastores"]["files"]["metrics"] = True
    spec["monitoring"] = {**MONITORING, **changes}
    spec["alerting"] = dict(ALERTING)
    return spec


def files_of(platform: ResolvedPlatform) -> dict[str, Artifact]:
    """Every monitoring file of a platform by its path below the environment's folder."""
    renderer = Renderer(template_folders())
    artifacts = [
        artifact
        for render in (render_prometheus, render_alertmanager, render_grafana)
        for artifact in render(platform, renderer)
    ]
    artifacts += render_tests(platform, renderer, Share(0, 1))
    return {artifact.path.split("/", 2)[2]: artifact for artifact in artifacts}


def parsed(files: Mapping[str, Artifact], name: str) -> Any:
    """One YAML file as a reader of YAML 1.1 sees it."""
    return yaml11.read(files[name].text)


def groups(files: Mapping[str, Artifact], kind: str) -> list[dict[str, Any]]:
    """All groups of ``alerts`` or of ``records``, in order."""
    names = [name for name in files if re.fullmatch(rf"prometheus/rules/[^/]+\.{kind}\.yml", name)]
    assert names, f"no file of {kind}"
    return [group for name in names for group in parsed(files, name)["groups"]]


def rules(files: Mapping[str, Artifact], kind: str) -> list[dict[str, Any]]:
    """All rules of ``alerts`` or of ``records``, in order."""
    return [rule for group in groups(files, kind) for rule in group["rules"]]


def files_of_spec(spec: Spec) -> dict[str, Artifact]:
    """Every monitoring file of the first environment of a spec."""
    return files_of(platform_of(spec))
