"""What several versions of one object share."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings

from manifestgen.kube.apply import apply_patch
from manifestgen.kube.common import common
from manifestgen.kube.difference import InexpressibleError, difference
from manifestgen.kube.plain import same
from support.kustomize_cases import Manifest, pairs


def pod(spec: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": yaml.safe_load(spec)}


@pytest.mark.parametrize(
    ("specs", "shared"),
    [
        (["{a: 1, b: 2}", "{b: 2, c: 3}"], "{b: 2}"),
        (["{a: 1, b: 0}", "{a: true, b: 0}"], "{b: 0}"),
        (["{a: {b: 1, c: 2}}", "{a: {b: 1, c: 3}}", "{a: {c: 2, b: 1}}"], "{a: {b: 1}}"),
        (["{a: [1, 2], b: [1]}", "{a: [1, 2], b: [2]}"], "{a: [1, 2]}"),
        (["{a: {b: 1}}", "{a: {}}"], "{a: {}}"),
        (["{a: {b: 1}, z: 1}", "{a: {b: 2}, z: 1}"], "{z: 1}"),
        (["{a: {b: 1}, z: 1}", "{a: [b], z: 1}"], "{z: 1}"),
        (["{a: {}}", "{a: {}}"], "{a: {}}"),
        (["{volumes: [{name: a}], z: 1}", "{volumes: [], z: 1}"], "{volumes: [], z: 1}"),
        (
            [
                "{containers: [{name: a, image: x}, {name: b}]}",
                "{containers: [{name: a, image: y}, {name: c}]}",
            ],
            "{containers: [{name: a}]}",
        ),
        (
            ["{containers: [{name: a}, {name: b}, {name: c}]}", "{containers: [{name: a}, {name: c}]}"],
            "{containers: [{name: a}, {name: c}]}",
        ),
        (
            ["{z: 1, containers: [{name: a}, {name: b}]}", "{z: 1, containers: [{name: b}, {name: a}]}"],
            "{z: 1}",
        ),
        (["{z: 1, volumes: [{name: a}, {name: a}]}", "{z: 1, volumes: [{name: a}]}"], "{z: 1}"),
    ],
)
def test_what_is_shared(specs: list[str], shared: str) -> None:
    assert same(common([pod(spec) for spec in specs]), pod(shared))


def test_a_single_version_is_its_own_base() -> None:
    only = pod("{a: [1], b: {}}")
    assert same(common([only]), only)


def within(part: Any, whole: Any) -> bool:
    """Whether everything in ``part`` is in ``whole``, in this order."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and within(value, whole[key]) for key, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        rest = iter(whole)
        return all(any(within(item, candidate) for candidate in rest) for item in part)
    return same(part, whole)


@given(pairs())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_what_is_shared_is_in_each_version_and_each_can_be_made_of_it(
    versions: tuple[Manifest, Manifest],
) -> None:
    base = common(versions)
    for version in versions:
        assert within(base, version)
        try:
            patch = difference(base, version)
        except InexpressibleError:
            assume(False)
        else:
            assert same(base, version) if patch is None else same(apply_patch(base, patch), version)
