"""The events of the C parser to nodes, with a finding for all that a spec must not hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from _ruamel_yaml import CParser
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from manifestgen.errors import Finding, Location
from manifestgen.yamlio.anchors import Anchored, Anchors
from manifestgen.yamlio.budget import Budget
from manifestgen.yamlio.characters import shortened
from manifestgen.yamlio.findings import Report, UnreadableError
from manifestgen.yamlio.nodes import Node
from manifestgen.yamlio.syntax import syntax_finding
from manifestgen.yamlio.values import check_collection_tag, key_value, refuse_key, scalar_value

DEEPEST: Final = 60
"""Levels of maps and lists; a Kubernetes object has some fifteen."""

MOST_VALUES: Final = 200_000
"""Values in one file; a spec of a hundred workloads has some 6 000."""

_TEXT_PER_VALUE: Final = 100
"""Characters of a text that count as one value when its aliases are counted."""


class Composer:
    """Reads one text once; afterwards ``findings`` says what is wrong with it.

    What it holds is counted on the ``budget``, which several files share.
    """

    def __init__(self, text: str, file: str, budget: Budget | None = None) -> None:
        self._text = text
        self._next = CParser(text).get_event
        self._report = Report(file)
        self._budget = budget or Budget()
        self._anchors = Anchors(self._report, self._budget.expanded)
        self._count = self._budget.values
        self._deepest = 0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found so far."""
        return tuple(self._report.findings)

    def document(self) -> Node | None:
        """The root of the only document; None for an empty text, or when a finding ended the reading."""
        return next(iter(self._read(several=False)), None)

    def documents(self) -> tuple[Node, ...]:
        """The roots of all documents that are not empty."""
        return tuple(self._read(several=True))

    def _read(self, *, several: bool) -> list[Node]:
        try:
            return [root for root in self._roots(several=several) if root is not None]
        except MarkedYAMLError as error:
            self._report.findings.append(syntax_finding(error, self._text, self._report.file))
        except UnreadableError:
            pass
        finally:
            self._budget.values, self._budget.expanded = self._count, self._anchors.expanded
        return []

    def _roots(self, *, several: bool) -> Iterator[Node | None]:
        self._next()  # the start of the stream
        while type(self._next()) is not StreamEndEvent:
            event = self._next()
            root = self._node(event, 0, None)
            self._next()  # the end of the document
            empty = type(event) is ScalarEvent and event.value == "" and not event.style
            yield None if empty else root
            if not several:
                self._end()
                return
            self._anchors.forget()

    def _end(self) -> None:
        more = self._next()
        if type(more) is not StreamEndEvent:
            advice = "keep one document in the file; give another to a file of its own"
            self._report.add(more, "yaml-documents", "a second document starts here", advice)

    def _node(self, event: Any, depth: int, key: Location | None) -> Node:
        """The value that starts with an event; ``depth`` counts the maps and lists around it."""
        kind = type(event)
        if kind is AliasEvent:
            return self._alias(event, depth, key)
        if event.anchor is not None:
            return self._anchored(event, depth, key)
        return self._value(event, depth, key)

    def _value(self, event: Any, depth: int, key: Location | None) -> Node:
        self._count += 1
        if self._count > MOST_VALUES:
            raise self._too_many(event)
        kind = type(event)
        here = self._report.location(event)
        if kind is ScalarEvent:
            value = scalar_value(event, self._report)
            self._count += len(event.value) // _TEXT_PER_VALUE
            return Node(value, here, key, "" if type(value) is str else event.value)
        if depth == DEEPEST:
            raise self._too_deep(event)
        self._deepest = max(self._deepest, depth + 1)
        if kind is MappingStartEvent:
            return Node(self._map(event, depth + 1), here, key)
        return Node(self._list(event, depth + 1), here, key)

    def _map(self, start: Any, depth: int) -> dict[str, Node]:
        check_collection_tag(start, "map", self._report)
        result: dict[str, Node] = {}
        path = self._report.path
        while type(event := self._next()) is not MappingEndEvent:
            key = self._key(event, depth)
            path.append("?" if key is None else key)
            first = result.get(key) if key is not None else None
            if first is not None:
                self._duplicate(event, str(key), first)
            node = self._node(self._next(), depth, self._report.location(event))
            path.pop()
            if key is not None and first is None:
                result[key] = node
        return result

    def _list(self, start: Any, depth: int) -> tuple[Node, ...]:
        check_collection_tag(start, "seq", self._report)
        items: list[Node] = []
        path = self._report.path
        while type(event := self._next()) is not SequenceEndEvent:
            path.append(len(items))
            items.append(self._node(event, depth, None))
            path.pop()
        return tuple(items)

    def _key(self, event: Any, depth: int) -> str | None:
        """The text of a key; None for one that is reported."""
        if type(event) is ScalarEvent:
            key = key_value(event, self._report)
            if event.anchor is not None:
                node = Node(key, self._report.location(event))
                self._anchors.close(event.anchor, Anchored(node, 1 + len(event.value) // _TEXT_PER_VALUE, 0))
            return key
        known = len(self._report.findings)
        value = self._node(event, depth, None).value
        if isinstance(value, str):
            return value
        if type(event) is not AliasEvent or len(self._report.findings) == known:
            refuse_key(event, self._report)
        return None

    def _alias(self, event: Any, depth: int, key: Location | None) -> Node:
        anchored = self._anchors.resolve(event)
        here = self._report.location(event)
        if anchored is None:
            return Node(None, here, key)
        if depth + anchored.height > DEEPEST:
            raise self._too_deep(event)
        self._count += anchored.cost
        self._deepest = max(self._deepest, depth + anchored.height)
        return Node(anchored.node.value, here, key, anchored.node.text)

    def _anchored(self, event: Any, depth: int, key: Location | None) -> Node:
        self._anchors.open(event.anchor)
        count, deepest = self._count, self._deepest
        self._deepest = depth
        node = self._value(event, depth, key)
        self._anchors.close(event.anchor, Anchored(node, self._count - count, self._deepest - depth))
        self._deepest = max(self._deepest, deepest)
        return node

    def _duplicate(self, event: Any, key: str, first: Node) -> None:
        line = (first.key_location or first.location).line
        message = f"the key {shortened(key)} stands here again; the first is on line {line}"
        self._report.add(event, "yaml-duplicate-key", message, "keep one of them")

    def _too_many(self, event: Any) -> UnreadableError:
        message = f"{self._budget.reader} more than {MOST_VALUES} values"
        return self._report.stop(event, "spec-size", message, "keep large data in files of their own")

    def _too_deep(self, event: Any) -> UnreadableError:
        message = f"maps and lists are nested more than {DEEPEST} levels deep"
        return self._report.stop(event, "yaml-depth", message, "make the structure flatter")
