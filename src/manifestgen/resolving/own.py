"""The objects that a spec gives as they are: those written in it, and those of the files that it names."""

from __future__ import annotations

import os

from manifestgen.errors import Finding, ManifestgenError
from manifestgen.facts.names import quoted
from manifestgen.resolving.files import SpecFiles, beside, is_inside, named_at
from manifestgen.resolving.model import Document
from manifestgen.spec.platform import Platform
from manifestgen.yamlio.nodes import Node, dotted

Documents = dict[str, tuple[Document, ...]]


def documents_of(spec: Platform, node: Node, files: SpecFiles) -> Documents:
    """The documents of each manifest. Raises ManifestgenError with what is wrong with the files."""
    found: Documents = {}
    findings: list[Finding] = []
    for name, manifest in spec.manifests.items():
        if manifest.file is None:
            found[name] = (Document(node.at(("manifests", name, "object"))),)
            continue
        try:
            found[name] = _of_file(node, ("manifests", name, "file"), files)
        except ManifestgenError as error:
            findings += error.findings
    if findings:
        raise ManifestgenError(findings)
    return found


def _of_file(document: Node, path: tuple[str, ...], files: SpecFiles) -> tuple[Document, ...]:
    node = document.at(path)
    file = beside(node, str(node.value))
    if not is_inside(file, beside(node, "")):
        message = (
            f"{quoted(str(node.value))} leads out of the folder of {os.path.basename(node.location.file)}"
        )
        advice = "put the file below that folder; a link may not leave it"
        raise ManifestgenError([Finding("manifest-file", message, advice, dotted(path), node.location)])
    try:
        found = files.manifests(file)
    except ManifestgenError as error:
        raise named_at(error, path, node, "manifest-file") from error
    if not found:
        message = f"{quoted(str(node.value))} holds no object"
        advice = "write one, or remove the manifest"
        raise ManifestgenError([Finding("manifest-file", message, advice, dotted(path), node.location)])
    return found
