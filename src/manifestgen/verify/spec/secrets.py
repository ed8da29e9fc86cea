"""Secrets: none is written in the spec, none hides behind a setting of the same name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from manifestgen.errors import Finding
from manifestgen.resolve import ResolvedPlatform
from manifestgen.spec.settings import SecretRef, SettingsGroup
from manifestgen.verify.spec.finding import finding

_SECRET_KEY: Final = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|SECRET_KEY|ACCESS_KEY|CREDENTIALS)$",
    re.IGNORECASE,
)
_SECRET_VALUE: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\bAKIA[0-9A-Z]{16}\b"  # AWS access key id
    r"|\bgh[pousr]_[A-Za-z0-9]{36}\b"  # GitHub token
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"  # Slack token
    r"|://[^/\s:@]+:[^/\s@]+@"  # user and password in a URL
)


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Settings of all sets and workloads."""
    spec = platform.spec
    for section, things in (("settings", spec.settings), ("workloads", spec.workloads)):
        for name, thing in things.items():
            yield from _literals(platform, (section, name, "config"), thing.config)
            yield from _clashes(platform, (section, name), thing.config, thing.secrets)
            if thing.secrets and spec.vault is None:
                message = "there are secrets but nowhere to read them from"
                yield finding(
                    platform,
                    (section, name, "secrets"),
                    "vault-missing",
                    message,
                    "add `vault:`",
                    on_key=True,
                )


def _literals(
    platform: ResolvedPlatform, path: tuple[str, ...], config: Mapping[str, SettingsGroup]
) -> Iterator[Finding]:
    for group, settings in config.items():
        for key, value in settings.values.items():
            if (_SECRET_KEY.search(key) and isinstance(value, str) and value) or _SECRET_VALUE.search(
                str(value)
            ):
                message = f"{key} looks like a secret that is written out"
                advice = f"move it to Vault and write it under `secrets:` as {key}: {{vault: path#key}}"
                yield finding(platform, (*path, group, "values", key), "secret-literal", message, advice)


def _clashes(
    platform: ResolvedPlatform,
    path: tuple[str, ...],
    config: Mapping[str, SettingsGroup],
    secrets: Mapping[str, SecretRef],
) -> Iterator[Finding]:
    seen: dict[str, str] = dict.fromkeys(secrets, "secrets")
    for group, settings in config.items():
        for key in settings.values:
            place = (*path, "config", group, "values", key)
            if key in seen:
                message = f"{key} is set in {seen[key]}, too"
                yield finding(platform, place, "setting-twice", message, "keep one of the two", on_key=True)
            seen[key] = f"group {group}"
