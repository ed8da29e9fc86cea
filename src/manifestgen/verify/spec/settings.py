"""Settings: each is said once, and reaches the container as it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from manifestgen.errors import Finding
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import EnvSource
from manifestgen.spec.settings import SecretRef, Setting, SettingsGroup, as_environment_text
from manifestgen.verify.spec.finding import finding


def check_base(base: ResolvedPlatform) -> Iterator[Finding]:
    """What is set twice before any environment says otherwise: the base is a file of its own."""
    for section, things in (("settings", base.spec.settings), ("workloads", base.spec.workloads)):
        for name, thing in things.items():
            yield from _clashes(base, (section, name), thing.config, thing.secrets)


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Settings of all sets and workloads."""
    spec = platform.spec
    for section, things in (("settings", spec.settings), ("workloads", spec.workloads)):
        for name, thing in things.items():
            yield from _clashes(platform, (section, name), thing.config, thing.secrets)
            for group, values in thing.config.items():
                place = (section, name, "config", group, "values")
                yield from _numbers(platform, place, values.values)
    for name, workload in spec.workloads.items():
        yield from _numbers(platform, ("workloads", name, "env"), workload.env)
        for step, other in workload.others.items():
            yield from _numbers(platform, ("workloads", name, *step, "env"), other.env)


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


def _numbers(
    platform: ResolvedPlatform, path: tuple[str, ...], values: Mapping[str, Setting | EnvSource]
) -> Iterator[Finding]:
    """A container sees text: a version such as 1.10 must not become 1.1 on the way."""
    for key, value in values.items():
        if isinstance(value, bool | str | EnvSource):
            continue
        place = (*path, key)
        written, seen = platform.node.at(place).text, as_environment_text(value)
        if written != seen:
            message = f"the container would see {seen}, not {written}"
            yield finding(platform, place, "setting-number", message, f'quote it: "{written}"')
