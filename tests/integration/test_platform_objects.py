"""Namespaces, rights, stores and monitors: the same objects by Kustomize, by Helm and by the spec."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import manifestgen
from manifestgen.pipeline import load
from support import yaml11
from support.chart import with_stub_dependencies
from support.parity import Objects, expected, kustomized, templated

SPEC = Path(__file__).parent.parent / "specs/tenants.yaml"
ENVIRONMENTS = {name: str(platform.namespace) for name, platform in load(SPEC).environments.items()}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of the spec."""
    folder = tmp_path_factory.mktemp("tenants") / "out"
    result = manifestgen.render(SPEC, out=folder)
    assert result.ok, result.findings
    return folder


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_kustomize_builds_the_objects_of_each_environment(environment: str, out: Path, tool: Any) -> None:
    assert kustomized(tool("kubectl"), out, environment) == expected(SPEC, environment)


@pytest.mark.parametrize("binary", ["helm", "helm3"])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_helm_renders_the_objects_of_each_environment(
    environment: str, binary: str, out: Path, tool: Any, tmp_path: Path
) -> None:
    chart = with_stub_dependencies(out / "helm/tenants", tmp_path / "tenants")
    rendered = templated(tool(binary), chart, environment, ENVIRONMENTS[environment])
    assert rendered == expected(SPEC, environment)


def _names(objects: Objects, kind: str) -> set[str]:
    return {name for _, found, name in objects if found == kind}


def test_two_environments_in_one_cluster_share_no_object_that_gives_rights() -> None:
    seen: dict[tuple[str, str], str] = {}
    for environment in ENVIRONMENTS:
        objects = expected(SPEC, environment)
        for kind in ("Namespace", "ClusterRole", "ClusterRoleBinding"):
            for name in _names(objects, kind):
                assert seen.setdefault((kind, name), environment) == environment
    assert ("ClusterRole", "tenants-api") in seen
    assert ("ClusterRole", "tenants-staging-worker") in seen
    assert ("ClusterRole", "tenants-certificates") in seen
    assert ("Namespace", "tenants-abroad") in seen


def test_a_binding_to_an_aggregated_role_names_it_as_it_is_called_there() -> None:
    objects = expected(SPEC, "staging")
    binding = objects["rbac.authorization.k8s.io/v1", "RoleBinding", "readers"]
    assert binding["roleRef"]["name"] == "tenants-staging-certificates"
    assert binding["roleRef"]["name"] in _names(objects, "ClusterRole")


# --- The Prometheus operator -----------------------------------------------------------------------


def _rules_in(objects: Objects) -> dict[str, Any]:
    """The groups of all PrometheusRules by their names."""
    rules = [made["spec"]["groups"] for (_, kind, _), made in objects.items() if kind == "PrometheusRule"]
    return {group["name"]: group["rules"] for groups in rules for group in groups}


def test_objects_tell_the_same_rules_as_files(out: Path) -> None:
    folder = out / "monitoring/abroad/prometheus/rules"
    files = [yaml11.read(file.read_text("utf-8")) for file in folder.iterdir()]
    in_files = {group["name"]: group["rules"] for file in files for group in file["groups"]}
    assert _rules_in(expected(SPEC, "abroad")) == in_files


@pytest.mark.parametrize("environment", ["production", "abroad"])
def test_promtool_takes_the_rules_of_the_objects(environment: str, tool: Any, tmp_path: Path) -> None:
    groups = _rules_in(expected(SPEC, environment))
    rules = tmp_path / "rules.yml"
    listed = [{"name": name, "rules": members} for name, members in groups.items()]
    rules.write_text(yaml11.written({"groups": listed}), "utf-8")
    done = subprocess.run(
        [tool("promtool"), "check", "rules", "--lint-fatal", rules],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"{sum(map(len, groups.values()))} rules found" in done.stdout


def test_every_job_of_the_files_is_scraped_by_an_object_under_the_same_name(out: Path) -> None:
    config = yaml11.read((out / "monitoring/abroad/prometheus/prometheus.yml").read_text("utf-8"))
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    scraped: dict[str, Any] = {}
    for (_, kind, name), made in expected(SPEC, "abroad").items():
        if kind in ("ServiceMonitor", "PodMonitor"):
            spec = made["spec"]
            (endpoint,) = spec.get("endpoints") or spec["podMetricsEndpoints"]
            named = [one["replacement"] for one in endpoint["relabelings"] if one.get("targetLabel") == "job"]
            job = named[0] if named else spec["selector"]["matchLabels"][spec["jobLabel"]]
            scraped[job] = endpoint["path"]
        elif kind == "ScrapeConfig":
            assert made["spec"]["jobName"] == name
            scraped[name] = made["spec"]["metricsPath"]
        elif kind == "Probe":
            assert made["spec"]["jobName"] == name
            scraped[name] = made["spec"]["prober"]["path"]
    assert scraped == {name: job["metrics_path"] for name, job in jobs.items()}


def test_a_workload_without_a_service_for_its_metrics_is_found_by_its_pods() -> None:
    objects = expected(SPEC, "production")
    assert _names(objects, "PodMonitor") == {"worker", "cache", "cache-sentinel", "files-nodes"}
    assert _names(objects, "ServiceMonitor") == {"api", "kubelet", "cadvisor"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_that_stands_for_the_namespace_is_left(environment: str, out: Path, tool: Any) -> None:
    objects = kustomized(tool("kubectl"), out, environment)
    assert "this-namespace" not in json.dumps([*objects.values()])


def test_objects_for_the_operator_are_made_only_where_it_runs(out: Path) -> None:
    staging = expected(SPEC, "staging")
    assert not {kind for _, kind, _ in staging} & {
        "ServiceMonitor",
        "PodMonitor",
        "PrometheusRule",
        "Probe",
        "ScrapeConfig",
    }
    assert (out / "monitoring/staging/prometheus/rules/containers.alerts.yml").is_file()
    assert not (out / "monitoring/production/prometheus").exists()
