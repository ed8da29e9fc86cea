"""Schedules of Chaos Mesh: experiments that come again.

Fields as in its API (chaos-mesh.org/v1alpha1 of Chaos Mesh 2). A selector without namespaces means that of
the object. On the way to a Service packets bear its address and not that of a pod, so the way to something
in the cluster is named twice: by its pods, whose addresses some clients are told, and by its Services.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, Final

from manifestgen.facts import conventions as names
from manifestgen.facts.quantities import parse_quantity
from manifestgen.kinds.peers import pods_of
from manifestgen.kinds.views import View, owner_of, present, seconds
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import (
    BusyCpu,
    BusyMemory,
    Chaos,
    Delay,
    Experiment,
    ExternalStore,
    Fail,
    InCluster,
    Kill,
    Loss,
    Network,
)
from manifestgen.spec.workloads import Scalable, Served

Part = dict[str, Any]

_LONGEST: Final = 57
"""Characters of a name that Chaos Mesh can add six to."""
_FIRST_HOUR: Final = 10
_HOURS: Final = 5
_PACE: Final = 15
"""Minutes from one usual experiment to the next."""


def chaos_views(platform: ResolvedPlatform, chaos: Chaos) -> Iterator[View]:
    """A Schedule for each experiment."""
    usual = dict(_usual(platform)) if chaos.usual == "workdays" else {}
    for name, experiment in {**usual, **chaos.experiments}.items():
        owner = owner_of(platform, "workloads", experiment.workload)
        source = ("chaos", "experiments", name) if name in chaos.experiments else ("chaos", "usual")
        key, kind, body = _what(platform, experiment)
        yield owner._replace(source=source).view(
            "schedule",
            name,
            description=experiment.description or _sentence(experiment),
            schedule=experiment.schedule,
            history=chaos.history,
            experiment=kind,
            key=key,
            body={**body, **_whom(owner.selector, experiment)},
        )


def _usual(platform: ResolvedPlatform) -> Iterator[tuple[str, Experiment]]:
    turns = count()
    for name, workload in platform.spec.workloads.items():
        if isinstance(workload, Scalable) and workload.fewest >= 2:
            yield from _named(
                f"{name}-loses-a-pod", Kill(type="kill", workload=name, schedule=_turn(next(turns)))
            )
        for target in workload.connects:
            if isinstance(platform.spec.datastores.get(target), InCluster) and isinstance(workload, Scalable):
                late = Delay(
                    type="delay",
                    workload=name,
                    schedule=_turn(next(turns)),
                    duration="5m",
                    to=target,
                    latency="100ms",
                    jitter="20ms",
                    share=100,
                )
                yield from _named(f"{name}-reaches-{target}-late", late)


def _named(name: str, experiment: Experiment) -> Iterator[tuple[str, Experiment]]:
    if len(name) <= _LONGEST:  # what has longer names is written by hand
        yield name, experiment


def _turn(number: int) -> str:
    """The time of the number-th experiment of a day; when the hours are used up it begins again."""
    minutes = number * _PACE % (_HOURS * 60)
    return f"{minutes % 60} {_FIRST_HOUR + minutes // 60} * * 1-5"


def _what(platform: ResolvedPlatform, experiment: Experiment) -> tuple[str, str, Part]:
    """The key of the experiment in a Schedule, its kind, and what it says beside whom it is about."""
    match experiment:
        case Kill():
            grace = experiment.grace_period
            return "podChaos", "PodChaos", present(action="pod-kill", gracePeriod=grace and seconds(grace))
        case Fail():
            return "podChaos", "PodChaos", {"action": "pod-failure", "duration": experiment.duration}
        case Delay():
            delay = {"latency": experiment.latency, "jitter": experiment.jitter, "correlation": "0"}
            return _network(platform, experiment, {"action": "delay", "delay": delay})
        case Loss():
            loss = {"loss": str(experiment.packets), "correlation": "0"}
            return _network(platform, experiment, {"action": "loss", "loss": loss})
        case BusyCpu():
            return _stress(experiment, {"cpu": {"workers": experiment.workers, "load": experiment.load}})
        case BusyMemory():
            return _stress(
                experiment, {"memory": {"workers": 1, "size": f"{int(parse_quantity(experiment.size))}B"}}
            )
        case _:
            raise TypeError(type(experiment))


def _network(platform: ResolvedPlatform, experiment: Network, body: Part) -> tuple[str, str, Part]:
    way = {"direction": "to", **(_way(platform, experiment.to) if experiment.to is not None else {})}
    return "networkChaos", "NetworkChaos", {**body, **way, "duration": experiment.duration}


def _way(platform: ResolvedPlatform, to: str) -> Part:
    """Where a way leads: to pods, to addresses or to both."""
    spec = platform.spec
    external, store, workload = spec.externals.get(to), spec.datastores.get(to), spec.workloads.get(to)
    if external is not None and external.namespace is not None:
        chosen = {"labelSelectors": external.pods} if external.pods else {}
        return {"target": {"mode": "all", "selector": {"namespaces": [external.namespace], **chosen}}}
    if external is not None:
        return {"externalTargets": list(external.networks)}
    if isinstance(store, ExternalStore):
        return {"externalTargets": list(store.cidrs)}
    target = {"mode": "all", "selector": {"labelSelectors": pods_of(platform, to)}}
    services = [to]
    if store is not None and store.type == "postgresql":
        services = [f"{to}-primary"]
    if workload is not None:
        services = (
            [names.service(to, key) for key in workload.all_services] if isinstance(workload, Served) else []
        )
    hosts = [f"{service}.{platform.namespace}.svc.cluster.local" for service in services]
    return present(target=target, externalTargets=hosts or None)


def _stress(experiment: BusyCpu | BusyMemory, stressors: Part) -> tuple[str, str, Part]:
    return "stressChaos", "StressChaos", {"stressors": stressors, "duration": experiment.duration}


def _whom(selector: dict[str, str], experiment: Experiment) -> Part:
    share = experiment.share
    mode = {"mode": "one"} if share is None else {"mode": "fixed-percent", "value": str(share)}
    if share == 100:
        mode = {"mode": "all"}
    return {**mode, "selector": {"labelSelectors": selector}}


def _sentence(experiment: Experiment) -> str:
    whose = f"of {experiment.workload}"
    pods = f"A pod {whose}" if experiment.share is None else f"{experiment.share} % of the pods {whose}"
    pods = f"All pods {whose}" if experiment.share == 100 else pods
    verb = "s" if experiment.share is None else ""
    match experiment:
        case Kill():
            return f"{pods} {'is' if verb else 'are'} killed."
        case Fail():
            return f"{pods} do{'es' if verb else ''} nothing for {experiment.duration}."
        case Delay():
            way = f"to {experiment.to} " if experiment.to else ""
            return f"{pods} send{verb} {way}{experiment.latency} late, for {experiment.duration}."
        case Loss():
            way = f" on the way to {experiment.to}" if experiment.to else ""
            sent = "it sends" if verb else "they send"
            return f"{pods} lose{verb} {experiment.packets} % of what {sent}{way}, for {experiment.duration}."
        case BusyCpu():
            return f"{pods} share{verb} {'its' if verb else 'their'} processors with a busy program."
        case _:
            return f"{pods} share{verb} {'its' if verb else 'their'} memory with a program that takes much."
