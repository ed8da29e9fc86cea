"""Names: what is missing, reserved or too long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from manifestgen.errors import Finding
from manifestgen.facts import conventions, services
from manifestgen.facts.names import MAX_LABEL
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import Charted, Operated
from manifestgen.spec.settings import Settings
from manifestgen.spec.workloads import Served, Web, Workload
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
    yield from _reserved_names(platform)
    yield from _lengths(platform)
    yield from _containers(platform)


def _reserved_names(platform: ResolvedPlatform) -> Iterator[Finding]:
    named = [(section, name) for section in _SECTIONS for name in getattr(platform.spec, section)]
    stores = (name for name in platform.spec.secret_stores if name != conventions.SECRET_STORE)
    for path in [*named, *(("secretStores", name) for name in stores)]:
        meaning = _reserved(path[1])
        if meaning is not None:
            message = f"{path[1]!r} is reserved for {meaning}"
            yield finding(platform, path, "name-reserved", message, "choose another name", on_key=True)


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
        for section, container in workload.others:
            if container in taken:
                message = f"a container of the pod is called {container!r} already, by {taken[container]}"
                path = ("workloads", name, section, container)
                yield finding(platform, path, "container-clash", message, "choose another name", on_key=True)
            taken.setdefault(container, section)


def _of_stores(platform: ResolvedPlatform) -> Iterator[tuple[tuple[str, ...], str]]:
    """The Services that clients connect to, which we make where no chart does."""
    for name, store in platform.spec.datastores.items():
        if not isinstance(store, Charted):
            yield ("datastores", name), services.host(name, store.type)


def _operated(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Operators make longer names of the name that they are given, and refuse what is too long for that."""
    for name, store in platform.spec.datastores.items():
        longest = services.LONGEST_OPERATED[store.type] if isinstance(store, Operated) else MAX_LABEL
        if len(name) > longest:
            message = (
                f"its operator takes names of at most {longest} characters, and this one has {len(name)}"
            )
            path = ("datastores", name)
            yield finding(platform, path, "name-length", message, "choose a shorter name", on_key=True)


def _lengths(platform: ResolvedPlatform) -> Iterator[Finding]:
    yield from _operated(platform)
    for path, made in (*_derived(platform), *_of_stores(platform)):
        if len(made) > MAX_LABEL:
            message = f"it makes an object named {made}, of {len(made)} characters"
            yield finding(
                platform, path, "name-length", message, f"at most {MAX_LABEL} are allowed", on_key=True
            )


def _derived(platform: ResolvedPlatform) -> Iterator[tuple[tuple[str, ...], str]]:
    """Names that are longer than the one they are made of, and where that stands."""
    sources: dict[str, Mapping[str, Settings | Workload]] = {
        "settings": platform.spec.settings,
        "workloads": platform.spec.workloads,
    }
    for section, things in sources.items():
        for name, thing in things.items():
            if thing.config:
                yield (section, name), conventions.config_map(name)
            if thing.secrets or (isinstance(thing, Settings) and thing.has_secret):
                yield (section, name), conventions.secret(name)
    for name, workload in platform.spec.workloads.items():
        if workload.files or any(other.files for other in workload.others.values()):
            yield ("workloads", name), conventions.files(name)
        services = workload.all_services if isinstance(workload, Served) else {}
        yield from (
            (("workloads", name, "services", key), conventions.service(name, key)) for key in services
        )
        if isinstance(workload, Web) and workload.is_progressive:
            yield ("workloads", name), conventions.new_version_service(name, workload.strategy)
