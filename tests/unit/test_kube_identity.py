"""Names of files and namespaces of objects."""

from __future__ import annotations

from typing import Any

import pytest

from manifestgen.errors import ManifestgenError
from manifestgen.kube.identity import group, in_namespace, kebab, object_path, object_paths
from manifestgen.kube.objects import KubeObject


def thing(kind: str, name: str, component: str = "api", api_version: str = "v1") -> KubeObject:
    manifest = {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}
    return KubeObject(manifest, "", component, "x.j2", ("workloads", component))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("Service", "service"),
        ("ConfigMap", "config-map"),
        ("HorizontalPodAutoscaler", "horizontal-pod-autoscaler"),
        ("HTTPRoute", "http-route"),
        ("BackendTLSPolicy", "backend-tls-policy"),
        ("OCIRepository", "oci-repository"),
        ("APIService", "api-service"),
        ("CSIDriver", "csi-driver"),
        ("IPAddress", "ip-address"),
        ("ServiceCIDR", "service-cidr"),
        ("EC2NodeClass", "ec2-node-class"),
    ],
)
def test_a_kind_reads_well_in_a_file_name(kind: str, words: str) -> None:
    assert kebab(kind) == words


@pytest.mark.parametrize(
    ("kind", "name", "path"),
    [
        ("Service", "api", "api/service.yaml"),
        ("Service", "api-headless", "api/service-headless.yaml"),
        ("Service", "postgres", "api/service-postgres.yaml"),
        ("Service", "apiary", "api/service-apiary.yaml"),
        ("ClusterRole", "system:metrics/reader", "api/cluster-role-system-metrics-reader.yaml"),
        ("ClusterRole", "../../etc", "api/cluster-role-..-..-etc.yaml"),
        ("ClusterRole", "api-..", "api/cluster-role-...yaml"),
    ],
)
def test_the_file_of_an_object(kind: str, name: str, path: str) -> None:
    assert object_path(thing(kind, name)) == path


def test_each_object_has_its_file() -> None:
    things = [thing("Service", "api"), thing("Service", "api-headless"), thing("Service", "x", "x")]
    assert list(object_paths(things).values()) == [
        "api/service.yaml",
        "api/service-headless.yaml",
        "x/service.yaml",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (thing("Service", "api"), thing("Service", "api", api_version="serving.knative.dev/v1")),
        (thing("Role", "a:b"), thing("Role", "a/b")),
        (thing("Role", "Reader"), thing("Role", "reader")),
        (thing("Role", "api-x"), thing("Role", "x")),
    ],
)
def test_two_objects_in_one_file_are_a_finding(first: KubeObject, second: KubeObject) -> None:
    with pytest.raises(ManifestgenError) as caught:
        object_paths([first, second])
    (finding,) = caught.value.findings
    assert (finding.rule, finding.path) == ("object-path", "workloads.api")
    assert first.id.kind in finding.message
    assert second.id.name in finding.message


@pytest.mark.parametrize(
    ("api_version", "name"), [("v1", ""), ("apps/v1", "apps"), ("keda.sh/v1alpha1", "keda.sh")]
)
def test_the_group_of_an_api_version(api_version: str, name: str) -> None:
    assert group(api_version) == name


def test_the_namespace_stands_behind_the_name() -> None:
    manifest = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "labels": {}}, "spec": {}}
    placed = in_namespace(manifest, "shop")
    assert list(placed["metadata"].items()) == [("name", "a"), ("namespace", "shop"), ("labels", {})]
    assert manifest["metadata"] == {"name": "a", "labels": {}}


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("v1", "Namespace"),
        ("v1", "PersistentVolume"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole"),
        ("scheduling.k8s.io/v1", "PriorityClass"),
        ("storage.k8s.io/v1", "StorageClass"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ("cert-manager.io/v1", "ClusterIssuer"),
        ("external-secrets.io/v1", "ClusterSecretStore"),
        ("external-secrets.io/v1", "ClusterExternalSecret"),
        ("gateway.networking.k8s.io/v1", "GatewayClass"),
        ("keda.sh/v1alpha1", "ClusterTriggerAuthentication"),
        ("kyverno.io/v1", "ClusterPolicy"),
    ],
)
def test_what_belongs_to_the_cluster_gets_no_namespace(api_version: str, kind: str) -> None:
    manifest: dict[str, Any] = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}}
    assert in_namespace(manifest, "shop") == manifest


@pytest.mark.parametrize("kind", ["RoleBinding", "ClusterRoleBinding"])
def test_service_accounts_among_the_subjects_get_the_namespace_unless_they_have_one(kind: str) -> None:
    subjects = [
        {"kind": "ServiceAccount", "name": "a"},
        {"kind": "ServiceAccount", "name": "b", "namespace": "monitoring"},
        {"kind": "Group", "name": "default"},
    ]
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": "a"}}
    placed = in_namespace({**binding, "subjects": subjects}, "shop")
    assert [one.get("namespace") for one in placed["subjects"]] == ["shop", "monitoring", None]


def test_without_a_namespace_nothing_changes() -> None:
    manifest = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}
    assert in_namespace(manifest, None) is manifest
