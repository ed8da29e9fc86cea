"""Prometheus and Alertmanager themselves accept the files, and act on them as the spec says."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from manifestgen.artifact import Artifact
from manifestgen.resolving import resolve
from manifestgen.yamlio.load import load_text
from support.monitoring import files_of, monitored, parsed, rules
from support.specs import platform_of

Tool = Callable[[str], Path]
Files = dict[str, Artifact]

SHIPPED = Path(__file__).parents[2] / "specs" / "platform.yaml"
ENVIRONMENTS = ["staging", "production"]
TEAMS = {
    "api": "api-team",
    "database": "database-team",
    "redis": "database-team",
    "rabbitmq": "api-team",
    "business": "business-team",
    "infrastructure": "infrastructure-team",
}
"""The teams of Corporate Intel by category of alerts."""


def run(*command: str | Path) -> str:
    """What the command prints; the test fails with all of it when the command does."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def shipped() -> dict[str, Files]:
    """The monitoring files of Corporate Intel by environment."""
    platforms = resolve(load_text(SHIPPED.read_text("utf-8"), str(SHIPPED)))
    return {name: files_of(platforms[name]) for name in ENVIRONMENTS}


@pytest.fixture(scope="module", params=[*ENVIRONMENTS, "everything"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the monitoring files of one environment."""
    if request.param == "everything":
        files = files_of(platform_of(monitored()))
    else:
        files = request.getfixturevalue("shipped")[request.param]
    return write(files, tmp_path_factory.mktemp(request.param))


def write(files: Files, folder: Path) -> Path:
    for name, artifact in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, "utf-8")
    return folder


def receivers(amtool: Path, config: Path, labels: dict[str, str]) -> list[str]:
    """Who is told about an alert with these labels, as Alertmanager itself decides."""
    wanted = [f"{name}={value}" for name, value in labels.items()]
    out = run(amtool, "config", "routes", "test", f"--config.file={config}", *wanted)
    return out.strip().split(",")


def test_prometheus_accepts_its_configuration(folder: Path, tool: Tool) -> None:
    # Without files: the token and the CA of the cluster are not here.
    run(tool("promtool"), "check", "config", "--syntax-only", folder / "prometheus/prometheus.yml")


def test_prometheus_would_refuse_a_broken_configuration(folder: Path, tool: Tool, tmp_path: Path) -> None:
    broken = tmp_path / "prometheus.yml"
    text = (folder / "prometheus/prometheus.yml").read_text("utf-8")
    broken.write_text(text.replace("kubernetes_sd_configs", "kubernetes_sd_config"), "utf-8")
    with pytest.raises(AssertionError, match="kubernetes_sd_config not found"):
        run(tool("promtool"), "check", "config", "--syntax-only", broken)


def test_prometheus_accepts_the_rules_without_a_complaint(folder: Path, tool: Tool) -> None:
    names = sorted((folder / "prometheus/rules").iterdir())
    assert names
    run(tool("promtool"), "check", "rules", "--lint=all", "--lint-fatal", *names)


def test_alertmanager_accepts_its_configuration_and_templates(folder: Path, tool: Tool) -> None:
    out = run(tool("amtool"), "check-config", folder / "alertmanager/alertmanager.yml")
    assert "SUCCESS" in out and "1 templates" in out


def test_amlint_has_nothing_to_say_about_the_routes(folder: Path, tool: Tool) -> None:
    run(tool("amlint"), "check", "--strict", folder / "alertmanager/alertmanager.yml")


def test_amlint_would_find_a_route_that_nothing_reaches(folder: Path, tool: Tool, tmp_path: Path) -> None:
    document = yaml.safe_load((folder / "alertmanager/alertmanager.yml").read_text("utf-8"))
    document["route"]["routes"].insert(0, {"receiver": document["route"]["receiver"]})
    (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(document), "utf-8")
    with pytest.raises(AssertionError, match=r"unreachable|shadow"):
        run(tool("amlint"), "check", "--strict", tmp_path / "alertmanager.yml")


def test_the_message_templates_print_what_is_broken(folder: Path, tool: Tool) -> None:
    printed = run(
        tool("amtool"),
        "template",
        "render",
        f"--template.glob={folder}/alertmanager/templates/*.tmpl",
        '--template.text={{ template "platform.title" . }}|{{ template "platform.severity" . }}|'
        '{{ template "platform.color" . }}|{{ template "platform.text" . }}',
    )
    title, severity, color, text = printed.split("|")
    assert (title, severity, color) == ("[1]: grouplabelvalue1 grouplabelvalue2", "error", "warning")
    assert "(firing, since " in text


def test_nothing_in_a_message_is_markup_to_slack(folder: Path, tool: Tool, tmp_path: Path) -> None:
    alert = {
        "status": "firing",
        "startsAt": "2026-01-02T03:04:05Z",
        "labels": {"alertname": "A"},
        "annotations": {"description": "<!channel> & co"},
    }
    data = {"status": "firing", "alerts": [alert], "groupLabels": {"handler": "<!here>"}}
    (tmp_path / "data.json").write_text(json.dumps(data), "utf-8")
    printed = run(
        tool("amtool"),
        "template",
        "render",
        f"--template.glob={folder}/alertmanager/templates/*.tmpl",
        f"--template.data={tmp_path}/data.json",
        '--template.text={{ template "platform.slack.title" . }}|{{ template "platform.slack.text" . }}',
    )
    assert printed.startswith("[1]: &lt;!here&gt;|")
    assert "- A (firing, since 2026-01-02 03:04 UTC): &lt;!channel&gt; &amp; co" in printed


def test_inhibitions_name_alerts_that_exist(shipped: dict[str, Files]) -> None:
    known = {rule["alert"] for files in shipped.values() for rule in rules(files, "alerts")}
    inhibitions = parsed(shipped["production"], "alertmanager/alertmanager.yml")["inhibit_rules"]
    matchers = [one for rule in inhibitions for one in (*rule["source_matchers"], *rule["target_matchers"])]
    named = [name for one in matchers if one.startswith("alertname") for name in one.split('"')[1].split("|")]
    assert named
    assert set(named) <= known


def expected(environment: str, severity: str, team: str) -> list[str]:
    """Who the report wants to be told: severity says how loudly, the team says where."""
    if severity == "info":
        return ["digest"]
    if severity == "warning":
        return [team]
    return [*(["on-call"] if environment == "production" else []), "critical", team]


@pytest.mark.parametrize("severity", ["critical", "warning", "info"])
@pytest.mark.parametrize("category", TEAMS)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_severity_of_each_team_reaches_exactly_whom_it_should(
    environment: str, category: str, severity: str, shipped: dict[str, Files], tool: Tool, tmp_path: Path
) -> None:
    config = write(shipped[environment], tmp_path) / "alertmanager/alertmanager.yml"
    team = TEAMS[category]
    labels = {"severity": severity, "category": category, "team": team, "environment": environment}
    assert receivers(tool("amtool"), config, labels) == expected(environment, severity, team)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_alert_reaches_its_team(
    environment: str, shipped: dict[str, Files], tool: Tool, tmp_path: Path
) -> None:
    config = write(shipped[environment], tmp_path) / "alertmanager/alertmanager.yml"
    labels = [rule["labels"] for rule in rules(shipped[environment], "alerts")]
    distinct = {tuple(sorted(one.items())): one for one in labels}.values()
    assert {one["category"] for one in distinct} == set(TEAMS)
    for one in distinct:
        told = receivers(tool("amtool"), config, {**one, "environment": environment})
        assert told == expected(environment, one["severity"], one["team"]), one


def test_an_alert_of_nobody_reaches_the_default(
    shipped: dict[str, Files], tool: Tool, tmp_path: Path
) -> None:
    config = write(shipped["production"], tmp_path) / "alertmanager/alertmanager.yml"
    assert receivers(tool("amtool"), config, {"severity": "warning", "team": "nobody"}) == ["alerts"]


def test_routes_of_every_kind_are_decided_as_the_spec_says(tool: Tool, tmp_path: Path) -> None:
    config = write(files_of(platform_of(monitored())), tmp_path) / "alertmanager/alertmanager.yml"
    told = {
        "critical front": {"severity": "critical", "team": "team-front", "environment": "live"},
        "critical data": {"severity": "critical", "category": "database"},
        "info": {"severity": "info", "team": "team-front", "environment": "live"},
        "front elsewhere": {"severity": "warning", "team": "team-front", "environment": "other"},
        "several teams": {"severity": "warning", "team": "team-api", "environment": "live"},
    }
    assert {name: receivers(tool("amtool"), config, labels) for name, labels in told.items()} == {
        "critical front": ["on-call", "fire", "front"],
        "critical data": ["on-call", "fire", "data"],
        "info": ["digest"],
        "front elsewhere": ["everybody"],
        "several teams": ["front"],
    }


def test_info_waits_for_the_review_and_staging_sleeps(shipped: dict[str, Files]) -> None:
    routes: dict[str, list[dict[str, Any]]] = {
        name: parsed(files, "alertmanager/alertmanager.yml")["route"]["routes"]
        for name, files in shipped.items()
    }
    info = [next(r for r in routes[name] if r["receiver"] == "digest") for name in ENVIRONMENTS]
    assert [route["active_time_intervals"] for route in info] == [["daily-review"], ["daily-review"]]
    muted = {
        name: [r["receiver"] for r in routes[name] if "mute_time_intervals" in r] for name in ENVIRONMENTS
    }
    assert muted["production"] == ["business-team"]
    assert muted["staging"] == ["business-team", "api-team", "database-team", "infrastructure-team"]


CLIENTS = 'job="postgres", instance="a", backend_type="client backend"'
QUEUE = 'job="rabbitmq-queues", vhost="/", queue="q"'
CERTIFICATE = 'job="cert-manager", namespace="corporate-intel", name="c"'
WORKERS = (
    'kube_deployment_status_replicas_available{job="kube-state-metrics", namespace="corporate-intel", '
    'deployment="worker"}'
)
POD = 'job="cadvisor", namespace="corporate-intel", pod="p"'

# Series, time, and which alerts must and must not fire then: one case for each trap the rules avoid.
# `_` is a missing sample, `0+60x30` a counter that grows by 60 a minute.
CASES: dict[str, tuple[dict[str, str], str, list[str], list[str]]] = {
    "nothing is scraped": (
        {},
        "15m",
        ["WebDown", "PostgresqlAbsent", "RedisAbsent", "RabbitmqDown", "MinioDown", "VaultDown"],
        ["WebErrorRateCritical", "PostgresqlDown"],
    ),
    "requests without an error": (
        {'up{job="api"}': "1x30", 'http_requests_total{job="api", status="2xx"}': "0+600x30"},
        "20m",
        [],
        ["WebDown", "WebErrorRateHigh", "WebErrorRateCritical"],
    ),
    "one request in ten fails, grouped status": (
        {
            'http_requests_total{job="api", status="2xx"}': "0+540x30",
            'http_requests_total{job="api", status="5xx"}': "0+60x30",
        },
        "20m",
        ["WebErrorRateHigh", "WebErrorRateCritical"],
        [],
    ),
    "one request in ten fails, full status": (
        {
            'http_requests_total{job="api", status="200"}': "0+540x30",
            'http_requests_total{job="api", status="503"}': "0+60x30",
        },
        "20m",
        ["WebErrorRateHigh", "WebErrorRateCritical"],
        [],
    ),
    "a request every four minutes, and it fails": (
        {'http_requests_total{job="api", status="5xx"}': "0x3 1x3 2x3 3x3 4x3 5x3 6x3"},
        "20m",
        [],
        ["WebErrorRateHigh", "WebErrorRateCritical"],
    ),
    "no request at all": (
        {'http_requests_total{job="api", status="2xx"}': "5x90"},
        "80m",
        [],
        ["WebErrorRateHigh", "WebTrafficStopped"],
    ),
    "requests stop": (
        {'http_requests_total{job="api", status="2xx"}': "0+600x60 36000x60"},
        "90m",
        ["WebTrafficStopped"],
        ["WebErrorRateHigh"],
    ),
    "the exporter forgets the workers": (
        {'up{job="celery-exporter"}': "1x40", 'celery_worker_up{job="celery-exporter"}': "1x5 0x9 _x26"},
        "30m",
        ["CeleryWorkersGone"],
        ["CeleryExporterDown"],
    ),
    "a worker hangs in its pod": (
        {
            'up{job="celery-exporter"}': "1x60",
            'celery_worker_up{job="celery-exporter", hostname="a"}': "1x5 0x9 _x46",
            'celery_worker_up{job="celery-exporter", hostname="b"}': "1x60",
            WORKERS: "2x60",
        },
        "40m",
        ["CeleryWorkerDown"],
        ["CeleryWorkersGone"],
    ),
    "a worker leaves with its pod": (
        {
            'up{job="celery-exporter"}': "1x60",
            'celery_worker_up{job="celery-exporter", hostname="a"}': "1x5 0x30",
            'celery_worker_up{job="celery-exporter", hostname="b"}': "1x60",
            WORKERS: "2x4 1x55",
        },
        "25m",
        [],
        ["CeleryWorkerDown", "CeleryWorkersGone"],
    ),
    "the only database server is down": (
        {'pg_up{job="postgres", instance="a"}': "0x30"},
        "10m",
        ["PostgresqlDown", "PostgresqlPrimaryMissing"],
        ["PostgresqlAbsent"],
    ),
    "a read replica is down": (
        {
            'pg_up{job="postgres", instance="a"}': "1x30",
            'pg_up{job="postgres", instance="b"}': "0x30",
            'pg_replication_is_replica{job="postgres", instance="a"}': "0x30",
        },
        "10m",
        ["PostgresqlDown"],
        ["PostgresqlPrimaryMissing"],
    ),
    "nobody asks but the kubelet": (
        {
            'http_requests_total{job="api", handler="/api", status="2xx"}': "0+600x60 36000x60",
            'http_requests_total{job="api", handler="/health/ready", status="5xx"}': "0+600x120",
        },
        "90m",
        ["WebTrafficStopped"],
        ["WebErrorRateHigh", "WebErrorRateCritical", "WebEndpointErrorRateHigh"],
    ),
    "nobody asks the pods of a new version": (
        {
            'up{job="api"}': "1x120",
            'http_requests_total{job="api", handler="/api", status="2xx"}': "0+600x60 _x60",
        },
        "90m",
        ["WebTrafficStopped"],
        ["WebDown"],
    ),
    "only the active node of vault answers": (
        {
            'up{job="vault", instance="vault-0"}': "1x30",
            'up{job="vault", instance="vault-1"}': "0x30",
            'up{job="grafana", instance="grafana"}': "1x30",
        },
        "20m",
        [],
        ["TargetsDown", "VaultDown"],
    ),
    "half of the tasks fail, or all": (
        {'celery_task_failed_total{job="celery-exporter", name="n", exception="E"}': "0+60x60"},
        "40m",
        ["ProcessingFailuresHigh"],
        [],
    ),
    "two primaries": (
        {
            'pg_up{job="postgres", instance="a"}': "1x30",
            'pg_replication_is_replica{job="postgres", instance="a"}': "0x30",
            'pg_replication_is_replica{job="postgres", instance="b"}': "0x30",
        },
        "10m",
        ["PostgresqlPrimaryMissing", "PostgresqlReplicasMissing"],
        ["PostgresqlAbsent"],
    ),
    "a healthy database": (
        {
            'pg_up{job="postgres", instance="a"}': "1x40",
            'pg_replication_is_replica{job="postgres", instance="a"}': "0x40",
            'pg_replication_is_replica{job="postgres", instance="b"}': "1x40",
            'pg_replication_is_replica{job="postgres", instance="c"}': "1x40",
            'pg_settings_max_connections{job="postgres", instance="a"}': "500x40",
            f"pg_stat_activity_count{{{CLIENTS}}}": "399x40",
            'pg_stat_activity_count{job="postgres", instance="a", backend_type="walwriter"}': "100x40",
        },
        "35m",
        [],
        [
            "PostgresqlPrimaryMissing",
            "PostgresqlReplicasMissing",
            "PostgresqlConnectionsHigh",
            "PostgresqlMaxConnectionsDiffers",
        ],
    ),
    "connections run out": (
        {
            'pg_settings_max_connections{job="postgres", instance="a"}': "500x40",
            f'pg_stat_activity_count{{{CLIENTS}, state="idle"}}': "300x40",
            f'pg_stat_activity_count{{{CLIENTS}, state="active"}}': "190x40",
        },
        "15m",
        ["PostgresqlConnectionsHigh", "PostgresqlConnectionsExhausted"],
        [],
    ),
    "a cache without a limit": (
        {
            'redis_memory_used_bytes{job="redis", instance="a"}': "9e9x40",
            'redis_memory_max_bytes{job="redis", instance="a"}': "0x40",
        },
        "35m",
        ["RedisMemoryLimitDiffers"],
        ["RedisMemoryHigh", "RedisMemoryCritical"],
    ),
    "a queue on two nodes, without a consumer": (
        {
            f'rabbitmq_detailed_queue_messages_ready{{{QUEUE}, instance="a"}}': "800x60",
            f'rabbitmq_detailed_queue_messages_ready{{{QUEUE}, instance="b"}}': "700x60",
            f'rabbitmq_detailed_queue_consumers{{{QUEUE}, instance="a"}}': "0x60",
            f'rabbitmq_detailed_queue_head_message_timestamp{{{QUEUE}, instance="a"}}': "0x60",
        },
        "40m",
        ["RabbitmqQueueLong", "RabbitmqQueueUnattended"],
        ["RabbitmqQueueOverflowing", "RabbitmqConsumersBehind"],
    ),
    "a certificate that was never issued": (
        {
            f"certmanager_certificate_expiration_timestamp_seconds{{{CERTIFICATE}}}": "0x90",
            f'certmanager_certificate_ready_status{{{CERTIFICATE}, condition="True"}}': "0x90",
        },
        "80m",
        ["CertificateNotReady"],
        ["CertificateExpires", "CertificateExpiresSoon"],
    ),
    "a probe fails while its scrape works": (
        {'up{job="routes"}': "1x20", 'probe_success{job="routes", instance="https://a"}': "0x20"},
        "10m",
        ["RouteUnreachable"],
        ["RouteProbeAbsent"],
    ),
    "failed messages have one label more": (
        {
            'alertmanager_notifications_total{job="alertmanager", integration="slack"}': "0+60x30",
            'alertmanager_notifications_failed_total{job="alertmanager", integration="slack", '
            'reason="other"}': "0+30x30",
        },
        "20m",
        ["AlertmanagerNotificationsFailing"],
        [],
    ),
    "the cgroup of the pod is not counted": (
        {
            f'container_memory_working_set_bytes{{{POD}, container="c", image="i"}}': "50x40",
            f"container_memory_working_set_bytes{{{POD}}}": "99x40",
            f'container_spec_memory_limit_bytes{{{POD}, container="c", image="i"}}': "100x40",
            f"container_spec_memory_limit_bytes{{{POD}}}": "100x40",
        },
        "30m",
        [],
        ["ContainerMemoryHigh"],
    ),
}


def firing(name: str, time: str, *, wanted: bool) -> dict[str, Any]:
    return {
        "expr": f'count(ALERTS{{alertname="{name}", alertstate="firing"}}) > bool 0 or vector(0)',
        "eval_time": time,
        "exp_samples": [{"value": int(wanted)}],
    }


def case_of(name: str) -> dict[str, Any]:
    series, time, fires, quiet = CASES[name]
    tests: Iterator[dict[str, Any]] = itertools.chain(
        (firing(alert, time, wanted=True) for alert in fires),
        (firing(alert, time, wanted=False) for alert in quiet),
    )
    return {
        "interval": "1m",
        "input_series": [{"series": key, "values": values} for key, values in series.items()],
        "promql_expr_test": list(tests),
    }


@pytest.mark.parametrize("name", CASES)
def test_alerts_fire_when_they_should(
    name: str, shipped: dict[str, Files], tool: Tool, tmp_path: Path
) -> None:
    files = shipped["production"]
    known = {rule["alert"] for rule in rules(files, "alerts")}
    assert {*CASES[name][2], *CASES[name][3]} <= known
    write(files, tmp_path)
    case = tmp_path / "prometheus" / "case.yml"
    document = {"rule_files": ["rules/*.yml"], "evaluation_interval": "1m"}
    case.write_text(yaml.safe_dump({**document, "tests": [case_of(name)]}), "utf-8")
    run(tool("promtool"), "test", "rules", case)
