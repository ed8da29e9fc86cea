"""The pod of a workload: its containers, volumes, security, place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.facts.checksum import config_checksum
from manifestgen.kinds.pods.amounts import resource_amounts
from manifestgen.kinds.pods.containers import init_containers, running_containers
from manifestgen.kinds.pods.environment import sets_read
from manifestgen.kinds.pods.files import file_data
from manifestgen.kinds.pods.placement import placement
from manifestgen.kinds.pods.security import pod_security
from manifestgen.kinds.pods.volumes import volumes
from manifestgen.kinds.settings import config_data
from manifestgen.kinds.views import Owner, seconds
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import CronJob, Job
from manifestgen.spec.workloads import LongRunning, WorkloadBase

__all__ = ["pod_context", "resource_amounts"]

_AZURE_LABEL = {"azure.workload.identity/use": "true"}


def pod_context(platform: ResolvedPlatform, owner: Owner, workload: WorkloadBase) -> dict[str, Any]:
    """What the template of a pod is given."""
    checksums = dict(_checksums(platform, owner, workload)) if _starts_again(workload) else {}
    mesh_labels, mesh_annotations = _of_mesh(platform, owner)
    by_azure = workload.service_account.identity.azure is not None
    return {
        "labels": {
            **owner.labels,
            **(_AZURE_LABEL if by_azure else {}),
            **mesh_labels,
            **workload.pod_labels,
        },
        "has_checksums": bool(checksums),
        "annotations": {**checksums, **mesh_annotations, **workload.pod_annotations},
        "restart_policy": workload.restart_policy if isinstance(workload, Job | CronJob) else None,
        "account": owner.name,
        "mounts_token": workload.uses_kubernetes_api,
        "grace": seconds(workload.stop.period),
        "security": pod_security(workload.security),
        "init_containers": [*init_containers(platform, owner, workload)],
        "containers": [*running_containers(platform, owner, workload)],
        "volumes": volumes(platform, owner, workload),
        **placement(platform, owner, workload),
    }


def _of_mesh(platform: ResolvedPlatform, owner: Owner) -> tuple[dict[str, str], dict[str, str]]:
    """Labels and annotations that a mesh reads."""
    mesh = platform.spec.service_mesh
    if mesh is None:
        return {}, {}
    from manifestgen.kinds.mesh import pod_annotations, pod_labels

    return pod_labels(platform, mesh, owner.name), pod_annotations(platform, mesh, owner.name)


def _starts_again(workload: WorkloadBase) -> bool:
    """Whether a change of the settings shall start new pods: those of a CronJob start soon enough.

    A Job that does not run again has to stay as it is: Kubernetes refuses a change of its pods.
    """
    return isinstance(workload, LongRunning) or (isinstance(workload, Job) and workload.rerun != "never")


def _checksums(platform: ResolvedPlatform, owner: Owner, workload: WorkloadBase) -> Iterator[tuple[str, str]]:
    """Annotations that change with the settings, so that a new setting starts new pods."""
    for name in sets_read(owner, workload):
        source = platform.spec.settings.get(name) or platform.spec.workloads.get(name)
        if source is not None and source.config:
            yield f"checksum/{names.config_map(name)}", config_checksum(config_data(source.config))
    files = file_data(workload)
    if files:
        yield f"checksum/{names.files(owner.name)}", config_checksum(files)
