"""The JSON Schema of the spec: what editors know of it is what the program knows."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from manifestgen.errors import ManifestgenError
from manifestgen.spec.schema import json_schema
from support.specs import Spec, everything, platform_of

SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def agrees(spec: Spec) -> bool:
    return bool(VALIDATOR.is_valid(spec))


def changed(spec: Spec, path: str, value: Any) -> Spec:
    """A copy of the spec with a value (None removes it) at a path."""
    made = copy.deepcopy(spec)
    *above, last = path.split("/")
    place: Any = made
    for step in above:
        place = place.setdefault(step, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return made


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_spec_with_every_option_agrees_with_it() -> None:
    assert list(VALIDATOR.iter_errors(everything())) == []


def test_an_environment_may_patch_everything() -> None:
    spec = everything()
    fixed = ("apiVersion", "kind", "environments")
    spec["environments"]["other"] = {key: value for key, value in everything().items() if key not in fixed}
    assert list(VALIDATOR.iter_errors(spec)) == []


def test_an_environment_may_remove_everything_that_has_a_name() -> None:
    spec = everything()
    sections = ("settings", "workloads", "datastores", "externals", "routes", "manifests", "patches")
    spec["environments"]["empty"] = {name: dict.fromkeys(spec[name]) for name in sections}
    spec["environments"]["empty"]["workloads"]["front"] = {
        "autoscaling": None,
        "replicas": 1,
        "probes": {"startup": None, "liveness": {"command": None, "tcp": {"port": "http"}}},
        "config": {"own": {"values": {"OWN": None}}},
    }
    assert list(VALIDATOR.iter_errors(spec)) == []


WRONG: dict[str, tuple[str, Any]] = {
    "an unknown key": ("workload", {}),
    "an unknown key of a workload": ("workloads/front/replica", 2),
    "an unknown key in an environment": ("environments/live/workload", {}),
    "an unknown key of a workload in an environment": ("environments/live/workloads/front/replica", 2),
    "a number where text belongs": ("metadata/owner", 3),
    "text where a number belongs": ("workloads/back/replicas", "1"),
    "a list where a map belongs": ("workloads", []),
    "another version of the format": ("apiVersion", "manifestgen/v2"),
    "another kind": ("kind", "Cluster"),
    "no environments": ("environments", None),
    "an environment without anything": ("environments", {}),
    "no version of Kubernetes": ("cluster/kubernetesVersion", None),
    "a type that there is not": ("workloads/front/type", "website"),
    "a field of another type": ("workloads/clock/replicas", 2),
    "a choice that there is not": ("workloads/front/spread", "rooms"),
    "a port beyond the last one": ("workloads/back/ports/http", 70_000),
    "an empty list of hosts": ("routes/public/hosts", []),
    "defaults of what has none": ("defaults/routes", {}),
    "an unknown default of workloads": ("defaults/workloads/replica", 2),
    "the platform's version of the format in an environment": ("environments/live/apiVersion", "x"),
}


@pytest.mark.parametrize("case", WRONG)
def test_editors_and_the_program_both_refuse(case: str) -> None:
    spec = changed(everything(), *WRONG[case])
    assert not agrees(spec)
    with pytest.raises(ManifestgenError):
        platform_of(spec)


def test_whatever_may_be_left_to_the_environments_is_not_asked_of_the_base() -> None:
    spec = everything()
    host = spec["routes"]["public"].pop("hosts")
    spec["environments"]["live"]["routes"] = {"public": {"hosts": host}}
    assert agrees(spec)
    assert platform_of(spec).spec.routes["public"].hosts == host


def test_a_part_of_a_spec_may_hold_any_part_of_it() -> None:
    head = {"apiVersion": "manifestgen/v1", "kind": "PlatformPart"}
    assert agrees(head)
    for key, value in everything().items():
        if key not in head:
            assert agrees({**head, key: value})
    assert agrees({**head, "metadata": {"owner": "team"}, "environments": {"live": None}})
    assert not agrees({**head, "metadata": {"owner": 3}})
    assert not agrees({**head, "workload": {}})
    assert not agrees({"kind": "PlatformPart"})


def test_what_a_platform_builds_on_may_hold_what_it_lacks() -> None:
    lacking = {"apiVersion": "manifestgen/v1", "kind": "Platform", "metadata": {"name": "x"}}
    assert not agrees(lacking)
    assert agrees({**lacking, "extends": "../company/base.yaml"})
    assert agrees({**lacking, "extends": ["a.yaml", "b.yaml"], "include": ["workloads/*.yaml"]})
    assert not agrees({**lacking, "include": "workloads/*.yaml"})


def _keys(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, definition in {"": SCHEMA, **SCHEMA["$defs"]}.items():
        for key, member in definition.get("properties", {}).items():
            yield f"{name}.{key}", member


def test_every_key_says_what_it_is_for() -> None:
    silent = [
        path
        for path, member in _keys(SCHEMA)
        if not path.split(".")[0].endswith("Patch") or path.startswith("Patch.")
        if not path.startswith("Environment.")
        if not member.get("description") and "const" not in member
    ]
    assert silent == []
