"""The scripts of backups, as the pods that run them have them."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.facts import conventions as names
from manifestgen.kinds.views import View, owner_of
from manifestgen.resolving import ResolvedPlatform


def script_views(platform: ResolvedPlatform) -> Iterator[View]:
    """The ConfigMap of each backup; everything else about it is a workload."""
    for name in platform.spec.backups:
        if name in platform.spec.workloads:
            owner = owner_of(platform, "workloads", name)
            yield owner.view(
                "backup-scripts",
                names.scripts(name),
                description="How the database is backed up and restored: the files of scripts/backup.",
            )
