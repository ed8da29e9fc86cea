"""Findings in each format: what people, scripts, GitHub and code scanning read."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from manifestgen.errors import Finding, Location, Severity
from manifestgen.report import github, jsontext, sarif, text

OBJECTIVE = Finding(
    rule="slo-objective",
    path="slos.checkout.objective",
    message="100 leaves no error budget",
    advice="use e.g. 99.9",
    location=Location("specs/platform.yaml", 41, 18),
)
EARLIER = Finding("unknown-key", "unknown key 'replica'", "did you mean 'replicas'?", "workloads.api.replica",
                  Location("specs/platform.yaml", 7, 5))  # fmt: skip
WARNING = Finding("single-replica", "one pod", "give two", "workloads.api",
                  Location("specs/platform.yaml", 50, 1), Severity.WARNING)  # fmt: skip
NOTE = Finding("output-lock", "there is no lock", path="out/.manifestgen.lock", severity=Severity.NOTE)
NOWHERE = Finding("unknown-target", "there is no target 'hlem'", "did you mean 'helm'?")
HOSTILE = Finding("name", "'a\x1b[31m\n::error::b' is no name", "100%, sure: yes", "a\u202eb",
                  Location("we,ird:%\n.yaml", 1, 2))  # fmt: skip
ALL = (OBJECTIVE, EARLIER, WARNING, NOTE, NOWHERE, HOSTILE)

any_finding = st.builds(
    Finding,
    rule=st.sampled_from(["name", "type", "x", "output-missing"]),
    message=st.text(),
    advice=st.text(),
    path=st.text(),
    location=st.none() | st.builds(Location, st.text(min_size=1), st.integers(1, 9), st.integers(1, 9)),
    severity=st.sampled_from(Severity),
)


def test_a_finding_reads_as_the_design_says() -> None:
    assert text.findings([OBJECTIVE]).splitlines()[0] == (
        "specs/platform.yaml:41:18: error: slos.checkout.objective: 100 leaves no error budget; "
        "use e.g. 99.9 [slo-objective]"
    )


def test_all_formats_of_one_report(snapshot: SnapshotAssertion) -> None:
    assert text.findings(ALL) == snapshot(name="text")
    assert text.findings([OBJECTIVE, WARNING, NOTE], colour=True) == snapshot(name="colour")
    assert github.findings(ALL) == snapshot(name="github")
    assert jsontext.findings(ALL, {"out": "out"}) == snapshot(name="json")
    assert sarif.findings(ALL, "1.2.3", "platform.yaml") == snapshot(name="sarif")


@pytest.mark.parametrize(
    ("rule", "path", "file"),
    [
        ("output-missing", "out/a b.yaml", "out/a b.yaml"),
        ("spec-unreadable", "specs/platform.yaml", "specs/platform.yaml"),
        ("init-exists", "shop/specs/platform.yaml", "shop/specs/platform.yaml"),
        ("unknown-environment", "specs/platform.yaml", "specs/platform.yaml"),
        ("object-clash", "workloads.api", None),
        ("output-path", "", None),
        ("unknown-target", "", None),
    ],
)
def test_a_finding_without_a_line_names_its_file_all_the_same(rule: str, path: str, file: str | None) -> None:
    finding = Finding(rule, "oh", path=path)
    (item,) = json.loads(jsontext.findings([finding]))["findings"]
    assert (item["file"], item["line"]) == (file, None)
    assert ("::error file=" in github.findings([finding])) == (file is not None)
    assert "line=" not in github.findings([finding])
    (result,) = json.loads(sarif.findings([finding], "1.2.3", "platform.yaml"))["runs"][0]["results"]
    (location,) = result["locations"]
    uri = "platform.yaml" if file is None else file.replace(" ", "%20")
    assert location["physicalLocation"] == {"artifactLocation": {"uri": uri}}
    names_a_place = file is None and path != ""
    assert location.get("logicalLocations") == ([{"fullyQualifiedName": path}] if names_a_place else None)


@pytest.mark.parametrize(
    ("found", "closing"),
    [
        ([OBJECTIVE], "1 error"),
        ([OBJECTIVE, EARLIER, WARNING], "2 errors, 1 warning"),
        ([WARNING, NOTE], "1 warning, 1 note"),
    ],
)
def test_the_last_line_counts(found: list[Finding], closing: str) -> None:
    assert text.findings(found).splitlines()[-1] == closing


def test_nothing_found_is_nothing_said_to_people() -> None:
    assert text.findings([]) == github.findings([]) == ""


def test_findings_come_in_the_order_of_the_file() -> None:
    lines = [line.split(":")[1] for line in text.findings([WARNING, OBJECTIVE, EARLIER]).splitlines()[:-1]]
    assert lines == ["7", "41", "50"]


@given(st.lists(any_finding, max_size=4))
def test_no_finding_talks_to_the_terminal_or_breaks_its_line(found: list[Finding]) -> None:
    printed = text.findings(found)
    assert printed.replace("\n", "").isprintable()
    assert printed.count("\n") == (len(found) + 1 if found else 0)


@given(st.lists(any_finding, max_size=4))
def test_github_reads_each_finding_back(found: list[Finding]) -> None:
    commands = github.findings(found).splitlines()
    assert len(commands) == len(found)
    for command, finding in zip(commands, text.in_order(found), strict=True):
        _, head, message = command.split("::", 2)
        assert _unescaped(message) == text.sentence(finding)
        properties = dict(item.split("=", 1) for item in head.split(" ", 1)[1].split(","))
        assert properties["title"] == finding.rule
        assert ("line" in properties) == (finding.location is not None)


def _unescaped(data: str) -> str:
    return data.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")


@given(st.lists(any_finding, max_size=4))
def test_json_is_ascii_and_gives_the_same_findings_back(found: list[Finding]) -> None:
    document = jsontext.findings(found)
    assert document.isascii()
    assert document.replace("\n", "").isprintable()
    read = json.loads(document)
    assert [item["message"] for item in read["findings"]] == [f.message for f in text.in_order(found)]
    assert read["errors"] == sum(f.severity is Severity.ERROR for f in found)


@given(st.lists(any_finding, max_size=4))
def test_sarif_has_the_shape_of_the_standard(found: list[Finding]) -> None:
    log = json.loads(sarif.findings(found, "1.2.3", "platform.yaml"))
    jsonschema.Draft202012Validator(SARIF, format_checker=jsonschema.FormatChecker()).validate(log)
    (run,) = log["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def _object(required: tuple[str, ...] = (), /, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


# The part of the OASIS schema (sarif-schema-2.1.0.json) that we use, and nothing beside it.
_TEXT = {"type": "string", "minLength": 1}
_LINE = {"type": "integer", "minimum": 1}
SARIF = _object(
    ("version", "runs"),
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs={
        "type": "array",
        "items": _object(
            ("tool",),
            tool=_object(
                ("driver",),
                driver=_object(
                    ("name",),
                    name={"const": "manifestgen"},
                    semanticVersion=_TEXT,
                    rules={
                        "type": "array",
                        "uniqueItems": True,
                        "items": _object(
                            ("id",),
                            id=_TEXT,
                            shortDescription=_object(("text",), text=_TEXT),
                            help=_object(("text",), text=_TEXT),
                        ),
                    },
                ),
            ),
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            results={
                "type": "array",
                "items": _object(
                    ("message", "locations"),
                    ruleId=_TEXT,
                    ruleIndex={"type": "integer", "minimum": -1},
                    level={"enum": ["none", "note", "warning", "error"]},
                    message=_object(("text",), text={"type": "string"}),
                    locations={
                        "type": "array",
                        "minItems": 1,
                        "items": _object(
                            ("physicalLocation",),
                            physicalLocation=_object(
                                ("artifactLocation",),
                                artifactLocation=_object(
                                    (), uri={"type": "string", "pattern": "^[A-Za-z0-9._~:/%-]*$"}
                                ),
                                region=_object((), startLine=_LINE, startColumn=_LINE),
                            ),
                            logicalLocations={
                                "type": "array",
                                "uniqueItems": True,
                                "items": _object((), fullyQualifiedName={"type": "string"}),
                            },
                        ),
                    },
                ),
            },
        ),
    },
)
