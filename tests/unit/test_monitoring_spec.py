"""What the models of monitoring and alerting refuse, and what they are without a word."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from manifestgen.spec.alerting import Alerting
from manifestgen.spec.monitoring import Monitoring
from support.monitoring import ALERTING, MONITORING

MINIMAL: dict[str, Any] = {
    "default": "team",
    "receivers": {"team": {"slack": {"urlFile": "/etc/slack", "channel": "#team"}}},
}


def with_change(base: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of ``base`` with one value, at a path of names with dots, replaced or added."""
    changed = copy.deepcopy(base)
    at: Any = changed
    *steps, last = path.split(".")
    for step in steps:
        at = at.setdefault(step, {})
    at[last] = value
    return changed


def rules_of(error: ValidationError) -> list[str]:
    return [details.get("ctx", {}).get("rule", details["type"]) for details in error.errors()]


def test_monitoring_needs_no_words() -> None:
    monitoring = Monitoring()
    assert (monitoring.scrape_interval, monitoring.retention) == ("15s", "30d")
    assert list(monitoring.datasources) == ["prometheus"]


def test_everything_of_the_tests_is_accepted() -> None:
    Monitoring.model_validate(MONITORING)
    Alerting.model_validate(ALERTING)


ROUTE = {"match": {"severity": "info"}, "to": ["team"]}
INHIBITION = {"source": {"severity": "critical"}, "target": {"severity": "info"}, "equal": ["component"]}


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("default", "nobody", "alert-route-receiver"),
        ("routes.x", {**ROUTE, "to": ["nobody"]}, "alert-route-receiver"),
        ("routes.x", {**ROUTE, "to": []}, "too_short"),
        ("routes.x", {**ROUTE, "muted": ["never"]}, "alert-route-interval"),
        ("routes.x", {**ROUTE, "active": ["never"]}, "alert-route-interval"),
        ("routes.x", {**ROUTE, "match": {}}, "match-empty"),
        ("routes.x", {**ROUTE, "match": {"severity": "loud"}}, "literal_error"),
        ("receivers.other", {"slack": {"urlFile": "/x", "channel": "#x"}}, "alert-receiver-unused"),
        ("receivers.team", {"description": "nobody"}, "receiver-empty"),
        ("receivers.team", {"email": {"to": ["a@example.com"]}}, "alert-smtp"),
        ("receivers.team.slack.channel", "{{ x }}", "string_pattern_mismatch"),
        ("receivers.team.slack.urlFile", "https://hooks.slack.com/secret", "string_pattern_mismatch"),
        ("inhibitions.x", {**INHIBITION, "target": INHIBITION["source"]}, "inhibition-self"),
        ("inhibitions.x", {**INHIBITION, "equal": []}, "too_short"),
        ("intervals.x", {"periods": {"all": {}}}, "period-empty"),
        ("intervals.x", {"periods": {"night": {"times": ["22:00-06:00"]}}}, "period-times"),
        ("intervals.x", {"periods": {"noon": {"times": ["25:00-26:00"]}}}, "string_pattern_mismatch"),
        ("intervals.x", {"periods": {"day": {"dates": ["13-01"]}}}, "string_pattern_mismatch"),
    ],
)
def test_alerting_that_cannot_work_is_refused(path: str, value: Any, rule: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Alerting.model_validate(with_change(MINIMAL, path, value))
    assert rule in rules_of(caught.value)


PASSWORD = {"type": "postgresql", "title": "X", "datastore": "x", "username": "x"}


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("scrapeInterval", "5s", "scrape-timeout"),
        ("scrapeInterval", "2m", "scrape-interval"),
        ("retention", "forever", "duration"),
        ("externalLabels.region", "${HOME}", "string_pattern_mismatch"),
        ("thresholds.postgresql.connectionsWarning", 101, "less_than_equal"),
        ("thresholds.web.errorsCritical", 0, "greater_than"),
        ("alerts.lowercase", {"enabled": False}, "string_pattern_mismatch"),
        ("business.app_x", {"workload": "a", "type": "histogram", "description": "x"}, "literal_error"),
        (
            "business.app_x",
            {"workload": "a", "type": "gauge", "description": "x", "lowest": 2, "highest": 1},
            "business-bounds",
        ),
        ("datasources.other", {"type": "prometheus", "default": True}, "datasource-default"),
        (
            "datasources.loki",
            {"type": "loki", "title": "L", "url": "http://l", "traces": "no"},
            "datasource-link",
        ),
        (
            "datasources.tempo",
            {"type": "tempo", "title": "T", "url": "http://t", "logs": "prometheus"},
            "datasource-link",
        ),
        ("datasources.x", {**PASSWORD, "password": {"env": "A", "file": "/b"}}, "secret-place"),
        ("datasources.x", {**PASSWORD, "password": {}}, "secret-place"),
        ("datasources.x", {"type": "loki", "title": "L", "url": "http://${HOST}"}, "string_pattern_mismatch"),
    ],
)
def test_monitoring_that_cannot_work_is_refused(path: str, value: Any, rule: str) -> None:
    base = {"datasources": {"prometheus": {"type": "prometheus", "default": True}}}
    with pytest.raises(ValidationError) as caught:
        Monitoring.model_validate(with_change(base, path, value))
    assert rule in rules_of(caught.value)
