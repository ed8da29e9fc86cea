"""Policies: what a workload, External Secrets, KEDA and whoever sets Vault up may do, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from manifestgen.kube.objects import Inventory
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import AwsEngine, DatabaseEngine, PkiEngine, TransitEngine, VaultEngine
from manifestgen.targets.monitoring.place import place
from manifestgen.vault import names, reads
from manifestgen.vault.reads import Read, SetUp

_READ = ("read",)
_PUT = ("create", "update")


class Rule(NamedTuple):
    """A path, and what may be done there."""

    path: str
    capabilities: tuple[str, ...]
    about: str = ""


class Policy(NamedTuple):
    """A policy: its name in Vault, its file, what it is for, and its rules."""

    name: str
    file: str
    head: str
    rules: tuple[Rule, ...]


def policies(platform: ResolvedPlatform, inventory: Inventory, found: SetUp) -> Iterator[Policy]:
    """All policies of an environment but the one of whoever sets Vault up; none is empty."""
    where = place(platform)
    yield from _policy(
        names.of(platform, found.name),
        found.name,
        f"What External Secrets reads for {where}, by the store {found.name!r}.",
        _secrets(found, _with_objects(platform, inventory, found)),
    )
    for role, read in reads.of_keda(platform, found.name).items():
        head = f"What KEDA reads for the triggers of {where}."
        yield from _policy(names.of(platform, f"keda.{role}"), f"keda.{role}", head, _secrets(found, read))
    for workload in platform.spec.workloads:
        yield from _policy(
            names.of(platform, workload),
            workload,
            f"What {workload} of {where} may have.",
            [
                *_secrets(found, reads.of_workload(platform, found.name, workload)),
                *_given(found, workload),
            ],
        )


def _policy(name: str, file: str, head: str, rules: Iterable[Rule]) -> Iterator[Policy]:
    every = tuple(rules)
    if every:
        yield Policy(name, f"policies/{file}.hcl", head, every)


def _with_objects(
    platform: ResolvedPlatform, inventory: Inventory, found: SetUp
) -> Mapping[Read, Iterable[str]]:
    """What the ExternalSecrets read, as they are after all patches."""
    known = reads.of_spec(platform, found.name)
    asked = reads.of_objects(inventory, found.name)
    mentioned = {read: known[read] for read in known if read in asked}
    return mentioned | dict.fromkeys(sorted(asked - set(known), key=str), ())


def _secrets(found: SetUp, read: Mapping[Read, Iterable[str]]) -> Iterator[Rule]:
    """A rule for each path. Vault knows no rights on single keys: they are told for people."""
    by_path: dict[str, list[str]] = {}
    for one in read:
        by_path.setdefault(one.path, []).append(one.key or "all keys")
    for path, keys in by_path.items():
        about = ", ".join(dict.fromkeys(keys))
        yield Rule(f"{found.store.mount}/data/{path}", _READ, about)


def _given(found: SetUp, workload: str) -> Iterator[Rule]:
    for mount, wanted in found.setup.access.get(workload, {}).items():
        for name in dict.fromkeys(wanted):
            yield from _of_engine(mount, name, found.setup.engines[mount])


def _of_engine(mount: str, name: str, engine: VaultEngine) -> Iterator[Rule]:
    match engine:
        case DatabaseEngine():
            yield Rule(f"{mount}/creds/{name}", _READ, f"a user of {engine.datastore}, for a time")
        case AwsEngine():
            yield Rule(f"{mount}/creds/{name}", _READ, "credentials of AWS, for a time")
        case TransitEngine():
            deeds = ("sign", "verify") if engine.keys[name].signs else ("encrypt", "decrypt", "rewrap")
            for index, deed in enumerate(deeds):
                about = f"{', '.join(deeds[:-1])} and {deeds[-1]} with {name}" if index == 0 else ""
                yield Rule(f"{mount}/{deed}/{name}", ("update",), about)
        case _:
            yield Rule(f"{mount}/issue/{name}", ("update",), "certificates")


def administrator(
    platform: ResolvedPlatform, found: SetUp, written: Iterable[str], made: Iterable[Policy]
) -> Policy:
    """What vault-init.sh needs once the server is initialised, and nothing else."""
    own = names.administrator(platform)
    rules = [
        Rule("sys/mounts", _READ, "which engines there are, and those that are wanted"),
        *(Rule(f"sys/mounts/{mount}", _PUT) for mount in (found.store.mount, *found.setup.engines)),
        Rule("sys/auth", _READ, "how service accounts log in"),
        Rule(f"sys/auth/{found.store.auth_mount}", (*_PUT, "sudo")),
        Rule("sys/audit", ("read", "sudo"), "where requests are recorded"),
        *(Rule(f"sys/audit/{name}", (*_PUT, "sudo")) for name in found.setup.audit),
        *_about("policies", (Rule(f"sys/policies/acl/{name}", _PUT) for name in (own, *_names(made)))),
        *_about("what is written", (Rule(path, ("create", "read", "update")) for path in written)),
        *_of_engines(found),
        *_of_seeds(found),
        Rule("auth/token/create-orphan", (*_PUT, "sudo"), "a token that follows this one"),
    ]
    head = (
        f"What vault-init.sh needs to set up {place(platform)} again. Whoever holds it can give rights to\n"
        "others, and so have all that is set up here."
    )
    return Policy(own, "administrator.hcl", head, tuple(rules))


def _names(made: Iterable[Policy]) -> Iterator[str]:
    return (one.name for one in made)


def _about(words: str, rules: Iterable[Rule]) -> Iterator[Rule]:
    """The rules, with what they are about at the first of them."""
    for index, rule in enumerate(rules):
        yield rule if index else rule._replace(about=words)


def _of_engines(found: SetUp) -> Iterator[Rule]:
    for mount, engine in found.setup.engines.items():
        if isinstance(engine, PkiEngine):
            yield Rule(f"{mount}/issuers", ("list",), f"whether {mount} has its authority")
        if isinstance(engine, DatabaseEngine) and engine.rotate:
            path = f"{mount}/rotate-root/{engine.datastore}"
            yield Rule(path, _PUT, f"the password of {engine.username}")


def _of_seeds(found: SetUp) -> Iterator[Rule]:
    mount = found.store.mount
    paths = dict.fromkeys(place.partition("#")[0] for place in found.setup.seeds)
    rules = (
        rule
        for path in paths
        for rule in (
            Rule(f"{mount}/data/{path}", ("create", "read", "update", "patch")),
            Rule(f"{mount}/metadata/{path}", _READ),
        )
    )
    yield from _about("values that secrets begin with", rules)
