"""The pod that changes the schema of a database: like those of a workload, but for its command."""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from manifestgen.facts.quantities import parse_duration
from manifestgen.kube.objects import Inventory, Manifest
from manifestgen.kube.plain import copied
from manifestgen.kube.pods import pod_template
from manifestgen.resolving import ResolvedPlatform

_OF_LONG_RUNNERS: Final = ("ports", "livenessProbe", "startupProbe", "lifecycle", "args", "command")
_OF_SETS: Final = ("topologySpreadConstraints", "affinity")
_CONTAINERS: Final = ("initContainers", "containers")
_NEVER_READY: Final = {"exec": {"command": ["false"]}, "periodSeconds": 3600}
"""Its labels let it through the network policies, and would bring it requests of the Service."""


class Migration(NamedTuple):
    """The pod, and the commands it is started with, as JSON; "" for none."""

    pod: Manifest
    image: str
    check: str
    preview: str
    run: str
    limit: int
    file: str


def migration_of(platform: ResolvedPlatform, inventory: Inventory) -> Migration | None:
    """How the schema of an environment is changed; None where it is not."""
    deployment = platform.spec.deployment
    if deployment is None or deployment.migrations is None:
        return None
    wanted = deployment.migrations
    template = _template(platform, inventory, wanted.workload)
    if template is None:
        return None  # the checks have a finding for it
    pod = _pod(template, wanted.workload)
    return Migration(
        pod,
        pod["spec"]["containers"][0]["image"],
        _json(wanted.check),
        _json(wanted.preview),
        _json(wanted.run),
        round(parse_duration(wanted.time_limit)),
        f"deployment/{platform.environment}/migration-pod.yaml",
    )


def _template(platform: ResolvedPlatform, inventory: Inventory, workload: str) -> Manifest | None:
    """The pod template of a workload, patches and all."""
    if workload not in platform.spec.workloads:
        return None
    for made in inventory.objects.values():
        template = pod_template(made.manifest)
        if template is not None and made.component == workload and made.id.name == workload:
            return template
    return None


def _pod(template: Manifest, workload: str) -> Manifest:
    pod: dict[str, Any] = copied(template)
    spec = pod["spec"]
    main = next((one for one in spec["containers"] if one["name"] == workload), spec["containers"][0])
    waiting = [one for one in spec.get("initContainers", ()) if one["image"] != main["image"]]
    container = {key: value for key, value in main.items() if key not in _OF_LONG_RUNNERS}
    container["readinessProbe"] = _NEVER_READY
    first: dict[str, Any] = {"restartPolicy": "Never"}
    pods: dict[str, Any] = {"initContainers": waiting} if waiting else {}
    pods["containers"] = [container]
    rest = {key: value for key, value in spec.items() if key not in (*_OF_SETS, *first, *_CONTAINERS)}
    # Volumes come last, as in the workload.
    volumes = {key: rest.pop(key) for key in ("volumes",) if key in rest}
    labels = pod.get("metadata", {}).get("labels", {})
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"{workload}-schema", "labels": labels},
        "spec": {**first, **rest, **pods, **volumes},
    }


def _json(command: list[str] | None) -> str:
    return "" if command is None else json.dumps(command)
