"""`manifestgen lint`: every rule has a page whose examples are run, and exceptions silence what they name."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from manifestgen import api, cli
from manifestgen.errors import Exit, Finding
from manifestgen.facts.lint import LEVELS
from manifestgen.facts.pages import PAGES
from support.specs import EVERYTHING, as_json, spec_of

pytestmark = pytest.mark.usefixtures("warm_renders")

WEB: dict[str, Any] = {
    "type": "web",
    "image": {"repository": "ghcr.io/example/api", "tag": "latest"},
    "ports": {"http": 8000},
    "replicas": 2,
    "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
}

ODD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 3
  strategy: {rollingUpdate: {maxSurge: some}}
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: shop
          image: ghcr.io/example/shop:1.0.0
          command: [gunicorn, -w]
          resources: {requests: {cpu: 1e-1, memory: 1e8}, limits: {memory: "1e9"}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: shop}
spec: {minAvailable: "many", selector: {matchLabels: {app: shop}}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: shop}
spec: {hard: {requests.cpu: 1e3}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: j}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: a}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: bare}
spec: {containers: [{name: a, image: "x:1"}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: n}
spec: {podSelector: {matchExpressions: [{key: app, operator: In, values: [shop]}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i}
spec: {rules: [{host: a.example.com}]}
---
apiVersion: v1
kind: Service
metadata: {name: ext}
spec: {type: ExternalName, externalName: a.example.com}
"""
"""What schemas let pass and is not written as we would: nothing stumbles over it."""


@pytest.fixture(scope="module")
def rule_pages(repo_root: Path) -> ModuleType:
    sys.path.insert(0, str(repo_root / "tools"))
    try:
        import rule_pages
    finally:
        sys.path.remove(str(repo_root / "tools"))
    return rule_pages


def linted(folder: Path, spec: dict[str, Any]) -> tuple[Finding, ...]:
    path = folder / "platform.yaml"
    path.write_text(as_json(spec), "utf-8")
    return api.lint(path)


def rules_of(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.path) for finding in findings]


def test_every_rule_of_lint_has_a_page() -> None:
    assert set(PAGES) == set(LEVELS)


@pytest.mark.parametrize("rule", sorted(PAGES))
def test_the_bad_example_breaks_its_rule_and_no_other_and_the_good_one_none(
    rule: str, rule_pages: ModuleType
) -> None:
    page = PAGES[rule]
    found = rule_pages.findings_on(page.bad, page.before)
    assert {(finding.rule, finding.severity) for finding in found} == {(rule, LEVELS[rule])}
    assert all(finding.path and finding.advice for finding in found)
    assert rule_pages.findings_on(page.good, page.before) == ()


@pytest.mark.parametrize("spec", ["specs/platform.yaml", "specs/minimal.yaml"])
def test_there_is_nothing_to_say_about_the_shipped_specs(spec: str, repo_root: Path) -> None:
    assert api.lint(repo_root / spec) == ()


def test_the_spec_of_everything_makes_no_exceptions_that_it_does_not_need() -> None:
    assert "lint-ignore-unused" not in {finding.rule for finding in api.lint(EVERYTHING)}


def test_sarif_tells_editors_what_the_page_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "platform.yaml"
    path.write_text(as_json(spec_of(workloads={"api": WEB})), "utf-8")
    cli.run(["lint", "--spec", str(path), "--format", "sarif"])
    (rule,) = json.loads(capsys.readouterr().out)["runs"][0]["tool"]["driver"]["rules"]
    assert rule["id"] == "image-latest"
    assert PAGES["image-latest"].fix in rule["help"]["text"]


def test_an_exception_silences_its_rule_where_it_says(tmp_path: Path) -> None:
    spec = spec_of(workloads={"api": WEB, "admin": WEB, "adminer": WEB})
    everywhere = [("image-latest", f"workloads.{name}.image.tag") for name in ("api", "admin", "adminer")]
    assert sorted(rules_of(linted(tmp_path, spec))) == sorted(everywhere)
    spec["lint"] = {"ignore": {"image-latest": {"reason": "So be it", "at": ["workloads.admin"]}}}
    assert sorted(rules_of(linted(tmp_path, spec))) == sorted(everywhere[::2])
    spec["lint"] = {"ignore": {"image-latest": {"reason": "So be it"}}}
    assert linted(tmp_path, spec) == ()


def test_an_exception_of_one_environment_is_good_for_that_one(tmp_path: Path) -> None:
    spec = spec_of("staging", workloads={"api": WEB})
    spec["environments"]["production"] = {"namespace": "live"}
    spec["environments"]["staging"]["lint"] = {"ignore": {"image-latest": {"reason": "Nightly builds"}}}
    (finding,) = linted(tmp_path, spec)
    assert finding.rule == "image-latest"
    assert finding.message.endswith("(in production)")


def test_an_exception_of_the_base_is_needed_if_one_environment_needs_it(tmp_path: Path) -> None:
    spec = spec_of("staging", workloads={"api": WEB})
    spec["lint"] = {"ignore": {"image-latest": {"reason": "Nightly builds", "at": ["workloads.api"]}}}
    pinned = {"workloads": {"api": {"image": {"tag": "1.4.2"}}}}
    spec["environments"]["production"] = {"namespace": "live", **pinned}
    assert linted(tmp_path, spec) == ()
    spec["environments"]["staging"] |= pinned
    assert rules_of(linted(tmp_path, spec)) == [("lint-ignore-unused", "lint.ignore.image-latest.at[0]")]


def test_an_exception_lets_a_render_write_what_is_meant(tmp_path: Path) -> None:
    budget = {"disruptionBudget": {"minAvailable": 2}}
    spec = spec_of(workloads={"api": {**WEB, **budget}})
    path = tmp_path / "platform.yaml"
    path.write_text(as_json(spec), "utf-8")
    assert [f.rule for f in api.render(path, out=tmp_path / "out").findings] == ["disruption-blocks"]
    assert not (tmp_path / "out").exists()
    exception = {"reason": "It is moved by hand", "at": ["workloads.api.disruptionBudget"]}
    path.write_text(as_json({**spec, "lint": {"ignore": {"disruption-blocks": exception}}}), "utf-8")
    assert api.render(path, out=tmp_path / "out").ok
    assert (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "code"), [([], Exit.OK), (["--strict"], Exit.FINDINGS)], ids=["plain", "strict"]
)
def test_warnings_fail_only_when_asked_to(
    arguments: list[str], code: Exit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "platform.yaml"
    path.write_text(as_json(spec_of(workloads={"api": WEB})), "utf-8")
    assert cli.run(["lint", "--spec", str(path), "--format", "json", *arguments]) == code
    report = json.loads(capsys.readouterr().out)
    assert [finding["rule"] for finding in report["findings"]] == ["image-latest"]
    assert report["warnings"] == 1


def test_errors_fail_always_and_validate_tells_no_warnings(tmp_path: Path) -> None:
    path = tmp_path / "platform.yaml"
    wrong = {**WEB, "disruptionBudget": {"maxUnavailable": 0}}
    path.write_text(as_json(spec_of(workloads={"api": wrong})), "utf-8")
    assert cli.run(["lint", "--spec", str(path)]) == Exit.FINDINGS
    assert [finding.rule for finding in api.validate(path)] == ["disruption-blocks"]


def test_odd_figures_of_own_objects_are_read_or_passed_over(rule_pages: ModuleType) -> None:
    found = rule_pages.findings_on(ODD)
    assert [(finding.rule, finding.path) for finding in found] == [
        ("quota-unset", "manifests.j"),
        ("quota-unset", "manifests.bare"),
    ]
