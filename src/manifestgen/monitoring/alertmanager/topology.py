"""Inhibitions that follow from the platform: who hears of the cause need not hear of the effect.

None silences what is critical. The ``equal`` labels are on both alerts: a label that both lack counts as the
same, and the rule would silence too much. ``environment`` is on all, as a label of Prometheus, and so is
``component``, as a label of every rule.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from manifestgen.monitoring.rules import Alert
from manifestgen.resolving.model import ResolvedPlatform

Conditions = Mapping[str, tuple[str, ...]]
"""The values that each label may have."""


class Derived(NamedTuple):
    """An inhibition, and why."""

    name: str
    why: str
    source: Conditions
    target: Conditions
    equal: tuple[str, ...]


class _Pair(NamedTuple):
    """The same trouble of one of many things, in two stages or seen from two sides."""

    causes: tuple[str, ...]
    effects: tuple[str, ...]
    same: tuple[str, ...]
    """Labels that say which of the many things; the series of all these alerts have them."""
    why: str


PAIRS: Final = (
    _Pair(
        ("NodeDiskNearlyFull", "NodeDiskReadOnly"),
        ("NodeDiskFillingUp",),
        ("instance", "mountpoint"),
        "A disk that is nearly full was filling up before, and one that cannot be written to fills no more.",
    ),
    _Pair(
        ("VolumeNearlyFull",),
        ("VolumeFillingUp", "VolumeFullSoon"),
        ("namespace", "persistentvolumeclaim"),
        "A volume that is nearly full was filling up before.",
    ),
    _Pair(
        ("CertificateExpires",),
        ("CertificateExpiresSoon", "CertificateNotReady"),
        ("namespace", "name"),
        "A certificate that is about to expire was not renewed in time.",
    ),
    _Pair(
        ("RouteUnreachable",),
        ("RouteSlow",),
        ("instance",),
        "A route that does not answer is slow, too.",
    ),
    _Pair(
        ("NodeExporterDown",),
        ("NodeCpuHigh", "NodeMemoryHigh", "NodeDiskFillingUp", "NodeClockWrong"),
        ("instance",),
        "What the exporter of a node told last lingers; of the other nodes, figures go on.",
    ),
    _Pair(
        ("KubeletDown",),
        ("VolumeFullSoon",),
        ("instance",),
        "What the kubelet of a node told last of its volumes lingers.",
    ),
    _Pair(
        ("PostgresqlDown",),
        (
            *("PostgresqlReplicationLagHigh", "PostgresqlReplicationSlotInactive"),
            *("PostgresqlConnectionsHigh", "PostgresqlMaxConnectionsDiffers", "PostgresqlLoadHigh"),
            *("PostgresqlCacheHitRatioLow", "PostgresqlTransactionLong", "PostgresqlRollbackRatioHigh"),
            "PostgresqlArchivingFails",
        ),
        ("component", "instance"),
        "Of a server that does not answer only old figures linger; the other servers tell theirs.",
    ),
    _Pair(
        ("NodeNotReady",),
        ("NodeExporterDown", "KubeletDown", "NodeUnderPressure"),
        (
            "node",
        ),  # kube-state-metrics says it of a node, and the scrape jobs of nodes put it on their targets
        "A node that is gone takes its exporters along.",
    ),
)

GONE: Final = frozenset(
    {
        *("WebDown", "WorkloadDown"),
        *("PostgresqlAbsent", "PostgresqlPrimaryMissing"),
        *("RedisAbsent", "RedisMasterMissing"),
        *("RabbitmqDown", "RabbitmqMajorityLost"),
        *("MinioDown", "MinioUnhealthy"),
    }
)
"""Alerts that say that a component serves nobody."""
GONE_IF_ALONE: Final = frozenset({"RedisDown"})
"""Alerts on one server, which is all of the component when there is no other."""

_CELERY: Final = "celery"
"""The component of what Celery tells of all workers together."""
_ROUTES: Final = "routes"
"""The component of probes of all routes together."""

_ABSENT: Final = re.compile(r"absent\([^()]*\)")
_JOB: Final = re.compile(r'\bjob=~?"([^"]*)"')
_KUBERNETES: Final = re.compile(r"\bkube_\w+")
_LESS: Final = ("warning", "info")
_URGENCY: Final = {"info": 0, "warning": 1, "critical": 2}


def derived(platform: ResolvedPlatform, alerts: Iterable[Alert]) -> tuple[Derived, ...]:
    """The inhibitions among ``alerts``, those of the platform."""
    known = tuple(alerts)
    return (
        *_louder(platform, known),
        *_unmeasured(platform, known),
        *_without_what_they_need(platform, known),
        *_pairs(known),
    )


def _louder(platform: ResolvedPlatform, alerts: tuple[Alert, ...]) -> Iterator[Derived]:
    critical = {alert.component for alert in alerts if alert.severity == "critical"}
    less = {alert.component for alert in alerts if alert.severity in _LESS}
    both = tuple(name for name in _single(platform) if name in critical & less)
    if both:
        yield Derived(
            "critical-silences-less",
            "While a component burns, nobody need hear that it smokes. Each of these is one thing:\n"
            "that a node is in trouble, say, would say nothing about the other nodes.",
            {"severity": ("critical",), "component": both},
            {"severity": _LESS, "component": both},
            ("environment", "component"),
        )


def _single(platform: ResolvedPlatform) -> tuple[str, ...]:
    """Components that stand for one thing."""
    return (*platform.spec.workloads, *platform.spec.datastores, _CELERY, "vault", "ingress", "gateway")


def _unmeasured(platform: ResolvedPlatform, alerts: tuple[Alert, ...]) -> Iterator[Derived]:
    """What an exporter tells that is not there any more."""
    covered = set(_single(platform))
    figures = [(alert, _jobs(alert.expr)) for alert in alerts]
    sources = [alert for alert in alerts if _ABSENT.fullmatch(alert.expr) or _is_down(alert.expr)]
    for source in sources:
        jobs = _jobs(source.expr)
        if source.severity == "critical" and source.component in covered:
            continue  # it silences all that is less of its component
        if jobs == {"alertmanager"}:
            continue  # there is none to silence anything then
        names = _measured_by(jobs, source, figures)
        if names:
            yield _lingering(source, jobs, names)
        own = [one for one in figures if one[0].component == source.component]
        more = [name for name in _measured_by(jobs, source, own) if name not in names]
        if more:
            yield _lingering(source, jobs, more, of_its_own=True)


def _lingering(
    source: Alert, jobs: frozenset[str], names: Sequence[str], *, of_its_own: bool = False
) -> Derived:
    """``source`` silences alerts of these names; with ``of_its_own``, only those on its own component."""
    component = {"component": (source.component,)} if of_its_own else {}
    told = " and ".join(sorted(jobs))
    return Derived(
        f"{_hyphened(source.name)}-silences-figures{f'-of-{source.component}' if of_its_own else ''}",
        f"While the job {told} tells nothing, alerts on its last figures linger:\n"
        "for their keep_firing_for, or for the window of their rates.",
        {"alertname": (source.name,), "component": (source.component,)},
        {"alertname": tuple(names), "severity": _LESS, **component},
        ("environment", *component),
    )


def _is_down(expr: str) -> bool:
    """Whether it says of a job that none of its targets answers."""
    return expr.startswith("absent(up{") and expr.endswith("} == 1)")


def _measured_by(
    jobs: frozenset[str], source: Alert, figures: list[tuple[Alert, frozenset[str]]]
) -> list[str]:
    """Names of alerts all of which are on figures of these jobs alone, and no more urgent than the source."""
    allowed = _LESS if source.severity != "info" else ("info",)
    fits: dict[str, bool] = defaultdict(lambda: True)
    for alert, measured in figures:
        fits[alert.name] &= bool(measured) and measured <= jobs and alert.severity in allowed
    return [name for name, fit in fits.items() if fit and name != source.name]


def _jobs(expr: str) -> frozenset[str]:
    """The jobs whose figures an expression names."""
    jobs = {job for match in _JOB.findall(expr) for job in match.replace("\\", "").split("|")}
    if _KUBERNETES.search(expr):
        jobs.add("kube-state-metrics")
    return frozenset(jobs)


def _without_what_they_need(platform: ResolvedPlatform, alerts: tuple[Alert, ...]) -> Iterator[Derived]:
    """What fails because something that it connects to is gone."""
    less = {alert.component for alert in alerts if alert.severity in _LESS}
    for cause, names in _gone(platform, alerts).items():
        effects = tuple(name for name in _dependents(platform, cause) if name in less)
        if effects:
            yield Derived(
                f"{cause}-silences-what-needs-it",
                f"Without {cause}, what connects to it cannot do well: {_listed(effects)}.",
                {"alertname": names, "component": (cause,)},
                {"severity": _LESS, "component": effects},
                ("environment",),
            )


def _gone(platform: ResolvedPlatform, alerts: tuple[Alert, ...]) -> dict[str, tuple[str, ...]]:
    """By component, its alerts that say that it serves nobody; only critical ones are sure enough."""
    stores = platform.spec.datastores
    alone = {name for name, store in stores.items() if getattr(store, "replicas", 1) == 1}
    found: dict[str, tuple[str, ...]] = {}
    for alert in alerts:
        gone = alert.name in GONE or (alert.name in GONE_IF_ALONE and alert.component in alone)
        if gone and alert.severity == "critical":
            found[alert.component] = (*found.get(alert.component, ()), alert.name)
    return found


def _dependents(platform: ResolvedPlatform, cause: str) -> Iterator[str]:
    """Components that need ``cause``.

    Workloads that connect to it, Celery if workers do, the routes if all that they lead to do.
    """
    workloads = platform.spec.workloads
    needing = [name for name, workload in workloads.items() if cause in workload.connects and name != cause]
    yield from needing
    if any(workloads[name].type == "worker" for name in needing):
        yield _CELERY
    routes = platform.spec.routes.values()
    served = {to.workload for route in routes for _, rule in route.all_rules() for to in rule.destinations}
    if served and served <= {cause, *needing}:
        yield _ROUTES


def _pairs(alerts: tuple[Alert, ...]) -> Iterator[Derived]:
    urgency: dict[str, list[int]] = defaultdict(list)
    for alert in alerts:
        urgency[alert.name].append(_URGENCY[alert.severity])
    for pair in PAIRS:
        causes = tuple(name for name in pair.causes if name in urgency)
        # What is critical is never silent, and nothing is silent for what is told later or to fewer.
        most = min((_URGENCY["warning"], *(min(urgency[name]) for name in causes)))
        effects = tuple(name for name in pair.effects if name in urgency and max(urgency[name]) <= most)
        if causes and effects:
            yield Derived(
                f"{_hyphened(causes[0])}-silences-same",
                pair.why,
                {"alertname": causes},
                {"alertname": effects},
                ("environment", *pair.same),
            )


def _hyphened(name: str) -> str:
    """``NodeNotReady`` → ``node-not-ready``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
