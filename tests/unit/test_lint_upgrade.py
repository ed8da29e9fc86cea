"""Changes that a cluster would refuse are told before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from manifestgen import api, cli
from manifestgen.errors import Exit, Severity
from support.specs import Spec, as_json, spec_of

WEB: Spec = {
    "type": "web",
    "image": {"repository": "ghcr.io/example/api", "tag": "1.4.2"},
    "ports": {"http": 8000},
    "replicas": 2,
    "resources": {},
}


def two_environments(**sections: Any) -> Spec:
    spec = spec_of("staging", **sections)
    spec["environments"]["production"] = {"namespace": "live"}
    return spec


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def render(spec: Spec, **options: Any) -> api.RenderResult:
    Path("platform.yaml").write_text(as_json(spec), "utf-8")
    return api.render("platform.yaml", **options)


def rules(result: api.RenderResult) -> set[tuple[str, str, Severity]]:
    return {(finding.rule, finding.path, finding.severity) for finding in result.findings}


SELECTOR = ("immutable-field", "workloads.api")


def test_a_new_selector_is_refused_and_nothing_is_written(place: Path) -> None:
    spec = two_environments(workloads={"api": WEB})
    assert render(spec).ok
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    spec["metadata"]["name"] = "store"
    result = render(spec)
    assert rules(result) == {(*SELECTOR, Severity.ERROR)}
    (finding,) = result.findings
    assert "app.kubernetes.io/part-of: shop to app.kubernetes.io/name: api" in finding.message
    assert "kubectl delete deployment api --cascade=orphan" in finding.advice
    assert not result.ok
    assert all(path.read_bytes() == text for path, text in before.items() if path.name != "platform.yaml")


def test_force_writes_it_and_warns(place: Path) -> None:
    spec = two_environments(workloads={"api": WEB})
    render(spec)
    spec["metadata"]["name"] = "store"
    result = render(spec, force=True)
    assert rules(result) == {(*SELECTOR, Severity.WARNING)}
    assert result.ok
    assert render(spec).findings == ()


def test_an_exception_lets_it_be_written_and_is_not_called_unused_afterwards(place: Path) -> None:
    spec = two_environments(workloads={"api": WEB})
    render(spec)
    spec["metadata"]["name"] = "store"
    exception = {"reason": "The old ones are deleted on Sunday", "at": ["workloads.api"]}
    spec["lint"] = {"ignore": {"immutable-field": exception}}
    assert render(spec).findings == ()
    assert api.lint("platform.yaml", out="out") == ()


def test_check_and_diff_tell_it_too(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = two_environments(workloads={"api": WEB})
    render(spec)
    spec["metadata"]["name"] = "store"
    Path("platform.yaml").write_text(as_json(spec), "utf-8")
    for command in (["render"], ["render", "--check"], ["lint", "--out", "out"]):
        assert cli.run([*command, "--spec", "platform.yaml"]) == Exit.FINDINGS
        assert "[immutable-field]" in capsys.readouterr().err
    assert cli.run(["render", "--diff", "--spec", "platform.yaml"]) == Exit.OK
    assert "[immutable-field]" in capsys.readouterr().err
    assert cli.run(["render", "--force", "--spec", "platform.yaml"]) == Exit.OK


def headless(spec: Spec) -> None:
    spec["workloads"]["api"]["services"] = {"main": {"type": "Headless", "ports": {"http": 8000}}}


def headless_in_production(spec: Spec) -> None:
    service = {"main": {"type": "Headless", "ports": {"http": 8000}}}
    spec["environments"]["production"]["workloads"] = {"api": {"services": service}}


def renamed(spec: Spec) -> None:
    spec["workloads"]["backend"] = spec["workloads"].pop("api")


def replicas(spec: Spec) -> None:
    spec["workloads"]["api"]["replicas"] = 5
    spec["workloads"]["api"]["image"]["tag"] = "2.0.0"


FRONT = {**WEB, "config": {"urls": {"values": {"BACKEND": "http://api.shop.svc:8000/"}}}}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (headless, {("immutable-field", "workloads.api.services")}),
        (headless_in_production, {("immutable-field", "workloads.api.services")}),
        (renamed, {("service-vanishes", "workloads.front")}),
        (replicas, set()),
    ],
)
def test_what_changes_decides(place: Path, change: Any, found: set[tuple[str, str]]) -> None:
    spec = two_environments(workloads={"api": {**WEB, "image": {**WEB["image"]}}, "front": FRONT})
    assert render(spec).ok
    change(spec)
    assert {(finding.rule, finding.path) for finding in render(spec).findings} == found


def test_the_difference_is_that_of_the_environment(place: Path) -> None:
    spec = two_environments(workloads={"api": {**WEB}})
    headless_in_production(spec)
    assert render(spec).ok
    del spec["environments"]["production"]["workloads"]
    (finding,) = render(spec).findings
    assert finding.rule == "immutable-field"
    assert finding.message.endswith("(in production)")
    assert "keeps None" in finding.message


def test_only_what_is_rendered_is_compared(place: Path) -> None:
    spec = two_environments(workloads={"api": {**WEB}})
    render(spec)
    headless_in_production(spec)
    assert render(spec, environments=["staging"]).ok
    assert render(spec, targets=["helm"], check=True).findings == ()
    assert not render(spec, environments=["production"]).ok


def test_a_tree_that_somebody_broke_is_passed_over(place: Path) -> None:
    spec = two_environments(workloads={"api": {**WEB}})
    render(spec)
    file = place / "out/k8s/base/api/deployment.yaml"
    file.write_text("{{{", "utf-8")
    spec["metadata"]["name"] = "store"
    assert "immutable-field" not in {finding.rule for finding in render(spec, force=True).findings}


def test_another_kind_of_object_for_the_pods_is_told_and_written(place: Path) -> None:
    spec = two_environments(workloads={"api": WEB})
    render(spec)
    spec["environments"]["production"]["workloads"] = {"api": {"strategy": "canary"}}
    result = render(spec)
    place_of_it = "workloads.api.strategy"
    assert rules(result) == {("controller-switch", place_of_it, Severity.WARNING)}
    (finding,) = result.findings
    assert finding.message.startswith("Deployment api becomes a Rollout")
    assert finding.message.endswith("(in production)")
    assert result.ok
    assert render(spec).findings == ()
    del spec["environments"]["production"]["workloads"]
    (finding,) = render(spec).findings
    assert finding.message.startswith("Rollout api becomes a Deployment")


JOB: Spec = {"type": "job", "image": {"repository": "ghcr.io/example/move", "tag": "1"}, "resources": {}}


def test_a_job_that_has_run_does_not_change_unless_each_release_makes_it_again(place: Path) -> None:
    spec = two_environments(workloads={"api": JOB})
    assert render(spec).ok
    spec["workloads"]["api"] = {**JOB, "image": {**JOB["image"], "tag": "2"}}
    result = render(spec)
    assert rules(result) == {("immutable-field", "workloads.api", Severity.ERROR)}
    assert all("spec.template of Job api changes" in finding.message for finding in result.findings)
    assert all("rerun: everyRelease" in finding.advice for finding in result.findings)
    spec["workloads"]["api"]["rerun"] = "everyRelease"
    assert render(spec, force=True).ok
    spec["workloads"]["api"]["image"] = {**JOB["image"], "tag": "3"}
    assert render(spec).ok


def test_an_indexed_job_that_has_run_may_only_grow_with_all_its_pods_at_once(place: Path) -> None:
    parts = {"completionMode": "Indexed", "completions": 3, "parallelism": 3}
    spec = two_environments(workloads={"api": {**JOB, **parts}})
    assert render(spec).ok
    spec["workloads"]["api"].update(completions=4, parallelism=4)
    assert render(spec).ok
    spec["workloads"]["api"].update(completions=5)
    assert rules(render(spec)) == {("immutable-field", "workloads.api.completions", Severity.ERROR)}
