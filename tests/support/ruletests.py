"""Running the generated tests of alerts, and breaking the rules that they are for."""

from __future__ import annotations

import copy
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from manifestgen.artifact import Artifact

Group = dict[str, Any]
_RECORD = re.compile(r"[a-zA-Z_]+:[a-zA-Z0-9_:]+")


class Bench(NamedTuple):
    """One file of tests with the rules that it is about: promtool evaluates all that it is given."""

    name: str
    alerts: tuple[Group, ...]
    records: tuple[Group, ...]
    tests: str

    @property
    def parsed(self) -> Any:
        """The file of tests as data."""
        return yaml.safe_load(self.tests)

    @property
    def rules(self) -> Iterator[dict[str, Any]]:
        """The rules of its group, alerts first."""
        for group in (*self.alerts, *self.records):
            if group["name"].rpartition(".")[0] == self.name:
                yield from group["rules"]


def benches(files: Mapping[str, Artifact]) -> list[Bench]:
    """One for each file of tests."""
    alerts = yaml.safe_load(files["prometheus/alerts.yml"].text)["groups"]
    records = yaml.safe_load(files["prometheus/recording-rules.yml"].text)["groups"]
    found = []
    for path, artifact in files.items():
        if path.startswith("prometheus/tests/"):
            name = path.rpartition("/")[2].removesuffix(".test.yml")
            mine = _of_names(alerts, name)
            found.append(Bench(name, mine, _used(records, mine), artifact.text))
    return found


def run(bench: Bench, promtool: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """What promtool says to the tests of a bench."""
    tests = folder / "tests" / f"{bench.name}.test.yml"
    tests.parent.mkdir(parents=True, exist_ok=True)
    tests.write_text(bench.tests, "utf-8")
    for name, groups in (("alerts.yml", bench.alerts), ("recording-rules.yml", bench.records)):
        (folder / name).write_text(yaml.safe_dump({"groups": list(groups)}), "utf-8")
    command = [str(promtool), "test", "rules", str(tests)]
    # It makes a database for each test: in memory, where that is, and without clearing up between them.
    database = "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(folder)
    environment = {**os.environ, "GOGC": "400", "TMPDIR": database}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def _of_names(groups: list[Group], name: str) -> tuple[Group, ...]:
    """The group with the alerts of its names in other groups, which a test sees, too."""
    own = next(group for group in groups if group["name"] == f"{name}.alerts")
    names = {rule["alert"] for rule in own["rules"]}
    others = [
        {**group, "rules": [rule for rule in group["rules"] if rule["alert"] in names]}
        for group in groups
        if group is not own
    ]
    return (own, *(group for group in others if group["rules"]))


def _used(groups: list[Group], alerts: tuple[Group, ...]) -> tuple[Group, ...]:
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
    kept = [{**g, "rules": [rule for rule in g["rules"] if rule["record"] in used]} for g in groups]
    return tuple(group for group in kept if group["rules"])


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


def mutants(bench: Bench) -> Iterator[Mutant]:
    """Every wrong version of the rules of a bench, in the order of the rules.

    Limits: each half as high again and half as high (0: 1), where it decides, so not `> 0` around what is
    divided by. Comparisons: each turned round. Matchers: each with another value; and each left out, of all
    selectors that have it, for what is joined is still told apart by the other. `for`: half as long and half
    as long again (none: 5m). Severity: another.
    """
    for number, rule in enumerate(bench.rules):
        name = rule.get("alert") or rule["record"]
        for kind, what, changed in _changes(rule):
            wrong = copy.deepcopy(bench)
            target = list(wrong.rules)[number]
            target.clear()
            target.update(changed)
            yield Mutant(kind, f"{name}: {what}", wrong)


def _changes(rule: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for kind, expr in (*_limits(rule["expr"]), *_comparisons(rule["expr"]), *_matchers(rule["expr"])):
        yield kind, expr, {**rule, "expr": expr}
    if "alert" in rule:
        for wait in _waits(rule.get("for")):
            yield "for", wait, {**rule, "for": wait}
        severity = _SEVERITY[rule["labels"]["severity"]]
        yield "severity", severity, {**rule, "labels": {**rule["labels"], "severity": severity}}


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
