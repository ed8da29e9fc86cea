"""The order in which Argo CD applies the objects of a platform."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from manifestgen.kinds.waves import ANNOTATION
from manifestgen.kube.objects import Inventory, KubeObject
from manifestgen.kube.pods import pod_template
from support.specs import everything, inventory_of, named, platform_of

ARGO = {"type": "argocd", "repository": "https://git.example.com/team/shop.git"}
_READ = ("ConfigMap", "ExternalSecret", "NetworkPolicy", "SecretStore", "ServiceAccount")
SPECS = {
    "everything": everything,
    **{name: lambda name=name: named(name) for name in ("gitops", "providers")},
}


def waves(spec: dict[str, Any], environment: str | None = None) -> dict[str, int]:
    """The wave of each object, by kind and name."""
    inventory = inventory_of(platform_of({**spec, "gitops": ARGO}, environment))
    return {f"{made.id.kind} {made.id.name}": wave_of(made) for made in inventory.objects.values()}


def wave_of(made: KubeObject) -> int:
    annotations: dict[str, str] = made.manifest["metadata"].get("annotations", {})
    return int(annotations.get(ANNOTATION, "0"))


def test_each_object_is_applied_after_what_it_needs() -> None:
    found = waves(named("gitops"), "staging")
    assert {name: wave for name, wave in found.items() if wave} == {
        "Job migrate": 2,
        "PersistentVolumeClaim uploads": 3,
        "Deployment api": 3,
        "Deployment worker": 3,
        "HorizontalPodAutoscaler worker": 3,
        "CronJob nightly": 3,
        "Job warm-up": 4,  # it connects to the API
        "Service api-outside": 4,  # a load balancer may never get an address
        "Ingress public": 4,
    }
    first = {name.split()[0] for name, wave in found.items() if wave == 0}
    assert first >= {"ExternalSecret", "NetworkPolicy", "SecretStore", "Service", "ServiceAccount"}


def test_a_claim_is_there_for_the_first_pod_that_mounts_it() -> None:
    spec = named("gitops")
    spec["workloads"]["migrate"]["volumes"] = {"uploads": {"claim": "uploads", "path": "/uploads"}}
    assert waves(spec, "staging")["PersistentVolumeClaim uploads"] == 2
    del spec["workloads"]["migrate"]["volumes"], spec["workloads"]["api"]["volumes"]
    assert waves(spec, "staging")["PersistentVolumeClaim uploads"] == 3


def test_nothing_waits_for_what_never_gets_healthy() -> None:
    spec = named("gitops")
    spec["workloads"]["migrate"] |= {"suspend": True, "rerun": "never"}
    spec["workloads"]["nightly"] |= {"suspend": True}
    found = waves(spec, "staging")
    assert (found["Job migrate"], found["CronJob nightly"]) == (4, 4)


def test_data_services_of_operators_come_before_jobs() -> None:
    found = waves(named("providers"), "staging")
    assert {name: wave for name, wave in found.items() if wave == 1} == {
        "Cluster database": 1,
        "RabbitmqCluster queue": 1,
    }


@pytest.mark.parametrize("name", SPECS)
def test_an_autoscaler_never_comes_before_what_it_scales(name: str) -> None:
    for inventory in _inventories(name):
        by_name = {(made.id.kind, made.id.name): wave_of(made) for made in inventory.objects.values()}
        for made in inventory.objects.values():
            target = made.manifest.get("spec", {}).get("scaleTargetRef", {})
            if target:
                assert wave_of(made) >= by_name[target["kind"], target["name"]]


@pytest.mark.parametrize("name", SPECS)
def test_pods_never_come_before_what_they_read(name: str) -> None:
    for inventory in _inventories(name):
        for made in inventory.objects.values():
            if pod_template(made.manifest) is None:
                continue
            late = [
                other.id
                for other in inventory.objects.values()
                if other.id.kind in _READ and wave_of(other) > wave_of(made)
            ]
            assert not late, made.id


def _inventories(name: str) -> Iterator[Inventory]:
    spec = SPECS[name]()
    for environment in spec["environments"]:
        yield inventory_of(platform_of({**spec, "gitops": ARGO}, environment))


def test_a_patch_has_the_last_word() -> None:
    spec = named("gitops")
    merge = {"metadata": {"annotations": {ANNOTATION: "7"}}}
    spec["patches"] = {"later": {"target": {"kind": "Deployment", "name": "worker"}, "merge": merge}}
    assert waves(spec, "staging")["Deployment worker"] == 7


@pytest.mark.parametrize("gitops", [None, {**ARGO, "type": "flux"}])
def test_others_see_nothing_of_it(gitops: dict[str, str] | None) -> None:
    spec = everything()
    with_it = inventory_of(platform_of({**spec, **({"gitops": gitops} if gitops else {})}))
    assert not any(ANNOTATION in made.text for made in with_it.objects.values())
    assert with_it == inventory_of(platform_of(spec))
