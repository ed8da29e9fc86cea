"""Secrets: none is written in the spec."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from manifestgen.errors import Finding
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.spec.finding import Step, finding
from manifestgen.yamlio.nodes import Node

_SETTING: Final = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASS|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|SECRET_KEY|ACCESS_KEY"
    r"|CREDENTIALS)$",
    re.IGNORECASE,
)
_CHART_VALUE: Final = re.compile(
    r"(?!existing).*(?:password|passphrase|token|secretkey|privatekey|accesskey)$"
)
_VALUE: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\bAKIA[0-9A-Z]{16}\b"  # AWS access key id
    r"|\bgh[pousr]_[A-Za-z0-9]{36}\b"  # GitHub token
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"  # Slack token
    r"|://[^/\s:@]+:[^/\s@]+@"  # user and password in a URL
)


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Every text of the spec, by its key and by its looks; and a Vault for the secrets that there are."""
    spec = platform.spec
    yield from _literals(platform, platform.node, ())
    for section, things in (("settings", spec.settings), ("workloads", spec.workloads)):
        for name, thing in things.items():
            if thing.secrets and spec.vault is None:
                path = (section, name, "secrets")
                message = "there are secrets but nowhere to read them from"
                advice = "add `vault: {server: …, mount: …, role: …}`"
                yield finding(platform, path, "vault-missing", message, advice, on_key=True)


def _literals(platform: ResolvedPlatform, node: Node, path: tuple[Step, ...]) -> Iterator[Finding]:
    value = node.value
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _literals(platform, below, (*path, key))
    elif isinstance(value, tuple):
        for index, below in enumerate(value):
            yield from _literals(platform, below, (*path, index))
    elif isinstance(value, str) and value and (_names_a_secret(path) or _VALUE.search(value)):
        message = "this looks like a secret that is written out"
        yield finding(platform, path, "secret-literal", message, _advice(path))


def _is_setting(path: tuple[Step, ...]) -> bool:
    """``settings.<set>.config.<group>.values.<key>``, and the same of workloads."""
    return len(path) == 6 and path[0] in ("settings", "workloads") and path[2] == "config"


def _names_a_secret(path: tuple[Step, ...]) -> bool:
    key = str(path[-1])
    if _is_setting(path):
        return _SETTING.search(key) is not None
    is_chart_value = len(path) > 3 and path[0] == "datastores" and path[2] == "values"
    return is_chart_value and _CHART_VALUE.match(key.lower()) is not None


def _advice(path: tuple[Step, ...]) -> str:
    if _is_setting(path):
        return f"keep it in Vault, and write under `secrets:` {path[-1]}: {{vault: path#key}}"
    return "keep it in Vault, and out of the spec"
