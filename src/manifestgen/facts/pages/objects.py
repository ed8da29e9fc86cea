"""Pages on selectors, references and names, and on exceptions."""

from __future__ import annotations

from typing import Final

from manifestgen.facts.pages.page import Page

_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s}
spec:
  selector: {matchLabels: {app: %s}}
  template:
    metadata: {labels: {app: %s}}
    spec: {containers: [{name: main, image: "ghcr.io/example/shop:1.0.0"}]}
"""

_STATEFUL = """\
apiVersion: v1
kind: Service
metadata: {name: queue}
spec: {clusterIP: None, selector: {app: queue}, ports: [{port: 5672}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: queue}
spec:
  serviceName: queue
  selector: {matchLabels: {app: queue}}
  template:
    metadata: {labels: {app: queue}}
    spec:
      containers:
        - {name: queue, image: "ghcr.io/example/queue:%s", volumeMounts: [{name: data, mountPath: /data}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: %s}}}
"""
_SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: prices}
spec: {selector: {app: prices}, ports: [{port: 80}]}
"""
_SETTINGS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {PRICES: "http://%s:80"}
"""

PAGES: Final[dict[str, Page]] = {
    "immutable-field": Page(
        why="""\
Some fields are fixed when an object is made: selectors, claim templates and the governing Service of a
StatefulSet, most of a claim, the role of a binding, the address of a Service. The API server refuses a
change with `field is immutable`; Argo CD and Flux then stop at this object, usually after a part of the
release is already out. A render compares what it is about to write with what the output folder holds,
which is what the cluster runs, and stops before that.""",
        before=_STATEFUL % ("1.0.0", "10Gi"),
        bad=_STATEFUL % ("1.0.1", "20Gi"),
        good=_STATEFUL % ("1.0.1", "10Gi"),
        fix="""\
If the change is not needed, take it back: most selectors change because something was renamed. If it is,
the object must be deleted and made again. `kubectl delete … --cascade=orphan` leaves its pods running
meanwhile; then `manifestgen render --force`, commit, and let it be applied. A claim keeps its data only
under its name: enlarge claims of a StatefulSet one by one with `kubectl edit pvc`, then replace the
StatefulSet so. Objects that are deleted before each release (Jobs that are hooks of Argo CD or Helm, or
have a `ttlSecondsAfterFinished`) are not checked.""",
    ),
    "lint-ignore-unused": Page(
        why="""\
An exception that nothing needs any more still silences what it was not made for: the next mistake of that
kind, months later, is not told.""",
        bad="""\
lint:
  ignore:
    image-latest: {reason: The nightly builds have no versions, at: [workloads.api]}
""",
        good="""\
lint:
  ignore: {}
""",
        fix="""\
Remove it, or the one path of `at` that is named. An exception that only one environment needs belongs
into that environment.""",
    ),
    "selector-mismatch": Page(
        why="""\
A Deployment, StatefulSet or DaemonSet finds its pods by their labels. If its own template does not have
them, the API server refuses it: `selector does not match template labels`.""",
        bad=_DEPLOYMENT % ("shop", "shop", "web"),
        good=_DEPLOYMENT % ("shop", "shop", "shop"),
        fix="""\
Give the template all labels of the selector. Change the template and not the selector: that one cannot be
changed once the object exists.""",
    ),
    "selector-overlap": Page(
        why="""\
A controller counts every pod that its selector chooses, whoever made it. Two whose selectors overlap
adopt and delete each other's pods; which of them has how many is chance.""",
        bad=_DEPLOYMENT % ("shop", "shop", "shop") + "---\n" + _DEPLOYMENT % ("admin", "shop", "shop"),
        good=_DEPLOYMENT % ("shop", "shop", "shop") + "---\n" + _DEPLOYMENT % ("admin", "admin", "admin"),
        fix="""\
Give each a label that only it has, in its selector and on its pods. Since selectors cannot be changed,
the object must be deleted and made again.""",
    ),
    "service-vanishes": Page(
        why="""\
The name of a Service is a host name: settings, commands and other platforms use it. A workload that is
renamed takes its Service with it, and what still asks the old name gets `no such host` from the moment
the old Service is pruned. Found is what this platform's own ConfigMaps, variables and command lines say;
what others use, only you can know.""",
        before=_SERVICE + "---\n" + _SETTINGS % "prices",
        bad=_SERVICE.replace("prices", "costs") + "---\n" + _SETTINGS % "prices",
        good=_SERVICE.replace("prices", "costs") + "---\n" + _SETTINGS % "costs",
        fix="""\
Change the setting with the name, in the same release. If clients cannot change at once, keep a Service of
the old name until they have.""",
    ),
}
