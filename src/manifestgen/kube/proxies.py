"""The proxy that a mesh adds to a pod, which is not in the object that makes the pod."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from manifestgen.facts.meshes import ISTIO_INJECT, LINKERD_INJECT, PROXY_AMOUNTS

PROXY: Final = "proxy"
"""What we call the container; each mesh has a name of its own for it."""


def with_proxy(template: Mapping[str, Any]) -> dict[str, Any]:
    """The ``spec`` of a pod template with the container of the proxy, if it gets one of a known size.

    It is a native sidecar, which starts before all that follow and counts with the containers.
    """
    pod: dict[str, Any] = template["spec"]
    proxy = _proxy(template.get("metadata") or {})
    if proxy is None:
        return pod
    return {**pod, "initContainers": [proxy, *(pod.get("initContainers") or ())]}


def _proxy(metadata: Mapping[str, Any]) -> dict[str, Any] | None:
    labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
    if labels.get(ISTIO_INJECT) != "true" and annotations.get(LINKERD_INJECT) != "enabled":
        return None
    resources: dict[str, dict[str, Any]] = {}
    for annotation, (kind, resource) in PROXY_AMOUNTS.items():
        if annotation in annotations:
            resources.setdefault(kind, {})[resource] = annotations[annotation]
    return {"name": PROXY, "restartPolicy": "Always", "resources": resources} if resources else None
