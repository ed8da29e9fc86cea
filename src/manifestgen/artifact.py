"""A file in memory, and the tree of them that a render produces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Artifact(NamedTuple):
    r"""One file to be written.

    ``path`` is relative to the output folder, with ``/`` between its parts; ``text`` uses ``\n``
    and ends with it; ``environment`` is None for a file that all environments share.
    """

    path: str
    text: str
    target: str
    environment: str | None = None
    executable: bool = False


def as_tree(artifacts: Iterable[Artifact]) -> dict[str, Artifact]:
    """The artifacts by path, sorted; two artifacts for one path are a bug and raise ValueError."""
    tree: dict[str, Artifact] = {}
    for artifact in artifacts:
        if artifact.path in tree:
            raise ValueError(
                f"{artifact.path} is made twice: by {tree[artifact.path].target} and {artifact.target}"
            )
        tree[artifact.path] = artifact
    return dict(sorted(tree.items()))
