"""References: everything that is named exists."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from manifestgen.errors import Finding, Severity
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.base import camel_case
from manifestgen.spec.late import Datastore, QueueServer, TriggerBase
from manifestgen.spec.workloads import Scalable, Workload
from manifestgen.verify.spec.finding import Step, finding
from manifestgen.verify.spec.ports import served_ports
from manifestgen.verify.spec.variables import uses

_KEY_FIELDS: Final = (
    "user_key",
    "password_key",
    "admin_password_key",
    "replication_password_key",
    "erlang_cookie_key",
    "url_key",
)
"""Fields of data services that name a key of their credentials."""


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Settings, connections, callers, waits, queues and credentials name things that there are."""
    yield from _unused_settings(platform)
    for name, workload in platform.spec.workloads.items():
        yield from _settings(platform, name, workload)
        yield from _connections(platform, name, workload)
        yield from _callers(platform, name, workload)
        yield from _waits(platform, name, workload)
        yield from _queues(platform, name, workload)
    for name, datastore in platform.spec.datastores.items():
        yield from _credentials(platform, name, datastore)


def _unknown(  # noqa: PLR0913 - the fields of a finding
    platform: ResolvedPlatform,
    path: tuple[Step, ...],
    rule: str,
    what: str,
    name: str,
    known: Collection[str],
) -> Finding:
    return finding(platform, path, rule, f"there is no {what} {name!r}", nearest_hint(name, known))


def _settings(platform: ResolvedPlatform, name: str, workload: Workload) -> Iterator[Finding]:
    for index, used in enumerate(workload.settings):
        if used not in platform.spec.settings:
            path = ("workloads", name, "settings", index)
            yield _unknown(
                platform, path, "settings-unknown", "set of settings", used, platform.spec.settings
            )


def _unused_settings(platform: ResolvedPlatform) -> Iterator[Finding]:
    spec = platform.spec
    used = {name for workload in spec.workloads.values() for name in workload.settings}
    used |= {use.name for workload in spec.workloads.values() for use in uses(workload)}
    used |= {
        name
        for workload in spec.workloads.values()
        for other in workload.others.values()
        for name in other.settings
    }
    used |= {datastore.credentials for datastore in spec.datastores.values() if datastore.credentials}
    used |= {name for workload in spec.workloads.values() for name in _of_triggers(workload)}
    for name, settings in spec.settings.items():
        if name not in used and settings.external_secret.type == "Opaque":
            message = "no workload reads this set of settings, and no data service has its passwords here"
            advice = "name it under `settings:` of a workload, or remove it"
            found = finding(platform, ("settings", name), "settings-unused", message, advice, on_key=True)
            yield replace(found, severity=Severity.WARNING)


def _of_triggers(workload: Workload) -> Iterator[str]:
    """Sets of settings that KEDA logs in with."""
    scaling = workload.autoscaling if isinstance(workload, Scalable) else None
    for trigger in scaling.triggers.values() if scaling is not None else ():
        login = trigger.authentication if isinstance(trigger, TriggerBase) else None
        if login is not None and login.settings is not None:
            yield login.settings


def _connections(platform: ResolvedPlatform, name: str, workload: Workload) -> Iterator[Finding]:
    spec = platform.spec
    known = [*spec.workloads, *spec.datastores, *spec.externals]
    for index, target in enumerate(workload.connects):
        path = ("workloads", name, "connects", index)
        other = spec.workloads.get(target)
        if target not in known:
            yield _unknown(
                platform, path, "connection-unknown", "workload, data service or external", target, known
            )
        elif target == name:
            yield finding(platform, path, "connection-self", "it connects to itself", "remove it here")
        elif target in workload.connects[:index]:
            yield finding(platform, path, "connection-twice", f"{target!r} is listed twice", "remove one")
        elif other is not None and not other.listens:
            message = f"{target!r} has no ports to connect to"
            yield finding(
                platform, path, "connection-no-port", message, f"give workloads.{target} its `ports`"
            )
        elif target in spec.externals and not spec.externals[target].ports:
            message = f"{target!r} has no ports to connect to"
            yield finding(
                platform, path, "connection-no-port", message, f"give externals.{target} its `ports`"
            )


def _callers(platform: ResolvedPlatform, name: str, workload: Workload) -> Iterator[Finding]:
    externals = platform.spec.externals
    for caller, wanted in workload.callers.items():
        path = ("workloads", name, "callers", caller)
        if caller not in externals:
            message, hint = f"there is no external {caller!r}", nearest_hint(caller, externals)
            yield finding(platform, path, "caller-unknown", message, hint, on_key=True)
        for index, port in enumerate(wanted.ports):
            if port not in workload.listens:
                message = f"workloads.{name} has no port {port!r}"
                place = (*path, "ports", index)
                yield finding(platform, place, "caller-port", message, nearest_hint(port, workload.listens))
        if not wanted.ports and not workload.listens:
            message = f"workloads.{name} has no ports that could be called"
            yield finding(
                platform, path, "caller-port", message, "give it `ports`, or remove the caller", on_key=True
            )


def _waits(platform: ResolvedPlatform, name: str, workload: Workload) -> Iterator[Finding]:
    waits = workload.wait_for.services if workload.wait_for is not None else []
    for index, target in enumerate(waits):
        path = ("workloads", name, "waitFor", "services", index)
        if target not in workload.connects:
            message = f"the network policies keep it waiting: it does not connect to {target!r}"
            yield finding(platform, path, "wait-not-connected", message, f"add {target!r} to `connects`")
        elif target not in platform.spec.datastores and not _is_served(platform, target):
            message = f"{target!r} has no Service to wait for"
            yield finding(
                platform,
                path,
                "wait-no-service",
                message,
                "wait for data services and workloads of type web or stateful",
            )


def _is_served(platform: ResolvedPlatform, name: str) -> bool:
    workload = platform.spec.workloads.get(name)
    return workload is not None and bool(served_ports(workload))


def _queues(platform: ResolvedPlatform, name: str, workload: Workload) -> Iterator[Finding]:
    scaling = workload.autoscaling if isinstance(workload, Scalable) else None
    servers = [key for key, store in platform.spec.datastores.items() if isinstance(store, QueueServer)]
    for key, trigger in scaling.queues.items() if scaling else ():
        if trigger.datastore not in servers:
            path = ("workloads", name, "autoscaling", "queues", key, "datastore")
            yield _unknown(
                platform, path, "queue-datastore", "RabbitMQ data service", trigger.datastore, servers
            )


def _credentials(platform: ResolvedPlatform, name: str, datastore: Datastore) -> Iterator[Finding]:
    if datastore.credentials is None:
        return
    settings = platform.spec.settings.get(datastore.credentials)
    if settings is None:
        path = ("datastores", name, "credentials")
        yield _unknown(
            platform,
            path,
            "settings-unknown",
            "set of settings",
            datastore.credentials,
            platform.spec.settings,
        )
        return
    for field, key in _keys(datastore):
        if key not in settings.secrets and not settings.secrets_from:
            message = f"settings.{datastore.credentials} has no secret {key!r}"
            hint = nearest_hint(key, settings.secrets)
            yield finding(platform, ("datastores", name, field), "credentials-key", message, hint)


def _keys(datastore: Datastore) -> Iterator[tuple[str, str]]:
    """The fields of a data service that name a key of its credentials."""
    for field in _KEY_FIELDS:
        key = getattr(datastore, field, None)
        if key is not None:
            yield camel_case(field), key
