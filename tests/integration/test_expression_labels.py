"""The labels that are inferred for an expression are those that Prometheus gives its result.

Drawn expressions over a few series are evaluated by promtool, many in one run, and what they give is compared
with what was inferred. Some cannot be evaluated, as several series match one: they say nothing.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import promql_parser
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifestgen.monitoring.expressions import tree
from manifestgen.monitoring.expressions.shapes import Shape, Shaper

Tool = Callable[[str], Path]
Labels = dict[str, str]

SERIES: dict[str, list[Labels]] = {
    "m": [
        {"job": "a", "pod": "p", "le": "1"},
        {"job": "a", "pod": "q", "le": "1"},
        {"job": "b", "pod": "p", "le": "2", "zone": "x"},
    ],
    "n": [{"job": "a", "pod": "p"}, {"job": "b", "pod": "p", "zone": "y"}],
    "o": [{"job": "c", "zone": "x"}],
    "p": [{}],
}
"""Series that an expression may be about, by the name of their metric."""
LABELS = ("job", "pod", "le", "zone", "extra")
AT_ONCE = 60
"""Expressions in one run of promtool."""


def shape_of(name: str) -> Shape:
    every = [frozenset(series) for series in SERIES[name]]
    values = {label: {series.get(label, "") for series in SERIES[name]} for label in LABELS}
    fixed = {label: next(iter(found)) for label, found in values.items() if len(found) == 1 and found != {""}}
    return Shape(frozenset.intersection(*every), frozenset().union(*every), fixed)


# --- Expressions -----------------------------------------------------------------------------------

labels = st.lists(st.sampled_from(LABELS), max_size=3, unique=True).map(", ".join)
matchers = st.lists(
    st.tuples(
        st.sampled_from(LABELS),
        st.sampled_from(['="a"', '="p"', '=""', '!=""', '=~"a|b"', '=~".*"', '!~"x"', '!="a"', '=~".+"']),
    ).map("".join),
    max_size=2,
).map(", ".join)
selectors = st.builds("{}{{{}}}".format, st.sampled_from(sorted(SERIES)), matchers)
comparisons = st.sampled_from(["==", "!=", ">", "<=", "> bool", "+", "*", "-"])
SETS = ("and", "or", "unless")


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    matching = st.one_of(
        st.just(""),
        st.builds("on ({})".format, labels),
        st.builds("ignoring ({})".format, labels),
        st.builds("on ({}) group_left ({})".format, labels, labels),
        st.builds("on ({}) group_right ({})".format, labels, labels),
        st.builds("ignoring ({}) group_left ({})".format, labels, labels),
    )
    sets = st.one_of(
        st.just(""), st.builds("on ({})".format, labels), st.builds("ignoring ({})".format, labels)
    )
    return st.one_of(
        st.builds("sum by ({}) ({})".format, labels, inner),
        st.builds("max without ({}) ({})".format, labels, inner),
        st.builds("count({})".format, inner),
        st.builds("topk by ({}) (1, {})".format, labels, inner),
        st.builds('count_values by ({}) ("extra", {})'.format, labels, inner),
        st.builds("({})".format, inner),
        st.builds("-({})".format, inner),
        st.builds("absent({})".format, inner),
        st.builds("abs({})".format, inner),
        st.builds("histogram_quantile(0.5, {})".format, inner),
        st.builds("vector(scalar({}))".format, inner),
        st.builds("max_over_time(({})[5m:1m])".format, inner),
        st.builds("({}) > 1".format, inner),
        st.builds("2 * ({})".format, inner),
        st.builds(
            'label_replace({}, "{}", "{}", "{}", "{}")'.format,
            inner,
            st.sampled_from(LABELS),
            st.sampled_from(["new", "", "$1"]),
            st.sampled_from(LABELS),
            st.sampled_from([".*", "(.+)", "nowhere"]),
        ),
        st.builds('label_join({}, "extra", "-", "job", "pod")'.format, inner),
        st.builds("({}) {} {} ({})".format, inner, comparisons, matching, inner),
        st.builds("({}) {} {} ({})".format, inner, st.sampled_from(SETS), sets, inner),
    )


def _apart(text: str) -> bool:
    """Whether no label is both matched by and taken over, which is an error."""
    for kind, matched, taken in re.findall(r"(on|ignoring) \(([^)]*)\) group_\w+ \(([^)]*)\)", text):
        if kind == "on" and set(matched.split(", ")) & set(taken.split(", ")) - {""}:
            return False
    return True


expressions = st.recursive(selectors, _larger, max_leaves=4).filter(_apart)


# --- What Prometheus says --------------------------------------------------------------------------


class Answer(NamedTuple):
    """What an expression gave: the labels of each series; None when it could not be evaluated."""

    expr: str
    series: list[Labels] | None


def evaluated(asked: Sequence[str], promtool: Path, folder: Path) -> list[Answer]:
    """The results of expressions. A sample that is never there makes promtool show those that are."""
    series = [
        {
            "series": f"{name}{{{', '.join(f'{k}={v!r}' for k, v in one.items())}}}",
            "values": f"{index + 1}x10",
        }
        for name, many in SERIES.items()
        for index, one in enumerate(many)
    ]
    nowhere = [{"labels": '{never="there"}', "value": 12345}]
    cases = [{"expr": expr, "eval_time": "5m", "exp_samples": nowhere} for expr in asked]
    tests = [{"interval": "1m", "input_series": series, "promql_expr_test": cases}]
    file = folder / "cases.yml"
    file.write_text(yaml.safe_dump({"rule_files": [], "evaluation_interval": "1m", "tests": tests}), "utf-8")
    done = subprocess.run([promtool, "test", "rules", file], capture_output=True, text=True, check=False)
    told = re.split(r'^ {4}expr: (?=")', done.stdout + done.stderr, flags=re.MULTILINE)[1:]
    assert len(told) == len(asked), done.stderr
    return [Answer(expr, _series(text)) for expr, text in zip(asked, told, strict=True)]


def _series(told: str) -> list[Labels] | None:
    got = re.search(r"^ +got: (.*)$", told, re.MULTILINE)
    if got is None:
        assert "err:" in told, told
        return None
    samples = re.findall(r"\{([^}]*)\}", got[1])
    assert samples or got[1] == "nil", told
    return [{k: v for k, v in re.findall(r'(\w+)="([^"]*)"', one) if k != "__name__"} for one in samples]


# --- Comparing -------------------------------------------------------------------------------------


def compare(answer: Answer) -> str:
    """What an answer proves; AssertionError when it is not what was inferred."""
    shaper = Shaper(lambda selector: shape_of(selector.name))
    shape = shaper.of(tree.parse(answer.expr))
    if answer.series is None:
        return "failed"
    assert shape is not None
    for series in answer.series:
        there = {label for label, value in series.items() if value}
        assert shape.sure <= there, (answer, shape)
        assert shape.maybe is not None and there <= shape.maybe, (answer, shape)
        assert {k: series[k] for k in shape.fixed if k in series} == shape.fixed, (answer, shape)
    root = tree.bare(tree.parse(answer.expr))
    if any(mismatch.node is not None and str(mismatch.node) == str(root) for mismatch in shaper.mismatches):
        assert answer.series == [], answer
        return "never matches"
    return "empty" if not answer.series else "exact" if shape.sure == shape.maybe else "within"


@pytest.fixture(scope="module")
def promtool(tool: Tool) -> Path:
    return tool("promtool")


def test_inferred_labels_are_those_of_the_result(promtool: Path, tmp_path: Path) -> None:
    proven: Counter[str] = Counter()

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(expressions, min_size=AT_ONCE, max_size=AT_ONCE, unique=True))
    def holds(asked: list[str]) -> None:
        for answer in evaluated(asked, promtool, tmp_path):
            proven[compare(answer)] += 1

    holds()
    assert min(proven[kind] for kind in ("exact", "within", "never matches")) >= 10, proven


@pytest.mark.parametrize(
    ("expr", "series"),
    [
        ("m", SERIES["m"]),
        ("sum by (job) (m)", [{"job": "a"}, {"job": "b"}]),
        ("m / on () n", None),
        ("m and o", []),
    ],
)
def test_answers_are_read_as_promtool_gives_them(
    expr: str, series: list[Labels] | None, promtool: Path, tmp_path: Path
) -> None:
    (answer,) = evaluated([expr], promtool, tmp_path)
    assert answer.series == series


def test_expressions_that_are_drawn_are_promql() -> None:
    @settings(max_examples=50, deadline=None)
    @given(expressions)
    def parses(expr: str) -> None:
        promql_parser.parse(expr)

    parses()
