"""Updates: the new pod can start while the old one is there, and the old one can end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.errors import Finding
from manifestgen.verify.lint.world import Pods, World


def check(world: World) -> Iterator[Finding]:
    """Rolling updates of pods with claims, and pods that are stopped."""
    for pods in world.pods:
        if pods.kind in ("Deployment", "Rollout"):
            yield from _rolling(world, pods)
        yield from _stops(world, pods)


def _rolling(world: World, pods: Pods) -> Iterator[Finding]:
    spec = pods.made.manifest["spec"]
    strategy = spec.get("strategy") or {}
    rolling = strategy.get("rollingUpdate") or strategy.get("canary") or {}
    surge = rolling.get("maxSurge", "25%") if "trafficRouting" not in rolling else 1
    if strategy.get("type") == "Recreate" or surge in (0, "0%"):
        return
    for volume in pods.spec.get("volumes") or ():
        claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        made = world.find("PersistentVolumeClaim", claim, "") if claim else None
        modes = ((made.manifest.get("spec") or {}).get("accessModes") or ()) if made else ()
        if modes and set(modes) <= {"ReadWriteOnce", "ReadWriteOncePod"} and spec.get("replicas", 1) == 1:
            yield world.objection(
                pods.made,
                "claim-rolling",
                f"an update of {pods.name} starts the new pod before the old one lets go of the claim "
                f"{claim}, which is {modes[0]}: on another node it never starts",
                "use `strategy: recreate`",
                ("strategy",),
                ("update",),
            )


def _stops(world: World, pods: Pods) -> Iterator[Finding]:
    grace = pods.spec.get("terminationGracePeriodSeconds", 30)
    for container in pods.running():
        waits = _waits((container.get("lifecycle") or {}).get("preStop") or {})
        if waits is not None and waits >= grace:
            yield world.objection(
                pods.made,
                "stop-too-short",
                f"container {container['name']} of {pods.name} waits {waits} s before it is told to stop, "
                "and is "
                f"killed after {grace} s",
                "make terminationGracePeriodSeconds longer than the wait and the work that is left",
                ("stop", "period"),
            )


def _waits(hook: dict[str, Any]) -> int | None:
    """How long a hook sleeps, None where it does something else."""
    if "sleep" in hook:
        seconds: int = hook["sleep"]["seconds"]
        return seconds
    words = " ".join((hook.get("exec") or {}).get("command") or ()).split()
    if "sleep" in words[:-1]:
        given = words[words.index("sleep") + 1].removesuffix("s")
        return int(given) if given.isdigit() else None
    return None
