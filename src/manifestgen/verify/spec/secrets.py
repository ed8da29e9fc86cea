"""Secrets: none is written in the spec."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.settings import SecretRef, SecretSource
from manifestgen.verify.spec.finding import Step, finding
from manifestgen.yamlio.nodes import Node

SETTING: Final = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASS|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|SECRET_KEY|ACCESS_KEY"
    r"|CREDENTIALS)$",
    re.IGNORECASE,
)
_CHART_VALUE: Final = re.compile(
    r"(?!existing).*(?:password|passphrase|token|secretkey|privatekey|accesskey)$"
)
VALUE: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\bAKIA[0-9A-Z]{16}\b"  # AWS access key id
    r"|\bgh[pousr]_[A-Za-z0-9]{36}\b"  # GitHub token
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"  # Slack token
    r"|://[^/\s:@]+:[^/\s@]+@"  # user and password in a URL
)


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Every text of the spec, by its key and by its looks; and a store for each secret that there is."""
    spec = platform.spec
    yield from _literals(platform, platform.node, ())
    for name, settings in spec.settings.items():
        yield from _stores(platform, ("settings", name, "secrets"), settings.secrets)
        yield from _stores(platform, ("settings", name, "secretsFrom"), settings.secrets_from)
    for name, workload in spec.workloads.items():
        yield from _stores(platform, ("workloads", name, "secrets"), workload.secrets)


def _stores(
    platform: ResolvedPlatform, path: tuple[Step, ...], references: Mapping[str, SecretRef | SecretSource]
) -> Iterator[Finding]:
    """Every secret is in one store; that there is no store at all is said once."""
    if references and not platform.spec.stores:
        message = "there are secrets but nowhere to read them from"
        advice = "add `secretStores: {main: {type: vault, server: …, mount: …, role: …}}`"
        yield finding(platform, path, "secret-store-missing", message, advice, on_key=True)
        return
    for key, reference in references.items():
        fitting = platform.spec.stores_for(reference)
        if len(fitting) != 1:
            yield _no_store(platform, (*path, key), reference, list(fitting))


def _no_store(
    platform: ResolvedPlatform,
    path: tuple[Step, ...],
    reference: SecretRef | SecretSource,
    fitting: list[str],
) -> Finding:
    stores = platform.spec.stores
    if fitting:
        message = f"it may be in {' or '.join(fitting)}"
        return finding(platform, path, "secret-store-ambiguous", message, f"add `store: {fitting[0]}`")
    if reference.store is None:
        message = f"there is no store of type {reference.provider}"
        known = ", ".join(f"{name} ({store.type})" for name, store in stores.items())
        advice = f"there are {known}; a store of type existing is named by `store:`"
        return finding(platform, (*path, reference.provider), "secret-store-missing", message, advice)
    if reference.store in stores:
        message = f"{reference.store} is a store of type {stores[reference.store].type}"
        advice = f"name a store of type {reference.provider}"
        return finding(platform, (*path, "store"), "secret-store-missing", message, advice)
    message = f"there is no store {reference.store!r}"
    hint = nearest_hint(reference.store, stores)
    return finding(platform, (*path, "store"), "secret-store-missing", message, hint)


def _literals(platform: ResolvedPlatform, node: Node, path: tuple[Step, ...]) -> Iterator[Finding]:
    value = node.value
    if isinstance(value, dict):
        for key, below in value.items():
            if path or key != "manifests":  # those are asked as objects, with those of files
                yield from _literals(platform, below, (*path, key))
    elif isinstance(value, tuple):
        for index, below in enumerate(value):
            yield from _literals(platform, below, (*path, index))
    elif isinstance(value, str) and value and (_names_a_secret(path) or VALUE.search(value)):
        message = "this looks like a secret that is written out"
        yield finding(platform, path, "secret-literal", message, _advice(path))


def _is_setting(path: tuple[Step, ...]) -> bool:
    """``settings.<set>.config.<group>.values.<key>``, the same of workloads, and variables of containers."""
    if len(path) == 6 and path[0] in ("settings", "workloads") and path[2] == "config":
        return True
    return path[0] == "workloads" and len(path) in (4, 6) and path[-2] == "env"


def _names_a_secret(path: tuple[Step, ...]) -> bool:
    key = str(path[-1])
    if _is_setting(path):
        return SETTING.search(key) is not None
    is_chart_value = len(path) > 3 and path[0] == "datastores" and path[2] == "values"
    is_parameter = len(path) == 7 and path[2:4] == ("autoscaling", "triggers") and path[5] == "metadata"
    return (is_chart_value or is_parameter) and _CHART_VALUE.match(key.lower()) is not None


def _advice(path: tuple[Step, ...]) -> str:
    if _is_setting(path):
        where = "`secrets:`" if path[-2] == "values" else "`secrets:` of the workload"
        return f"keep it in a store, and write under {where} {path[-1]}: {{vault: path#key}}"
    return "keep it in a store of secrets, and out of the spec"
