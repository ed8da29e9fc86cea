"""How emitted YAML looks: plain where that is safe, and the same every time."""

import enum
from typing import Any

import pytest

from manifestgen.yamlio.emit import block, dump, flow, scalar


class Kind(enum.StrEnum):
    YES = "yes"
    WEB = "web"


class Port(enum.IntEnum):
    HTTP = 80


PLAIN = [
    *(
        "api",
        "corporate-intel",
        "app.kubernetes.io/name",
        "200m",
        "384Mi",
        "10.0.0.0/8",
        "5m",
        "30s",
        "v1",
        "apps/v1",
    ),
    *(
        "ghcr.io/example/api:1.4.2",
        "https://example.com/a#b",
        "--port=8000",
        "-c",
        "/health/ready",
        "./run",
        ".env",
    ),
    *(
        "sum(rate(x)) by (job) > 0.5",
        "it's",
        "a - b",
        "é",
        "日本",
        "🚀 launch",
        "👩‍💻",
        "a & b",
        "$(POD_IP)",
        "a  b",
    ),
    *(
        "1.4.2-rc1",
        "nope",
        "yesterday",
        "onward",
        "nullable",
        "2xx",
        "path#key",
        "a:b:c",
        "x=y",
        "50%",
        "(a)",
    ),
]
QUOTED = [
    *(
        "",
        " ",
        " a",
        "a ",
        "a: b",
        "a:",
        ":",
        "a #b",
        "#a",
        "- a",
        "-",
        "--",
        "---",
        "--- a",
        "...",
        "? a",
        "?",
    ),
    *(
        "y",
        "Y",
        "n",
        "yes",
        "No",
        "ON",
        "off",
        "true",
        "True",
        "null",
        "NULL",
        "~",
        ".inf",
        "-.inf",
        ".NaN",
        "nan",
    ),
    *(
        "0",
        "1",
        "-1",
        "+1",
        "012",
        "0644",
        "0o17",
        "0x1F",
        "0b1",
        "1_000",
        "1e3",
        "1E3",
        "1.5",
        ".5",
        "1.",
        "1.4.2",
    ),
    *("12:30", "12:30:45", "2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01 00:00:00", "10.0.0.1", "1,000"),
    *(
        "=",
        "<<",
        "*a",
        "&a",
        "!a",
        "|",
        ">",
        "%a",
        "@a",
        "`a`",
        "'a'",
        "{a}",
        "[a]",
        "{{ a }}",
        "a, b",
        "what?",
    ),
    *("\u00a0", "a\u200b", "~/x", "_", ".", ".."),
]


@pytest.mark.parametrize("text", PLAIN)
def test_a_text_that_nobody_misreads_is_plain(text: str) -> None:
    assert scalar(text) == text


@pytest.mark.parametrize("text", QUOTED)
def test_a_text_that_somebody_misreads_is_quoted(text: str) -> None:
    assert scalar(text)[0] in "\"'"
    assert block({text: 1}) == f"{scalar(text)}: 1"


WRITTEN: list[tuple[Any, str]] = [
    (None, "null"),
    (True, "true"),
    (False, "false"),
    (0, "0"),
    (1000000, "1000000"),
    (-(10**30), "-1000000000000000000000000000000"),
    (0.5, "0.5"),
    (1.0, "1.0"),
    (1e-05, "1.0e-05"),
    (1.5e300, "1.5e+300"),
    (-0.0, "-0.0"),
    (Kind.YES, '"yes"'),
    (Kind.WEB, "web"),
    (Port.HTTP, "80"),
    ("a\nb", '"a\\nb"'),
    ('say "x": 1', "'say \"x\": 1'"),
    ("'a' \"b\"", '"\'a\' \\"b\\""'),
    ("c:\\x, y", "'c:\\x, y'"),
    ("\x1b[0m", '"\\u001b[0m"'),
    ("a\u202eb", '"a\\u202eb"'),
    ("\x85\u2028\ufeff", '"\\u0085\\u2028\\ufeff"'),
    ("\U000e0001", '"\\U000e0001"'),
    ("\t", '"\\t"'),
]


@pytest.mark.parametrize(("value", "written"), WRITTEN)
def test_a_scalar_is_written_exactly(value: Any, written: str) -> None:
    assert scalar(value) == written


FLOWS: list[tuple[Any, str]] = [
    ({}, "{}"),
    ([], "[]"),
    ((), "[]"),
    ({"a": 1, "b": ["x", "yes"]}, '{a: 1, b: [x, "yes"]}'),
    (["a:b", {"http://x": "a:b"}], '["a:b", {"http://x": "a:b"}]'),
    ("a:b", '"a:b"'),
    ({"n": {"": None}}, '{"n": {"": null}}'),
    (["a\nb"], '["a\\nb"]'),
]


@pytest.mark.parametrize(("value", "written"), FLOWS)
def test_anything_fits_on_one_line(value: Any, written: str) -> None:
    assert flow(value) == written


BLOCKS: list[tuple[Any, str]] = [
    ({"a": {"b": 1}, "c": [1, 2]}, "a:\n  b: 1\nc:\n  - 1\n  - 2"),
    ({"a": {}, "b": [], "c": "", "d": None}, 'a: {}\nb: []\nc: ""\nd: null'),
    ([{"a": 1, "b": [2]}, {"c": {"d": 3}}], "- a: 1\n  b:\n    - 2\n- c:\n    d: 3"),
    ([[1, [2]], []], "- - 1\n  - - 2\n- []"),
    ({"a": "x\ny\n"}, "a: |\n  x\n  y"),
    ({"a": "x\ny"}, "a: |-\n  x\n  y"),
    ({"a": "x\n\n\n", "b": 1}, 'a: "x\\n\\n\\n"\nb: 1'),
    ({"a": "  x\ny\n"}, "a: |2\n    x\n  y"),
    ({"a": "\nx\n"}, "a: |2\n\n  x"),
    ({"a": "x\n\n  y  \n"}, "a: |\n  x\n\n    y  "),
    (["x\ny\n", {"a": "x\ny\n"}], "- |\n  x\n  y\n- a: |\n    x\n    y"),
    ({"a": "\n"}, 'a: "\\n"'),
    ({"a": "\tx\ny"}, 'a: "\\tx\\ny"'),
    ({"a": "x\n\ty\n"}, "a: |\n  x\n  \ty"),
    ({"a": "x\r\ny"}, 'a: "x\\r\\ny"'),
    ({"a": "x\ny\x1b"}, 'a: "x\\ny\\u001b"'),
    ({"a": "x\ny\u2028"}, 'a: "x\\ny\\u2028"'),
    ({"a": ("x", {"b": ()})}, "a:\n  - x\n  - b: []"),
    ("a\nb", '"a\\nb"'),
    ({}, "{}"),
]


@pytest.mark.parametrize(("value", "written"), BLOCKS)
def test_a_block_is_laid_out_as_in_kubernetes(value: Any, written: str) -> None:
    assert block(value) == written


def test_a_block_is_indented_on_every_line() -> None:
    assert (
        block({"a": {"b": "x\n\ny\n"}, "c": [{}]}, 4)
        == "    a:\n      b: |\n        x\n\n        y\n    c:\n      - {}"
    )
    assert block([], 2) == "  []"


def test_a_document_ends_with_a_newline_and_starts_with_its_header() -> None:
    assert dump({"a": 1}) == "a: 1\n"
    assert dump({"a": 1}, "made by x\n\n# from y") == "# made by x\n#\n# from y\na: 1\n"
    assert dump({}, "a\r b\u2028c\x85d\x1b") == "# a\n#  b\n# c\n# d\\u001b\n{}\n"


def test_long_lines_are_never_folded() -> None:
    text = "word " * 200 + "end"
    assert block({"a": text}) == f"a: {text}"
    assert "\n" not in block({"a": text + ": "})


def test_a_key_too_long_for_a_reader_is_announced() -> None:
    key = "k" * 1025
    assert block({key: {"a": 1}, "b": 2}) == f"? {key}\n:\n  a: 1\nb: 2"
    assert flow({key: 1}) == f"{{? {key} : 1}}"


@pytest.mark.parametrize("value", [float("inf"), float("nan"), "\ud800"])
def test_what_yaml_cannot_hold_is_refused(value: Any) -> None:
    for write in (scalar, flow, block, dump):
        with pytest.raises(ValueError, match="cannot be written"):
            write(value)


def test_what_is_no_data_is_refused() -> None:
    with pytest.raises(TypeError, match="object cannot be written"):
        dump({"a": object()})
    with pytest.raises(TypeError, match="set cannot be written"):
        scalar({1})
