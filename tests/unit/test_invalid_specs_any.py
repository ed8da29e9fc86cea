"""Whatever is wrong with a spec, it ends in findings inside the file, never in another exception."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from manifestgen import pipeline
from manifestgen.errors import Finding, ManifestgenError
from manifestgen.monitoring.checks import check_monitoring
from manifestgen.resolving import once_each, resolve
from manifestgen.verify.schemas import check_version
from manifestgen.verify.spec import check_platform
from manifestgen.yamlio.load import load_text
from support import yaml11

ROOT: Final = Path(__file__).parents[2]
SPECS: Final = tuple(
    (ROOT / name).read_text("utf-8") for name in ("specs/platform.yaml", "tests/specs/everything.yaml")
)
PLAIN: Final = tuple(yaml11.read(text) for text in SPECS)
FILE: Final = "spec.yaml"

Path_ = tuple[str | int, ...]


def findings_of(text: str | bytes) -> tuple[Finding, ...]:
    """Everything that is found before objects are made, as ``pipeline.build`` does it."""
    try:
        platforms = resolve(load_text(text, FILE))
    except ManifestgenError as error:
        assert error.findings
        return error.findings
    environments = {str(name): platform for name, platform in platforms.items() if name is not None}
    found = {
        name: [*check_version(platform), *check_platform(platform), *check_monitoring(platform)]
        for name, platform in environments.items()
    }
    return tuple(once_each(found))


def assert_inside(findings: tuple[Finding, ...], text: str) -> None:
    lines = text.split("\n")
    for finding in findings:
        where = finding.location
        assert where is not None, finding
        assert where.file == FILE
        assert 1 <= where.line <= len(lines), finding
        assert 1 <= where.column <= len(lines[where.line - 1]) + 1, finding
        assert finding.message, finding
        assert len(finding.message) < 600, finding


# --- Valid specs with something changed -----------------------------------------------------------

WORDS: Final = (
    "",
    "x",
    "api",
    "1",
    "1.10",
    "../../etc",
    "a" * 300,
    "é",
    "null",
    "{{ x }}",
    "10%",
    "5s",
    "99999999999y",
)
SCALARS: Final[tuple[Any, ...]] = (None, True, 0, -1, 1, 3, 2.5, 1e300, 10**30, 9**999, *WORDS)
VALUES: Final[tuple[Any, ...]] = (
    *SCALARS,
    [],
    {},
    [None],
    [[]],
    ["x", "x"],
    [1, {}],
    {"x": None},
    {"type": "web"},
    {"type": []},
    {"type": 1},
)


def places(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """The paths of all values inside a map or list."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in below:
        yield (*path, key)
        yield from places(member, (*path, key))


PLACES: Final = tuple(tuple(places(spec)) for spec in PLAIN)


@st.composite
def changed_specs(draw: st.DrawFn) -> str:
    """One of the specs with one to three values removed, replaced, moved under another key or copied."""
    which = draw(st.integers(0, len(PLAIN) - 1))
    spec = copy.deepcopy(PLAIN[which])
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(PLACES[which]))
        parent: Any = spec
        try:
            for step in above:
                parent = parent[step]
            member = parent[last]
        except (LookupError, TypeError):
            continue  # an earlier change took it away
        change(draw, parent, last, member)
    return yaml11.written(spec)


def change(draw: st.DrawFn, parent: Any, key: Any, member: Any) -> None:
    how = draw(st.sampled_from(["remove", "replace", "rename", "copy"]))
    if how == "remove":
        del parent[key]
    elif how == "replace" or not isinstance(parent, dict):
        parent[key] = draw(st.sampled_from(VALUES))
    else:
        other = draw(st.sampled_from([*WORDS, f"{key}s", key.swapcase(), *map(str, parent)]))
        parent[other] = member
        if how == "rename" and other != key:
            del parent[key]


@given(changed_specs())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_changed_spec_is_right_or_told_what_is_wrong(text: str) -> None:
    assert_inside(findings_of(text), text)


@given(text=changed_specs())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_passes_the_checks_can_be_built(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("spec") / FILE
    file.write_text(text, "utf-8")
    try:
        build = pipeline.build(file)
    except ManifestgenError as error:
        assert error.findings
    else:
        assert build.artifacts or build.findings


# --- Any data, any text ---------------------------------------------------------------------------

KEYS: Final = sorted({str(step) for spec in PLACES for path in spec for step in path})
ANYTHING: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
ROOT_KEYS: Final = tuple(PLAIN[0])


@given(st.dictionaries(st.sampled_from(ROOT_KEYS), ANYTHING, min_size=1))
@settings(max_examples=200, deadline=None)
@example({"environments": {"a": {"extends": "a"}, "b": {"extends": ["a"]}, "c": None}})
@example({"environments": {"a": {}}, "defaults": {"workloads": None}})
@example(
    {
        "environments": {"a": {}},
        "defaults": {"workloads": {}},
        "workloads": {"x": None, "y": 1, "z": {"type": {}}},
    }
)
@example(
    {"environments": {"a": {"defaults": {"workloads": {"replicas": 1}}, "workloads": {"x": {"type": []}}}}}
)
@example({"environments": {"a": {"workloads": []}}, "workloads": {"x": {}}})
@example({"environments": {"a": {"workloads": {"x.y": {"image": {}}}}}, "workloads": {"": {}}})
def test_any_map_is_told_what_is_wrong(spec: dict[str, Any]) -> None:
    text = json.dumps(spec, indent=1)
    findings = findings_of(text)
    assert findings
    assert_inside(findings, text)


@given(st.sampled_from(SPECS), st.data())
@settings(max_examples=200, deadline=None)
def test_a_spec_with_a_hole_or_a_splinter_is_read_or_refused(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 40, len(text))))
    splinter = data.draw(
        st.sampled_from(
            [
                "",
                "\t",
                ":",
                "- ",
                "{",
                "]",
                "'",
                '"',
                "&a ",
                "*a",
                "!!x ",
                "\n",
                "#",
                "? ",
                "%",
                "|",
                "\r",
                "\x1b",
            ]
        )
    )
    broken = text[:start] + splinter + text[end:]
    assert_inside(findings_of(broken), broken)
