"""Running the generated tests of alerts, and breaking the rules that they are for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from manifestgen.artifact import Artifact

Group = dict[str, Any]
_Dumper = yaml.CSafeDumper
_RECORD = re.compile(r"[a-zA-Z_]+:[a-zA-Z0-9_:]+")


GOES_ON = " goes on firing"
"""How the name of a test ends that is about what happens when a condition is over."""


class Bench(NamedTuple):
    """One file of tests with the rules that it loads."""

    name: str
    alerts: tuple[Group, ...]
    records: tuple[Group, ...]
    tests: str

    @property
    def parsed(self) -> Any:
        """The file of tests as data."""
        return _parsed(self.tests)

    @property
    def rules(self) -> Iterator[dict[str, Any]]:
        """The rules of its group, alerts first."""
        for group in (*self.alerts, *self.records):
            if group["name"].rpartition(".")[0] == self.name.partition(".")[0]:
                yield from group["rules"]

    @property
    def shows(self) -> set[bool]:
        """Whether it is about what happens when a condition is over, or not, or both."""
        return {test["name"].endswith(GOES_ON) for test in self.parsed["tests"]}

    def about(self, rule: Mapping[str, Any]) -> Bench:
        """The tests of an alert, or of the alerts that use a record, with the rules that they need."""
        alerts = _those(self.alerts, lambda alert: self._is_about(alert, rule))
        names = {alert["alert"] for group in alerts for alert in group["rules"]}
        objective = _objective(rule)
        whole = self.parsed
        tests = [
            one
            for one in whole["tests"]
            if one["alert_rule_test"][0]["alertname"] in names
            and (objective is None or f" of {objective} " in one["name"])
        ]
        used = _used(self.records, alerts)
        records = _those(self.records, lambda rule: rule["record"] in used)
        return Bench(self.name, alerts, records, yaml.dump({**whole, "tests": tests}, Dumper=_Dumper))

    def but(self, rule: Mapping[str, Any], changed: dict[str, Any]) -> Bench:
        """The same with another rule in the place of one."""
        alerts, records = (
            tuple({**g, "rules": [changed if one is rule else one for one in g["rules"]]} for g in groups)
            for groups in (self.alerts, self.records)
        )
        return self._replace(alerts=alerts, records=records)

    def _is_about(self, alert: dict[str, Any], rule: Mapping[str, Any]) -> bool:
        if _objective(rule) not in (None, _objective(alert)):
            return False
        if "alert" in rule:
            return bool(alert["alert"] == rule["alert"])
        return rule["record"] in _used(self.records, [{"rules": [alert]}])


@lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)


def _objective(rule: Mapping[str, Any]) -> str | None:
    """The objective that a rule is about, where there are several of its name."""
    return rule.get("labels", {}).get("slo")


def benches(files: Mapping[str, Artifact]) -> list[Bench]:
    """One for each file of tests."""
    found = []
    for path, artifact in files.items():
        if path.startswith("prometheus/tests/"):
            name = path.rpartition("/")[2].removesuffix(".test.yml")
            loaded = _parsed(artifact.text)["rule_files"]
            groups = [
                group
                for one in loaded
                for group in _parsed(files[one.replace("..", "prometheus", 1)].text)["groups"]
            ]
            assert groups[-1]["name"] == f"{name.partition('.')[0]}.alerts"
            found.append(Bench(name, (groups[-1],), tuple(groups[:-1]), artifact.text))
    return found


def run(bench: Bench, promtool: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """What promtool says to the tests of a bench."""
    return _promtool(promtool, folder, [write(bench, folder)])


def write(bench: Bench, folder: Path) -> Path:
    """The files of a bench in a folder; the file of the tests."""
    tests = folder / "tests" / f"{bench.name}.test.yml"
    tests.parent.mkdir(parents=True, exist_ok=True)
    document = {**bench.parsed, "rule_files": ["../rules.yml"]}
    tests.write_text(yaml.dump(document, Dumper=_Dumper, sort_keys=False), "utf-8")
    groups = [*bench.records, *bench.alerts]
    (folder / "rules.yml").write_text(yaml.dump({"groups": groups}, Dumper=_Dumper), "utf-8")
    return tests


def found_wrong(benches: Sequence[Bench], promtool: Path, folder: Path) -> list[bool]:
    """Of each bench whether promtool finds something wrong: of many at once, for it takes time to start."""
    tests = [write(bench, folder / str(number)) for number, bench in enumerate(benches)]
    said = _promtool(promtool, folder, tests)
    shutil.rmtree(folder)
    verdicts = [line for line in said.stdout.splitlines() if line in ("  SUCCESS", "  FAILED:")]
    assert len(verdicts) == len(benches), said.stdout
    return [verdict != "  SUCCESS" for verdict in verdicts]


def _promtool(promtool: Path, folder: Path, tests: Sequence[Path]) -> subprocess.CompletedProcess[str]:
    # It makes a database for each test: in memory, where that is, and without clearing up between them.
    database = "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(folder)
    environment = {**os.environ, "GOGC": "400", "TMPDIR": database}
    command = [str(promtool), "test", "rules", *map(str, tests)]
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment
    )


def _those(groups: Iterable[Group], wanted: Callable[[dict[str, Any]], bool]) -> tuple[Group, ...]:
    kept = [{**group, "rules": [rule for rule in group["rules"] if wanted(rule)]} for group in groups]
    return tuple(group for group in kept if group["rules"])


def _used(groups: Iterable[Group], alerts: Iterable[Group]) -> set[str]:
    """The records in use, also by way of others."""
    exprs: dict[str, str] = {}
    for rule in (rule for group in groups for rule in group["rules"]):
        exprs[rule["record"]] = f"{exprs.get(rule['record'], '')} {rule['expr']}"
    # A description may ask for a record, too.
    waiting = [
        text
        for group in alerts
        for rule in group["rules"]
        for text in (rule["expr"], *rule["annotations"].values())
    ]
    used: set[str] = set()
    while waiting:
        new = {name for name in _RECORD.findall(waiting.pop()) if name in exprs} - used
        used |= new
        waiting += [exprs[name] for name in new]
    return used


class Mutant(NamedTuple):
    """Rules with one thing wrong."""

    kind: str
    what: str
    bench: Bench


_LIMIT = re.compile(r"(?P<op>==|!=|>=|<=|>|<)(?P<gap>(?: bool)?\s+)(?P<number>\d+(?:\.\d+)?)\b(?!\s*[)*/])")
_COMPARISON = re.compile(r"(?<=\s)(==|!=|>=|<=|>|<)(?=\s)")
_MATCHER = re.compile(r'(?P<label>[a-z_]+)(?P<op>=~|!~|!=|=)"(?P<value>(?:[^"\\]|\\.)*)"(?:,\s*)?')
_OPPOSITE = {">": "<", "<": ">", ">=": "<", "<=": ">", "==": "!=", "!=": "=="}
_SEVERITY = {"critical": "warning", "warning": "info", "info": "critical"}


def mutants(bench: Bench, rule: dict[str, Any]) -> Iterator[Mutant]:
    """Every wrong version of one of the rules of a bench, with the tests that should find it.

    A record that no alert of the group uses has no test, so it is left out.

    Limits: each half as high again and half as high (0: 1), where it decides, so not `> 0` around what is
    divided by. Comparisons: each turned round. Matchers: each with another value; and each left out, of all
    selectors that have it, for what is joined is still told apart by the other. `for`: half as long and half
    as long again (none: 5m). `keep_firing_for`: left out, and likewise.
    Severity: another.
    """
    name = rule.get("alert") or rule["record"]
    about = bench.about(rule)
    for kind, what, changed in _changes(rule) if about.alerts else ():
        if (kind == "keep") in about.shows:
            yield Mutant(kind, f"{name}: {what}", about.but(rule, changed))


def _changes(rule: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for kind, expr in (*_limits(rule["expr"]), *_comparisons(rule["expr"]), *_matchers(rule["expr"])):
        yield kind, expr, {**rule, "expr": expr}
    if "alert" in rule:
        for wait in _waits(rule.get("for")):
            yield "for", wait, {**rule, "for": wait}
        for keep in (None, *_waits(rule["keep_firing_for"])) if "keep_firing_for" in rule else ():
            kept = {"keep_firing_for": keep} if keep else {}
            yield "keep", str(keep), {**_without(rule, "keep_firing_for"), **kept}
        severity = _SEVERITY[rule["labels"]["severity"]]
        yield "severity", severity, {**rule, "labels": {**rule["labels"], "severity": severity}}


def _without(rule: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in rule.items() if name != key}


def _limits(expr: str) -> Iterator[tuple[str, str]]:
    for match in _LIMIT.finditer(expr):
        number = float(match["number"])
        for other in (number * 1.5, number * 0.5) if number else (1.0,):
            start, end = match.span("number")
            yield "limit", f"{expr[:start]}{other:.10g}{expr[end:]}"


def _comparisons(expr: str) -> Iterator[tuple[str, str]]:
    for match in _COMPARISON.finditer(expr):
        yield "comparison", expr[: match.start()] + _OPPOSITE[match[0]] + expr[match.end() :]


def _matchers(expr: str) -> Iterator[tuple[str, str]]:
    for matcher in dict.fromkeys(match[0].rstrip(", \n") for match in _MATCHER.finditer(expr)):
        yield "matcher", re.sub(re.escape(matcher) + r"(?:,\s*)?", "", expr)
    for match in _MATCHER.finditer(expr):
        changed = f'{match["label"]}{match["op"]}"changed"' + (
            ", " if match[0].rstrip().endswith(",") else ""
        )
        yield "matcher", expr[: match.start()] + changed + expr[match.end() :]


def _waits(wait: str | None) -> list[str]:
    if wait is None:
        return ["5m"]
    seconds = int(wait[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[wait[-1]]
    return [f"{seconds // 2}s", f"{seconds * 3 // 2}s"]
