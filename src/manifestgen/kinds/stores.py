"""Objects of the data services that no chart runs: resources for an operator, or a way to somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, Final

from manifestgen.facts import conventions as names
from manifestgen.facts.cloudnativepg import RELOAD_LABEL
from manifestgen.facts.services import CLIENT_PORT_NAMES, PORTS, host, readers
from manifestgen.kinds.pods import resource_amounts
from manifestgen.kinds.secrets import PASSWORD, credential_view
from manifestgen.kinds.views import Owner, View, owner_of, present
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import ExternalStore, PostgreSQLCluster, RabbitMQCluster, Storage

_TOPOLOGY: Final = {"nodes": "kubernetes.io/hostname", "zones": "topology.kubernetes.io/zone"}
_SERVICE_NAME: Final = "kubernetes.io/service-name"
_SLICE_MANAGER: Final = "endpointslice.kubernetes.io/managed-by"


def datastore_views(platform: ResolvedPlatform) -> Iterator[View]:
    """The objects of all data services that are not dependencies of the chart."""
    for name, store in platform.spec.datastores.items():
        owner = owner_of(platform, "datastores", name)
        match store:
            case PostgreSQLCluster():
                yield from _postgresql_views(platform, owner, store)
            case RabbitMQCluster():
                yield from _rabbitmq_views(platform, owner, store)
            case ExternalStore():
                yield from _external_views(owner, store)
            case _:
                pass  # the chart makes them


def _postgresql_views(platform: ResolvedPlatform, owner: Owner, store: PostgreSQLCluster) -> Iterator[View]:
    users = {"owner": (store.username, store.password_key)}
    if store.admin_password_key is not None:
        users["superuser"] = ("postgres", store.admin_password_key)
    for role, (user, key) in users.items():
        form = {
            "type": "kubernetes.io/basic-auth",
            "labels": {RELOAD_LABEL: "true"},
            "data": {"username": user, "password": PASSWORD},
        }
        yield from credential_view(platform, owner, f"{owner.name}-{role}", key, form)
    yield owner.view(
        "cluster",
        description=store.description,
        instances=1 + store.read_replicas,
        image=store.image,
        image_name=_image_name(store),
        database=store.database,
        user=store.username,
        owner_secret=f"{owner.name}-owner",
        superuser_secret=f"{owner.name}-superuser" if "superuser" in users else None,
        libraries=["timescaledb"] if store.timescaledb else [],
        parameters={"max_connections": str(store.max_connections), **store.parameters},
        services={"rw": host(owner.name, store.type), "ro": readers(owner.name)},
        storage=_volume(store.storage),
        wal_storage=_volume(store.wal_storage),
        resources=resource_amounts(store.resources),
        affinity=_postgresql_affinity(store),
    )


def _image_name(store: PostgreSQLCluster) -> str | None:
    """The image with its tag, also beside a digest: the operator reads the version from there."""
    image = store.image
    if image is None:
        return None
    digest = f"@{image.digest}" if image.digest else ""
    return f"{image.repository}:{image.tag}{digest}"


def _postgresql_affinity(store: PostgreSQLCluster) -> dict[str, Any]:
    if store.spread == "none":
        return {"enablePodAntiAffinity": False}
    return {
        "enablePodAntiAffinity": True,
        "topologyKey": _TOPOLOGY[store.spread],
        "podAntiAffinityType": "preferred",
    }


def _volume(storage: Storage | None) -> dict[str, str]:
    return present(size=storage.size, storageClass=storage.storage_class) if storage is not None else {}


def _rabbitmq_views(platform: ResolvedPlatform, owner: Owner, store: RabbitMQCluster) -> Iterator[View]:
    secret = f"{owner.name}-user"
    # The keys of the Secret that the operator makes where none is given.
    data = {
        "default_user.conf": f"default_user = {store.username}\ndefault_pass = {PASSWORD}\n",
        "username": store.username,
        "password": PASSWORD,
        "host": host(owner.name, store.type),
        "port": str(PORTS[store.type].client),
        "provider": "rabbitmq",
        "type": "rabbitmq",
    }
    yield from credential_view(platform, owner, secret, store.password_key, {"type": "Opaque", "data": data})
    storage = store.storage
    yield owner.view(
        "rabbitmq-cluster",
        description=store.description,
        replicas=store.replicas,
        image=store.image.reference if store.image is not None else None,
        secret=secret,
        # Only three nodes and more have a minority to pause.
        partitions="pause_minority" if store.replicas >= 3 else "autoheal",
        storage="0" if storage.ephemeral else storage.size,
        storage_class=storage.storage_class,
        resources=resource_amounts(store.resources),
        affinity=_rabbitmq_affinity(owner, store),
    )


def _rabbitmq_affinity(owner: Owner, store: RabbitMQCluster) -> dict[str, Any]:
    if store.spread == "none":
        return {}
    term = {
        "labelSelector": {"matchLabels": {names.LABEL_NAME: owner.name}},
        "topologyKey": _TOPOLOGY[store.spread],
    }
    preferred = [{"weight": 100, "podAffinityTerm": term}]
    return {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}


def _external_views(owner: Owner, store: ExternalStore) -> Iterator[View]:
    name = host(owner.name, store.type)
    port = CLIENT_PORT_NAMES[store.type]
    families = sorted({f"IPv{ip_address(address).version}" for address in store.addresses})
    yield owner.view(
        "service",
        name,
        description=store.description,
        annotations={},
        headless=False,
        type="ClusterIP" if store.host is None else "ExternalName",
        external_name=store.host,
        ip_family_policy="SingleStack" if "IPv6" in families else None,
        ip_families=[family for family in families if family != "IPv4"],
        load_balancer_class=None,
        internal_traffic_policy=None,
        traffic_policy=None,
        traffic_distribution=None,
        allow_from=[],
        affinity=None,
        publish_not_ready=False,
        selector={},
        ports=[{"name": port, "port": store.ports.client}],
    )
    for family in families:
        yield owner.view(
            "endpoint-slice",
            name,
            labels={**owner.labels, _SERVICE_NAME: name, _SLICE_MANAGER: "manifestgen"},
            family=family,
            ports=[{"name": port, "protocol": "TCP", "port": store.ports.client}],
            endpoints=[{"addresses": [address]} for address in store.addresses],
        )
