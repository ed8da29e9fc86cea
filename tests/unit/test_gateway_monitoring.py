"""The proxies of a Gateway: how they are found, which figures they have, and what is told of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from manifestgen.facts.metrics import exporters
from manifestgen.kube.objects import Inventory
from manifestgen.monitoring.alertmanager.topology import derived
from manifestgen.monitoring.gateways import GATEWAY_JOB, IMPLEMENTATIONS
from manifestgen.monitoring.jobs import ScrapeJob, jobs_of
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.monitoring.rules import Group
from manifestgen.monitoring.runbooks.pages import pages
from manifestgen.pipeline import load
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.lint import World, monitoring
from support.specs import Spec, platform_of, spec_of

SPEC = Path(__file__).parents[1] / "specs" / "gateway.yaml"
each_implementation = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)


def gated(**gateway: Any) -> Spec:
    """A platform with a route that a Gateway answers."""
    web = {
        "type": "web",
        "image": {"repository": "a", "tag": "1"},
        "ports": {"http": 80},
        "replicas": 2,
        "resources": {},
    }
    spec = spec_of(
        workloads={"front": web},
        routes={"public": {"hosts": ["a.example.com"], "workload": "front", "port": "http"}},
    )
    spec["cluster"] |= {"routing": "gateway", "gateway": {"class": "some", **gateway}}
    return spec


def job_of(platform: ResolvedPlatform) -> ScrapeJob:
    (job,) = (one for one in jobs_of(platform) if one.name == GATEWAY_JOB)
    return job


def group_of(platform: ResolvedPlatform) -> Group:
    (group,) = (one for one in groups_of(platform) if one.name == "gateway")
    return group


def found_by(job: ScrapeJob) -> dict[str, str]:
    return dict(zip(job.labels, job.values, strict=True))


def test_envoy_gateway_keeps_its_proxies_in_a_namespace_of_its_own() -> None:
    spec = gated(implementation="envoy-gateway", dataPlaneNamespace="envoy-gateway-system")
    platform = platform_of(spec)
    job = job_of(platform)
    assert (job.namespace, job.path) == ("envoy-gateway-system", "/stats/prometheus")
    assert found_by(job) == {
        "__meta_kubernetes_pod_label_gateway_envoyproxy_io_owning_gateway_name": platform.name,
        "__meta_kubernetes_pod_label_gateway_envoyproxy_io_owning_gateway_namespace": platform.namespace,
        "__meta_kubernetes_pod_container_port_name": "metrics",
    }


def test_istio_keeps_its_proxies_beside_the_gateway() -> None:
    platform = platform_of(gated(implementation="istio"))
    job = job_of(platform)
    assert job.namespace == platform.namespace
    assert found_by(job) == {
        "__meta_kubernetes_pod_label_gateway_networking_k8s_io_gateway_name": platform.name,
        "__meta_kubernetes_pod_container_port_name": "http-envoy-prom",
    }


@each_implementation
def test_a_shared_gateway_is_found_by_its_own_name_where_it_is(implementation: str) -> None:
    spec = gated(implementation=implementation, shared={"name": "public", "namespace": "edge"})
    del spec["cluster"]["gateway"]["class"]
    platform = platform_of(spec)
    job = job_of(platform)
    assert job.namespace == "edge"
    assert "public" in job.values and platform.name not in job.values


@pytest.mark.parametrize("change", [{}, {"implementation": "istio", "routes": {}}])
def test_without_an_implementation_or_a_route_nothing_is_scraped(change: dict[str, Any]) -> None:
    spec = gated(**{key: value for key, value in change.items() if key != "routes"})
    spec |= {key: value for key, value in change.items() if key == "routes"}
    platform = platform_of(spec)
    assert GATEWAY_JOB not in {job.name for job in jobs_of(platform)}
    assert "gateway" not in {group.name for group in groups_of(platform)}


@each_implementation
def test_it_names_only_figures_that_its_proxies_have(implementation: str) -> None:
    (exporter,) = (one for one in exporters() if one.name == IMPLEMENTATIONS[implementation].exporter)
    known = {name for family in exporter.families for name in family.names.split()}
    group = group_of(platform_of(gated(implementation=implementation)))
    text = "\n".join(rule.expr for rule in (*group.records, *group.alerts))
    named = set(re.findall(r"\b(?:envoy|istio)_\w+(?=\{)", text))
    assert len(named) >= 4
    assert {name.removesuffix("_bucket") for name in named} <= known


@each_implementation
def test_nothing_is_to_be_said_of_its_rules(implementation: str) -> None:
    platform = platform_of(gated(implementation=implementation))
    assert platform.spec.monitoring.delivery == "files"  # then all labels are known
    assert list(monitoring.check(World(platform, Inventory("x", {})))) == []


def test_only_requests_to_this_platform_count() -> None:
    for platform in load(SPEC).environments.values():
        for rule in (*group_of(platform).records, *group_of(platform).alerts[1:3]):
            assert rule.expr.count("{") == len(re.findall(rf'[/"]{platform.namespace}[/"]', rule.expr)), rule


def test_istio_does_not_tell_whether_it_hears_from_its_controller() -> None:
    names = {
        name: {alert.name for alert in group_of(platform).alerts}
        for name, platform in load(SPEC).environments.items()
    }
    assert names["live"] - names["mesh"] == {"GatewayControlPlaneLost"}
    assert len(names["mesh"]) == 4 and names["mesh"] < names["live"]


def test_thresholds_of_the_spec_are_in_the_alerts() -> None:
    spec = gated(implementation="istio")
    spec["monitoring"] = {"thresholds": {"ingress": {"errors": 2, "latencyP95": "300ms"}}}
    exprs = {alert.name: alert.expr for alert in group_of(platform_of(spec)).alerts}
    assert "} > 0.02\n" in exprs["GatewayErrorRateHigh"]
    assert exprs["GatewayLatencyHigh"].endswith("} > 0.3")


def test_a_page_finds_the_proxies_of_each_environment() -> None:
    platforms = load(SPEC).environments
    (page,) = (one for one in pages(platforms) if one.name == "GatewayDown")
    assert "WITHIN=gated-mesh  # in mesh" in page.preamble
    assert "# WITHIN=envoy-gateway-system  # in live" in page.preamble
    assert "PROXIES=gateway.networking.k8s.io/gateway-name=gated  # in mesh" in page.preamble
    (page,) = (one for one in pages(platforms) if one.name == "GatewayErrorRateHigh")
    assert [told.alert.expr.count("$NS") for told in page.expressions] == [2, 2]
    assert [one.key for one in page.thresholds] == ["ingress.errors", "web.quiet"]


def test_a_gateway_that_is_down_silences_what_is_less_urgent_of_it() -> None:
    platform = next(iter(load(SPEC).environments.values()))
    alerts = [alert for group in groups_of(platform) for alert in group.alerts]
    (rule,) = (one for one in derived(platform, alerts) if one.name == "critical-silences-less")
    assert "gateway" in rule.target["component"]
    assert rule.equal == ("environment", "component")
