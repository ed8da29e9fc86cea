"""Backups as what they are made of: a CronJob each, which is a workload like any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter

from manifestgen.facts import conventions as names
from manifestgen.facts.quantities import parse_duration
from manifestgen.facts.services import host
from manifestgen.resolving.merge import merge, with_member
from manifestgen.resolving.model import SECRETS_OF_BACKUPS
from manifestgen.spec.base import defaults_of
from manifestgen.spec.late import (
    Backup,
    Datastore,
    ExternalPostgreSQL,
    PostgreSQL,
    PostgreSQLCluster,
    known,
)
from manifestgen.spec.platform import Platform
from manifestgen.spec.settings import SecretRef, SettingsGroup
from manifestgen.spec.workloads import Workload
from manifestgen.yamlio.nodes import Node

SCRIPTS: Final = "/opt/backup"
"""Where the pod has the scripts."""
_WORK: Final = "/backup"
_TEXTFILES: Final = "/var/lib/node_exporter"
_ADMINISTRATOR: Final = "postgres"
_ENCRYPTED_HERE: Final = "client"


AnyPostgreSQL = PostgreSQL | PostgreSQLCluster | ExternalPostgreSQL


class Login(NamedTuple):
    """Who logs in to a database, and the key of the password in the credentials."""

    username: str
    password_key: str


def database_of(spec: Platform, name: str) -> AnyPostgreSQL | None:
    """The data service that a backup is of, if there is one and it is a PostgreSQL."""
    store = spec.datastores.get(spec.backups[name].datastore)
    return store if isinstance(store, (PostgreSQL, PostgreSQLCluster, ExternalPostgreSQL)) else None


def login_of(backup: Backup, store: Datastore | None) -> Login | None:
    """Who makes a backup: whom it names, else the administrator, else the owner; None if nobody is known."""
    if backup.username is not None and backup.password_key is not None:
        return Login(backup.username, backup.password_key)
    administrator = getattr(store, "admin_password_key", None)
    if administrator is not None:
        return Login(_ADMINISTRATOR, administrator)
    owner, key = getattr(store, "username", None), getattr(store, "password_key", None)
    return None if owner is None or key is None else Login(owner, key)


def prefix_of(platform: str, environment: str | None, name: str, backup: Backup) -> str:
    """What the keys of a backup's objects begin with; environments that share a bucket stay apart."""
    folders = backup.storage.prefix
    if folders is None:
        folders = f"{platform}/{environment}/" if environment is not None else f"{platform}/"
    return f"{folders}{name}/"


def settings_of(spec: Platform, environment: str | None, name: str) -> dict[str, SettingsGroup]:
    """What the scripts are told about a backup, in groups; its data service and login must be there."""
    backup = spec.backups[name]
    store = database_of(spec, name)
    login = login_of(backup, store)
    assert store is not None and login is not None  # asked by `is_sound`
    prefix = prefix_of(spec.metadata.name, environment, name, backup)
    groups = {
        "database": (f"The database of {backup.datastore}", dict(_database(backup, store, login))),
        "storage": ("Where backups are kept", dict(_storage(backup, prefix))),
        "retention": ("For how long", _retention(backup)),
        "reports": ("Who learns of it", dict(_reports(spec, environment, name))),
    }
    return {
        group: defaults_of(SettingsGroup, description=description, values=values)
        for group, (description, values) in groups.items()
    }


def _database(backup: Backup, store: AnyPostgreSQL, login: Login) -> Iterator[tuple[str, str]]:
    yield "PGHOST", _host(backup, store)
    yield "PGPORT", str(store.ports.client)
    yield "PGUSER", login.username
    yield "PGSSLMODE", backup.ssl_mode
    if backup.ssl_mode == "verify-full":
        yield "PGSSLROOTCERT", "system"
    yield "BACKUP_DATABASE", store.database
    yield "BACKUP_COMPRESSION", str(backup.compression)


def _host(backup: Backup, store: AnyPostgreSQL) -> str:
    """The Service; a certificate of somebody else's server names that server itself."""
    if backup.ssl_mode == "verify-full" and isinstance(store, ExternalPostgreSQL) and store.host:
        return store.host
    return host(backup.datastore, store.type)


def _storage(backup: Backup, prefix: str) -> Iterator[tuple[str, str]]:
    storage = backup.storage
    yield "BACKUP_BUCKET", storage.bucket
    yield "BACKUP_PREFIX", prefix
    yield "AWS_DEFAULT_REGION", storage.region
    if storage.endpoint is not None:
        yield "BACKUP_S3_ENDPOINT", storage.endpoint
    addressing = storage.addressing or ("path" if storage.endpoint is not None else None)
    if addressing is not None:
        yield "BACKUP_S3_ADDRESSING", addressing
    yield "BACKUP_STORAGE_CLASS", storage.storage_class
    yield "BACKUP_ENCRYPTION", storage.encryption
    if storage.kms_key is not None:
        yield "BACKUP_KMS_KEY", storage.kms_key


def _retention(backup: Backup) -> dict[str, str]:
    return {
        "BACKUP_RETENTION_SECONDS": str(round(parse_duration(backup.retention))),
        "BACKUP_KEEP_LAST": str(backup.keep_last),
    }


def _reports(spec: Platform, environment: str | None, name: str) -> Iterator[tuple[str, str]]:
    yield "BACKUP_NAME", name
    yield "BACKUP_ENVIRONMENT", environment or spec.metadata.name
    yield "BACKUP_NAMESPACE", spec.namespace or spec.metadata.name
    backup = spec.backups[name]
    if backup.metrics is not None and backup.metrics.pushgateway is not None:
        yield "BACKUP_PUSHGATEWAY", backup.metrics.pushgateway
    if backup.metrics is not None and backup.metrics.textfile is not None:
        yield "BACKUP_TEXTFILE_DIRECTORY", _TEXTFILES
    if backup.notify is not None:
        yield "BACKUP_NOTIFY", backup.notify.when
        mail = backup.notify.email
        if mail is not None:
            yield "BACKUP_SMTP_URL", mail.server
            yield "BACKUP_MAIL_FROM", mail.from_
            yield "BACKUP_MAIL_TO", " ".join(mail.to)
            if mail.username is not None:
                yield "BACKUP_SMTP_USER", mail.username


def is_sound(spec: Platform, name: str) -> bool:
    """Whether a backup can be made: of a PostgreSQL that there is, by somebody who has a password."""
    store = database_of(spec, name)
    login = login_of(spec.backups[name], store)
    settings = spec.settings.get(store.credentials or "") if store is not None else None
    if login is None or settings is None:
        return False
    return login.password_key in settings.secrets or bool(settings.secrets_from)


def workload_of(spec: Platform, environment: str | None, name: str) -> dict[str, Any]:
    """A backup as a workload of the spec is written."""
    backup = spec.backups[name]
    store = spec.datastores[backup.datastore]
    login = login_of(backup, store)
    assert login is not None
    groups = settings_of(spec, environment, name)
    groups["pod"] = defaults_of(
        SettingsGroup,
        description="Where the pod may write",
        values={"HOME": "/tmp", "TMPDIR": _WORK},
    )
    return {
        "type": "cronjob",
        "description": backup.description or f"Backups of {backup.datastore}",
        "image": _plain(backup.image),
        "command": [f"{SCRIPTS}/backup-database.sh"],
        "schedule": backup.schedule,
        **({"timeZone": backup.time_zone} if backup.time_zone is not None else {}),
        "suspend": backup.suspend,
        "startingDeadline": "1h",
        "activeDeadline": backup.time_limit,
        "backoffLimit": 1,
        "failedJobsHistoryLimit": 3,
        "env": {"PGPASSWORD": {"secret": store.credentials, "key": login.password_key}},
        "config": {group: _plain(settings) for group, settings in groups.items()},
        "secrets": {variable: _plain(secret) for variable, secret in secrets_of(backup)},
        "connects": list(dict.fromkeys([*backup.connects, backup.datastore])),
        "resources": _plain(backup.resources),
        "scratch": {
            "tmp": {"path": "/tmp", "size": "64Mi"},
            "backup": {"path": _WORK, "size": backup.workspace},
        },
        "volumes": _volumes(name, backup),
        "serviceAccount": {"identity": _plain(backup.identity)},
    }


def secrets_of(backup: Backup) -> Iterator[tuple[str, SecretRef]]:
    """The secrets of the scripts but the database's own, by the variables that bring them."""
    for variable, fields in SECRETS_OF_BACKUPS.items():
        found: Any = backup
        for field in fields:
            found = getattr(found, field) if found is not None else None
        if found is not None:
            yield variable, found


def _volumes(name: str, backup: Backup) -> dict[str, Any]:
    scripts = {"name": names.scripts(name), "existing": True, "mode": "0555"}
    volumes: dict[str, Any] = {"scripts": {"path": SCRIPTS, "readOnly": True, "config": scripts}}
    if backup.metrics is not None and backup.metrics.textfile is not None:
        reason = "node_exporter reads the figures of backups there"
        folder = {"path": backup.metrics.textfile, "type": "Directory", "reason": reason}
        volumes["figures"] = {"path": _TEXTFILES, "hostPath": folder}
    return volumes


def _plain(model: Any) -> Any:
    return model.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True) or (
        model.model_dump(mode="json", by_alias=True, exclude_none=True)
    )


def with_backups(
    spec: Platform, node: Node, environment: str | None, default: Node | None
) -> tuple[Platform, Node]:
    """A platform with the workloads that its backups are; findings on these name the backup's lines.

    ``default`` is what CronJobs start from. Raises pydantic's ValidationError where that does not fit.
    """
    adapter: TypeAdapter[Workload] = TypeAdapter(known(Workload))
    workloads = dict(spec.workloads)
    for name in spec.backups:
        if not is_sound(spec, name):
            continue  # the checks have a finding for it
        backup = node.at(("backups", name))
        written = _located(workload_of(spec, environment, name), backup)
        whole = written if default is None else merge(default, written)
        workloads[name] = adapter.validate_python(whole.plain(), by_alias=True, by_name=False)
        node = with_member(node, ("workloads", name), backup)
    fields: Mapping[str, Any] = {field: getattr(spec, field) for field in Platform.model_fields}
    return defaults_of(Platform, **{**fields, "workloads": workloads}), node


def _located(value: Any, place: Node) -> Node:
    """``value`` as if it were written where the backup is."""
    if isinstance(value, dict):
        members = {key: _located(item, place) for key, item in value.items()}
        return Node(members, place.location, place.key_location)
    if isinstance(value, list):
        return Node(tuple(_located(item, place) for item in value), place.location, place.key_location)
    return Node(value, place.location, place.key_location)
