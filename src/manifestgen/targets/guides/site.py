"""An environment as the documents see it, and how several of them are told about at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from manifestgen.kube.identity import called_after, group, in_namespace
from manifestgen.kube.objects import Inventory, Manifest
from manifestgen.kube.usage import Uncounted, Usage
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.platform import Platform

Words = tuple[str, ...]


@dataclass(frozen=True)
class Site:
    """An environment: its platform, its objects, and what its pods ask for."""

    name: str
    platform: ResolvedPlatform
    inventory: Inventory
    usages: tuple[Usage | Uncounted, ...] = ()

    @property
    def spec(self) -> Platform:
        """The resolved spec."""
        return self.platform.spec

    @property
    def namespace(self) -> str:
        """The namespace; every environment has one."""
        return str(self.platform.namespace)

    @property
    def release(self) -> str:
        """The release of Helm."""
        return self.spec.release

    @property
    def context(self) -> str:
        """The context of kubectl; empty where the spec does not say."""
        return self.spec.deployment.context if self.spec.deployment else ""

    def manifests(self, *kinds: str, of: str | None = None) -> list[Manifest]:
        """The objects of some kinds, one kind after the other; ``of`` is their API group."""
        return [
            manifest
            for kind in kinds
            for manifest in self._by_kind.get(kind, ())
            if of in (None, group(manifest["apiVersion"]))
        ]

    @cached_property
    def _by_kind(self) -> dict[str, list[Manifest]]:
        found: dict[str, list[Manifest]] = {}
        for one, made in self.inventory.objects.items():
            found.setdefault(one.kind, []).append(in_namespace(made.manifest, self.namespace, made.scope))
        return found

    def names(self, *kinds: str) -> list[str]:
        """The names of the objects of some kinds."""
        return [called_after(one.name, self.namespace) for one in self.inventory.objects if one.kind in kinds]


class Somewhere(NamedTuple):
    """A thing, and the environments that have it alike; ``where`` is empty for all of them."""

    value: Any
    where: str

    @property
    def note(self) -> str:
        """The comment behind a command that is for some environments only."""
        return f"  # in {self.where}" if self.where else ""

    @property
    def aside(self) -> str:
        """The same in a sentence."""
        return f" (in {self.where})" if self.where else ""


def alike(sites: Sequence[Site], ask: Callable[[Site], Iterable[Any]]) -> list[Somewhere]:
    """What the sites have, each thing once, with the names of those that do where not all do."""
    found: list[tuple[Any, list[str]]] = []
    for site in sites:
        for value in ask(site):
            for known, names in found:
                if known == value:
                    if site.name not in names:
                        names.append(site.name)
                    break
            else:
                found.append((value, [site.name]))
    return [Somewhere(value, "" if len(names) == len(sites) else ", ".join(names)) for value, names in found]


def names_of(sites: Sequence[Site], ask: Callable[[Site], Iterable[str]]) -> list[str]:
    """What any site has, each once, in the order of the first that has it."""
    return list(dict.fromkeys(name for site in sites for name in ask(site)))
