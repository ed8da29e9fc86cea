"""The files of Prometheus, Alertmanager and Grafana: what they say, and that no text breaks them."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import promql_parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from manifestgen.monitoring import gotemplate, promql
from support.monitoring import files_of_spec, monitored, parsed, rules
from support.specs import everything, spec_of

FILES = files_of_spec(monitored())
PROMETHEUS = parsed(FILES, "prometheus/prometheus.yml")
ALERTMANAGER = parsed(FILES, "alertmanager/alertmanager.yml")
DATASOURCES = "grafana/provisioning/datasources/datasources.yml"
JOBS: dict[str, dict[str, Any]] = {job["job_name"]: job for job in PROMETHEUS["scrape_configs"]}

# What https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources documents.
DATASOURCES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["apiVersion", "datasources"],
    "properties": {
        "apiVersion": {"const": 1},
        "datasources": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "uid", "type", "access", "url", "editable"],
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "uid": {"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,40}$"},
                    "type": {"enum": ["prometheus", "loki", "tempo", "jaeger", "postgres"]},
                    "access": {"const": "proxy"},
                    "url": {"type": "string", "minLength": 1},
                    "user": {"type": "string"},
                    "isDefault": {"type": "boolean"},
                    "editable": {"type": "boolean"},
                    "jsonData": {"type": "object"},
                    "secureJsonData": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            },
        },
    },
}

# Text as people, and those who mean harm, may write it.
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1),
    st.sampled_from(
        ["{{", "}}", "{{ $labels.x", "{{ define `x` }}", "a: b", "# no", "on", "1_000", "'\"`", "$$", "~",
         "${HOME}", "- x", "{% raw %}", "{{ 1/0 }}", "yes", "null", "\\", "x" * 3000, "é😀", "{{{ $value }}}"]
    ),
)  # fmt: skip


FRONT: dict[str, Any] = {
    "type": "web",
    "image": {"repository": "ghcr.io/example/web", "tag": "1.0.0"},
    "ports": {"http": 8000},
    "metrics": {"port": "http"},
    "replicas": 2,
    "resources": {},
}
ONE_TEAM: dict[str, Any] = {
    "default": "team",
    "receivers": {"team": {"slack": {"urlFile": "/etc/slack", "channel": "#team"}}},
}
INHIBITION: dict[str, Any] = {
    "source": {"severity": "critical"},
    "target": {"severity": "info"},
    "equal": ["component"],
}
DATABASE_ALONE = spec_of(
    datastores={"database": everything()["datastores"]["database"]},
    settings={"credentials": everything()["settings"]["credentials"]},
    vault=everything()["vault"],
)


def test_the_retention_is_told_where_it_belongs() -> None:
    head = FILES["prometheus/prometheus.yml"].text.split("global:")[0]
    assert "--storage.tsdb.retention.time=15d" in head


def test_global_settings_are_those_of_the_spec() -> None:
    assert PROMETHEUS["global"] == {
        "scrape_interval": "15s",
        "scrape_timeout": "10s",
        "evaluation_interval": "30s",
        "external_labels": {"platform": "everything", "region": "eu-central-1", "environment": "live"},
    }
    assert PROMETHEUS["rule_files"] == ["rules/*.yml"]


def test_every_service_is_scraped() -> None:
    assert list(JOBS) == [
        "front",
        "crew",
        "shop",
        "agent",
        "database",
        "cache",
        "cache-sentinel",
        "queue",
        "queue-queues",
        "files",
        "files-nodes",
        "ledger",
        "events",
        "events-queues",
        "archive",
        "celery",
        "timescaledb",
        "pushgateway",
        "routes",
        "ingress-nginx",
        "cert-manager",
        "vault",
        "kube-state-metrics",
        "kubelet",
        "cadvisor",
        "node",
        "prometheus",
        "alertmanager",
        "grafana",
        "loki",
        "tempo",
        "jaeger",
        "gateway",
    ]


def test_a_workload_is_found_by_its_labels_and_the_port_of_its_metrics() -> None:
    job = JOBS["front"]
    assert job["metrics_path"] == "/internal/metrics"
    assert job["kubernetes_sd_configs"] == [{"role": "pod", "namespaces": {"names": ["everything"]}}]
    assert job["relabel_configs"][0] == {
        "source_labels": [
            "__meta_kubernetes_pod_label_app_kubernetes_io_name",
            "__meta_kubernetes_pod_label_app_kubernetes_io_part_of",
            "__meta_kubernetes_pod_container_port_name",
        ],
        "regex": "front;everything;admin",
        "action": "keep",
    }


def test_data_services_are_found_at_their_metrics_ports() -> None:
    kept = {name: JOBS[name]["relabel_configs"][0]["regex"] for name in ("database", "cache", "queue")}
    assert kept == {"database": "database;9187", "cache": "cache;9121", "queue": "queue;15692"}
    assert JOBS["cache-sentinel"]["params"] == {"target": ["redis://127.0.0.1:26379"]}
    assert "queue_coarse_metrics" in JOBS["queue-queues"]["params"]["family"]
    assert JOBS["files"]["static_configs"][0]["targets"] == ["files.everything.svc:9000"]


def test_labels_of_kubernetes_objects_win_over_those_of_the_target() -> None:
    honoring = {name for name, job in JOBS.items() if job.get("honor_labels")}
    others = {"ingress-nginx", "cert-manager", "kube-state-metrics", "kubelet", "cadvisor"}
    assert honoring == {*others, "pushgateway"}  # what is pushed says itself what it is about


def test_routes_are_probed_where_anybody_may_come_in() -> None:
    assert JOBS["routes"]["static_configs"][0]["targets"] == ["http://shop.example.com/up"]


def test_addresses_of_alertmanager_replace_its_discovery() -> None:
    files = files_of_spec(monitored(alertmanagers=["am-0:9093", "am-1:9093"]))
    (alertmanager,) = parsed(files, "prometheus/prometheus.yml")["alerting"]["alertmanagers"]
    assert alertmanager == {"static_configs": [{"targets": ["am-0:9093", "am-1:9093"]}]}
    (found,) = PROMETHEUS["alerting"]["alertmanagers"]
    assert found["relabel_configs"][0]["regex"] == "alertmanager;http"


def test_a_workload_may_be_the_exporter_of_celery() -> None:
    spec = monitored(stack={"celeryExporter": {"enabled": True, "workload": "front"}})
    found = {rule["alert"]: rule for rule in rules(files_of_spec(spec), "alerts")}
    assert 'sum(celery_worker_up{job="front"})' in found["CeleryWorkerDown"]["expr"]
    assert 'job="front"' not in found["WebDown"]["expr"]


SERVERS = {
    "https://vault.example.com:8200": ("https", {"server_name": "vault.example.com"}),
    "http://vault.vault.svc:8200": ("http", None),
}


@pytest.mark.parametrize("server", SERVERS)
def test_vault_is_scraped_by_the_scheme_of_its_server(server: str) -> None:
    spec = monitored()
    spec["vault"]["server"] = server
    jobs = parsed(files_of_spec(spec), "prometheus/prometheus.yml")["scrape_configs"]
    (vault,) = [job for job in jobs if job["job_name"] == "vault"]
    scheme, tls = SERVERS[server]
    assert (vault.get("scheme", "http"), vault.get("tls_config")) == (scheme, tls)
    assert vault["relabel_configs"][0]["regex"] == f"vault-internal;{scheme}"


def test_the_listener_of_vault_may_differ_from_its_address() -> None:
    spec = monitored(stack={"vault": {"scheme": "http", "port": "metrics"}})
    jobs = parsed(files_of_spec(spec), "prometheus/prometheus.yml")["scrape_configs"]
    (vault,) = [job for job in jobs if job["job_name"] == "vault"]
    assert ("scheme" in vault, "tls_config" in vault) == (False, False)
    assert vault["relabel_configs"][0]["regex"] == "vault-internal;metrics"


def test_what_vault_needs_is_told_where_it_is_scraped() -> None:
    hint = "unauthenticated_metrics_access"
    assert hint in FILES["prometheus/prometheus.yml"].text.split("global:")[0]
    without = files_of_spec(monitored(stack={"vault": {"enabled": False}}))
    assert hint not in without["prometheus/prometheus.yml"].text


PORTS = [
    ("cert-manager", "cert-manager;tcp-prometheus-servicemonitor"),
    ("cert-manager", "cert-manager;http-metrics"),
    ("kube-state-metrics", "kube-state-metrics;http"),
    ("alertmanager", "alertmanager;http"),
    ("grafana", "grafana;service"),
    ("loki", "loki;http-metrics"),
    ("tempo", "tempo;tempo-prom-metrics"),
    ("jaeger", "jaeger;internal-metrics"),
]
"""Services and ports as the charts of these projects name them."""


@pytest.mark.parametrize(("job", "found"), PORTS)
def test_services_are_found_as_their_charts_make_them(job: str, found: str) -> None:
    assert re.fullmatch(JOBS[job]["relabel_configs"][0]["regex"], found)


@pytest.mark.parametrize("verify", [True, False])
def test_the_certificate_of_a_kubelet_is_checked_or_not(verify: bool) -> None:
    spec = monitored(stack={"kubelet": {"verifyCertificate": verify}})
    jobs = parsed(files_of_spec(spec), "prometheus/prometheus.yml")["scrape_configs"]
    found = [job["tls_config"] for job in jobs if job["job_name"] in ("kubelet", "cadvisor")]
    ca = {"ca_file": "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"}
    assert found == [ca if verify else {"insecure_skip_verify": True}] * 2


def test_several_receivers_become_branches_that_inherit_no_interval() -> None:
    critical = ALERTMANAGER["route"]["routes"][0]
    assert critical == {
        "matchers": ['severity="critical"'],
        "receiver": "on-call",
        "continue": True,
        "group_wait": "10s",
        "repeat_interval": "1h",
        "routes": [
            {"receiver": "on-call", "continue": True, "mute_time_intervals": ["holidays"]},
            {"receiver": "fire", "mute_time_intervals": ["holidays"]},
        ],
    }


def test_times_are_those_of_alertmanager_whose_week_begins_on_sunday() -> None:
    intervals = {i["name"]: i["time_intervals"] for i in ALERTMANAGER["time_intervals"]}
    assert intervals["working-hours"] == [
        {
            "times": [
                {"start_time": "08:00", "end_time": "12:00"},
                {"start_time": "13:00", "end_time": "18:00"},
            ],
            "weekdays": ["monday:friday"],
            "location": "Europe/Zurich",
        },
        {
            "times": [{"start_time": "20:00", "end_time": "24:00"}],
            "weekdays": ["monday", "saturday", "sunday"],
            "location": "Europe/Zurich",
        },
    ]
    assert intervals["holidays"] == [
        {"days_of_month": ["25"], "months": ["12"]},
        {"days_of_month": ["3"], "months": ["4"], "years": ["2026"]},
    ]


def test_no_secret_is_in_the_file_only_where_it_lies() -> None:
    assert ALERTMANAGER["global"]["smtp_auth_password_file"] == "/etc/alertmanager/smtp"
    receivers = {receiver["name"]: receiver for receiver in ALERTMANAGER["receivers"]}
    assert receivers["on-call"]["pagerduty_configs"][0]["routing_key_file"] == "/etc/alertmanager/pagerduty"
    assert receivers["fire"]["slack_configs"][0]["api_url_file"] == "/etc/alertmanager/slack"
    assert receivers["data"]["email_configs"][0]["to"] == "data@example.com, dba@example.com"


def test_data_sources_are_as_grafana_documents_them() -> None:
    document = parsed(FILES, DATASOURCES)
    jsonschema.validate(document, DATASOURCES_SCHEMA)
    sources = {source["uid"]: source for source in document["datasources"]}
    assert list(sources) == ["prometheus", "database", "timescale", "loki", "tempo", "jaeger"]
    assert sources["database"]["url"] == "database-primary.everything.svc:5432"
    assert sources["database"]["secureJsonData"] == {"password": "$__file{/etc/grafana/password}"}
    assert sources["timescale"]["secureJsonData"] == {"password": "${TIMESCALE_PASSWORD}"}
    assert sources["timescale"]["jsonData"]["timescaledb"] is True
    assert [uid for uid, source in sources.items() if source.get("isDefault")] == ["prometheus"]


WITHOUT_ALERTING = (
    "pods.alerts",
    "containers.records",
    "containers.alerts",
    "nodes.records",
    "nodes.alerts",
    "cluster.alerts",
    "prometheus.records",
    "prometheus.alerts",
    "alertmanager.alerts",
)
"""Groups of rules for whom nobody has said who is told."""


def test_without_alerting_there_is_no_alertmanager() -> None:
    files = files_of_spec(spec_of())
    assert set(files) == {
        "prometheus/prometheus.yml",
        *(f"prometheus/rules/{group}.yml" for group in WITHOUT_ALERTING),
        DATASOURCES,
    }


ROUTES = {"critical": {"match": {"severity": "critical"}, "to": ["team"], "repeatInterval": "1h"}}
SMALL = spec_of(workloads={"front": FRONT}, alerting={**ONE_TEAM, "routes": ROUTES})
READ = sorted(
    name
    for name in files_of_spec(SMALL)
    if "dashboards/" not in name and ("/tests/" not in name or name.endswith("/web.test.yml"))
)
"""Of the tests of alerts one file says how all read; promtool reads them all."""


@pytest.mark.parametrize("name", READ)
def test_every_file_of_a_small_platform_reads_well(name: str, snapshot: SnapshotAssertion) -> None:
    assert files_of_spec(SMALL)[name].text == snapshot


@settings(deadline=None, max_examples=60)
@given(TEXTS, TEXTS, TEXTS)
def test_any_text_of_an_alert_survives(expr: str, summary: str, description: str) -> None:
    entry = {
        "expr": expr,
        "severity": "info",
        "component": "front",
        "category": "api",
        "summary": summary,
        "description": description,
    }
    found = rules(files_of_spec(spec_of(monitoring={"alerts": {"Own": entry}})), "alerts")
    own = next(rule for rule in found if rule["alert"] == "Own")
    assert own["expr"] == expr
    assert printed(own["annotations"]["summary"]) == summary
    assert own["annotations"]["description"] == gotemplate.description(description)


@settings(deadline=None, max_examples=60)
@given(TEXTS, TEXTS)
def test_any_text_of_a_receiver_and_an_inhibition_stays_a_comment(receiver: str, inhibition: str) -> None:
    plain = {**ONE_TEAM, "inhibitions": {"x": INHIBITION}}
    team = {**ONE_TEAM["receivers"]["team"], "description": receiver}
    described = {"x": {**INHIBITION, "description": inhibition}}
    alerting = {**ONE_TEAM, "receivers": {"team": team}, "inhibitions": described}
    name = "alertmanager/alertmanager.yml"
    assert parsed(files_of_spec(spec_of(alerting=alerting)), name) == parsed(
        files_of_spec(spec_of(alerting=plain)), name
    )


@settings(deadline=None, max_examples=60)
@given(TEXTS, TEXTS)
def test_any_text_of_a_data_source_survives_the_variables_of_grafana(title: str, username: str) -> None:
    source = {"type": "postgresql", "title": title, "datastore": "database", "username": username}
    spec = DATABASE_ALONE | {"monitoring": {"datasources": {"own": {**source, "password": {"env": "P"}}}}}
    (found,) = parsed(files_of_spec(spec), DATASOURCES)["datasources"]
    assert (expanded(found["name"]), expanded(found["user"])) == (title, username)


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_any_user_of_the_mail_server_survives(username: str) -> None:
    smtp = {"smarthost": "mail:587", "from": "a@example.com", "username": username}
    files = files_of_spec(spec_of(alerting={**ONE_TEAM, "smtp": smtp}))
    assert parsed(files, "alertmanager/alertmanager.yml")["global"]["smtp_auth_username"] == username


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_any_description_of_a_figure_survives(text: str) -> None:
    metric = {"workload": "front", "type": "gauge", "description": text, "lowest": 1}
    spec = spec_of(workloads={"front": FRONT}, monitoring={"business": {"app_x": metric}})
    found = rules(files_of_spec(spec), "alerts")
    low = next(rule for rule in found if rule["alert"] == "AppXLow")
    assert printed(low["annotations"]["summary"]) == f"{text}: unusually low"


@given(st.text())
def test_a_literal_prints_itself(text: str) -> None:
    assert printed(gotemplate.literal(text)) == text


@given(st.text(alphabet='{}$ |"valuehmnizbs.', max_size=40))
def test_a_description_opens_only_what_it_knows(text: str) -> None:
    rest = gotemplate.description(text).replace('{{ "{{" }}', "\0")
    while "{{" in rest:
        start, end = rest.index("{{"), rest.index("}}", rest.index("{{"))
        assert rest[start + 2 : end].strip().startswith(("$labels.", "$value"))
        rest = rest[:start] + rest[end + 2 :]


@given(st.text())
def test_a_string_of_promql_is_read_back_unchanged(text: str) -> None:
    (matcher,) = promql_parser.parse(f"x{{{promql.matcher('a', [text])}}}").matchers.matchers
    assert matcher.value == text


@given(st.lists(st.text(min_size=1), min_size=2, max_size=3))
def test_a_matcher_of_several_values_matches_just_these(values: list[str]) -> None:
    (matcher,) = promql_parser.parse(f"x{{{promql.matcher('a', values)}}}").matchers.matchers
    pattern = re.compile(matcher.value, re.DOTALL)
    assert all(pattern.fullmatch(value) for value in values)
    other = values[0] + "x"
    assert other in values or not pattern.fullmatch(other)


@given(st.floats(min_value=0, max_value=1e9))
def test_a_number_is_never_written_in_scientific_notation(value: float) -> None:
    assert "e" not in promql.number(value)
    assert float(promql.number(value)) == pytest.approx(value, abs=1e-9)


def expanded(value: str) -> str:
    """What Grafana makes of a value without variables; a lone dollar sign would be one."""
    parts = value.split("$$")
    assert not any("$" in part for part in parts)
    return "$".join(parts)


def printed(template: str) -> str:
    """What a Go template of text and escaped braces prints; anything else in it fails."""
    parts = template.split('{{ "{{" }}')
    assert not any("{{" in part for part in parts)
    return "{{".join(parts)
