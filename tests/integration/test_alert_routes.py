"""The model of Alertmanager decides as amtool and a running Alertmanager do."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifestgen.api.alerts import alarms
from manifestgen.monitoring.alarms import Alarms
from manifestgen.monitoring.alertmanager.sections import periods_of
from manifestgen.monitoring.expectations import outcomes
from manifestgen.monitoring.routing.decision import decide
from manifestgen.monitoring.routing.matchers import Matcher
from manifestgen.monitoring.routing.reading import Routing, read
from manifestgen.report.alerts.tree import tree_mermaid
from manifestgen.spec.alerting import Interval
from support.alertmanager import Alertmanager, alertmanager, wait_for, webhooks

Tool = Callable[[str], Path]
Document = dict[str, Any]

SHIPPED = Path(__file__).parents[2] / "specs" / "platform.yaml"
ENVIRONMENTS = ("staging", "production")


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def shipped(request: pytest.FixtureRequest) -> Alarms:
    """The alerts of Corporate Intel in one environment."""
    return alarms(SHIPPED, request.param)


def written(document: Document, folder: Path) -> Path:
    """The configuration as a file, with receivers that do nothing."""
    names = sorted({route["receiver"] for route in all_routes(document["route"])})
    file = folder / "alertmanager.yml"
    file.write_text(yaml.safe_dump({**document, "receivers": [{"name": name} for name in names]}), "utf-8")
    return file


def all_routes(route: Document) -> Iterator[Document]:
    """A route and all below it."""
    yield route
    for branch in route.get("routes") or ():
        yield from all_routes(branch)


def by_amtool(amtool: Path, config: Path, labels: dict[str, str]) -> list[str]:
    """Who is told, by the code of Alertmanager itself."""
    words = [f"{name}={quoted(value)}" for name, value in labels.items()]
    command = [str(amtool), "config", "routes", "test", f"--config.file={config}", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().split(",")


def quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def test_every_alert_reaches_whom_amtool_says(shipped: Alarms, tool: Tool, tmp_path: Path) -> None:
    config = written(shipped.config.document, tmp_path)
    amtool = tool("amtool")
    labels = [shipped.labels_of(alert) for alert in shipped.alerts]
    assert len(labels) > 100
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda one: by_amtool(amtool, config, one), labels))
    assert [list(decide(shipped.routing, one).told) for one in labels] == said


def test_every_alert_of_the_platform_meets_what_the_spec_expects(shipped: Alarms) -> None:
    found = list(outcomes(shipped))
    assert len(found) > 5
    assert [one for one in found if one.fault] == []


# --- Drawn trees -----------------------------------------------------------------------------------

VALUES = ("", "a", "b", "ab", 'quo"te', "back\\slash")
PATTERNS = ("a|b", "a.*", ".+", ".*", "[^a]", "(a|ab)b?", "")
LABELS = ("x", "y")


@st.composite
def matchers(draw: st.DrawFn) -> str:
    operator = draw(st.sampled_from(("=", "!=", "=~", "!~")))
    value = draw(st.sampled_from(PATTERNS if "~" in operator else VALUES))
    return f"{draw(st.sampled_from(LABELS))}{operator}{quoted(value)}"


@st.composite
def routes(draw: st.DrawFn, depth: int = 2) -> Document:
    route: Document = {
        "receiver": draw(st.sampled_from(("r1", "r2", "r3", "r4"))),
        "matchers": draw(st.lists(matchers(), min_size=1, max_size=2)),
        "continue": draw(st.booleans()),
    }
    if depth:
        route["routes"] = draw(st.lists(routes(depth - 1), max_size=3))
    if draw(st.integers(0, 4)) == 0 and depth < 2:
        del route["receiver"]  # it has that of the route above
    return route


LABEL_SETS = st.dictionaries(st.sampled_from(LABELS), st.sampled_from(VALUES), min_size=1)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(routes(), min_size=1, max_size=3), st.lists(LABEL_SETS, min_size=2, max_size=2))
def test_any_tree_is_walked_as_amtool_walks_it(
    tool: Tool, tmp_path: Path, branches: list[Document], asked: list[dict[str, str]]
) -> None:
    document = {"route": {"receiver": "r0", "routes": branches}}
    names = [{"name": f"r{number}"} for number in range(5)]
    config = tmp_path / "drawn.yml"
    config.write_text(yaml.safe_dump({**document, "receivers": names}), "utf-8")
    routing = read(document)
    for labels in asked:
        told = [way.receiver for way in decide(routing, labels).ways]
        assert told == by_amtool(tool("amtool"), config, labels), labels


# --- A running server: times ------------------------------------------------------------------------

DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


def times_around(now: datetime, zone: str, *, hours: int) -> Document:
    """Three hours of the day in a place, in the middle of which its clock stands now, or ``hours`` later."""
    local = now.astimezone(ZoneInfo(zone))
    middle = (local.hour + hours) % 24
    first, last = max(middle - 1, 0), min(middle + 2, 24)
    return {"start_time": f"{first:02}:00", "end_time": f"{last:02}:00"}


def weekday(now: datetime, zone: str) -> str:
    return DAYS[now.astimezone(ZoneInfo(zone)).isoweekday() % 7]


def intervals_of(now: datetime) -> dict[str, list[Document]]:
    """Intervals that hold now and ones that do not, of every kind that a configuration may have."""
    kiritimati, pago = "Pacific/Kiritimati", "Pacific/Pago_Pago"  # never the same day
    tomorrow = now + timedelta(days=1)
    week = [day for day in DAYS if day != weekday(now, "UTC")]
    return {
        "this-hour": [{"times": [times_around(now, "UTC", hours=0)]}],
        "another-hour": [{"times": [times_around(now, "UTC", hours=12)]}],
        "this-hour-in-kathmandu": [
            {"times": [times_around(now, "Asia/Kathmandu", hours=0)], "location": "Asia/Kathmandu"}
        ],
        "utc-hour-in-auckland": [
            {"times": [times_around(now, "UTC", hours=0)], "location": "Pacific/Auckland"}
        ],
        "today": [{"weekdays": [weekday(now, "UTC")]}],
        "other-days": [{"weekdays": week}],
        "all-days": [{"weekdays": ["sunday:saturday"]}],
        "today-in-the-east": [{"weekdays": [weekday(now, kiritimati)], "location": kiritimati}],
        "day-of-the-east-in-the-west": [{"weekdays": [weekday(now, kiritimati)], "location": pago}],
        "this-date": [{"days_of_month": [str(now.day)], "months": [str(now.month)]}],
        "tomorrow": [{"days_of_month": [str(tomorrow.day)], "months": [str(tomorrow.month)]}],
        "any-day-from-the-end": [{"days_of_month": ["-31:-1"]}],
        "last-day": [{"days_of_month": ["-1"]}],
        "first-half": [{"days_of_month": ["1:15"]}],
        "second-half": [{"days_of_month": ["16:31"]}],
        "by-name": [{"months": ["january:june"]}],
        "by-name-later": [{"months": ["july:december"]}],
        "this-year": [{"years": [str(now.year)]}],
        "past-years": [{"years": [f"2000:{now.year - 1}"]}],
        "this-hour-of-last-year": [
            {"times": [times_around(now, "UTC", hours=0)], "years": [str(now.year - 1)]}
        ],
        "one-of-two": [{"years": ["2000"]}, {"years": [str(now.year)]}],
        "as-the-spec-writes-it": list(
            periods_of(
                Interval.model_validate(
                    {
                        "location": "Europe/Zurich",
                        "periods": {"week": {"weekdays": list(DAYS[1:]), "times": ["00:00-24:00"]}},
                    }
                )
            )
        ),
    }


COMBINED = {
    "muted-and-active": {"mute_time_intervals": ["today"], "active_time_intervals": ["this-hour"]},
    "active-in-one-of-two": {"active_time_intervals": ["another-hour", "this-hour"]},
    "active-in-none-of-two": {"active_time_intervals": ["another-hour", "past-years"]},
    "muted-in-one-of-two": {"mute_time_intervals": ["past-years", "this-year"]},
}


def timed(now: datetime, address: str) -> Document:
    """Two routes for each interval, one that it mutes and one that is active in it, and some for several."""
    intervals = intervals_of(now)
    cases = {
        **{f"muted-{name}": {"mute_time_intervals": [name]} for name in intervals},
        **{f"active-{name}": {"active_time_intervals": [name]} for name in intervals},
        **COMBINED,
    }
    return {
        "route": {
            "receiver": "default",
            **{"group_by": ["case"], "group_wait": "0s", "group_interval": "1s"},
            "routes": [
                {"matchers": [f'case="{name}"'], "receiver": name, **times} for name, times in cases.items()
            ],
        },
        "time_intervals": [{"name": name, "time_intervals": one} for name, one in intervals.items()],
        "receivers": [
            {"name": name, "webhook_configs": [{"url": f"{address}/{name}"}]} for name in ("default", *cases)
        ],
    }


def test_times_mute_and_wake_as_in_a_running_alertmanager(tool: Tool, tmp_path: Path) -> None:
    begun = datetime.now(UTC)
    with webhooks() as (address, told):
        document = timed(begun, address)
        routing = read(document)
        cases = [route["receiver"] for route in document["route"]["routes"]]
        with alertmanager(tool("alertmanager"), document, tmp_path) as server:
            server.post({"alertname": "A", "case": case} for case in cases)
            # What changes while the test runs is no case: a day may begin.
            later = datetime.now(UTC) + timedelta(minutes=1)
            speaks = {case: speaking(routing, case, begun) for case in cases}
            steady = [case for case in cases if speaking(routing, case, later) is speaks[case]]
            wanted = {case: not speaks[case] for case in steady}
            wait_for(lambda: muted(server, steady) == wanted, lambda: str(muted(server, steady)))
            loud = [case for case in steady if speaks[case]]
            wait_for(lambda: {name for name, _ in told.messages} >= set(loud), lambda: str(told.messages))
    assert len(steady) > len(cases) - 8
    assert len(loud) > 15 and len(steady) - len(loud) > 15
    assert [case for case in steady if told.by(lambda labels, one=case: labels["case"] == one)] == loud


def speaking(routing: Routing, case: str, at: datetime) -> bool:
    return bool(decide(routing, {"alertname": "A", "case": case}, at=at).told)


def muted(server: Alertmanager, cases: list[str]) -> dict[str, bool]:
    """Whether the alert of each case is muted; without those that the server has not looked at."""
    alerts = [alert for group in server.groups() for alert in group["alerts"]]
    return {
        alert["labels"]["case"]: bool(alert["status"]["mutedBy"])
        for alert in alerts
        if alert["status"]["state"] != "unprocessed" and alert["labels"]["case"] in cases
    }


# --- A running server: inhibition --------------------------------------------------------------------

INHIBITIONS = [
    # of the first kind: what burns silences what smokes, of the same component in the same place
    {
        "source_matchers": ['severity="critical"', 'kind="component"'],
        "target_matchers": ['severity=~"warning|info"', 'kind="component"'],
        "equal": ["component", "environment", "case"],
    },
    # source and target alike for some alerts
    {"source_matchers": ['kind=~"a|b"'], "target_matchers": ['kind=~"b|c"'], "equal": ["case"]},
    # everything but one
    {
        "source_matchers": ['kind="cause"'],
        "target_matchers": ['kind!="cause"', 'deaf!=""'],
        "equal": ["case"],
    },
    # a label that the two may lack
    {"source_matchers": ['kind="node"'], "target_matchers": ['kind="pod"'], "equal": ["case", "node"]},
]
CRITICAL = {"kind": "component", "severity": "critical", "component": "api", "environment": "live"}
WARNING = {**CRITICAL, "severity": "warning"}
# Alerts that fire together. Which of them speak is what the model and the server have to agree on.
TOGETHER: dict[str, list[dict[str, str]]] = {
    "the same component": [CRITICAL, WARNING, {**WARNING, "severity": "info"}],
    "another component": [CRITICAL, {**WARNING, "component": "database"}],
    "another environment": [CRITICAL, {**WARNING, "environment": "test"}],
    "no component on one side": [CRITICAL, {key: v for key, v in WARNING.items() if key != "component"}],
    "no component on either side": [
        {key: value for key, value in one.items() if key != "component"} for one in (CRITICAL, WARNING)
    ],
    "two critical ones": [CRITICAL, {**CRITICAL, "alertname": "Other"}],
    "no critical one": [WARNING, {**WARNING, "alertname": "Other"}],
    "source and target at once": [{"kind": "b"}, {"kind": "b", "alertname": "Other"}],
    "a target that is a source, too": [{"kind": "a"}, {"kind": "b"}],
    "a silent alert silences still": [{"kind": "a"}, {"kind": "b"}, {"kind": "c"}],
    "a source of one and a target of the other": [{"kind": "b"}, {"kind": "c"}],
    "all but one": [{"kind": "cause"}, {"kind": "effect", "deaf": "no"}, {"kind": "effect"}],
    "the same node": [{"kind": "node", "node": "n1"}, {"kind": "pod", "node": "n1"}],
    "another node": [{"kind": "node", "node": "n1"}, {"kind": "pod", "node": "n2"}],
    "no node at all": [{"kind": "node"}, {"kind": "pod"}],
    "a node on one side": [{"kind": "node", "node": "n1"}, {"kind": "pod"}],
    "alone": [{"kind": "pod", "node": "n1"}],
}


def test_alerts_are_inhibited_as_in_a_running_alertmanager(tool: Tool, tmp_path: Path) -> None:
    alerts = [
        {"alertname": f"A{number}", "number": str(number), **labels, "case": case}
        for case, together in TOGETHER.items()
        for number, labels in enumerate(together)
    ]
    with webhooks() as (address, told):
        hook = {"name": "all", "webhook_configs": [{"url": f"{address}/all"}]}
        route = {"receiver": "all", "group_by": ["..."], "group_wait": "1s", "group_interval": "1s"}
        document = {"route": route, "inhibit_rules": INHIBITIONS, "receivers": [hook]}
        routing = read(document)
        silent = [decide(routing, one, firing=alerts).silenced is not None for one in alerts]
        with alertmanager(tool("alertmanager"), document, tmp_path) as server:
            server.post(alerts)
            wait_for(
                lambda: len(told.messages) >= silent.count(False) and len(statuses_of(server)) == len(alerts),
                lambda: str(told.messages),
            )
            statuses = statuses_of(server)
    assert 8 <= silent.count(True) <= len(alerts) - 8
    assert [bool(statuses[key(one)]["inhibitedBy"]) for one in alerts] == silent
    heard = {key(labels) for _, labels in told.messages}
    assert [key(one) not in heard for one in alerts] == silent


def key(labels: Any) -> tuple[str, str]:
    return labels["case"], labels["number"]


def statuses_of(server: Any) -> dict[tuple[str, str], Any]:
    """The status of each alert that the server has looked at."""
    found = {key(alert["labels"]): alert["status"] for group in server.groups() for alert in group["alerts"]}
    return {name: status for name, status in found.items() if status["state"] != "unprocessed"}


# --- The shipped configuration, running ---------------------------------------------------------------


def test_the_inhibitions_of_the_platform_act_in_a_running_alertmanager(
    shipped: Alarms, tool: Tool, tmp_path: Path
) -> None:
    """All alerts of the platform fire at once; without times, for the day of the test must not matter."""
    alerts = [shipped.labels_of(alert) for alert in shipped.alerts]
    silent = [decide(shipped.routing, one, firing=alerts).silenced is not None for one in alerts]
    found = when_all_fire(shipped, alerts, tool("alertmanager"), tmp_path)
    assert 40 < silent.count(True) < len(alerts) - 40
    assert [bool(found[tuple(sorted(one.items()))]["inhibitedBy"]) for one in alerts] == silent
    silenced = {one["alertname"] for one, quiet in zip(alerts, silent, strict=True) if quiet}
    urgent = {one["alertname"] for one in alerts if one["severity"] == "critical"}
    assert silenced & urgent == {"CeleryWorkersGone"}  # what the spec asks for; nothing that is derived does


def test_of_many_targets_only_what_the_one_that_is_down_told_is_silent(
    shipped: Alarms, tool: Tool, tmp_path: Path
) -> None:
    pairs = {"NodeExporterDown": "NodeCpuHigh", "PostgresqlDown": "PostgresqlConnectionsHigh"}
    labels = {alert.name: shipped.labels_of(alert) for alert in shipped.alerts}
    down = [{**labels[cause], "instance": "one"} for cause in pairs]
    same = [{**labels[effect], "instance": "one"} for effect in pairs.values()]
    other = [{**labels[effect], "instance": "another"} for effect in pairs.values()]
    alerts = [*down, *same, *other]
    found = when_all_fire(shipped, alerts, tool("alertmanager"), tmp_path)
    silent = [bool(found[tuple(sorted(one.items()))]["inhibitedBy"]) for one in alerts]
    assert silent == [False, False, True, True, False, False]
    decided = [decide(shipped.routing, one, firing=alerts).silenced is not None for one in alerts]
    assert decided == silent


def when_all_fire(
    shipped: Alarms, alerts: list[dict[str, str]], program: Path, folder: Path
) -> dict[tuple[tuple[str, str], ...], Any]:
    """What a running Alertmanager with the platform's inhibitions does about alerts that fire together."""
    with webhooks() as (address, _):
        hook = {"name": "all", "webhook_configs": [{"url": f"{address}/all"}]}
        route = {"receiver": "all", "group_by": ["..."], "group_wait": "1s", "group_interval": "1s"}
        document = {
            "route": route,
            "inhibit_rules": shipped.config.document["inhibit_rules"],
            "receivers": [hook],
        }
        with alertmanager(program, document, folder) as server:
            server.post(alerts)
            wait_for(lambda: len(by_labels(server)) == len(alerts), lambda: str(len(by_labels(server))))
            return by_labels(server)


def by_labels(server: Any) -> dict[tuple[tuple[str, str], ...], Any]:
    """The status of each alert that the server has looked at, by its labels."""
    return {
        tuple(sorted(alert["labels"].items())): alert["status"]
        for group in server.groups()
        for alert in group["alerts"]
        if alert["status"]["state"] != "unprocessed"
    }


# --- The tree in Mermaid -------------------------------------------------------------------------------

HOSTILE = ('"]-->x', "end", "#quot;", "<script>", "`", "\\", "{}|()[]", "--", "%%{init}%%", "é 😀")


def mermaid(parser: Path, diagram: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(parser)], input=diagram, capture_output=True, text=True, check=False)


def test_mermaid_reads_the_tree(shipped: Alarms, tool: Tool) -> None:
    done = mermaid(tool("mermaid-parse"), tree_mermaid(shipped.routing))
    assert (done.returncode, done.stdout.strip()) == (0, "flowchart-v2"), done.stderr


def test_no_value_of_a_label_breaks_the_diagram(tool: Tool) -> None:
    branches = [
        {"receiver": "r", "matchers": [str(Matcher("x", "=", value))], "continue": number % 2 == 0}
        for number, value in enumerate(HOSTILE)
    ]
    routing = read({"route": {"receiver": "r", "routes": branches}}, routes=[f"n{n}" for n in range(10)])
    done = mermaid(tool("mermaid-parse"), tree_mermaid(routing))
    assert done.returncode == 0, done.stderr
    broken = tree_mermaid(routing).replace("#quot;", '"')
    assert mermaid(tool("mermaid-parse"), broken).returncode == 1
