"""Names: what is missing, reserved or too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from manifestgen.errors import Finding
from manifestgen.facts import conventions
from manifestgen.facts.names import MAX_LABEL
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.workloads import Served
from manifestgen.verify.spec.finding import finding
from manifestgen.yamlio.nodes import dotted

_RESERVED: Final = {
    conventions.PLATFORM: "the objects of the whole platform",
    conventions.SECRET_STORE: "the SecretStore",
    "global": "Helm's global values",
}
_SECTIONS: Final = ("settings", "workloads", "datastores", "routes")


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """The namespace is there, and no name is reserved or becomes too long."""
    if platform.namespace is None:
        path = dotted(("environments", platform.environment or "", "namespace"))
        message = "there is no namespace to deploy to"
        yield Finding("namespace-missing", message, "add `namespace: …`", path, platform.place)
    for section in _SECTIONS:
        for name in getattr(platform.spec, section):
            meaning = _reserved(name)
            if meaning is not None:
                message = f"{name!r} is reserved for {meaning}"
                yield finding(
                    platform, (section, name), "name-reserved", message, "choose another name", on_key=True
                )
    yield from _lengths(platform)
    yield from _containers(platform)


def _reserved(name: str) -> str | None:
    """What a name is reserved for, None when it is free."""
    if name.startswith(conventions.THIS_NAMESPACE):
        return "what is called after the namespace"
    return _RESERVED.get(name)


def _containers(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Kubernetes refuses a pod with two containers of one name."""
    for name, workload in platform.spec.workloads.items():
        waits = workload.wait_for.services if workload.wait_for is not None else []
        taken = {name: "the workload's own container", **{f"wait-for-{s}": "waitFor" for s in waits}}
        for init in workload.init:
            if init in taken:
                message = f"a container of the pod is called {init!r} already, by {taken[init]}"
                path = ("workloads", name, "init", init)
                yield finding(platform, path, "container-clash", message, "choose another name", on_key=True)


def _lengths(platform: ResolvedPlatform) -> Iterator[Finding]:
    derived: list[tuple[tuple[str, ...], str]] = []
    for name, settings in platform.spec.settings.items():
        if settings.has_secret:
            derived.append((("settings", name), conventions.secret(name)))
    for name, workload in platform.spec.workloads.items():
        if workload.secrets:
            derived.append((("workloads", name), conventions.secret(name)))
        if isinstance(workload, Served):
            derived += [
                (("workloads", name, "services", key), conventions.service(name, key))
                for key in workload.services
            ]
    for path, made in derived:
        if len(made) > MAX_LABEL:
            message = f"it makes an object named {made}, of {len(made)} characters"
            yield finding(
                platform, path, "name-length", message, f"at most {MAX_LABEL} are allowed", on_key=True
            )
