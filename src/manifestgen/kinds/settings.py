"""Objects of settings: a ConfigMap and an ExternalSecret for each set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from manifestgen.facts import conventions as names
from manifestgen.kinds.secrets import secret_view
from manifestgen.kinds.views import Owner, View, owner_of
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.settings import SettingsGroup, as_environment_text


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
        yield from secret_view(
            platform, owner, settings.secrets, settings.secrets_from, settings.external_secret
        )


def config_view(owner: Owner, groups: Mapping[str, SettingsGroup]) -> Iterator[View]:
    """The ConfigMap of ``groups``, if there are any."""
    if groups:
        grouped = [
            {"description": group.description, "values": config_data({name: group})}
            for name, group in groups.items()
        ]
        yield owner.view("config-map", names.config_map(owner.name), groups=grouped)
