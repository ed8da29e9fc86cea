"""Load tests: how users are shared out, and what must hold in an environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from manifestgen.facts.loadtests import shared_out
from manifestgen.targets.loadtests.programs import function
from manifestgen.targets.loadtests.settings import settings
from support.specs import platform_of, spec_of

WEIGHTS = st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(1, 10_000), min_size=1)


@given(st.integers(0, 2000), WEIGHTS)
@example(3, {"A": 1000, "B": 1, "C": 1})
@example(0, {"A": 1})
def test_users_are_shared_out_whole_by_weight_and_nobody_is_left_out(
    users: int, weights: dict[str, int]
) -> None:
    shares = shared_out(users, weights)
    assert list(shares) == list(weights)
    assert sum(shares.values()) == users
    assert min(shares.values()) >= (1 if users >= len(weights) else 0)
    total = sum(weights.values())
    for name, share in shares.items():
        assert share <= max(users * weights[name] / total + 1, 1)
        assert share >= users * weights[name] / total - len(weights)


@pytest.mark.parametrize(
    ("users", "weights", "shares"),
    [
        (50, {"A": 9, "B": 1}, {"A": 45, "B": 5}),
        (10, {"A": 1, "B": 1, "C": 1}, {"A": 4, "B": 3, "C": 3}),
        (2, {"A": 1, "B": 1, "C": 1}, {"A": 1, "B": 1, "C": 0}),
    ],
)
def test_the_largest_remainders_are_rounded_up(
    users: int, weights: dict[str, int], shares: dict[str, int]
) -> None:
    assert shared_out(users, weights) == shares


SLOS = {
    "availability": {"workload": "web", "objective": 99.9},
    "availability-of-orders": {"workload": "web", "objective": 99.5},
    "fast": {"workload": "web", "objective": 95, "latency": {"threshold": "500ms"}},
    "faster": {"workload": "web", "objective": 95, "latency": {"threshold": "250ms"}},
    "worst": {"workload": "web", "objective": 99, "latency": {"threshold": "1s"}},
    "elsewhere": {"workload": "other", "objective": 90, "latency": {"threshold": "100ms"}, "alerts": False},
    "orders": {
        "workload": "web",
        "objective": 99,
        "custom": {"errors": "http_requests_total", "total": "http_requests_total"},
    },
}


def _settings(
    thresholds: Mapping[str, Any] = {}, slos: Mapping[str, Any] = SLOS, **more: Any
) -> dict[str, Any]:
    workload = {
        "type": "web",
        "image": {"repository": "example.com/web", "tag": "1.0.0"},
        "ports": {"http": 8080},
        "metrics": {"port": "http"},
        "probes": {"readiness": {"http": {"path": "/", "port": "http"}}},
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
        "replicas": 1,
    }
    spec = spec_of(
        workloads={"web": workload, "other": workload},
        routes={
            "public": {
                "hosts": ["*.example.com", "shop.example.com"],
                "workload": "web",
                "port": "http",
                **more.pop("route", {}),
            }
        },
        slos=dict(slos),
        loadTests={
            "route": "public",
            "host": "shop.example.com",
            "users": {"Visitor": {"tasks": {"look": 1}}},
            "tasks": {"look": {"group": "Shop", "path": "/"}},
            "thresholds": dict(thresholds),
            **more,
        },
    )
    return settings(platform_of(spec))


def _limits(found: Mapping[str, Any]) -> list[tuple[float | str, float, str]]:
    return [
        (one.get("percentile", "failures"), one.get("most_ms", one.get("most")), one["from"])
        for one in found["thresholds"]
    ]


def test_objectives_of_the_workloads_behind_the_route_must_hold_the_strictest_of_each_kind() -> None:
    assert _limits(_settings()) == [
        (95, 250, "slos.faster"),
        (99, 1000, "slos.worst"),
        ("failures", 0.001, "slos.availability"),
    ]


def test_some_objectives_can_be_named_also_of_other_workloads() -> None:
    found = _settings({"slos": ["elsewhere", "availability-of-orders"]})
    assert _limits(found) == [(90, 100, "slos.elsewhere"), ("failures", 0.005, "slos.availability-of-orders")]


def test_what_the_spec_says_wins_over_objectives_and_adds_to_them() -> None:
    found = _settings({"latency": {"p95": "2s", "p99.9": "3s"}, "failures": 2.5})
    assert _limits(found) == [
        (95, 2000, "loadTests.thresholds.latency.p95"),
        (99, 1000, "slos.worst"),
        (99.9, 3000, "loadTests.thresholds.latency.p99.9"),
        ("failures", 0.025, "loadTests.thresholds.failures"),
    ]


def test_without_objectives_nothing_must_hold() -> None:
    assert _limits(_settings(slos={})) == _limits(_settings({"slos": []})) == []


@pytest.mark.parametrize(
    ("thresholds", "slow"),
    [({}, 1), ({"latency": {"p50": "4s"}}, 4), ({"slow": "250ms"}, 0.25), ({"slos": []}, 1)],
)
def test_slow_is_what_takes_longer_than_any_threshold(thresholds: dict[str, Any], slow: float) -> None:
    assert _settings(thresholds)["slow_seconds"] == slow


def test_requests_go_to_the_host_of_the_route_by_its_scheme_or_to_an_address_of_ones_own() -> None:
    assert _settings()["url"] == "http://shop.example.com"
    assert _settings(route={"tls": {"secret": "certificate"}})["url"] == "https://shop.example.com"
    assert _settings(url="http://localhost:8080")["url"] == "http://localhost:8080"


def test_a_spec_that_says_nothing_of_profiles_has_the_five_usual_ones() -> None:
    profiles = _settings()["profiles"]
    assert list(profiles) == ["load", "smoke", "stress", "spike", "soak"]
    assert [stage["users"]["Visitor"] for stage in profiles["load"]["stages"]] == [50, 100, 200, 0]


@pytest.mark.parametrize(
    ("task", "name"),
    [("list-companies", "list_companies"), ("class", "class_"), ("list", "list_"), ("json", "json_")],
)
def test_a_task_has_a_name_in_python_that_means_nothing_else_there(task: str, name: str) -> None:
    assert function(task) == name
