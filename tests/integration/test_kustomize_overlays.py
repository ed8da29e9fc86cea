"""The whole Kustomize target on a platform with everything odd in it, built by the real Kustomize."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from manifestgen.artifact import Artifact, as_tree
from manifestgen.kube.identity import in_namespace
from manifestgen.kube.objects import Inventory, KubeObject
from manifestgen.kube.plain import same
from manifestgen.rendering.environment import Renderer
from manifestgen.targets import kustomize
from manifestgen.yamlio import emit
from support import yaml11
from support.kustomize_cases import Manifest, built, write

SUBJECTS = """
  - {kind: ServiceAccount, name: api}
  - {kind: ServiceAccount, name: default}
  - {kind: ServiceAccount, name: made-by-a-chart}
  - {kind: ServiceAccount, name: prometheus, namespace: monitoring}
  - {kind: ServiceAccount, name: api, namespace: elsewhere}
  - {kind: ServiceAccount, name: default, namespace: elsewhere}
  - {kind: User, name: jo}
  - {kind: Group, name: default}
"""
BASE = f"""
apiVersion: v1
kind: Namespace
metadata: {{name: shared}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: api, annotations: {{}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: api}}
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: wait
          image: busybox
        - name: api
          image: api:1
          env:
            - {{name: A, value: "1"}}
            - {{name: B, value: "2"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: api-config}}
data: {{LOG_LEVEL: info, "on": "off", GONE: x}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: api}}
spec: {{minAvailable: 1}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: api}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: api}}
subjects: {SUBJECTS}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: "api:reader"}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}}
subjects: {SUBJECTS}
---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {{name: letsencrypt}}
spec: {{acme: {{email: a@example.com}}}}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {{name: high.priority}}
value: 1000
---
apiVersion: example.com/v1
kind: Thing
metadata: {{name: odd.thing}}
spec: {{a: 1, b: [x]}}
"""
STAGING = (
    BASE.replace("replicas: 2", "replicas: 1")
    .replace("LOG_LEVEL: info", "LOG_LEVEL: debug")
    .replace(', "on": "off", GONE: x', "")
    .replace('{name: B, value: "2"}', '{name: B, valueFrom: {secretKeyRef: {name: s, key: "null"}}}')
    .replace("a@example.com", "b@example.com")
    .replace("spec: {a: 1, b: [x]}", "spec: {a: null, b: {x: null}}")
    .replace("kind: PodDisruptionBudget", "kind: LimitRange")
    .replace("name: api, annotations: {}", "name: api")
)


def inventory(text: str, namespace: str | None) -> Inventory:
    """The objects of ``text`` as if templates had rendered them, all of one component."""
    objects = {}
    for manifest in yaml11.read_all(text):
        thing = KubeObject(manifest, emit.dump(manifest, "Rendered."), "api", "x.j2", ("workloads", "api"))
        objects[thing.id] = thing
    return Inventory(namespace, objects)


@pytest.fixture(scope="module")
def artifacts(repo_root: Path) -> list[Artifact]:
    environments = {"staging": inventory(STAGING, "shop-staging"), "production": inventory(BASE, "shop")}
    renderer = Renderer([repo_root / "templates"])
    return kustomize.render(inventory(BASE, None), environments, "shop", renderer)


def expected(text: str, namespace: str) -> dict[tuple[str, str], Manifest]:
    """What has to come out; Kustomize has no ``annotations: {}``."""
    manifests = [one.manifest for one in inventory(text, namespace).objects.values()]
    for manifest in manifests:
        if manifest["metadata"].get("annotations") == {}:
            del manifest["metadata"]["annotations"]
    return by_name([in_namespace(manifest, namespace) for manifest in manifests])


def by_name(manifests: list[Manifest]) -> dict[tuple[str, str], Manifest]:
    return {(one["kind"], one["metadata"]["name"]): one for one in manifests}


@pytest.mark.parametrize(
    ("environment", "text", "namespace"),
    [("staging", STAGING, "shop-staging"), ("production", BASE, "shop")],
)
def test_kustomize_builds_what_the_environment_holds(
    artifacts: list[Artifact],
    environment: str,
    text: str,
    namespace: str,
    tool: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    write(tmp_path, artifacts)
    result = by_name(built(tool("kubectl"), tmp_path / "k8s" / "overlays" / environment))
    wanted = expected(text, namespace)
    assert result.keys() == wanted.keys()
    assert {key: result[key] for key in wanted if not same(result[key], wanted[key])} == {}


def test_a_broken_patch_is_noticed(
    artifacts: list[Artifact], tool: Callable[[str], Path], tmp_path: Path
) -> None:
    write(tmp_path, artifacts)
    patch = tmp_path / "k8s/overlays/staging/patches/api-deployment.yaml"
    patch.write_text(patch.read_text().replace("replicas: 1", "replicas: 3"))
    result = by_name(built(tool("kubectl"), tmp_path / "k8s" / "overlays" / "staging"))
    assert not same(result["Deployment", "api"], expected(STAGING, "shop-staging")["Deployment", "api"])


def test_the_overlay_reads_well(artifacts: list[Artifact], snapshot: SnapshotAssertion) -> None:
    overlay = {path: one.text for path, one in as_tree(artifacts).items() if "/staging/" in path}
    assert "\n".join(f"=== {path}\n{text}" for path, text in overlay.items()) == snapshot


def test_the_base_reads_well(artifacts: list[Artifact], snapshot: SnapshotAssertion) -> None:
    assert as_tree(artifacts)["k8s/base/kustomization.yaml"].text == snapshot


def test_base_files_are_the_rendered_texts(artifacts: list[Artifact]) -> None:
    things = inventory(BASE, None).objects.values()
    texts = {one.text for one in artifacts if one.environment is None}
    assert {thing.text for thing in things} < texts


def test_files_belong_to_their_environment(artifacts: list[Artifact]) -> None:
    owners = {
        one.path.split("/")[2] if "overlays" in one.path else None: one.environment for one in artifacts
    }
    assert owners == {None: None, "staging": "staging", "production": "production"}


def test_every_file_is_yaml(artifacts: list[Artifact]) -> None:
    parsed: Mapping[str, Any] = {one.path: list(yaml11.read_all(one.text)) for one in artifacts}
    assert all(document for documents in parsed.values() for document in documents)
