"""Rules of Prometheus as data: what a preset states, and what stands in a rule file."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from textwrap import dedent
from types import MappingProxyType
from typing import Any, NamedTuple

from manifestgen.spec.late import AlertTest
from manifestgen.spec.prometheus import Category, Severity


class _Fill(Template):
    """Text with places to fill, ``@name``: PromQL and Go templates use ``$`` for themselves."""

    delimiter = "@"


def fill(text: str, values: Mapping[str, str]) -> str:
    """``text`` without its indentation, and with every ``@name`` replaced.

    KeyError for a name that ``values`` lacks: a preset never leaves a hole in a rule.
    """
    return _Fill(dedent(text).strip()).substitute(values)


class Record(NamedTuple):
    """A recording rule; ``name`` is ``level:metric:operations``, ``labels`` are put on what it gives."""

    name: str
    expr: str
    labels: Mapping[str, str] = MappingProxyType({})

    @property
    def body(self) -> dict[str, Any]:
        """All but its name as the keys of a rule."""
        return {"expr": self.expr, **({"labels": dict(self.labels)} if self.labels else {})}


class Alert(NamedTuple):
    """An alerting rule. The description is a Go template, the summary plain text.

    ``slo`` names the objective that it is about, if it is about one; ``links`` are more annotations.
    """

    name: str
    severity: Severity
    expr: str
    summary: str
    description: str
    for_: str | None = None
    keep_firing_for: str | None = None
    component: str = ""
    category: Category = "infrastructure"
    team: str = ""
    slo: str = ""
    links: Mapping[str, str] = MappingProxyType({})
    test: AlertTest | None = None
    """Input for its test, where the spec gives it."""

    @property
    def labels(self) -> dict[str, str]:
        """The labels it is routed by."""
        return {
            "severity": self.severity,
            "component": self.component,
            "category": self.category,
            "team": self.team,
            **({"slo": self.slo} if self.slo else {}),
        }

    @property
    def body(self) -> dict[str, Any]:
        """All but its name as the keys of a rule, in the order people know."""
        waits = {"for": self.for_, "keep_firing_for": self.keep_firing_for}
        return {
            "expr": self.expr,
            **{key: wait for key, wait in waits.items() if wait},
            "labels": self.labels,
            "annotations": {"summary": self.summary, "description": self.description, **self.links},
        }


class Group(NamedTuple):
    """Rules about one thing, evaluated one after another, so that a record may build on those above it.

    ``interval`` is the time between two evaluations of its records, where that is not the usual one.
    """

    name: str
    title: str
    records: tuple[Record, ...] = ()
    alerts: tuple[Alert, ...] = ()
    interval: str | None = None


class Preset(NamedTuple):
    """What is known about one kind of component: its figures worth recording and its alerts.

    Records are made once for all components of the kind, with ``@all`` for the matchers of their
    jobs; alerts once for each, with ``@of`` for those of one. ``category`` is that of its alerts.
    """

    name: str
    title: str
    category: Category
    records: tuple[Record, ...]
    alerts: tuple[Alert, ...]


class Subject(NamedTuple):
    """A component that a preset is applied to, with the values that fill its rules.

    ``without`` names alerts of the preset that make no sense for it.
    """

    name: str
    values: Mapping[str, str]
    without: frozenset[str] = frozenset()
