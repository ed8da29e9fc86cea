"""Pages on autoscalers and disruption budgets."""

from __future__ import annotations

from typing import Final

from manifestgen.facts.pages.page import Page

_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop, tier: front}}
    spec:
      containers:
        - name: shop
          image: ghcr.io/example/shop:1.0.0
          resources: {requests: {cpu: 100m, memory: 128Mi}}
"""
_ROLLOUT = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: shop}
spec:
  strategy: {canary: {maxSurge: 1, maxUnavailable: 0, steps: [{setWeight: 10}, {pause: {}}]}}
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop, tier: front}}
    spec:
      containers:
        - name: shop
          image: ghcr.io/example/shop:1.0.0
          resources: {requests: {cpu: 100m, memory: 128Mi}}
"""
_BUDGET = """\
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: %s}
spec: {maxUnavailable: 1, selector: {matchLabels: {%s}}}
"""
_AUTOSCALER = """\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: %s}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  minReplicas: 2
  maxReplicas: 5
  metrics:
%s"""
_CPU = """\
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
"""
_MEMORY = """\
    - {type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 80}}}
"""

PAGES: Final[dict[str, Page]] = {
    "autoscaling-request": Page(
        why="""\
A target in per cent is one of the request. Where a container has no request for that resource, the
autoscaler cannot compute it: it reports `FailedGetResourceMetric` and does not scale at all, so the pods
stay at the number they had. All containers that run side by side count, sidecars too.""",
        bad="""\
workloads:
  api:
    replicas: null
    autoscaling: {min: 2, max: 10, cpu: 70}
    resources: {requests: {cpu: null}}
""",
        good="""\
workloads:
  api:
    replicas: null
    autoscaling: {min: 2, max: 10, cpu: 70}
    resources: {requests: {cpu: 100m}}
""",
        fix="""\
Give each container a request for the resource. Take what one pod uses under usual load: with a target of
70 per cent the autoscaler adds pods when they use more than seven tenths of it.""",
    ),
    "autoscaling-container": Page(
        why="""\
A target on a single container is computed from that container's figures. If no container of the pods has the
name, the autoscaler finds none, reports `FailedGetContainerResourceMetric` and does not scale at all.""",
        bad="""\
workloads:
  api:
    replicas: null
    autoscaling: {min: 2, max: 10, containers: {app: {cpu: 70}}}
""",
        good="""\
workloads:
  api:
    replicas: null
    autoscaling: {min: 2, max: 10, containers: {api: {cpu: 70}}}
""",
        fix="""\
Name a container of the pods. The workload's own container has the name of the workload.""",
    ),
    "controller-switch": Page(
        why="""\
A Deployment that becomes a Rollout (`strategy: canary`), or a StatefulSet, is two objects to the cluster: one
that goes and one that comes. A tool that prunes deletes the old one, and all its pods with it, as soon as the
new one is applied, whether or not its pods are ready. A render compares what it is about to write with what
the output folder holds.""",
        before=_DEPLOYMENT,
        bad=_ROLLOUT,
        good=_DEPLOYMENT,
        fix="""\
Apply the new object without pruning and wait until its pods are ready; both match the Services' selectors, so
requests reach either. Then let the old one be pruned. Argo CD does it in one go with the sync option
`PruneLast=true`. Try it in an environment that nobody needs first.""",
    ),
    "rollout-unwatched": Page(
        why="""\
A canary is there to find out whether the new version is good while few people use it. If no analysis looks at
its figures and no person is asked, it goes on to all requests whatever happens; only pods that do not get
ready stop it.""",
        bad="""\
workloads:
  api: {strategy: canary}
""",
        good="""\
workloads:
  api: {strategy: canary, metrics: {port: http}}
slos:
  api-availability: {workload: api, objective: 99.9}
""",
        fix="""\
Give the workload an objective: each step is then measured by it, and a version that misses it is taken back.
Or let a person decide: `rollout: {pause: manual}`, or for blue-green `rollout: {autoPromote: false}`.""",
    ),
    "disruption-blocks": Page(
        why="""\
A drain evicts pods one by one and asks the budget each time. A budget that can never give a pod away
stops the drain: upgrades of nodes and of the cluster, and the cluster autoscaler wait until somebody
deletes the pod by hand. What counts is the smallest number of pods that may run: `replicas`, or `min` of
the autoscaler. Kubernetes rounds shares up, so `minAvailable: 60%` of two pods means both.""",
        bad="""\
workloads:
  api:
    replicas: 2
    disruptionBudget: {minAvailable: 2}
""",
        good="""\
workloads:
  api:
    replicas: 2
    disruptionBudget: {maxUnavailable: 1}
""",
        fix="""\
Write `maxUnavailable: 1`: it stays right whatever the number of pods is. If one pod must not be disturbed
at all, for example because it works on something for hours, say so with an exception, and tell those who
run the nodes.""",
    ),
    "disruption-twice": Page(
        why="""\
The eviction API does not combine budgets. It refuses to evict a pod that two of them cover, with the
error `This pod has more than one PodDisruptionBudget, which the eviction subresource does not support`,
so nodes cannot be drained.""",
        bad=_DEPLOYMENT + _BUDGET % ("shop", "app: shop") + _BUDGET % ("front", "tier: front"),
        good=_DEPLOYMENT + _BUDGET % ("shop", "app: shop"),
        fix="""\
Keep one budget for each set of pods. A workload with `disruptionBudget` has one already.""",
    ),
    "scale-target-missing": Page(
        why="""\
An autoscaler that points at nothing says so only in its own events. The pods that it was meant for keep
the number they were started with.""",
        bad=_DEPLOYMENT + _AUTOSCALER.replace("name: shop}\n  min", "name: shpo}\n  min") % ("shop", _CPU),
        good=_DEPLOYMENT + _AUTOSCALER % ("shop", _CPU),
        fix="""\
Correct the kind and name of the target. For a workload of the spec, write `autoscaling:` there instead:
the target follows by itself.""",
    ),
    "scaled-twice": Page(
        why="""\
Two autoscalers on one target each set the number of pods by their own figures, every few seconds, and so
undo each other's work. That is also so for an HPA beside a ScaledObject: KEDA makes an HPA of its own.""",
        bad=_DEPLOYMENT + _AUTOSCALER % ("shop", _CPU) + _AUTOSCALER % ("shop-memory", _MEMORY),
        good=_DEPLOYMENT + _AUTOSCALER % ("shop", _CPU + _MEMORY),
        fix="""\
Put all targets into one autoscaler: it computes the number of pods for each of them and takes the
largest.""",
    ),
}
