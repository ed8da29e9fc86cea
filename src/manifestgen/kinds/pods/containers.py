"""The containers of a pod: the workload's own, those beside it, and those before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from manifestgen.facts.services import host
from manifestgen.kinds.pods.amounts import resource_amounts
from manifestgen.kinds.pods.environment import env, env_from
from manifestgen.kinds.pods.files import MAIN, file_mounts, placed_files
from manifestgen.kinds.pods.probes import lifecycle, probes
from manifestgen.kinds.pods.security import container_security, own_security, reasons
from manifestgen.kinds.pods.volumes import own_mounts, volume_mounts
from manifestgen.kinds.views import Owner, present
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.containers import Container, ImageRef, InitContainer
from manifestgen.spec.files import Mount
from manifestgen.spec.ports import Port, as_port
from manifestgen.spec.security import ContainerSecurity
from manifestgen.spec.workloads import Served, WorkloadBase

_WAIT_SCRIPT = 'until nc -z -w 2 "$1" "$2"; do echo "waiting for $1:$2"; sleep 2; done'


class _Pod(NamedTuple):
    """What the containers of a pod are made of."""

    platform: ResolvedPlatform
    owner: Owner
    workload: WorkloadBase

    def mounts(self, container: str, mounts: Mapping[str, Mount]) -> list[dict[str, Any]]:
        """The volumes that a container sees, and the files of it."""
        files = placed_files(self.workload)
        return [*volume_mounts(self.workload, mounts), *file_mounts(files, container)]


def init_containers(
    platform: ResolvedPlatform, owner: Owner, workload: WorkloadBase
) -> Iterator[dict[str, Any]]:
    """What runs before the workload: waits, then sidecars, which ``init`` may need, then ``init``."""
    pod = _Pod(platform, owner, workload)
    yield from _waits(pod)
    for name, sidecar in workload.sidecars.items():
        yield {**_other(pod, name, sidecar), "restarts": True}
    for name, init in workload.init.items():
        yield _init(pod, name, init) if init.image is None else _foreign_init(pod, name, init, init.image)


def running_containers(
    platform: ResolvedPlatform, owner: Owner, workload: WorkloadBase
) -> Iterator[dict[str, Any]]:
    """The workload's own container, and those beside it."""
    pod = _Pod(platform, owner, workload)
    yield _main(pod)
    for name, other in workload.containers.items():
        yield _other(pod, name, other)


def _main(pod: _Pod) -> dict[str, Any]:
    workload = pod.workload
    return _container(
        pod.owner.name,
        workload.image,
        command=workload.command,
        args=workload.args,
        ports=_ports(workload.ports),
        env_from=env_from(pod.platform, (*workload.settings, pod.owner.name)),
        env=env(workload.env),
        probes=probes(workload.probes, workload.ports),
        lifecycle=lifecycle(workload.lifecycle, workload.stop.delay),
        resources=resource_amounts(workload.resources),
        security=own_security(workload.security),
        reasons=reasons(workload.security),
        mounts=pod.mounts(MAIN, own_mounts(workload)),
    )


def _other(pod: _Pod, name: str, other: Container) -> dict[str, Any]:
    return _container(
        name,
        other.image,
        command=other.command,
        args=other.args,
        ports=_ports(other.ports),
        env_from=env_from(pod.platform, other.settings),
        env=env(other.env),
        probes=probes(other.probes, other.ports),
        lifecycle=lifecycle(other.lifecycle),
        resources=resource_amounts(other.resources),
        security=container_security(other.security, pod.workload.security),
        reasons=reasons(other.security),
        mounts=pod.mounts(name, other.mounts),
    )


def _init(pod: _Pod, name: str, init: InitContainer) -> dict[str, Any]:
    """The workload with another command."""
    workload = pod.workload
    security = workload.security if init.security is None else init.security
    own_files = set(init.files)
    files = [mount for mount in pod.mounts(MAIN, {}) if mount["mountPath"] not in own_files]
    return _container(
        name,
        workload.image,
        command=init.command,
        args=init.args,
        env_from=env_from(pod.platform, (*workload.settings, pod.owner.name)),
        env=env(_over(workload.env, init.env)),
        resources=resource_amounts(init.resources or workload.resources),
        security=own_security(workload.security)
        if init.security is None
        else container_security(init.security, workload.security),
        reasons=reasons(security),
        mounts=[*pod.mounts(name, {**own_mounts(workload), **init.mounts}), *files],
    )


def _over(below: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of the workload, then those of the container, which win."""
    return {**{name: value for name, value in below.items() if name not in over}, **over}


def _foreign_init(pod: _Pod, name: str, init: InitContainer, image: ImageRef) -> dict[str, Any]:
    security = init.security or ContainerSecurity()
    return _container(
        name,
        image,
        command=init.command,
        args=init.args,
        env_from=env_from(pod.platform, init.settings),
        env=env(init.env),
        resources=resource_amounts(init.resources or pod.workload.resources),
        security=container_security(security, pod.workload.security),
        reasons=reasons(security),
        mounts=pod.mounts(name, init.mounts),
    )


def _waits(pod: _Pod) -> Iterator[dict[str, Any]]:
    wait = pod.workload.wait_for
    for service in wait.services if wait is not None else ():
        address = _address(pod.platform, service)
        if wait is not None and address is not None:
            yield _container(
                f"wait-for-{service}",
                wait.image,
                command=["sh", "-c", _WAIT_SCRIPT, "wait", address[0], str(address[1])],
                resources=resource_amounts(wait.resources),
                security=container_security(ContainerSecurity(), pod.workload.security),
            )


def _address(platform: ResolvedPlatform, service: str) -> tuple[str, int] | None:
    """Host and port of a data service or workload; None for what has none (the checks say so)."""
    datastore = platform.spec.datastores.get(service)
    if datastore is not None:
        return host(service, datastore.type), datastore.ports.client
    workload = platform.spec.workloads.get(service)
    if isinstance(workload, Served):
        ports = workload.main_ports
        return (service, next(iter(ports.values()))) if ports else None
    return None


def _ports(ports: Mapping[str, int | Port]) -> list[dict[str, Any]]:
    """The ports of a container; all say their protocol as soon as one is not TCP."""
    listens = {name: as_port(port) for name, port in ports.items()}
    all_tcp = all(port.protocol == "TCP" for port in listens.values())
    return [
        {
            "name": name,
            "containerPort": port.port,
            **present(hostPort=port.host_port),
            **({} if all_tcp else {"protocol": port.protocol}),
        }
        for name, port in listens.items()
    ]


def _container(name: str, image: ImageRef, **given: Any) -> dict[str, Any]:
    """A container for the template, with what is not given left empty."""
    empty: dict[str, Any] = {
        "restarts": False,
        "command": None,
        "args": None,
        "ports": [],
        "env_from": [],
        "env": [],
        "probes": {},
        "lifecycle": None,
        "reasons": [],
        "mounts": [],
    }
    return {**empty, "name": name, "image": image.reference, "pull_policy": image.pull_policy, **given}
