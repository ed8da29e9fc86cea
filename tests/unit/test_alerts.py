"""``manifestgen alerts``: what it says about alerts, and about who is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from manifestgen import cli
from manifestgen.api.alerts import alarms
from manifestgen.errors import Exit
from manifestgen.monitoring.alertmanager import configuration
from manifestgen.monitoring.alertmanager.checks import route_findings
from manifestgen.monitoring.origins import sources_of
from manifestgen.monitoring.routing.reading import read
from manifestgen.monitoring.routing.tree import routes_of
from manifestgen.spec.alerting import Alerting
from manifestgen.spec.prometheus import Category, Severity
from support.monitoring import ALERTING
from support.specs import everything, platform_of

SHIPPED = Path(__file__).parents[2] / "specs" / "platform.yaml"
Say = Callable[..., str]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """What a command of ``alerts`` prints about a spec; the test fails when the command does."""

    def run(*words: str, spec: Path = SHIPPED, code: int = Exit.OK) -> str:
        assert cli.run(("alerts", *words, "--spec", str(spec))) == code
        return capsys.readouterr().out

    return run


def as_json(say: Say, *words: str) -> Any:
    return json.loads(say(*words, "--format", "json"))


# --- list and show -----------------------------------------------------------------------------------


def test_the_list_says_who_is_told_of_each_alert(say: Say) -> None:
    head, *lines = say("list", "production").splitlines()
    assert head.split() == ["ALERT", "SEVERITY", "COMPONENT", "CATEGORY", "TEAM", "FOR", "TELLS"]
    rows = {line.split()[0]: line.split(maxsplit=6) for line in lines}
    team = ["critical", "api", "api", "api-team", "1m", "on-call, critical, api-team"]
    assert rows["WebDown"] == ["WebDown", *team]
    assert rows["PostgresqlDeadlocks"][5:] == ["-", "database-team"]
    assert len(lines) == len(as_json(say, "list", "production"))


def test_everything_about_an_alert_is_shown(say: Say) -> None:
    (found,) = as_json(say, "show", "production", "WebErrorRateHigh")
    assert found["labels"]["environment"] == "production"
    assert found["tells"] == ["api-team"]
    what = {one["what"]: one["at"] for one in found["from"]}
    assert what["preset web"] is None
    assert what["monitoring.thresholds.web.quiet: 0.05"] is None
    silencers = {(one["alert"], one["rule"]) for one in found["inhibited_by"]}
    assert ("WebErrorRateCritical", "critical-silences-less") in silencers
    assert ("PostgresqlAbsent", "postgres-silences-what-needs-it") in silencers
    text = say("show", "production", "WebErrorRateHigh")
    assert 'job:http_requests_errors:ratio_rate5m{job="api"} > 0.01' in text
    assert "PostgresqlAbsent, by postgres-silences-what-needs-it" in text


def test_a_threshold_and_an_alert_of_the_spec_are_shown_with_their_lines(say: Say) -> None:
    lines = SHIPPED.read_text("utf-8").splitlines()

    def line_of(place: str) -> str:
        return lines[int(place.rsplit(":", 2)[1]) - 1]

    (latency,) = as_json(say, "show", "production", "WebLatencyP95High")
    (threshold,) = (one for one in latency["from"] if "latencyP95" in one["what"])
    assert "latencyP95: 500ms" in line_of(threshold["at"])
    (own,) = as_json(say, "show", "production", "LoginFailuresHigh")
    assert "LoginFailuresHigh:" in line_of(own["from"][0]["at"])
    (figure,) = as_json(say, "show", "production", "AppActiveUsersLow")
    assert "app_active_users:" in line_of(figure["from"][0]["at"])


def test_an_alert_on_an_objective_is_shown_with_the_lines_of_the_objective(say: Say) -> None:
    lines = SHIPPED.read_text("utf-8").splitlines()
    whole = {"objective", "window", "minimumFailures"}
    fields = {"SloBurnRate6h": whole, "SloErrorBudgetSpent": {"objective", "window"}, "SloNotMeasured": set()}
    for name, compared in fields.items():
        shown = as_json(say, "show", "production", name)
        assert len(shown) > 3
        for one in shown:
            slo = one["labels"]["slo"]
            objective, *more = one["from"]
            assert objective["what"] == f"slos.{slo}"
            line = lines[int(objective["at"].rsplit(":", 2)[1]) - 1]
            assert line.strip().startswith(f"{slo}:")
            assert {source["what"].split(":")[0] for source in more} == {
                f"slos.{slo}.{field}" for field in compared
            }
            for source in more:
                if source["what"].startswith(f"slos.{slo}.objective: "):
                    value = source["what"].partition(": ")[2]
                    assert f"objective: {value}" in lines[int(source["at"].rsplit(":", 2)[1]) - 1]


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_of_every_alert_it_is_said_where_it_comes_from(environment: str) -> None:
    found = alarms(SHIPPED, environment)
    assert len(found.alerts) > 100
    assert [alert.name for alert in found.alerts if not sources_of(found.platform, alert)] == []


def test_an_alert_of_several_components_is_shown_for_each(say: Say) -> None:
    shown = as_json(say, "show", "production", "WorkloadDown")
    assert len({one["labels"]["component"] for one in shown}) == len(shown) > 1


def test_an_alert_that_there_is_not_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(("alerts", "show", "production", "WebDwon", "--spec", str(SHIPPED))) == Exit.USAGE
    assert "there is no alert 'WebDwon' in production; did you mean 'WebDown'?" in capsys.readouterr().err


# --- route -------------------------------------------------------------------------------------------

NIGHT = ("--at", "2026-11-28T03:00-05:00")  # a Saturday
REVIEW = ("--at", "2026-11-30T09:10-05:00")


def route(say: Say, *words: str) -> list[Any]:
    found: list[Any] = as_json(say, "route", *words)
    return found


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("production", "alertname=WebDown", *NIGHT), ["on-call", "critical", "api-team"]),
        (("staging", "alertname=WebDown", *NIGHT), []),
        (("production", "alertname=RedisHitRatioLow", *NIGHT), []),
        (("production", "alertname=RedisHitRatioLow", *REVIEW), ["digest"]),
        (("production", "alertname=RedisHitRatioLow"), ["digest"]),
        (("production", "severity=warning", "team=nobody"), ["alerts"]),
        (("production", "alertname=WebLatencyP95High", "--firing", "alertname=WebDown"), []),
        (("production", "alertname=WebLatencyP95High", "--firing", "alertname=VaultDown"), ["api-team"]),
        (
            (
                *("production", "alertname=NodeDiskFillingUp", "instance=a", "mountpoint=/"),
                *("--firing", "alertname=NodeDiskNearlyFull instance=a mountpoint=/"),
            ),
            [],
        ),
        (
            (
                *("production", "alertname=NodeDiskFillingUp", "instance=a", "mountpoint=/"),
                *("--firing", "alertname=NodeDiskNearlyFull instance=b mountpoint=/"),
            ),
            ["infrastructure-team"],
        ),
    ],
)
def test_who_is_told_depends_on_labels_time_and_what_else_fires(
    words: tuple[str, ...], told: list[str], say: Say
) -> None:
    (found,) = route(say, *words)
    assert found["tells"] == told


def test_an_alert_that_waits_says_until_when_and_why(say: Say) -> None:
    (found,) = route(say, "production", "alertname=RedisHitRatioLow", *NIGHT)
    (way,) = found["ways"]
    assert way["until"] == "2026-11-30T14:00:00+00:00"
    assert way["muted_by"] == ["daily-review"]
    text = say("route", "production", "alertname=RedisHitRatioLow", *NIGHT)
    assert "muted until Mon 2026-11-30 09:00 EST, outside daily-review" in text
    text = say("route", "production", "alertname=LoginFailuresHigh", *NIGHT)
    assert "muted until Mon 2026-11-30 08:00 EST, in off-hours" in text


def test_what_decided_is_named_with_its_line(say: Say) -> None:
    lines = SHIPPED.read_text("utf-8").splitlines()
    text = say("route", "production", "alertname=CeleryWorkersGone", "--firing", "alertname=RabbitmqDown")
    (rule,) = (line for line in text.splitlines() if "inhibited by" in line)
    assert "alerting.inhibitions.broker-silences-workers" in rule
    assert "broker-silences-workers:" in lines[int(rule.rstrip(")").rsplit(":", 2)[1]) - 1]
    assert "told 10s after the first alert of its group" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("production", "WebDown"), "'WebDown' is no label; write e.g. severity=critical"),
        (("production", "alertname=Nothing"), "there is no alert 'Nothing' in production"),
        (("production", "severity=info", "--at", "tomorrow"), "write e.g. 2026-11-27T22:00+01:00"),
        (("production", "severity=info", "--at", "2026-11-27T22:00"), "of which time zone"),
        (("production", "severity=info", "--firing", "WebDown"), "'WebDown' is no label"),
        (("nowhere", "severity=info"), "there is no environment 'nowhere'"),
    ],
)
def test_wrong_usage_of_route_is_told(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(("alerts", "route", *words, "--spec", str(SHIPPED))) == Exit.USAGE
    assert message in capsys.readouterr().err


def test_a_platform_without_alerting_tells_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = everything()
    del spec["alerting"]
    file = tmp_path / "platform.yaml"
    file.write_text(json.dumps(spec), "utf-8")
    assert cli.run(("alerts", "list", next(iter(spec["environments"])), "--spec", str(file))) == Exit.FINDINGS
    assert "[alerting-missing]" in capsys.readouterr().err


# --- tree --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("environment", ["staging", "production"])
@pytest.mark.parametrize("drawing", ["text", "mermaid"])
def test_the_tree_is_drawn(drawing: str, environment: str, say: Say, snapshot: SnapshotAssertion) -> None:
    assert say("tree", environment, "--format", drawing) == snapshot


# --- test --------------------------------------------------------------------------------------------


def test_the_expectations_of_the_shipped_spec_hold(say: Say) -> None:
    *lines, count = say("test").splitlines()
    assert all(line.startswith("ok ") for line in lines)
    assert count == f"{len(lines)} of {len(lines)} hold"
    assert {line.split()[1] for line in lines} == {"staging", "production"}


EXPECTATIONS: dict[str, tuple[dict[str, Any], str]] = {
    "right": ({"alert": "RedisAbsent", "tells": ["fire", "on-call"]}, ""),
    "wrong": (
        {"alert": "RedisAbsent", "tells": ["digest"]},
        "it tells on-call, fire, not digest",
    ),
    "muted": (
        {"alert": "RedisAbsent", "at": "2026-12-25T12:00Z", "tells": ["on-call"]},
        "it tells nobody, not on-call; on-call waits because of holidays; fire waits because of holidays",
    ),
    "inhibited": (
        {"alert": "RedisLatencyHigh", "firing": ["RedisAbsent"], "tells": ["everybody"]},
        "it tells nobody, not everybody; RedisAbsent inhibits it by critical-silences-warning",
    ),
    "unknown": ({"alert": "Nothing", "tells": []}, "there is no alert Nothing in live"),
    "ambiguous": (
        {"alert": "WorkloadDown", "tells": []},
        "WorkloadDown is there for front, back, hands, watcher, shop, desk, packers, clock: say in `labels` "
        "which component is meant",
    ),
}


def test_an_expectation_that_does_not_hold_says_why_and_fails(say: Say, tmp_path: Path) -> None:
    spec = everything()
    tests = {name: expectation for name, (expectation, _) in EXPECTATIONS.items()}
    spec["alerting"] = {**ALERTING, "tests": tests}
    file = tmp_path / "platform.yaml"
    file.write_text(json.dumps(spec), "utf-8")
    environment = next(iter(spec["environments"]))
    shown = say("test", environment, spec=file, code=Exit.FINDINGS).splitlines()
    wanted = [
        f"FAIL {environment} {name}: {fault}" if fault else f"ok   {environment} {name}"
        for name, (_, fault) in EXPECTATIONS.items()
    ]
    assert shown == [*wanted, "1 of 6 hold"]


# --- Routes that cannot do what they were written for --------------------------------------------------

PLATFORM = platform_of(everything())
SEVERITIES, CATEGORIES, TEAM_NAMES = get_args(Severity), get_args(Category), ("a", "b")


@st.composite
def matches(draw: st.DrawFn) -> dict[str, Any]:
    values = {"severity": SEVERITIES, "category": CATEGORIES, "team": TEAM_NAMES}
    chosen = draw(st.sets(st.sampled_from(sorted(values)), min_size=1))
    lists = {key: st.lists(st.sampled_from(values[key]), min_size=1, unique=True) for key in sorted(chosen)}
    return {key: draw(one) for key, one in lists.items()}


ROUTES = st.lists(st.tuples(matches(), st.booleans()), min_size=2, max_size=5)


@settings(max_examples=150, deadline=None)
@given(ROUTES)
def test_a_route_is_called_unreachable_when_no_alert_takes_it(drawn: list[tuple[Any, bool]]) -> None:
    routes = {
        f"route-{number}": {"match": match, "to": [f"r{number}"], "continue": goes_on}
        for number, (match, goes_on) in enumerate(drawn)
    }
    receivers = {f"r{number}": {"webhook": {"url": "http://x:1"}} for number in range(len(drawn))}
    alerting = Alerting.model_validate({"default": "r0", "receivers": receivers, "routes": routes})
    routing = read(configuration(PLATFORM, alerting, ()).document, routes=routes)
    reached = {
        taken.name
        for severity, category, team in product(SEVERITIES, CATEGORIES, (*TEAM_NAMES, "another"))
        for taken in routes_of(routing.root, {"severity": severity, "category": category, "team": team})
    }
    found = route_findings(PLATFORM, alerting)
    unreachable = {one.path.split(".")[-1] for one in found if one.rule == "alert-route-unreachable"}
    assert unreachable == set(routes) - reached


# --- Help ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["list", "show", "route", "tree", "test"])
def test_help_of_every_command_below_ends_with_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(("alerts", name, "--help")) == Exit.OK
    assert f"  manifestgen alerts {name}" in capsys.readouterr().out.partition("\nExample:\n")[2]


def test_a_command_that_there_is_not_is_told_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(("alerts", "rout")) == Exit.USAGE
    assert "there is no command 'rout'; did you mean 'route'?" in capsys.readouterr().err
