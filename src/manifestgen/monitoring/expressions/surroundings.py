"""What an expression can refer to on a platform: jobs with their exporters and labels, records, intervals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, reduce
from typing import Any, Final, NamedTuple

from manifestgen.facts.metrics import Metric, MetricType, gone, metrics_called
from manifestgen.facts.metrics.exporter import Exporter, Family
from manifestgen.facts.quantities import parse_duration
from manifestgen.monitoring.expressions import tree
from manifestgen.monitoring.expressions.shapes import ANY, Shape, Shaper
from manifestgen.monitoring.expressions.tree import Node
from manifestgen.monitoring.rules import Record
from manifestgen.monitoring.sources import Source, sources_of
from manifestgen.resolving.model import ResolvedPlatform

_OF_EVERY_TARGET: Final = "prometheus, of every target"
_OF_ALERTS: Final = "prometheus, of every alert"


class Origin(NamedTuple):
    """A series that a selector may mean: a metric, and the job that scrapes it; None for what has no job."""

    metric: Metric
    source: Source | None

    @property
    def shape(self) -> Shape:
        """Its labels. A library's metric may be another application's, which has labels of its own."""
        if self.source is None:
            return Shape(self.metric.labels, None)
        if self.metric.exporter.is_library or self.source.maybe is None:
            own = frozenset[str]() if self.metric.exporter.is_library else self._renamed(self.metric.labels)
            return Shape(self.source.sure | own, None, {"job": self.source.job})
        return Shape(
            self.source.sure | self._renamed(self.metric.labels),
            self.source.maybe | self._renamed(self.metric.possible_labels),
            {"job": self.source.job},
        )

    @property
    def labels(self) -> frozenset[str] | None:
        """All labels that it is known to have; None when there may be others."""
        if self.source is None or self.source.maybe is None:
            return None
        return self.source.maybe | self._renamed(self.metric.possible_labels)

    def _renamed(self, labels: Iterable[str]) -> frozenset[str]:
        """Labels of the target win over those of the exporter, unless the job says otherwise."""
        if self.source is None or self.source.honor_labels:
            return frozenset(labels)
        return frozenset(f"exported_{one}" if one in self.source.sure else one for one in labels)


class Surroundings:
    """What there is on one platform, and what a selector means on it."""

    def __init__(self, platform: ResolvedPlatform, records: Iterable[Record]) -> None:
        monitoring = platform.spec.monitoring
        self.sources = sources_of(platform)
        self.scrape_interval = parse_duration(monitoring.scrape_interval)
        self.evaluation_interval = parse_duration(monitoring.evaluation_interval)
        self.retention = parse_duration(monitoring.retention)
        self.retention_text = monitoring.retention
        self.versions: Mapping[str, str] = {str(name): one for name, one in monitoring.exporters.items()}
        self.business = monitoring.business
        self._counted = dict(_counted(platform))
        self._records: dict[str, list[str]] = {}
        for record in records:
            self._records.setdefault(record.name, []).append(record.expr)
        self._shapes: dict[str, Shape] = {}
        self._trees: dict[str, list[Node]] = {}

    @property
    def is_whole(self) -> bool:
        """Whether Prometheus scrapes what is known here and nothing else."""
        return all(source.maybe is not None for source in self.sources)

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of records and of figures of the business."""
        return frozenset((*self._records, *self.business))

    def has_record(self, name: str) -> bool:
        """Whether there is a record of this name."""
        return name in self._records

    def record(self, name: str) -> list[Node]:
        """The expressions that a record is made by; empty when there is no such record, or it is too long."""
        if name not in self._trees:
            try:
                self._trees[name] = [tree.parse(expr) for expr in self._records.get(name, ())]
            except ValueError:
                self._trees[name] = []
        return self._trees[name]

    def metrics(self, selector: Node) -> tuple[Metric, ...]:
        """What a selector may mean by its name alone, whoever scrapes it; figures of the business, too."""
        name = tree.name_of(selector)
        if name is None:
            return ()
        if name in self.business:
            return (_declared(name, self.business[name]),)
        known = metrics_called(name)
        if not known and name in self._counted and gone(name) is None:
            return (_of_workload(name, "counter", *self._counted[name]),)
        return known

    def jobs(self, selector: Node) -> list[Source]:
        """The jobs that a selector's matchers take."""
        of_job = [one for one in tree.matchers(selector) if one.name == "job"]
        return [source for source in self.sources if all(tree.matches(one, source.job) for one in of_job)]

    def origins(self, selector: Node) -> list[Origin]:
        """Who gives the series that a selector means."""
        found: list[Origin] = []
        jobs = self.jobs(selector)
        for metric in self.metrics(selector):
            exporter = metric.exporter.name
            if exporter == _OF_ALERTS:
                found.append(Origin(metric, None))
            found += [
                Origin(metric, one) for one in jobs if exporter == _OF_EVERY_TARGET or one.gives(exporter)
            ]
        return found

    def type_of(self, selector: Node) -> MetricType | None:
        """How the series of a selector may be used, None when it is not known or not the same for all."""
        types = {metric.type for metric in self.metrics(selector)}
        return types.pop() if len(types) == 1 else None

    def shape(self, selector: Node) -> Shape:
        """The labels of a selector's series, before its matchers are looked at."""
        name = tree.name_of(selector)
        if name is not None and self.has_record(name):
            return self._shape_of_record(name)
        return _either([origin.shape for origin in self.origins(selector)])

    def _shape_of_record(self, name: str) -> Shape:
        if name not in self._shapes:
            self._shapes[name] = ANY  # for a record that refers to itself
            shapes = [Shaper(self.shape).of(expr) or Shape() for expr in self.record(name)]
            self._shapes[name] = _either(shapes)
        return self._shapes[name]


def _either(shapes: list[Shape]) -> Shape:
    """The series of all; of none nothing is known."""
    return reduce(Shape.either, shapes) if shapes else ANY


def _declared(name: str, figure: Any) -> Metric:
    """A figure of the business as a metric."""
    return _of_workload(name, figure.type, figure.workload, " ".join(figure.labels))


def _of_workload(name: str, kind: MetricType, workload: str, labels: str = "") -> Metric:
    """A metric that the spec names: of a library, for what it says of labels need not be all."""
    exporter = Exporter(f"workload {workload}", "", 0, (), is_library=True)
    return Metric(name, kind, exporter, Family(kind, "", labels, name))


def _counted(platform: ResolvedPlatform) -> Iterator[tuple[str, tuple[str, str]]]:
    """What objectives count by names of their own, each with its workload and a label that it has."""
    for slo in platform.spec.slos.values():
        if slo.latency is not None:
            yield f"{slo.latency.histogram}_bucket", (slo.workload, "le")
            yield f"{slo.latency.histogram}_count", (slo.workload, "")
        elif slo.availability is not None:
            yield slo.availability.counter, (slo.workload, slo.availability.label)
