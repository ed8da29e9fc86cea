"""References by name to objects that the platform does not make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.errors import Finding
from manifestgen.kube.objects import KubeObject
from manifestgen.spec.late import Env, EnvSource
from manifestgen.verify.lint.references import provided, uses
from manifestgen.verify.lint.world import Pods, World

_MADE_BY_CLUSTER: Final = {"ServiceAccount": {"default"}, "ConfigMap": {"kube-root-ca.crt"}}
_ROUTES: Final = frozenset({"Ingress", "HTTPRoute"})
_OF_POSTGRESQL: Final = ("app", "ca", "replication", "server", "superuser")
_NAMES_A_SECRET: Final = frozenset({"secretName", "secretNameOverride"})


def check(world: World) -> Iterator[Finding]:
    """What pods and bindings name."""
    seen: set[tuple[int, str, str]] = set()
    secrets, declared = _secrets(world), set(_declared(world))
    for made, kind, name in _references(world):
        if (id(made), kind, name) in seen:
            continue
        seen.add((id(made), kind, name))
        there = name in _MADE_BY_CLUSTER.get(kind, ()) or world.find(kind, name) is not None
        if not there and (kind, name) not in declared and not (kind == "Secret" and name in secrets):
            yield world.objection(
                made,
                "reference-missing",
                f"{made.id.kind} {made.id.name} needs the {kind} {name}, which this platform does not make",
                "correct the name, or say in an exception who makes it",
            )


def _declared(world: World) -> Iterator[tuple[str, str]]:
    """What the spec itself says is there already: the kind and the name."""
    spec = world.platform.spec
    for claim in spec.claims.values():
        if claim.existing is not None:
            yield "PersistentVolumeClaim", claim.existing
    for workload in spec.workloads.values():
        for volume in workload.volumes.values():
            for kind, files in (("ConfigMap", volume.config), ("Secret", volume.secret)):
                if files is not None and files.existing:
                    yield kind, files.name
        for env in (workload.env, *(other.env for other in workload.others.values())):
            yield from _declared_in(env)


def _declared_in(env: Env) -> Iterator[tuple[str, str]]:
    for given in env.values():
        if isinstance(given, EnvSource) and given.existing:
            yield ("Secret", given.secret) if given.secret else ("ConfigMap", given.config or "")


def _references(world: World) -> Iterator[tuple[KubeObject, str, str]]:
    """What is referred to: by which object, the kind, the name."""
    for use in uses(world):
        yield use.by, use.kind, use.name
    for pods in world.pods:
        yield from _of_pods(pods)
    yield from _classes(world)
    yield from _issuers(world)
    for made in world.of("HorizontalPodAutoscaler"):
        for metric in made.manifest["spec"].get("metrics") or ():
            of = (metric.get("object") or {}).get("describedObject") or {}
            if of.get("kind") in _ROUTES:  # a Service may be that of a chart
                yield made, of["kind"], of["name"]
    for made in world.of("RoleBinding"):
        role = made.manifest["roleRef"]
        if role["kind"] == "Role":
            yield made, "Role", role["name"]


def _classes(world: World) -> Iterator[tuple[KubeObject, str, str]]:
    """Classes belong to the cluster; they are asked for if the platform makes some of the kind."""
    if world.has("PriorityClass"):
        for pods in world.pods:
            priority = pods.spec.get("priorityClassName", "system-")
            if not priority.startswith("system-"):
                yield pods.made, "PriorityClass", priority
    if world.has("StorageClass"):
        for made, claim in _claims(world):
            if claim.get("storageClassName"):
                yield made, "StorageClass", claim["storageClassName"]


def _claims(world: World) -> Iterator[tuple[KubeObject, dict[str, Any]]]:
    """What is asked for by claims and by templates of claims."""
    for made in world.of("PersistentVolumeClaim"):
        yield made, made.manifest.get("spec") or {}
    for made in world.of("StatefulSet"):
        for claim in (made.manifest.get("spec") or {}).get("volumeClaimTemplates") or ():
            yield made, claim.get("spec") or {}


def _issuers(world: World) -> Iterator[tuple[KubeObject, str, str]]:
    """Issuers are asked for if the platform makes some: they too belong to the cluster."""
    if world.has("ClusterIssuer"):
        for made in world.of("Ingress", "Gateway"):
            annotations = made.manifest["metadata"].get("annotations") or {}
            if issuer := annotations.get("cert-manager.io/cluster-issuer"):
                yield made, "ClusterIssuer", issuer


def _of_pods(pods: Pods) -> Iterator[tuple[KubeObject, str, str]]:
    account = pods.spec.get("serviceAccountName")
    if account:
        yield pods.made, "ServiceAccount", account
    for volume in pods.spec.get("volumes") or ():
        if "persistentVolumeClaim" in volume:
            yield pods.made, "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]
    if pods.kind == "StatefulSet" and pods.made.manifest["spec"].get("serviceName"):
        yield pods.made, "Service", pods.made.manifest["spec"]["serviceName"]


def _secrets(world: World) -> frozenset[str]:
    """Secrets that other objects of the platform make: certificates, sealed ones, those of operators."""
    found = set(provided(world, "Secret"))
    for made in world.inventory.objects.values():
        if made.id.kind in ("SealedSecret", "VaultStaticSecret", "VaultDynamicSecret"):
            found.add(made.id.name)
        elif made.id.kind == "Cluster":  # CloudNativePG
            found |= {
                f"{made.id.name}-{suffix}" for suffix in ("app", "superuser", "ca", "server", "replication")
            }
        elif "." in made.id.api_version or made.id.kind == "Ingress":
            found.update(_named(made.manifest.get("spec")))
    return frozenset(found)


def _named(value: Any) -> Iterator[str]:
    """Names below keys that say where something puts its Secret."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key in _NAMES_A_SECRET and isinstance(below, str):
                yield below
            elif key == "destination" and isinstance(below, dict) and isinstance(below.get("name"), str):
                yield below["name"]
            else:
                yield from _named(below)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item)
