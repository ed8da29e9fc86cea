"""Pages on what objects name, and on names."""

from __future__ import annotations

from typing import Final

from manifestgen.facts.pages.page import Page

_SETTINGS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: shop-settings}
data: {LOG_LEVEL: info}
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
          env:
            - {name: LOG_LEVEL, valueFrom: {configMapKeyRef: {name: %s, key: %s}}}
"""
_ROUTE = """\
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {ports: [{name: http, port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {name: %s}}}}]}
"""
_SECOND_ROUTE = """\
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop-again}
spec:
  ingressClassName: nginx
  rules:
    - host: %s
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {name: http}}}}]}
"""
_CRON_JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: %s}
spec:
  schedule: 0 3 * * *
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: main, image: "ghcr.io/example/reports:1.0.0"}]
"""
_LABELLED = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: shop-settings, labels: {example.com/owner: %s}}
data: {LOG_LEVEL: info}
"""
_SELECTING = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: main, image: "ghcr.io/example/shop:1.0.0"}]}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: %s}, ports: [{port: 80}]}
"""

PAGES: Final[dict[str, Page]] = {
    "backend-missing": Page(
        why="""\
A route to a Service that is not there, or to a port that it does not have, answers every request with
503. The API server takes it.""",
        bad=_ROUTE % "web",
        good=_ROUTE % "http",
        fix="""\
Name a Service and port of the same namespace. Services that the chart of a data service makes are known
by its name.""",
    ),
    "host-clash": Page(
        why="""\
When two Ingresses of a class, or two HTTPRoutes of a Gateway, have the same host and path, the controller
decides: most take the older object, ingress-nginx refuses the second one in its admission webhook. After
the objects were made again, it may be the other one.""",
        bad=_ROUTE % "http" + _SECOND_ROUTE % "shop.example.com",
        good=_ROUTE % "http" + _SECOND_ROUTE % "www.shop.example.com",
        fix="""\
Give one of them another host or path. A canary of ingress-nginx (`nginx.ingress.kubernetes.io/canary`)
shares the address on purpose and is not counted; with the Gateway API one route with weights does the
same.""",
    ),
    "key-missing": Page(
        why="""\
A pod that reads a key which its ConfigMap or Secret does not have never starts:
`CreateContainerConfigError`, or, for a file of a volume, `FailedMount`. Keys of an ExternalSecret are
those that it copies one by one; one that copies everything (`dataFrom`) or has a template may have any.
References that are `optional` may be empty.""",
        bad=_SETTINGS % ("shop-settings", "LOG_LEVELS"),
        good=_SETTINGS % ("shop-settings", "LOG_LEVEL"),
        fix="""\
Correct the key, or add it to where it comes from.""",
    ),
    "label-invalid": Page(
        why="""\
The API server refuses an object with a label that has not the form of one: at most 63 letters, digits,
hyphens, dots and underscores, the first and last of them a letter or digit. The text of an annotation is
free.""",
        bad=_LABELLED % '"Team Shop <shop@example.com>"',
        good=_LABELLED % "team-shop",
        fix="""\
Use a short word, and an annotation for what people read.""",
    ),
    "name-invalid": Page(
        why="""\
The API server refuses names that have not the form that their kind wants. Some kinds pass their name on,
and so allow less than 253 characters: a Service is a label of DNS (63, a letter first), a CronJob gives
its Jobs eleven more (52), a StatefulSet labels its pods with its name and a hash of ten (52).""",
        bad=_CRON_JOB % "monthly-report-of-everything-that-was-sold-in-all-shops",
        good=_CRON_JOB % "monthly-report",
        fix="""\
Use a shorter name of lower-case letters, digits and hyphens.""",
    ),
    "reference-missing": Page(
        why="""\
A pod whose ConfigMap, Secret, claim, service account or priority class is not there is not started, or
not even made. What this platform does not make may be made by somebody else; then say so with an
exception, so that the next reader knows where to look. Secrets of certificates, sealed Secrets and those
of CloudNativePG are known; classes are asked for only if the platform makes some.""",
        bad=_SETTINGS % ("settings-of-shop", "LOG_LEVEL"),
        good=_SETTINGS % ("shop-settings", "LOG_LEVEL"),
        fix="""\
Correct the name, or add the object to the platform.""",
    ),
    "selects-nothing": Page(
        why="""\
A Service without pods refuses every connection, a disruption budget without pods protects nothing, a
network policy without pods opens nothing, a monitor without targets watches nothing, and none of them
says so.""",
        bad=_SELECTING % "shops",
        good=_SELECTING % "shop",
        fix="""\
Use labels that the pods have. Pods that charts and operators make are not known here: a selector that
names a data service, or uses labels that none of the platform's pods has, is left alone.""",
    ),
}
