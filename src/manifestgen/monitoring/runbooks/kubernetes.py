"""Runbooks of pods, containers and volumes."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
## KubeStateMetricsDown
Alerts on pods, rollouts, jobs and nodes are silent until it is back.

    kubectl --namespace "$WITHIN" get pods,services
    promtool query instant "$PROMETHEUS" 'up{job="kube-state-metrics"}'

- Start it again. With memory too small for a large cluster it is killed again and again: raise its limit.

## PodRestarting
A container ends and starts again: each time requests or tasks are cut off.

    kubectl --namespace "$NS" get pods --sort-by .status.startTime
    kubectl --namespace "$NS" describe pods

- `describe` shows the last state: `OOMKilled` is memory (ContainerOutOfMemory), `Error` is in the log of the run
  before (`logs --previous`), and a failed liveness probe stands in the events.

## PodCrashLooping
The container crashes as soon as it starts, and Kubernetes waits longer each time.

    kubectl --namespace "$NS" get pods
    kubectl --namespace "$NS" get events --sort-by .lastTimestamp

- The reason is in the log: `kubectl --namespace "$NS" logs --previous NAME_OF_POD`. Usual ones: a setting or a
  secret that is missing, a database that is not there, a migration that was not made.
- After a new version, deploy the version before.

## PodImagePullFailing
The pod cannot start: its image cannot be fetched.

    kubectl --namespace "$NS" get events --field-selector reason=Failed
    kubectl --namespace "$NS" get pods

- "Not found": the tag does not exist; correct it. "Unauthorized": the pull secret is missing or has ended. Limits
  of a public registry end by themselves; a mirror avoids them.

## PodNotRunning
A pod waits, has failed or is lost: there is one less than planned.

    kubectl --namespace "$NS" get pods --field-selector status.phase!=Running --output wide
    kubectl --namespace "$NS" get events --field-selector reason=FailedScheduling
    kubectl --namespace "$NS" describe quota

- Pending: `describe pod` says what no node offers: CPU, memory, a zone, a volume, a tolerated taint.
- Unknown: its node is gone; see NodeNotReady.
- Failed: evicted pods can be deleted once the node has room again.

## ContainerOutOfMemory
The container reached its memory limit and was killed. What it was doing is lost.

    kubectl --namespace "$NS" top pods --containers
    kubectl --namespace "$NS" get pods

- Has its use grown slowly? Then it is a leak: go back to the version before. Or with the load? Then raise the limit
  in the spec.
- A limit per process times the number of processes must be below that of the container.

## StatefulSetReplicasMissing
A data service has fewer pods than it should: there is less to fall back on, or it is down.

    kubectl --namespace "$NS" get statefulsets,pods --output wide
    kubectl --namespace "$NS" get persistentvolumeclaims

- Look at the pod that is not ready, and at its volume. The alerts of the data service itself say more.

## JobFailed
A job gave up: a migration, or the set-up of a data service, was not done.

    kubectl --namespace "$NS" get jobs
    kubectl --namespace "$NS" get events --sort-by .lastTimestamp

- Read its log: `kubectl --namespace "$NS" logs job/NAME_OF_JOB`. Mend the reason, delete the job, deploy again.

## KubeletDown
Figures of containers and volumes of a node are missing; often the node itself is in trouble.

    kubectl get nodes
    promtool query instant "$PROMETHEUS" 'up{job=~"kubelet|cadvisor"} == 0'

- Is the node ready? If not, see NodeNotReady. If it is, Prometheus may lack the right to read `nodes/metrics`.

## ContainerMemoryHigh
The container comes close to its memory limit; at the limit it is killed.

    kubectl --namespace "$NS" top pods --containers

- See ContainerOutOfMemory: it is what comes next.

## ContainerThrottled
The container wants more CPU than its limit lets it have, and waits: it is slower than it need be.

    kubectl --namespace "$NS" top pods --containers

- Raise the CPU limit in the spec, or leave it out and keep the request; more pods help a busy service, too.

## VolumeFillingUp
There is time left to make room, or to make the volume larger.

    kubectl --namespace "$NS" get persistentvolumeclaims
    kubectl --namespace "$NS" get pods --output wide

- Make the volume larger: `storage.size` in the spec, if its class allows it (`kubectl get storageclasses`).
- Find what grows: data, WAL that a slot keeps (PostgresqlReplicationSlotInactive), logs.

## VolumeNearlyFull
When the volume is full, its database stops, and may not start again by itself.

    kubectl --namespace "$NS" get persistentvolumeclaims
    kubectl get storageclasses

- Make the volume larger at once: `kubectl --namespace "$NS" edit persistentvolumeclaim NAME_OF_CLAIM`, if its
  class has `allowVolumeExpansion`; then put the size into the spec.
- Never delete files of a database by hand.

## VolumeFullSoon
At the pace of the last hours the volume is full within days.

    kubectl --namespace "$NS" get persistentvolumeclaims

- An import or a rebuilt index that will end is no trouble. Else see VolumeFillingUp.

## VolumeInodesNearlyUsed
The volume can take hardly any more files, though it may have room.

    kubectl --namespace "$NS" get persistentvolumeclaims
    kubectl --namespace "$NS" get pods --output wide

- Very many small files: delete or pack them. The number is fixed when the file system is made; a larger volume
  has more of them.
"""
