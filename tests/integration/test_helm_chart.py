"""The chart of a hand-made platform, with Helm 3 and Helm 4."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from manifestgen.artifact import Artifact
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.targets.helm import render
from support import yaml11
from support.helm import expected, one, run, template, values_of, write_chart
from support.helm_objects import INFO, LAYERS, layers

Tool = Callable[[str], Path]


@pytest.fixture(scope="module")
def artifacts() -> tuple[Artifact, ...]:
    return render(*layers(), INFO, Renderer(template_folders()))


@pytest.fixture(scope="module")
def chart(artifacts: tuple[Artifact, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_chart(artifacts, tmp_path_factory.mktemp("chart"))


@pytest.fixture(params=["helm", "helm3"])
def helm(request: pytest.FixtureRequest, tool: Tool) -> Path:
    return tool(request.param)


@pytest.mark.parametrize("layer", LAYERS)
def test_the_chart_gives_the_objects_of_each_layer(helm: Path, chart: Path, layer: str | None) -> None:
    base, environments = layers()
    want = expected(environments[layer] if layer else base)
    assert template(helm, chart, *values_of(chart, layer)) == want


@pytest.mark.parametrize("layer", LAYERS)
def test_the_chart_passes_strict_lint(helm: Path, chart: Path, layer: str | None) -> None:
    done = run(helm, "lint", "--strict", chart, *values_of(chart, layer))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_broken_template_is_noticed(helm: Path, artifacts: tuple[Artifact, ...], tmp_path: Path) -> None:
    chart = write_chart(artifacts, tmp_path)
    broken = chart / "templates/worker/deployment.yaml"
    text = broken.read_text(encoding="utf-8")
    assert "{{ .Values.worker.replicas }}" in text
    broken.write_text(text.replace("{{ .Values.worker.replicas }}", "1"), encoding="utf-8")
    assert template(helm, chart) != expected(layers()[0])


REFUSED = {
    "wrong type": ("api.image.tag=15", "/api/image/tag"),
    "unknown key": ("api.replica=3", "replica"),
    "unknown component": ("apis.replicas=3", "apis"),
    "unknown key of an image": ("api.image.name=api", "name"),
    "setting that is no string": ("api.config.LOG_LEVEL=true", "/api/config/LOG_LEVEL"),
    "number as a switch": ("debug.enabled=1", "/debug/enabled"),
    "no percentage": ("api.podDisruptionBudget.minAvailable=half", "minAvailable"),
    "no type of Service": ("api.service.type=Cluster", "type"),
    "resources with a typo": ("worker.resources.limit.cpu=1", "limit"),
}


@pytest.mark.parametrize(("setting", "place"), REFUSED.values(), ids=REFUSED)
def test_the_schema_refuses(helm: Path, chart: Path, setting: str, place: str) -> None:
    done = run(helm, "template", "a-release", chart, "--set", setting)
    assert done.returncode == 1
    assert place.rsplit("/", 1)[-1] in done.stderr
    assert "schema" in done.stderr


def test_the_schema_accepts_each_values_file_alone(artifacts: tuple[Artifact, ...]) -> None:
    texts = {artifact.path.rsplit("/", 1)[-1]: artifact.text for artifact in artifacts}
    validator = jsonschema.Draft7Validator(yaml11.read(texts["values.schema.json"]))
    validator.check_schema(validator.schema)
    for name in ("values.yaml", "values-staging.yaml", "values-production.yaml"):
        assert [error.message for error in validator.iter_errors(yaml11.read(texts[name]))] == []


def test_values_of_dependencies_are_left_to_their_charts(helm: Path, chart: Path) -> None:
    done = run(helm, "template", "r", chart, "--set", "postgres.any.thing=1,global.storageClass=fast")
    assert done.returncode == 0, done.stderr


def test_the_number_of_pods_can_be_set(helm: Path, chart: Path) -> None:
    assert one(template(helm, chart, "--set", "api.replicas=7"), "Deployment", "api")["spec"]["replicas"] == 7
    zero = template(helm, chart, "--set", "worker.replicas=0")
    assert one(zero, "Deployment", "worker")["spec"]["replicas"] == 0


def test_a_new_tag_reaches_every_container_of_the_image(helm: Path, chart: Path) -> None:
    pod = one(template(helm, chart, "--set", "api.image.tag=x"), "Deployment", "api")["spec"]["template"][
        "spec"
    ]
    images = {c["name"]: c["image"] for c in (*pod["initContainers"], *pod["containers"])}
    assert images == {
        "wait-for-postgres": "busybox:1.36",
        "migrate": "ghcr.io/example/api:x",
        "api": "ghcr.io/example/api:x",
    }


def test_a_changed_setting_restarts_the_pods_that_read_it(helm: Path, chart: Path) -> None:
    def checksums(*arguments: str) -> dict[str, str]:
        objects = template(helm, chart, *arguments)
        names = (("api", "config"), ("worker", "common"))
        pods = {n: one(objects, "Deployment", n)["spec"]["template"]["metadata"] for n, _ in names}
        return {name: pods[name]["annotations"][f"checksum/{key}"] for name, key in names}

    before, after = checksums(), checksums("--set-string", "api.config.LOG_LEVEL=debug")
    assert before["api"] != after["api"]
    assert before["worker"] == after["worker"]


def test_a_switched_on_object_of_an_environment_works_in_the_base(helm: Path, chart: Path) -> None:
    objects = template(helm, chart, "--set", "api.podDisruptionBudget.enabled=true")
    assert one(objects, "PodDisruptionBudget", "api")["spec"]["minAvailable"] == "50%"


def test_what_has_no_default_is_asked_for_by_name(helm: Path, chart: Path) -> None:
    done = run(helm, "template", "r", chart, "--set", "public.enabled=true")
    assert done.returncode == 1
    assert "set public.host, as values-staging.yaml does" in done.stderr
    objects = template(helm, chart, "--set", "public.enabled=true,public.host=x.example.com")
    rules = one(objects, "Ingress", "public")["spec"]
    assert (rules["rules"][0]["host"], rules["tls"][0]["hosts"]) == ("x.example.com", ["x.example.com"])


def test_the_notes_name_the_hosts(tool: Tool, chart: Path) -> None:
    """With Helm 4 alone: Helm 3 asks the cluster even for a client-side dry run."""
    arguments = ("install", "a-release", chart, "--dry-run=client", *values_of(chart, "production"))
    done = run(tool("helm"), *arguments)
    assert "https://shop.example.com" in done.stdout
    assert "rollout status deployment/worker" in done.stdout
    assert "deployment/debug" not in done.stdout


def test_each_values_file_is_its_environments_own(artifacts: tuple[Artifact, ...]) -> None:
    owned = {artifact.path: artifact.environment for artifact in artifacts if artifact.environment}
    assert owned == {
        "helm/shop/values-staging.yaml": "staging",
        "helm/shop/values-production.yaml": "production",
    }


def test_a_second_rendering_is_equal(artifacts: tuple[Artifact, ...]) -> None:
    assert render(*layers(), INFO, Renderer(template_folders())) == artifacts
