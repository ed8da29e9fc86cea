"""What pods ask for, times its price: checked by hand on objects, and against the committed tree."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from manifestgen.api.costs import bills
from manifestgen.cli import run as cli
from manifestgen.errors import Exit
from manifestgen.kube.pricing import NOTHING, Amount, bill, cost_of
from manifestgen.kube.scale import Scale
from manifestgen.kube.usage import Uncounted, Usage, of_charts, usages
from manifestgen.spec.cost import Cost

Spec = dict[str, Any]
Say = Callable[..., str]

TERMS = Cost.model_validate(
    {
        "hours": 100,
        "prices": {"cpu": 2, "memory": 1, "storage": {"fast": 3}, "devices": {"nvidia.com/gpu": 10}},
    }
)
ROOT = Path(__file__).parents[2]
GIB = 2**30


def deployment(name: str = "api", **spec: Any) -> Spec:
    """A Deployment whose pod asks for half a core and a GiB."""
    container = {"name": "a", "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}
    pod = {"containers": [container], **spec.pop("pod", {})}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": 2, "template": {"spec": pod}, **spec},
    }


def scaled(kind: str, **spec: Any) -> Spec:
    version = {"HorizontalPodAutoscaler": "autoscaling/v2", "ScaledObject": "keda.sh/v1alpha1"}[kind]
    target = {"kind": "Deployment", "name": "api"}
    body = {"scaleTargetRef": target, **spec}
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "api"}, "spec": body}


def asking(**resources: Any) -> Spec:
    return {"name": "x", "resources": {"requests": resources}}


STAYS = {**asking(cpu="1"), "restartPolicy": "Always"}
EACH = 100 * (Decimal("0.5") * 2 + 1)  # of deployment(), in a month
OF_ONE_CORE = 100 * 2


@pytest.mark.parametrize(
    ("objects", "least", "most"),
    [
        ([deployment()], 2 * EACH, 2 * EACH),
        ([deployment(), scaled("HorizontalPodAutoscaler", minReplicas=3, maxReplicas=8)], 3 * EACH, 8 * EACH),
        ([deployment(), scaled("ScaledObject", maxReplicaCount=4)], 0, 4 * EACH),
        # The largest container that runs before the others counts only where it asks for more than they do.
        ([deployment(replicas=1, pod={"initContainers": [asking(cpu="100m")]})], EACH, EACH),
        (
            [deployment(replicas=1, pod={"initContainers": [asking(cpu="4")]})],
            100 * (4 * 2 + 1),
            100 * (4 * 2 + 1),
        ),
        # One that stays runs beside them.
        ([deployment(replicas=1, pod={"initContainers": [STAYS]})], EACH + OF_ONE_CORE, EACH + OF_ONE_CORE),
        # A limit without a request is one.
        (
            [
                deployment(
                    replicas=1, pod={"containers": [{"name": "a", "resources": {"limits": {"cpu": "1"}}}]}
                )
            ],
            OF_ONE_CORE,
            OF_ONE_CORE,
        ),
        ([deployment(replicas=1, pod={"containers": [asking(**{"nvidia.com/gpu": 2})]})], 2000, 2000),
        ([deployment(replicas=0)], 0, 0),
    ],
)
def test_pods_cost_what_a_scheduler_sets_aside_for_them(
    objects: list[Spec], least: Decimal, most: Decimal
) -> None:
    found = bill("production", TERMS, list(usages(objects, None)), None)
    assert (found.total, found.uncounted) == (Amount(least, most), ())


def test_a_limit_range_gives_what_a_container_does_not_ask_for() -> None:
    limits = {"limits": [{"type": "Container", "defaultRequest": {"cpu": "1"}}]}
    range_ = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "usual"}, "spec": limits}
    bare = deployment(replicas=1, pod={"containers": [{"name": "a"}]})
    (usage,) = usages([bare, range_], None)
    assert isinstance(usage, Usage)
    assert cost_of(usage, TERMS) == Amount(Decimal(200), Decimal(200))


CLAIM = {"storageClassName": "fast", "resources": {"requests": {"storage": "10Gi"}}}


@pytest.mark.parametrize(
    "objects",
    [
        [{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a"}, "spec": CLAIM}],
        [
            {
                "apiVersion": "postgresql.cnpg.io/v1",
                "kind": "Cluster",
                "metadata": {"name": "a"},
                "spec": {
                    "instances": 2,
                    "storage": {"size": "4Gi", "storageClass": "fast"},
                    "walStorage": {"size": "1Gi", "storageClass": "fast"},
                },
            }
        ],
        [
            {
                "apiVersion": "rabbitmq.com/v1beta1",
                "kind": "RabbitmqCluster",
                "metadata": {"name": "a"},
                "spec": {"replicas": 5, "persistence": {"storage": "2Gi", "storageClassName": "fast"}},
            }
        ],
    ],
)
def test_volumes_cost_by_their_class_for_each_pod(objects: list[Spec]) -> None:
    found = bill("production", TERMS, list(usages(objects, None)), None)
    assert found.total == Amount(Decimal(30), Decimal(30))


def test_a_stateful_pod_has_its_volumes_and_its_requests() -> None:
    stateful = deployment(replicas=3, volumeClaimTemplates=[{"spec": CLAIM}])
    stateful["kind"] = "StatefulSet"
    ephemeral = {"volumes": [{"name": "t", "ephemeral": {"volumeClaimTemplate": {"spec": CLAIM}}}]}
    (first, second) = usages([stateful, deployment(pod=ephemeral)], None)
    assert isinstance(first, Usage)
    assert isinstance(second, Usage)
    assert cost_of(first, TERMS).most == 3 * (EACH + 30)
    assert cost_of(second, TERMS).most == 2 * (EACH + 30)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"primary": {"resources": {"requests": {"cpu": "1"}}}, "readReplicas": {"replicaCount": 2}},
            [("db primary", 1, 1), ("db replicas", 2, 0)],
        ),
        ({"replica": {"replicaCount": 3, "resources": {"requests": {"cpu": "2"}}}}, [("db", 3, 2)]),
        ({"replicaCount": 3, "resources": {"limits": {"cpu": "2"}}}, [("db", 3, 2)]),
        ({"statefulset": {"replicaCount": 4}, "resources": {"requests": {"cpu": "1"}}}, [("db", 4, 1)]),
        ({"resources": {"requests": {"cpu": "1"}}}, [("db", 1, 1)]),
    ],
)
def test_a_chart_is_counted_by_its_values(values: Spec, expected: list[tuple[str, int, int]]) -> None:
    found = [(one.name, one.pods.most, int(one.requests["cpu"])) for one in of_charts({"db": values})]
    assert found == expected


def test_a_volume_of_a_chart_that_is_switched_off_costs_nothing() -> None:
    on, off = (
        next(
            iter(
                of_charts(
                    {"db": {"persistence": {"enabled": enabled, "size": "10Gi", "storageClass": "fast"}}}
                )
            )
        )
        for enabled in (True, False)
    )
    assert (on.volumes, off.volumes) == ({"fast": 10 * GIB}, {})


@pytest.mark.parametrize(
    ("changed", "nodes", "reason"),
    [
        ({"kind": "Job", "apiVersion": "batch/v1"}, None, "it runs for a while only"),
        ({"kind": "DaemonSet"}, None, "one runs on each node; `cost.nodes` says how many there are"),
        ({"kind": "DaemonSet"}, 5, None),
        (
            {"spec": {"template": {"spec": {"containers": [{"name": "a"}]}}}},
            None,
            "its containers ask for nothing",
        ),
    ],
)
def test_what_is_not_counted_is_named_with_the_reason(
    changed: Spec, nodes: int | None, reason: str | None
) -> None:
    (found,) = usages([{**deployment(), **changed}], nodes)
    if reason is None:
        assert isinstance(found, Usage)
        assert found.pods == Scale(5, 5)
    else:
        assert found == Uncounted("api", str(changed.get("kind", "Deployment")), reason)


def test_what_has_no_price_is_named() -> None:
    slow = Usage("a", "PersistentVolumeClaim", Scale(1, 1), {"amd.com/gpu": Decimal(1)}, {"": Decimal(GIB)})
    found = bill("production", TERMS, [slow], None)
    assert [one.reason for one in found.uncounted] == [
        "without a price: volumes of the default class, amd.com/gpu"
    ]


def test_what_is_new_and_what_is_gone_are_changes() -> None:
    old, new = (Usage(name, "Deployment", Scale(1, 2), {"cpu": Decimal(1)}, {}) for name in ("old", "new"))
    found = bill("production", TERMS, [new], [old])
    both = Amount(Decimal(200), Decimal(400))
    assert [(item.name, item.cost, item.before) for item in found.items] == [
        ("new", both, NOTHING),
        ("old", NOTHING, both),
    ]
    assert found.total == found.before == both


@given(
    st.lists(
        st.builds(
            Usage,
            st.text("abc", min_size=1, max_size=2),
            st.just("Deployment"),
            st.builds(lambda one, more: Scale(one, one + more), st.integers(0, 50), st.integers(0, 50)),
            st.fixed_dictionaries({"cpu": st.decimals(0, 64, places=3), "memory": st.just(Decimal(GIB))}),
            st.dictionaries(st.sampled_from(["fast"]), st.decimals(0, 10**13, places=0)),
        ),
        max_size=6,
        unique_by=lambda usage: usage.name,
    )
)
def test_a_tree_that_says_the_same_changes_nothing_and_the_sum_is_that_of_its_items(
    counted: list[Usage],
) -> None:
    found = bill("production", TERMS, counted, counted)
    assert found.total == (found.before or NOTHING)
    assert found.total.least <= found.total.most
    assert found.total.most == sum(item.cost.most for item in found.items)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """What `manifestgen cost` prints when it succeeds, run at the top of the repository."""
    monkeypatch.chdir(ROOT)

    def run(*arguments: str) -> str:
        code = cli(["cost", *arguments])
        printed = capsys.readouterr()
        assert (code, printed.err) == (0, "")
        return printed.out

    return run


def test_the_committed_tree_costs_what_its_spec_does(say: Say) -> None:
    assert [line for line in say().splitlines() if line.endswith("(as committed)")] == [
        line for line in say().splitlines() if " a month" in line
    ]
    for bill_ in bills():
        assert all(item.before == item.cost for item in bill_.items), bill_.environment


@pytest.mark.parametrize("format_", ["text", "markdown", "json"])
def test_a_change_is_told(format_: str, say: Say, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    spec = yaml.safe_load((ROOT / "specs/platform.yaml").read_text())
    production = spec["environments"]["production"]
    production["workloads"]["api"]["autoscaling"]["min"] = 7
    production["datastores"]["minio"]["storage"]["size"] = "600Gi"
    file = tmp_path / "platform.yaml"
    file.write_text(yaml.safe_dump(spec, sort_keys=False))
    printed = say("production", "--spec", str(file), "--format", format_)
    if format_ == "json":
        (document,) = json.loads(printed)
        assert document["before"] != document["month"]
    assert printed == snapshot


def test_without_a_committed_tree_nothing_is_a_change(say: Say, tmp_path: Path) -> None:
    printed = say("staging", "--out", str(tmp_path / "nowhere"))
    assert printed.splitlines()[0].endswith(" a month")


def test_a_spec_without_prices_is_told_how_to_have_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = {
        "apiVersion": "manifestgen/v1",
        "kind": "Platform",
        "metadata": {"name": "shop", "owner": "web-team"},
        "cluster": {"kubernetesVersion": "1.32"},
        "environments": {"production": {"namespace": "shop"}},
    }
    file = tmp_path / "platform.yaml"
    file.write_text(yaml.safe_dump(spec))
    assert cli(["cost", "--spec", str(file)]) == Exit.FINDINGS
    assert "nothing has a price in production; add `cost`" in capsys.readouterr().err
