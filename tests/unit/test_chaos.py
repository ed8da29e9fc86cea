"""Experiments: what a Schedule of Chaos Mesh says of each, and which there are when one word is written."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from manifestgen.facts.cron import check_schedule
from support.specs import Spec, everything, inventory_of, platform_of, spec_of

IMAGE = {"repository": "example/app", "tag": "1"}
SIZE = {"requests": {"cpu": "1", "memory": "1Gi"}}


def web(**more: Any) -> Spec:
    return {"type": "web", "image": IMAGE, "resources": SIZE, "replicas": 2, "ports": {"http": 80}, **more}


EXTERNALS = {
    "mail": {"networks": ["10.0.0.0/24"], "ports": [25]},
    "agent": {"namespace": "tools", "pods": {"app": "agent"}, "ports": [4317]},
    "mesh": {"namespace": "mesh", "ports": [80]},
}
SELECTED = {"labelSelectors": {"app.kubernetes.io/name": "app", "app.kubernetes.io/part-of": "shop"}}


def schedules(spec: Spec) -> dict[str, Spec]:
    """The Schedules of a spec by name."""
    made = inventory_of(platform_of(spec)).objects.values()
    return {one.id.name: one.manifest for one in made if one.id.kind == "Schedule"}


def experiment(**written: Any) -> Spec:
    """What the one experiment of a spec becomes."""
    workloads = {
        "app": web(connects=["other", *EXTERNALS]),
        "other": web(),
    }
    given = {"workload": "app", "schedule": "0 9 * * 1", **written}
    spec = spec_of(workloads=workloads, externals=EXTERNALS, chaos={"experiments": {"one": given}})
    spec["metadata"]["name"] = "shop"
    (made,) = schedules(spec).values()
    body: Spec = made["spec"]
    return body


NETWORK = {"type": "delay", "duration": "5m", "latency": "100ms"}
LATE = {"latency": "100ms", "jitter": "0s", "correlation": "0"}


@pytest.mark.parametrize(
    ("written", "kind", "key", "body"),
    [
        ({"type": "kill"}, "PodChaos", "podChaos", {"action": "pod-kill", "mode": "one"}),
        (
            {"type": "kill", "gracePeriod": "1m", "share": 30},
            "PodChaos",
            "podChaos",
            {"action": "pod-kill", "gracePeriod": 60, "mode": "fixed-percent", "value": "30"},
        ),
        (
            {"type": "fail", "duration": "1m"},
            "PodChaos",
            "podChaos",
            {"action": "pod-failure", "duration": "1m", "mode": "one"},
        ),
        (
            NETWORK,
            "NetworkChaos",
            "networkChaos",
            {"action": "delay", "delay": LATE, "direction": "to", "duration": "5m", "mode": "one"},
        ),
        (
            {"type": "loss", "duration": "5m", "packets": 25, "share": 100},
            "NetworkChaos",
            "networkChaos",
            {
                "action": "loss",
                "loss": {"loss": "25", "correlation": "0"},
                "direction": "to",
                "duration": "5m",
                "mode": "all",
            },
        ),
        (
            {"type": "cpu", "duration": "5m", "workers": 2, "load": 80},
            "StressChaos",
            "stressChaos",
            {"stressors": {"cpu": {"workers": 2, "load": 80}}, "duration": "5m", "mode": "one"},
        ),
        (
            {"type": "memory", "duration": "5m", "size": "1.5Ki"},
            "StressChaos",
            "stressChaos",
            {"stressors": {"memory": {"workers": 1, "size": "1536B"}}, "duration": "5m", "mode": "one"},
        ),
    ],
)
def test_an_experiment_becomes_a_schedule_of_its_kind(written: Spec, kind: str, key: str, body: Spec) -> None:
    assert experiment(**written) == {
        "schedule": "0 9 * * 1",
        "concurrencyPolicy": "Forbid",
        "historyLimit": 3,
        "type": kind,
        key: {**body, "selector": SELECTED},
    }


OTHER = {"labelSelectors": {"app.kubernetes.io/name": "other", "app.kubernetes.io/part-of": "shop"}}


@pytest.mark.parametrize(
    ("to", "way"),
    [
        # A packet on its way to a Service bears the address of the Service.
        (
            "other",
            {
                "target": {"mode": "all", "selector": OTHER},
                "externalTargets": ["other.shop.svc.cluster.local"],
            },
        ),
        ("mail", {"externalTargets": ["10.0.0.0/24"]}),
        (
            "agent",
            {
                "target": {
                    "mode": "all",
                    "selector": {"namespaces": ["tools"], "labelSelectors": {"app": "agent"}},
                }
            },
        ),
        ("mesh", {"target": {"mode": "all", "selector": {"namespaces": ["mesh"]}}}),
    ],
)
def test_a_way_is_named_by_what_its_packets_bear(to: str, way: Spec) -> None:
    made = experiment(**NETWORK, to=to)["networkChaos"]
    assert {key: made[key] for key in ("target", "externalTargets") if key in made} == way


def test_one_word_makes_the_usual_experiments_each_at_a_time_of_its_own() -> None:
    spec = everything()
    spec["chaos"] = {"usual": "workdays"}
    made = schedules(spec)
    assert {name.rpartition("-reaches-")[2] for name in made if name.endswith("-late")} >= {
        "database-late",
        "queue-late",
    }
    assert all(check_schedule(one["spec"]["schedule"]) is None for one in made.values())
    times = Counter(one["spec"]["schedule"] for one in made.values())
    assert max(times.values()) == 1, times
    platform = platform_of(spec)
    for name in (name.removesuffix("-loses-a-pod") for name in made if name.endswith("-loses-a-pod")):
        assert platform.spec.workloads[name].fewest >= 2  # type: ignore[union-attr]


def test_an_experiment_of_ones_own_replaces_the_usual_one_of_its_name() -> None:
    own = {"type": "kill", "workload": "app", "schedule": "0 3 * * 0"}
    chaos = {"usual": "workdays", "experiments": {"app-loses-a-pod": own}}
    made = schedules(spec_of(workloads={"app": web()}, chaos=chaos))
    assert [one["spec"]["schedule"] for one in made.values()] == ["0 3 * * 0"]


@pytest.mark.parametrize("chaos", [None, {}, {"usual": "none"}])
def test_nothing_is_broken_that_nobody_asked_for(chaos: Spec | None) -> None:
    assert schedules(spec_of(workloads={"app": web()}, chaos=chaos)) == {}
