"""The table of merge keys against the real Kustomize: every list of every kind that people write."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from manifestgen.kube.apply import apply_patch
from manifestgen.kube.plain import same
from manifestgen.yamlio import emit
from support.kustomize_cases import Manifest, built, kustomization, write

KINDS = [
    ("v1", "ConfigMap"),
    ("v1", "LimitRange"),
    ("v1", "Namespace"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "Pod"),
    ("v1", "ResourceQuota"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("apps/v1", "StatefulSet"),
    ("autoscaling/v1", "HorizontalPodAutoscaler"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("batch/v1", "CronJob"),
    ("batch/v1", "Job"),
    ("discovery.k8s.io/v1", "EndpointSlice"),
    ("networking.k8s.io/v1", "Ingress"),
    ("networking.k8s.io/v1", "IngressClass"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("scheduling.k8s.io/v1", "PriorityClass"),
    ("storage.k8s.io/v1", "StorageClass"),
]
# Every item has a value for each of these, so that none of them can be the unnoticed key of a list.
KEYS = (
    *("name", "mountPath", "devicePath", "containerPort", "port", "protocol", "topologyKey"),
    *("whenUnsatisfiable", "ip", "uid", "type", "key"),
)
SHARED = "shared"


@pytest.fixture(scope="module")
def definitions() -> dict[str, Any]:
    """The OpenAPI definitions of Kubernetes 1.32 by name."""
    folder = files("kubernetes_validate") / "kubernetes-json-schema" / "v1.32.0-local"
    found: dict[str, Any] = json.loads((folder / "_definitions.json").read_text(encoding="utf-8"))["$defs"]
    return found


def saturated(
    schema: dict[str, Any], mark: str, definitions: dict[str, Any], seen: tuple[str, ...] = ()
) -> Any:
    """Every list below a schema with an item that all versions share and one that only this has."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return None if name in seen else saturated(definitions[name], mark, definitions, (*seen, name))
    if "items" in schema:
        inside = saturated(schema["items"], mark, definitions, seen)
        if inside is None and not is_object(schema["items"], definitions):
            return [SHARED, mark]
        return [{**dict.fromkeys(KEYS, SHARED), **(inside or {})}, dict.fromkeys(KEYS, mark)]
    fields = {
        key: value
        for key, field in schema.get("properties", {}).items()
        if key not in ("status", "managedFields")
        and (value := saturated(field, mark, definitions, seen)) is not None
    }
    return fields or None


def is_object(schema: dict[str, Any], definitions: dict[str, Any]) -> bool:
    resolved = definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return "properties" in resolved or "object" in resolved.get("type", ())


def version(api_version: str, kind: str, mark: str, definitions: dict[str, Any]) -> Manifest:
    group, _, number = api_version.rpartition("/")
    (name,) = (
        name
        for name, schema in definitions.items()
        for gvk in schema.get("x-kubernetes-group-version-kind", ())
        if (gvk["group"], gvk["version"], gvk["kind"]) == (group, number, kind)
    )
    fields = saturated(definitions[name], mark, definitions, (name,))
    metadata = {"name": "x"} | fields.pop("metadata")
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def count_lists(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(count_lists, value.values()))
    return 1 + sum(map(count_lists, value)) if isinstance(value, list) else 0


@pytest.mark.parametrize(("api_version", "kind"), KINDS, ids=lambda text: text)
def test_each_list_is_merged_as_the_table_says(
    api_version: str,
    kind: str,
    definitions: dict[str, Any],
    tool: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    base, patch = (version(api_version, kind, mark, definitions) for mark in ("base", "patch"))
    assert count_lists(base) >= 2
    texts = {
        "base/object.yaml": emit.dump(base),
        "base/kustomization.yaml": kustomization(resources=["object.yaml"]),
        "overlay/patch.yaml": emit.dump(patch),
        "overlay/kustomization.yaml": kustomization(resources=["../base"], patches=[{"path": "patch.yaml"}]),
    }
    write(tmp_path, texts)
    (result,) = built(tool("kubectl"), tmp_path / "overlay")
    wanted = apply_patch(base, patch)
    assert same(result, wanted), differing(wanted, result)


def differing(wanted: Any, result: Any, path: str = "") -> list[str]:
    """The places of the lists that were merged otherwise."""
    if isinstance(wanted, dict) and isinstance(result, dict):
        return [
            place
            for key in {*wanted, *result}
            for place in differing(wanted.get(key), result.get(key), f"{path}.{key}")
        ]
    if isinstance(wanted, list) and isinstance(result, list) and len(wanted) == len(result):
        pairs = enumerate(zip(wanted, result, strict=True))
        return [place for index, pair in pairs for place in differing(*pair, f"{path}[{index}]")]
    return [] if same(wanted, result) else [f"{path}: wanted {wanted}, got {result}"]
