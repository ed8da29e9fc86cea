"""A drawn platform put right by what is found to be wrong with it, as a person would do it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path as FilePath
from typing import Any, Final

from pydantic import ValidationError

from manifestgen import pipeline
from manifestgen.errors import Finding, Location, errors_in
from manifestgen.resolving import ResolvedPlatform
from manifestgen.resolving.complaints import flaws_of
from manifestgen.spec.platform import Platform
from manifestgen.verify.lint import Silence
from manifestgen.yamlio.nodes import Node
from support.drawing.artist import Artist, Place, fields_of
from support.drawing.references import GONE, resolved, without
from support.drawing.remedies import REMEDIES
from support.drawing.values import Drawn, DrawnList, DrawnMap, Path, at, plain

_PLACE: Final = Location(str(FilePath("drawn.yaml")), 1, 1)
_STEP: Final = re.compile(r'\.?"(?P<quoted>[^"]*)"|\[(?P<index>[0-9]+)\]|\.?(?P<word>[\w?-]+)')
_ROUNDS: Final = 8
MENDED: Counter[str] = Counter()
"""How often each rule complained about what was drawn."""


def node_of(value: Any) -> Node:
    """A plain value as the loader would give it, all of it at one place."""
    if isinstance(value, dict):
        return Node({key: node_of(member) for key, member in value.items()}, _PLACE, _PLACE)
    if isinstance(value, list):
        return Node(tuple(node_of(item) for item in value), _PLACE, _PLACE)
    return Node(value, _PLACE, _PLACE, text="" if isinstance(value, str) else str(value))


def findings_of(document: Drawn) -> list[Finding]:
    """What is wrong with one whole platform before objects are made of it."""
    node = node_of(plain(document))
    try:
        spec = Platform.model_validate(node.plain(), by_alias=True, by_name=False)
    except ValidationError as error:
        return [flaw.finding for flaw in flaws_of(error, node)]
    platform = ResolvedPlatform("drawn", spec, node, _PLACE)
    spec_of_two = pipeline.LoadedSpec(FilePath(_PLACE.file), {None: platform, "drawn": platform})
    return list(errors_in(pipeline._spec_findings(spec_of_two, Silence())))


def path_of(dotted: str) -> Path:
    """The steps of a path as findings show it, without the environment in front."""
    steps: list[str | int] = []
    for match in _STEP.finditer(dotted):
        index = match["index"]
        steps.append(int(index) if index is not None else match["quoted"] or match["word"] or "")
    return tuple(steps[2:] if steps[:1] == ["environments"] else steps)


def repaired(document: Drawn, artist: Artist) -> tuple[Drawn, bool]:
    """``document`` with what is wrong mended, drawn again, or taken out when that does not help.

    And whether anything was.
    """
    document = resolved(document, artist)
    tried: set[Any] = set()
    for _ in range(_ROUNDS):
        findings = findings_of(document)
        if not findings:
            break
        MENDED.update({finding.rule for finding in findings})
        mend(document, findings, artist, tried)
        document = resolved(document, artist)
    return document, bool(tried)


def mend(document: Drawn, findings: Iterable[Finding], artist: Artist, tried: set[Any]) -> None:
    """Draw again what ``findings`` complain about, once for each place; the second time it goes."""
    for finding in findings:
        path = path_of(finding.path)
        remedy = REMEDIES.get(finding.rule)
        if remedy is not None and (finding.rule, path) not in tried and artist.choices.chance(80):
            tried.add((finding.rule, path))
            with suppress(LookupError):  # what it is about may have gone with another finding
                remedy(document, path, artist)
            continue
        path = _existing(document, path)
        if path and (path in tried or not _drawn_again(document, path, artist)):
            without(document, path)
        tried.add(path)


def _existing(document: Any, path: Path) -> Path:
    """``path`` as far as the document goes."""
    for length in range(len(path), 0, -1):
        try:
            at(document, path[:length])
        except LookupError:
            continue
        return path[:length]
    return ()


def _drawn_again(document: Any, path: Path, artist: Artist) -> bool:
    """Whether the value at ``path`` is a scalar field, and has been drawn again."""
    parent = at(document, path[:-1])
    if not isinstance(parent, Drawn) or isinstance(parent[path[-1]], dict | list):
        return False
    field = next((field for field in fields_of(parent.model) if field.key == path[-1]), None)
    if field is None or field.key in ("type", "kind", "apiVersion"):
        return False
    parent[field.key] = artist.field(parent.model, field)
    return True


def containers(value: Any) -> Iterator[Drawn | DrawnMap]:
    """All maps of a document that can be changed."""
    if isinstance(value, Drawn | DrawnMap):
        yield value
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:
        yield from containers(member)


__all__ = ["GONE", "Place", "DrawnList", "containers", "findings_of", "mend", "path_of", "repaired"]
