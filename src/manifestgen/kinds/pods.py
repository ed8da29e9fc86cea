"""The pod of a workload: containers, volumes, security, spreading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.facts.checksum import config_checksum
from manifestgen.facts.services import PORTS, host
from manifestgen.kinds.settings import config_data
from manifestgen.kinds.views import Owner, present, seconds
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.containers import Amounts, Probe, Resources
from manifestgen.spec.settings import Settings
from manifestgen.spec.workloads import Scalable, Served, WorkloadBase

_WAIT_SCRIPT = 'until nc -z -w 2 "$1" "$2"; do echo "waiting for $1:$2"; sleep 2; done'
_ZONE, _NODE = "topology.kubernetes.io/zone", "kubernetes.io/hostname"


def pod_context(platform: ResolvedPlatform, owner: Owner, workload: WorkloadBase) -> dict[str, Any]:
    """What the template of a pod is given, as ``pod``."""
    return {
        "labels": owner.labels,
        "annotations": dict(_checksums(platform, owner, workload)),
        "account": owner.name,
        "mounts_token": workload.uses_kubernetes_api,
        "priority_class": workload.priority_class,
        "grace": seconds(workload.stop.period),
        "security": workload.security,
        "init_containers": [*_waits(platform, workload), *_inits(platform, owner, workload)],
        "container": _main(platform, owner, workload),
        "volumes": _volumes(workload),
        **_spreading(owner, workload),
    }


def _checksums(platform: ResolvedPlatform, owner: Owner, workload: WorkloadBase) -> Iterator[tuple[str, str]]:
    """Annotations that change with the settings, so that a new setting starts new pods."""
    configs = {name: platform.spec.settings[name].config for name in workload.settings}
    configs[owner.name] = workload.config
    for name, groups in configs.items():
        if groups:
            yield f"checksum/{names.config_map(name)}", config_checksum(config_data(groups))


def _env_from(platform: ResolvedPlatform, owner: Owner, workload: WorkloadBase) -> list[dict[str, Any]]:
    """Sources of the environment; Kubernetes lets the later ones win."""
    sources: list[dict[str, Any]] = []
    readers: dict[str, Settings | WorkloadBase] = {
        name: platform.spec.settings[name] for name in workload.settings
    }
    readers[owner.name] = workload
    for name, settings in readers.items():
        if settings.config:
            sources.append({"configMapRef": {"name": names.config_map(name)}})
        if settings.secrets or (isinstance(settings, Settings) and settings.has_secret):
            sources.append({"secretRef": {"name": names.secret(name)}})
    return sources


def _waits(platform: ResolvedPlatform, workload: WorkloadBase) -> Iterator[dict[str, Any]]:
    if workload.wait_for is None:
        return
    for service in workload.wait_for.services:
        address = _address(platform, service)
        if address is not None:
            yield _container(
                name=f"wait-for-{service}",
                image=workload.wait_for.image.reference,
                pull_policy=workload.wait_for.image.pull_policy,
                command=["sh", "-c", _WAIT_SCRIPT, "wait", address[0], str(address[1])],
                resources=resource_amounts(workload.wait_for.resources),
            )


def _address(platform: ResolvedPlatform, service: str) -> tuple[str, int] | None:
    """Host and port of a data service or workload; None for what has none (the checks say so)."""
    datastore = platform.spec.datastores.get(service)
    if datastore is not None:
        return host(service, datastore.type), PORTS[datastore.type].client
    workload = platform.spec.workloads.get(service)
    if isinstance(workload, Served):
        ports = workload.main_ports
        return (service, next(iter(ports.values()))) if ports else None
    return None


def _inits(platform: ResolvedPlatform, owner: Owner, workload: WorkloadBase) -> Iterator[dict[str, Any]]:
    for name, init in workload.init.items():
        yield _container(
            name=name,
            image=workload.image.reference,
            pull_policy=workload.image.pull_policy,
            command=init.command,
            env_from=_env_from(platform, owner, workload),
            resources=resource_amounts(init.resources or workload.resources),
            read_only=workload.security.read_only_root_filesystem,
            mounts=_mounts(workload),
        )


def _main(platform: ResolvedPlatform, owner: Owner, workload: WorkloadBase) -> dict[str, Any]:
    delay = workload.stop.delay
    return _container(
        name=owner.name,
        image=workload.image.reference,
        pull_policy=workload.image.pull_policy,
        command=workload.command,
        args=workload.args,
        ports=workload.ports,
        env_from=_env_from(platform, owner, workload),
        probes={f"{kind}Probe": _probe(probe) for kind, probe in workload.probes.by_kind().items()},
        lifecycle={"preStop": {"sleep": {"seconds": seconds(delay)}}} if delay else None,
        resources=resource_amounts(workload.resources),
        read_only=workload.security.read_only_root_filesystem,
        mounts=_mounts(workload),
    )


def _container(*, name: str, image: str, **given: Any) -> dict[str, Any]:
    """A container for the template, with what is not given left empty."""
    empty: dict[str, Any] = {
        "command": None,
        "args": None,
        "ports": {},
        "env_from": [],
        "probes": {},
        "lifecycle": None,
        "read_only": True,
        "mounts": [],
    }
    return {**empty, "name": name, "image": image, **given}


def _probe(probe: Probe) -> dict[str, Any]:
    way: dict[str, Any]
    if probe.http is not None:
        way = {"httpGet": {"path": probe.http.path, "port": probe.http.port}}
    elif probe.tcp is not None:
        way = {"tcpSocket": {"port": probe.tcp.port}}
    else:
        way = {"exec": {"command": probe.command}}
    return {
        **way,
        **present(initialDelaySeconds=seconds(probe.initial_delay) if probe.initial_delay else None),
        "periodSeconds": seconds(probe.period),
        "timeoutSeconds": seconds(probe.timeout),
        "failureThreshold": probe.failures,
    }


def resource_amounts(resources: Resources) -> dict[str, dict[str, str]]:
    """Requests and limits as Kubernetes writes them, without what is not given."""
    both = {"requests": _amounts(resources.requests), "limits": _amounts(resources.limits)}
    return {key: amounts for key, amounts in both.items() if amounts}


def _amounts(amounts: Amounts) -> dict[str, str]:
    return present(cpu=amounts.cpu, memory=amounts.memory) | (
        {"ephemeral-storage": amounts.ephemeral_storage} if amounts.ephemeral_storage else {}
    )


def _mounts(workload: WorkloadBase) -> list[dict[str, str]]:
    return [{"name": name, "mountPath": scratch.path} for name, scratch in workload.scratch.items()]


def _volumes(workload: WorkloadBase) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "emptyDir": {**({"medium": "Memory"} if scratch.memory else {}), "sizeLimit": scratch.size},
        }
        for name, scratch in workload.scratch.items()
    ]


def _spreading(owner: Owner, workload: WorkloadBase) -> dict[str, Any]:
    """Preferences, not rules: a full cluster still runs the pods."""
    spread = workload.spread if isinstance(workload, Scalable) else "none"
    keys = {"none": [], "nodes": [_NODE], "zones": [_ZONE, _NODE]}[spread]
    return {
        "apart_from": owner.selector if spread != "none" else None,
        "apart_key": _NODE,
        "spread_keys": keys,
        "spread_selector": owner.selector,
    }
