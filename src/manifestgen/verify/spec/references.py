"""References: everything that is named exists."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolve import ResolvedPlatform
from manifestgen.spec.datastores import Datastore, MinIO, PostgreSQL, RabbitMQ, Redis
from manifestgen.spec.workloads import Replicated, Web, Workload
from manifestgen.verify.spec.finding import Step, finding


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Settings, connections, waits, queues, routes and credentials name things that there are."""
    for name, workload in platform.spec.workloads.items():
        yield from _settings(platform, name, workload)
        yield from _connections(platform, name, workload)
        yield from _waits(platform, name, workload)
        yield from _queues(platform, name, workload)
    for name, route in platform.spec.routes.items():
        yield from _route(platform, name, route.workload)
    for name, datastore in platform.spec.datastores.items():
        yield from _credentials(platform, name, datastore)


def _unknown(
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
        elif other is not None and not other.ports:
            message = f"{target!r} has no ports to connect to"
            yield finding(
                platform, path, "connection-no-port", message, f"give workloads.{target} its `ports`"
            )


def _waits(platform: ResolvedPlatform, name: str, workload: Workload) -> Iterator[Finding]:
    waits = workload.wait_for.services if workload.wait_for is not None else []
    for index, target in enumerate(waits):
        path = ("workloads", name, "waitFor", "services", index)
        if target not in workload.connects:
            message = f"it waits for {target!r} but does not connect to it: the network policy would keep it waiting"
            yield finding(platform, path, "wait-not-connected", message, f"add {target!r} to `connects`")
        elif target not in platform.spec.datastores and not isinstance(
            platform.spec.workloads.get(target), Web
        ):
            message = f"{target!r} has no Service to wait for"
            yield finding(
                platform, path, "wait-no-service", message, "wait for data services and web workloads"
            )


def _queues(platform: ResolvedPlatform, name: str, workload: Workload) -> Iterator[Finding]:
    scaling = workload.autoscaling if isinstance(workload, Replicated) else None
    servers = [key for key, store in platform.spec.datastores.items() if isinstance(store, RabbitMQ)]
    for key, trigger in scaling.queues.items() if scaling else ():
        if trigger.datastore not in servers:
            path = ("workloads", name, "autoscaling", "queues", key, "datastore")
            yield _unknown(
                platform, path, "queue-datastore", "RabbitMQ data service", trigger.datastore, servers
            )


def _route(platform: ResolvedPlatform, name: str, workload: str) -> Iterator[Finding]:
    known = [key for key, found in platform.spec.workloads.items() if isinstance(found, Web)]
    if workload not in known:
        path = ("routes", name, "workload")
        yield _unknown(platform, path, "route-workload", "workload of type web", workload, known)


def _credentials(platform: ResolvedPlatform, name: str, datastore: Datastore) -> Iterator[Finding]:
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
        if key not in settings.secrets:
            what = f"secret in settings.{datastore.credentials}"
            yield _unknown(
                platform, ("datastores", name, field), "credentials-key", what, key, settings.secrets
            )


def _keys(datastore: Datastore) -> Iterator[tuple[str, str]]:
    """The fields of a data service that name a key of its credentials."""
    match datastore:
        case PostgreSQL():
            yield "passwordKey", datastore.password_key
            yield "adminPasswordKey", datastore.admin_password_key
            yield "replicationPasswordKey", datastore.replication_password_key
        case Redis():
            yield "passwordKey", datastore.password_key
        case RabbitMQ():
            yield "passwordKey", datastore.password_key
            yield "erlangCookieKey", datastore.erlang_cookie_key
            yield "urlKey", datastore.url_key
        case MinIO():
            yield "userKey", datastore.user_key
            yield "passwordKey", datastore.password_key
