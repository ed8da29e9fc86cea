"""The steps that vault-init.sh takes in each environment, as calls of its functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import DatabaseEngine, PkiEngine, TransitEngine, VaultEngine
from manifestgen.targets.vault.policies import Policy
from manifestgen.targets.vault.server import options
from manifestgen.targets.vault.writes import Write
from manifestgen.vault.reads import SetUp

Call = tuple[str, ...]


class Plan(NamedTuple):
    """What one environment gets."""

    found: SetUp
    policies: tuple[Policy, ...]
    administrator: Policy
    engines: Mapping[str, tuple[Write, ...]]
    login: tuple[Write, ...]

    @property
    def writes(self) -> tuple[Write, ...]:
        """Everything that is written, in order."""
        return (*(one for some in self.engines.values() for one in some), *self.login)


class Section(NamedTuple):
    """Calls that belong together, below what they are about."""

    about: str
    calls: tuple[Call, ...]


def context(platforms: Mapping[str, ResolvedPlatform], plans: Mapping[str, Plan]) -> dict[str, Any]:
    """What the template of the script states."""
    first = next(iter(platforms.values()))
    return {
        "platform": first.name,
        "environments": [_environment(platforms[name], plan) for name, plan in plans.items()],
    }


def _environment(platform: ResolvedPlatform, plan: Plan) -> dict[str, Any]:
    setup, store = plan.found.setup, plan.found.store
    automatic = setup.server is not None and setup.server.seal is not None
    return {
        "name": platform.environment,
        "function": str(platform.environment).replace("-", "_"),
        "server": store.server,
        "namespace": store.namespace or "",
        "seal": "auto" if automatic else "shamir",
        "shares": setup.keys.shares,
        "threshold": setup.keys.threshold,
        "administrator": plan.administrator.name,
        "sections": [one for one in _sections(platform, plan) if one.calls],
    }


def _sections(platform: ResolvedPlatform, plan: Plan) -> Iterator[Section]:
    setup, store = plan.found.setup, plan.found.store
    yield Section(
        "Who set this up, and may do so again",
        (("policy", plan.administrator.name, plan.administrator.file),),
    )
    devices = setup.audit.items()
    yield Section(
        "Where requests are recorded",
        tuple(
            ("audit", name, one.type, *(f"{key}={value}" for key, value in options(one).items()))
            for name, one in devices
        ),
    )
    about = f"Secrets of {platform.name} in {platform.environment}"
    yield Section("Secrets that are kept", (("engine", store.mount, "kv-v2", about),))
    for mount, engine in setup.engines.items():
        calls = _of_engine(mount, engine, plan.engines[mount])
        yield Section(f"Engine {mount}", tuple(calls))
    yield Section("Policies", tuple(("policy", one.name, one.file) for one in plan.policies))
    config, *roles = plan.login
    yield Section(
        "Service accounts that log in",
        (
            ("login", store.auth_mount, config.path, "inside" if setup.login.in_cluster else "outside"),
            *(("write", one.path) for one in roles),
        ),
    )
    yield Section("Values that secrets begin with", tuple(_seeds(plan)))


def _of_engine(mount: str, engine: VaultEngine, written: tuple[Write, ...]) -> Iterator[Call]:
    about = engine.description or ""
    first, *others = written
    match engine:
        case DatabaseEngine():
            given = engine.password
            asked = given.description or f"password of {engine.username} in {engine.datastore}"
            yield ("engine", mount, "database", about)
            rotated = (f"{mount}/rotate-root/{engine.datastore}",) if engine.rotate else ()
            yield ("connection", first.path, given.env, asked, *rotated)
        case PkiEngine():
            yield ("engine", mount, "pki", about, engine.ttl)
            yield ("write", first.path)
            yield ("authority", mount, others[0].path)
            others = others[1:]
        case TransitEngine():
            yield ("engine", mount, "transit", about)
            yield ("write", first.path)
        case _:
            yield from _of_aws(mount, about, written)
            return
    yield from (("write", one.path) for one in others)


def _of_aws(mount: str, about: str, written: tuple[Write, ...]) -> Iterator[Call]:
    yield ("optional_engine", mount, "aws", about, *(one.path for one in written))


def _seeds(plan: Plan) -> Iterator[Call]:
    mount = plan.found.store.mount
    for place, given in plan.found.setup.seeds.items():
        path, _, key = place.partition("#")
        yield ("seed", mount, path, key, given.env, given.description or f"{path}#{key}")
