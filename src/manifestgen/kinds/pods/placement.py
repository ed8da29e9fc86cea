"""Where pods run, and how they see the network there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.kinds.views import Owner, present, seconds
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.base import defaults_of
from manifestgen.spec.placement import Dns, NodeMatch, Skew, Spreading, Toleration
from manifestgen.spec.workloads import Scalable, WorkloadBase

_ZONE, _NODE = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
_PRESETS = {
    "none": defaults_of(Spreading, apart="no"),
    "nodes": defaults_of(Spreading, over={_NODE: defaults_of(Skew)}),
    "zones": defaults_of(Spreading, over={_ZONE: defaults_of(Skew), _NODE: defaults_of(Skew)}),
}
_EVERY_TAINT = "*"
_MOST_WEIGHT = 100


def placement(platform: ResolvedPlatform, owner: Owner, workload: WorkloadBase) -> dict[str, Any]:
    """What the template of a pod is told of its place; what is None or empty is left out there."""
    spread = workload.spread if isinstance(workload, Scalable) else "none"
    spreading = spread if isinstance(spread, Spreading) else _PRESETS[spread]
    required = workload.nodes.require
    return {
        "priority_class": workload.priority_class,
        "runtime_class": workload.runtime_class,
        "pull_secrets": [{"name": _secret(platform, name)} for name in workload.image_pull_secrets],
        "service_links": workload.service_links,
        "host_network": workload.host_network,
        "host_pid": workload.host_pid,
        "share_processes": workload.share_processes,
        "dns_policy": _dns_policy(workload),
        "dns_config": _dns_config(workload.dns),
        "host_aliases": [{"ip": ip, "hostnames": hosts} for ip, hosts in workload.host_aliases.items()],
        "node_selector": {key: value for key, value in required.items() if isinstance(value, str)},
        "affinity": {**_node_affinity(workload), **_apart(owner, spreading)},
        "spread": [_constraint(owner, key, skew) for key, skew in spreading.over.items()],
        "tolerations": [_toleration(key, taint) for key, taint in workload.tolerations.items()],
    }


def _secret(platform: ResolvedPlatform, name: str) -> str:
    """The Secret of a set of settings; any other name is that of a Secret that is there."""
    return names.secret(name) if name in platform.spec.settings else name


def _dns_policy(workload: WorkloadBase) -> str | None:
    """Pods on the network of the node ask the node's servers, unless they are told to ask the cluster's."""
    if workload.dns.policy == "ClusterFirst":
        return "ClusterFirstWithHostNet" if workload.host_network is not None else None
    return workload.dns.policy


def _dns_config(dns: Dns) -> dict[str, Any]:
    options = [{"name": name, **({"value": value} if value else {})} for name, value in dns.options.items()]
    found = {"nameservers": dns.nameservers, "searches": dns.searches, "options": options}
    return {key: value for key, value in found.items() if value}


def _node_affinity(workload: WorkloadBase) -> dict[str, Any]:
    more = {key: value for key, value in workload.nodes.require.items() if not isinstance(value, str)}
    affinity: dict[str, Any] = {}
    if more:
        terms = [{"matchExpressions": _expressions(more)}]
        affinity["requiredDuringSchedulingIgnoredDuringExecution"] = {"nodeSelectorTerms": terms}
    if workload.nodes.prefer:
        affinity["preferredDuringSchedulingIgnoredDuringExecution"] = [
            {"weight": _MOST_WEIGHT, "preference": {"matchExpressions": [expression]}}
            for expression in _expressions(workload.nodes.prefer)
        ]
    return {"nodeAffinity": affinity} if affinity else {}


def _expressions(labels: Mapping[str, str | list[str] | NodeMatch]) -> list[dict[str, Any]]:
    return [{"key": key, **_condition(wanted)} for key, wanted in labels.items()]


def _condition(wanted: str | list[str] | NodeMatch) -> dict[str, Any]:
    if not isinstance(wanted, NodeMatch):
        return {"operator": "In", "values": [wanted] if isinstance(wanted, str) else wanted}
    if wanted.exists is not None:
        return {"operator": "Exists" if wanted.exists else "DoesNotExist"}
    if wanted.not_in is not None:
        return {"operator": "NotIn", "values": wanted.not_in}
    operator, figure = ("Gt", wanted.above) if wanted.above is not None else ("Lt", wanted.below)
    return {"operator": operator, "values": [str(figure)]}


def _apart(owner: Owner, spreading: Spreading) -> dict[str, Any]:
    """Pods of one kind keep apart; where that is a preference, a full cluster still runs them."""
    term = {"topologyKey": _NODE, "labelSelector": {"matchLabels": owner.selector}}
    affinity: Mapping[str, dict[str, Any]] = {
        "no": {},
        "preferred": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": _MOST_WEIGHT, "podAffinityTerm": term}
            ]
        },
        "required": {"requiredDuringSchedulingIgnoredDuringExecution": [term]},
    }
    found = affinity[spreading.apart]
    return {"podAntiAffinity": found} if found else {}


def _constraint(owner: Owner, key: str, skew: Skew) -> dict[str, Any]:
    return {
        "topologyKey": key,
        "maxSkew": skew.max_skew,
        **present(minDomains=skew.min_domains),
        "whenUnsatisfiable": "DoNotSchedule" if skew.required else "ScheduleAnyway",
        **present(nodeTaintsPolicy=skew.taints),
        "labelSelector": {"matchLabels": owner.selector},
    }


def _toleration(key: str, taint: Toleration) -> dict[str, Any]:
    return {
        **({} if key == _EVERY_TAINT else {"key": key}),
        **({"operator": "Exists"} if taint.value is None else {"operator": "Equal", "value": taint.value}),
        **present(effect=taint.effect),
        **present(tolerationSeconds=None if taint.seconds is None else seconds(taint.seconds)),
    }
