"""Objects of a workload: its controller, Services, autoscalers, budgets."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.facts import conventions as names
from manifestgen.kinds.controllers import controller_view
from manifestgen.kinds.pods.files import file_data
from manifestgen.kinds.rights import account_views
from manifestgen.kinds.rollouts import rollout_views
from manifestgen.kinds.scaling import scaling_views
from manifestgen.kinds.secrets import secret_view
from manifestgen.kinds.services import new_version_views, service_views
from manifestgen.kinds.settings import config_view
from manifestgen.kinds.views import Owner, View, owner_of
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.workloads import Replicated, Served, Workload


def workload_views(platform: ResolvedPlatform) -> Iterator[View]:
    """All objects of all workloads, in the order people read them."""
    for name, workload in platform.spec.workloads.items():
        owner = owner_of(platform, "workloads", name)
        yield from account_views(owner, workload)
        yield from config_view(owner, workload.config)
        yield from _files_view(owner, workload)
        yield from secret_view(platform, owner, workload.secrets)
        if isinstance(workload, Replicated) and workload.is_progressive:
            yield from rollout_views(platform, owner, workload)
        else:
            yield controller_view(platform, owner, workload)
        if isinstance(workload, Served):
            yield from _services(platform, owner, workload)
            yield from new_version_views(platform, owner, workload)
        yield from scaling_views(platform, owner, workload)


def _services(platform: ResolvedPlatform, owner: Owner, workload: Served) -> Iterator[View]:
    """The Services of a workload, with what a mesh reads there."""
    mesh = platform.spec.service_mesh
    if mesh is None:
        yield from service_views(owner, workload)
        return
    from manifestgen.kinds.mesh import service_in_mesh

    for view in service_views(owner, workload):
        yield service_in_mesh(platform, mesh, owner.name, view)


def _files_view(owner: Owner, workload: Workload) -> Iterator[View]:
    """The ConfigMap of the files whose contents stand in the spec."""
    files = file_data(workload)
    if files:
        groups = [{"description": None, "values": files}]
        yield owner.view("config-map", names.files(owner.name), groups=groups)
