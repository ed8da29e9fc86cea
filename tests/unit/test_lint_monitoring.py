"""What lint and render say of PromQL: at the line that holds it, and only when there is some to read."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from manifestgen import api
from manifestgen.errors import Finding, Severity
from manifestgen.kube.objects import Inventory
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.monitoring.rules import Alert, Group, Record
from manifestgen.pipeline import load
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.lint import World, monitoring
from support import proving
from support.drawing import coverage, drawn_specs
from support.monitoring import ALERTING, monitored
from support.records import unused_records
from support.rendering import rendered
from support.specs import Spec, as_json, everything, platform_of

pytestmark = pytest.mark.usefixtures("warm_renders")

SHIPPED = Path(__file__).parents[2] / "specs" / "platform.yaml"

SPEC = """\
apiVersion: manifestgen/v1
kind: Platform
metadata: {name: shop, owner: web-team}
cluster: {kubernetesVersion: "1.34"}
workloads:
  api:
    type: web
    image: {repository: ghcr.io/example/api, tag: 1.4.2}
    ports: {http: 8000}
    metrics: {port: http}
    replicas: 2
    resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 256Mi}}
slos:
  orders:
    workload: api
    objective: 99
    custom:
      errors: 'http_requests_total{job="nobody"}'
      total: 'celery_task_received_total{queue="x"}'
monitoring:
  stack: {celeryExporter: {enabled: true}}
  alerts:
    WorkloadDown:
      for: 1m
    CeleryQueueBacklog:
      expr: celery_worker_up == 0
      for: 15m
      description: "{{ $labels.pod }} is gone."
    Own:
      expr: >-
        rate(kube_node_spec_unschedulable[5m])
        > 0
      severity: info
      component: api
      category: infrastructure
      summary: A node is closed
      description: See the dashboard.
environments:
  live: {namespace: shop}
"""


def findings(folder: Path, text: str) -> tuple[Finding, ...]:
    path = folder / "platform.yaml"
    path.write_text(text, "utf-8")
    return api.lint(path)


def told(found: tuple[Finding, ...]) -> list[tuple[int, str, str]]:
    return [(one.location.line if one.location else 0, one.rule, one.path) for one in found]


def test_each_finding_names_the_line_that_holds_the_expression(tmp_path: Path) -> None:
    assert told(findings(tmp_path, SPEC)) == [
        (18, "series-unscraped", "slos.orders.custom.errors"),
        (19, "promql-label", "slos.orders.custom.total"),
        (27, "alert-never-fires", "monitoring.alerts.CeleryQueueBacklog.for"),
        (28, "alert-template-label", "monitoring.alerts.CeleryQueueBacklog.description"),
        (30, "promql-type", "monitoring.alerts.Own.expr"),
    ]


def test_what_is_sure_to_go_wrong_is_not_rendered(tmp_path: Path) -> None:
    spec = tmp_path / "platform.yaml"
    spec.write_text(SPEC, "utf-8")
    result = api.render(spec, out=tmp_path / "out")
    assert not result.ok
    assert "alert-template-label" not in {one.rule for one in result.findings}  # a warning
    assert not (tmp_path / "out").exists()


def test_what_is_meant_can_be_said(tmp_path: Path) -> None:
    rules = ["promql-type", "series-unscraped", "alert-never-fires"]
    ignored = "".join(f"    {rule}: {{reason: We know}}\n" for rule in rules)
    spec = tmp_path / "platform.yaml"
    spec.write_text(f"{SPEC}lint:\n  ignore:\n{ignored}", "utf-8")
    assert api.render(spec, out=tmp_path / "out").ok


def warnings(folder: Path, spec: Spec, rule: str) -> list[Finding]:
    # Objectives count longer than data is kept, and what refers to them goes with them.
    del spec["slos"], spec["workloads"]["shop"]["rollout"], spec["deployment"], spec["loadTests"], spec["ci"]
    spec["monitoring"]["business"] = everything()["monitoring"]["business"] | spec["monitoring"]["business"]
    return [one for one in findings(folder, as_json(spec)) if one.rule == rule]


def test_a_setting_that_makes_nonsense_of_presets_is_told(tmp_path: Path) -> None:
    found = warnings(tmp_path, monitored(retention="6h"), "promql-range")
    assert ("monitoring.business.app_orders_total.window", "keeps its data for 6h") in {
        (one.path, one.message.partition("Prometheus ")[2]) for one in found
    }
    old = monitored(exporters={"prometheus": "2.42", "alertmanager": "0.25"})
    assert warnings(tmp_path, old, "series-dead") == []


def test_a_wait_that_takes_no_whole_number_of_evaluations_is_told(tmp_path: Path) -> None:
    alerts = {
        "NodeCpuHigh": {"for": "100s", "keepFiringFor": "10s"},
        "NodeMemoryHigh": {"for": "90s", "keepFiringFor": "5m"},
        "NodeDiskNearlyFull": {"enabled": False, "for": "100s"},
    }
    found = warnings(tmp_path, monitored(alerts=alerts, evaluationInterval="30s"), "alert-wait")
    assert [(one.path, one.message) for one in found] == [
        ("monitoring.alerts.NodeCpuHigh.for", "Prometheus looks every 30s, so 100s become 2m"),
        ("monitoring.alerts.NodeCpuHigh.keepFiringFor", "Prometheus looks every 30s, so 10s become 30s"),
    ]


def test_presets_that_are_in_more_of_a_hurry_than_rules_are_evaluated_are_told(tmp_path: Path) -> None:
    assert warnings(tmp_path, monitored(evaluationInterval="1m"), "alert-wait") == []
    (found,) = warnings(tmp_path, monitored(evaluationInterval="2m", alerts={}), "alert-wait")
    assert found.path == "monitoring.evaluationInterval"
    assert found.message.startswith("alerts wait for less than the 2m between two evaluations: WebDown (1m)")


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"equal": ["node"]}, "alerting.inhibitions.x.equal", "no alert on either side has the label node"),
        (
            {"source": {"alert": "RedisMemoryHigh"}, "equal": ["instance", "environment"]},
            "alerting.inhibitions.x.equal",
            "those of the target never do: nothing is silenced",
        ),
        (
            {"target": {"alert": ["WebDown", "RedisDwn"]}},
            "alerting.inhibitions.x.target.alert",
            "there is no alert RedisDwn",
        ),
        ({"equal": ["component", "environment", "region"]}, None, ""),
        (
            {"source": {"alert": "RedisDown"}, "target": {"alert": "RedisMemoryHigh"}, "equal": ["instance"]},
            None,
            "",
        ),
    ],
)
def test_inhibitions_go_by_labels_and_alerts_that_there_are(
    changes: dict[str, Any], path: str | None, message: str, tmp_path: Path
) -> None:
    spec = monitored()
    inhibition = {
        "source": {"alert": "WorkloadDown"},
        "target": {"alert": "WebDown"},
        "equal": ["component"],
        **changes,
    }
    spec["alerting"] = {**ALERTING, "inhibitions": {"x": inhibition}}
    found = warnings(tmp_path, spec, "inhibition-label")
    assert [one.path for one in found] == ([path] if path else [])
    assert all(message in one.message and one.severity is Severity.WARNING for one in found)


def test_a_platform_without_promql_of_its_own_does_not_pay_for_it(tmp_path: Path) -> None:
    spec = tmp_path / "platform.yaml"
    lines = SPEC.splitlines(keepends=True)
    plain = [line for line in lines if not line.startswith(("    Own", "    Celery", "      "))]
    spec.write_text(
        "".join(plain[: plain.index("slos:\n")] + plain[plain.index("environments:\n") :]), "utf-8"
    )
    program = (
        "import sys; from manifestgen import api\n"
        f"assert api.render({str(spec)!r}, out={str(tmp_path / 'out')!r}).ok\n"
        "sys.exit('promql_parser' in sys.modules or 'manifestgen.facts.metrics.cluster' in sys.modules)"
    )
    spec_with_own = tmp_path / "own.yaml"
    spec_with_own.write_text(SPEC, "utf-8")
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
    reads = program.replace(str(spec), str(spec_with_own)).replace(".ok", " is not None")
    assert subprocess.run([sys.executable, "-c", reads], check=False).returncode == 1


@pytest.mark.slow
def test_of_presets_nothing_is_said_that_no_setting_is_to_blame_for(tmp_path: Path) -> None:
    told: Counter[str] = Counter()
    folders = (tmp_path / str(number) for number in range(10_000))

    def check(drawn: Any) -> None:
        folder = next(folders)
        folder.mkdir()
        for platform, _ in rendered(drawn.spec, folder).environments.values():
            told["platforms"] += 1
            told.update(one.rule for one in all_about(platform) if not is_of_a_drawn_text(one))

    proving.for_examples(drawn_specs(coverage.share(0, 12)), 15, 3, check)
    assert told["platforms"] > 15
    # A retention, a budget, an inhibition that was drawn, an alert about x_total, which was drawn, too.
    to_blame = {"promql-range", "cardinality-budget", "inhibition-label", "series-unknown", "series-dead"}
    assert set(told) - {"platforms"} <= to_blame, told


def is_of_a_drawn_text(one: Finding) -> bool:
    """Whether it is about a label that was drawn: for what an objective counts, or in words on an alert."""
    counted = one.rule == "promql-label" and one.message.startswith("slo:")
    return counted or (one.rule == "alert-template-label" and one.path.startswith("monitoring.alerts."))


def all_about(platform: ResolvedPlatform) -> list[Finding]:
    return list(monitoring.check(World(platform, Inventory("x", {}))))


def test_every_record_of_corporate_intel_is_used() -> None:
    unused = [unused_records(groups_of(platform)) for platform in load(SHIPPED).environments.values()]
    assert set.intersection(*unused) == set()  # staging has no replicas whose lag would be looked at


def test_a_record_is_used_by_an_alert_another_record_or_a_dashboard() -> None:
    records = tuple(
        Record(name, expr) for name, expr in (("a:b:c", "a:b:c > d:e:f"), ("d:e:f", "up"), ("g:h:i", "up"))
    )
    alert = Alert("A", severity="info", expr="g:h:i > 1", summary="", description="")
    groups = (Group("x", "X", records), Group("y", "Y", alerts=(alert,)))
    assert unused_records(groups) == {"a:b:c"}
    assert unused_records(groups, ['sum(a:b:c{job="x"})']) == set()
    assert platform_of(monitored()).spec.monitoring.cardinality is None
