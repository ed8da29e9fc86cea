"""Whatever is emitted reads back as the same value, to every kind of YAML reader."""

import base64
import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from manifestgen.errors import ManifestgenError
from manifestgen.yamlio import emit
from manifestgen.yamlio.characters import CONTROL
from manifestgen.yamlio.load import load_text, parse_documents


def _own(text: str) -> Any:
    return load_text(text, "spec.yaml", map_required=False).plain()


def _fast(text: str) -> Any:
    (document,) = parse_documents(text)
    return document


def _ruamel(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(io.StringIO(text))


def _pyyaml(text: str) -> Any:
    return yaml.load(text, yaml.CSafeLoader)


def _pyyaml_in_python(text: str) -> Any:
    return yaml.safe_load(text)


READERS: list[Callable[[str], Any]] = [_own, _fast, _ruamel, _pyyaml, _pyyaml_in_python]

# Pieces that one reader or another takes for syntax, put together in any order.
SYNTAX = [*":#-?|>!%@`'\"\\{}[],=~._+", "&a", "*a", "!!", "{{", "}}", "---", "...", "<<", "$patch"]
WORDS = ["y", "n", "Yes", "NO", "on", "Off", "null", "Null", "true", "FALSE", ".inf", "-.INF", ".nan", "NaN"]
NUMBERS = ["0", "1", "12", "012", "0o7", "0x1F", "0b1", "1_000", "1e3", "1E", ".5", "1.", "-1", "+1", "1.4.2"]
TIMES = ["12:30:45", "2024-01-01", "2024-01-01T00:00:00Z", "2024-1-1"]
TEXT = ["a", "b c", "é", "日本", "🚀", "http://x/?a=b&c=d", 'rate(x{a="b"}[5m]) > 0', "\ufffd", "\U0010ffff"]
SPACES = [
    "",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\n  ",
    "\t",
    "\r",
    "\r\n",
    "\x85",
    "\u2028",
    "\u2029",
    "\xa0",
    "\u3000",
]
UNSEEN = ["\x00", "\x1b[0m", "\x7f", "\ufeff", "\u202e", "\u2066", "\u200d", "\ue000", "\uffff", "\U000e0001"]
PIECES = [*SYNTAX, *WORDS, *NUMBERS, *TIMES, *TEXT, *SPACES, *SPACES, *UNSEEN]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
TEXTS = st.one_of(HOSTILE, HOSTILE, st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.one_of(
    TEXTS, TEXTS, st.none(), st.booleans(), st.integers(), st.integers(-(10**30), 10**30), FLOATS
)
HOSTILE_YAML = st.lists(st.sampled_from([*PIECES, ": ", "- ", "\n", "\n  ", "? "]), max_size=20).map("".join)
VALUES = st.recursive(
    SCALARS,
    lambda below: st.one_of(st.lists(below, max_size=4), st.dictionaries(TEXTS, below, max_size=4)),
    max_leaves=12,
)


def _same(left: Any, right: Any) -> bool:
    """Equal in value, in type, and in the order of keys."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return repr(left) == repr(right)


def _readable(value: Any, read: Callable[[str], Any]) -> bool:
    """Our own loader refuses control characters, wherever they stand."""
    return read is not _own or not _holds_control(value)


def _holds_control(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_control, [*value, *value.values()]))
    if isinstance(value, list):
        return any(map(_holds_control, value))
    return isinstance(value, str) and CONTROL.search(value) is not None


def _check(value: Any, text: str) -> None:
    for read in READERS:
        if _readable(value, read):
            assert _same(read(text), value), f"{read.__name__} of {text!r}"


@settings(max_examples=200, deadline=None)
@given(VALUES)
@example({"a": [{"b": "x\n  y\n\n"}, "z\n"], "c": "\n\n a\nb"})
@example([[[], {}], [{"a": [[1]]}], "a\n \n"])
def test_a_document_reads_back_the_same(value: Any) -> None:
    _check(value, emit.dump(value))


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_a_value_on_one_line_reads_back_the_same(value: Any) -> None:
    text = emit.flow(value)
    assert "\n" not in text
    _check(value, text)
    _check([{"key": value}], f"- key: {text}\n")


@settings(max_examples=200, deadline=None)
@given(SCALARS)
def test_a_scalar_reads_back_the_same_where_a_template_puts_it(value: Any) -> None:
    text = emit.scalar(value)
    assert "\n" not in text
    _check([value], f"- {text} # comment\n")
    _check({"a": value, "b": 1}, f"a: {text}\nb: 1\n")
    _check([value, 1], f"[{emit.flow(value)}, 1]\n")


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_a_key_reads_back_the_same(key: str) -> None:
    _check({key: 1, key + "2": {key: []}}, emit.dump({key: 1, key + "2": {key: []}}))


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.integers(0, 6), TEXTS)
def test_a_block_fits_below_a_key_at_any_indentation(text: str, indent: int, other: str) -> None:
    below = emit.block({"text": text, "list": [other, {"inner": text}]}, indent + 2)
    pad = " " * indent
    _check(
        {"outer": {"text": text, "list": [other, {"inner": text}]}, "next": other},
        f"{pad}outer:\n{below}\n{pad}next: {emit.scalar(other)}\n",
    )


@settings(max_examples=100, deadline=None)
@given(TEXTS, VALUES)
def test_a_header_never_becomes_data(header: str, value: Any) -> None:
    text = emit.dump(value, header)
    assert _same(_fast(text), value)
    assert _same(_pyyaml(text), value)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_a_long_key_reads_back_the_same(key: str) -> None:
    long = {(key + "k") * (1 + 1100 // (len(key) + 1)): {"a": [1, "x\ny\n"]}, "z": 1}
    _check(long, emit.dump(long))
    _check(long, emit.flow(long))


@settings(max_examples=300, deadline=None)
@given(st.one_of(TEXTS, st.binary(max_size=40), HOSTILE_YAML))
def test_any_input_ends_in_a_value_or_in_findings(content: str | bytes) -> None:
    try:
        load_text(content, "spec.yaml", map_required=False).plain()
    except ManifestgenError as error:
        assert error.findings
        assert all(found.location and found.message.isprintable() for found in error.findings)


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_the_same_value_gives_the_same_bytes(value: Any) -> None:
    assert emit.dump(value) == emit.dump(_fast(emit.dump(value)))


def test_helm_reads_every_pair_of_hostile_pieces_the_same(
    tool: Callable[[str], Path], tmp_path: Path
) -> None:
    """Go has readers of its own; what Helm reads, Kubernetes reads."""
    texts = sorted({left + right for left in PIECES for right in PIECES})
    value = {
        "list": texts,
        "lines": [f"{text}\n  {text}\n" for text in texts],
        "map": {text: [{text: text}] for text in texts},
    }
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: x\nversion: 1.0.0\n")
    (tmp_path / "block.yaml").write_text(emit.dump(value), encoding="utf-8", newline="")
    (tmp_path / "flow.yaml").write_text(emit.flow(value), encoding="utf-8", newline="")
    (tmp_path / "templates").mkdir()
    for name in ("block", "flow"):
        template = f'{name}: {{{{ .Files.Get "{name}.yaml" | fromYaml | toJson | b64enc }}}}\n'
        (tmp_path / "templates" / f"{name}.yaml").write_text(template)
    command = [str(tool("helm")), "template", "x", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found = dict(re.findall("^(block|flow): (.*)$", done.stdout, re.MULTILINE))
    assert json.loads(base64.b64decode(found["block"])) == value
    assert json.loads(base64.b64decode(found["flow"])) == value
