"""What an object is called: its group, where it runs, and the file it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from manifestgen.errors import Finding, ManifestgenError
from manifestgen.facts.conventions import DASHBOARD_LABEL, THIS_NAMESPACE
from manifestgen.kube.objects import KubeObject, Manifest, ObjectId

# Built-in kinds without a namespace that Kustomize 5.8 knows for such (its OpenAPI is that of 1.21).
CLUSTER_SCOPED: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({"ComponentStatus", "Namespace", "Node", "PersistentVolume"}),
    "admissionregistration.k8s.io": frozenset(
        {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}
    ),
    "apiextensions.k8s.io": frozenset({"CustomResourceDefinition"}),
    "apiregistration.k8s.io": frozenset({"APIService"}),
    "certificates.k8s.io": frozenset({"CertificateSigningRequest"}),
    "networking.k8s.io": frozenset({"IngressClass"}),
    "node.k8s.io": frozenset({"RuntimeClass"}),
    "rbac.authorization.k8s.io": frozenset({"ClusterRole", "ClusterRoleBinding"}),
    "scheduling.k8s.io": frozenset({"PriorityClass"}),
    "storage.k8s.io": frozenset({"CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"}),
}

# Kinds without a namespace that Kustomize takes for namespaced, for it does not know them.
CLUSTER_SCOPED_UNKNOWN: Final[Mapping[str, frozenset[str]]] = {
    "admissionregistration.k8s.io": frozenset(
        {
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
        }
    ),
    "argoproj.io": frozenset({"ClusterAnalysisTemplate", "ClusterWorkflowTemplate"}),
    "cert-manager.io": frozenset({"ClusterIssuer"}),
    "cilium.io": frozenset({"CiliumClusterwideNetworkPolicy"}),
    "eventing.keda.sh": frozenset({"ClusterCloudEventSource"}),
    "external-secrets.io": frozenset({"ClusterExternalSecret", "ClusterPushSecret", "ClusterSecretStore"}),
    "flowcontrol.apiserver.k8s.io": frozenset({"FlowSchema", "PriorityLevelConfiguration"}),
    "gateway.networking.k8s.io": frozenset({"GatewayClass"}),
    "generators.external-secrets.io": frozenset({"ClusterGenerator"}),
    "karpenter.sh": frozenset({"NodeClaim", "NodePool"}),
    "keda.sh": frozenset({"ClusterTriggerAuthentication"}),
    "kyverno.io": frozenset({"ClusterCleanupPolicy", "ClusterPolicy"}),
    "networking.k8s.io": frozenset({"IPAddress", "ServiceCIDR"}),
    "policy.networking.k8s.io": frozenset({"AdminNetworkPolicy", "BaselineAdminNetworkPolicy"}),
    "resource.k8s.io": frozenset({"DeviceClass"}),
    "snapshot.storage.k8s.io": frozenset({"VolumeSnapshotClass", "VolumeSnapshotContent"}),
    "storage.k8s.io": frozenset({"VolumeAttributesClass"}),
    "templates.gatekeeper.sh": frozenset({"ConstraintTemplate"}),
    "trust.cert-manager.io": frozenset({"Bundle"}),
}

_SPEAKING: Final = frozenset({"PodMonitor", "PrometheusRule", "ScrapeConfig"})
_BINDINGS: Final = frozenset({"RoleBinding", "ClusterRoleBinding"})
# Between a small letter and a capital, and before the last capital of a run: HTTP|Route, Pod|Disruption.
_WORD_START: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9.-]+")


def group(api_version: str) -> str:
    """The API group of an ``apiVersion``: ``apps`` of ``apps/v1``, nothing of ``v1``."""
    return api_version.rpartition("/")[0]


def is_cluster_scoped(manifest: Manifest, scope: str | None = None) -> bool:
    """Whether an object has no namespace, as ``scope`` says or else its kind; an unknown kind has one."""
    if scope is not None:
        return scope == "Cluster"
    name, kind = group(manifest["apiVersion"]), manifest["kind"]
    return kind in CLUSTER_SCOPED.get(name, ()) or kind in CLUSTER_SCOPED_UNKNOWN.get(name, ())


def is_binding(manifest: Manifest) -> bool:
    """Whether the object is a RoleBinding or ClusterRoleBinding, whose subjects name a namespace."""
    return manifest["kind"] in _BINDINGS and group(manifest["apiVersion"]) == "rbac.authorization.k8s.io"


def in_namespace(manifest: Manifest, namespace: str | None, scope: str | None = None) -> Manifest:
    """The object as it stands in the cluster when its environment has this ``namespace``.

    Sets ``metadata.namespace``, right behind the name, for kinds that have one, and the namespace of
    those ServiceAccount subjects of a binding that name none. Objects of the whole cluster that are called
    after the namespace get its name. The argument is not changed; without a namespace it is the result.
    """
    if namespace is None:
        return manifest
    result = dict(manifest)
    part = part_about_namespace(manifest)
    if part is not None:
        result[part] = _told(manifest[part], namespace)
    if not is_cluster_scoped(manifest, scope):
        result["metadata"] = _metadata(manifest["metadata"], namespace)
    elif is_called_after_namespace(manifest["metadata"]["name"]):
        name = called_after(manifest["metadata"]["name"], namespace)
        result["metadata"] = {**manifest["metadata"], "name": name}
    role = manifest.get("roleRef") or {}
    if is_binding(manifest) and role.get("kind") == "ClusterRole":
        result["roleRef"] = {**role, "name": called_after(role["name"], namespace)}
    if is_binding(manifest) and "subjects" in manifest:
        result["subjects"] = [_subject(subject, namespace) for subject in manifest["subjects"]]
    return result


def part_about_namespace(manifest: Manifest) -> str | None:
    """The part of an object whose texts may stand for the namespace, as in the rules of Prometheus."""
    if group(manifest["apiVersion"]) == "monitoring.coreos.com" and manifest["kind"] in _SPEAKING:
        return "spec"
    return "data" if is_dashboard(manifest) and "data" in manifest else None


def is_dashboard(manifest: Manifest) -> bool:
    """Whether it is a ConfigMap with a dashboard of Grafana."""
    labels = manifest.get("metadata", {}).get("labels")
    return manifest["kind"] == "ConfigMap" and isinstance(labels, dict) and DASHBOARD_LABEL in labels


def _told(value: Any, namespace: str) -> Any:
    if isinstance(value, str):
        return value.replace(THIS_NAMESPACE, namespace)
    if isinstance(value, dict):
        return {key: _told(member, namespace) for key, member in value.items()}
    return [_told(item, namespace) for item in value] if isinstance(value, list) else value


def is_called_after_namespace(name: str) -> bool:
    """Whether the name stands for one that begins with the namespace, or is it."""
    return name == THIS_NAMESPACE or name.startswith(f"{THIS_NAMESPACE}-")


def called_after(name: str, namespace: str) -> str:
    """``name`` as it is in ``namespace``: ``this-namespace-api`` is ``shop-api`` in ``shop``."""
    return namespace + name.removeprefix(THIS_NAMESPACE) if is_called_after_namespace(name) else name


def own_name(name: str) -> str:
    """``name`` without what stands for the namespace; nothing for the namespace itself."""
    return name.removeprefix(THIS_NAMESPACE).removeprefix("-") if is_called_after_namespace(name) else name


def _metadata(metadata: Manifest, namespace: str) -> Manifest:
    return {"name": metadata["name"], "namespace": namespace} | {
        key: value for key, value in metadata.items() if key not in ("name", "namespace")
    }


def _subject(subject: Manifest, namespace: str) -> Manifest:
    if subject.get("kind") != "ServiceAccount" or "namespace" in subject:
        return subject
    return {**subject, "namespace": namespace}


_USUAL_SUFFIX: Final = {"ConfigMap": "config", "ExternalSecret": "secrets"}
"""What our own names end in; a file called config-map-config.yaml would say it twice."""


def kebab(kind: str) -> str:
    """A kind as part of a file name: ``HTTPRoute`` becomes ``http-route``."""
    return _WORD_START.sub("-", kind).lower()


def object_path(thing: KubeObject) -> str:
    """The file of an object: ``api/service.yaml``, and ``api/service-headless.yaml`` for ``api-headless``."""
    stem = kebab(thing.id.kind)
    name = own_name(thing.id.name) or thing.component
    suffix = name.removeprefix(f"{thing.component}-")
    if name != thing.component and suffix != _USUAL_SUFFIX.get(thing.id.kind):
        stem += "-" + _UNSAFE.sub("-", suffix)
    return f"{thing.component}/{stem}.yaml"


def object_paths(things: Iterable[KubeObject]) -> dict[ObjectId, str]:
    """The file of each object; raises ManifestgenError when two would share one.

    Files that differ only in case are the same to macOS and Windows.
    """
    paths: dict[ObjectId, str] = {}
    taken: dict[str, KubeObject] = {}
    findings: list[Finding] = []
    for thing in things:
        path = object_path(thing)
        other = taken.setdefault(path.lower(), thing)
        if other.id != thing.id:
            findings.append(_same_file(thing, other, path))
        paths[thing.id] = path
    if findings:
        raise ManifestgenError(findings)
    return paths


def _same_file(thing: KubeObject, other: KubeObject, path: str) -> Finding:
    first, second = (_spoken(one.id) for one in (other, thing))
    return Finding(
        rule="object-path",
        path=".".join(thing.source),
        message=f"{second} would be written to the file of {first}, {path}",
        advice="give one of them another name",
    )


def _spoken(identity: ObjectId) -> str:
    return f"{identity.kind} {identity.name} ({identity.api_version})"


def service_accounts(manifests: Iterable[Manifest]) -> frozenset[str]:
    """The names of the ServiceAccounts among the objects."""
    return frozenset(one["metadata"]["name"] for one in manifests if _is_service_account(one))


def _is_service_account(manifest: Mapping[str, Any]) -> bool:
    return (manifest["apiVersion"], manifest["kind"]) == ("v1", "ServiceAccount")
