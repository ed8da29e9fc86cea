"""From one document to one platform for each environment: merging, defaults, extending, places."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifestgen.errors import Finding, Location, ManifestgenError
from manifestgen.resolving import ResolvedPlatform, once_each, resolve
from manifestgen.resolving.merge import merge, without_nulls
from manifestgen.yamlio.load import load_text
from manifestgen.yamlio.nodes import Node, dotted
from support.specs import Spec, as_json, spec_of

IMAGE = {"repository": "example/api", "tag": "1"}
API = {"type": "web", "image": IMAGE, "ports": {"http": 8000}, "replicas": 2, "resources": {}}
JOB = {"type": "worker", "image": IMAGE, "replicas": 1, "resources": {}}
BEAT = {"type": "scheduler", "image": IMAGE, "resources": {}}


def resolved(environments: Spec, **sections: Any) -> dict[str | None, ResolvedPlatform]:
    spec = {**spec_of(**sections), "environments": environments}
    return resolve(load_text(as_json(spec), "spec.yaml"))


def findings_of(environments: Spec, **sections: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(ManifestgenError) as caught:
        resolved(environments, **sections)
    return [(found.rule, found.path, found.message) for found in caught.value.findings]


def node(value: Any) -> Node:
    return load_text(json.dumps(value), "f.yaml", map_required=False)


# --- Merging --------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def rfc7396(target: Any, patch: Any) -> Any:
    """The algorithm of the RFC, word for word."""
    if not isinstance(patch, dict):
        return patch
    if not isinstance(target, dict):
        target = {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = rfc7396(target.get(name), value)
    return target


@given(JSON, JSON)
def test_merging_is_that_of_the_rfc(target: Any, patch: Any) -> None:
    assert merge(node(target), node(patch)).plain() == rfc7396(copy.deepcopy(target), patch)


@given(JSON)
def test_nulls_go_from_maps_and_stay_in_lists(value: Any) -> None:
    def expected(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: expected(member) for key, member in value.items() if member is not None}
        return value

    assert without_nulls(node(value)).plain() == expected(value)


def test_a_merged_value_knows_where_it_was_written() -> None:
    base = load_text("api:\n  replicas: 2\n  image: {tag: a}\n", "f.yaml")
    patch = load_text("x: 1\ny: 1\napi:\n  image: {tag: b}\n  spread: zones\n", "f.yaml")
    merged = merge(base, patch)
    places = {
        ("api",): (2, 1),
        ("api", "replicas"): (2, 2),
        ("api", "image"): (3, 3),
        ("api", "image", "tag"): (4, 4),
        ("api", "spread"): (5, 5),
    }
    for path, (line, key_line) in places.items():
        found = merged.at(path)
        assert found.key_location is not None
        assert (found.location.line, found.key_location.line) == (line, key_line if path != ("api",) else 1)


# --- Environments ---------------------------------------------------------------------------------


def test_the_base_comes_first_and_environments_in_the_order_of_the_file() -> None:
    found = resolved({"zeta": {"namespace": "z"}, "alpha": {"namespace": "a"}})
    assert list(found) == [None, "zeta", "alpha"]
    assert [platform.environment for platform in found.values()] == [None, "zeta", "alpha"]
    assert [platform.namespace for platform in found.values()] == [None, "z", "a"]


def test_an_environment_builds_on_what_it_extends_wherever_that_stands() -> None:
    found = resolved(
        {
            "last": {"extends": "middle", "workloads": {"api": {"replicas": 4}}},
            "middle": {"extends": "first", "workloads": {"api": {"replicas": 3, "spread": "zones"}}},
            "first": {"namespace": "f", "workloads": {"api": {"replicas": 2, "spread": "none"}}},
        },
        workloads={"api": API},
    )
    seen = {
        name: (p.namespace, p.spec.workloads["api"].replicas, p.spec.workloads["api"].spread)  # type: ignore[union-attr]
        for name, p in found.items()
        if name
    }
    assert seen == {"last": ("f", 4, "zones"), "middle": ("f", 3, "zones"), "first": ("f", 2, "none")}


def test_extending_nothing_is_no_mistake() -> None:
    assert "live" in resolved({"live": {"extends": None, "namespace": "x"}})


def test_two_circles_are_two_findings_and_what_leads_into_one_is_none() -> None:
    circles = {"a": "b", "b": "a", "c": "c", "into": "a", "lost": "nowhere", "after": "lost"}
    found = findings_of({name: {"extends": parent} for name, parent in circles.items()})
    assert sorted((rule, path) for rule, path, _ in found) == [
        ("extends-cycle", "environments.b.extends"),
        ("extends-cycle", "environments.c.extends"),
        ("extends-unknown", "environments.lost.extends"),
    ]


def test_null_removes_what_the_base_has_and_gives_the_default_back() -> None:
    changes = {"workloads": {"job": None, "api": {"update": None, "args": None}}}
    found = resolved(
        {"live": changes},
        workloads={"api": {**API, "update": {"maxSurge": 2}, "args": ["x"]}, "job": JOB},
    )
    live = found["live"].spec.workloads
    assert list(live) == ["api"]
    assert live["api"].args is None
    assert live["api"].update.max_surge == "25%"  # type: ignore[union-attr]


def test_an_environment_may_bring_a_whole_workload_of_its_own() -> None:
    found = resolved({"live": {"workloads": {"debug": JOB}}, "test": {}}, workloads={"api": API})
    assert list(found["live"].spec.workloads) == ["api", "debug"]
    assert list(found["test"].spec.workloads) == ["api"]


def test_an_environment_may_remove_what_only_its_parent_has() -> None:
    environments = {
        "parent": {"workloads": {"debug": JOB}},
        "child": {"extends": "parent", "workloads": {"debug": None}},
    }
    assert not resolved(environments, workloads={})["child"].spec.workloads


def test_a_new_workload_that_lacks_a_key_is_told_that_and_not_taken_for_a_typo() -> None:
    lacking = {key: value for key, value in JOB.items() if key != "image"}
    found = findings_of({"live": {"workloads": {"jub": lacking}}}, workloads={"job": JOB})
    assert found == [("missing-key", "workloads.jub.image", "image is missing")]


def test_where_an_environment_is_named_is_known() -> None:
    text = as_json(spec_of()).replace('"environments"', '\n"environments"').replace('"live"', '\n  "live"')
    found = resolve(load_text(text, "spec.yaml"))
    assert found["live"].place == Location("spec.yaml", 3, 3)
    assert found[None].place == Location("spec.yaml", 1, 1)


# --- What the base leaves open --------------------------------------------------------------------


def test_the_base_takes_what_it_lacks_from_the_first_environment_and_says_so() -> None:
    route = {"workload": "api", "port": "http"}
    found = resolved(
        {
            "first": {"routes": {"public": {"hosts": ["first.example.com"]}}},
            "second": {"routes": {"public": {"hosts": ["second.example.com"]}}},
        },
        workloads={"api": API},
        routes={"public": route},
    )
    base = found[None]
    assert base.spec.routes["public"].hosts == ["first.example.com"]
    assert base.incomplete == {("routes", "public")}
    assert not found["first"].incomplete


def test_alerting_may_name_what_only_the_environments_have() -> None:
    slack = {"slack": {"urlFile": "/etc/slack", "channel": "#x"}}
    found = resolved(
        {name: {"alerting": {"receivers": {"oncall": slack}}} for name in ("first", "second")},
        alerting={
            "default": "oncall",
            "receivers": {"chat": slack},
            "routes": {"x": {"match": {"severity": "info"}, "to": ["chat"]}},
        },
    )
    assert found[None].incomplete == {("alerting",)}


def test_a_base_that_no_environment_completes_is_told_once() -> None:
    found = findings_of({"first": {}, "second": {}}, workloads={"api": {**API, "replicas": None}})
    assert found == [("replicas-missing", "workloads.api", "it has no size")]


def test_a_mistake_in_the_base_that_all_environments_mend_is_still_one() -> None:
    both = {**API, "autoscaling": {"min": 1, "max": 2, "cpu": 70}}
    found = findings_of({"live": {"workloads": {"api": {"replicas": None}}}}, workloads={"api": both})
    assert [(rule, path) for rule, path, _ in found] == [
        ("replicas-and-autoscaling", "workloads.api.autoscaling")
    ]


# --- Defaults -------------------------------------------------------------------------------------


def test_defaults_are_what_every_workload_starts_from() -> None:
    defaults = {"workloads": {"stop": {"period": "60s"}, "replicas": 3, "spread": "zones"}}
    api = {**API, "stop": {"delay": "5s"}, "replicas": None, "spread": None}
    api["autoscaling"] = {"min": 1, "max": 2, "cpu": 70}
    (base, live) = resolved({"live": {}}, defaults=defaults, workloads={"api": api}).values()
    for platform in (base, live):
        workload: Any = platform.spec.workloads["api"]
        assert (workload.stop.period, workload.stop.delay) == ("60s", "5s")
        assert (workload.replicas, workload.spread) == (None, "nodes")


def test_a_default_is_for_the_types_that_know_it() -> None:
    defaults = {"workloads": {"replicas": 3, "services": {"main": {"ports": {"http": 80}}}}}
    workloads = {"api": {**API, "replicas": None} | {}, "job": {**JOB}, "beat": BEAT}
    del workloads["api"]["replicas"]
    found: Any = resolved({"live": {}}, defaults=defaults, workloads=workloads)["live"].spec.workloads
    assert found["api"].replicas == 3
    assert found["api"].services["main"].ports == {"http": 80}
    assert found["job"].replicas == 1


def test_an_environment_has_the_last_word_on_defaults() -> None:
    found = resolved(
        {
            "live": {"defaults": {"workloads": {"spread": "zones"}}},
            "test": {"defaults": None},
            "both": {"defaults": {"workloads": {"spread": None}}},
        },
        defaults={"workloads": {"spread": "none"}},
        workloads={"job": JOB},
    )
    spreads = {name: platform.spec.workloads["job"].spread for name, platform in found.items()}  # type: ignore[union-attr]
    assert spreads == {None: "none", "live": "zones", "test": "nodes", "both": "nodes"}


def test_a_mistake_in_the_defaults_is_told_once_and_not_for_every_workload() -> None:
    defaults = {"workloads": {"stop": {"period": "soon"}}}
    found = findings_of(
        {"first": {}, "second": {}}, defaults=defaults, workloads={"job": JOB, "beat": BEAT, "api": API}
    )
    assert found == [("duration", "workloads.job.stop.period", "'soon' is no duration")]


# --- All findings at once -------------------------------------------------------------------------


def test_the_mistakes_of_all_environments_are_told_at_once_with_their_names() -> None:
    found = findings_of(
        {"one": {"workloads": {"api": {"replicas": 0}}}, "two": {"vault": {}}, "three": {"kind": "X"}}
        | {"three": {}},
        workloads={"api": {**API, "spread": "moon"}},
    )
    assert sorted(found) == [
        ("choice", "workloads.api.spread", "it must be 'none', 'nodes' or 'zones', not 'moon'"),
        ("missing-key", "vault.mount", "mount is missing (in two)"),
        ("missing-key", "vault.role", "role is missing (in two)"),
        ("missing-key", "vault.server", "server is missing (in two)"),
        ("range", "workloads.api.replicas", "it must be at least 1, not 0 (in one)"),
    ]


def finding(message: str, path: str = "a", line: int = 1) -> Finding:
    return Finding("rule", message, path=path, location=Location("f", line, 1))


def test_a_finding_names_environments_only_where_not_all_have_it() -> None:
    both, one, place = finding("both"), finding("one"), finding("named", path="environments.x.extends")
    found = once_each({"x": [both, one, place], "y": [both]}, [finding("base")])
    assert [each.message for each in found] == ["base", "both", "one (in x)", "named"]


def test_of_two_findings_that_differ_in_their_path_only_the_first_is_kept() -> None:
    found = once_each({"x": [finding("m", "a"), finding("m", "b"), finding("m", "a", line=2)]})
    assert [(each.path, each.location and each.location.line) for each in found] == [("a", 1), ("a", 2)]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ((), ""),
        (("workloads", "api"), "workloads.api"),
        (("a", 0, "b", 12), "a[0].b[12]"),
        (("a", "b.c/d"), 'a."b.c/d"'),
        (("", "x"), '"".x'),
        (("..",), '".."'),
        (("a\x1b[31m",), '"a\\u001b[31m"'),
        (("x" * 100,), "x" * 59 + "…"),
        (tuple("abcdefghijklmnopqrstuvwxyz"), "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t…"),
    ],
)
def test_a_path_reads_as_people_write_it(path: tuple[str | int, ...], shown: str) -> None:
    assert dotted(path) == shown
