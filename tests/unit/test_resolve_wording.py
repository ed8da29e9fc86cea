"""The words for what the models refuse: hints, choices, forms, and one voice for a union."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from manifestgen.errors import Finding, ManifestgenError
from manifestgen.resolving import resolve
from manifestgen.resolving.shape import choices_at, forms, keys_at, types_at
from manifestgen.spec.schema import platform_schema
from manifestgen.yamlio.load import load_text

TYPES = "'web', 'worker', 'scheduler', 'job', 'cronjob', 'daemon' or 'stateful'"
HEAD = """\
apiVersion: manifestgen/v1
kind: Platform
metadata: {name: shop, owner: team}
cluster: {kubernetesVersion: "1.32"}
environments: {live: {namespace: shop}}
"""


def findings_of(text: str) -> tuple[Finding, ...]:
    with pytest.raises(ManifestgenError) as caught:
        resolve(load_text(HEAD + text, "f.yaml"))
    return caught.value.findings


def workload(more: str) -> str:
    given = {"type": "worker", "image": "{repository: example/x, tag: a}", "replicas": "1", "resources": "{}"}
    lines = {key: value for key, value in given.items() if f"{key}:" not in more}
    return f"workloads: {{job: {{{', '.join(f'{key}: {value}' for key, value in lines.items())}, {more}}}}}\n"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        # What a number, a word, a list and a map are called, and how to mend them.
        ("replicas: '3'", "it must be a whole number, not '3'; write it without quotes: 3"),
        ("replicas: 3.0", "it must be a whole number, not 3.0; write it without a fraction"),
        ("replicas: true", "it must be a whole number, not true; write digits only"),
        ("replicas: []", "it must be a whole number, not an empty list; write digits only"),
        ("replicas: 1e2", "it must be a whole number, not 1e2; write it without a fraction"),
        ("description: 1.0", 'it must be text, not 1.0; quote it: "1.0"'),
        ("description: True", 'it must be text, not True; quote it: "True"'),
        ("description: {}", "it must be text, not an empty map; write it as one text"),
        ("args: serve", "it must be a list, not 'serve'; write [serve]"),
        ("args: serve now", "it must be a list, not 'serve now'; write `- …` lines"),
        ("args: {a: b}", "it must be a list, not a map; write `- …` lines"),
        ("args: [8000]", 'it must be text, not 8000; quote it: "8000"'),
        ("stop: 30s", "it must be a map, not '30s'; it has the keys period and delay"),
        ("scratch: [tmp]", "it must be a map, not a list; write `name: …` lines"),
        (
            "scratch: {tmp: {path: /tmp, size: 1Mi, memory: 'on'}}",
            "it must be true or false, not 'on'; write true",
        ),
        (
            "scratch: {tmp: {path: /tmp, size: 1Mi, memory: 0}}",
            "it must be true or false, not 0; write false",
        ),
        (
            "scratch: {tmp: {path: /tmp, size: 1Mi, memory: RAM}}",
            "it must be true or false, not 'RAM'; write one of the two, without quotes",
        ),
        # One voice for a union.
        ("disruptionBudget: {maxUnavailable: -1}", "it must be at least 0, not -1"),
        (
            "disruptionBudget: {maxUnavailable: 101%}",
            "'101%' has not the right form; write a whole number, or a share such as 25%",
        ),
        (
            "disruptionBudget: {maxUnavailable: [1]}",
            "it must be a whole number or text, not a list; write digits only",
        ),
        (
            "config: {a: {values: {A: {b: c}}}}",
            "it must be text, a number or true or false, not a map; write it as one text",
        ),
        # Names that are near.
        ("replica: 1, replicas: 1", "unknown key 'replica'; did you mean 'replicas'?"),
        ("wait_for: {}", "unknown key 'wait_for'; did you mean 'waitFor'?"),
        (
            "services: {}",
            "a workload of type worker has no 'services'; remove it; it is for type web, daemon or stateful",
        ),
        ("spread: zone", "it must be 'none', 'nodes' or 'zones', not 'zone'; did you mean 'zones'?"),
        ("spread: [zones]", "it must be 'none', 'nodes' or 'zones', not a list"),
        (
            "type: wroker",
            f"it must be {TYPES}, not 'wroker'; did you mean 'worker'?",
        ),
        (
            "type: 1",
            f"it must be {TYPES}, not 1",
        ),
        (
            "type: [web]",
            f"it must be {TYPES}, not a list",
        ),
    ],
)
def test_a_wrong_value_is_told_once_in_plain_words(more: str, said: str) -> None:
    found = [f"{each.message}; {each.advice}".removesuffix("; ") for each in findings_of(workload(more))]
    assert found == [said]


def test_one_of_several_may_be_a_list_and_what_is_wrong_inside_it_is_told_there() -> None:
    (found,) = findings_of(
        "alerting:\n  receivers: {a: {slack: {urlFile: /x, channel: '#a'}}}\n  default: a\n"
        "  routes: {x: {match: {severity: [info, crital]}, to: [a]}}\n"
    )
    assert (found.path, found.advice) == ("alerting.routes.x.match.severity[1]", "did you mean 'critical'?")
    assert found.location is not None
    assert (found.location.line, found.location.column) == (9, 41)


def test_of_two_clashing_values_the_one_written_last_is_named() -> None:
    (found,) = findings_of(workload("autoscaling: {max: 1, cpu: 70, min: 2}, replicas: null"))
    assert found.path == "workloads.job.autoscaling.min"


def test_several_clashes_of_one_kind_are_all_told() -> None:
    found = findings_of(workload("ports: {a: 1, b: 1, c: 2, d: 2, e: 2}"))
    assert [each.path.rsplit(".")[-1] for each in found] == ["b", "d", "e"]


def test_a_long_value_is_cut_in_the_message() -> None:
    (found,) = findings_of(workload(f"description: ok, image: {{repository: {'X' * 5000}, tag: a}}"))
    assert len(found.message) < 100


# --- What the models are asked --------------------------------------------------------------------


def patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, member in schema.items():
            if key == "pattern" and isinstance(member, str):
                yield member
            yield from patterns(member)
    elif isinstance(schema, list):
        for item in schema:
            yield from patterns(item)


def test_no_user_has_to_read_a_regular_expression() -> None:
    assert set(patterns(platform_schema())) <= set(forms())


@pytest.mark.parametrize(
    ("loc", "keys"),
    [
        ((), ("apiVersion", "kind", "metadata")),
        (("metadata",), ("name", "description")),
        (("workloads", "x", "web", "image"), ("repository", "tag")),
        (("workloads", "x", "web", "probes", "liveness", "http"), ("path", "port")),
        (("routes", "x", "cors"), ("origins", "methods")),
        (("workloads", "x", "web", "ports"), ()),
        (("nowhere",), ()),
        (("metadata", "name", 0, "x"), ()),
    ],
)
def test_the_keys_of_a_place_are_those_of_its_model(
    loc: tuple[str | int, ...], keys: tuple[str, ...]
) -> None:
    assert keys_at(loc)[: len(keys) or None] == keys


def test_the_types_of_a_place_are_those_of_its_union() -> None:
    assert types_at(("workloads", "x"))[:3] == ("web", "worker", "scheduler")
    assert types_at(("workloads", "x"), "services") == ("web", "daemon", "stateful")
    assert types_at(("metadata",)) == ()
    assert choices_at(("kind",)) == ("Platform",)
    assert choices_at(("workloads", "x", "worker", "spread")) == ("none", "nodes", "zones")
