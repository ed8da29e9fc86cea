"""What runs: how many pods, what scales and guards them, and what differs between environments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from manifestgen.kube.objects import Manifest
from manifestgen.kube.pods import all_containers, pod_template
from manifestgen.kube.scale import AUTOSCALERS, Scale, scale, target_of
from manifestgen.kube.usage import Usage
from manifestgen.targets.guides.site import Site

CONTROLLERS: Final = ("Deployment", "Rollout", "StatefulSet", "DaemonSet")
"""Kinds whose pods run on."""
BRIEF: Final = ("CronJob", "Job")
_GI: Final = Decimal(2**30)


class Running(NamedTuple):
    """A workload whose pods run on, as an environment has it."""

    name: str
    kind: str
    pods: str
    scaled_by: str
    budget: str
    spread: str
    vertical: str


class Row(NamedTuple):
    """A line of a table that puts environments side by side."""

    name: str
    cells: tuple[str, ...]


def controllers(site: Site, kinds: Sequence[str] = CONTROLLERS) -> list[Manifest]:
    """The objects that run pods."""
    return [one for one in site.manifests(*kinds) if pod_template(one) is not None]


def running(site: Site) -> list[Running]:
    """A line for each workload whose pods run on."""
    return [_running(site, one) for one in controllers(site)]


def _running(site: Site, controller: Manifest) -> Running:
    kind, name = controller["kind"], controller["metadata"]["name"]
    scalers = [one for one in site.manifests(*AUTOSCALERS) if target_of(one) == (kind, name)]
    pods = scale(controller, scalers)
    labels = _pod_labels(controller)
    budgets = [one for one in site.manifests("PodDisruptionBudget") if _selects(one["spec"], labels)]
    vertical = [one for one in site.manifests("VerticalPodAutoscaler") if target_of(one) == (kind, name)]
    return Running(
        name,
        kind,
        "one on each node" if pods is None else span(pods),
        "; ".join(text for one in scalers for text in _scaling(one)),
        "; ".join(_budget(one["spec"]) for one in budgets),
        _spread(controller),
        ", ".join(one["spec"].get("updatePolicy", {}).get("updateMode", "Auto") for one in vertical),
    )


def span(pods: Scale) -> str:
    """How many pods, in words."""
    return str(pods.fewest) if pods.fewest == pods.most else f"{pods.fewest} to {pods.most}"


def _pod_labels(controller: Manifest) -> Mapping[str, str]:
    template: Mapping[str, Any] = pod_template(controller) or {}
    labels: Mapping[str, str] = (template.get("metadata") or {}).get("labels") or {}
    return labels


def _selects(spec: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    wanted: Mapping[str, str] = (spec.get("selector") or {}).get("matchLabels") or {}
    return bool(wanted) and all(labels.get(key) == value for key, value in wanted.items())


def _scaling(scaler: Manifest) -> Iterator[str]:
    """What an autoscaler goes by."""
    spec = scaler["spec"]
    for metric in spec.get("metrics") or ():
        part: Mapping[str, Any] = next(value for key, value in metric.items() if key != "type")
        name = part.get("name") or part.get("metric", {}).get("name", "")
        target: Mapping[str, Any] = part["target"]
        figure = next((f"{value}" for key, value in target.items() if key != "type"), "")
        yield f"{name} {figure} %" if target["type"] == "Utilization" else f"{name} {figure}"
    for trigger in spec.get("triggers") or ():
        about = trigger.get("metadata") or {}
        what = about.get("queueName") or trigger.get("name") or ""
        figure = about.get("value") or about.get("threshold") or ""
        yield " ".join(word for word in (trigger["type"], what, figure) if word)


def _budget(spec: Mapping[str, Any]) -> str:
    if "minAvailable" in spec:
        return f"at least {spec['minAvailable']} stay"
    return f"at most {spec.get('maxUnavailable', 0)} away"


def _spread(controller: Manifest) -> str:
    pod = (pod_template(controller) or {}).get("spec") or {}
    keys = [one["topologyKey"] for one in pod.get("topologySpreadConstraints") or ()]
    terms = ((pod.get("affinity") or {}).get("podAntiAffinity") or {}).values()
    keys += [
        (one.get("podAffinityTerm") or one).get("topologyKey", "") for several in terms for one in several
    ]
    words = {"topology.kubernetes.io/zone": "zones", "kubernetes.io/hostname": "nodes"}
    return ", ".join(dict.fromkeys(words.get(key, key) for key in keys if key))


# --- Side by side ----------------------------------------------------------------------------------


def capacity(site: Site) -> dict[str, str]:
    """What the pods that run on ask for together, at least and at most."""
    known = [one for one in site.usages if isinstance(one, Usage)]
    volumes: dict[str, Decimal] = {}
    for one in known:
        for name, size in one.volumes.items():
            volumes[name] = volumes.get(name, Decimal()) + size * one.pods.most
    return {
        "site": site.name,
        "pods": span(Scale(sum(one.pods.fewest for one in known), sum(one.pods.most for one in known))),
        "cpu": _between(known, "cpu", Decimal(1), ""),
        "memory": _between(known, "memory", _GI, " GiB"),
        "volumes": ", ".join(
            f"{_number(size / _GI)} GiB of {name or 'the default class'}" for name, size in volumes.items()
        ),
    }


def _between(usages: Iterable[Usage], name: str, unit: Decimal, suffix: str) -> str:
    each = [(one.pods, one.requests.get(name) or Decimal()) for one in usages]
    least = _number(sum((pods.fewest * size for pods, size in each), Decimal()) / unit)
    most = _number(sum((pods.most * size for pods, size in each), Decimal()) / unit)
    return f"{least}{suffix}" if least == most else f"{least} to {most}{suffix}"


def _number(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.1')).normalize():f}"


def environments(sites: Sequence[Site]) -> list[Row]:
    """The environments side by side: what they have, and where they differ in it."""
    asked = [dict(_facts(site)) for site in sites]
    keys = list(dict.fromkeys(key for facts in asked for key in facts))
    return [Row(key, tuple(facts.get(key, "–") for facts in asked)) for key in keys]


def _facts(site: Site) -> Iterator[tuple[str, str]]:
    yield "Namespace", site.namespace
    yield "Kubernetes", site.spec.cluster.kubernetes_version
    yield from _of_routes(site)
    for one in running(site):
        yield f"{one.name}: pods", one.pods
    for controller in controllers(site):
        yield from _resources(controller)
    for usage in site.usages:
        if isinstance(usage, Usage) and usage.kind == "chart":
            yield f"{usage.name}: pods", span(usage.pods)
            sizes = [f"{_number(size / _GI)} GiB {name}".rstrip() for name, size in usage.volumes.items()]
            yield f"{usage.name}: storage", ", ".join(sizes) or "none that lasts"
    for name, backup in site.spec.backups.items():
        yield f"Backup {name}", f"{backup.schedule}, kept for {backup.retention}"
    if site.spec.gitops is not None:
        gitops = site.spec.gitops
        yield "Version that is applied", gitops.tag or gitops.commit or f"branch {gitops.branch}"


def _of_routes(site: Site) -> Iterator[tuple[str, str]]:
    for name, route in site.spec.routes.items():
        yield f"Route {name}: hosts", ", ".join(f"`{host}`" for host in route.hosts)
        if route.tls is not None and route.tls.issuer:
            yield f"Route {name}: certificates from", route.tls.issuer
        if route.rate_limit is not None:
            yield (
                f"Route {name}: requests a second, of each client",
                str(route.rate_limit.requests_per_second),
            )
        if route.firewall is not None:
            yield f"Route {name}: firewall", "blocks" if route.firewall.mode == "block" else "only logs"


def _resources(controller: Manifest) -> Iterator[tuple[str, str]]:
    containers = list(all_containers((pod_template(controller) or {}).get("spec") or {}))
    name = controller["metadata"]["name"]
    own = next((one for one in containers if one["name"] == name), containers[-1] if containers else None)
    if own is None:
        return
    yield f"{name}: image", own["image"].rpartition("/")[2]
    for part in ("requests", "limits"):
        amounts = (own.get("resources") or {}).get(part) or {}
        yield f"{name}: {part}", ", ".join(f"{key} {value}" for key, value in amounts.items()) or "none"


def settings(sites: Sequence[Site]) -> list[Row]:
    """The settings in ConfigMaps that are not the same everywhere."""
    if len(sites) == 1:
        return []
    data = [
        {
            (one["metadata"]["name"], key): value
            for one in site.manifests("ConfigMap")
            for key, value in (one.get("data") or {}).items()
        }
        for site in sites
    ]
    keys = list(dict.fromkeys(key for known in data for key in known))
    differing = [key for key in keys if len({known.get(key) for known in data}) > 1]
    return [
        Row(f"{name}: {key}", tuple(_short(known.get((name, key))) for known in data))
        for name, key in differing
    ]


_LONGEST: Final = 60


def _short(value: str | None) -> str:
    """What fits into a cell; nothing where the setting is not there."""
    if value is None:
        return ""
    line = " ".join(value.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …"
