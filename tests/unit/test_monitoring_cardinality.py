"""How many series there will be, how that comes about, and what a scrape may bring at the most."""

from __future__ import annotations

from typing import Any

import yaml

from manifestgen.facts.metrics import exporters
from manifestgen.facts.metrics.amounts import AMOUNTS, BUCKETS, IMPLIED, OF_EXPORTER
from manifestgen.kinds import ObjectMaker
from manifestgen.monitoring.cardinality import Estimate, estimates_of, limits_of
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.spec.slos import HISTOGRAMS
from support.monitoring import files_of, monitored, parsed
from support.specs import Spec, platform_of


def spec_with(**given: Any) -> Spec:
    return monitored(cardinality={"budget": 1_000_000, **given})


def estimates(**given: Any) -> dict[str, Estimate]:
    platform = platform_of(spec_with(**given))
    assert platform.spec.monitoring.cardinality is not None
    return {one.job: one for one in estimates_of(platform, platform.spec.monitoring.cardinality)}


def test_a_job_brings_the_product_of_its_labels_times_its_targets() -> None:
    front = estimates(counts={"handler": 100, "method": 2, "status": 3})["front"]
    assert front.targets == 9  # the most pods that its autoscaler makes
    assert front.largest is not None
    assert front.largest.metric == "http_request_duration_seconds"
    # Three buckets, the one for everything, sum and count.
    assert front.largest.series == 2 * 100 * 6
    assert front.largest.product == "method 2 × handler 100 × 6 series of a histogram"
    assert front.told == (
        f"about {front.each} series a target, 1200 of http_request_duration_seconds ({front.largest.product})"
    )
    assert front.total == 9 * front.each
    more = estimates(counts={"handler": 101, "method": 2, "status": 3})["front"]
    # One more handler: its requests by status, its durations, and the sizes of what goes in and out.
    assert more.each - front.each == 2 * 3 + 2 * 6 + 2 * 5 + 2


def test_what_is_declared_counts_too() -> None:
    spec = spec_with(counts={"status": 7})
    without = {**spec, "monitoring": {**spec["monitoring"], "business": {}}}
    each = []
    for one in (spec, without):
        platform = platform_of(one)
        assert platform.spec.monitoring.cardinality is not None
        (front,) = [
            e for e in estimates_of(platform, platform.spec.monitoring.cardinality) if e.job == "front"
        ]
        each.append(front.each)
    assert each[0] - each[1] == 1 + 7


def test_the_size_of_the_cluster_counts_for_what_watches_it() -> None:
    small, large = estimates(nodes=2, pods=50), estimates(nodes=20, pods=500)
    assert (small["node"].targets, large["node"].targets) == (2, 20)
    assert small["node"].each == large["node"].each
    assert 9 < large["kube-state-metrics"].each / small["kube-state-metrics"].each <= 10
    assert small["cadvisor"].each == large["cadvisor"].each  # as many pods on each node


def test_of_a_target_that_nobody_knows_nothing_is_known() -> None:
    gateway = estimates()["gateway"]
    assert (gateway.targets, gateway.largest) == (2, None)
    assert gateway.told == "about 1000 series a target, as nothing is known of it"


def test_each_job_has_a_limit_with_room_and_says_why() -> None:
    files = files_of(platform_of(spec_with(headroom=3, limits={"node": 7000}, counts={"handler": 400})))
    text = files["prometheus/prometheus.yml"].text
    jobs = {job["job_name"]: job for job in parsed(files, "prometheus/prometheus.yml")["scrape_configs"]}
    known = estimates(headroom=3, counts={"handler": 400})
    assert jobs["node"]["sample_limit"] == 7000
    assert jobs["kubelet"]["sample_limit"] == 20_000  # never less for what is not the platform's own
    front = jobs["front"]["sample_limit"]
    assert 3 * known["front"].each <= front < 3.2 * known["front"].each
    assert f"    # 3 times what is expected: {known['front'].told}\n    sample_limit: {front}\n" in text
    assert "target\n    sample_limit: 20000\n" not in text  # which is the least, whatever is expected
    assert all("sample_limit" in job for job in jobs.values())


def test_without_a_budget_nothing_is_limited() -> None:
    platform = platform_of(monitored())
    assert limits_of(platform) == {}
    assert "sample_limit" not in files_of(platform)["prometheus/prometheus.yml"].text


def test_the_operator_is_told_the_same_limits() -> None:
    spec = spec_with()
    spec["monitoring"]["delivery"] = "operator"
    platform = platform_of(spec)
    wanted = {job: limit.samples for job, limit in limits_of(platform).items()}
    objects = ObjectMaker(Renderer(template_folders())).inventory(platform).objects.values()
    kinds = ("ServiceMonitor", "PodMonitor", "Probe", "ScrapeConfig")
    found = {made.id.name: made.manifest["spec"]["sampleLimit"] for made in objects if made.id.kind in kinds}
    assert found == wanted
    assert yaml.safe_load(str(found["front"])) == wanted["front"]


def test_amounts_are_of_labels_that_there_are() -> None:
    labels = {
        label.rstrip("?") for one in exporters() for family in one.families for label in family.labels.split()
    }
    assert set(AMOUNTS) | set(IMPLIED) <= labels
    for name, changed in OF_EXPORTER.items():
        assert name in {one.name for one in exporters()}
        assert set(changed) <= labels


def test_histograms_have_as_many_buckets_as_objectives_know() -> None:
    assert {name: len(edges) + 1 for name, edges in HISTOGRAMS.items()} == BUCKETS
