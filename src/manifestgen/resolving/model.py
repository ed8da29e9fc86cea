"""A platform in one environment, with nothing left open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from manifestgen.errors import Location
from manifestgen.spec.platform import Platform
from manifestgen.yamlio.nodes import Node


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

    @property
    def namespace(self) -> str | None:
        """The namespace it is deployed to; the base may have none."""
        return self.spec.namespace
