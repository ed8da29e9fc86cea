"""What a page is made of."""

from __future__ import annotations

from typing import Final, NamedTuple

SKELETON: Final = """\
apiVersion: manifestgen/v1
kind: Platform
metadata: {name: shop, owner: web-team}
cluster: {kubernetesVersion: "1.34"}
workloads:
  api:
    type: web
    image: {repository: ghcr.io/example/api, tag: 1.4.2}
    ports: {http: 8000}
    replicas: 2
    resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 256Mi}}
environments:
  production: {namespace: shop}
"""
"""The spec that examples are merged into, by the rules that environments are merged by."""


class Page(NamedTuple):
    """Why a rule is there, an example that breaks it and one that does not, how to mend the first.

    An example is a part of a spec, or one or several Kubernetes objects of the user's own.
    """

    why: str
    bad: str
    good: str
    fix: str
    before: str = ""
    """What the output folder holds when the example is rendered; for rules about changes."""

    @property
    def of_objects(self) -> bool:
        """Whether the examples are Kubernetes objects."""
        return self.bad.startswith("apiVersion:")
