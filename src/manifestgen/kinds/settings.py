"""Objects of settings and secrets: ConfigMaps, ExternalSecrets, the SecretStore."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from manifestgen.facts import conventions as names
from manifestgen.kinds.views import Owner, View, owner_of
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.datastores import Vault
from manifestgen.spec.settings import SecretRef, SettingsGroup, as_environment_text


def config_data(groups: Mapping[str, SettingsGroup]) -> dict[str, str]:
    """The settings of all groups as a container sees them."""
    return {
        key: as_environment_text(value) for group in groups.values() for key, value in group.values.items()
    }


def settings_views(platform: ResolvedPlatform) -> Iterator[View]:
    """ConfigMap and ExternalSecret of each set of settings."""
    for name, settings in platform.spec.settings.items():
        owner = owner_of(platform, "settings", name)
        yield from config_view(owner, settings.config)
        yield from secret_view(owner, settings.secrets, platform.spec.vault)


def config_view(owner: Owner, groups: Mapping[str, SettingsGroup]) -> Iterator[View]:
    """The ConfigMap of ``groups``, if there are any."""
    if groups:
        grouped = [
            {"description": group.description, "values": config_data({name: group})}
            for name, group in groups.items()
        ]
        yield owner.view("config-map", names.config_map(owner.name), groups=grouped)


def secret_view(owner: Owner, secrets: Mapping[str, SecretRef], vault: Vault | None) -> Iterator[View]:
    """The ExternalSecret of ``secrets``, if there are any."""
    if secrets and vault is not None:
        name = names.secret(owner.name)
        references = {key: reference.vault.split("#") for key, reference in secrets.items()}
        yield owner.view(
            "external-secret",
            name,
            refresh=vault.refresh,
            store=names.SECRET_STORE,
            target=name,
            references=references,
        )


def vault_views(platform: ResolvedPlatform) -> Iterator[View]:
    """The SecretStore and the service account it logs in with."""
    vault = platform.spec.vault
    if vault is None:
        return
    owner = Owner(platform.name, names.SECRET_STORE, "secret-store", ("vault",))
    yield owner.view("service-account", annotations={})
    yield owner.view("secret-store", vault=vault, account=owner.name)
