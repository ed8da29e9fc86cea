"""The generated tests of alerts pass in promtool, and fail when a rule is wrong."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from manifestgen import api
from manifestgen.facts.pages import PAGES
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.monitoring.testing.bursts import Burst, stretches
from manifestgen.monitoring.testing.files import untested
from manifestgen.monitoring.testing.functions import OVER_TIME
from manifestgen.monitoring.testing.series import Samples, Series
from manifestgen.pipeline import load
from manifestgen.resolving import ResolvedPlatform
from manifestgen.yamlio.load import load_text
from support.monitoring import files_of
from support.ruletests import GOES_ON, Bench, Mutant, benches, found_wrong, mutants, run
from support.specs import EVERYTHING, platform_of, spec_of

Tool = Callable[[str], Path]

SPECS = Path(__file__).parents[2] / "specs"
SHIPPED = SPECS / "platform.yaml"
GATEWAY = Path(__file__).parents[1] / "specs" / "gateway.yaml"
EXAMPLES = sorted((SPECS / "examples").glob("*.yaml"))

OWN = r"""
up{job="x"} == 0
requests{path=~"/api/v[0-9]+/(users|orders)"} > 100
queue_length{queue!~"dead.*", env="prod"} > 20
temperature_celsius != 21
5 > queue_length
-queue_length < -10
2 * queue_length + 1 > 11
100 - (free_bytes * 100 / size_bytes) > 85
free_bytes < 0.1 * size_bytes
sum by (pod) (rate(errs_total[5m])) / sum by (pod) (rate(reqs_total[5m])) > 0.1
sum without (instance) (rate(errs_total[5m])) > 3
sum(rate(reqs_total{code!~"5.."}[10m])) / sum(rate(reqs_total[10m])) < 0.99
irate(x_total[5m]) > 2
delta(level[10m]) > 5
deriv(level[10m]) < -0.5
predict_linear(disk_free[1h], 3600 * 4) < 0
changes(leader[30m]) > 3
count_over_time(x[5m]) > 3
count_over_time(up{job="x"}[10m]) < 30
count by (job) (count_over_time(up{job="x"}[10m]) < 3) > 1
sum_over_time(x[5m]) > 3
sum_over_time(failures[30m]) >= 0.5
sum_over_time(jobs_done{queue!~"dead.*"}[1h]) < 10
sum by (job) (sum_over_time(x[5m])) > 12
max(sum_over_time(x[5m])) - 3 > 2
x > 5 and count_over_time(x[10m]) < 4
resets(x_total[1h]) > 2
increase(x_total[1h]) < 1
avg_over_time(load[10m]) > 4
quantile_over_time(0.9, load[10m]) > 4
max_over_time(rate(x_total[5m])[30m:1m]) > 3
histogram_quantile(0.99, sum by (le) (rate(h_bucket[5m]))) > 0.25
histogram_quantile(0.5, rate(h_bucket{job="a"}[5m])) > 3
absent(up{job="gone", env="prod"})
absent_over_time(up{job="gone"}[15m])
time() - last_success_timestamp_seconds{job="b"} > 3600 and last_success_timestamp_seconds > 0
(cert_expiry - time()) / 86400 < 14
up == 0 unless on (instance) maintenance == 1
a > 5 or b > 7
a > 5 and on (x) b > 7 and on (x) c < 3
a / on (x) group_left (y) b > 2
a * on (pod) group_right (node) b > 2
count(up{job="x"} == 1) < 3
count(up == 0) / count(up) > 0.5
avg by (job) (up) < 0.5
x > scalar(sum(y))
vector(1)
abs(offset_seconds) > 0.1
clamp_max(x, 10) > 5
x > bool 5 == 1
x offset 1h > 5
x - x offset 1h > 5
label_replace(up{job="x"}, "who", "$1", "instance", "(.*):.*") == 0
max(x) - min(x) > 3
x{a="1"} / ignoring (a) x{a="2"} > 3
up{job="x"} == 0 and on (job) (sum by (job) (reqs) > 5 or sum by (job) (other) > 6)
{__name__="y", job="z"} > 3
10 ^ 3 < x
x > 3 < 7
sum(x) == 0 or absent(x)
""".strip().splitlines()
"""Alerts of a user's own, of many shapes."""

UNTESTED = {
    "x @ 5 > 3": "a time fixed by `@` cannot be tested",
    "count_over_time(x[5m]) > 300": "it takes 301 samples within 300 seconds",
    "sum_over_time(x[90s]) > 3": "its window is no whole number of evaluations",
    "sum_over_time(abs(x)[5m:1m]) > 3": "the sum of what is itself computed cannot be set",
    "hour() > 8": "no input is known that gives hour() a certain value",
    "up > 2 and up < 1": "two conditions want different values of the same series",
    '{job="x"} > 3': "a selector without a name may mean any series",
    "count(up) > 500": "it takes 501 series; tests are made with 50 at most",
    'x{a="1", a="2"} > 3': "no value of label a is found that fulfils all its matchers",
    "stddev(x) > 3": "stddev is not understood",
    "rate(rate(x[5m])[5m:1m]) > 3": "the growth of what is itself computed cannot be set",
    "x > 1e308 * 10": "no input is found with which it fires",
    "x / 0 > 5": "no input is found with which it fires",
    "x > NaN": "no value fulfils it",
    'a{x="1"} and b{x="2"}': "no input is found with which it fires",
}
"""Alerts that nobody finds input for, and why; some of them never fire."""


def platforms(path: Path) -> Iterator[ResolvedPlatform]:
    """The environments of a spec, told to have tests."""
    for platform in load(path).environments.values():
        monitoring = platform.spec.monitoring.model_copy(update={"tests": True})
        yield replace(platform, spec=platform.spec.model_copy(update={"monitoring": monitoring}))


def own(exprs: list[str], **more: Any) -> ResolvedPlatform:
    """A platform with an alert for each expression; its description shows all that can be seen of a value."""
    shown = ("", *(f" | humanize{how}" for how in ("", "1024", "Duration", "Percentage", "Timestamp")))
    alert = {
        "severity": "warning",
        "component": "front",
        "category": "api",
        "summary": "{{ braces }}",
        "description": "{{ $labels.instance }}: " + "; ".join(f"{{{{ $value{how} }}}}" for how in shown),
        **more,
    }
    alerts = {f"Own{number:02}": {"expr": expr, **alert} for number, expr in enumerate(exprs)}
    return platform_of(spec_of(monitoring={"alerts": alerts, "tests": True}))


def passes(bench: Bench, promtool: Path, folder: Path) -> None:
    done = run(bench, promtool, folder)
    assert done.returncode == 0, f"{bench.name}: {done.stdout}\n{done.stderr}"


@pytest.mark.slow
@pytest.mark.parametrize("spec", [EVERYTHING, GATEWAY], ids=lambda path: path.stem)
def test_every_alert_has_tests_and_promtool_passes_them(spec: Path, tool: Tool, tmp_path: Path) -> None:
    # Those of the shipped spec as they are committed: test_readme.py.
    found = list(platforms(spec))
    seen: set[str] = set()
    for platform in found[:1] if spec == EVERYTHING else found:
        assert list(untested(groups_of(platform))) == []
        for bench in benches(files_of(platform)):
            cases = bench.tests.partition("tests:")[2]
            if cases not in seen:  # environments have most of them in common
                seen.add(cases)
                passes(bench, tool("promtool"), tmp_path)


OF_THE_SPEC = ("business", "own", "slo")
"""Groups of rules that are not the same presets for every platform."""


@pytest.mark.slow
def test_every_alert_of_the_examples_has_tests_and_promtool_passes_their_own(
    tool: Tool, tmp_path: Path
) -> None:
    names = []
    for platform in (one for path in EXAMPLES for one in platforms(path)):
        assert list(untested(groups_of(platform))) == []
        for bench in benches(files_of(platform)):
            if bench.name in OF_THE_SPEC:
                names.append(bench.name)
                passes(bench, tool("promtool"), tmp_path)
    assert {*names} >= {"business", "slo"}


def test_each_alert_of_the_platform_is_seen_firing_waiting_and_quiet() -> None:
    for platform in platforms(SHIPPED):
        assert list(untested(groups_of(platform))) == []
        files = files_of(platform)
        shown = Counter()
        for bench in benches(files):
            for one in bench.parsed["tests"]:
                name = one["alert_rule_test"][0]["alertname"]
                fired = [bool(check["exp_alerts"]) for check in one["alert_rule_test"]]
                goes_on = one["name"].endswith(GOES_ON)
                shown[name, "goes on" if goes_on else "quiet" if fired == [False] else "fires"] += 1
                shown[name, "waits"] += fired == [False, True]
        for group in groups_of(platform):
            for alert in group.alerts:
                always = alert.expr == "vector(1)"  # nothing can keep it quiet
                assert shown[alert.name, "fires"] and (always or shown[alert.name, "quiet"]), alert.name
                assert shown[alert.name, "waits"] or not alert.for_, alert.name
                assert shown[alert.name, "goes on"] or not alert.keep_firing_for, alert.name


@pytest.mark.parametrize("waits", [{}, {"for": "10m", "keepFiringFor": "20m"}, {"for": "90s"}])
def test_alerts_of_many_shapes_fire_in_promtool_as_worked_out(
    waits: dict[str, str], tool: Tool, tmp_path: Path
) -> None:
    platform = own(OWN, **waits)
    assert list(untested(groups_of(platform))) == []
    found = [one for one in benches(files_of(platform)) if one.name.startswith("own")]
    goes_on = sum(test["name"].endswith(GOES_ON) for bench in found for test in bench.parsed["tests"])
    assert goes_on >= ("keepFiringFor" in waits) * len(OWN) * 0.85  # vector(1) never ends, …
    for bench in found:
        passes(bench, tool("promtool"), tmp_path)


def test_an_alert_without_a_test_is_named_with_the_reason() -> None:
    platform = own(list(UNTESTED))
    found = {one.alert.expr: one.reason for one in untested(groups_of(platform))}
    assert found == UNTESTED
    text = files_of(platform)["prometheus/tests/own.test.yml"].text
    assert "# - Own00: a time fixed by `@` cannot be tested\n" in text


def test_the_input_that_the_page_of_the_rule_gives_is_good(tool: Tool, tmp_path: Path) -> None:
    section = load_text(PAGES["alert-untested"].good, "page").plain()
    web = {"type": "web", "image": {"repository": "ghcr.io/example/api", "tag": "1"}, "ports": {"http": 8000}}
    resources = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "128Mi"}}
    spec = spec_of(workloads={"api": {**web, "replicas": 2, "resources": resources}}, **section)
    (bench,) = (one for one in benches(files_of(platform_of(spec))) if one.name == "own")
    passes(bench, tool("promtool"), tmp_path)


@pytest.mark.parametrize("interval", [60, 30, 10])
@pytest.mark.parametrize(
    ("reading", "value"), [("count", 0.0), ("count", 3.0), ("count", 25.0), ("sum", 0.5)]
)
def test_a_burst_is_the_same_to_a_range_with_its_start_and_without(
    reading: str, value: float, interval: int
) -> None:
    burst = Burst(reading, value, 600)
    read = OVER_TIME[f"{reading}_over_time"]
    series = Samples(Series("x", {}, tuple(stretches(burst, 5, interval, 1000)), 5))
    for end in range(600, 4800, interval):
        closed = series.within(end - 600, end)
        half_open = [one for one in closed if one[0] > end - 600]
        for samples in (closed, half_open):
            assert (read(samples, end - 600, end) if samples else 0) == value


def test_a_group_that_is_gone_takes_its_files_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "out/monitoring/live/prometheus"
    alert = {"expr": "x > 5", "severity": "warning", "component": "front", "category": "api"}
    told = {"summary": "Too many", "description": "There are too many."}
    for alerts in ({"Own": {**alert, **told}}, {}):
        spec = tmp_path / "platform.yaml"
        spec.write_text(json.dumps(spec_of(monitoring={"alerts": alerts, "tests": True})), "utf-8")
        assert api.render(spec, out=tmp_path / "out").ok
        assert (folder / "rules/own.alerts.yml").exists() == bool(alerts)
        assert (folder / "tests/own.test.yml").exists() == bool(alerts)
    assert (folder / "rules/nodes.alerts.yml").exists()


SCORE = 0.95
"""Share of the wrong rules that the generated tests have to find."""


ALL = "MANIFESTGEN_ALL_MUTANTS" in os.environ
"""Whether all are tried, which takes minutes (`make mutants`), and not some of each rule."""
KINDS = {"limit", "comparison", "matcher", "for", "keep", "severity"}
AT_ONCE = 50


@pytest.mark.slow
def test_the_generated_tests_find_wrong_rules(tool: Tool, tmp_path: Path) -> None:
    platform = next(one for one in platforms(SHIPPED) if one.environment == "production")
    chosen = [mutant for bench in benches(files_of(platform)) for mutant in tried(bench)]
    named = {one.what.partition(":")[0] for one in chosen}
    assert named >= {alert.name for group in groups_of(platform) for alert in group.alerts}
    assert {one.kind for one in chosen} == KINDS
    kept = [alert for group in groups_of(platform) for alert in group.alerts if alert.keep_firing_for]
    assert sum(one.kind == "keep" for one in chosen) >= len(kept)
    parts = [chosen[start : start + AT_ONCE] for start in range(0, len(chosen), AT_ONCE)]
    found = [
        was_found
        for part in parts
        for was_found in found_wrong([one.bench for one in part], tool("promtool"), tmp_path / "wrong")
    ]
    alive = [one for one, was_found in zip(chosen, found, strict=True) if not was_found]
    score = 1 - len(alive) / len(chosen)
    sys.stdout.write(f"\n{len(chosen)} wrong rules, {len(alive)} not found: {score:.1%}\n")
    assert score >= SCORE, "\n".join(f"{one.kind}: {one.what}" for one in alive)


def tried(bench: Bench) -> Iterator[Mutant]:
    """Wrong versions of its rules: all, or one of each alert, of any kind, and of each fourth record.

    What an alert does when its condition is over is always tried: the first is that it fires no more.
    """
    for number, rule in enumerate(bench.rules):
        if ALL or "alert" in rule or number % 4 == 0:
            versions = list(mutants(bench, rule))
            kept = [one for one in versions if one.kind == "keep"]
            others = [one for one in versions if one.kind != "keep"]
            yield from versions if ALL else kept[:1] + others[number % max(1, len(others)) :][:1]


@pytest.mark.slow
@pytest.mark.parametrize("window", ["1h", "6h", "1d", "3d"])
def test_a_wrong_factor_of_either_window_of_an_objective_is_found(
    window: str, tool: Tool, tmp_path: Path
) -> None:
    files = files_of(next(one for one in platforms(SHIPPED) if one.environment == "production"))
    whole = next(one for one in benches(files) if one.name == "slo")
    title = f"SloBurnRate{window} of api-latency "
    tests = [test for test in whole.parsed["tests"] if test["name"].startswith(title)]
    bench = whole._replace(tests=yaml.safe_dump({**whole.parsed, "tests": tests}, sort_keys=False))
    passes(bench, tool("promtool"), tmp_path)
    wrong = [
        one
        for rule in bench.rules
        for one in mutants(bench, rule)
        if one.kind == "limit" and f"{title.split()[0]}: " in one.what and 'slo="api-latency"' in one.what
    ]
    assert len(wrong) == 6  # more and less, of two windows and the number of failures
    alive = [one.what for one in wrong if run(one.bench, tool("promtool"), tmp_path).returncode == 0]
    assert alive == []
