"""PromQL worked forward: what an expression gives for input series at a time.

It follows Prometheus 2.53. Where 3.0 differs (a range no longer holds the sample at its very start), the
series of ``solve`` give the same in both: what grows, grows on a line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, cast

from manifestgen.monitoring.testing import functions
from manifestgen.monitoring.testing.series import Labels, Series
from manifestgen.monitoring.testing.tree import (
    COMPARISONS,
    SETS,
    Aggregate,
    Binary,
    Call,
    Matcher,
    Matching,
    Node,
    Number,
    Recording,
    Selector,
    Subquery,
    Words,
)
from manifestgen.monitoring.testing.unsolved import UnsolvedError
from manifestgen.monitoring.testing.words import fulfils

Element = tuple[Labels, float]
Vector = list[Element]
Records = Mapping[str, tuple[Recording, ...]]
"""The recording rules by the name they record to."""


class World:
    """Input series, the recording rules over them, and the seconds between two evaluations."""

    def __init__(self, series: Sequence[Series], records: Records, interval: int) -> None:
        self._series: dict[str, list[Series]] = {}
        for one in series:
            self._series.setdefault(one.name, []).append(one)
        self.records = records
        self.interval = interval
        self._selected: dict[tuple[str, tuple[Matcher, ...]], list[tuple[int, Recording]]] = {}
        self._recorded: dict[tuple[str, int, float], Vector] = {}

    def vector(self, node: Node, time: float) -> Vector:
        """What the expression gives at ``time``; a scalar is one element without labels."""
        value = self._value(node, time)
        return value if isinstance(value, list) else [({}, value)]

    def _value(self, node: Node, time: float) -> float | Vector:
        match node:
            case Number():
                return node.value
            case Selector():
                return self._instant(node, time)
            case Call():
                return self._call(node, time)
            case Aggregate():
                return self._aggregate(node, time)
            case Binary():
                return self._binary(node, time)
            case _:
                raise UnsolvedError("a range or a text stands where a value is needed")

    def _instant(self, selector: Selector, time: float) -> Vector:
        if selector.window:
            raise UnsolvedError("a range stands where a value is needed")
        time -= selector.offset
        found: Vector = []
        for series in self._series.get(selector.name, ()):
            value = series.at(time)
            if value is not None and selects(selector.matchers, series.labels):
                found.append((series.labels, value))
        if time >= 0:
            for number, rule in self._rules(selector):
                recorded = self._record(selector.name, number, rule, time)
                found += (one for one in recorded if selects(selector.matchers, one[0]))
        return found

    def _rules(self, selector: Selector) -> Sequence[tuple[int, Recording]]:
        """The rules that may record what is selected, each with its number."""
        if selector.name not in self.records:
            return ()
        key = (selector.name, selector.matchers)
        if key not in self._selected:
            rules = enumerate(self.records[selector.name])
            self._selected[key] = [one for one in rules if may_select(selector, one[1].labels)]
        return self._selected[key]

    def _record(self, name: str, number: int, rule: Recording, time: float) -> Vector:
        known = self._recorded.get((name, number, time))
        if known is None:
            known = self.vector(rule.node, time)
            if rule.labels:
                known = [({**labels, **dict(rule.labels)}, value) for labels, value in known]
            self._recorded[name, number, time] = known
        return known

    def _ranges(self, node: Node, time: float) -> list[tuple[Labels, functions.Samples, float, float]]:
        """Each series of a range with its samples, and when the range begins and ends."""
        match node:
            case Selector() if node.window:
                end = time - node.offset
                start = end - node.window
                found = [
                    (series.labels, series.within(start, end))
                    for series in self._series.get(node.name, ())
                    if selects(node.matchers, series.labels)
                ]
                if node.name in self.records:
                    found += self._sampled(node._replace(window=0.0, offset=0.0), start, end, self.interval)
            case Subquery():
                end = time - node.offset
                start = end - node.window
                found = self._sampled(node.inner, start, end, node.step or self.interval)
            case _:
                raise UnsolvedError("a value stands where a range is needed")
        return [(labels, samples, start, end) for labels, samples in found if samples]

    def _sampled(
        self, node: Node, start: float, end: float, step: float
    ) -> list[tuple[Labels, list[tuple[float, float]]]]:
        by_labels: dict[frozenset[tuple[str, str]], tuple[Labels, list[tuple[float, float]]]] = {}
        for index in range(max(0, math.ceil(start / step)), math.floor(end / step) + 1):
            for labels, value in self.vector(node, index * step):
                by_labels.setdefault(frozenset(labels.items()), (labels, []))[1].append((index * step, value))
        return list(by_labels.values())

    def _call(self, call: Call, time: float) -> float | Vector:
        name, arguments = call.function, call.arguments
        if name in functions.OVER_TIME:
            return self._over_time(functions.OVER_TIME[name], arguments[0], time)
        if name in functions.OF_ONE:
            one = functions.OF_ONE[name]
            return [(labels, one(value)) for labels, value in self.vector(arguments[0], time)]
        if name not in _CALLS:
            raise UnsolvedError(f"{name}() is not understood")
        return _CALLS[name](self, arguments, time)

    def _over_time(self, function: functions.OverTime, argument: Node, time: float) -> Vector:
        found: Vector = []
        for labels, samples, start, end in self._ranges(argument, time):
            value = function(samples, start, end)
            if value is not None:
                found.append((labels, value))
        return found

    def number(self, node: Node, time: float) -> float:
        """The value of a scalar expression; NaN for a vector that is not one element."""
        value = self._value(node, time)
        if isinstance(value, list):
            return value[0][1] if len(value) == 1 else math.nan
        return value

    def regression(self, argument: Node, ahead: float, time: float) -> Vector:
        """``predict_linear``."""
        found: Vector = []
        for labels, samples, _, _ in self._ranges(argument, time):
            line = functions.regression(samples, time)
            if line is not None:
                found.append((labels, line[0] * ahead + line[1]))
        return found

    def quantiles(self, q: float, argument: Node, time: float) -> Vector:
        """``quantile_over_time``."""
        ranges = self._ranges(argument, time)
        return [(labels, functions.quantile(q, [v for _, v in samples])) for labels, samples, _, _ in ranges]

    def is_absent(self, argument: Node, time: float) -> bool:
        """Whether an instant or a range holds nothing."""
        if isinstance(argument, Subquery) or (isinstance(argument, Selector) and argument.window):
            return not self._ranges(argument, time)
        return not self.vector(argument, time)

    def _aggregate(self, node: Aggregate, time: float) -> Vector:
        groups: dict[frozenset[tuple[str, str]], Vector] = {}
        titles: dict[frozenset[tuple[str, str]], Labels] = {}
        for element in self.vector(node.inner, time):
            labels = _grouped(node, element[0])
            key = frozenset(labels.items())
            titles.setdefault(key, labels)  # not the set itself: it has no order
            groups.setdefault(key, []).append(element)
        parameter = math.nan if node.parameter is None else self._parameter(node.parameter, time)
        if node.op in ("topk", "bottomk"):
            picked = (sorted(group, key=lambda one: one[1]) for group in groups.values())
            count = int(parameter)
            return [e for group in picked for e in (group[-count:] if node.op == "topk" else group[:count])]
        return [(titles[key], _aggregated(node.op, parameter, group)) for key, group in groups.items()]

    def _parameter(self, node: Node, time: float) -> float:
        return math.nan if isinstance(node, Words) else self.number(node, time)

    def _binary(self, node: Binary, time: float) -> float | Vector:
        left, right = self._value(node.left, time), self._value(node.right, time)
        if isinstance(left, list) and isinstance(right, list):
            if node.op in SETS:
                return _set_operation(node, left, right)
            return _joined(node, left, right)
        return _with_scalar(node, left, right)


def selects(matchers: Sequence[Matcher], labels: Labels) -> bool:
    """Whether a series with these labels fulfils all matchers."""
    return all(fulfils(labels.get(matcher.label, ""), matcher) for matcher in matchers)


def may_select(selector: Selector, given: Iterable[tuple[str, str]]) -> bool:
    """Whether the labels that a rule puts on what it records agree with all matchers."""
    words = dict(given)
    return all(fulfils(words[one.label], one) for one in selector.matchers if one.label in words)


def _grouped(node: Aggregate, labels: Labels) -> Labels:
    if node.without:
        return {label: value for label, value in labels.items() if label not in node.labels}
    return {label: labels[label] for label in node.labels if label in labels}


def _aggregated(op: str, parameter: float, group: Vector) -> float:
    values = [value for _, value in group]
    if op == "quantile":
        return functions.quantile(parameter, values)
    if op not in functions.AGGREGATE:
        raise UnsolvedError(f"{op} is not understood")
    return functions.AGGREGATE[op](values)


def _operate(node: Binary, left: float, right: float) -> float | None:
    """The value that an operation gives, None where a comparison drops it."""
    if node.op in COMPARISONS:
        holds = functions.COMPARE[node.op](left, right)
        return float(holds) if node.as_bool else (left if holds else None)
    return functions.ARITHMETIC[node.op](left, right)


def _with_scalar(node: Binary, left: float | Vector, right: float | Vector) -> float | Vector:
    if isinstance(left, list):
        pairs = [(labels, value, _operate(node, value, cast(float, right))) for labels, value in left]
    elif isinstance(right, list):
        pairs = [(labels, value, _operate(node, left, value)) for labels, value in right]
    else:
        result = _operate(node, left, right)
        return math.nan if result is None else result
    # A comparison gives the value of the vector, on whichever side that stands.
    keeps = node.op in COMPARISONS and not node.as_bool
    return [(labels, value if keeps else result) for labels, value, result in pairs if result is not None]


def key_of(matching: Matching, labels: Labels) -> frozenset[tuple[str, str]]:
    """What the two sides of an operation have to agree on."""
    if matching.on:
        return frozenset((label, labels[label]) for label in matching.labels if label in labels)
    return frozenset(pair for pair in labels.items() if pair[0] not in matching.labels)


def _set_operation(node: Binary, left: Vector, right: Vector) -> Vector:
    theirs = {key_of(node.matching, labels) for labels, _ in right}
    ours = {key_of(node.matching, labels) for labels, _ in left}
    if node.op == "and":
        return [one for one in left if key_of(node.matching, one[0]) in theirs]
    if node.op == "unless":
        return [one for one in left if key_of(node.matching, one[0]) not in theirs]
    return [*left, *(one for one in right if key_of(node.matching, one[0]) not in ours)]


def _joined(node: Binary, left: Vector, right: Vector) -> Vector:
    matching = node.matching
    many, one = (right, left) if matching.many == "right" else (left, right)
    partners: dict[frozenset[tuple[str, str]], Element] = {}
    for element in one:
        key = key_of(matching, element[0])
        if key in partners:
            raise UnsolvedError(f"several series on one side of `{node.op}` match")
        partners[key] = element
    found: Vector = []
    for labels, value in many:
        partner = partners.get(key_of(matching, labels))
        if partner is not None:
            a, b = (partner[1], value) if matching.many == "right" else (value, partner[1])
            result = _operate(node, a, b)
            if result is not None:
                found.append((_result_labels(node, labels, partner[0]), result))
    return found


def _result_labels(node: Binary, labels: Labels, partner: Labels) -> Labels:
    matching = node.matching
    if matching.many:
        brought = {label: partner.get(label, "") for label in matching.brought}
        return {label: value for label, value in {**labels, **brought}.items() if value}
    if matching.on:
        return {label: value for label, value in labels.items() if label in matching.labels}
    return {label: value for label, value in labels.items() if label not in matching.labels}


def _absent(world: World, arguments: tuple[Node, ...], time: float) -> Vector:
    argument = arguments[0]
    if not world.is_absent(argument, time):
        return []
    if not isinstance(argument, Selector):
        return [({}, 1.0)]
    equal = {m.label: m.value for m in argument.matchers if m.op == "=" and m.value}
    twice = [m.label for m in argument.matchers]
    return [({label: value for label, value in equal.items() if twice.count(label) == 1}, 1.0)]


def _histogram_quantile(world: World, arguments: tuple[Node, ...], time: float) -> Vector:
    q = world.number(arguments[0], time)
    groups: dict[frozenset[tuple[str, str]], tuple[Labels, list[tuple[float, float]]]] = {}
    for labels, value in world.vector(arguments[1], time):
        if "le" in labels:
            rest = {label: text for label, text in labels.items() if label != "le"}
            group = groups.setdefault(frozenset(rest.items()), (rest, []))
            group[1].append((float(labels["le"]), value))
    return [(labels, functions.bucket_quantile(q, buckets)) for labels, buckets in groups.values()]


def _label_replace(world: World, arguments: tuple[Node, ...], time: float) -> Vector:
    target, replacement, source, regex = (a.text if isinstance(a, Words) else "" for a in arguments[1:])
    template = re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", replacement)
    found: Vector = []
    for labels, value in world.vector(arguments[0], time):
        match = re.fullmatch(regex, labels.get(source, ""))
        changed = labels if match is None else {**labels, target: match.expand(template)}
        found.append(({label: text for label, text in changed.items() if text}, value))
    return found


def _clamp_max(world: World, arguments: tuple[Node, ...], time: float) -> Vector:
    bound = world.number(arguments[1], time)
    return [(labels, min(value, bound)) for labels, value in world.vector(arguments[0], time)]


def _clamp_min(world: World, arguments: tuple[Node, ...], time: float) -> Vector:
    bound = world.number(arguments[1], time)
    return [(labels, max(value, bound)) for labels, value in world.vector(arguments[0], time)]


def _round(world: World, arguments: tuple[Node, ...], time: float) -> Vector:
    unit = world.number(arguments[1], time) if len(arguments) > 1 else 1.0
    return [
        (labels, math.floor(value / unit + 0.5) * unit) for labels, value in world.vector(arguments[0], time)
    ]


_CALLS: Final[dict[str, Callable[[World, tuple[Node, ...], float], float | Vector]]] = {
    "absent": _absent,
    "absent_over_time": _absent,
    "histogram_quantile": _histogram_quantile,
    "label_replace": _label_replace,
    "clamp_max": _clamp_max,
    "clamp_min": _clamp_min,
    "round": _round,
    "time": lambda world, arguments, time: time,
    "vector": lambda world, arguments, time: [({}, world.number(arguments[0], time))],
    "scalar": lambda world, arguments, time: world.number(arguments[0], time),
    "predict_linear": lambda world, arguments, time: world.regression(
        arguments[0], world.number(arguments[1], time), time
    ),
    "quantile_over_time": lambda world, arguments, time: world.quantiles(
        world.number(arguments[0], time), arguments[1], time
    ),
    "sort": lambda world, arguments, time: world.vector(arguments[0], time),
    "sort_desc": lambda world, arguments, time: world.vector(arguments[0], time),
}
