"""Checks of how Vault is set up: what it names is there, and means one thing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import DatabaseEngine, TransitEngine, VaultEngine
from manifestgen.vault import reads
from manifestgen.verify.spec.finding import Step, finding

_SECTION: Final = "vaultSetup"
_TAKEN: Final = ("auth", "cubbyhole", "identity", "sys")
"""What Vault itself mounts."""


def check_vault(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Findings on the set-up of Vault in one environment."""
    found = reads.set_up(platform)
    if found is None:
        yield from _store(platform)
        return
    yield from _version(platform, found)
    yield from _paths(platform, found)
    yield from _mounts(platform, found)
    yield from _roles(platform, found)
    yield from _databases(platform, found)
    yield from _access(platform, found)
    yield from _seeds(platform, found)


def gives(engine: VaultEngine) -> Collection[str]:
    """What workloads may be given of an engine, by its names."""
    return engine.keys if isinstance(engine, TransitEngine) else engine.roles


def _store(platform: ResolvedPlatform) -> Iterator[Finding]:
    setup = platform.spec.vault_setup
    if setup is None:
        return
    known = reads.candidates(platform)
    if not known:
        message, advice = (
            "there is no store of type vault to set up",
            "add `vault: {server: …, mount: …, role: …}`",
        )
    elif setup.store is None:
        message, advice = f"{' and '.join(known)} could be meant", f"add `store: {next(iter(known))}`"
    else:
        message, advice = f"there is no store {setup.store!r} of type vault", nearest_hint(setup.store, known)
    path: tuple[Step, ...] = (_SECTION, "store") if setup.store is not None else (_SECTION,)
    yield finding(platform, path, "vault-store", message, advice, on_key=setup.store is None)


def _version(platform: ResolvedPlatform, found: reads.SetUp) -> Iterator[Finding]:
    if found.store.version != "v2":
        short = platform.spec.vault is not None and found.name == "vault"
        path = ("vault", "version") if short else ("secretStores", found.name, "version")
        message = "only version 2 of the KV engine is set up"
        yield finding(platform, path, "vault-version", message, "set version: v2, or remove vaultSetup")


def _paths(platform: ResolvedPlatform, found: reads.SetUp) -> Iterator[Finding]:
    """In the path of a policy, a part that is a plus stands for any."""
    for section in ("settings", "workloads"):
        for name, one in getattr(platform.spec, section).items():
            for field in ("secrets", "secrets_from"):
                for key, reference in getattr(one, field, {}).items():
                    if [*platform.spec.stores_for(reference)] != [found.name]:
                        continue
                    path, _ = reference.place
                    if "+" in path.split("/"):
                        place = (section, name, "secrets" if field == "secrets" else "secretsFrom", key)
                        message = (
                            f"a policy for {path!r} would be one for more: `+` stands for any name there"
                        )
                        yield finding(
                            platform, place, "vault-path", message, "rename the secret", on_key=True
                        )


def _mounts(platform: ResolvedPlatform, found: reads.SetUp) -> Iterator[Finding]:
    mount = found.store.mount
    for name in found.setup.engines:
        path = (_SECTION, "engines", name)
        if name in _TAKEN:
            message = f"{name!r} is mounted by Vault itself"
            yield finding(platform, path, "vault-mount", message, "choose another name", on_key=True)
        elif name == mount or mount.startswith(f"{name}/"):
            message = f"the KV engine of the store is mounted at {mount!r}"
            yield finding(platform, path, "vault-mount", message, "choose another name", on_key=True)


def _roles(platform: ResolvedPlatform, found: reads.SetUp) -> Iterator[Finding]:
    if found.store.role in reads.of_keda(platform, found.name):
        message = (
            f"KEDA logs in with the role {found.store.role!r}, too, and would read all that is read here"
        )
        path = ("vault", "role")
        yield finding(platform, path, "vault-role", message, "give each of them a role of its own")


def _databases(platform: ResolvedPlatform, found: reads.SetUp) -> Iterator[Finding]:
    known = [name for name, one in platform.spec.datastores.items() if one.type == "postgresql"]
    for name, engine in found.setup.engines.items():
        if isinstance(engine, DatabaseEngine) and engine.datastore not in known:
            path = (_SECTION, "engines", name, "datastore")
            message = f"there is no PostgreSQL {engine.datastore!r}"
            yield finding(platform, path, "vault-datastore", message, nearest_hint(engine.datastore, known))


def _access(platform: ResolvedPlatform, found: reads.SetUp) -> Iterator[Finding]:
    engines = found.setup.engines
    for workload, wanted in found.setup.access.items():
        path: tuple[Step, ...] = (_SECTION, "access", workload)
        if workload not in platform.spec.workloads:
            message, hint = (
                f"there is no workload {workload!r}",
                nearest_hint(workload, platform.spec.workloads),
            )
            yield finding(platform, path, "vault-workload", message, hint, on_key=True)
        for name, given in wanted.items():
            if name not in engines:
                message, hint = f"there is no engine {name!r}", nearest_hint(name, engines)
                yield finding(platform, (*path, name), "vault-engine", message, hint, on_key=True)
                continue
            for index, one in enumerate(given):
                if one not in gives(engines[name]):
                    what = _word(engines[name])
                    message = f"the engine {name!r} has no {what} {one!r}"
                    hint = nearest_hint(one, gives(engines[name]))
                    yield finding(platform, (*path, name, index), "vault-engine", message, hint)


def _word(engine: VaultEngine) -> str:
    return "key" if isinstance(engine, TransitEngine) else "role"


def _seeds(platform: ResolvedPlatform, found: reads.SetUp) -> Iterator[Finding]:
    used = {*reads.of_spec(platform, found.name), *reads.of_own(platform, found.name)}
    used.update(*reads.of_keda(platform, found.name).values())
    known = [f"{one.path}#{one.key}" for one in used if one.key is not None]
    for place in found.setup.seeds:
        path, _, key = place.partition("#")
        if reads.Read(path, key) not in used and reads.Read(path, None) not in used:
            message = "no secret of the spec is read from there"
            at = (_SECTION, "seeds", place)
            yield finding(
                platform, at, "vault-seed", message, nearest_hint(place, sorted(known)), on_key=True
            )
