"""Claims: a volume that one node can mount is not asked for by pods on several."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.errors import Finding
from manifestgen.verify.lint.scale import scale_of
from manifestgen.verify.lint.world import Pods, World


def check(world: World) -> Iterator[Finding]:
    """Every claim of the inventory, by the pods that mount it."""
    for made in world.of("PersistentVolumeClaim"):
        modes = (made.manifest.get("spec") or {}).get("accessModes") or ()
        if not modes or not set(modes) <= {"ReadWriteOnce", "ReadWriteOncePod"}:
            continue
        users = [pods for pods in world.pods if made.id.name in _claims(pods)]
        several = [pods for pods in users if _most(world, pods) > 1]
        if several:
            what = f"{_most(world, several[0])} pods of {several[0].name} mount"
        elif len(users) > 1:
            what = f"{users[0].name} and {users[1].name} both mount"
        else:
            continue
        yield world.objection(
            made,
            "claim-shared",
            f"{what} the claim {made.id.name}, which is {modes[0]}: pods on another node than the first "
            "never start",
            "use ReadWriteMany if the storage has it, one pod, or a claim for each pod (a StatefulSet)",
        )


def _claims(pods: Pods) -> set[str]:
    volumes = pods.spec.get("volumes") or ()
    return {
        volume["persistentVolumeClaim"]["claimName"]
        for volume in volumes
        if "persistentVolumeClaim" in volume
    }


def _most(world: World, pods: Pods) -> int:
    scale = scale_of(world, pods)
    return 1 if scale is None and pods.kind == "CronJob" else 2 if scale is None else scale.most
