"""One document from the files of a spec: what it extends lies below it, what it includes stands beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Final

from manifestgen.errors import Finding, ManifestgenError
from manifestgen.facts.names import quoted
from manifestgen.resolving.files import SpecFiles, beside, is_inside, named_at
from manifestgen.resolving.merge import layered, without
from manifestgen.resolving.patches import member
from manifestgen.resolving.wording import shown
from manifestgen.yamlio.nodes import Node, dotted

EXTENDS: Final = "extends"
INCLUDE: Final = "include"
PART: Final = "PlatformPart"
"""The kind of a file that is no platform by itself."""
DEEPEST: Final = 10
"""Specs that build on each other one by one; three are many."""

_VERSION: Final = "manifestgen/v1"
_PATTERN: Final = re.compile(r"([A-Za-z0-9_*?-][A-Za-z0-9._*?-]*/)*[A-Za-z0-9_*?-][A-Za-z0-9._*?-]*\.ya?ml")

Step = str | int


def assemble(path: Path, files: SpecFiles) -> Node:
    """The whole document of a spec; every value in it knows the file and line it was written on.

    Raises ManifestgenError with the findings on how the files fit together, or in one of them.
    """
    document = files.spec(path)
    if member(document, EXTENDS) is None and member(document, INCLUDE) is None:
        return document
    return _Assembly(files).whole(document, (path,))


class _Assembly:
    """Puts the files of one spec together; a base that several of them extend is read once."""

    def __init__(self, files: SpecFiles) -> None:
        self._files = files
        self._bases: dict[str, Node] = {}

    def whole(self, document: Node, chain: tuple[Path, ...]) -> Node:
        """A document with its parts, over its bases; the last of ``chain`` is its file."""
        own = self._with_parts(document)
        bases = [self._base(path, node, chain) for path, node in _texts(document, EXTENDS)]
        return reduce(layered, [*bases, _alone(own)])

    def _base(self, path: tuple[Step, ...], node: Node, chain: tuple[Path, ...]) -> Node:
        file = beside(node, _relative(path, node))
        _check_chain(file, path, node, chain)
        key = os.path.realpath(file)
        if key not in self._bases:
            document = self._read(file, path, node, "extends-unknown", ("Platform", PART))
            self._bases[key] = self.whole(document, (*chain, file))
        return self._bases[key]

    def _read(
        self, file: Path, path: tuple[Step, ...], node: Node, rule: str, kinds: tuple[str, ...]
    ) -> Node:
        """A document that another one names, without what says that it is one."""
        try:
            document = self._files.spec(file)
        except ManifestgenError as error:
            raise named_at(error, path, node, rule) from error
        findings = list(_wrong_head(document, kinds))
        if findings:
            raise ManifestgenError(findings)
        return without(without(document, ("apiVersion",)), ("kind",))

    def _with_parts(self, document: Node) -> Node:
        findings: list[Finding] = []
        whole = document
        seen = {os.path.realpath(document.location.file)}
        for path, node in _texts(document, INCLUDE):
            for file in _matching(path, node):
                if os.path.realpath(file) not in seen:
                    seen.add(os.path.realpath(file))
                    part = self._read(file, path, node, "include-path", (PART,))
                    findings += _nested(part)
                    whole = _joined(whole, _alone(part), (), findings)
        if findings:
            raise ManifestgenError(findings)
        return whole


def _alone(document: Node) -> Node:
    """A document without the names of other files."""
    return without(without(document, (EXTENDS,)), (INCLUDE,))


def _texts(document: Node, key: str) -> list[tuple[tuple[Step, ...], Node]]:
    """The texts under a key that takes one or a list of them, each with its path."""
    node = member(document, key)
    if node is None or node.value is None:
        return []
    several = key == INCLUDE or isinstance(node.value, tuple)
    items = node.value if isinstance(node.value, tuple) else (node,)
    found: list[tuple[tuple[Step, ...], Node]] = [
        ((key, index) if isinstance(node.value, tuple) else (key,), item) for index, item in enumerate(items)
    ]
    wrong = [
        (path, item) for path, item in found if not isinstance(item.value, str) or (several and item is node)
    ]
    if wrong:
        raise ManifestgenError([_no_text(path, item, key) for path, item in wrong])
    return found


def _no_text(path: tuple[Step, ...], node: Node, key: str) -> Finding:
    if key == INCLUDE and len(path) == 1:
        message = f"it must be a list, not {shown(node)}"
        return Finding("type", message, "write e.g. [workloads/*.yaml]", dotted(path), node.location)
    message = f"it must be text, not {shown(node)}"
    return Finding("type", message, "write the path of a file", dotted(path), node.location)


def _relative(path: tuple[Step, ...], node: Node) -> str:
    """The path of a base as it is written; it leads from file to file, and to no other machine."""
    written = str(node.value)
    if "://" in written:
        message, advice = "a spec builds on files only", "check it out beside this one, and give its path"
    elif os.path.isabs(written) or "\\" in written or not written:
        message = f"{quoted(written)} is no path from this file to another"
        advice = "write e.g. ../company/base.yaml"
    else:
        return written
    raise ManifestgenError([Finding("extends-path", message, advice, dotted(path), node.location)])


def _check_chain(file: Path, path: tuple[Step, ...], node: Node, chain: tuple[Path, ...]) -> None:
    files = [os.path.realpath(one) for one in chain]
    if os.path.realpath(file) in files:
        circle = [*chain[files.index(os.path.realpath(file)) :], file]
        names = " → ".join(quoted(str(one)) for one in circle)
        message = f"the specs build on each other in a circle: {names}"
        advice = "let one of them stand alone"
        raise ManifestgenError([Finding("extends-cycle", message, advice, dotted(path), node.location)])
    if len(chain) > DEEPEST:
        message = f"more than {DEEPEST} specs build on each other one by one"
        advice = "put together what belongs together; a list under extends: takes several bases"
        raise ManifestgenError([Finding("extends-depth", message, advice, dotted(path), node.location)])


def _wrong_head(document: Node, kinds: tuple[str, ...]) -> Iterator[Finding]:
    """What is wrong with the version and kind of a file that another one names."""
    for key, choices in (("apiVersion", (_VERSION,)), ("kind", kinds)):
        node = member(document, key)
        if node is None:
            advice = f"add `{key}: {choices[-1]}`"
            yield Finding("missing-key", f"{key} is missing", advice, key, document.location)
        elif node.value not in choices:
            wanted = " or ".join(quoted(choice) for choice in choices)
            message = f"it must be {wanted}, not {shown(node)}"
            yield Finding("part-kind", message, f"write `{key}: {choices[-1]}`", key, node.location)


def _nested(part: Node) -> Iterator[Finding]:
    for key in (EXTENDS, INCLUDE):
        node = member(part, key)
        if node is not None:
            message = f"a file that is included cannot have {key!r} itself"
            advice = "write it in the file that includes this one"
            yield Finding("include-nested", message, advice, key, node.key_location)


def _matching(path: tuple[Step, ...], node: Node) -> list[Path]:
    """The files that a pattern means, by name."""
    written = str(node.value)
    folder = Path(os.path.dirname(node.location.file))
    if "**" in written or not _PATTERN.fullmatch(written):
        message = f"{quoted(written)} is no pattern of files below this one's folder"
        advice = "write e.g. workloads/*.yaml; * stands for any characters, ? for one"
        raise ManifestgenError([Finding("include-path", message, advice, dotted(path), node.location)])
    found = sorted(one for one in folder.glob(written) if not one.name.startswith("."))
    outside = [one for one in found if not is_inside(one, folder)]
    if outside:
        message = f"{quoted(str(outside[0]))} leads out of the folder"
        advice = "include files below the folder of this one; extends: may leave it"
        raise ManifestgenError([Finding("include-path", message, advice, dotted(path), node.location)])
    if not found:
        message = f"no file is called {quoted(written)}"
        advice = f"the path starts at the folder of {os.path.basename(node.location.file)}"
        raise ManifestgenError([Finding("include-none", message, advice, dotted(path), node.location)])
    return found


def _joined(left: Node, right: Node, path: tuple[Step, ...], findings: list[Finding]) -> Node:
    """Two documents side by side; a value that stands in both is a finding."""
    if not isinstance(left.value, dict) or not isinstance(right.value, dict):
        first = left.key_location or left.location
        message = f"this is said in {first.file}, too, on line {first.line}"
        advice = "keep one of them; what is to win over another file is written with extends:"
        place = right.key_location or right.location
        findings.append(Finding("include-clash", message, advice, dotted(path), place))
        return left
    merged = dict(left.value)
    for key, node in right.value.items():
        known = merged.get(key)
        merged[key] = node if known is None else _joined(known, node, (*path, key), findings)
    return Node(merged, left.location, left.key_location)
