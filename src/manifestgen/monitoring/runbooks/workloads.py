"""Runbooks of what runs pods: Deployments, StatefulSets, DaemonSets, Jobs."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
## WorkloadDown
No pod of the workload is available: what it does is not done.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    kubectl --namespace "$NS" describe pods --selector "app.kubernetes.io/name=$NAME"
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --tail 100

- Pods that crash: see PodCrashLooping. Pods without an image: see PodImagePullFailing. Pending ones: see
  PodNotRunning. None at all: somebody, or an autoscaler, set it to zero.
- After a new version, deploy the version before.

## WorkloadReplicasLow
Fewer pods are available than there should be at least: the rest carries the load, and one more failure hurts.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    kubectl --namespace "$NS" describe pods --selector "app.kubernetes.io/name=$NAME"

- Pending pods: the cluster has no room, or the quota is used up: `kubectl --namespace "$NS" describe quota`.
- Pods that are not ready: `describe pod` names the probe that fails.

## WorkloadAtMaximum
The autoscaler would like to have more pods and may not. If load grows, the service gets slow.

    kubectl --namespace "$NS" describe horizontalpodautoscalers
    kubectl --namespace "$NS" top pods --selector "app.kubernetes.io/name=$NAME"

- Is the load real? If so, raise `autoscaling.max` in the spec, after looking what data services can bear.
- If it is not, look for a loop of retries, a crawler or an attack, and limit it (`rateLimit` of the route).

## WorkloadRolloutStuck
A new version does not become ready within its time. The old one still serves, as far as the strategy keeps it.

    kubectl --namespace "$NS" rollout status "deployment/$NAME" --timeout 5s
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME"
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --tail 100

- Deploy the version before, if the reason is not plain.
- Usual reasons: an image that is not there, a missing secret, a failing readiness probe, no room in the cluster.

## StatefulDown
No pod of the workload is ready: what it keeps cannot be reached.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    kubectl --namespace "$NS" describe statefulset "$NAME"
    kubectl --namespace "$NS" get persistentvolumeclaims

- A pod waits for its volume: look at the events of its claim; a volume of another zone cannot follow the pod.
- Do not delete claims: the data is there.

## StatefulReplicasLow
Some pods are not ready. A stateful workload starts its pods in order, so one that fails may hold up the others.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    kubectl --namespace "$NS" describe statefulset "$NAME"

- Look at the first pod in order that is not ready; the rest follows.

## StatefulUpdateStuck
A new version has not reached all pods within an hour: old and new run side by side.

    kubectl --namespace "$NS" rollout status "statefulset/$NAME" --timeout 5s
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME"

- A broken pod of the new version blocks the update, also of the way back: after setting the old version, delete
  that pod by hand.
- With the strategy OnDelete, or a partition, somebody has to go on by hand.

## StatefulAtMaximum
The autoscaler would like to have more pods and may not. If load grows, the workload gets slow.

    kubectl --namespace "$NS" describe horizontalpodautoscalers
    kubectl --namespace "$NS" top pods --selector "app.kubernetes.io/name=$NAME"

- Is the load real? If so, raise `autoscaling.max` in the spec; each further pod takes a further volume.

## DaemonDown
The daemon runs on no node, though it should run on some.

    kubectl --namespace "$NS" describe daemonset "$NAME"
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide

- Look at the log of a pod that crashes, or at the events of one that does not start.
- After a new version, deploy the version before.

## DaemonPodsMissing
On some nodes the daemon does not run, and what it does there is not done.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    kubectl get nodes

- A node that is full, tainted or not ready gets no pod: `describe pod` says which.

## WorkloadJobFailed
The job tried as often as it may, and gave up. What comes after it may wait for it.

    kubectl --namespace "$NS" describe job "$NAME"
    kubectl --namespace "$NS" logs "job/$NAME" --tail 100

- Mend the reason, delete the job and deploy again; a job cannot be changed.

## CronJobFailed
A run gave up. The next one comes by the clock; whether a run may be missed is for its team to say.

    kubectl --namespace "$NS" get jobs
    kubectl --namespace "$NS" describe cronjob "$NAME"

- Read the log: `kubectl --namespace "$NS" logs job/NAME_OF_JOB`.
- Once the reason is mended, run it by hand: `kubectl --namespace "$NS" create job --from "cronjob/$NAME" again`.
- Delete the failed job; the alert ends with it.

## CronJobNotStarted
The time for a run has passed by more than an hour and none has begun.

    kubectl --namespace "$NS" describe cronjob "$NAME"
    kubectl --namespace "$NS" get jobs

- A run that still goes on may hold up the next (`concurrencyPolicy: Forbid`); a quota may refuse the pod; too
  many missed starts stop it for good: make it anew.

## CronJobNotSucceeded
Two runs in a row have not succeeded: what the job does, a backup say, is out of date.

    kubectl --namespace "$NS" get jobs
    kubectl --namespace "$NS" describe cronjob "$NAME"

- Read the log of the last run, mend the reason and run it by hand:
  `kubectl --namespace "$NS" create job --from "cronjob/$NAME" again`.
"""
