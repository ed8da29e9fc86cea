"""Values as literals of Python and JavaScript: what the program sees is the value, whatever it is."""

from __future__ import annotations

import ast
import json
import math
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from manifestgen.rendering.literals import javascript, javascript_key, python, slashes

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    ANY_TEXT | NUMBERS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)
HOSTILE = [
    *("", "'", '"', "\\", "\\'", '\\"', "'''", '"""', "\n", "\r", "\t", "\0", "\x1b[0m", "\x7f", "\x85"),
    *("\u2028", "\u2029", "\u202e", "\ufeff", "`${1}`", "${1}", "{x}", "%s", "</script>", "*/", "//", "#"),
    *("__proto__", "constructor", "😀", "\U000e0041", "\\x41", "\\u0041", "\\N{DASH}", "a" * 300),
]
EVERYTHING: list[Any] = [
    *HOSTILE,
    HOSTILE,
    {text: text for text in HOSTILE},
    {"a": {"__proto__": [None, True, False, 0, -1, 1.5, 1e-7, 1e300]}},
]


@settings(deadline=None)
@given(VALUES)
@example(EVERYTHING)
def test_python_reads_a_literal_as_the_value_and_sees_every_letter_of_it(value: Any) -> None:
    written = python(value)
    assert written.isprintable()
    assert ast.literal_eval(written) == value


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.lists(VALUES, max_size=25))
@example(EVERYTHING)
def test_k6_reads_a_literal_as_the_value(values: list[Any]) -> None:
    written = javascript(values)
    assert written.isprintable()
    assert same(_seen_by_k6(written), values)


_K6: list[Path] = []


@pytest.fixture(autouse=True)
def _k6(request: pytest.FixtureRequest) -> None:
    """Examples are many for one test, which may not ask for fixtures of its own."""
    if "k6" in request.node.name and not _K6:
        _K6.append(request.getfixturevalue("tool")("k6"))


def _seen_by_k6(written: str) -> Any:
    """What JSON the engine of k6 makes of a literal: the names of options are inspected, nothing is run."""
    program = (
        f"const seen = {written};\nexport const options = {{ tags: {{ seen: JSON.stringify(seen) }} }};\n"
    )
    program += "export default function () {}\n"
    done = subprocess.run(
        [_K6[0], "inspect", "-"], input=program.encode(), capture_output=True, check=False, env={}
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(json.loads(done.stdout)["tags"]["seen"])


def same(one: Any, other: Any) -> bool:
    """Equality where 1.0 and 1 are one number, as in JavaScript, and true is none."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-15)
    return bool(one == other)


def test_a_key_that_is_a_name_stands_without_quotes() -> None:
    assert [javascript_key(key) for key in ("name", "a-b", "$x_1", "1a", "")] == [
        "name",
        "'a-b'",
        "$x_1",
        "'1a'",
        "''",
    ]
    assert javascript({"__proto__": 1}) == "{ ['__proto__']: 1 }"


@given(ANY_TEXT)
@example("\n".join(HOSTILE))
@example("*/ alert(1)\r\nalert(2)\u2028alert(3)")
def test_no_line_of_a_comment_of_javascript_ends_it(text: str) -> None:
    lines = re_split_as_javascript_does(slashes(text))
    assert all(line.startswith("//") or not line for line in lines)


def re_split_as_javascript_does(text: str) -> list[str]:
    """Lines by the line terminators of ECMAScript."""
    for end in ("\r", "\u2028", "\u2029"):
        text = text.replace(end, "\n")
    return text.split("\n")
