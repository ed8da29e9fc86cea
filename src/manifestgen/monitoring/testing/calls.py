"""Functions of PromQL as functions of the time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from manifestgen.monitoring.testing import functions
from manifestgen.monitoring.testing.labelling import Kept, Key, Vector, key_of_all, replacing
from manifestgen.monitoring.testing.readings import At, Reader, no_range, nothing
from manifestgen.monitoring.testing.series import Labels
from manifestgen.monitoring.testing.tree import Call, Node, Number, Selector, Subquery, Words
from manifestgen.monitoring.testing.unsolved import UnsolvedError

_Arguments = tuple[Node, ...]


def reading(reader: Reader, call: Call) -> At:
    """What a call gives, by the time; empty at all times where its argument is, but for ``absent``."""
    name, arguments = call.function, call.arguments
    if name in functions.OVER_TIME:
        over_time = functions.OVER_TIME[name]
        return _of_range(reader, arguments[0], lambda time: over_time)
    if name in functions.OF_ONE:
        one = functions.OF_ONE[name]
        return _of_each(reader.reading(arguments[0]), lambda time: one)
    if name not in _CALLS:
        raise UnsolvedError(f"{name}() is not understood")
    return _CALLS[name](reader, arguments)


def _of_range(reader: Reader, argument: Node, function: Callable[[float], functions.OverTime]) -> At:
    """A function of a range, which may itself depend on the time."""
    ranged = reader.range(argument)
    if ranged is no_range:
        return nothing

    def at(time: float) -> Vector:
        series, start, end = ranged(time)
        over_time = function(time)
        return [
            (labels, value)
            for labels, samples in series
            if (value := over_time(samples, start, end)) is not None
        ]

    return at


def _of_each(argument: At, function: Callable[[float], Callable[[float], float]]) -> At:
    """A function of each value, which may itself depend on the time."""
    if argument is nothing:
        return nothing

    def at(time: float) -> Vector:
        one = function(time)
        return [(labels, one(value)) for labels, value in argument(time)]

    return at


def _absent(reader: Reader, arguments: _Arguments) -> At:
    argument = arguments[0]
    there: Vector = [(_labels_when_absent(argument), 1.0)]
    if isinstance(argument, Subquery) or (isinstance(argument, Selector) and argument.window):
        ranged = reader.range(argument)
        return lambda time: [] if ranged(time).series else there
    instant = reader.reading(argument)
    return lambda time: [] if instant(time) else there


def _labels_when_absent(argument: Node) -> Labels:
    if not isinstance(argument, Selector):
        return {}
    equal = {m.label: m.value for m in argument.matchers if m.op == "=" and m.value}
    named = [m.label for m in argument.matchers]
    return {label: value for label, value in equal.items() if named.count(label) == 1}


def _histogram_quantile(reader: Reader, arguments: _Arguments) -> At:
    q, buckets = reader.number(arguments[0]), reader.reading(arguments[1])
    if buckets is nothing:
        return nothing
    rest_of = Kept(_without_edge)

    def at(time: float) -> Vector:
        groups: dict[Key, tuple[Labels, list[tuple[float, float]]]] = {}
        for labels, value in buckets(time):
            if "le" in labels:
                key, rest = rest_of(labels)
                groups.setdefault(key, (rest, []))[1].append((float(labels["le"]), value))
        return [(rest, functions.bucket_quantile(q(time), group)) for rest, group in groups.values()]

    return at


def _without_edge(labels: Labels) -> tuple[Key, Labels]:
    rest = {label: text for label, text in labels.items() if label != "le"}
    return key_of_all(rest), rest


def _label_replace(reader: Reader, arguments: _Arguments) -> At:
    argument = reader.reading(arguments[0])
    target, text, source, regex = (a.text if isinstance(a, Words) else "" for a in arguments[1:])
    replaced = replacing(target, text, source, regex)
    if argument is nothing:
        return nothing
    return lambda time: [(replaced(labels), value) for labels, value in argument(time)]


def _clamp_max(reader: Reader, arguments: _Arguments) -> At:
    bound = reader.number(arguments[1])
    return _of_each(reader.reading(arguments[0]), lambda time: lambda value: min(value, bound(time)))


def _clamp_min(reader: Reader, arguments: _Arguments) -> At:
    bound = reader.number(arguments[1])
    return _of_each(reader.reading(arguments[0]), lambda time: lambda value: max(value, bound(time)))


def _round(reader: Reader, arguments: _Arguments) -> At:
    unit = reader.number(arguments[1] if len(arguments) > 1 else Number(1.0))

    def rounding(time: float) -> Callable[[float], float]:
        to = unit(time)
        return lambda value: math.floor(value / to + 0.5) * to

    return _of_each(reader.reading(arguments[0]), rounding)


def _vector(reader: Reader, arguments: _Arguments) -> At:
    number, labels = reader.number(arguments[0]), Labels()
    return lambda time: [(labels, number(time))]


def _predict_linear(reader: Reader, arguments: _Arguments) -> At:
    ahead = reader.number(arguments[1])

    def predicting(time: float) -> functions.OverTime:
        def predicted(samples: functions.Samples, start: float, end: float) -> float | None:
            line = functions.regression(samples, time)
            return None if line is None else line[0] * ahead(time) + line[1]

        return predicted

    return _of_range(reader, arguments[0], predicting)


def _quantile_over_time(reader: Reader, arguments: _Arguments) -> At:
    q = reader.number(arguments[0])

    def ranking(time: float) -> functions.OverTime:
        return lambda samples, start, end: functions.quantile(q(time), [value for _, value in samples])

    return _of_range(reader, arguments[1], ranking)


def _as_it_is(reader: Reader, arguments: _Arguments) -> At:
    return reader.reading(arguments[0])


_CALLS: Final[dict[str, Callable[[Reader, _Arguments], At]]] = {
    "absent": _absent,
    "absent_over_time": _absent,
    "histogram_quantile": _histogram_quantile,
    "label_replace": _label_replace,
    "clamp_max": _clamp_max,
    "clamp_min": _clamp_min,
    "round": _round,
    "vector": _vector,
    "predict_linear": _predict_linear,
    "quantile_over_time": _quantile_over_time,
    "sort": _as_it_is,
    "sort_desc": _as_it_is,
}
