"""Which records are of use."""

from __future__ import annotations

from collections.abc import Iterable

from manifestgen.monitoring.expressions import tree
from manifestgen.monitoring.rules import Group


def unused_records(groups: Iterable[Group], more: Iterable[str] = ()) -> set[str]:
    """Records that no alert, no other record and none of ``more`` expressions, of dashboards, asks for."""
    every = list(groups)
    records = {record.name: record.expr for group in every for record in group.records}
    used = set[str]()
    for name, expr in records.items():
        used |= _asked(expr) - {name}
    for expr in (*(alert.expr for group in every for alert in group.alerts), *more):
        used |= _asked(expr)
    return set(records) - used


def _asked(expr: str) -> set[str]:
    return {tree.name_of(selector) or "" for selector in tree.selectors(tree.parse(expr))}
