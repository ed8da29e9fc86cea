"""Pages on ports and Services."""

from __future__ import annotations

from typing import Final

from manifestgen.facts.pages.page import Page

_SHOP = """\
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
          ports: [{name: http, containerPort: 8080}]
"""
_SERVICE = """\
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: shop}
  ports: [{name: http, port: 80, targetPort: %s}]
"""
_PROBE = """\
          readinessProbe: {httpGet: {path: /ready, port: %s}}
"""
_SIDECAR = """\
        - name: proxy
          image: ghcr.io/example/proxy:1.0.0
          ports: [{name: proxy, containerPort: %s}]
"""
_NODE_PORT = """\
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {type: NodePort, selector: {app: shop}, ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: v1
kind: Service
metadata: {name: admin}
spec: {type: NodePort, selector: {app: admin}, ports: [{port: 80, nodePort: %s}]}
"""

_GATEWAY: Final = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gate}
spec:
  gatewayClassName: envoy
  listeners:
    - {name: shop, hostname: shop.example.com, port: 80, protocol: HTTP}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: gate, sectionName: shop}]
  hostnames: [%s]
  rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https, statusCode: 301}}]}]
"""

PAGES: Final[dict[str, Page]] = {
    "container-port-clash": Page(
        why="""\
The containers of a pod share one network: a port belongs to the first that listens on it. The second ends
with `address already in use`, and the pod never becomes ready.""",
        bad=_SHOP + _SIDECAR % 8080,
        good=_SHOP + _SIDECAR % 8081,
        fix="""\
Let one of them listen on another port, and say so to what asks it: probes, Services, the metrics.""",
    ),
    "listener-missing": Page(
        why="""\
A route that names a listener which its Gateway does not have, or whose hosts the listener does not take, is
not accepted: the API server takes it, its status says `NoMatchingParent` or `NoMatchingListenerHostname`, and
no request reaches it.""",
        bad=_GATEWAY % "store.example.com",
        good=_GATEWAY % "shop.example.com",
        fix="""\
Give the Gateway a listener for the host, or correct the host or the name. A listener for `*.example.com`
takes all hosts below it, one without a hostname takes all. Listeners of a Gateway in another namespace are
not looked at.""",
    ),
    "node-port-clash": Page(
        why="""\
A node port is open on every node for one Service. The API server refuses the second one with `provided
port is already allocated`, whatever namespace it is in.""",
        bad=_NODE_PORT % 30080,
        good=_NODE_PORT % 30081,
        fix="""\
Give one of them another number of the range (30000 to 32767 unless the cluster says otherwise), or none
at all: then Kubernetes chooses one that is free.""",
    ),
    "port-undeclared": Page(
        why="""\
A number need not stand among the ports of a container to be reached; it does where somebody kept the two
in step. Where ports are declared, and a probe or a Service asks another one, one of the two is usually a
typo: the probe fails for ever, or the Service refuses every connection.""",
        bad=_SHOP + _SERVICE % 8000,
        good=_SHOP + _SERVICE % 8080,
        fix="""\
Correct the number, or declare the port; better, name the port in both places.""",
    ),
    "probe-port-missing": Page(
        why="""\
A probe that names a port which its container does not have fails every time: a pod with such a readiness
probe never becomes ready, one with such a liveness probe is restarted for ever. The API server does not
check the name. It must be a port of the same container, not of a sidecar.""",
        bad=_SHOP + _PROBE % "web",
        good=_SHOP + _PROBE % "http",
        fix="""\
Name a port that the container has, or write its number.""",
    ),
    "service-port-missing": Page(
        why="""\
A Service whose `targetPort` no container has, has no endpoints for that port: every connection is
refused. Nothing says so: the API server takes it, the pods are ready.""",
        bad=_SHOP + _SERVICE % "web",
        good=_SHOP + _SERVICE % "http",
        fix="""\
Name a port of the containers, or write its number.""",
    ),
}
