"""Alerts on error budgets against those of the Site Reliability Workbook, evaluated by Prometheus itself.

The workbook (https://sre.google/workbook/alerting-on-slos/) gives, for 99.9% in 30
days, rules for Prometheus, and for any error rate the time until an alert fires:
(1 - objective) / error rate x window x burn rate.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from manifestgen.facts.burnrates import burn_alerts
from manifestgen.facts.quantities import parse_duration
from support.monitoring import files_of_spec, groups
from support.specs import spec_of

Tool = Callable[[str], Path]

MINUTE, HOUR, DAY = 60, 3600, 86400
BUDGET = 0.001
PUBLISHED = {  # long window: short window, burn rate, share of the budget that has burned by then
    "1h": ("5m", 14.4, 0.02),
    "6h": ("30m", 6.0, 0.05),
    "1d": ("2h", 3.0, 0.10),
    "3d": ("6h", 1.0, 0.10),
}
"""The table of recommended parameters, and the ticket of a day that the rules beside it have."""
WINDOWS = {**{long: parse_duration(long) for long in PUBLISHED}, "5m": 300.0, "30m": 1800.0, "2h": 7200.0}
GOOD = 'http_requests_total{job="api", handler="/a", status="2xx"}'
BAD = 'http_requests_total{job="api", handler="/a", status="5xx"}'
ALL = 'http_requests_total{job="api"}'
SMEAR = 5 * MINUTE
"""Long windows are sums of rates over five minutes, so that a change is seen that much later at most."""


class Part(NamedTuple):
    """A time in which so many requests come each minute, a share of which fails."""

    lasts: int
    errors: float = 0
    a_minute: float = 60_000


class Outage(NamedTuple):
    """Sound requests, failing ones, sound ones again; evaluated every ``step`` seconds."""

    before: Part
    during: Part
    after: Part
    step: int

    @property
    def end(self) -> int:
        return self.stops + self.after.lasts

    @property
    def stops(self) -> int:
        return self.before.lasts + self.during.lasts

    @property
    def series(self) -> dict[str, str]:
        parts = self[:3]
        each = [part.a_minute * self.step / MINUTE for part in parts]
        times = [part.lasts // self.step for part in parts]
        good = [many * (1 - part.errors) for many, part in zip(each, parts, strict=True)]
        bad = [many * part.errors for many, part in zip(each, parts, strict=True)]
        return {
            GOOD: counter(list(zip(times, good, strict=True))),
            BAD: counter(list(zip(times, bad, strict=True))),
            'up{job="api"}': f"1x{sum(times)}",
        }


def counter(parts: list[tuple[int, float]]) -> str:
    """A counter that grows by each amount so many times, in promtool's notation."""
    value, words = 0.0, ["0"]
    for times, growth in parts:
        words.append(f"{value + growth:.6f}+{growth:.6f}x{times - 1}")
        value += times * growth
    return " ".join(words)


def slo_rules() -> list[dict[str, Any]]:
    api = {
        "type": "web",
        "image": {"repository": "example/api", "tag": "1"},
        "ports": {"http": 8000},
        "metrics": {"port": "http"},
        "replicas": 1,
        "resources": {},
    }
    spec = spec_of(workloads={"api": api}, slos={"api": {"workload": "api", "objective": 99.9}})
    files = files_of_spec(spec)
    return [
        group
        for kind in ("records", "alerts")
        for group in groups(files, kind)
        if group["name"].startswith("slo")
    ]


def workbook_rules(pairs: list[str]) -> dict[str, Any]:
    """The rules as the workbook prints them, but for the names of the counters, and each pair by itself."""
    ratio = "job:slo_errors_per_request:ratio_rate"
    records = [
        {
            "record": f"{ratio}{window}",
            "expr": f"sum(rate({BAD}[{window}])) by (job) / sum(rate({ALL}[{window}])) by (job)",
        }
        for long in pairs
        for window in (long, PUBLISHED[long][0])
    ]
    alerts = [
        {
            "alert": f"Workbook{long}",
            "expr": f'{ratio}{long}{{job="api"}} > ({factor} * {BUDGET})'
            f' and {ratio}{short}{{job="api"}} > ({factor} * {BUDGET})',
        }
        for long, (short, factor, _) in PUBLISHED.items()
        if long in pairs
    ]
    return {"name": "workbook", "rules": [*records, *alerts]}


def first(alert: str, one: Outage) -> str:
    """When an alert began to fire, in seconds."""
    return f"min(min_over_time({_fired(alert, one)}))"


def last(alert: str, one: Outage) -> str:
    return f"max(max_over_time({_fired(alert, one)}))"


def _fired(alert: str, one: Outage) -> str:
    series = f'ALERTS{{alertname="{alert}", alertstate="firing"}}'
    return f"timestamp({series})[{one.end}s:{one.step}s]"


def near(value: str, expected: float, tolerance: float) -> str:
    """1 when a value is as expected, hardly earlier and late by ``tolerance`` at most."""
    return f"({value} >= bool {expected - 60}) * ({value} <= bool {expected + tolerance})"


def prove(promtool: Path, folder: Path, one: Outage, claims: dict[str, float | None]) -> None:
    """Prometheus finds each claim to have its value, None for no value, once all is over."""
    groups = [*slo_rules(), workbook_rules(judged(one))]
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": groups}, sort_keys=False), "utf-8")
    tests = {
        "interval": f"{one.step}s",
        "input_series": [{"series": name, "values": values} for name, values in one.series.items()],
        "promql_expr_test": [
            {
                "expr": expr,
                "eval_time": f"{one.end}s",
                "exp_samples": [] if value is None else [{"labels": "{}", "value": value}],
            }
            for expr, value in claims.items()
        ],
    }
    suite = {"rule_files": ["rules.yml"], "evaluation_interval": f"{one.step}s", "tests": [tests]}
    (folder / "test.yml").write_text(json.dumps(suite), "utf-8")
    command = [str(promtool), "test", "rules", str(folder / "test.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def detection(errors: float, long: str) -> float | None:
    """The workbook's formula; None where the errors are too few for the alert."""
    time = BUDGET / errors * parse_duration(long) * PUBLISHED[long][1]
    return time if time < parse_duration(long) else None


def outage(errors: float, lasts: int, *, before: int, after: int, step: int) -> Outage:
    return Outage(Part(before), Part(lasts, errors), Part(after), step)


OUTAGES = {
    "all fail": outage(1.0, 40 * MINUTE, before=6 * HOUR, after=40 * MINUTE, step=30),
    "15% for ten minutes": outage(0.15, 10 * MINUTE, before=6 * HOUR, after=40 * MINUTE, step=30),
    "10%": outage(0.10, HOUR, before=6 * HOUR, after=40 * MINUTE, step=30),
    "1%": outage(0.01, 18 * HOUR, before=72 * HOUR, after=6 * HOUR, step=240),
    "0.5%": outage(0.005, 20 * HOUR, before=72 * HOUR, after=6 * HOUR, step=240),
    "0.2%": outage(0.002, 60 * HOUR, before=72 * HOUR, after=12 * HOUR, step=240),
    "0.1%": outage(0.001, 74 * HOUR, before=72 * HOUR, after=6 * HOUR, step=240),
}


def judged(one: Outage) -> list[str]:
    """The alerts whose long window was full before the outage, as the formula wants it."""
    return [long for long in PUBLISHED if parse_duration(long) <= one.before.lasts]


def claims_about(long: str, one: Outage) -> Iterator[tuple[str, float | None]]:
    """When the alert of a window begins and ends: by the formula, and compared with the workbook's rules."""
    ours, theirs = f"SloBurnRate{long}", f"Workbook{long}"
    short, factor, _ = PUBLISHED[long]
    after = detection(one.during.errors, long)
    if after is None or after > one.during.lasts:
        yield first(ours, one), None
        yield first(theirs, one), None
        return
    steps = 2 * one.step  # alerts are another group than records, which may have its turn first
    late = steps + (0 if long == "1h" else SMEAR)
    yield near(first(ours, one), one.before.lasts + after, late), 1
    yield near(f"({first(ours, one)} - {first(theirs, one)})", 0, late), 1
    if WINDOWS[short] < one.during.lasts:
        lasts = WINDOWS[short] * (1 - factor * BUDGET / one.during.errors)
        late = steps + (0 if WINDOWS[short] <= HOUR else SMEAR)
        yield near(last(ours, one), one.stops + lasts - one.step, late), 1
        yield near(f"({last(ours, one)} - {last(theirs, one)})", 0, late), 1


def test_windows_and_burn_rates_are_the_published_ones() -> None:
    ours = {
        one.window.long: (one.window.short, one.factor, one.window.share) for one in burn_alerts(30 * DAY)
    }
    assert ours == PUBLISHED


@pytest.mark.parametrize("name", OUTAGES)
def test_an_alert_begins_and_ends_when_the_workbook_says_and_with_its_rules(
    name: str, tool: Tool, tmp_path: Path
) -> None:
    one = OUTAGES[name]
    claims = dict(claim for long in judged(one) for claim in claims_about(long, one))
    prove(tool("promtool"), tmp_path, one, claims)


def test_a_failure_of_few_requests_is_no_outage_but_an_outage_of_few_is(tool: Tool, tmp_path: Path) -> None:
    """The workbook's case of ten requests an hour: one failure is 10%, a hundred times what is allowed."""
    few = 1 / 6
    single = Outage(Part(6 * HOUR, 0, few), Part(6 * MINUTE, 1, few), Part(HOUR, 0, few), step=60)
    claims: dict[str, float | None] = {
        first("SloBurnRate1h", single): None,
        f"count({first('Workbook1h', single)})": 1,
    }
    (tmp_path / "single").mkdir()
    prove(tool("promtool"), tmp_path / "single", single, claims)
    total = single._replace(during=Part(2 * HOUR, 1, few))
    five = 30 * MINUTE  # as long as it takes until five have failed
    claims = {near(first("SloBurnRate1h", total), total.before.lasts + five, 4 * MINUTE): 1}
    prove(tool("promtool"), tmp_path, total, claims)


def test_long_windows_weigh_by_traffic_and_the_budget_is_what_is_left(tool: Tool, tmp_path: Path) -> None:
    """Half of the requests of a quiet night fail: that is one in 202 of the day, not one in four."""
    night = Outage(Part(12 * HOUR, 0, 6000), Part(11 * HOUR, 0.5, 60), Part(HOUR, 0.5, 60), step=240)
    ratio = 30 / (6000 + 60)
    claims: dict[str, float | None] = {
        f"max(abs(slo:errors:ratio_rate1d - {ratio}) < bool {ratio / 100})": 1,
        f"max(abs(slo:error_budget_remaining:ratio - {1 - ratio / BUDGET}) < bool 0.1)": 1,
        "max(slo:objective:ratio)": 0.999,
    }
    prove(tool("promtool"), tmp_path, night, claims)


ALWAYS = Outage(Part(6 * HOUR, 0.02), Part(HOUR, 0.02), Part(HOUR, 0.02), step=240)
LATELY = Outage(Part(20 * HOUR), Part(28 * MINUTE, 0.03), Part(8 * MINUTE, 0.03), step=240)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (ALWAYS, r"20 times as fast as it may, over the last 1h; -1900% of the budget is left\."),
        (
            LATELY,
            r"1\d[.\d]* times as fast as it may, over the last 1h; [.\d]+% of the budget is left"
            r" and gone in \d+h \d+m \d+s at this pace\.",
        ),
    ],
)
def test_people_are_told_how_fast_it_burns_and_how_long_it_lasts(
    one: Outage, told: str, tool: Tool, tmp_path: Path
) -> None:
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": slo_rules()}, sort_keys=False), "utf-8")
    test = {
        "interval": f"{one.step}s",
        "input_series": [{"series": name, "values": values} for name, values in one.series.items()],
        "alert_rule_test": [{"alertname": "SloBurnRate1h", "eval_time": f"{one.end}s", "exp_alerts": []}],
    }
    suite = {"rule_files": ["rules.yml"], "evaluation_interval": f"{one.step}s", "tests": [test]}
    (tmp_path / "test.yml").write_text(json.dumps(suite), "utf-8")
    command = [str(tool("promtool")), "test", "rules", str(tmp_path / "test.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    shown = done.stdout + done.stderr  # it fails and says what it got
    assert re.search(rf'description="api, 99\.9% within 30d, burns its error budget {told}"', shown), shown
