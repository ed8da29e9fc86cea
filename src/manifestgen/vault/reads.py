"""Who reads which secret of a Vault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from manifestgen.facts.conventions import SECRET_STORE
from manifestgen.kube.objects import Inventory
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import TriggerBase, VaultSetup, VaultStore
from manifestgen.spec.settings import SecretRef, SecretSource
from manifestgen.spec.workloads import Scalable, Workload
from manifestgen.verify.spec.variables import Use, uses


class Read(NamedTuple):
    """A secret that is read: its path below the mount, and the key in it, None for all."""

    path: str
    key: str | None


class SetUp(NamedTuple):
    """The store that is set up, and how."""

    name: str
    store: VaultStore
    setup: VaultSetup


def candidates(platform: ResolvedPlatform) -> dict[str, VaultStore]:
    """The stores that can be set up."""
    return {name: one for name, one in platform.spec.stores.items() if isinstance(one, VaultStore)}


def set_up(platform: ResolvedPlatform) -> SetUp | None:
    """What is set up in this environment; None for nothing, or where the checks have a finding for it."""
    setup = platform.spec.vault_setup
    stores = candidates(platform)
    if setup is None:
        return None
    name = next(iter(stores), None) if setup.store is None and len(stores) == 1 else setup.store
    return SetUp(name, stores[name], setup) if name in stores and name is not None else None


def of_spec(platform: ResolvedPlatform, store: str) -> dict[Read, list[str]]:
    """What the spec reads from a store, each with what it becomes."""
    spec = platform.spec
    found: dict[Read, list[str]] = {}
    for settings in spec.settings.values():
        _add(found, platform, store, settings.secrets)
        _add(found, platform, store, settings.secrets_from)
    for workload in spec.workloads.values():
        _add(found, platform, store, workload.secrets)
    return found


def of_workload(platform: ResolvedPlatform, store: str, name: str) -> dict[Read, list[str]]:
    """What the containers of a workload read from a store, each with the keys of Secrets that it becomes."""
    spec, workload = platform.spec, platform.spec.workloads[name]
    found: dict[Read, list[str]] = {}
    for key in _sets(workload):
        if key in spec.settings:
            _add(found, platform, store, spec.settings[key].secrets)
            _add(found, platform, store, spec.settings[key].secrets_from)
    for use in uses(workload):
        if use.kind == "secrets" and use.name in spec.settings:
            _add_used(found, platform, store, use)
    _add(found, platform, store, workload.secrets)
    return found


def of_keda(platform: ResolvedPlatform, store: str) -> dict[str, dict[Read, list[str]]]:
    """What KEDA reads from Vault itself for its triggers, by the role it logs in with."""
    found: dict[str, dict[Read, list[str]]] = {}
    if platform.spec.vault is None or store != SECRET_STORE:
        return found  # KEDA asks the platform's `vault` and no other store
    for workload in platform.spec.workloads.values():
        scaling = workload.autoscaling if isinstance(workload, Scalable) else None
        for trigger in scaling.triggers.values() if scaling is not None else ():
            login = trigger.authentication if isinstance(trigger, TriggerBase) else None
            if login is None or login.vault is None:
                continue
            mine = found.setdefault(login.vault.role, {})
            for parameter, place in login.vault.secrets.items():
                path, _, key = place.partition("#")
                mine.setdefault(Read(path, key), []).append(parameter)
    return found


def of_objects(inventory: Inventory, store: str) -> set[Read]:
    """What the ExternalSecrets of an environment read from a store, those of the user's own, too."""
    return {
        read
        for one in inventory.objects.values()
        if one.id.kind == "ExternalSecret"
        for read in _of_external_secret(one.manifest.get("spec"), store)
    }


def of_own(platform: ResolvedPlatform, store: str) -> set[Read]:
    """What ExternalSecrets among the user's own objects read from a store."""
    return {
        read
        for documents in platform.documents.values()
        for document in documents
        if document.node.at(("kind",)).value == "ExternalSecret"
        for read in _of_external_secret(document.node.at(("spec",)).plain(), store)
    }


def _sets(workload: Workload) -> list[str]:
    """The sets of settings that some container of a workload reads whole."""
    others = (name for other in workload.others.values() for name in other.settings)
    return list(dict.fromkeys([*workload.settings, *others]))


def _add_used(found: dict[Read, list[str]], platform: ResolvedPlatform, store: str, use: Use) -> None:
    """The keys that are used one by one; where they may come of a whole secret, that one."""
    settings = platform.spec.settings[use.name]
    keys = use.keys or settings.secrets
    _add(found, platform, store, {key: settings.secrets[key] for key in keys if key in settings.secrets})
    if not use.keys or set(keys) - set(settings.secrets):
        _add(found, platform, store, settings.secrets_from)


def _add(
    found: dict[Read, list[str]],
    platform: ResolvedPlatform,
    store: str,
    references: Mapping[str, SecretRef] | Mapping[str, SecretSource],
) -> None:
    for key, reference in references.items():
        if [*platform.spec.stores_for(reference)] == [store]:
            path, part = reference.place
            found.setdefault(Read(path.strip("/"), part), []).append(key)


def _of_external_secret(spec: object, store: str) -> Iterator[Read]:
    if not isinstance(spec, Mapping):
        return
    main = spec.get("secretStoreRef")
    for kind, place in (("data", "remoteRef"), ("dataFrom", "extract")):
        entries = spec.get(kind)
        for entry in entries if isinstance(entries, list | tuple) else ():
            if not isinstance(entry, Mapping):
                continue
            source = entry.get("sourceRef")
            reference = source.get("storeRef", main) if isinstance(source, Mapping) else main
            remote = entry.get(place)
            is_ours = isinstance(reference, Mapping) and reference.get("name") == store
            if is_ours and isinstance(remote, Mapping) and isinstance(remote.get("key"), str):
                yield Read(remote["key"].strip("/"), remote.get("property"))
