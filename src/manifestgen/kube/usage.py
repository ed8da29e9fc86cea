"""What the pods of a platform ask for, workload by workload."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from manifestgen.facts.quantities import amount
from manifestgen.kube.objects import Manifest
from manifestgen.kube.pods import all_containers, pod_template
from manifestgen.kube.proxies import with_proxy
from manifestgen.kube.requests import of_pod
from manifestgen.kube.scale import AUTOSCALERS, Scale, scale, target_of

_ONCE: Final = Scale(1, 1)
_BRIEF: Final = ("CronJob", "Job", "Pod")
_OPERATED: Final = {"Cluster": "postgresql.cnpg.io", "RabbitmqCluster": "rabbitmq.com"}
"""Objects of operators that stand for pods, with the group of their API."""


class Usage(NamedTuple):
    """What one workload, volume or data service asks for."""

    name: str
    kind: str
    pods: Scale
    requests: Mapping[str, Decimal]
    """What each pod asks for, by the resource: cores, bytes of memory, devices."""
    volumes: Mapping[str, Decimal]
    """Bytes of the volumes of each pod, by their StorageClass; empty for the default one."""


class Uncounted(NamedTuple):
    """What is not counted, and why."""

    name: str
    kind: str
    reason: str


def usages(manifests: Iterable[Manifest], nodes: int | None) -> Iterator[Usage | Uncounted]:
    """What the objects of one environment ask for, in order; ``nodes`` is how many daemons there are."""
    objects = list(manifests)
    reader = _Reader(objects, nodes)
    for manifest in objects:
        found = reader.usage(manifest)
        if found is not None:
            yield found


def of_charts(charts: Mapping[str, Mapping[str, Any]]) -> Iterator[Usage]:
    """What data services that charts run ask for, told the values of each by its name.

    The values are those of the Bitnami charts postgresql, redis, rabbitmq and minio. What a chart adds by
    itself, such as the container of an exporter, is not in them.
    """
    for name, values in charts.items():
        for part, count, place in _parts(values):
            persistence = place.get("persistence") or {}
            size = persistence.get("size") if persistence.get("enabled", True) else None
            volumes = _volume(persistence.get("storageClass"), size)
            requests = _requests_of(place.get("resources") or {})
            yield Usage(f"{name} {part}".rstrip(), "chart", Scale(count, count), requests, volumes)


def _parts(values: Mapping[str, Any]) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """The StatefulSets that a chart makes: what tells it from others, its pods, where its figures stand."""
    if "primary" in values:
        replicas = values.get("readReplicas") or {}
        yield "primary", 1, values["primary"]
        yield "replicas", replicas.get("replicaCount", 1), replicas
    elif "replica" in values:
        yield "", values["replica"].get("replicaCount", 3), values["replica"]
    else:
        stateful = values.get("statefulset") or {}
        yield "", values.get("replicaCount", stateful.get("replicaCount", 1)), values


class _Reader:
    def __init__(self, objects: Sequence[Manifest], nodes: int | None) -> None:
        self._nodes = nodes
        self._limit_ranges = [one for one in objects if one["kind"] == "LimitRange"]
        self._autoscalers: dict[tuple[str, str], list[Manifest]] = {}
        for one in objects:
            if one["kind"] in AUTOSCALERS:
                self._autoscalers.setdefault(target_of(one), []).append(one)

    def usage(self, manifest: Manifest) -> Usage | Uncounted | None:
        """What an object asks for; None for what asks for nothing."""
        kind, name, spec = manifest["kind"], manifest["metadata"]["name"], manifest.get("spec") or {}
        if kind == "PersistentVolumeClaim":
            return Usage(name, kind, _ONCE, {}, _of_claim(spec))
        if manifest["apiVersion"].startswith(f"{_OPERATED.get(kind)}/"):
            return _operated(name, kind, spec)
        template = pod_template(manifest)
        if template is None:
            return None
        return self._of_pods(manifest, with_proxy(template))

    def _of_pods(self, manifest: Manifest, pod: Mapping[str, Any]) -> Usage | Uncounted:
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        if kind in _BRIEF:
            return Uncounted(name, kind, "it runs for a while only")
        pods = scale(manifest, self._autoscalers.get((kind, name), ()))
        if pods is None:
            if self._nodes is None:
                return Uncounted(name, kind, "one runs on each node; `cost.nodes` says how many there are")
            pods = Scale(self._nodes, self._nodes)
        requests = {one: of_pod(pod, "requests", one, self._limit_ranges) for one in _resources(pod)}
        if not any(requests.values()):
            return Uncounted(name, kind, "its containers ask for nothing")
        return Usage(name, kind, pods, requests, _volumes(manifest.get("spec") or {}, pod))


def _resources(pod: Mapping[str, Any]) -> list[str]:
    """What containers ask for that has a price: not the room for files and logs on the node."""
    named = {"cpu": None, "memory": None}
    for container in all_containers(pod):
        for amounts in (container.get("resources") or {}).values():
            if isinstance(amounts, dict):
                named.update(dict.fromkeys(name for name in amounts if "/" in name))
    return list(named)


def _volumes(spec: Mapping[str, Any], pod: Mapping[str, Any]) -> dict[str, Decimal]:
    """The volumes that each pod gets for itself."""
    templates = [one.get("spec") or {} for one in spec.get("volumeClaimTemplates") or ()]
    for volume in pod.get("volumes") or ():
        ephemeral = volume.get("ephemeral") or {}
        templates += [one.get("spec") or {} for one in (ephemeral.get("volumeClaimTemplate"),) if one]
    return _together(_of_claim(one) for one in templates)


def _of_claim(spec: Mapping[str, Any]) -> dict[str, Decimal]:
    requests = (spec.get("resources") or {}).get("requests") or {}
    return _volume(spec.get("storageClassName"), requests.get("storage"))


def _operated(name: str, kind: str, spec: Mapping[str, Any]) -> Usage:
    """A data service that an operator runs: CloudNativePG or the RabbitMQ Cluster Operator."""
    count = spec.get("instances", spec.get("replicas", 1))
    persistence = spec.get("persistence") or {}
    volumes = [_volume(persistence.get("storageClassName"), persistence.get("storage"))]
    for storage in (spec.get("storage") or {}, spec.get("walStorage") or {}):
        volumes.append(_volume(storage.get("storageClass"), storage.get("size")))
    requests = _requests_of(spec.get("resources") or {})
    return Usage(name, kind, Scale(count, count), requests, _together(volumes))


def _requests_of(resources: Mapping[str, Any]) -> dict[str, Decimal]:
    given = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
    found = {name: amount(given.get(name)) or Decimal(0) for name in ("cpu", "memory")}
    return found | {name: amount(given[name]) or Decimal(0) for name in given if "/" in name}


def _volume(storage_class: str | None, size: Any) -> dict[str, Decimal]:
    value = amount(size)
    return {storage_class or "": value} if value else {}


def _together(volumes: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for one in volumes:
        for name, size in one.items():
            total[name] = total.get(name, Decimal(0)) + size
    return total
