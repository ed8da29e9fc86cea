"""How many series each job brings: by the labels of its metrics, and by what the spec has of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, prod
from typing import Final, NamedTuple

from manifestgen.facts.metrics import exporters
from manifestgen.facts.metrics.amounts import AMOUNTS, BUCKETS, IMPLIED, MOST_BUCKETS, OF_EXPORTER, QUANTILES
from manifestgen.facts.metrics.exporter import Exporter, Family
from manifestgen.monitoring.gateways import GATEWAY_JOB
from manifestgen.monitoring.jobs import ScrapeJob, jobs_of
from manifestgen.monitoring.sources import sources_of
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import Cardinality
from manifestgen.spec.workloads import Scalable, Workload

_PROCESS: Final = 100
"""Series that a process has of itself: its memory, its garbage collection, the scrape."""
_UNKNOWN: Final = 1000
"""Series of a target of which nothing is known."""
_LEAST: Final = 2000
_LEAST_OF_OTHERS: Final = 20_000
"""No limit is lower. Of what is not the platform's own, only a part is known: kubelet has thousands."""
_REPLICAS: Final = {"ingress-nginx": 2, "alertmanager": 2, "vault": 3, GATEWAY_JOB: 2}
"""Pods of a service of the cluster; of all others there is one."""
_OF_CONTROLLERS: Final = (
    *("deployment", "statefulset", "daemonset", "horizontalpodautoscaler", "poddisruptionbudget"),
    *("job_name", "cronjob", "persistentvolumeclaim", "persistentvolume", "resourcequota"),
)
_PODS_OF_EACH: Final = 3
"""Pods for each controller, autoscaler, volume and so on."""


class Part(NamedTuple):
    """Series of one metric at one target, and how many of what they come from: ``handler 40 × status 4``."""

    metric: str
    series: int
    product: str


class SampleLimit(NamedTuple):
    """The most samples that a scrape may bring; why so many, where that follows from an estimate."""

    samples: int
    why: str = ""


class Estimate(NamedTuple):
    """What a job brings."""

    job: str
    targets: int
    each: int
    largest: Part | None

    @property
    def total(self) -> int:
        """Series of all its targets."""
        return self.targets * self.each

    @property
    def told(self) -> str:
        """How it comes about, for a reader."""
        if self.largest is None:
            return f"about {self.each} series a target, as nothing is known of it"
        product = f" ({self.largest.product})" if self.largest.product else ""
        return f"about {self.each} series a target, {self.largest.series} of {self.largest.metric}{product}"


def estimates_of(platform: ResolvedPlatform, given: Cardinality) -> tuple[Estimate, ...]:
    """What each job brings, in the order of the jobs."""
    known = {exporter.name: exporter for exporter in exporters()}
    sources = {source.job: source for source in sources_of(platform)}
    found = []
    for job in jobs_of(platform):
        name = sources[job.name].exporter or ""
        exporter = known.get(name)
        counts = {**AMOUNTS, **_counts(platform, job, given), **OF_EXPORTER.get(name, {}), **given.counts}
        parts = [*(_parts(exporter, counts) if exporter else ()), *_declared(platform, job, counts)]
        each = sum(part.series for part in parts) + (_PROCESS if exporter else _UNKNOWN)
        largest = max(parts, key=lambda part: part.series, default=None)
        found.append(Estimate(job.name, _targets(platform, job, given), each, largest))
    return tuple(found)


def limits_of(platform: ResolvedPlatform) -> dict[str, SampleLimit]:
    """The most samples that a scrape of each job may bring; none when there is no budget."""
    given = platform.spec.monitoring.cardinality
    if given is None:
        return {}
    limits = {}
    for estimate in estimates_of(platform, given):
        least = _LEAST if estimate.job in platform.spec.workloads else _LEAST_OF_OTHERS
        samples = _rounded(given.headroom * estimate.each)
        if estimate.job in given.limits:
            limits[estimate.job] = SampleLimit(given.limits[estimate.job])
        elif samples > least:
            why = f"{given.headroom} times what is expected: {estimate.told}"
            limits[estimate.job] = SampleLimit(samples, why)
        else:
            limits[estimate.job] = SampleLimit(least)
    return limits


def _parts(exporter: Exporter, counts: Mapping[str, int]) -> Iterator[Part]:
    for family in exporter.families:
        for name in family.names.split():
            yield _part(name, family, counts)


def _part(name: str, family: Family, counts: Mapping[str, int]) -> Part:
    labels = [label.rstrip("?") for label in family.labels.split()]
    told = {other for label in labels for other in IMPLIED.get(label, ())}
    several = {label: counts.get(label, 1) for label in labels if label != "le" and label not in told}
    factors = [f"{label} {count}" for label, count in several.items() if count > 1]
    each = _series(name, family)
    if each > 1:
        factors.append(f"{each} series of a {family.type}")
    return Part(name, each * prod(several.values()), " × ".join(factors))


def _series(name: str, family: Family) -> int:
    """Series that there are for the same labels: buckets or quantiles, and the sum and count of both."""
    match family.type:
        case "histogram":
            return BUCKETS.get(name, MOST_BUCKETS) + 2
        case "summary":
            return QUANTILES + 2
    return MOST_BUCKETS if "le" in family.labels.split() else 1


def _declared(platform: ResolvedPlatform, job: ScrapeJob, counts: Mapping[str, int]) -> Iterator[Part]:
    """Figures of the business that a workload exports."""
    for name, figure in platform.spec.monitoring.business.items():
        if figure.workload == job.name:
            yield _part(name, Family(figure.type, "", " ".join(figure.labels), name), counts)


def _counts(platform: ResolvedPlatform, job: ScrapeJob, given: Cardinality) -> dict[str, int]:
    """Values of labels that the spec knows. A node has its own pods, the API server those of all."""
    pods = ceil(given.pods / given.nodes) if job.find == "nodes" else given.pods
    workers = [one for one in platform.spec.workloads.values() if one.type == "worker"]
    return {
        **dict.fromkeys(_OF_CONTROLLERS, max(1, pods // _PODS_OF_EACH)),
        "pod": pods,
        "node": given.nodes,
        "hostname": max(1, sum(map(_most, workers))),
        "ingress": max(1, len(platform.spec.routes)),
        **_behind_routes(platform),
    }


def _behind_routes(platform: ResolvedPlatform) -> dict[str, int]:
    """What a Gateway tells apart: rules of routes, and the Services that they lead to."""
    rules = [rule for route in platform.spec.routes.values() for _, rule in route.all_rules()]
    services = {(to.workload, to.port) for rule in rules for to in rule.destinations}
    return {"envoy_cluster_name": max(1, len(rules)), "destination_service_name": max(1, len(services))}


def _targets(platform: ResolvedPlatform, job: ScrapeJob, given: Cardinality) -> int:
    match job.find:
        case "nodes":
            return given.nodes
        case "static" | "probe":
            return len(job.addresses)
        case "pods" if job.name != GATEWAY_JOB:
            return _pods(platform, job, given)
    return _REPLICAS.get(job.name, 1)


def _pods(platform: ResolvedPlatform, job: ScrapeJob, given: Cardinality) -> int:
    name = job.values[0]
    workload = platform.spec.workloads.get(name)
    if workload is not None:
        return given.nodes if workload.type == "daemon" else max(1, _most(workload))
    store = platform.spec.datastores[name]
    return int(getattr(store, "replicas", 0) or 1 + getattr(store, "read_replicas", 0))


def _most(workload: Workload) -> int:
    """The largest number of pods that may run."""
    if not isinstance(workload, Scalable):
        return 1
    most: int = workload.autoscaling.max if workload.autoscaling else workload.fewest
    return most


def _rounded(limit: int) -> int:
    """Two digits and zeros behind them, upwards: it is an estimate and should look like one."""
    size: int = 10 ** (len(str(limit)) - 2)
    return ceil(limit / size) * size
