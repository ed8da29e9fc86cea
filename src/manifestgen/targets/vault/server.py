"""The configuration of the server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import (
    ConsulStorage,
    FileAudit,
    FileStorage,
    RaftStorage,
    S3Storage,
    SocketAudit,
    SyslogAudit,
    VaultServer,
)
from manifestgen.targets.monitoring.place import place
from manifestgen.vault.reads import SetUp

Value = str | bool | int


def context(platform: ResolvedPlatform, found: SetUp, server: VaultServer) -> dict[str, Any]:
    """What the template of the configuration states."""
    storage = server.storage
    raft = isinstance(storage, RaftStorage)
    return {
        "place": place(platform),
        "server": server,
        "listener": server.listener,
        "tls": server.listener.tls,
        "telemetry": server.telemetry,
        "seal": server.seal,
        "storage": storage,
        "storage_values": _aligned(dict(_storage_values(storage))),
        "peers": list(storage.servers.items()) if isinstance(storage, RaftStorage) else [],
        "raft": raft,
        "shared": server.is_shared,
        "cluster_name": f"{platform.name}-{platform.environment}",
        "api_address": server.api_address or found.store.server,
        # Raft wants one even of a server that has no others.
        "cluster_address": server.cluster_address
        or ("https://127.0.0.1:8201" if raft and not server.is_shared else None),
        "only_vault": _only_vault(server),
        "audit": [
            {"name": name, "type": one.type, "options": _aligned(options(one))}
            for name, one in found.setup.audit.items()
        ],
    }


def _aligned(values: Mapping[str, Value]) -> list[tuple[str, Value]]:
    """Keys of one width with their values, as people write them below each other."""
    width = max(map(len, values))
    return [(key.ljust(width), value) for key, value in values.items()]


def options(device: FileAudit | SyslogAudit | SocketAudit) -> dict[str, str]:
    """The options of an audit device, as Vault calls them."""
    match device:
        case FileAudit():
            return {"file_path": device.path}
        case SyslogAudit():
            return {"facility": device.facility, "tag": device.tag}
        case _:
            return {"address": device.address, "socket_type": device.socket_type}


def _storage_values(storage: Any) -> Iterator[tuple[str, Value]]:
    match storage:
        case RaftStorage() | FileStorage():
            yield "path", storage.path
        case ConsulStorage():
            yield from [("address", storage.address), ("scheme", storage.scheme), ("path", storage.path)]
        case S3Storage():
            yield from [("bucket", storage.bucket), ("region", storage.region)]
            optional = {
                "path": storage.path,
                "kms_key_id": storage.kms_key,
                "endpoint": storage.endpoint,
                "s3_force_path_style": True if storage.endpoint else None,
            }
            yield from ((key, value) for key, value in optional.items() if value is not None)


def _only_vault(server: VaultServer) -> str | None:
    """What OpenBao lacks of this, in a sentence."""
    storage = None if isinstance(server.storage, RaftStorage) else f"storage of type {server.storage.type}"
    seal = "auto-unseal by AWS KMS" if server.seal is not None else None
    lacking = " and ".join(filter(None, (storage, seal)))
    return f"For HashiCorp Vault: OpenBao has no {lacking.replace(' and ', ' and no ')}." if lacking else None
