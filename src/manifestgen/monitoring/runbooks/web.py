"""Runbooks of web services, of the routes to them, and of their tasks."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
## WebDown
Nobody is served. Either no pod runs, or none answers on the port of its metrics, which is the port of its
users in most services.

    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME" --output wide
    kubectl --namespace "$NS" describe pods --selector "app.kubernetes.io/name=$NAME"
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --tail 100
    kubectl --namespace "$NS" get events --sort-by .lastTimestamp

- Pods that crash name their reason in the log of the run before: add `--previous` to `logs`.
- After a new version, go back first and look for the reason then: deploy the version before, as the last
  deployment was made.
- Pending pods lack room or a volume: `describe` says which; see PodNotRunning.
- If pods are ready and serve users, only the scrape fails: look at the port and path of the metrics and at the
  network policy that lets Prometheus in.

## WebErrorRateCritical
The service fails a large share of what people ask of it. Most often it is a new version, or something it needs
that is gone: the database, the cache, the queue.

    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --since 15m --tail=-1 | grep --ignore-case error | tail -n 50
    kubectl --namespace "$NS" get replicasets --selector "app.kubernetes.io/name=$NAME"
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME"

- Look which other alerts fire: one of a database or a queue is the cause, this is the effect.
- If it began with a deployment, deploy the version before.
- If a single endpoint fails (WebEndpointErrorRateHigh), switch off what it belongs to, if there is a switch.
- If single pods fail, delete them: `kubectl --namespace "$NS" delete pod NAME_OF_POD`.

## WebErrorRateHigh
More requests fail than usual, but most succeed. It is the time to find out why, before it is more.

    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --since 30m --tail=-1 | grep --ignore-case error | tail -n 50
    kubectl --namespace "$NS" get replicasets --selector "app.kubernetes.io/name=$NAME"

- Find the endpoint: the dashboard shows the share of errors by `handler`.
- Compare with the times of deployments and with alerts of what the service needs.
- An error that comes from the data of a single customer is a bug for the team's list, not for a rollback.

## WebEndpointErrorRateHigh
One endpoint fails while the service as a whole may look well: the code behind it, or what only it needs, is
broken.

    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --since 30m --tail=-1 | grep --ignore-case error | tail -n 50

- The alert names the endpoint in `handler`; look for its path in the log, and for the trace of a failed request.
- If the last deployment changed it, deploy the version before.

## WebLatencyP95High
Five of a hundred requests take longer than they should: people begin to wait. It is often the database, too
few pods, or a CPU limit.

    kubectl --namespace "$NS" top pods --selector "app.kubernetes.io/name=$NAME"
    kubectl --namespace "$NS" get horizontalpodautoscalers
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --since 15m --tail=-1 | tail -n 100

- Is the autoscaler at its maximum (WorkloadAtMaximum), or are containers throttled (ContainerThrottled)? Raise
  the maximum or the limit in the spec.
- Are the data services slow (PostgresqlLoadHigh, RedisLatencyHigh)? Begin there.
- A trace of a slow request shows which part takes the time.

## WebLatencyP99High
One of a hundred requests is slow: often big requests, cold caches, locks in the database or a single slow pod.

    kubectl --namespace "$NS" top pods --selector "app.kubernetes.io/name=$NAME"
    kubectl --namespace "$NS" logs --selector "app.kubernetes.io/name=$NAME" --since 15m --tail=-1 | tail -n 100

- Compare the pods: one that is slow alone can be deleted; its node may be at fault.
- Look for long transactions (PostgresqlTransactionLong) and for evictions (RedisEvictionsHigh).
- A trace of a slow request shows which part takes the time.

## WebTrafficStopped
The service runs and nobody asks it any more, though people did an hour ago. Usually requests do not get here.

    kubectl --namespace "$NS" get ingresses,services,endpointslices
    kubectl --namespace "$NS" get pods --selector "app.kubernetes.io/name=$NAME"

- Ask the public address from outside. If it fails, look at DNS, the certificate and the ingress controller
  (IngressDown, RouteUnreachable).
- An EndpointSlice without addresses means that no pod is ready: look at the readiness probe.
- A planned end of traffic, at night or after a move, is no trouble: silence the alert for the time.

## RouteProbeAbsent
Nobody looks from outside any more, so a route that fails would go unseen. The probes come from
blackbox-exporter.

    kubectl get pods --all-namespaces --selector app.kubernetes.io/name=prometheus-blackbox-exporter
    promtool query instant "$PROMETHEUS" 'up{job="routes"}'

- Start blackbox-exporter again, or correct its address in the spec (`monitoring.stack.blackbox`).
- The network policy of its namespace must let Prometheus in.

## RouteUnreachable
A probe of the public address fails from within the cluster: people outside most likely fail as well.

    kubectl --namespace "$NS" get ingresses
    kubectl --namespace "$NS" get certificates
    kubectl --namespace "$NS" get pods

- The address is in the label `instance`; ask it by `curl --verbose` from outside of the cluster.
- A name that is not found is a matter of DNS; a refused connection, of the load balancer or the ingress
  controller; a 5xx status, of the service behind the route; a TLS error, of the certificate.

## RouteSlow
A probe, which is a cheap request, takes long: the way to the service is slow, or the service is.

    kubectl --namespace "$NS" top pods
    kubectl --namespace "$NS" get ingresses

- Look at WebLatencyP95High and IngressLatencyHigh: the first is the service, the second alone the way to it.

## RouteCertificateExpires
The certificate that people are shown ends soon, and nobody has renewed it. After that every client refuses the
route.

    kubectl --namespace "$NS" get certificates,certificaterequests,orders.acme.cert-manager.io
    kubectl --namespace "$NS" describe certificates

- If cert-manager has renewed it, the ingress controller shows an old one: restart the controller.
- If it has not, see CertificateNotReady.

## CeleryExporterDown
Tasks may run well, but nobody can tell: all alerts on tasks and workers are silent until the exporter is back.

    kubectl get pods --all-namespaces | grep celery-exporter
    promtool query instant "$PROMETHEUS" 'up{job=~".*celery.*"}'

- The exporter needs the broker: if RabbitMQ or Redis is down, begin there.
- Look into its log for a wrong password or address of the broker.

## CeleryWorkersGone
No worker has sent a heartbeat for minutes: tasks wait and nothing is processed.

    kubectl --namespace "$NS" get pods --selector app.kubernetes.io/component=worker
    kubectl --namespace "$NS" logs --selector app.kubernetes.io/component=worker --tail 50 --prefix

- Is the broker there (RabbitmqDown)? Workers reconnect by themselves when it is back.
- Pods that run but send no heartbeat hang, or do not send events (`worker_send_task_events`): restart them.
- An autoscaler that went to zero has tasks waiting now: look at its events.

## CeleryWorkerDown
Some pods of workers run but send no heartbeats: fewer tasks run at a time, and those that such a worker holds
wait until it is gone.

    kubectl --namespace "$NS" get pods --selector app.kubernetes.io/component=worker
    kubectl --namespace "$NS" top pods --selector app.kubernetes.io/component=worker

- Delete the pod that hangs; what it had not acknowledged is given to another.
- If it comes again, look for a task that blocks (CeleryTaskSlow) and for memory (ContainerOutOfMemory).

## CeleryTaskFailureRateHigh
Many tasks end with an exception: what people ordered is not done.

    kubectl --namespace "$NS" logs --selector app.kubernetes.io/component=worker --since 30m --tail=-1 | grep Traceback
    promtool query instant "$PROMETHEUS" 'topk(5, sum by (name, exception) (rate(celery_task_failed_total[15m])))'

- The second command names the tasks and exceptions. One exception in all tasks is something they share; one
  task is its own bug.
- After the cause is gone, start again what was lost, if the tasks are not retried by themselves.

## CeleryTaskRetryRateHigh
Tasks succeed only after several attempts: something they need is slow, limited or gone for moments.

    promtool query instant "$PROMETHEUS" 'topk(5, sum by (name) (rate(celery_task_retried_total[15m])))'
    kubectl --namespace "$NS" logs --selector app.kubernetes.io/component=worker --since 30m --tail=-1 | grep -i retry

- Look at what the named tasks call: a service outside may limit or refuse us. Slow the tasks down, or wait.

## CeleryQueueBacklog
Tasks come faster than they are done: what people ordered comes late, and later every minute.

    kubectl --namespace "$NS" get pods --selector app.kubernetes.io/component=worker
    kubectl --namespace "$NS" get horizontalpodautoscalers,scaledobjects.keda.sh

- Are workers missing (CeleryWorkerDown), or are tasks slow (CeleryTaskSlow)? Begin there.
- Is the autoscaler at its maximum? Raise it in the spec, if database and broker can bear more.
- A mass of tasks that nobody needs any more can be thrown away; ask their team first.

## CeleryQueueUnattended
Tasks wait in a queue that no worker listens to: they would wait for ever.

    kubectl --namespace "$NS" get pods --selector app.kubernetes.io/component=worker
    kubectl --namespace "$NS" get deployments --selector app.kubernetes.io/component=worker --output yaml | grep -i queue

- Compare the name of the queue with the queues that workers are started with (`--queues`, `-Q`): most often a
  queue was renamed on one side.

## CeleryTaskSlow
A kind of task takes much longer than it should, holds its worker, and may reach the time limit and be killed.

    promtool query instant "$PROMETHEUS" 'topk(5, job_name:celery_task_runtime:p95_5m)'
    kubectl --namespace "$NS" top pods --selector app.kubernetes.io/component=worker

- Look at what the named task waits for: the database (PostgresqlLoadHigh), a service outside, or CPU
  (ContainerThrottled).
- If its work has grown, split it, or give it a queue and workers of its own.
"""
