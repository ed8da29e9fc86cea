"""Foreign YAML to nodes with places and findings; our own YAML to plain data, fast."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from manifestgen.errors import Finding, Location, ManifestgenError
from manifestgen.yamlio.budget import Budget
from manifestgen.yamlio.compose import Composer
from manifestgen.yamlio.decode import decode
from manifestgen.yamlio.nodes import Node
from manifestgen.yamlio.plain import parse_documents
from manifestgen.yamlio.read import check_size, read_spec

__all__ = ["findings_in", "load_documents", "load_file", "load_text", "parse_documents", "read_spec"]


def load_file(path: Path | str, budget: Budget | None = None) -> Node:
    """The one document of a file, a map; every finding about file and YAML is raised at once."""
    return load_text(_within(budget, path), str(path), budget=budget)


def load_documents(path: Path | str, budget: Budget) -> tuple[str, tuple[Node, ...]]:
    """The text of a file and all its documents that are not empty, of any type.

    Findings are raised as ``load_file`` does.
    """
    text = decode(_within(budget, path), str(path))
    composer = Composer(text, str(path), budget)
    nodes = composer.documents()
    if composer.findings:
        raise ManifestgenError(composer.findings)
    return text, nodes


def _within(budget: Budget | None, path: Path | str) -> bytes:
    """The content of a file that does not make its spec too large."""
    content = read_spec(path)
    if budget is not None:
        budget.size += len(content)
        check_size(budget.size, str(path))
    return content


def load_text(
    text: str | bytes, file: str, *, map_required: bool = True, budget: Budget | None = None
) -> Node:
    """The one document of a YAML 1.2 text as nodes; ``file`` is the name that findings show.

    Raises ManifestgenError with all findings about the text: they are found in one pass, and only a
    mistake that makes the rest unreadable (in syntax, depth or expansion of aliases) ends it early.
    """
    composer = Composer(decode(text, file), file, budget)
    node = composer.document()
    findings = list(composer.findings)
    if node is None and not findings:
        findings.append(_empty(file))
    elif node is not None and map_required and not isinstance(node.value, dict):
        findings.append(_not_a_map(node))
    if findings or node is None:
        raise ManifestgenError(findings)
    return node


def findings_in(text: str, file: str) -> tuple[Finding, ...]:
    """What is wrong with a text of one document or several, each a map or a list."""
    composer = Composer(text, file, None)
    nodes = composer.documents()
    if composer.findings:
        return composer.findings
    wrong = tuple(_not_a_map(node) for node in nodes if not isinstance(node.value, (dict, tuple)))
    return wrong if nodes else (_empty(file),)


def _empty(file: str) -> Finding:
    advice = "start with: manifestgen init"
    return Finding("yaml-empty", "the file holds no value", advice, location=Location(file, 1, 1))


def _not_a_map(node: Node) -> Finding:
    kind = _KINDS.get(type(node.value), "a single value")
    advice = "start the file with keys such as apiVersion: and kind:"
    message = f"a map of keys is expected, this is {kind}"
    return Finding("spec-not-a-map", message, advice, location=node.location)


_KINDS: dict[type[Any], str] = {tuple: "a list", str: "a text", type(None): "null"}
