"""Pages on what stands in the template of pods."""

from __future__ import annotations

from typing import Final

from manifestgen.facts.pages.page import Page

_POD = """\
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
"""
_TWO_MOUNTS = """\
          volumeMounts:
            - {name: cache, mountPath: %s}
            - {name: files, mountPath: /var/files}
      volumes:
        - {name: %s, emptyDir: {}}
        - {name: files, emptyDir: {}}
"""
_RESOURCES = """\
          resources: {requests: {memory: %s}, limits: {memory: 256Mi}}
"""
_VARIABLES = """\
          env: [{name: LOG_LEVEL, value: info}, {name: %s, value: debug}]
"""
_GPU = """\
          resources: {%s: {nvidia.com/gpu: %s}, %s: {nvidia.com/gpu: %s}}
"""
_REFERS = """\
          env: [{name: DATABASE, value: shop}, {name: URL, value: "postgres://db/$(%s)"}]
"""
_HOST_PATH = """\
workloads:
  api:
    volumes:
      logs:
        path: /node/logs
        readOnly: %s
        hostPath: {path: /var/log, type: Directory, reason: It sends the logs of the node}
"""
_STOP = """\
          lifecycle: {preStop: {exec: {command: [sleep, "30"]}}}
      terminationGracePeriodSeconds: %s
"""
_SPREAD = """\
      topologySpreadConstraints:
        - topologyKey: topology.kubernetes.io/zone
          maxSkew: 1
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: {matchLabels: {app: %s}}
"""
_CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  strategy: {type: %s}
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - {name: shop, image: "ghcr.io/example/shop:1.0.0", volumeMounts: [{name: files, mountPath: /files}]}
      volumes: [{name: files, persistentVolumeClaim: {claimName: files}}]
"""

PAGES: Final[dict[str, Page]] = {
    "device-limit": Page(
        why="""\
A device, a GPU for example, is given to one container as a whole. The API server refuses a request without a
limit, and one that differs from it: `must be equal to nvidia.com/gpu limit`.""",
        bad=_POD + _GPU % ("requests", 1, "limits", 2),
        good=_POD + _GPU % ("requests", 2, "limits", 2),
        fix="""\
Give the limit alone; the request is the same by itself. For a workload of the spec, `resources.devices`
does so.""",
    ),
    "claim-rolling": Page(
        why="""\
A rolling update starts the new pod first and stops the old one when the new one is ready. If both need a
claim that one node can mount, and the scheduler chooses another node, each waits for the other, and the
update never ends.""",
        bad=_CLAIM % "RollingUpdate",
        good=_CLAIM % "Recreate",
        fix="""\
Use the strategy `Recreate`: the old pod ends, its volume is detached, the new pod starts. That is an
outage of some seconds; what cannot afford one needs storage that several nodes can mount, or a
StatefulSet.""",
    ),
    "env-duplicate": Page(
        why="""\
Kubernetes takes a list in which a variable stands twice, and the last one counts. But the list is merged
by name: an apply that changes it may remove either of the two, and what the container is then started
with depends on what was there before.""",
        bad=_POD + _VARIABLES % "LOG_LEVEL",
        good=_POD + _VARIABLES % "SQL_LOG_LEVEL",
        fix="""\
Remove one. What differs between environments belongs into the environments of the spec.""",
    ),
    "host-path-writable": Page(
        why="""\
A folder of the node is outside of what a container is kept in. Who breaks into a container that may write
there can leave programs, logins and jobs for the node to find; the Pod Security Standards allow no such
volume, and admission controllers often only one that is read.""",
        bad=_HOST_PATH % "false",
        good=_HOST_PATH % "true",
        fix="""\
Mount it with `readOnly: true`. Data of the workload belong into one of the `claims`, what need not last
into a `scratch` folder. What must write to its node, a driver for example, is an exception with a reason.""",
    ),
    "mount-clash": Page(
        why="""\
The API server refuses a container that mounts two volumes at one path: `must be unique`. Which of them
the container would see could not be said.""",
        bad=_POD + _TWO_MOUNTS % ("/var/files", "cache"),
        good=_POD + _TWO_MOUNTS % ("/var/cache", "cache"),
        fix="""\
Give each its own path. To put several ConfigMaps or Secrets into one folder, use a projected volume.""",
    ),
    "node-access": Page(
        why="""\
A pod on the network of its node is outside of all network policies and reaches what listens on the node's
own addresses; one that sees the processes of the node, or is privileged, or mounts a folder of it, is a
step away from being root there. In a spec each of these asks for a `reason`; what patches and manifests of
your own add has none.""",
        bad=_POD + "      hostNetwork: true\n",
        good="""\
workloads:
  api:
    hostNetwork: {reason: It answers on the node's own address}
""",
        fix="""\
Do without. What does need its node, an exporter or a driver, is described in the spec with its `reason`,
or is an exception from this rule.""",
    ),
    "quantity-invalid": Page(
        why="""\
The API server refuses an amount that is no quantity: `quantities must match the regular expression …`.
The schemas of Kubernetes say only that it is a text.""",
        bad=_POD + _RESOURCES % '"128 Mi"',
        good=_POD + _RESOURCES % "128Mi",
        fix="""\
Write a number and a unit without a space: `m` for thousandths, `k`, `M`, `G` for powers of 1000, `Ki`,
`Mi`, `Gi` for powers of 1024.""",
    ),
    "request-over-limit": Page(
        why="""\
The API server refuses a container that asks for more than it may use. In a spec that is found where it is
read; a patch of one of the two figures can still make it so.""",
        bad=_POD + _RESOURCES % "512Mi",
        good=_POD + _RESOURCES % "256Mi",
        fix="""\
Lower the request or raise the limit. For memory, a request that equals the limit keeps the node from
being overbooked.""",
    ),
    "spread-without-effect": Page(
        why="""\
A constraint counts the pods that its `labelSelector` chooses and places the new one where there are
fewest. Where that selector does not choose the pod itself, every place has the same count for ever, and
all pods may end on one node.""",
        bad=_POD + _SPREAD % "shops",
        good=_POD + _SPREAD % "shop",
        fix="""\
Use the labels of the pods. For a workload of the spec, `spread: zones` writes the constraint.""",
    ),
    "stop-too-short": Page(
        why="""\
The grace period starts with the `preStop` hook, not after it. A hook that waits as long as the period
leaves no time: the container gets its signal and is killed at once, with all requests and jobs that it is
working on.""",
        bad=_POD + _STOP % 30,
        good=_POD + _STOP % 60,
        fix="""\
Make the period as long as the wait and the longest piece of work together.""",
    ),
    "variable-unknown": Page(
        why="""\
Kubernetes replaces `$(NAME)` by the value of a variable of the same container that stands further up in
`env`, or comes from a ConfigMap or Secret. A name that it does not know stays as it is: the program is
started with the text `$(NAME)`, and nobody tells.""",
        bad=_POD + _REFERS % "DATABSE",
        good=_POD + _REFERS % "DATABASE",
        fix="""\
Correct the name, or move the variable that is referred to up. Where the text itself is meant, write
`$$(NAME)`.""",
    ),
    "volume-missing": Page(
        why="""\
The API server refuses a container that mounts a volume which its pod does not have:
`volumeMounts[0].name: Not found`.""",
        bad=_POD + _TWO_MOUNTS % ("/var/cache", "caches"),
        good=_POD + _TWO_MOUNTS % ("/var/cache", "cache"),
        fix="""\
Correct the name, or add the volume to the pod.""",
    ),
}
