"""The overlays' patches against the real Kustomize, for pairs of objects nobody would write down."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifestgen.kube.apply import UnmergeableError, apply_patch
from manifestgen.kube.difference import InexpressibleError, difference, identification
from manifestgen.kube.jsonpatch import json_operations
from manifestgen.kube.plain import same
from manifestgen.yamlio import emit
from support.kustomize_cases import (
    Manifest,
    built,
    kustomization,
    pairs,
    renamed,
    wild_bases,
    wild_patches,
    write,
)

pytestmark = pytest.mark.slow

many = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
        HealthCheck.filter_too_much,
    ],
)


def patched(kubectl: Path, bases: list[Manifest], patches: list[tuple[str, Manifest]]) -> list[Manifest]:
    """The objects in their order after a build with these patches, each a text with what it is for."""
    files = {f"base/{place}.yaml": emit.dump(base) for place, base in enumerate(bases)}
    files |= {f"overlay/{place}.yaml": text for place, (text, _) in enumerate(patches)}
    entries = [
        {"path": f"{place}.yaml"} | ({"target": target} if target else {})
        for place, (_, target) in enumerate(patches)
    ]
    files["base/kustomization.yaml"] = kustomization(
        resources=[f"{place}.yaml" for place, _ in enumerate(bases)]
    )
    files["overlay/kustomization.yaml"] = kustomization(resources=["../base"], patches=entries)
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        results = {
            (one["kind"], one["metadata"]["name"]): one for one in built(kubectl, Path(folder) / "overlay")
        }
    return [results[base["kind"], base["metadata"]["name"]] for base in bases]


def patch_file(base: Manifest, target: Manifest) -> tuple[str, Manifest] | None:
    try:
        patch = difference(base, target)
    except InexpressibleError:
        selector = {"kind": target["kind"], "name": target["metadata"]["name"]}
        return emit.dump(json_operations(base, target)), selector
    return None if patch is None else (emit.dump(patch), {})


@given(st.lists(pairs(), min_size=1, max_size=12))
@many
def test_kustomize_turns_every_base_into_its_target(tool: Callable[[str], Path], cases: list[Any]) -> None:
    bases = [renamed(base, f"o{place}") for place, (base, _) in enumerate(cases)]
    targets = [renamed(target, f"o{place}") for place, (_, target) in enumerate(cases)]
    files = [found for pair in zip(bases, targets, strict=True) if (found := patch_file(*pair))]
    for target, result in zip(targets, patched(tool("kubectl"), bases, files), strict=True):
        assert same(result, target), f"wanted {target}, got {result}"


@given(st.lists(st.one_of(pairs(), st.tuples(wild_bases, wild_patches)), min_size=1, max_size=12))
@many
def test_any_manifest_read_as_a_patch_does_what_apply_patch_says(
    tool: Callable[[str], Path], cases: list[Any]
) -> None:
    bases, patches, expected = [], [], []
    for place, (base, patch) in enumerate(cases):
        named = renamed(base, f"o{place}")
        full = {**patch, **identification(named), "metadata": {**patch["metadata"], "name": f"o{place}"}}
        try:
            expected.append(apply_patch(named, full))
        except UnmergeableError:
            continue
        bases.append(named)
        patches.append((emit.dump(full), {}))
    for wanted, result in zip(expected, patched(tool("kubectl"), bases, patches), strict=True):
        assert same(result, wanted), f"wanted {wanted}, got {result}"
