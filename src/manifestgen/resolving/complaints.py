"""From pydantic's errors to findings that name a line and say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from manifestgen.errors import Finding, Location
from manifestgen.facts.names import Complaint
from manifestgen.resolving.wording import TYPES, discriminator, explain, explain_types
from manifestgen.yamlio.nodes import Node, dotted

INCOMPLETE: Final = frozenset(
    {
        "missing-key",
        "replicas-missing",
        "image-version",
        "probe-check",
        "probe-port",
        "claim-source",
        "env-source",
        "hook-action",
        "init-command",
        "node-match",
        "projected-files",
        "volume-source",
        "autoscaling-target",
        "autoscaling-policy",
        "trigger-authentication",
        "trigger-place",
        "trigger-stream",
        "slo-bucket",
        "route-destination",
        "alert-route-receiver",
        "alert-route-interval",
        "alert-receiver-unused",
        "alert-smtp",
        "datasource-link",
        "datastore-address",
        "datastore-networks",
        "operator-image",
        "backup-encryption",
        "backup-login",
        "backup-metrics",
        "backup-notify",
    }
)
"""Rules that only say that something is not there yet; the base may leave it to its environments."""

Path = tuple[str | int, ...]


class Flaw(NamedTuple):
    """A finding and the keys and indexes that lead to it."""

    path: Path
    finding: Finding

    @property
    def is_incomplete(self) -> bool:
        """Whether it only says that something is not there yet."""
        return self.finding.rule in INCOMPLETE


def flaws_of(error: ValidationError, document: Node) -> list[Flaw]:
    """One flaw for each place that ``error`` complains about."""
    by_place: dict[tuple[Path, str], Flaw] = {}
    for flaw in _flaws(error.errors(include_url=False), document):
        by_place.setdefault((flaw.path, flaw.finding.rule), flaw)
    return list(by_place.values())


def _flaws(errors: list[ErrorDetails], document: Node) -> Iterator[Flaw]:
    """The members of a union complain one by one about the same value: of them, one speaks for all."""
    unions: dict[Path, dict[str | int, list[ErrorDetails]]] = {}
    for details in errors:
        union = _union(details, document)
        if union is None:
            yield _flaw(details, document)
        else:
            unions.setdefault(union[0], {}).setdefault(union[1], []).append(details)
    for path, members in unions.items():
        yield from _of_union(path, list(members.values()), document)


def _of_union(path: Path, members: list[list[ErrorDetails]], document: Node) -> Iterator[Flaw]:
    inside = [m for m in members if all(len(_path(details, document)) > len(path) for details in m)]
    everything = [details for member in members for details in member]
    choosy = [details for details in everything if details["type"] not in TYPES]
    if inside:  # the type was right, what it holds is not
        yield from (_flaw(details, document) for details in inside[0])
    elif choosy:
        yield _flaw(choosy[0], document)
    else:
        node = document.at(path)
        yield _made(path, explain_types(everything, node), node.location)


def _union(details: ErrorDetails, document: Node) -> tuple[Path, str | int] | None:
    """The place of the plain union that ``details`` lies in, and the member that complains."""
    path: list[str | int] = []
    node = document
    loc = details["loc"][:-1] if details["type"] == "missing" else details["loc"]
    for step in loc:
        below = node.at((step,))
        if below is not node:
            path.append(step)
            node = below
        elif step != "[key]" and not _is_tag(step, node):
            return tuple(path), step
    return None


def _is_tag(step: str | int, node: Node) -> bool:
    """Whether a step is no member of a plain union but a tag: the type, maybe with a provider behind it."""
    kind = node.at(("type",)).value
    return step == kind or (isinstance(kind, str) and str(step).startswith(f"{kind} "))


def _path(details: ErrorDetails, document: Node) -> Path:
    """The path in the document; pydantic adds the members of unions, and what is missing."""
    path: list[str | int] = []
    node = document
    for step in details["loc"]:
        below = node.at((step,))
        if below is not node:
            path.append(step)
            node = below
    return tuple(path)


def _flaw(details: ErrorDetails, document: Node) -> Flaw:
    path = _path(details, document)
    node = document.at(path)
    complaint = explain(details, node)
    kind, context = details["type"], details.get("ctx", {})
    if kind == "missing":
        return _made((*path, str(details["loc"][-1])), complaint, _key(node))
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        tag = discriminator(details)
        there = node.at((tag,))
        return _made((*path, tag), complaint, _key(node) if there is node else there.location)
    if kind == "extra_forbidden" or details["loc"][-1:] == ("[key]",):
        return _made(path, complaint, _key(node))
    if "places" in context:
        path = _last_written([(*path, *place) for place in context["places"]], document) or path
        return _made(path, complaint, _problem_place(document.at(path)))
    return _made(path, complaint, node.location)


def _made(path: Path, complaint: Complaint, location: Location) -> Flaw:
    return Flaw(path, Finding(complaint.rule, complaint.message, complaint.advice, dotted(path), location))


def _key(node: Node) -> Location:
    return node.key_location or node.location


def _problem_place(node: Node) -> Location:
    """A scalar is wrong itself; a map or list as a whole is named by its key."""
    return _key(node) if isinstance(node.value, dict | tuple) else node.location


def _last_written(paths: list[Path], document: Node) -> Path | None:
    """Of the paths that the document has, the one that stands last in the file."""
    there: list[Path] = [path for path in paths if _has(document, path)]
    return max(there, key=lambda path: _key(document.at(path)), default=None)


def _has(document: Node, path: Path) -> bool:
    node: Any = document
    for step in path:
        below = node.at((step,))
        if below is node:
            return False
        node = below
    return True
