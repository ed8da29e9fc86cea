"""Documents that come out are true: commands, names, links, anchors and diagrams of every page.

Runbooks, READMEs, the guide and the runbook of deployments, of the shipped platform and of many others.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from support import yaml11
from support.commands import blocks
from support.documented import Documented, documented
from support.pages import MARKDOWN, dead_links, headings, links

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "specs/platform.yaml"
EXAMPLES = sorted((ROOT / "specs/examples").glob("*.yaml"))
OTHERS = ("everything", "gitops", "istio", "linkerd", "providers", "strategies", "tenants", "types", "ways")
NAMES = ("platform", "minimal", *(one.stem for one in EXAMPLES), *OTHERS)
DRAWN = ("platform", "shop", "strategies", "ways")
PAGE = "docs/runbooks/PostgresqlPrimaryMissing.md"
GUIDE, RUNBOOK = "docs/deployment/KUBERNETES_GUIDE.md", "docs/deployment/DEPLOYMENT_RUNBOOK.md"

Tree = Callable[[str], Documented]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """A platform with its documents, rendered once."""

    @cache
    def made(name: str) -> Documented:
        folder = tmp_path_factory.mktemp(name)
        if name in ("platform", "minimal"):
            file = ROOT / f"specs/{name}.yaml"
        else:
            file = next((one for one in EXAMPLES if one.stem == name), ROOT / f"tests/specs/{name}.yaml")
        if name == "platform":
            return documented(file, folder)
        return documented(_with_documents(file, folder), folder)

    return made


def _with_documents(file: Path, folder: Path) -> Path:
    """The spec with documents, and pages for its alerts, beside what it includes."""
    shutil.copytree(file.parent, folder / "specs")
    spec: dict[str, Any] = yaml11.read(file.read_text("utf-8"))
    spec.setdefault("documentation", {})
    spec.pop("targets", None)
    spec.setdefault("monitoring", {}).setdefault("runbooksUrl", "https://runbooks.example.com")
    written = folder / "specs" / file.name
    written.write_text(json.dumps(spec), "utf-8")
    return written


@pytest.mark.parametrize(("mesh", "command"), [("istio", "istiod istiod"), ("linkerd", "linkerd install")])
def test_a_mesh_by_one_word_is_in_the_guide(mesh: str, command: str, tmp_path: Path, tool: Any) -> None:
    shutil.copytree(SHIPPED.parent, tmp_path / "specs")
    spec: dict[str, Any] = yaml11.read(SHIPPED.read_text("utf-8"))
    file = tmp_path / "specs/platform.yaml"
    file.write_text(json.dumps({**spec, "mesh": mesh}), "utf-8")
    found = documented(file, tmp_path)
    checker = found.checker(tool)
    guide = found.pages[GUIDE]
    assert f"### {mesh.title()}\n" in guide
    assert command in guide and "### A call is refused although the network is open\n" in guide
    assert [one for page in (GUIDE, RUNBOOK) for one in checker.complaints(page, found.pages[page])] == []
    assert dead_links(found.pages, found.artifacts) == []


@pytest.mark.parametrize(("mode", "snippets"), [("detect", False), ("block", True)])
def test_the_controller_is_told_only_what_firewalls_need(mode: str, snippets: bool, tmp_path: Path) -> None:
    """A route switches its own firewall on; the settings of the controller would do so for everybody."""
    shutil.copytree(SHIPPED.parent, tmp_path / "specs")
    spec: dict[str, Any] = yaml11.read(SHIPPED.read_text("utf-8"))
    spec["environments"]["production"]["routes"]["public"]["firewall"]["mode"] = mode
    file = tmp_path / "specs/platform.yaml"
    file.write_text(json.dumps(spec), "utf-8")
    guide = documented(file, tmp_path).pages[GUIDE]
    assert ("allowSnippetAnnotations" in guide) is snippets
    assert "enable-modsecurity" not in guide


# --- Commands --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_command_names_what_there_is(name: str, tree: Tree, tool: Any) -> None:
    found = tree(name)
    assert GUIDE in found.pages and RUNBOOK in found.pages
    checker = found.checker(tool)
    complaints = [one for page, text in found.pages.items() for one in checker.complaints(page, text)]
    assert complaints == []
    assert "kubectl" in checker.seen


# fmt: off
MUTATIONS = (# where it is, how it is made wrong, and what is said of it
    (GUIDE, 'name=$NAME" --output name', "name=$NAME --output name", "no shell"),
    (GUIDE, "--previous --tail 100", "--prevous --tail 100", "kubectl logs has no option --prevous"),
    (GUIDE, "externalsecret app-secrets", "externalsecret app", "there is no externalsecret app in"),
    (GUIDE, "networkpolicy worker", "networkpolicy wrkr", "there is no networkpolicy wrkr"),
    (GUIDE, "NAME=api  # or worker", "NAME=api  # or wroker", "name=wroker selects no pods"),
    (GUIDE, "name=api --container", "name=apj --container", "name=apj selects no pod"),
    (GUIDE, "--container migrate", "--container migrat", "has a container migrat"),
    (GUIDE, "deploy-staging.sh --dry-run", "deploy-stagin.sh --dry-run", "there is no script"),
    (GUIDE, "deploy-staging.sh --dry-run", "deploy-staging.sh --dry-rum", "sh has no option --dry-rum"),
    (GUIDE, "helm status corporate-intel ", "helm status corporate ", "there is no release corporate in"),
    (GUIDE, "values-staging.yaml", "values-stage.yaml", "there is no helm/corporate-intel/values-stage.yaml"),
    (GUIDE, "--wait --timeout 15m", "--await --timeout 15m", "helm upgrade has no option --await"),
    (GUIDE, "apply --kustomize k8s/overlays/staging", "apply --kustomize k8s/staging", "no kustomization"),
    (GUIDE, "--include https://api.corporate-intel.", "--include https://api.corporate.", "not answer for"),
    (GUIDE, "rules monitoring/staging", "rules monitoring/stagin", "there is no monitoring/stagin"),
    (GUIDE, '"postgres-password" |', '"postgres-pass" |', "has no key postgres-pass"),
    (GUIDE, "--namespace argocd get", "--namespace argo get", "there is no namespace argo"),
    (GUIDE, "corporate-intel-staging-data", "corporate-intel-data", "there is no application"),
    (
        GUIDE, "podautoscaler api  # in production", "podautoscaler api", "no verticalpodautoscaler api"),
    (GUIDE, "get externalsecrets", "get externlsecrets", "nobody knows the kind externlsecrets"),
    (GUIDE, "crane digest", "crain digest", "nobody knows the program crain"),
    (GUIDE, '"$NS" get networkpolicies', '"$NAMESPACE" get networkpolicies', "nothing says which namespace"),
    (GUIDE, "cronjob/postgres-backup", "cronjob/postgresql-backup", "there is no cronjob"),
    (GUIDE, "service/postgres-primary", "service/postgres-master", "there is no service postgres-master"),
    (GUIDE, "certificate public-tls", "certificate public-tl", "there is no certificate public-tl"),
    (GUIDE, "# in staging\nscripts", "# in stage\nscripts", "no environment runs it"),
    (RUNBOOK, "status deployment/scheduler", "status deployment/beat", "there is no deployment beat"),
    (RUNBOOK, "networkpolicy incident-isolation", "networkpolicy incident", "no networkpolicy incident"),
    (PAGE, "NAME=postgres\n", "NAME=postgresql\n", "name=postgresql selects no pods"),
    (PAGE, "NS=corporate-intel-staging", "NS=corporate-intel-stag", "there is no namespace"),
    ("scripts/backup/README.md", "cronjob/postgres-backup", "cronjob/postgres", "no cronjob postgres in"),
    ("scripts/backup/README.md", "--check\n", "--prove\n", "has no option --prove"),
    ("scripts/deployment/README.md", "../rollback-staging.sh", "../rollback-stage.sh", "there is no script"),
    ("helm/corporate-intel/README.md", "values-staging.yaml\n", "values-stage.yaml\n", "there is no values"),
)
# fmt: on


def _block_with(words: str, page: str) -> str:
    """The first block of shell with some words in it, in a page of its own."""
    block = next(block for _, block in blocks(page) if words in block)
    return f"```sh\n{block}```\n"


@pytest.mark.parametrize(("page", "right", "wrong", "words"), MUTATIONS)
def test_a_wrong_command_is_found(
    page: str, right: str, wrong: str, words: str, tree: Tree, tool: Any
) -> None:
    found = tree("platform")
    alone = _block_with(right, found.pages[page])
    checker = found.checker(tool)
    before = checker.complaints(page, alone)
    assert [one for one in before if "incident-isolation" not in one.words] == []  # made by the block before
    complaints = checker.complaints(page, alone.replace(right, wrong, 1))
    assert any(words in one.words for one in complaints), complaints


def test_no_command_has_a_place_for_people_to_fill_in(tree: Tree) -> None:
    for name in ("platform", "everything"):
        for page, text in tree(name).pages.items():
            for _, block in blocks(text):
                assert not re.search(r"<[a-z][a-z-]*>", block), (name, page)


def test_scripts_that_only_say_what_they_would_do_are_run(tree: Tree, tmp_path: Path) -> None:
    """The commands with --dry-run, and --help of each script; nothing that they call does anything."""
    found = tree("platform")
    commands = {
        line.strip()
        for page in (GUIDE, RUNBOOK)
        for _, block in blocks(found.pages[page])
        for line in block.splitlines()
        if line.strip().startswith("scripts/")
    }
    dry = sorted(line for line in commands if "--dry-run" in line)
    assert len(dry) >= 4
    for name in ("kubectl", "helm", "aws", "git", "curl", "crane", "trivy", "vault"):
        stand_in = tmp_path / name
        stand_in.write_text("#!/bin/bash\nexit 1\n")
        stand_in.chmod(0o755)
    for line in [*dry, *sorted({f"{line.split()[0]} --help" for line in commands})]:
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=found.root,
            env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (line, done.stderr)
        assert done.stdout, line


# --- Links, diagrams, form -------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(name: str, tree: Tree) -> None:
    found = tree(name)
    assert dead_links(found.pages, found.artifacts) == []


def test_a_dead_link_is_found(tree: Tree) -> None:
    found = tree("platform")
    for right, wrong in (("#roll-back)", "#roll-bak)"), ("../runbooks/WebDown.md", "../runbooks/WebDwn.md")):
        pages = {**found.pages, RUNBOOK: found.pages[RUNBOOK].replace(right, wrong, 1)}
        assert len(dead_links(pages, found.artifacts)) == 1


LINT = {
    "config": {
        "default": True,
        "MD024": {"siblings_only": True},  # a workload may be called like the platform
        "MD013": False,  # tables have long lines
        "MD060": False,  # and nobody aligns them by hand
    },
    "globs": ["**/*.md"],
}


@pytest.mark.parametrize("name", ["platform", "minimal", "everything", "shop", "ways"])
def test_markdownlint_has_nothing_to_say(name: str, tree: Tree, tool: Any, tmp_path: Path) -> None:
    for page, text in tree(name).pages.items():
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / page).write_text(text, "utf-8")
    (tmp_path / ".markdownlint-cli2.jsonc").write_text(json.dumps(LINT), "utf-8")
    done = _linted(tool, tmp_path)
    assert done.returncode == 0, done.stderr
    if name == "platform":
        (tmp_path / "docs/extra.md").write_text("# One\n# Two\n", "utf-8")
        assert "MD022" in _linted(tool, tmp_path).stderr


def _linted(tool: Any, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(tool("markdownlint-cli2"))]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", DRAWN)
def test_mermaid_reads_every_diagram(name: str, tree: Tree, tool: Any) -> None:
    parser = tool("mermaid-parse")
    diagrams = [
        (page, token.content)
        for page, text in tree(name).pages.items()
        for token in MARKDOWN.parse(text)
        if token.type == "fence" and token.info == "mermaid"
    ]
    assert any(page == RUNBOOK for page, _ in diagrams)
    for page, diagram in diagrams:
        done = subprocess.run([str(parser)], input=diagram, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (page, done.stderr, diagram)
        assert diagram.count("-->") <= 60, "too much for one picture"


def test_dashboards_that_pages_link_to_are_among_those_that_come_out(tree: Tree) -> None:
    found = tree("platform")
    uids = {
        json.loads(one.text)["uid"]
        for path, one in found.artifacts.items()
        if "/grafana/dashboards/" in path and path.endswith(".json")
    }
    linked = {
        link.rpartition("/d/")[2]
        for page in (GUIDE, RUNBOOK)
        for link in links(found.pages[page])
        if "/d/" in link
    }
    assert len(linked) >= 5 and linked <= uids


# --- What stands in them ---------------------------------------------------------------------------


def _chapter(text: str, title: str) -> str:
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_guide_of_the_shipped_platform_has_every_chapter_of_the_report(tree: Tree) -> None:
    guide = tree("platform").pages[GUIDE]
    assert headings(guide, 2) == [
        *("Architecture", "Prerequisites", "Infrastructure", "Deployment methods", "Environments", "Secrets"),
        *("Scaling and availability", "Network policies", "Monitoring", "Troubleshooting", "Rollback"),
        "Best practices",
    ]
    installed = headings("\n" + _chapter(guide, "Infrastructure"), 3)
    assert {"cert-manager", "External Secrets Operator", "Prometheus", "ingress-nginx"} <= set(installed)
    assert headings("\n" + _chapter(guide, "Deployment methods"), 3) == [
        "Helm",
        "Kustomize",
        "Scripts",
        "GitOps",
    ]
    assert len(headings("\n" + _chapter(guide, "Troubleshooting"), 3)) >= 20
    assert len(re.findall(r"^1\. \*\*", _chapter(guide, "Best practices"), re.MULTILINE)) >= 10


def test_the_runbook_of_the_shipped_platform_has_every_chapter_of_the_report(tree: Tree) -> None:
    runbook = tree("platform").pages[RUNBOOK]
    assert headings(runbook, 2) == [
        *("Quick reference", "Before a deployment", "The way of a change", "Deploy to staging"),
        *("Deploy to production", "Roll back", "Incidents", "Health checks", "Dashboards", "Troubleshooting"),
        *("After a deployment", "Maintenance", "Recovery objectives", "Contacts"),
    ]
    assert _chapter(runbook, "Before a deployment").count("\n- [ ] ") >= 30
    assert len(headings("\n" + _chapter(runbook, "Troubleshooting"), 3)) == 5
    assert len(headings("\n" + _chapter(runbook, "Incidents"), 3)) == 4
    assert "Maintenance" in runbook
    for row in (
        "| Application failure | 5 minutes | [Roll back](#roll-back) |",
        "| Database corruption | 30 minutes | [Restore](#restore-a-database) `postgres-backup` |",
        "| Security breach | 15 minutes | [Isolate](#a-security-incident), then [roll back](#roll-back) |",
        "| State of the application | nothing | it has none of its own |",
    ):
        assert row in runbook


def test_what_a_platform_does_not_have_is_not_spoken_of(tree: Tree) -> None:
    pages = tree("minimal").pages
    both = pages[GUIDE] + pages[RUNBOOK]
    for word in (
        *(
            "Vault",
            "ExternalSecret",
            "Redis",
            "PostgreSQL",
            "RabbitMQ",
            "MinIO",
            "KEDA",
            "Argo",
            "cert-manager",
        ),
        *("backup", "ingress", "canary", "Chaos", "Trivy"),
    ):
        assert word not in both, word


def test_canaries_have_their_steps(tree: Tree) -> None:
    runbook = tree("strategies").pages[RUNBOOK]
    assert re.search(r"^### Canary of ", runbook, re.MULTILINE)
    assert re.search(r"^### Blue-green of ", runbook, re.MULTILINE)
    assert re.search(r"^\| 1 \| \d+ % \|\n\| 2 \| \d+ % \|$", runbook, re.MULTILINE)
