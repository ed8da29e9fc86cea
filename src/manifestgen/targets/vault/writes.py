"""What is written to Vault, by the path it is written to: roles, connections, keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from manifestgen.facts.services import host
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import (
    AwsEngine,
    Database,
    DatabaseEngine,
    DatabaseRole,
    ExternalPostgreSQL,
    PkiEngine,
    PkiRole,
    TransitEngine,
    VaultEngine,
)
from manifestgen.targets.vault.policies import Policy
from manifestgen.vault import names, reads
from manifestgen.vault.reads import SetUp

_KEDA: Final = "keda-operator"
"""The service account of KEDA, as its chart names it."""


class Write(NamedTuple):
    """Data for a path of Vault's API."""

    path: str
    data: dict[str, Any]


def of_engine(platform: ResolvedPlatform, found: SetUp, mount: str, engine: VaultEngine) -> Iterator[Write]:
    """What an engine is told, in this order."""
    match engine:
        case DatabaseEngine():
            yield from _database(platform, mount, engine)
        case PkiEngine():
            yield from _pki(found, mount, engine)
        case TransitEngine():
            yield from _transit(mount, engine)
        case AwsEngine():
            yield from _aws(mount, engine)


def _database(platform: ResolvedPlatform, mount: str, engine: DatabaseEngine) -> Iterator[Write]:
    yield _connection(platform, mount, engine)
    for name, role in engine.roles.items():
        yield Write(f"{mount}/roles/{name}", _database_role(platform, engine, role))


def _pki(found: SetUp, mount: str, engine: PkiEngine) -> Iterator[Write]:
    root = {"common_name": engine.common_name, "ttl": engine.ttl, "key_type": engine.key_type}
    url = f"{(engine.url or found.store.server).rstrip('/')}/v1/{mount}"
    urls = {"issuing_certificates": f"{url}/ca", "crl_distribution_points": f"{url}/crl"}
    yield Write(f"{mount}/config/urls", urls)  # first: the root has them in it
    yield Write(f"{mount}/root/generate/internal", root)
    for name, role in engine.roles.items():
        yield Write(f"{mount}/roles/{name}", _pki_role(engine, role))


def _transit(mount: str, engine: TransitEngine) -> Iterator[Write]:
    for name, key in engine.keys.items():
        yield Write(f"{mount}/keys/{name}", {"type": key.type})
        yield Write(f"{mount}/keys/{name}/config", {"auto_rotate_period": key.rotate or "0s"})  # 0s: never


def _aws(mount: str, engine: AwsEngine) -> Iterator[Write]:
    yield Write(f"{mount}/config/root", {"region": engine.region})
    for name, role in engine.roles.items():
        sts = {"default_sts_ttl": role.ttl, "max_sts_ttl": role.max_ttl}
        data = {"credential_type": "assumed_role", "role_arns": role.roles, **sts}
        yield Write(f"{mount}/roles/{name}", data)


def of_login(platform: ResolvedPlatform, found: SetUp, policies: Iterable[Policy]) -> Iterator[Write]:
    """How service accounts log in: the way itself, and a role for each policy that belongs to one."""
    store, login = found.store, found.setup.login
    below = f"auth/{store.auth_mount}"
    config = {"kubernetes_host": login.host, "disable_local_ca_jwt": not login.in_cluster}
    yield Write(f"{below}/config", config)
    known = {one.name for one in policies}
    here = platform.namespace or ""
    accounts = [(store.role, names.of(platform, found.name), found.name, here)]
    for role in reads.of_keda(platform, found.name):
        keda = platform.spec.cluster.keda_namespace
        accounts.append((role, names.of(platform, f"keda.{role}"), _KEDA, keda))
    accounts += [
        (names.of(platform, workload), names.of(platform, workload), workload, here)
        for workload in platform.spec.workloads
    ]
    for role, policy, account, namespace in accounts:
        if policy in known:
            yield Write(
                f"{below}/role/{role}",
                {
                    "bound_service_account_names": [account],
                    "bound_service_account_namespaces": [namespace],
                    **({"audience": login.audience} if login.audience is not None else {}),
                    "token_policies": [policy],
                    "token_ttl": login.ttl,
                    "token_max_ttl": login.max_ttl,
                },
            )


def _postgresql(platform: ResolvedPlatform, engine: DatabaseEngine) -> Database:
    store = platform.spec.datastores[engine.datastore]
    assert isinstance(store, Database)  # or the checks had a finding
    return store


def _connection(platform: ResolvedPlatform, mount: str, engine: DatabaseEngine) -> Write:
    store = _postgresql(platform, engine)
    own = store.host if isinstance(store, ExternalPostgreSQL) else None
    # Vault runs in another namespace, where the short name of the Service says nothing.
    service = f"{host(engine.datastore, store.type)}.{platform.namespace}.svc.cluster.local"
    address = f"{engine.host or own or service}:{engine.port or store.ports.client}"
    database = quote(store.database, safe="")
    url = f"postgresql://{{{{username}}}}:{{{{password}}}}@{address}/{database}?sslmode={engine.ssl_mode}"
    return Write(
        f"{mount}/config/{engine.datastore}",
        {
            "plugin_name": "postgresql-database-plugin",
            "connection_url": url,
            "username": engine.username,
            "allowed_roles": list(engine.roles),
        },
    )


def _database_role(platform: ResolvedPlatform, engine: DatabaseEngine, role: DatabaseRole) -> dict[str, Any]:
    database = _postgresql(platform, engine).database
    return {
        "db_name": engine.datastore,
        "creation_statements": role.creation or list(_creation(database, role)),
        **({"revocation_statements": role.revocation} if role.revocation else {}),
        "default_ttl": role.ttl,
        "max_ttl": role.max_ttl,
    }


def _creation(database: str, role: DatabaseRole) -> Iterator[str]:
    user, rights = '"{{name}}"', "SELECT" if role.access == "read" else "SELECT, INSERT, UPDATE, DELETE"
    yield f"CREATE ROLE {user} WITH LOGIN PASSWORD '{{{{password}}}}' VALID UNTIL '{{{{expiration}}}}'"
    yield f"GRANT CONNECT ON DATABASE {_identifier(database)} TO {user}"
    for schema in map(_identifier, role.schemas):
        yield f"GRANT USAGE ON SCHEMA {schema} TO {user}"
        yield f"GRANT {rights} ON ALL TABLES IN SCHEMA {schema} TO {user}"
        if role.access == "write":
            yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {user}"


def _identifier(name: str) -> str:
    """A name in SQL, whatever is in it.

    Vault ends a statement at each semicolon and fills in what is in braces, also in the middle of a name:
    these are written by their numbers.
    """
    if not set(name) & set(";{}"):
        return '"' + name.replace('"', '""') + '"'
    numbered = "".join(f"\\{ord(one):04X}" if one in ';{}"\\' else one for one in name)
    return f'U&"{numbered}"'


def _pki_role(engine: PkiEngine, role: PkiRole) -> dict[str, Any]:
    return {
        "allowed_domains": role.domains,
        "allow_bare_domains": True,
        "allow_subdomains": role.subdomains,
        "allow_glob_domains": any("*" in domain for domain in role.domains),
        "key_type": engine.key_type,
        "ttl": role.ttl,
        "max_ttl": role.max_ttl,
    }
