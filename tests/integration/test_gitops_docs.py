"""docs/gitops.md tells the truth: what it shows is valid, and promotion is what it says, with a real Git."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import manifestgen
from manifestgen.kube.objects import Inventory, KubeObject
from manifestgen.verify.schemas import SchemaChecker
from support import yaml11
from support.parity import built
from support.specs import named, platform_of

DOCS = (Path(__file__).parents[2] / "docs/gitops.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(DOCS)
STEPS = [text for language, text in BLOCKS if language == "sh"]


def shown(title: str) -> Any:
    """The YAML of the block that begins with a comment."""
    (text,) = (text for language, text in BLOCKS if language == "yaml" and text.startswith(f"# {title}\n"))
    return yaml11.read(text)


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    """The platform of these tests, delivered as the first block says."""
    shop = named("gitops")
    for key in ("gitops", "environments"):
        shop[key] = yaml11.read(BLOCKS[0][1])[key]
    shop["workloads"]["warm-up"]["rerun"] = "everyRelease"  # a Job that exists cannot get another image
    return shop


class Repository:
    """A clone of a repository with a spec and its output, as people work with it."""

    def __init__(self, folder: Path, spec: dict[str, Any]) -> None:
        self.folder = folder / "clone"
        subprocess.run(["git", "init", "--quiet", "--bare", str(folder / "origin.git")], check=True)
        self.folder.mkdir()
        self.run("git init --quiet --initial-branch main && git remote add origin ../origin.git")
        self.run("git config user.name x && git config user.email x@example.com")
        self.change(spec)
        self.run("git tag v1.4.2 && git push --quiet origin HEAD v1.4.2")

    def change(self, spec: dict[str, Any]) -> None:
        """Write the spec anew, render it and commit both."""
        (self.folder / "specs").mkdir(exist_ok=True)
        text = yaml11.written(spec)
        (self.folder / "specs/platform.yaml").write_text(text, "utf-8")
        self.run("manifestgen render && git add --all && git commit --quiet --message change")

    def run(self, script: str) -> str:
        """What a script says, with our manifestgen first on the path."""
        bin_folder = Path(sys.executable).parent
        done = subprocess.run(
            ["bash", "-ec", f'PATH="{bin_folder}:$PATH"\n{script}'],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def images(self, environment: str, kubectl: Path, scratch: Path) -> set[str]:
        """The images that a GitOps tool would run: it checks out the revision, and builds the path."""
        application = yaml11.read(self.run(f"git show main:out/gitops/argocd/{environment}/platform.yaml"))
        source = application["spec"]["source"]
        there = scratch / source["targetRevision"]
        if not there.exists():
            there.mkdir()
            self.run(f"git archive {source['targetRevision']} | tar -x -C {there}")
        objects = built(kubectl, there / source["path"]).values()
        pods = (one["spec"]["template"]["spec"] for one in objects if one["kind"] == "Deployment")
        return {container["image"] for pod in pods for container in pod["containers"]}


def test_promotion_changes_what_production_gets_and_nothing_else(
    spec: dict[str, Any], tmp_path: Path, tool: Any
) -> None:
    repository = Repository(tmp_path, spec)
    kubectl = tool("kubectl")
    newer = {**spec["defaults"]["workloads"], "image": {"repository": "ghcr.io/example/shop", "tag": "1.4.3"}}
    repository.change({**spec, "defaults": {"workloads": newer}})
    (tmp_path / "before").mkdir()
    assert repository.images("staging", kubectl, tmp_path / "before") == {"ghcr.io/example/shop:1.4.3"}
    assert repository.images("production", kubectl, tmp_path / "before") == {"ghcr.io/example/shop:1.4.2"}

    (steps,) = (text for text in STEPS if "git tag" in text)
    repository.run(steps)

    changed = repository.run("git diff --name-only HEAD~1 HEAD").split()
    assert changed == [
        "out/.manifestgen.lock",
        "out/gitops/argocd/production/data-services.yaml",
        "out/gitops/argocd/production/platform.yaml",
        "specs/platform.yaml",
    ]
    lines = repository.run("git diff --unified=0 HEAD~1 HEAD -- specs out/gitops").splitlines()
    assert {line.strip("+- ") for line in lines if re.match(r"^[+-] ", line)} == {
        *("tag: v1.4.2", "tag: v1.4.3", "targetRevision: v1.4.2", "targetRevision: v1.4.3")
    }
    (tmp_path / "after").mkdir()
    assert repository.images("production", kubectl, tmp_path / "after") == {"ghcr.io/example/shop:1.4.3"}
    assert repository.run("manifestgen render --check") != ""
    assert repository.run("git rev-parse origin/main") == repository.run("git rev-parse HEAD")


def test_the_shipped_spec_has_the_line_that_promotion_changes(repo_root: Path) -> None:
    (old,) = re.findall(r"s/(tag: v[0-9.]+)/", DOCS)
    assert (repo_root / "specs/platform.yaml").read_text("utf-8").count(old) == 1


@pytest.mark.parametrize("title", ["app-of-apps", "handing-over"])
def test_the_objects_that_it_shows_are_valid(title: str) -> None:
    made = shown(title)
    thing = KubeObject(made, "", "gitops", "", ("gitops",))
    checker = SchemaChecker("1.32")
    platform = platform_of(named("gitops"))
    assert not list(checker.check(platform, Inventory(None, {thing.id: thing})))
    path = made["spec"].get("source", made["spec"])["path"].removeprefix("./")
    assert path in {f"out/gitops/{kind}/production" for kind in ("argocd", "flux")}


def test_the_files_that_it_lists_are_those_that_come_out(tmp_path: Path) -> None:
    (tmp_path / "platform.yaml").write_text(yaml11.written(named("gitops")), "utf-8")
    result = manifestgen.render(tmp_path / "platform.yaml", out=tmp_path / "out", check=True)
    for kind, part in (("argocd", "Argo CD"), ("flux", "Flux")):
        section = DOCS.partition(f"\n## {part}\n")[2].partition("\n## ")[0]
        listed = set(re.findall(r"^\| `([a-z-]+\.yaml)` \|", section, re.MULTILINE))
        found = {
            Path(path).name for path in result.artifacts if re.match(rf"gitops/{kind}/[^/]+/[^/]+$", path)
        }
        assert listed == found - {"kustomization.yaml"}
    assert "gitops/argocd/plugin.yaml" in result.artifacts


def test_the_function_that_it_shows_is_called_as_it_is_shown(repo_root: Path, tmp_path: Path) -> None:
    shutil.copytree(repo_root / "specs", tmp_path / "specs")
    (script,) = (text for language, text in BLOCKS if language == "bash")
    program = tmp_path / "manifestgen-krm"
    program.write_text(script, "utf-8")
    program.chmod(0o755)
    function = shown("function.yaml")
    (call,) = yaml11.read(function["metadata"]["annotations"]["config.kubernetes.io/function"]).values()
    document = {
        "apiVersion": "config.kubernetes.io/v1",
        "kind": "ResourceList",
        "items": [],
        "functionConfig": function,
    }
    done = subprocess.run(
        [call["path"]],
        input=yaml.safe_dump(document),
        cwd=tmp_path,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(yaml11.read(done.stdout)["items"]) > 30
    assert shown("kustomization.yaml") == {"generators": ["function.yaml"]}


def test_the_other_commands_are_run_somewhere(repo_root: Path) -> None:
    others = [line for text in STEPS for line in text.splitlines() if "git tag" not in text]
    assert others == ["kubectl apply -k out/gitops/argocd/production", "manifestgen objects production"]
    assert (repo_root / others[0].split()[-1] / "kustomization.yaml").is_file()
