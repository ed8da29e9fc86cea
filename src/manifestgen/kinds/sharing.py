"""Which requests a new version gets: routes that lead to its workload, and the Service of its own pods."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.facts import conventions as names
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.routes import RouteRule
from manifestgen.spec.workloads import Replicated, Served


def new_version_service(platform: ResolvedPlatform, name: str) -> str | None:
    """The Service of the new version's pods, None where there is none: requests are not told apart then."""
    workload = platform.spec.workloads.get(name)
    if not isinstance(workload, Replicated) or not isinstance(workload, Served):
        return None
    if workload.strategy == "blue-green" or shares_routes(platform, name):
        return names.new_version_service(name, workload.strategy)
    return None


def shares_routes(platform: ResolvedPlatform, name: str) -> bool:
    """Whether a canary gets its share of the requests by the routes that lead to the workload.

    Argo Rollouts sets the weights of a rule itself, so it cannot where several workloads have some already;
    it knows of Ingresses only those of ingress-nginx.
    """
    workload = platform.spec.workloads.get(name)
    if not isinstance(workload, Replicated) or workload.strategy != "canary":
        return False
    cluster = platform.spec.cluster
    knows_how = cluster.routing == "gateway" or cluster.has_ingress_nginx
    wanted = workload.rollout is None or workload.rollout.traffic == "routes"
    rules = list(_rules(platform, name)) if wanted and knows_how else []
    return bool(rules) and not any(
        len(rule.destinations) > 1 or _speaks_tls(platform, name, rule) for rule in rules
    )


def _rules(platform: ResolvedPlatform, name: str) -> Iterator[RouteRule]:
    """The rules that lead to the main Service of a workload."""
    workload = platform.spec.workloads[name]
    ports = workload.main_ports if isinstance(workload, Served) else {}
    for route in platform.spec.routes.values():
        for _, rule in route.all_rules():
            if any(one.workload == name and one.port in ports for one in rule.destinations):
                yield rule


def _speaks_tls(platform: ResolvedPlatform, name: str, rule: RouteRule) -> bool:
    """Whether gateways would need a policy for the Service of the new version, too."""
    workload = platform.spec.workloads[name]
    return isinstance(workload, Served) and any(workload.tls_at(one.port) for one in rule.destinations)
