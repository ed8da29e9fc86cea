"""What is used of Kubernetes is there in the version of the cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from manifestgen.errors import Finding
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.containers import Container
from manifestgen.spec.late import EnvSource
from manifestgen.spec.probes import Lifecycle
from manifestgen.spec.security import ContainerSecurity
from manifestgen.spec.settings import Setting
from manifestgen.spec.workloads import Workload
from manifestgen.verify.spec.finding import finding

Path = tuple[str, ...]


class Feature(NamedTuple):
    """Something of Kubernetes, and the minor version from which clusters have it without being asked."""

    since: int
    cannot: str
    advice: str


_SIDECARS: Final = Feature(29, "start sidecars", "make it one of `containers`")  # KEP-753
_SLEEP: Final = Feature(30, "delay a stop or start", "remove it, or let a command wait")  # KEP-3960
_APP_ARMOR: Final = Feature(30, "take a profile of AppArmor so", "remove it")  # KEP-24
_HOST_ADDRESSES: Final = Feature(29, "tell all addresses of a node", "use status.hostIP")  # KEP-2681


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """What each workload uses."""
    version = platform.spec.cluster.kubernetes_version
    minor = int(version.removeprefix("1."))
    for name, workload in platform.spec.workloads.items():
        for path, feature in _used(workload):
            if minor < feature.since:
                message = f"Kubernetes {version} cannot {feature.cannot}; 1.{feature.since} and later can"
                place = ("workloads", name, *path)
                yield finding(platform, place, "kubernetes-feature", message, feature.advice)


def _used(workload: Workload) -> Iterator[tuple[Path, Feature]]:
    if workload.stop.delay is not None:
        yield ("stop", "delay"), _SLEEP
    yield from ((("sidecars", name), _SIDECARS) for name in workload.sidecars)
    yield from _of_container((), workload.lifecycle, workload.security, workload.env)
    for place, other in workload.others.items():
        lifecycle = other.lifecycle if isinstance(other, Container) else Lifecycle()
        yield from _of_container(place, lifecycle, other.security, other.env)


def _of_container(
    path: Path,
    lifecycle: Lifecycle,
    security: ContainerSecurity | None,
    env: Mapping[str, Setting | EnvSource],
) -> Iterator[tuple[Path, Feature]]:
    for moment, hook in lifecycle.by_moment().items():
        if hook.sleep is not None:
            yield (*path, "lifecycle", moment, "sleep"), _SLEEP
    if security is not None and security.app_armor_profile is not None:
        yield (*path, "security", "appArmorProfile"), _APP_ARMOR
    for variable, given in env.items():
        if isinstance(given, EnvSource) and given.field == "status.hostIPs":
            yield (*path, "env", variable, "field"), _HOST_ADDRESSES
