"""A platform in one environment, with nothing left open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Final, NamedTuple, TypeVar

from manifestgen.errors import Location
from manifestgen.spec.base import camel_case
from manifestgen.spec.platform import Platform
from manifestgen.yamlio.nodes import Node

SECRETS_OF_BACKUPS: Final = {
    "AWS_ACCESS_KEY_ID": ("storage", "access_key_id"),
    "AWS_SECRET_ACCESS_KEY": ("storage", "secret_access_key"),
    "BACKUP_PASSPHRASE": ("storage", "passphrase"),
    "BACKUP_SLACK_WEBHOOK": ("notify", "slack"),
    "BACKUP_SMTP_PASSWORD": ("notify", "email", "password"),
}
"""The fields of a backup that name its secrets, by the variables that bring them to the scripts."""


class Document(NamedTuple):
    """One object of the user's own; ``lines`` are those of its file, none when it stands in the spec."""

    node: Node
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResolvedPlatform:
    """The spec as one environment sees it; ``environment`` is None for the base.

    ``node`` is the merged text of the spec with the place each value was written at, so that a
    finding on any part of ``spec`` can name its line. ``incomplete`` are the paths of what the base leaves to
    its environments in part; there, ``spec`` holds what the first environment has. It is empty for
    environments. ``place`` is where the environment is named.
    """

    environment: str | None
    spec: Platform
    node: Node
    place: Location
    incomplete: frozenset[tuple[str, ...]] = frozenset()
    documents: Mapping[str, tuple[Document, ...]] = field(default_factory=dict)
    """The objects of each of the ``manifests``, as they are written."""

    @property
    def name(self) -> str:
        """The platform's name."""
        return self.spec.metadata.name

    def written(self, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
        """Where people have written what stands at ``path``: a backup is a workload only to us."""
        if len(path) > 1 and path[0] == "workloads" and path[1] in self.spec.backups:
            below = path[2:]
            if below[:1] == ("secrets",) and len(below) > 1:
                below = (*map(camel_case, SECRETS_OF_BACKUPS[str(below[1])]), *below[2:])
            return ("backups", path[1], *below)
        return path

    @property
    def namespace(self) -> str | None:
        """The namespace it is deployed to; the base may have none."""
        return self.spec.namespace


T = TypeVar("T")
_MOST_KEPT: Final = 32


def kept_by_platform(ask: Callable[[ResolvedPlatform], T]) -> Callable[[ResolvedPlatform], T]:
    """The same function, which works its answer out once for each platform, told apart by identity.

    Platforms are frozen and too large to be compared; a few are kept, for several targets ask the same.
    """
    kept: dict[int, tuple[ResolvedPlatform, T]] = {}

    @wraps(ask)
    def answer(platform: ResolvedPlatform) -> T:
        found = kept.get(id(platform))
        if found is None or found[0] is not platform:
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            found = kept[id(platform)] = platform, ask(platform)
        return found[1]

    return answer
