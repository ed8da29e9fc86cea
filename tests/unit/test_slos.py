"""Objectives become records and alerts: which windows, which factors, what people are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from manifestgen.facts.burnrates import burn_alerts, lowest_objective
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.monitoring.rules import Alert, Group
from support.specs import platform_of, spec_of

DAY = 86400


def groups(slo: dict[str, Any], **monitoring: Any) -> dict[str, Group]:
    api = {
        "type": "web",
        "image": {"repository": "example/api", "tag": "1"},
        "ports": {"http": 8000},
        "metrics": {"port": "http"},
        "replicas": 1,
        "resources": {},
    }
    slos = {"good": {"workload": "api", "objective": 99.9, **slo}}
    platform = platform_of(spec_of(workloads={"api": api}, slos=slos, monitoring=monitoring))
    return {group.name: group for group in groups_of(platform) if group.name.startswith("slo")}


def alerts(slo: dict[str, Any]) -> Iterator[Alert]:
    return (alert for group in groups(slo).values() for alert in group.alerts)


@pytest.mark.parametrize(
    ("period", "factors"),
    [
        (30, {"1h": 14.4, "6h": 6, "1d": 3, "3d": 1}),
        (28, {"1h": 13.44, "6h": 5.6, "1d": 2.8, "3d": 1}),  # 0.93 of the pace that is allowed is no trouble
        (90, {"1h": 43.2, "6h": 18, "1d": 9, "3d": 3}),
        (7, {"1h": 3.36, "6h": 1.4, "1d": 1}),
    ],
)
def test_factors_burn_the_same_shares_of_any_period(period: int, factors: dict[str, float]) -> None:
    found = list(burn_alerts(period * DAY))
    assert {one.window.long: one.factor for one in found} == pytest.approx(factors)
    assert [one.window.is_urgent for one in found] == [one.window.long in ("1h", "6h") for one in found]


def test_the_lowest_objective_is_where_a_total_outage_is_just_the_factor() -> None:
    assert lowest_objective(14.4) == pytest.approx(93.0556, abs=1e-4)
    assert 14.4 * (1 - lowest_objective(14.4) / 100) == pytest.approx(1)


def test_short_windows_are_evaluated_often_and_long_ones_seldom() -> None:
    found = groups({})
    windows = {
        name: {
            record.name.removeprefix("slo:errors:ratio_rate")
            for record in group.records
            if "ratio_rate" in record.name
        }
        for name, group in found.items()
    }
    assert windows == {"slo": {"5m", "30m", "1h"}, "slo-windows": {"2h", "6h", "1d", "3d", "30d"}}
    assert {name: group.interval for name, group in found.items()} == {"slo": None, "slo-windows": "2m"}
    assert groups({}, evaluationInterval="3m")["slo-windows"].interval is None
    assert all(record.labels == {"slo": "good"} for group in found.values() for record in group.records)
    counted = [record.expr for record in found["slo-windows"].records if "http_requests_total" in record.expr]
    assert counted == []


def test_an_alert_on_a_budget_is_routed_like_others_and_says_how_long_it_lasts() -> None:
    fast, *_ = alerts({"description": "People can shop {{ x }}", "category": "business"})
    assert fast.labels == {
        "severity": "critical",
        "component": "api",
        "category": "business",
        "team": "team-shop",
        "slo": "good",
    }
    assert fast.description.startswith(
        '{{ $labels.slo }} (People can shop {{ "{{" }} x }}), 99.9% within 30d, '
    )
    assert "{{ $value | humanize }} times as fast as it may" in fast.description
    assert "gone in {{ . | first | value | humanizeDuration }}" in fast.description
    assert [alert.severity for alert in alerts({})] == ["critical"] * 2 + ["warning"] * 2 + ["info"] * 2


def test_who_wants_to_hear_of_one_failure_has_no_floor() -> None:
    with_floor, without = (next(alerts({"minimumFailures": least})).expr for least in (2, 1))
    assert with_floor.endswith("[1h]) * 3600 >= 2")
    assert ">=" not in without and without == with_floor.rpartition("\n  and\n")[0]


def test_an_objective_may_be_recorded_only() -> None:
    assert list(alerts({"alerts": False, "objective": 50})) == []
    assert groups({"alerts": False, "objective": 50})["slo"].records


def test_what_is_good_must_be_counted_for_failures_to_be_known() -> None:
    (failed,) = (
        r.expr
        for r in groups({"latency": {"threshold": "1s"}})["slo"].records
        if r.name == "slo:errors:rate5m"
    )
    assert failed.startswith("clamp_min(") and "or" not in failed.split()
