"""Patches of the spec on real objects do what Kustomize itself makes of them."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifestgen.errors import ManifestgenError
from manifestgen.kube.plain import same, without_null_members
from manifestgen.yamlio import emit
from support.kustomize_cases import (
    ANNOTATIONS,
    KINDS,
    annotations,
    built,
    deployment,
    kustomization,
    labels,
    service_ports,
    some,
    texts,
    write,
)
from support.specs import Spec, inventory_of, platform_of, spec_of

pytestmark = pytest.mark.slow

few = settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

WORKLOAD = {
    "type": "web",
    "image": {"repository": "ghcr.io/example/api", "tag": "1.0.0"},
    "ports": {"http": 8080, "admin": 9000},
    "replicas": 2,
    "config": {"main": {"values": {"LEVEL": "info", "SIZE": 3}}},
    "scratch": {"tmp": {"path": "/tmp", "size": "1Gi"}, "cache": {"path": "/cache", "size": "1Gi"}},
    "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
}
SHOP: Spec = spec_of(
    workloads={"api": WORKLOAD, "web": {**WORKLOAD, "connects": ["api"]}},
    routes={"public": {"hosts": ["shop.example.com"], "workload": "web", "port": "http"}},
    manifests={
        "notes": {
            "object": {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "notes", "labels": {"a": "b"}},
                "data": {"text": "{{ .Values.x }}", "on": "y"},
            }
        },
        "widget": {
            "object": {
                "apiVersion": "example.com/v1",
                "kind": "Widget",
                "metadata": {"name": "widget"},
                "spec": {"parts": [{"name": "a", "size": 1}, {"name": "b", "size": 2}], "on": True},
            },
            "unchecked": {"reason": "It has no schema"},
        },
    },
)

# --- Equal to Kustomize ----------------------------------------------------------------------------

directives = st.sampled_from([{"$patch": "delete"}, {"$patch": "merge"}])
item = st.builds(
    lambda name, rest: {"name": name, **rest},
    st.sampled_from(["api", "tmp", "cache", "http", "new"]),
    st.one_of(directives, some(image=st.just("x"), tty=st.booleans(), emptyDir=st.none(), size=st.just(9))),
)
items = st.one_of(
    st.lists(item, max_size=3, unique_by=lambda one: one["name"]),
    st.lists(item, max_size=2).map(lambda found: [{"$patch": "replace"}, *found]),
)
pod = some(
    containers=items,
    volumes=items,
    dnsPolicy=st.sampled_from(["Default", None]),
    securityContext=st.sampled_from([None, {"$patch": "replace", "runAsUser": 5}, {"fsGroup": None}]),
    affinity=st.sampled_from([None, {"$patch": "delete"}]),
)
# Kustomize itself stumbles over a label "1" in a patch with a target: it forgets that this is a text.
named_labels = labels.map(lambda found: {key: text for key, text in found.items() if key != "1"})
metadata = some(labels=named_labels, annotations=annotations)
MERGES: dict[str, st.SearchStrategy[Any]] = {
    "Deployment": st.one_of(
        st.builds(lambda found: {"spec": {"template": {"spec": found}}}, pod),
        st.builds(lambda found: {"spec": found}, deployment),
    ),
    "Service": st.builds(lambda found: {"spec": {"ports": found}}, service_ports),
    "Ingress": KINDS["networking.k8s.io/v1", "Ingress"],
    "ConfigMap": st.builds(
        lambda found: {"data": found}, st.dictionaries(st.sampled_from(ANNOTATIONS), texts)
    ),
    "Widget": st.builds(lambda found: {"spec": {"parts": found}}, items),
    "ServiceAccount": st.just({"$patch": "delete"}),
}
OPERATIONS = [
    [{"op": "add", "path": "/metadata/annotations", "value": {"a": "{{ b }}"}}],
    [{"op": "remove", "path": "/metadata/labels/app.kubernetes.io~1component"}],
    [{"op": "move", "from": "/metadata/labels/app.kubernetes.io~1name", "path": "/metadata/labels/x"}],
    [
        {"op": "test", "path": "/metadata/labels/app.kubernetes.io~1part-of", "value": "shop"},
        {"op": "copy", "from": "/metadata/labels/app.kubernetes.io~1part-of", "path": "/metadata/labels/y"},
    ],
]


@st.composite
def patches(draw: st.DrawFn) -> list[Spec]:
    """Some patches for objects of the shop, of both forms."""
    found = []
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(list(MERGES)))
        if draw(st.integers(0, 3)) == 0 and kind not in ("ConfigMap", "Widget"):
            found.append({"target": {"kind": kind}, "json": draw(st.sampled_from(OPERATIONS))})
        else:
            content = copy.deepcopy(draw(MERGES[kind]))
            if draw(st.booleans()):
                content["metadata"] = draw(metadata)
            found.append({"target": {"kind": kind}, "merge": content})
    return found


def by_kustomize(kubectl: Path, objects: list[Any], found: list[Spec]) -> dict[Any, Any]:
    """The objects after the same patches by Kustomize itself."""
    files = {f"{index}.yaml": emit.dump(one) for index, one in enumerate(objects)}
    entries = []
    for index, patch in enumerate(found):
        content = patch.get("json") or {
            "apiVersion": "v1",
            "kind": "Any",
            **patch["merge"],
            "metadata": {**patch["merge"].get("metadata", {}), "name": "any"},
        }
        files[f"patch-{index}.yaml"] = emit.dump(content)
        entries.append({"path": f"patch-{index}.yaml", "target": patch["target"]})
    resources = [name for name in files if not name.startswith("patch")]
    files["kustomization.yaml"] = kustomization(resources=resources, patches=entries)
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        return {(one["kind"], one["metadata"]["name"]): one for one in built(kubectl, Path(folder))}


@given(patches())
@few
def test_a_patch_does_what_kustomize_makes_of_it(tool: Callable[[str], Path], found: list[Spec]) -> None:
    plain = [made.manifest for made in inventory_of(platform_of(SHOP)).objects.values()]
    try:
        ours = inventory_of(
            platform_of({**SHOP, "patches": {f"p{index}": one for index, one in enumerate(found)}})
        )
    except ManifestgenError as error:
        allowed = {"patch-merge", "patch-unmatched", "patch-operation", "yaml-control-character"}
        assert {finding.rule for finding in error.findings} <= allowed, error
        return
    theirs = by_kustomize(tool("kubectl"), plain, found)
    changed = [
        one.manifest
        for one in ours.objects.values()
        if one.id.kind != "Deployment" or not _sums(one.manifest)
    ]
    for manifest in changed:
        other = theirs[manifest["kind"], manifest["metadata"]["name"]]
        assert same(_comparable(manifest), _comparable(other)), f"wanted {other}, got {manifest}"
    assert {(one.kind, one.name) for one in ours.objects} == set(theirs)


def _sums(manifest: Any) -> bool:
    """Whether it carries a checksum, which follows from what a patch did to settings."""
    template = manifest["spec"].get("template") or {}
    return any("checksum/" in key for key in (template.get("metadata") or {}).get("annotations") or {})


def _comparable(manifest: Any) -> Any:
    """Without nulls, and without empty labels and annotations, which Kustomize drops."""
    found = without_null_members(manifest)
    kept = {k: v for k, v in found["metadata"].items() if v != {} or k not in ("labels", "annotations")}
    return {**found, "metadata": kept}
