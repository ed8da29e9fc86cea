"""The tables of docs/metrics.md: the catalogue of metrics as people read it."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.facts.metrics import exporters
from manifestgen.facts.metrics.dead import GONE
from manifestgen.facts.metrics.exporter import Exporter, Family


def tables() -> str:
    """A section for each exporter."""
    return "\n".join(line for exporter in exporters() for line in _section(exporter))


def gone() -> str:
    """The dead names, and what to use instead."""
    rows = [
        f"| `{one.name}` | {one.exporter} | `{one.successor}` | {_why(one.why, one.until)} |" for one in GONE
    ]
    return "\n".join(["| name | exporter | instead | why |", "|---|---|---|---|", *rows])


def _section(exporter: Exporter) -> Iterator[str]:
    yield from (f"## {exporter.name} {exporter.version}", "", f"Port {exporter.port}, `{exporter.path}`.", "")
    yield from ("| metric | type | unit | labels | to know |", "|---|---|---|---|---|")
    for family in exporter.families:
        for name in family.names.split():
            labels = " ".join(f"`{label}`" for label in family.labels.split())
            cells = (f"`{name}`", family.type, family.unit, labels, "; ".join(_notes(family)))
            yield "| " + " | ".join(cells) + " |"
    yield ""


def _notes(family: Family) -> Iterator[str]:
    if family.since:
        yield f"since {family.since}"
    if family.zero:
        yield f"0: {family.zero}"
    if family.zero_lasts:
        yield f"stays 0 for {family.zero_lasts}, then it is gone"
    for label, values in family.values.items():
        yield f"`{label}`: {', '.join(values.split())}"


def _why(why: str, until: str) -> str:
    return f"{why} (gone with {until})" if until and until not in why else why
