"""Pages on quotas, metrics and what else limits growth."""

from __future__ import annotations

from typing import Final

from manifestgen.facts.pages.page import Page

_QUOTA = """\
apiVersion: v1
kind: ResourceQuota
metadata: {name: shop}
spec: {hard: {requests.cpu: "%s"}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 4
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers: [{name: shop, image: "ghcr.io/example/shop:1.0.0"%s}]
"""
_HALF = ", resources: {requests: {cpu: 500m}}"
_MONITORED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - {name: shop, image: "ghcr.io/example/shop:1.0.0", ports: [{name: metrics, containerPort: 9090}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: shop}
spec:
  podSelector: {matchLabels: {app: shop}}
  policyTypes: [Ingress]
  ingress:
    - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]
      ports: [{protocol: TCP, port: %s}]
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: shop}
spec: {selector: {matchLabels: {app: shop}}, podMetricsEndpoints: [{port: metrics}]}
"""
_CLOSED = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: "ghcr.io/example/shop:1.0.0", ports: [{containerPort: 8080}]}]}
"""
_OPENED = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: shop}
spec:
  podSelector: {matchLabels: {app: shop}}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {matchLabels: {app.kubernetes.io/name: api}}}]
      ports: [{protocol: TCP, port: 8080}]
"""

PAGES: Final[dict[str, Page]] = {
    "metric-unknown": Page(
        why="""\
An HPA whose metric nobody gives does not scale: `FailedGetPodsMetric`. A typo looks just like that. Known
are the metrics of the usual exporters (with `_total` or as the Prometheus adapter turns them into
`…_per_second`), those that the spec declares under `monitoring.business`, and names of clouds (with a
`/`, `|` or `.` in them), which are not looked at. As resources there are `cpu` and `memory` only.""",
        bad="""\
workloads:
  api:
    replicas: null
    autoscaling: {min: 2, max: 10, metrics: {orders_per_second: {average: "20"}}}
""",
        good="""\
workloads:
  api:
    replicas: null
    metrics: {port: http}
    autoscaling: {min: 2, max: 10, metrics: {orders_per_second: {average: "20"}}}
monitoring:
  business:
    orders_total: {workload: api, type: counter, description: Orders that were paid}
""",
        fix="""\
Correct the name, or declare the metric under `monitoring.business`: then alerts and dashboards know it,
too. The metric must also be served to the HPA, by the Prometheus adapter or KEDA.""",
    ),
    "network-blocked": Page(
        why="""\
What the spec connects (`connects`, `metrics`, `routes`) is opened by the network policies that are rendered
from it, on both sides. A patch of such a policy, a template of your own or a monitor of your own can still
ask for what they close: the connection hangs until it times out, the target is down in Prometheus.""",
        bad=_MONITORED % 9091,
        good=_MONITORED % 9090,
        fix="""\
Take back the patch, or open the port by a NetworkPolicy of your own: policies add up.
`cluster.monitoringNamespace` says where Prometheus runs, `cluster.ingressNamespace` or `cluster.gateway`
where requests come from.""",
    ),
    "pods-closed": Page(
        why="""\
The platform closes all pods of its namespace to both sides and then opens what each workload of the spec
needs. Pods of your own objects are closed as well, and nothing opens them: they look up names, and that
is all.""",
        bad=_CLOSED,
        good=_CLOSED + _OPENED,
        fix="""\
Add a NetworkPolicy for them, and one that opens the other side. Or describe them as a workload:
`connects` writes both.""",
    ),
    "quota-exceeded": Page(
        why="""\
A ResourceQuota ends what all pods of a namespace may ask for together. When even the fewest pods need
more, the last ones are never made: `exceeded quota`, in the events of the ReplicaSet only. Pods of data
services that charts run come on top.""",
        bad=_QUOTA % ("1500m", _HALF),
        good=_QUOTA % ("3", _HALF),
        fix="""\
Raise the quota, or lower requests or replicas.""",
    ),
    "quota-short": Page(
        why="""\
The quota is enough for now, and not when all autoscalers are at their maximum while new versions start
beside the old ones (`maxSurge`, 25 per cent if nothing is said). Then the pods that are needed most are
refused. It may be that not all maxima come at once; then say so with an exception.""",
        bad=_QUOTA % ("2", _HALF),
        good=_QUOTA % ("3", _HALF),
        fix="""\
Raise the quota, or lower the maxima so that the important workloads are sure of theirs. The message names
the sum.""",
    ),
    "quota-unset": Page(
        why="""\
A quota on a resource makes it a duty to say how much of it each container wants. The API server refuses
pods that do not: `failed quota: must specify requests.cpu`.""",
        bad=_QUOTA % ("3", ""),
        good=_QUOTA % ("3", _HALF),
        fix="""\
Give the container the request or limit, or the namespace a LimitRange with a default.""",
    ),
    "vertical-and-horizontal": Page(
        why="""\
An HPA in per cent measures use against the request. A VerticalPodAutoscaler that changes the request
changes the figure, and with it the number of pods, and with that again the use: the documentation of both
says not to combine them on the same resource.""",
        bad="""\
workloads:
  api:
    replicas: null
    autoscaling: {min: 2, max: 10, cpu: 70}
    verticalAutoscaling: auto
""",
        good="""\
workloads:
  api:
    replicas: null
    autoscaling: {min: 2, max: 10, cpu: 70}
    verticalAutoscaling: recommend
""",
        fix="""\
Let it only recommend, and take over its figures by hand; or scale horizontally on something else than cpu
and memory.""",
    ),
}
