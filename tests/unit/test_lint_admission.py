"""What a namespace lets in: each breach of a Pod Security Standard, and of a LimitRange, is told."""

from __future__ import annotations

from typing import Any

import pytest

from manifestgen.kube.objects import Inventory, KubeObject, Manifest
from manifestgen.verify.lint.admission import check
from manifestgen.verify.lint.world import World
from support.specs import everything, platform_of

SAFE: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def said(level: str, spec: Manifest | None = None, **container: Any) -> list[str]:
    """What is said of a pod with one container, behind the name of the Deployment."""
    main = {"name": "main", "securityContext": SAFE, **container}
    pod = {"containers": [main], **(spec or {})}
    labels = {"app": "shop"}
    objects = [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": "this-namespace", "labels": {"pod-security.kubernetes.io/enforce": level}},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "shop"},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        },
    ]
    return [finding.message.partition(": ")[2] for finding in check(_world(*objects))]


def _world(*manifests: Manifest) -> World:
    made = [KubeObject(manifest, "", "shop", "", ("workloads", "shop")) for manifest in manifests]
    return World(platform_of(everything()), Inventory("live", {one.id: one for one in made}))


@pytest.mark.parametrize("level", ["privileged", "baseline", "restricted"])
def test_a_pod_with_all_that_is_asked_for_is_let_in(level: str) -> None:
    assert said(level) == []


OF_PODS = {
    "the pod has hostNetwork": {"hostNetwork": True},
    "the pod has the hostPath of volume logs": {"volumes": [{"name": "logs", "hostPath": {"path": "/var"}}]},
    "the pod has the seccomp profile Unconfined": {
        "securityContext": {"seccompProfile": {"type": "Unconfined"}}
    },
}
OF_CONTAINERS: dict[str, Manifest] = {
    "container main is privileged": {"securityContext": {**SAFE, "privileged": True}},
    "container main has the capability SYS_ADMIN": {
        "securityContext": {**SAFE, "capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}
    },
    "container main has a hostPort": {"ports": [{"containerPort": 80, "hostPort": 80}]},
}
RESTRICTED: dict[str, Manifest] = {
    "container main lacks allowPrivilegeEscalation: false": {
        "securityContext": {key: SAFE[key] for key in SAFE if key != "allowPrivilegeEscalation"}
    },
    "container main lacks runAsNonRoot: true": {
        "securityContext": {key: SAFE[key] for key in SAFE if key != "runAsNonRoot"}
    },
    "container main lacks a seccomp profile": {
        "securityContext": {key: SAFE[key] for key in SAFE if key != "seccompProfile"}
    },
    "container main has runAsUser: 0": {"securityContext": {**SAFE, "runAsUser": 0}},
    "container main does not drop the capability ALL": {"securityContext": {**SAFE, "capabilities": {}}},
    "container main has the capability CHOWN": {
        "securityContext": {**SAFE, "capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}
    },
}


@pytest.mark.parametrize("breach", OF_PODS)
def test_what_baseline_refuses_in_a_pod(breach: str) -> None:
    assert said("baseline", OF_PODS[breach]) == [breach]
    assert said("privileged", OF_PODS[breach]) == []


@pytest.mark.parametrize("breach", OF_CONTAINERS)
def test_what_baseline_refuses_in_a_container(breach: str) -> None:
    assert said("baseline", **OF_CONTAINERS[breach]) == [breach]
    assert breach in said("restricted", **OF_CONTAINERS[breach])[0]


@pytest.mark.parametrize("breach", RESTRICTED)
def test_what_only_restricted_refuses(breach: str) -> None:
    assert said("restricted", **RESTRICTED[breach]) == [breach]
    assert said("baseline", **RESTRICTED[breach]) == []


def test_what_the_pod_says_holds_for_its_containers() -> None:
    inherited = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    own = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert said("restricted", {"securityContext": inherited}, securityContext=own) == []


def test_a_volume_of_a_kind_that_restricted_does_not_know_is_told() -> None:
    volumes = [{"name": "share", "nfs": {"server": "files", "path": "/"}}]
    assert said("restricted", {"volumes": volumes}) == ["the pod has the nfs of volume share"]
    assert said("baseline", {"volumes": volumes}) == []
