"""What Kustomize's ``namespace:`` gets wrong, and the operations that put it right.

Kustomize 5.8 gives every kind it does not know a namespace (a ClusterIssuer too), renames a Namespace
object, and knows only the subjects of a binding that are called ``default`` or whose ServiceAccount it
builds as well.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from manifestgen.kube.identity import CLUSTER_SCOPED, group, in_namespace, is_binding
from manifestgen.kube.jsonpatch import json_operations
from manifestgen.kube.objects import Manifest


def corrections(
    manifest: Manifest, namespace: str, accounts: Set[str], scope: str | None = None
) -> list[Manifest]:
    """The RFC 6902 operations to run on an object behind ``namespace:``; none for nearly all objects.

    ``accounts`` are the names of the ServiceAccounts that are built along with it.
    """
    wanted = in_namespace(manifest, namespace, scope)
    return json_operations(transformed(manifest, namespace, accounts), wanted)


def transformed(manifest: Manifest, namespace: str, accounts: Set[str]) -> Manifest:
    """The object as Kustomize leaves it when an overlay says ``namespace:``."""
    result = dict(manifest)
    metadata = dict(manifest["metadata"])
    if manifest["kind"] not in CLUSTER_SCOPED.get(group(manifest["apiVersion"]), ()):
        metadata["namespace"] = namespace
    if (manifest["apiVersion"], manifest["kind"]) == ("v1", "Namespace"):
        metadata["name"] = namespace
    result["metadata"] = metadata
    if is_binding(manifest) and manifest.get("subjects"):
        result["subjects"] = [_subject(one, namespace, accounts) for one in manifest["subjects"]]
    return result


def _subject(subject: Any, namespace: str, accounts: Set[str]) -> Any:
    name = subject.get("name")
    built = subject.get("kind") == "ServiceAccount" and name in accounts and "namespace" not in subject
    return {**subject, "namespace": namespace} if built or name == "default" else subject
