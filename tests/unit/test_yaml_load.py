"""What a spec means, where each value stands, and what is said about a wrong one."""

import time
from typing import Any

import pytest

from manifestgen.errors import Finding, Location, ManifestgenError
from manifestgen.yamlio.compose import DEEPEST, MOST_VALUES
from manifestgen.yamlio.load import load_text, parse_documents


def findings(text: str | bytes, **options: bool) -> tuple[Finding, ...]:
    with pytest.raises(ManifestgenError) as error:
        load_text(text, "spec.yaml", **options)
    return error.value.findings


def shown(text: str | bytes) -> list[str]:
    """The findings as ``line:column rule``."""
    return [
        f"{found.location.line}:{found.location.column} {found.rule}"
        for found in findings(text)
        if found.location
    ]


VALUES: list[tuple[str, Any]] = [
    ("true", True),
    ("False", False),
    ("null", None),
    ("~", None),
    ("", None),
    ("yes", "yes"),
    ("on", "on"),
    ("y", "y"),
    ("tRUE", "tRUE"),
    ("12", 12),
    ("-0", 0),
    ("0", 0),
    ("0x1F", 31),
    ("0o17", 15),
    ("0b1", "0b1"),
    ("1_000", "1_000"),
    ("12345678901234567890123", 12345678901234567890123),
    ("1.5", 1.5),
    (".5", 0.5),
    ("1e3", 1000.0),
    ("1.", 1.0),
    ("1.4.2", "1.4.2"),
    ("2024-01-01", "2024-01-01"),
    ("12:30:45", "12:30:45"),
    ("0644x", "0644x"),
    ("=", "="),
    ("'12'", "12"),
    ('"null"', "null"),
    ("!!str 12", "12"),
    ("! 12", "12"),
    ("!!int '12'", 12),
    ("!!float 12", 12.0),
    ("!!seq [1]", [1]),
    ("!!map {b: 1}", {"b": 1}),
    ("|\n  x\n  y\n", "x\ny\n"),
    (">-\n  x\n  y\n", "x y"),
    ("{b: }", {"b": None}),
    ('"a\\tb\\nc"', "a\tb\nc"),
    ('"\\u2028"', "\u2028"),
]


@pytest.mark.parametrize(("written", "value"), VALUES)
def test_a_scalar_means_what_yaml_1_2_says(written: str, value: Any) -> None:
    loaded = load_text(f"a: {written}\n", "spec.yaml").plain()
    assert repr(loaded) == repr({"a": value})


@pytest.mark.parametrize(
    "key", ["on", "yes", "n", "1_000", "2024-01-01", "'1'", '"true"', "!!str 1", "<<x", "'<<'"]
)
def test_a_key_that_reads_as_text_is_a_text(key: str) -> None:
    (loaded,) = load_text(f"{key}: 1", "spec.yaml").plain()
    assert loaded == key.strip("'\"").removeprefix("!!str ")


FINDINGS: list[tuple[str, str | bytes, list[str]]] = [
    ("a tab as indentation", "a:\n\tb: 1\n", ["2:1 yaml-tab"]),
    ("a tab behind spaces", "a:\n  b: 1\n  \tc: 1\n", ["3:3 yaml-tab"]),
    ("a tab before a dash", "a:\n\t- b\n", ["2:1 yaml-tab"]),
    ("a tab in a literal block", "a: |\n\tb\n", ["2:1 yaml-tab"]),
    ("a tab in a text that goes on", "a:\n  b: c\n\td: e\n", ["3:1 yaml-tab"]),
    ("a tab before a text that goes on", "a: b\n \tc: d\n", ["2:2 yaml-tab"]),
    ("a tab behind a dash", "a:\n- b: 1\n-\t\tc: 1\n   d: 1\n", ["3:2 yaml-tab"]),
    ("an open list", "a: [1,\n", ["2:1 yaml-syntax"]),
    ("an open map", "a: {b: 1\n", ["2:1 yaml-syntax"]),
    ("an open quote", "a: 1\nb: 'x\nc: 2\n", ["2:4 yaml-syntax"]),
    ("two colons", "é: b: c\n", ["1:5 yaml-syntax"]),
    ("a colon in a flow list", "a: [http://x]\n", ["1:9 yaml-syntax"]),
    ("a strange start", "日本: @x\n", ["1:5 yaml-syntax"]),
    ("a wrong escape", 'a: "\\q"\n', ["1:5 yaml-syntax"]),
    ("a wrong indentation", "a:\n    b: 1\n  c: 2\n", ["3:3 yaml-syntax"]),
    ("a list among keys", "a: 1\n- b\n", ["2:1 yaml-syntax"]),
    ("a line without colon", "a: 1\nb\nc: 2\n", ["2:1 yaml-syntax"]),
    ("an unknown alias", "a: *x\nb: *y\n", ["1:4 yaml-syntax", "2:4 yaml-syntax"]),
    ("an alias before its anchor", "a: *x\nb: &x 1\n", ["1:4 yaml-syntax"]),
    (
        "a duplicate key",
        "a: 1\nb:\n  c: 1\n  'c': 2\na: 3\n",
        ["4:3 yaml-duplicate-key", "5:1 yaml-duplicate-key"],
    ),
    ("a duplicate by alias", "&k a: 1\n*k : 2\n", ["2:1 yaml-duplicate-key"]),
    ("an alias in its own list", "a: &x [1, *x]\n", ["1:11 yaml-alias-cycle"]),
    ("an alias in its own map", "a: &x\n  b: *x\n", ["2:6 yaml-alias-cycle"]),
    ("an alias in its own key", "? &x [*x]\n: 1\n", ["1:3 yaml-key-type", "1:7 yaml-alias-cycle"]),
    ("a merge key", "a: &x {b: 1}\nc:\n  <<: *x\n", ["3:3 yaml-merge-key"]),
    (
        "a tag of one's own",
        "a: !foo 1\nb: !bar [1]\nc: !baz {}\n",
        ["1:4 yaml-tag", "2:4 yaml-tag", "3:4 yaml-tag"],
    ),
    ("a tag of Python", "a: !!python/object/apply:os.system [id]\n", ["1:4 yaml-tag"]),
    (
        "a tag of an old standard",
        "a: !!binary aGk=\nb: !!timestamp 2024-01-01\n",
        ["1:4 yaml-tag", "2:4 yaml-tag"],
    ),
    (
        "a tag that does not fit",
        "a: !!int x\nb: !!map [1]\nc: !!str [1]\n",
        ["1:4 yaml-tag", "2:4 yaml-tag", "3:4 yaml-tag"],
    ),
    ("a tag with an unknown handle", "a: !x!y 1\n", ["1:4 yaml-syntax"]),
    ("a number as key", "a:\n  1: x\n  2.5: y\n", ["2:3 yaml-key-type", "3:3 yaml-key-type"]),
    ("a boolean as key", "true: x\n", ["1:1 yaml-key-type"]),
    ("no key", ": x\n", ["1:1 yaml-syntax"]),
    ("an empty key", "?\n: x\n", ["1:2 yaml-key-type"]),
    ("a null key", "~: x\n", ["1:1 yaml-key-type"]),
    ("a list as key", "? [1]\n: x\n", ["1:3 yaml-key-type"]),
    ("an alias of a number as key", "a: &x 1\n*x : 2\n", ["2:1 yaml-key-type"]),
    ("an unknown alias as key", "*x : 2\n", ["1:1 yaml-syntax"]),
    ("an anchored key that is none", "&x 1: 2\n&y !foo z: 3\n", ["1:1 yaml-key-type", "2:1 yaml-tag"]),
    ("an anchored key with a control", '&x "\\e": 1\n', ["1:1 yaml-control-character"]),
    ("a template without quotes", "a: {{ name }}\n", ["1:5 yaml-key-type"]),
    ("an empty file", "", ["1:1 yaml-empty"]),
    ("comments alone", "# nothing\n\n", ["1:1 yaml-empty"]),
    ("an empty document", "---\n...\n", ["1:1 yaml-empty"]),
    ("two documents", "a: 1\n---\nb: 1\n", ["2:1 yaml-documents"]),
    ("a list", "- a\n", ["1:1 spec-not-a-map"]),
    ("a text", "\n  hello\n", ["2:3 spec-not-a-map"]),
    ("null", "null", ["1:1 spec-not-a-map"]),
    ("infinity", "a: .inf\nb: -.INF\nc: .NaN\n", ["1:4 yaml-number", "2:4 yaml-number", "3:4 yaml-number"]),
    ("a float too large", "a: 1e999\n", ["1:4 yaml-number"]),
    ("too many digits", f"a: {'9' * 5000}\n", ["1:4 yaml-number"]),
    ("an octal of old", "mode: 0644\n", ["1:7 yaml-number"]),
    ("Latin-1", "é: \xe9\n".encode("latin-1"), ["1:1 yaml-encoding"]),
    ("a broken byte later on", "é: 1\né: ".encode() + b"\xff", ["2:4 yaml-encoding"]),
    ("UTF-16", "a: 1".encode("utf-16"), ["1:1 yaml-encoding"]),
    ("NUL", "a: 1\nb: \x00", ["2:4 yaml-encoding"]),
    ("a program", b"\x7fELF\x02\x01\x01\x00", ["1:8 yaml-encoding"]),
    ("C0 and C1", "a: \x07\nb: \x9b\n", ["1:4 yaml-control-character", "2:4 yaml-control-character"]),
    ("DEL in a comment", "a: 1 # \x7f\n", ["1:8 yaml-control-character"]),
    ("escape in a key", "a\x1b[0m: 1\n", ["1:2 yaml-control-character"]),
    (
        "a change of direction",
        "a: x\u202ey\nb: \u2066\n",
        ["1:5 yaml-control-character", "2:4 yaml-control-character"],
    ),
    ("a mark of byte order inside", "a: 1\n\ufeffb: 1\n", ["2:1 yaml-control-character"]),
    ("half of a pair", "a: \ud800\n", ["1:4 yaml-control-character"]),
    ("the end of a line to some", "a: x\u2028b: y\n", ["1:5 yaml-control-character"]),
    ("NEL", "a: x\u0085b: y\n", ["1:5 yaml-control-character"]),
    ("an old Macintosh", "a: 1\rb: 2\n", ["1:5 yaml-control-character"]),
    (
        "escaped controls",
        'a: "\\e[0m"\n"b\\0": "\\r"\n',
        ["1:4 yaml-control-character", "2:1 yaml-control-character", "2:8 yaml-control-character"],
    ),
    ("an escaped half of a pair", 'a: "\\ud800"\n', ["1:7 yaml-syntax"]),
]


@pytest.mark.parametrize(
    ("text", "expected"), [pytest.param(text, found, id=name) for name, text, found in FINDINGS]
)
def test_a_mistake_is_found_at_its_place(text: str | bytes, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize("text", [text for _, text, _ in FINDINGS])
def test_a_finding_has_one_line_of_message_and_an_advice(text: str | bytes) -> None:
    for found in findings(text):
        assert found.message.isprintable() and found.path.isprintable()
        assert len(found.message) < 120
        assert found.advice


def test_all_mistakes_are_reported_at_once() -> None:
    text = "<<: {}\n1: x\na: 1\na: !foo x\nb: .nan\nc:\n  d: *none\n  e: [\n"
    assert shown(text) == [
        "1:1 yaml-merge-key",
        "2:1 yaml-key-type",
        "4:1 yaml-duplicate-key",
        "4:4 yaml-tag",
        "5:4 yaml-number",
        "7:6 yaml-syntax",
        "9:1 yaml-syntax",
    ]


MESSAGES: list[tuple[str, str]] = [
    ("a:\n  b: 1\n  c: 2\n  b: 3\n", "a.b: the key b stands here again; the first is on line 2"),
    ("a:\n  - x: 1\n  - x: .inf\n", "a[1].x: .inf is not a finite number"),
    ("a: !!python/name:os 1\n", "a: the tag !!python/name:os is not supported"),
    ("a: 1\n1: x\n", ": the key 1 is not a text"),
    ("schedule: */5 * * * *\n", ": a text that starts with '&' or '*' needs quotes"),
    ("host: *.example.com\n", ": a text that starts with '&' or '*' needs quotes"),
    ("a: &\n", ": a text that starts with '&' or '*' needs quotes"),
    ("a: !<x\n", ": a text that starts with '!' needs quotes"),
    ("a: |x\n", ": after '|' or '>' the text starts on a line of its own"),
    ("%FOO\n---\na: 1\n", ": a line that starts with '%' is not supported"),
    ("%YAML 3.0\n---\na: 1\n", ": this version of YAML is not known"),
    ("hosts: [http://x]\n", ": inside [ ] or { } a text with a ':' needs quotes"),
    ("a: 'it's'\n", ": a key is expected here"),
    ("a\n: b\n", ": this does not belong to the lines above"),
    ('"a\\e": {b: .inf}\n', '"a\\u001b".b: .inf is not a finite number'),
]


@pytest.mark.parametrize(("text", "message"), MESSAGES)
def test_a_message_names_the_path_and_the_cause(text: str, message: str) -> None:
    assert message in [f"{found.path}: {found.message}" for found in findings(text)]


def test_a_template_expression_gets_advice_of_its_own() -> None:
    (found,) = findings("a: {{ name }}\n")
    assert "{{ name }}" in found.advice


def test_every_value_and_key_has_its_place() -> None:
    root = load_text("﻿a: 1\r\nbéé:\r\n  - 'x'\r\n  - c:   {d: 🚀, e: f}\r\n".encode(), "spec.yaml")
    where = {
        (): (1, 1),
        ("a",): (1, 4),
        ("béé",): (3, 3),
        ("béé", 0): (3, 5),
        ("béé", 1): (4, 5),
        ("béé", 1, "c"): (4, 10),
        ("béé", 1, "c", "d"): (4, 14),
        ("béé", 1, "c", "e"): (4, 20),
    }
    for path, (line, column) in where.items():
        assert root.at(path).location == Location("spec.yaml", line, column)
    assert root.at(["béé", 1, "c", "e"]).key_location == Location("spec.yaml", 4, 17)
    assert root.at(["béé", 1]).key_location is None


def test_a_path_that_leads_nowhere_ends_at_the_nearest_node() -> None:
    root = load_text("a:\n  b: [1]\n", "spec.yaml")
    assert root.at(["a", "b", 7, "c"]) is root.at(["a", "b"])
    assert root.at(["x"]) is root
    assert root.at(["a", "b", 0, 0]).value == 1


def test_a_number_remembers_how_it_was_written() -> None:
    root = load_text("tag: 1.10\nname: x\nnothing:\n", "spec.yaml")
    assert [root.at([key]).text for key in ("tag", "name", "nothing")] == ["1.10", "", ""]


def test_an_alias_stands_for_its_value_and_has_a_place_of_its_own() -> None:
    root = load_text("a: &x\n  b: 1\nc: *x\n&k d: *k\n", "spec.yaml")
    assert root.plain() == {"a": {"b": 1}, "c": {"b": 1}, "d": "d"}
    assert root.at(["c"]).location == Location("spec.yaml", 3, 4)
    assert root.at(["c"]).key_location == Location("spec.yaml", 3, 1)
    assert root.at(["c", "b"]).location == Location("spec.yaml", 2, 6)


def test_plain_data_can_be_changed_without_harm() -> None:
    root = load_text("a: &x [1]\nb: *x\n", "spec.yaml")
    root.plain()["a"].append(2)
    assert root.plain() == {"a": [1], "b": [1]}


def test_the_top_may_be_anything_where_the_caller_says_so() -> None:
    assert load_text("- 1\n", "x", map_required=False).plain() == [1]
    assert [found.rule for found in findings("", map_required=False)] == ["yaml-empty"]


def _laughs(levels: int) -> str:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, levels)]
    return "\n".join(lines)


def test_a_billion_laughs_end_quickly() -> None:
    start = time.monotonic()
    (found,) = findings(_laughs(40))
    assert found.rule == "yaml-alias-bomb"
    assert time.monotonic() - start < 1


def test_a_few_laughs_are_allowed() -> None:
    assert len(load_text(_laughs(4), "spec.yaml").plain()["a3"]) == 9


def test_long_texts_count_for_several_values() -> None:
    text = f"a: &a {'x' * 1_000_000}\nb: [" + "*a, " * 30 + "1]"
    assert [found.rule for found in findings(text)] == ["yaml-alias-bomb"]


def test_too_many_values_end_quickly() -> None:
    text = "a:\n" + "- 1\n" * (MOST_VALUES - 2)
    start = time.process_time()
    assert len(load_text(text, "spec.yaml").plain()["a"]) == MOST_VALUES - 2
    middle = time.process_time()
    assert shown("a:\n" + "- 1\n" * 1_300_000) == [f"{MOST_VALUES}:3 spec-size"]
    # To refuse too many takes no longer than to read as many as there may be; twice that is noise.
    assert time.process_time() - middle < 2 * (middle - start)


def test_nesting_ends_at_its_limit() -> None:
    inner = DEEPEST - 1
    assert load_text(f"a: {'[' * inner}{']' * inner}", "spec.yaml").plain()
    assert shown(f"a: {'[' * (inner + 1)}") == [f"1:{4 + inner} yaml-depth"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[\n", "{? "])
def test_deep_nesting_ends_quickly(opening: str) -> None:
    start = time.monotonic()
    (found,) = findings(opening * 500_000)
    assert found.rule == "yaml-depth"
    assert len(found.path) < 120
    assert time.monotonic() - start < 2


def test_aliases_do_not_hide_deep_nesting() -> None:
    lines = ["a0: &a0 [x]", *(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 100))]
    assert [found.rule for found in findings("\n".join(lines))] == ["yaml-depth"]


def test_levels_behind_an_alias_are_counted_exactly() -> None:
    def nested(outer: int) -> str:
        return f"a: &a {'[' * 30}{']' * 30}\nb: {'[' * outer}*a{']' * outer}\n"

    assert load_text(nested(DEEPEST - 31), "spec.yaml").plain()
    assert [found.rule for found in findings(nested(DEEPEST - 30))] == ["yaml-depth"]


def test_endless_mistakes_end() -> None:
    assert len(findings("a: 1\n" * 100_000)) == 500


def test_rendered_documents_are_read_as_plain_data() -> None:
    text = "a: 1\nb: [yes, {c: null}]\n---\n- 012\n- '1'\n---\n---\nx\n"
    assert parse_documents(text) == [{"a": 1, "b": ["yes", {"c": None}]}, [12, "1"], None, "x"]
    assert parse_documents("# nothing\n") == []


@pytest.mark.parametrize("text", ["a: &x 1\nb: *x\n", "? [1]\n: 2\n"])
def test_rendered_text_holds_neither_aliases_nor_odd_keys(text: str) -> None:
    with pytest.raises(ValueError, match="line"):
        parse_documents(text)
