"""Runbooks of what is around the application: ways in, certificates, secrets, pods, volumes, nodes."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
## IngressDown
No request comes in from outside: everything is down for everybody.

    kubectl --namespace "$WITHIN" get pods,services
    kubectl --namespace "$WITHIN" get events --sort-by .lastTimestamp

- Pods that crash after a change of a route: the configuration is at fault; see IngressReloadFailed.
- If people are served, only the metrics are missing: the controller gives them only with `--enable-metrics`.

## IngressErrorRateHigh
Many requests to a route end with an error: of the service behind it, or because none of its pods is ready.

    kubectl --namespace "$NS" get ingresses,endpointslices
    kubectl --namespace "$WITHIN" logs --selector app.kubernetes.io/name=ingress-nginx --since 15m --tail=-1 | tail -n 50

- 502 and 503: no pod is ready, or it closes connections. 504: it takes longer than the time limit of the route.
  500: it is an error of the service; see WebErrorRateHigh.

## IngressLatencyHigh
Requests to a route are slow, seen from the controller: mostly the service behind it is.

    kubectl --namespace "$NS" top pods
    kubectl --namespace "$WITHIN" top pods

- If the service is fast by its own figures (WebLatencyP95High is quiet), large answers, slow clients or a busy
  controller take the time.

## IngressReloadFailed
The controller works with an old configuration: changes of routes have no effect.

    kubectl --namespace "$WITHIN" logs --selector app.kubernetes.io/name=ingress-nginx --since 30m --tail=-1 | grep -i error

- The log names the Ingress and the line. Take the last change of its annotations back.

## CertManagerDown
No certificate is renewed or issued. There is time: they are renewed weeks before they end.

    kubectl --namespace "$WITHIN" get pods
    kubectl --namespace "$WITHIN" logs deployment/cert-manager --tail 100

- Start it again. A webhook that does not answer keeps it from working: look at its pod, too.

## CertificateExpiresSoon
The certificate should have been renewed by now, and was not.

    kubectl --namespace "$NS" describe certificates
    kubectl --namespace "$NS" get certificaterequests,orders.acme.cert-manager.io,challenges.acme.cert-manager.io

- The chain certificate, request, order, challenge ends where it hangs; `describe` says why.
- Limits of the certificate authority end by themselves; do not try again and again.

## CertificateExpires
In a few days every client refuses the connection. Renewal has failed for weeks.

    kubectl --namespace "$NS" describe certificates
    kubectl --namespace "$NS" get certificaterequests,orders.acme.cert-manager.io,challenges.acme.cert-manager.io
    kubectl --namespace "$WITHIN" logs deployment/cert-manager --since 24h | grep -i error | tail -n 50

- Mend what hangs, then renew at once: `cmctl renew --namespace "$NS" NAME_OF_CERTIFICATE`.
- If that cannot be done in time, put a certificate that was bought into the Secret.

## CertificateNotReady
A certificate is not there, or not right. A new route shows a wrong one until then.

    kubectl --namespace "$NS" describe certificates
    kubectl --namespace "$NS" get certificaterequests,orders.acme.cert-manager.io,challenges.acme.cert-manager.io

- A challenge that waits: the name must lead here, and port 80 must be open for it.
- An issuer that is not ready: `kubectl describe clusterissuers`.

## VaultDown
Secrets are not renewed, and new pods may lack theirs. What runs goes on for a while.

    kubectl --namespace "$WITHIN" get pods
    vault status
    kubectl --namespace "$NS" get externalsecrets

- If `vault status` answers, only the metrics are missing.
- A node that starts is sealed: see VaultSealed.

## VaultSealed
The node has started and nobody has unsealed it: it gives out no secret.

    vault status
    kubectl --namespace "$WITHIN" get pods

- Unseal it with the keys of those who hold them (`vault operator unseal`), or look why the automatic unsealing
  fails: the key service, its permissions, the network.

## VaultLeaderMissing
Without an active node nothing can be read; two mean that the nodes do not see each other.

    vault operator members
    vault operator raft list-peers
    kubectl --namespace "$WITHIN" get pods --output wide

- Start nodes until the majority is there; they elect by themselves.

## VaultAuditFailing
Vault answers no request that it cannot write down: secrets are not given out.

    vault audit list --detailed
    kubectl --namespace "$WITHIN" get persistentvolumeclaims

- Make room on the volume of the audit log, or bring back who takes it. Do not switch the audit off.

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

## NodeExporterDown
Figures of a node are missing; often the node itself is in trouble.

    kubectl get nodes
    kubectl get pods --all-namespaces --selector app.kubernetes.io/name=prometheus-node-exporter --output wide

- Is the node ready? If not, see NodeNotReady.

## NodeExporterAbsent
Prometheus finds no node at all: alerts on nodes are silent.

    kubectl auth can-i list nodes --as system:serviceaccount:NAMESPACE:NAME_OF_ACCOUNT
    kubectl get pods --all-namespaces --selector app.kubernetes.io/name=prometheus-node-exporter

- Give the service account of Prometheus the right to list nodes, or start node-exporter.

## NodeCpuHigh
The node has hardly any CPU left: pods on it get slower.

    kubectl top nodes
    kubectl top pods --all-namespaces --sort-by cpu

- Is it one pod? Limit it or move it. Is it all nodes? The cluster is too small.

## NodeMemoryHigh
The node has hardly any memory left; soon it evicts pods, or the kernel kills processes.

    kubectl top nodes
    kubectl top pods --all-namespaces --sort-by memory

- Pods that use much more than they request are to blame: raise their requests, so that they are spread better.

## NodeDiskFillingUp
A disk of the node fills up, and there is time left to make room.

    kubectl describe nodes
    kubectl get pods --all-namespaces --output wide

- Old images, and logs of containers, take most. The kubelet removes images by itself when the disk gets full.

## NodeDiskNearlyFull
The disk is nearly full: soon the node evicts pods to make room.

    kubectl describe nodes
    kubectl get pods --all-namespaces --output wide

- Take the node out (`kubectl drain NAME_OF_NODE --ignore-daemonsets`), make room or replace it.

## NodeDiskReadOnly
A disk was mounted read-only, mostly because it failed. What is on it can no longer be changed.

    kubectl describe nodes
    kubectl get pods --all-namespaces --output wide

- Take the node out (`kubectl drain NAME_OF_NODE --ignore-daemonsets`) and replace it. Save what is on its local
  volumes first.

## NodeClockWrong
Certificates, tokens and orders of events depend on clocks: with a wrong one they fail in odd ways.

    kubectl get nodes --output wide
    promtool query instant "$PROMETHEUS" 'node_timex_offset_seconds'

- On the node: is the time service (chrony, systemd-timesyncd) running, and can it reach its servers?

## NodeNotReady
Kubernetes has lost the node; after five minutes its pods are started elsewhere. Those with local volumes are not.

    kubectl get nodes
    kubectl describe nodes
    kubectl get pods --all-namespaces --output wide

- Is the machine there? If it comes back, it joins by itself. If it is gone for good, delete the node:
  `kubectl delete node NAME_OF_NODE`; only then are its volumes let go.

## NodeUnderPressure
The node is short of memory, disk or process numbers, takes no new pods, and evicts some.

    kubectl describe nodes
    kubectl top nodes

- See NodeMemoryHigh and NodeDiskNearlyFull. Process numbers: a pod starts processes without end.
"""
