"""Print a spec of N workloads, each with eight objects, in two environments: what `bench.py` measures with.

The eight: Deployment, Service, ConfigMap of 20 keys, HorizontalPodAutoscaler, PodDisruptionBudget,
NetworkPolicy, ServiceAccount, Ingress.
"""

from __future__ import annotations

import argparse

_HEAD = """\
apiVersion: manifestgen/v1
kind: Platform
metadata: {{name: bench, owner: bench-team, description: {count} equal workloads}}
cluster: {{kubernetesVersion: "1.32"}}
workloads:
"""

_WORKLOAD = """\
  svc{n}:
    type: web
    description: Service number {n}
    image: {{repository: ghcr.io/example/svc{n}, tag: 1.{n}.0}}
    ports: {{http: 8080}}
    probes:
      readiness: {{http: {{path: /ready, port: http}}}}
      liveness: {{http: {{path: /live, port: http}}, period: 20s}}
    autoscaling: {{min: 2, max: 10, cpu: 70}}
    resources:
      requests: {{cpu: 100m, memory: 128Mi}}
      limits: {{memory: 256Mi}}
    disruptionBudget: {{maxUnavailable: 1}}
    config:
      main:
        values:
{settings}
"""

_ROUTE = "  route{n}: {{hosts: [svc{n}.example.com], workload: svc{n}, port: http}}\n"

_ENVIRONMENT = """\
  {name}:
    namespace: bench-{name}
    workloads:
"""

_CHANGE = """\
      svc{n}:
        autoscaling: {{min: {least}, max: {most}}}
        config: {{main: {{values: {{KEY_00: {name}, KEY_01: {most}}}}}}}
"""

_HOST = "      route{n}: {{hosts: [svc{n}.{name}.example.com]}}\n"


def make_spec(count: int) -> str:
    """The text of the spec with ``count`` workloads."""
    numbers = range(count)
    parts = [_HEAD.format(count=count)]
    for n in numbers:
        settings = "\n".join(f"          KEY_{key:02}: value {key} of {n}" for key in range(20))
        parts.append(_WORKLOAD.format(n=n, settings=settings))
    parts.append("routes:\n")
    parts += [_ROUTE.format(n=n) for n in numbers]
    parts.append("environments:\n")
    for name, least, most in (("staging", 1, 4), ("production", 3, 30)):
        parts.append(_ENVIRONMENT.format(name=name))
        parts += [_CHANGE.format(n=n, name=name, least=least, most=most) for n in numbers]
        parts.append("    routes:\n")
        parts += [_HOST.format(n=n, name=name) for n in numbers]
    return "".join(parts)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("count", type=int, metavar="N", help="number of workloads")
    print(make_spec(options.parse_args().count), end="")
