"""The scripts that back databases up and restore them, with the settings of each backup beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from manifestgen.artifact import Artifact
from manifestgen.facts.conventions import secret
from manifestgen.facts.services import host
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving import ResolvedPlatform
from manifestgen.resolving.backups import (
    SCRIPTS,
    database_of,
    is_sound,
    login_of,
    prefix_of,
    secrets_of,
    settings_of,
)

TARGET: Final = "backup"
FOLDER: Final = "scripts/backup"
_PROGRAMS: Final = ("backup-database.sh", "restore-database.sh")


def render_backup(platforms: Mapping[str, ResolvedPlatform], renderer: Renderer) -> Iterator[Artifact]:
    """Both scripts, which all backups share, and for each environment the settings of its backups."""
    found = [
        (environment, name, platform)
        for environment, platform in platforms.items()
        for name in platform.spec.backups
        if is_sound(platform.spec, name)
    ]
    if not found:
        return
    for program in _PROGRAMS:
        text = renderer.render(f"backup/{program}.j2", {})
        yield Artifact(f"{FOLDER}/{program}", text, TARGET, executable=True)
    views = [_view(environment, name, platform) for environment, name, platform in found]
    for (environment, _, _), view in zip(found, views, strict=True):
        text = renderer.render("backup/settings.env.j2", view)
        yield Artifact(f"{FOLDER}/{view['file']}", text, TARGET, environment)
    shared = {"platform": found[0][2].name, "backups": views, "scripts": SCRIPTS}
    yield Artifact(f"{FOLDER}/README.md", renderer.render("backup/README.md.j2", shared), TARGET)


def _view(environment: str, name: str, platform: ResolvedPlatform) -> dict[str, Any]:
    backup = platform.spec.backups[name]
    store = database_of(platform.spec, name)
    login = login_of(backup, store)
    assert store is not None and store.credentials is not None and login is not None  # asked by `is_sound`
    groups = settings_of(platform.spec, environment, name).values()
    return {
        "name": name,
        "environment": environment,
        "platform": platform.name,
        "namespace": platform.namespace,
        "file": f"{environment}/{name}.env",
        "backup": backup,
        "database": store.database,
        "service": host(backup.datastore, store.type),
        "port": store.ports.client,
        "secret": secret(store.credentials),
        "key": login.password_key.replace(".", "\\."),  # kubectl takes a point for a step
        "place": f"s3://{backup.storage.bucket}/{prefix_of(platform.name, environment, name, backup)}",
        "secrets": ["PGPASSWORD", *dict(secrets_of(backup))],
        "groups": [(group.description, group.values.items()) for group in groups],
    }
