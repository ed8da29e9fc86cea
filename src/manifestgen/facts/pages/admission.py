"""Pages on what a namespace lets in."""

from __future__ import annotations

from typing import Final

from manifestgen.facts.pages.page import Page

_NAMESPACED: Final = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: shop
          image: ghcr.io/example/shop:1.0.0
          securityContext:
            allowPrivilegeEscalation: false
            %s
            capabilities: {drop: [ALL]}
            seccompProfile: {type: RuntimeDefault}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: shop}
spec: {podSelector: {matchLabels: {app: shop}}, policyTypes: [Ingress, Egress]}
"""

PAGES: Final = {
    "limit-range-broken": Page(
        why="""\
A LimitRange bounds what each container of the namespace may request and use. The API server takes the
Deployment all the same; it refuses the pods, and the reason stands in the events of a ReplicaSet, where few
people look.""",
        bad="""\
tenancy:
  limitRange: {container: {max: {memory: 128Mi}}}
""",
        good="""\
tenancy:
  limitRange: {container: {max: {memory: 1Gi}}}
""",
        fix="""\
Change the request or limit, or the range. A container that gives none gets the `default` of the range.""",
    ),
    "pod-security": Page(
        why="""\
A namespace may enforce one of the Pod Security Standards, `baseline` or `restricted`. The API server takes a
Deployment that breaks it with a warning at most; its pods are refused, and the old ones run on until a node
is drained.""",
        bad=_NAMESPACED % "runAsUser: 1000",
        good=_NAMESPACED % "runAsNonRoot: true",
        fix="""\
What the workloads of a spec are made of meets `restricted`, unless the spec says otherwise. Take back what
breaks it. Where a pod needs it, run it in a namespace of its own, or enforce a lower standard and let `audit`
and `warn` keep the higher one.""",
    ),
}
