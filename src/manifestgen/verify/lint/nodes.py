"""Nodes: a pod that reaches into its own says why, and leaves the files there as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.spec.security import ContainerSecurity
from manifestgen.spec.workloads import WorkloadBase
from manifestgen.verify.lint.world import Pods, World

Place = tuple[str, ...]

_SHARED: Final = {
    "hostNetwork": ("uses the network of its node", "hostNetwork"),
    "hostPID": ("sees all processes of its node", "hostPid"),
    "hostIPC": ("shares memory with the processes of its node", "hostIpc"),
}


def check(world: World) -> Iterator[Finding]:
    """What pods share with their nodes."""
    for pods in world.pods:
        workload = _workload(world, pods)
        reasons = set(_reasons(workload)) if workload is not None else set()
        for what, place in _reaches(pods):
            if place not in reasons:
                message = f"{pods.name} {what}, and nothing says why"
                advice = "do without, or say in an exception why it is needed"
                yield world.objection(pods.made, "node-access", message, advice, place)
        yield from _writes(world, pods)


def _workload(world: World, pods: Pods) -> WorkloadBase | None:
    """The workload that the pods were made of; None where they come from elsewhere."""
    section, *name = pods.made.source
    return world.platform.spec.workloads.get(name[0]) if section == "workloads" and name else None


def _reasons(workload: WorkloadBase) -> Iterator[Place]:
    """Where the spec itself gives a reason."""
    if workload.host_network is not None:
        yield ("hostNetwork",)
    if workload.host_pid is not None:
        yield ("hostPid",)
    yield from (
        ("volumes", name) for name, volume in workload.volumes.items() if volume.host_path is not None
    )
    securities: dict[Place, ContainerSecurity | None] = {(): workload.security}
    securities |= {place: other.security for place, other in workload.others.items()}
    for place, security in securities.items():
        if security is not None and security.privileged is not None:
            yield (*place, "security", "privileged")
    if workload.security.privileged is not None:  # those that run as the workload
        yield from (("init", name, "security", "privileged") for name in workload.init)


def _reaches(pods: Pods) -> Iterator[tuple[str, Place]]:
    """What the pods share with the node, and where a spec would say so."""
    for field, (what, key) in _SHARED.items():
        if pods.spec.get(field):
            yield what, (key,)
    for volume in pods.spec.get("volumes") or ():
        if "hostPath" in volume:
            yield f"mounts {volume['hostPath']['path']} of its node", ("volumes", volume["name"])
    for section, container in _containers(pods):
        if (container.get("securityContext") or {}).get("privileged"):
            place = () if container["name"] == pods.made.id.name else (section, container["name"])
            what = f"has the privileged container {container['name']}"
            yield what, (*place, "security", "privileged")


def _containers(pods: Pods) -> Iterator[tuple[str, dict[str, Any]]]:
    for container in pods.spec.get("initContainers") or ():
        yield "sidecars" if container.get("restartPolicy") == "Always" else "init", container
    yield from (("containers", container) for container in pods.spec.get("containers") or ())


def _writes(world: World, pods: Pods) -> Iterator[Finding]:
    paths = {
        volume["name"]: volume["hostPath"]["path"]
        for volume in pods.spec.get("volumes") or ()
        if "hostPath" in volume
    }
    for container in pods.containers():
        for mount in container.get("volumeMounts") or ():
            if mount["name"] in paths and not mount.get("readOnly"):
                yield world.objection(
                    pods.made,
                    "host-path-writable",
                    f"container {container['name']} of {pods.name} may write to {paths[mount['name']]} of "
                    "its node: whoever breaks into it owns what the node reads there",
                    "add `readOnly: true`, or keep the data in a claim",
                    ("volumes", mount["name"]),
                )
