"""How many pods of a workload are ready, as kube-state-metrics tells it.

It knows Deployments. Of a Rollout it sees only the pods, by their names: the Rollout's, the hash of the
version, and five characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from manifestgen.monitoring import promql
from manifestgen.spec.workloads import Replicated, Workload

_HASHED: Final = "-[a-z0-9]+-[a-z0-9]{5}"
_TOLD: Final = '\n  and on ()\nup{job="kube-state-metrics"} == 1'
"""Without kube-state-metrics there are no series of pods, either, which is not the same as no pods."""


def is_rollout(workload: Workload) -> bool:
    """Whether a Rollout makes the pods, so that there is no Deployment."""
    return isinstance(workload, Replicated) and workload.is_progressive


def availability(namespace: str, name: str, workload: Workload) -> dict[str, str]:
    """The values ``available``, ``sure`` and ``whose`` of a workload; ``namespace`` is a matcher."""
    if is_rollout(workload):
        return {"available": f"({_ready(namespace, [name])} or vector(0))", "sure": _TOLD, "whose": name}
    matchers = f"{namespace}, {promql.matcher('deployment', [name])}"
    return {
        "available": f"kube_deployment_status_replicas_available{{\n  {matchers}\n}}",
        "sure": "",
        "whose": "{{ $labels.deployment }}",
    }


def available_workers(namespace: str, workers: Mapping[str, Workload]) -> str:
    """How many pods of several workloads are ready together."""
    rollouts = [name for name, workload in workers.items() if is_rollout(workload)]
    deployments = promql.matcher("deployment", [name for name in workers if name not in rollouts])
    sums = [f"sum(kube_deployment_status_replicas_available{{{namespace}, {deployments}}})"]
    if not rollouts:
        return sums[0]
    sums = [*(sums if len(rollouts) < len(workers) else []), _ready(namespace, rollouts)]
    return " + ".join(f"({one} or vector(0))" for one in sums)


def _ready(namespace: str, names: Iterable[str]) -> str:
    pods = "|".join(map(promql.regex, names))
    pattern = promql.string(f"({pods}){_HASHED}" if "|" in pods else f"{pods}{_HASHED}")
    return f'sum(kube_pod_status_ready{{{namespace}, pod=~{pattern}, condition="true"}})'
