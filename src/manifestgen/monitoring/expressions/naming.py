"""What selectors name: metrics that exist and are scraped, labels that these have, values that can be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.facts.metrics import Metric, gone, metrics
from manifestgen.facts.nearest import nearest
from manifestgen.facts.versions import is_older
from manifestgen.monitoring.expressions import tree
from manifestgen.monitoring.expressions.surroundings import Surroundings
from manifestgen.monitoring.expressions.tree import Node
from manifestgen.monitoring.flaw import Flaw


def flaws(node: Node, there: Surroundings) -> Iterator[Flaw]:
    """What is wrong with the names in an expression."""
    for selector in tree.selectors(node):
        name = tree.name_of(selector)
        if name is None or there.has_record(name):
            continue
        known = there.metrics(selector)
        if not known:
            yield _unknown(name, there)
            continue
        born = [metric for metric in known if not _is_unborn(metric, there)]
        if not born:
            yield _unborn(known[0], there)
        elif not there.origins(selector):
            if there.is_whole:
                yield _unscraped(selector, born[0], there)
        else:
            yield from _labels(selector, there)


def _unknown(name: str, there: Surroundings) -> Flaw:
    dead = gone(name)
    if dead is not None and not (dead.until and is_older(_version(dead.exporter, there), dead.until)):
        advice = f"use {dead.successor}" if dead.successor else "remove it"
        return Flaw("series-dead", f"{dead.exporter} does not export {name}: {dead.why}", advice)
    if dead is not None:  # alive in the version that the platform runs
        message = f"{name} lives until {dead.exporter} {dead.until}, and the rules do not know it any more"
        return Flaw("series-unknown", message, f"raise the exporter, and use {dead.successor}")
    near = nearest(name, [*there.names, *metrics()])
    hint = f"did you mean {near}? If not, " if near else ""
    return Flaw(
        "series-unknown",
        f"nobody that we know exports {name}",
        f"{hint}declare it: monitoring.business.{name}",
    )


def _version(exporter: str, there: Surroundings, read: str = "") -> str:
    """The version that runs, by the spec; what is not said there is the one that was read."""
    return there.versions.get(exporter.partition(",")[0]) or read or "9999"


def _is_unborn(metric: Metric, there: Surroundings) -> bool:
    since = metric.family.since
    return bool(since) and is_older(_version(metric.exporter.name, there, metric.exporter.version), since)


def _unborn(metric: Metric, there: Surroundings) -> Flaw:
    exporter = metric.exporter
    version = _version(exporter.name, there, exporter.version)
    return Flaw(
        "series-dead",
        f"{exporter.name} {version} does not export {metric.name} yet; {metric.family.since} does",
        f"run a later one and say so, monitoring.exporters.{exporter.name}, or do without",
    )


def _unscraped(selector: Node, metric: Metric, there: Surroundings) -> Flaw:
    who = metric.exporter.name
    givers = [source.job for source in there.sources if source.gives(who)]
    if not givers:
        return Flaw(
            "series-unscraped",
            f"{metric.name} is exported by {who}, which no job of this platform scrapes",
            "see monitoring.stack and the metrics of data services, or add it to monitoring.targets",
        )
    asked = ", ".join(
        f"{one.name}{_sign(one)}{one.value!r}" for one in tree.matchers(selector) if one.name == "job"
    )
    advice = f"jobs that give it: {', '.join(givers)}"
    return Flaw("series-unscraped", f"no job that {asked} takes has {metric.name}", advice)


def _labels(selector: Node, there: Surroundings) -> Iterator[Flaw]:
    origins = there.origins(selector)
    labels = [origin.labels for origin in origins]
    for matcher in tree.matchers(selector):
        if matcher.name in ("__name__", "job") or tree.matches(matcher, ""):
            continue  # what takes series without the label is never wrong about it
        known: frozenset[str] | None = None if None in labels else frozenset().union(*filter(None, labels))
        if known is not None and matcher.name not in known:
            yield Flaw(
                "promql-label",
                f"{tree.name_of(selector)} has no label {matcher.name}, so this selects nothing",
                f"it has {', '.join(sorted(known))}",
            )
        else:
            yield from _value(selector, matcher, [origin.metric for origin in origins])


def _value(selector: Node, matcher: Any, of: list[Metric]) -> Iterator[Flaw]:
    known = [metric.family.values.get(matcher.name, "").split() for metric in of]
    if not all(known):
        return
    values = sorted({value for one in known for value in one})
    if not any(_may_be(matcher, value) for value in values):
        yield Flaw(
            "promql-value",
            f"{matcher.name} of {tree.name_of(selector)} is never {matcher.value!r}",
            f"it is one of {', '.join(values)}",
        )


def _may_be(matcher: Any, value: str) -> bool:
    """Whether a matcher takes a value; one that is itself a pattern stands for many."""
    return "[" in value or tree.matches(matcher, value)


def _sign(matcher: Any) -> str:
    return "=" if tree.is_equality(matcher) else "~"
