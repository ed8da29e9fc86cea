"""Data services by who provides them: what changes with the provider, and what clients need not know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from manifestgen.pipeline import load
from manifestgen.resolving import ResolvedPlatform
from support.flows import Endpoint, flows
from support.specs import inventory_of

SPEC = Path(__file__).parents[1] / "specs/providers.yaml"
PLATFORMS = {str(name): platform for name, platform in load(SPEC).platforms.items() if name is not None}


def manifest(environment: str, kind: str, name: str) -> dict[str, Any]:
    objects = inventory_of(PLATFORMS[environment]).objects.values()
    (found,) = (one.manifest for one in objects if (one.id.kind, one.id.name) == (kind, name))
    return found


def test_an_environment_that_changes_the_provider_leaves_behind_what_only_the_old_one_knows() -> None:
    store = PLATFORMS["production"].spec.datastores["database"]
    assert store.model_dump(exclude_defaults=True) == {
        "type": "postgresql",
        "provider": "external",
        "description": "What is sold, and to whom",
        "database": "shop",
        "credentials": "stores",
        "host": "shop.db.example.com",
        "networks": ["10.20.0.0/16"],
        "exporter": "db-exporter.monitoring.svc:9187",
    }


@pytest.mark.parametrize("environment", PLATFORMS)
def test_clients_wait_for_the_same_host_whoever_provides_it(environment: str) -> None:
    pods = manifest(environment, "Deployment", "web")["spec"]["template"]["spec"]
    assert [one["command"][-2] for one in pods["initContainers"]] == ["database-primary", "queue"]


def test_the_services_that_clients_know_are_made_by_each_provider() -> None:
    services = manifest("staging", "Cluster", "database")["spec"]["managed"]["services"]["additional"]
    names = {one["selectorType"]: one["serviceTemplate"]["metadata"]["name"] for one in services}
    assert names == {"rw": "database-primary", "ro": "database-read"}
    outside = manifest("production", "Service", "database-primary")["spec"]
    assert (outside["type"], outside["externalName"]) == ("ExternalName", "shop.db.example.com")
    (port,) = manifest("twin", "EndpointSlice", "database-primary")["ports"]
    assert manifest("twin", "Service", "database-primary")["spec"]["ports"] == [
        {"name": port["name"], "port": port["port"]}
    ]


def _flows(platform: ResolvedPlatform, *others: Endpoint) -> set[str]:
    home = str(platform.namespace)
    web = {"app.kubernetes.io/name": "web", "app.kubernetes.io/part-of": "shop"}
    endpoints = [Endpoint("web", home, web), Endpoint("stranger", home, {"app": "stranger"}), *others]
    ports = (5432, 8000, 9187, 5671, 6380, 443)
    return {str(flow) for flow in flows(inventory_of(platform), endpoints, ports, ("TCP",))}


def test_the_operator_and_the_instances_reach_what_they_need_and_strangers_nothing() -> None:
    pods = {"cnpg.io/cluster": "database"}
    first, second = (Endpoint(name, "shop-staging", pods) for name in ("first", "second"))
    operator = Endpoint("operator", "cnpg-system", {"app.kubernetes.io/name": "cloudnative-pg"})
    monitoring = Endpoint("monitoring", "monitoring", {})
    found = _flows(PLATFORMS["staging"], first, second, operator, monitoring)
    assert {flow for flow in found if "> first:" in flow and not flow.startswith("first")} == {
        "web -> first:5432",
        "monitoring -> first:5432",
        "monitoring -> first:9187",
        "operator -> first:5432",
        "operator -> first:8000",
        "second -> first:5432",
        "second -> first:8000",
    }


def test_only_the_networks_of_what_runs_elsewhere_are_open() -> None:
    places = ("10.20.0.7", "10.30.0.5", "10.30.0.7", "10.40.0.1", "192.0.2.1")
    outside = [Endpoint(address, address=address) for address in places]
    found = {flow for flow in _flows(PLATFORMS["production"], *outside) if flow.startswith("web -> ")}
    assert found == {
        "web -> 10.20.0.7:5432",
        "web -> 10.30.0.5:6380",
        "web -> 10.40.0.1:5671",
        *(f"web -> {address}:443" for address in places),
    }
