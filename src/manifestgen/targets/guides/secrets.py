"""Secrets: where each comes from, and who reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from manifestgen.facts.conventions import secret
from manifestgen.kube.objects import Manifest
from manifestgen.kube.pods import pod_template
from manifestgen.spec.late import InCluster, VaultStore
from manifestgen.targets.guides.site import Site
from manifestgen.targets.guides.workloads import BRIEF, controllers


class Kept(NamedTuple):
    """A Secret that is copied from a store."""

    name: str
    object: str
    """The ExternalSecret that brings it."""
    store: str
    refresh: str
    keys: tuple[tuple[str, str], ...]
    """Each key, with where it stands in the store."""
    readers: tuple[str, ...]
    """Workloads, and data services by their charts."""
    restarts: tuple[str, ...]
    """What has to be restarted to see a new value: controllers as kubectl names them."""


def secrets_of(site: Site) -> list[Kept]:
    """What ExternalSecrets bring, in their order."""
    return [_kept(site, one) for one in site.manifests("ExternalSecret", of="external-secrets.io")]


def _kept(site: Site, manifest: Manifest) -> Kept:
    spec, name = manifest["spec"], manifest["metadata"]["name"]
    target = (spec.get("target") or {}).get("name", name)
    running = [one for one in controllers(site) if _reads(one, target)]
    brief = [one for one in controllers(site, BRIEF) if _reads(one, target)]
    return Kept(
        target,
        name,
        (spec.get("secretStoreRef") or {}).get("name", ""),
        spec.get("refreshInterval", ""),
        tuple(_keys(spec)),
        tuple(
            dict.fromkeys([*(one["metadata"]["name"] for one in [*running, *brief]), *_stores(site, target)])
        ),
        tuple(f"{one['kind'].lower()}/{one['metadata']['name']}" for one in running),
    )


def _keys(spec: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for one in spec.get("data") or ():
        remote = one.get("remoteRef") or {}
        place = remote.get("key", "") + (f"#{remote['property']}" if "property" in remote else "")
        yield one["secretKey"], place
    for one in spec.get("dataFrom") or ():
        place = (one.get("extract") or {}).get("key")
        if place:
            yield "all keys", place


def _reads(controller: Manifest, name: str) -> bool:
    """Whether a pod names the Secret, be it in a variable, a whole set or a volume."""
    pod = (pod_template(controller) or {}).get("spec") or {}
    text = json.dumps(pod)
    return any(f'"{key}": {json.dumps(name)}' in text for key in ("name", "secretName"))


def _stores(site: Site, name: str) -> Iterator[str]:
    for store, one in site.spec.datastores.items():
        if isinstance(one, InCluster) and secret(one.credentials) == name:
            yield store


def vaults_of(site: Site) -> list[tuple[str, VaultStore]]:
    """The stores that are Vaults, by name."""
    return [(name, one) for name, one in site.spec.stores.items() if isinstance(one, VaultStore)]
