"""Sets of settings and their keys, by everything in a pod that names them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import EnvSource, KeyFiles, KeysOfSet, Volume
from manifestgen.spec.settings import Setting, Settings
from manifestgen.spec.workloads import Workload
from manifestgen.verify.spec.finding import finding

Path = tuple[str, ...]


class Use(NamedTuple):
    """Something in a pod that names a set: where, what of it (``config`` or ``secrets``), and which keys.

    ``keys`` are the places of the keys; without, all keys are used. What is ``optional`` may be missing.
    """

    path: Path
    kind: str
    name: str
    keys: Mapping[str, Path]
    optional: bool


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Every set and key that a workload names is there, and every container whose amounts it reads."""
    for name, workload in platform.spec.workloads.items():
        place = ("workloads", name)
        for use in uses(workload):
            yield from _use(platform, place, use)
        for step, other in workload.others.items():
            yield from _sets(platform, name, (*place, *step, "settings"), other.settings)
        yield from _amounts(platform, name, workload)


def _use(platform: ResolvedPlatform, place: Path, use: Use) -> Iterator[Finding]:
    spec = platform.spec
    found = spec.settings.get(use.name) or spec.workloads.get(use.name)
    if found is None:
        message = f"there is no set of settings and no workload {use.name!r}"
        hint = nearest_hint(use.name, [*spec.settings, *spec.workloads])
        yield finding(platform, (*place, *use.path), "settings-unknown", message, hint)
        return
    if use.optional or (use.kind == "secrets" and isinstance(found, Settings) and found.secrets_from):
        return  # it may be missing, or the keys are known to the store alone
    known: Collection[str] = found.secrets
    if use.kind == "config":
        known = [key for group in found.config.values() for key in group.values]
    if not known:
        message = f"{use.name!r} has no {use.kind}"
        yield finding(platform, (*place, *use.path), "settings-unknown", message, "name another")
        return
    for key, path in use.keys.items():
        if key not in known:
            message = (
                f"the {use.kind} of {use.name!r} {'have' if use.kind == 'secrets' else 'has'} no {key!r}"
            )
            hint = nearest_hint(key, known)
            on_key = path[-1] == key
            yield finding(platform, (*place, *path), "settings-key", message, hint, on_key=on_key)


def _sets(platform: ResolvedPlatform, owner: str, path: Path, sets: list[str]) -> Iterator[Finding]:
    for index, used in enumerate(sets):
        if used not in platform.spec.settings and used != owner:
            message = f"there is no set of settings {used!r}"
            hint = nearest_hint(used, [*platform.spec.settings, owner])
            yield finding(platform, (*path, index), "settings-unknown", message, hint)


def uses(workload: Workload) -> Iterator[Use]:
    """Everything in the workload that names a set, but ``settings``."""
    yield from _of_env((), workload.env)
    for step, other in workload.others.items():
        yield from _of_env(step, other.env)
    for name, volume in workload.volumes.items():
        yield from _of_volume(("volumes", name), volume)


def _of_env(step: Path, env: Mapping[str, Setting | EnvSource]) -> Iterator[Use]:
    for variable, given in env.items():
        if not isinstance(given, EnvSource) or given.existing:
            continue
        path = (*step, "env", variable)
        keys = {given.key: (*path, "key")} if given.key is not None else {}
        if given.config is not None:
            yield Use((*path, "config"), "config", given.config, keys, given.optional)
        if given.secret is not None:
            yield Use((*path, "secret"), "secrets", given.secret, keys, given.optional)


def _of_volume(path: Path, volume: Volume) -> Iterator[Use]:
    if volume.config is not None:
        yield from _of_files((*path, "config"), "config", volume.config)
    if volume.secret is not None:
        yield from _of_files((*path, "secret"), "secrets", volume.secret)
    if volume.projected is not None:
        chosen: tuple[tuple[str, Mapping[str, KeysOfSet]], ...] = (
            ("config", volume.projected.config),
            ("secrets", volume.projected.secrets),
        )
        for kind, sets in chosen:
            for name, files in sets.items():
                place = (*path, "projected", kind, name)
                keys = {key: (*place, "keys", key) for key in files.keys}
                yield Use(place, kind, name, keys, files.optional)


def _of_files(path: Path, kind: str, files: KeyFiles) -> Iterator[Use]:
    if not files.existing:
        keys = {key: (*path, "keys", key) for key in files.keys}
        yield Use((*path, "name"), kind, files.name, keys, files.optional)


def _amounts(platform: ResolvedPlatform, name: str, workload: Workload) -> Iterator[Finding]:
    """Containers whose requests and limits are read."""
    known = [name, *(other for _, other in workload.others)]
    envs: dict[Path, Mapping[str, Setting | EnvSource]] = {(): workload.env}
    envs |= {step: other.env for step, other in workload.others.items()}
    for step, env in envs.items():
        for variable, given in env.items():
            if isinstance(given, EnvSource) and given.container is not None and given.container not in known:
                path = ("workloads", name, *step, "env", variable, "container")
                message = f"the pod has no container {given.container!r}"
                hint = nearest_hint(given.container, known)
                yield finding(platform, path, "container-unknown", message, hint)
