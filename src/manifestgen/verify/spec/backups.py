"""Backups: of a database that there is, by somebody who may log in, to what the pod can reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import Backup
from manifestgen.verify.spec.finding import finding

_PORTS: Final = {"https": 443, "http": 80, "smtp": 25, "smtps": 465}


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Findings on all backups."""
    for name, backup in platform.spec.backups.items():
        store = platform.spec.datastores.get(backup.datastore)
        if store is None or store.type != "postgresql":
            yield _no_database(platform, name, backup)
            continue
        yield from _login(platform, name, backup)
        yield from _closed(platform, name, backup)


def _no_database(platform: ResolvedPlatform, name: str, backup: Backup) -> Finding:
    stores = platform.spec.datastores
    databases = [key for key, store in stores.items() if store.type == "postgresql"]
    message = f"there is no data service {backup.datastore!r}"
    if backup.datastore in stores:
        message = (
            f"{backup.datastore!r} is a {stores[backup.datastore].type}, and pg_dump reads PostgreSQL only"
        )
    hint = nearest_hint(backup.datastore, databases)
    return finding(platform, ("backups", name, "datastore"), "backup-datastore", message, hint)


def _login(platform: ResolvedPlatform, name: str, backup: Backup) -> Iterator[Finding]:
    from manifestgen.resolving.backups import login_of

    store = platform.spec.datastores[backup.datastore]
    login = login_of(backup, store)
    path: tuple[str, ...] = ("backups", name)
    if store.credentials is None:
        message = f"datastores.{backup.datastore} has no `credentials` that would hold a password"
        yield finding(platform, (*path, "datastore"), "backup-login", message, "give it the set of settings")
    elif login is None:
        message = f"nobody is known who may log in to {backup.datastore}, which runs elsewhere"
        yield finding(
            platform, (*path, "datastore"), "backup-login", message, "give `username` and `passwordKey`"
        )
    elif backup.password_key is not None:
        settings = platform.spec.settings.get(store.credentials)
        if settings is not None and login.password_key not in settings.secrets and not settings.secrets_from:
            message = f"settings.{store.credentials} has no secret {login.password_key!r}"
            hint = nearest_hint(login.password_key, settings.secrets)
            yield finding(platform, (*path, "passwordKey"), "credentials-key", message, hint)


def _closed(platform: ResolvedPlatform, name: str, backup: Backup) -> Iterator[Finding]:
    """What the pod talks to, and nothing that it connects to has the port of."""
    open_ports = [span for target in backup.connects for span in _spans(platform, target)]
    for place, what, port in _asked(backup):
        if not any(first <= port <= last for first, last in open_ports):
            message = f"network policies close port {port} of {what} to the pod"
            advice = "name the external that it is, or one with its network, under `connects` of the backup"
            yield finding(platform, ("backups", name, *place), "backup-network", message, advice)


def _asked(backup: Backup) -> Iterator[tuple[tuple[str, ...], str, int]]:
    """Where in a backup something is named that the pod talks to, what it is, and its port."""
    endpoint = backup.storage.endpoint
    yield ("storage", "bucket" if endpoint is None else "endpoint"), "S3", _port(endpoint)
    if backup.metrics is not None and backup.metrics.pushgateway is not None:
        yield ("metrics", "pushgateway"), "the Pushgateway", _port(backup.metrics.pushgateway)
    if backup.notify is not None and backup.notify.slack is not None:
        yield ("notify", "slack"), "Slack", _port(None)
    if backup.notify is not None and backup.notify.email is not None:
        yield ("notify", "email", "server"), "the mail server", _port(backup.notify.email.server)


def _port(address: str | None) -> int:
    if address is None:
        return _PORTS["https"]
    parts = urlsplit(address)
    return parts.port or _PORTS[parts.scheme]


def _spans(platform: ResolvedPlatform, target: str) -> Iterator[tuple[int, int]]:
    """The ports that a connection opens, as spans from the first to the last."""
    spec = platform.spec
    if target in spec.externals:
        for port in spec.externals[target].ports:
            if isinstance(port, int):
                yield port, port
            elif port.protocol == "TCP":
                yield port.port, port.end_port or port.port
    elif target in spec.datastores:
        ports = spec.datastores[target].ports
        yield from ((port, port) for port in (ports.client, *ports.more))
    elif target in spec.workloads:
        listens = spec.workloads[target].listens.values()
        yield from ((port.port, port.port) for port in listens)
