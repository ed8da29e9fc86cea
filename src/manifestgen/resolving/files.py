"""The files that a spec is made of: found by the file that names them, read once, within one limit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from manifestgen.errors import Finding, ManifestgenError
from manifestgen.facts.names import quoted
from manifestgen.facts.nearest import nearest
from manifestgen.resolving.model import Document
from manifestgen.yamlio.budget import Budget
from manifestgen.yamlio.load import load_documents, load_file, load_text
from manifestgen.yamlio.nodes import Node, dotted

MOST_FILES: Final = 1000
"""Files of one spec; a platform of a hundred services has some two hundred if each has its own."""


class SpecFiles:
    """Reads the files of one spec; what all of them hold together is limited.

    ``texts`` are files by their paths whose text is at hand, wherever it came from.
    """

    def __init__(self, texts: Mapping[Path, str] | None = None) -> None:
        self._texts = texts or {}
        self._budget = Budget()
        self._documents: dict[str, tuple[Document, ...]] = {}
        self._count = 0

    def spec(self, path: Path) -> Node:
        """The one document of a spec file."""
        self._counted(path)
        if path in self._texts:
            return load_text(self._texts[path], str(path), budget=self._budget)
        return load_file(path, self._budget)

    def manifests(self, path: Path) -> tuple[Document, ...]:
        """The documents of a file of manifests."""
        key = str(path)
        if key not in self._documents:
            self._counted(path)
            text, nodes = load_documents(path, self._budget)
            lines = tuple(text.split("\n"))
            self._documents[key] = tuple(Document(node, lines) for node in nodes)
        return self._documents[key]

    def _counted(self, path: Path) -> None:
        self._count += 1
        if self._count > MOST_FILES:
            message = f"the spec is made of more than {MOST_FILES} files"
            advice = "check the patterns under include:, or put several things into one file"
            raise ManifestgenError([Finding("spec-size", message, advice, str(path))])


def beside(node: Node, written: str) -> Path:
    """The file that is ``written`` at ``node``, from the folder of the file in which the node stands."""
    return Path(os.path.normpath(os.path.join(os.path.dirname(node.location.file), written)))


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a file lies in a folder or below it, symlinks followed."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def named_at(error: ManifestgenError, path: tuple[str | int, ...], node: Node, rule: str) -> ManifestgenError:
    """The error of reading a file: where it cannot be read at all, it is told where the file is named."""
    return ManifestgenError([_at(finding, path, node, rule) for finding in error.findings])


def _at(finding: Finding, path: tuple[str | int, ...], node: Node, rule: str) -> Finding:
    if finding.location is not None:
        return finding
    if finding.rule != "spec-unreadable":
        return Finding(finding.rule, finding.message, finding.advice, dotted(path), node.location)
    reason = finding.message.removeprefix("it cannot be read: ")
    message = f"{quoted(str(node.value))} cannot be read: {reason}"
    return Finding(rule, message, _hint(node), dotted(path), node.location)


def _hint(node: Node) -> str:
    """The name of the file that is there, if one is nearly called so."""
    wanted = beside(node, str(node.value))
    near = nearest(wanted.name, list(_names(wanted.parent)))
    if near is None:
        return f"the path starts at the folder of {os.path.basename(node.location.file)}"
    return f"did you mean {quoted(str(node.value)[: -len(wanted.name)] + near)}?"


def _names(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            yield from (entry.name for entry in entries if entry.name.endswith((".yaml", ".yml")))
    except OSError:  # there is no such folder: there is nothing to suggest
        return
