"""All that is wrong with an expression, and with an alert."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from manifestgen.facts.nearest import nearest
from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring.expressions import comparing, naming, spans, tree, using
from manifestgen.monitoring.expressions.shapes import Shape, Shaper
from manifestgen.monitoring.expressions.surroundings import Surroundings
from manifestgen.monitoring.expressions.tree import Node
from manifestgen.monitoring.flaw import Flaw
from manifestgen.monitoring.rules import Alert

_USED: Final = re.compile(r"\{\{[^}]*\$labels\.([A-Za-z_][A-Za-z0-9_]*)")


def of_expression(text: str, there: Surroundings) -> Iterator[Flaw]:
    """What is wrong with an expression, each thing once."""
    try:
        node = tree.parse(text)
    except ValueError as error:
        yield Flaw(
            "promql-syntax", f"it is no PromQL: {_reason(error)}", "correct it; promtool reads the same"
        )
        return
    yield from dict.fromkeys(_flaws(node, there))


def of_alert(alert: Alert, there: Surroundings) -> Iterator[Flaw]:
    """What keeps an alert from ever firing, or its description from saying what it should."""
    try:
        node = tree.parse(alert.expr)
    except ValueError:
        return  # `of_expression` says so
    wait = parse_duration(alert.for_) if alert.for_ else 0.0
    yield from comparing.never_for(node, wait, there)
    shape = Shaper(there.shape).of(node)
    for label in dict.fromkeys(_USED.findall(alert.description)):
        if shape is not None and label != "__name__" and not shape.may_have(label):
            yield _nameless(label, shape)


def _flaws(node: Node, there: Surroundings) -> Iterator[Flaw]:
    yield from naming.flaws(node, there)
    yield from using.flaws(node, there)
    yield from spans.flaws(node, there)
    yield from comparing.flaws(node, there)
    shaper = Shaper(there.shape)
    shaper.of(node)
    for mismatch in shaper.mismatches:
        yield Flaw(
            "promql-never-matches",
            f"the sides of `{tree.operator(mismatch.node)}` never match: {mismatch.why}",
            "say which labels count: on (…) or ignoring (…)",
        )


def _nameless(label: str, shape: Shape) -> Flaw:
    there = sorted(shape.maybe or ())
    near = nearest(label, there)
    has = f"it has {', '.join(there)}" if there else "it has none: everything is aggregated into one"
    return Flaw(
        "alert-template-label",
        f"the description uses $labels.{label}, which the result of `expr` never has",
        f"did you mean {near}? {has}" if near else f"keep the label in `expr`, or do without; {has}",
    )


def _reason(error: ValueError) -> str:
    """What the parser says, on one line."""
    return re.sub(r"\s+", " ", str(error)).strip() or "it is empty"
