"""Lines of shell that stand before the commands of a runbook: names, passwords and ways to what they talk to."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from manifestgen.facts import conventions as names
from manifestgen.facts import services
from manifestgen.monitoring.gateways import gateway_of, pods_of
from manifestgen.monitoring.jobs import jobs_of, namespace_of
from manifestgen.monitoring.subjects import JOB_OF_PRESET
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import (
    Datastore,
    ExternalStore,
    MinIO,
    PostgreSQL,
    PostgreSQLCluster,
    RabbitMQ,
    RabbitMQCluster,
    Redis,
    VaultStore,
)

Platforms = Mapping[str, ResolvedPlatform]

_IN_CLUSTER: Final = re.compile(r"(?P<service>[a-z0-9-]+)\.(?P<namespace>[a-z0-9-]+)\.svc(\.cluster\.local)?")
_FIRST_POD: Final = (
    'POD="$(kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME"'
    ' --output name | head -n 1)"'
)


def preamble(
    commands: str, platforms: Platforms, components: Sequence[str], preset: str | None
) -> Iterator[str]:
    """What has to be known before ``commands``: only what they use.

    ``platforms`` are those of the environments that have the alert, ``components`` what it is about there.
    """
    here = _where_it_runs(components[0], platforms)
    some = next(iter(here.values()))
    store = some.spec.datastores.get(components[0])
    reached = list(reach(components[0], store)) if store is not None else []
    whole = "\n".join([commands, *reached])
    if "$NS" in whole:
        yield from _namespaces(components[0], here, platforms)
    if "$NAME" in whole:
        yield from _named(_inside(components, platforms))
    if "$WITHIN" in whole:
        yield from _assigned(
            "WITHIN", {n: _within(one, preset, components[0]) for n, one in platforms.items()}
        )
    if "$PROXIES" in whole:
        yield from _assigned("PROXIES", {name: _proxies(one) for name, one in platforms.items()})
    if "$PROMETHEUS" in whole:
        yield from prometheus(some)
    if "$ALERTMANAGER" in whole:
        yield from _alertmanager(some)
    if re.search(r"^vault ", whole, re.MULTILINE):
        yield from _assigned("VAULT_ADDR", {name: _vault(one) for name, one in platforms.items()}, "export ")
    yield from reached


def _assigned(variable: str, values: Mapping[str, str], before: str = "") -> Iterator[str]:
    """The variable as most environments have it at the end of a file: the last one; others as comments."""
    if len(set(values.values())) == 1:
        yield f"{before}{variable}={shlex.quote(next(iter(values.values())))}"
        return
    *others, (last, value) = values.items()
    yield f"{before}{variable}={shlex.quote(value)}  # in {last}"
    for environment, other in others:
        yield f"# {before}{variable}={shlex.quote(other)}  # in {environment}"


def _namespaces(component: str, here: Platforms, everywhere: Platforms) -> Iterator[str]:
    yield from _assigned("NS", {name: namespace_of(one) for name, one in here.items()})
    elsewhere = [name for name in everywhere if name not in here]
    if elsewhere:
        yield f"# In {', '.join(elsewhere)} {component} is run by others: ask them."


def _where_it_runs(component: str, platforms: Platforms) -> Platforms:
    """The environments that run a data service themselves; all, if none does."""
    found = {
        name: one
        for name, one in platforms.items()
        if not isinstance(one.spec.datastores.get(component), ExternalStore)
    }
    return found or platforms


def _inside(components: Sequence[str], platforms: Platforms) -> Sequence[str]:
    """The components that have pods anywhere; all, if none has."""
    outside = {
        name
        for name in components
        if all(isinstance(one.spec.datastores.get(name), ExternalStore) for one in platforms.values())
    }
    return [name for name in components if name not in outside] or components


def _named(components: Sequence[str]) -> Iterator[str]:
    others = f"  # or {', '.join(components[1:])}: see the alert" if components[1:] else ""
    yield f"NAME={components[0]}{others}"


def _within(platform: ResolvedPlatform, preset: str | None, component: str) -> str:
    """The namespace of what runs beside the platform."""
    wanted = (component, JOB_OF_PRESET.get(preset or "", ""))
    found = (job.namespace for job in jobs_of(platform) if job.name in wanted and job.namespace)
    return next(found, platform.spec.cluster.monitoring_namespace)


def _proxies(platform: ResolvedPlatform) -> str:
    """What selects the pods of the Gateway."""
    gateway = gateway_of(platform)
    assert gateway is not None, "without one there is no such alert"
    _, labels = pods_of(platform, gateway, namespace_of(platform))
    return ",".join(f"{label}={value}" for label, value in labels.items())


def prometheus(platform: ResolvedPlatform) -> Iterator[str]:
    """How Prometheus is reached."""
    url = platform.spec.monitoring.prometheus_url or "http://prometheus:9090"
    yield from _forwarded("PROMETHEUS", url, 9090)


def _alertmanager(platform: ResolvedPlatform) -> Iterator[str]:
    service = platform.spec.monitoring.stack.alertmanager
    namespace = service.namespace or platform.spec.cluster.monitoring_namespace
    yield from _forwarded("ALERTMANAGER", f"http://{service.service}.{namespace}.svc:9093", 9093)


def _forwarded(variable: str, url: str, port: int) -> Iterator[str]:
    """An address in the cluster is reached through a tunnel, any other as it is."""
    address = urlsplit(url)
    inside = _IN_CLUSTER.fullmatch(address.hostname or "")
    if inside is None:
        yield f"{variable}={shlex.quote(url)}"
        return
    forward = f"kubectl --namespace {inside['namespace']} port-forward service/{inside['service']}"
    yield f"{forward} {port}:{address.port or 80} &"
    yield f"{variable}=http://127.0.0.1:{port}"


def _vault(platform: ResolvedPlatform) -> str:
    return next(one.server for one in platform.spec.stores.values() if isinstance(one, VaultStore))


def reach(name: str, store: Datastore) -> Iterator[str]:
    """How the client programs of a data service reach it."""
    match store:
        case ExternalStore():
            yield from _outside(name, store)
        case PostgreSQL() | PostgreSQLCluster():
            yield _tunnel(services.host(name, store.type), store.ports.client)
            admin = store.admin_password_key
            user, key = ("postgres", admin) if admin else (store.username, store.password_key)
            yield f"export PGHOST=127.0.0.1 PGUSER={shlex.quote(user)} PGDATABASE={shlex.quote(store.database)}"
            yield f"export PGPASSWORD={_password(store.credentials, key)}"
        case Redis():
            yield _FIRST_POD
            yield f'kubectl --namespace "$NS" port-forward "$POD" {store.ports.client} {store.ports.more[0]} &'
            yield f"export REDISCLI_AUTH={_password(store.credentials, store.password_key)}"
        case RabbitMQ() | RabbitMQCluster():
            yield _FIRST_POD
            yield 'in_pod() { kubectl --namespace "$NS" exec "$POD" -- "$@"; }'
        case MinIO():
            yield _tunnel(name, store.ports.client)
            yield (
                f"mc alias set store http://127.0.0.1:{store.ports.client}"
                f" {_password(store.credentials, store.user_key)}"
                f" {_password(store.credentials, store.password_key)}"
            )


def _outside(name: str, store: ExternalStore) -> Iterator[str]:
    """Somebody else runs it, and has given a user; the program is told where it is."""
    host, port = store.host or store.addresses[0], store.ports.client
    yield f"# {name} runs elsewhere: log in as those who run it have told you."
    match store.type:
        case "postgresql":
            yield f"export PGHOST={host} PGPORT={port}"
        case "redis":
            yield f'redis-cli() {{ command redis-cli -h {host} -p {port} "$@"; }}'


def _tunnel(service: str, port: int) -> str:
    return f'kubectl --namespace "$NS" port-forward service/{service} {port} &'


def _password(credentials: str, key: str) -> str:
    """A value of the Secret of some settings, in double quotes."""
    template = shlex.quote(f"{{{{index .data {json.dumps(key, ensure_ascii=False)} | base64decode}}}}")
    secret = names.secret(credentials)
    return f'"$(kubectl --namespace "$NS" get secret {secret} --output go-template={template})"'
