"""Configuration and secrets of the applications."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from manifestgen.spec.base import EnvVarName, Model, Name, SecretKey, Text, VaultRef

Setting = str | int | bool | float
"""A setting; numbers and booleans reach the container as text (`true`, `8000`)."""


class SecretRef(Model):
    """Where a secret comes from; its value is never in the spec."""

    vault: VaultRef
    """Place in Vault: `path#key`, the path below the mount of `vault.mount`."""


class SettingsGroup(Model):
    """Settings that belong together; the description becomes a comment above them."""

    description: Text | None = None
    """One line that says what these settings are about."""
    values: Annotated[dict[EnvVarName, Setting], Field(min_length=1)]
    """Environment variables and their values."""


class Settings(Model):
    """A set of settings and secrets that workloads share: a ConfigMap and a Secret."""

    config: dict[Name, SettingsGroup] = {}
    """Groups of plain settings."""
    secrets: dict[SecretKey, SecretRef] = {}
    """Keys of the Secret, which are environment variables too, and where their values come from."""


def as_environment_text(value: Setting) -> str:
    """``value`` as a container sees it: booleans in lower case, numbers as they are usually written."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
