"""Pages on what runs in a container: image, memory, probes."""

from __future__ import annotations

from typing import Final

from manifestgen.facts.pages.page import Page

PAGES: Final[dict[str, Page]] = {
    "cpu-unit": Page(
        why="""\
`cpu: "500"` is five hundred cores. The API server takes it; no node has them, so the pod stays `Pending`,
with `Insufficient cpu` in its events. As a limit it is no limit.""",
        bad="""\
workloads:
  api:
    resources: {requests: {cpu: "500"}}
""",
        good="""\
workloads:
  api:
    resources: {requests: {cpu: 500m}}
""",
        fix="""\
Write millicores with an `m`: `500m` is half a core.""",
    ),
    "heap-over-limit": Page(
        why="""\
A program that may grow to what its container may use, or beyond, is killed by the kernel (`OOMKilled`)
before its own garbage collector has a reason to work. The heap is not all: threads, code, buffers and the
runtime itself need memory beside it, a JVM about a quarter of the container's. The check knows `-Xmx` and
`-XX:MaxRAMPercentage` (above 90) on the command line and in `JAVA_TOOL_OPTIONS`, `JDK_JAVA_OPTIONS` and
their kin, `--max-old-space-size` there and in `NODE_OPTIONS`, and `GOMEMLIMIT`.""",
        bad="""\
workloads:
  api:
    config: {jvm: {values: {JAVA_TOOL_OPTIONS: "-Xmx1g"}}}
    resources: {requests: {memory: 1Gi}, limits: {memory: 1Gi}}
""",
        good="""\
workloads:
  api:
    config: {jvm: {values: {JAVA_TOOL_OPTIONS: "-XX:MaxRAMPercentage=75"}}}
    resources: {requests: {memory: 1Gi}, limits: {memory: 1Gi}}
""",
        fix="""\
Raise the limit, or lower the heap. `-XX:MaxRAMPercentage=75` follows the limit by itself; for Node.js and
Go name three quarters of it.""",
    ),
    "image-latest": Page(
        why="""\
`latest` is whatever was pushed last. Each node pulls it at another time, so pods of one Deployment run
different versions; a restart at night is a release; and there is nothing to roll back to, because the
object stays the same.""",
        bad="""\
workloads:
  api:
    image: {tag: latest}
""",
        good="""\
workloads:
  api:
    image: {tag: 1.4.2}
""",
        fix="""\
Name the version that was tested, or better its digest, which nobody can move to another image. Let CI
write it into the spec.""",
    ),
    "liveness-like-readiness": Page(
        why="""\
Readiness takes a pod out of its Services while it cannot answer; liveness restarts a container that will
never answer again. Where both ask the same and give up after the same time, a pod that is slow for half a
minute, because its database is, is restarted instead of left alone: with all its siblings, and with cold
caches.""",
        bad="""\
workloads:
  api:
    probes:
      readiness: {http: {path: /health, port: http}}
      liveness: {http: {path: /health, port: http}}
""",
        good="""\
workloads:
  api:
    probes:
      readiness: {http: {path: /health/ready, port: http}}
      liveness: {http: {path: /health/live, port: http}, failures: 6}
""",
        fix="""\
Let liveness ask something that needs no other service, or let it fail more often in a row than readiness.
A container that needs long to start gets a `startup` probe, which holds both back.""",
    ),
    "memory-unit": Page(
        why="""\
`memory: "512"` is 512 bytes. The API server takes it; the container is killed as soon as it starts, or
the kubelet refuses to make it at all. In `memory: 512m` the `m` means thousandths of a byte; a spec
refuses that, a patch may say it.""",
        bad="""\
workloads:
  api:
    resources: {requests: {memory: "256"}, limits: {memory: "512"}}
""",
        good="""\
workloads:
  api:
    resources: {requests: {memory: 256Mi}, limits: {memory: 512Mi}}
""",
        fix="""\
Write the unit: `Mi` and `Gi` count in powers of 1024, `M` and `G` in powers of 1000.""",
    ),
    "worker-memory": Page(
        why="""\
Each worker process holds its own copy of the application. Where the limit leaves less than 48Mi for each,
the kernel kills one while they start, the server starts it again, and so on. The check knows gunicorn
(`--workers`, `-w`, `WEB_CONCURRENCY`), uvicorn (`--workers`, `WEB_CONCURRENCY`) and celery
(`--concurrency`, `-c`).""",
        bad="""\
workloads:
  api:
    command: [gunicorn, --workers, "16", "shop:app"]
    resources: {limits: {memory: 256Mi}}
""",
        good="""\
workloads:
  api:
    command: [gunicorn, --workers, "2", "shop:app"]
    resources: {limits: {memory: 256Mi}}
""",
        fix="""\
Run few workers in a pod and more pods: pods can be scaled, spread and restarted one by one. Or raise the
limit.""",
    ),
}
