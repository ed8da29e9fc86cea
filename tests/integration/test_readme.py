"""The README tells the truth: its commands run, its example gives what it says, its links lead somewhere."""

from __future__ import annotations

import glob
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://)([^)#\s]+)")
BLOCKS = BLOCK.findall(README)

BY_MAKE = {"make render", "make test"}
"""Run by test_makefile.py in a fresh clone, and by CI; here `make` only says what it would do."""
IN_AN_EMPTY_FOLDER = {"manifestgen init", "manifestgen render"}


def blocks(language: str) -> list[str]:
    """The code blocks of a language."""
    return [text for name, text in BLOCKS if name == language]


def commands() -> list[tuple[int, str]]:
    """Every command of every shell block, with the number of its block."""
    lines = [(number, line) for number, text in enumerate(blocks("sh")) for line in text.splitlines()]
    bare = [(number, re.sub(r"\s+#.*", "", line).strip()) for number, line in lines]
    return [(number, line) for number, line in bare if line and not line.startswith("#")]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command line of the README, with our manifestgen first on the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, repo_root: Path) -> Path:
    """A copy of what a user of the repository has: the specs, with the output not yet rendered."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(repo_root / "specs", folder / "specs")
    return folder


def test_there_are_commands_of_each_kind() -> None:
    lines = {line for _, line in commands()}
    assert lines >= BY_MAKE | IN_AN_EMPTY_FOLDER
    assert "manifestgen render --check" in lines


@pytest.mark.parametrize("command", sorted(BY_MAKE))
def test_make_knows_the_target(command: str, repo_root: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if "MAKE" not in key}
    words = [*command.split(), "--dry-run"]
    assert (
        subprocess.run(words, cwd=repo_root, env=environment, capture_output=True, check=False).returncode
        == 0
    )


def test_the_first_steps_work_in_an_empty_folder(tmp_path: Path) -> None:
    (number,) = {number for number, line in commands() if line == "manifestgen init"}
    for _, line in [one for one in commands() if one[0] == number]:
        run(line, tmp_path)
    assert list((tmp_path / "out").rglob("kustomization.yaml"))


def test_the_daily_commands_work_in_their_order(checkout: Path) -> None:
    daily = [line for _, line in commands() if line.startswith("manifestgen") and line != "manifestgen init"]
    assert len(daily) > 5
    for line in daily:
        run(line, checkout)


def test_every_command_of_the_readme_is_run_by_one_of_these_tests() -> None:
    for _, line in commands():
        known = line in BY_MAKE or line.startswith(("manifestgen ", "promtool "))
        assert known, f"nothing runs: {line}"


@pytest.mark.slow
def test_the_tests_of_all_alerts_pass_in_promtool_in_reasonable_time(
    tool: Callable[[str], Path], tmp_path: Path, repo_root: Path
) -> None:
    (tmp_path / "promtool").symlink_to(tool("promtool"))
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(tmp_path)
    lines = [line for _, line in commands() if line.startswith("promtool ")]
    assert len(lines) == 2
    for line in lines:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        said = run(f'PATH="{tmp_path}:$PATH" TMPDIR={memory} {line}', repo_root).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        files = glob.glob(line.split()[-1], root_dir=repo_root)
        assert said.count("  SUCCESS\n") == len(files) > 0
        # Of the processor: other tests run at the same time.
        assert after.ru_utime - before.ru_utime < 90


def test_the_step_of_ci_works(checkout: Path) -> None:
    steps = [
        step["run"] for text in blocks("yaml") if text.startswith("- run:") for step in yaml.safe_load(text)
    ]
    ours = [step for step in steps if step.startswith("manifestgen")]
    assert ours == ["manifestgen render --check --format github", "manifestgen lint --strict --format github"]
    run("manifestgen render", checkout)
    for step in ours:
        run(step, checkout)


# --- The example -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What comes out of the spec in the README."""
    (spec,) = (text for text in blocks("yaml") if text.startswith("apiVersion: manifestgen/v1"))
    folder = tmp_path_factory.mktemp("example")
    (folder / "specs").mkdir()
    (folder / "specs/platform.yaml").write_text(spec, encoding="utf-8")
    run("manifestgen render", folder)
    return folder


def _claims() -> dict[str, str]:
    """What the README says comes out: places and what is there."""
    (listing,) = (text for text in blocks("text") if text.startswith("out/"))
    return dict(line.split(maxsplit=1) for line in listing.splitlines())


def test_every_place_that_is_named_is_there(example: Path) -> None:
    for place in _claims():
        for environment in ("staging", "production"):
            assert (example / place.replace("<environment>", environment)).exists(), place


def test_every_file_that_is_named_is_there(example: Path) -> None:
    for place, words in _claims().items():
        for environment in ("staging", "production"):
            folder = example / place.replace("<environment>", environment)
            for name in re.findall(r"[\w-]+\.(?:ya?ml|json)\b", words):
                assert list(folder.rglob(name)), f"{name} in {place}"


def test_the_base_has_the_kinds_that_are_named(example: Path) -> None:
    objects = [
        yaml.safe_load(path.read_text("utf-8")) for path in (example / "out/k8s/base").rglob("*/*.yaml")
    ]
    assert {made["kind"] for made in objects} == {"Deployment", "Service", "ServiceAccount", "NetworkPolicy"}
    assert "Deployment, Service, ServiceAccount, network policies" in _claims()["out/k8s/base/"]


def test_the_patch_of_staging_is_the_one_line(example: Path) -> None:
    assert _claims()["out/k8s/overlays/staging/"] == "a patch of one line: replicas: 1"
    (patch,) = (example / "out/k8s/overlays/staging/patches").iterdir()
    said = yaml.safe_load(patch.read_text("utf-8"))
    identity = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
    assert said == {**identity, "spec": {"replicas": 1}}


def test_the_overlay_of_production_is_nothing_but_the_namespace(example: Path) -> None:
    assert _claims()["out/k8s/overlays/production/"] == "nothing but the namespace"
    (file,) = (path for path in (example / "out/k8s/overlays/production").rglob("*") if path.is_file())
    said = yaml.safe_load(file.read_text("utf-8"))
    del said["apiVersion"], said["kind"]
    assert said == {"namespace": "hello", "resources": ["../../base"]}


def test_alerting_gives_an_alertmanager_as_well(example: Path, checkout: Path) -> None:
    assert "With `alerting:` in the spec there is an `alertmanager.yml` as well." in README
    run("manifestgen render", checkout)
    assert not list(example.rglob("alertmanager.yml"))
    assert len(list(checkout.rglob("alertmanager.yml"))) == 2


def test_a_grafana_gives_dashboards(example: Path, checkout: Path) -> None:
    assert "With a Grafana in `monitoring.stack` there are\nits dashboards" in README
    run("manifestgen render", checkout)
    assert not list(example.rglob("grafana/dashboards/*.json"))
    assert len(list(checkout.rglob("grafana/dashboards/api.json"))) == 2


def test_the_chart_reads_as_it_is_shown(example: Path) -> None:
    (line,) = re.findall(r"replicas: \{\{.*?\}\}", _claims()["out/helm/hello/"])
    assert line in (example / "out/helm/hello/templates/web/deployment.yaml").read_text("utf-8")


# --- The library -----------------------------------------------------------------------------------


def test_the_example_in_python_runs_and_runs_again(checkout: Path) -> None:
    (code,) = blocks("python")
    script = checkout / "example.py"
    script.write_text(f"{code}\n{code}", encoding="utf-8")
    printed = run(f"{sys.executable} -W error example.py", checkout).stdout
    assert "ghcr.io/example/corporate-intel-api" in printed


# --- Links -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        *(f"docs/{n}.md" for n in ("architecture", "spec", "cli", "rules", "alerts", "gitops")),
    ],
)
def test_every_link_leads_to_a_file(page: str, repo_root: Path) -> None:
    file = repo_root / page
    prose = re.sub(r"`[^`\n]*`", "", file.read_text("utf-8"))  # patterns of the spec look like links
    missing = [link for link in LINK.findall(prose) if not (file.parent / link).exists()]
    assert missing == []


def test_the_readme_counts_the_data_services_of_the_shipped_spec(repo_root: Path) -> None:
    spec = yaml.safe_load((repo_root / "specs/platform.yaml").read_text("utf-8"))
    words = {3: "three", 4: "four", 5: "five"}
    assert f"{words[len(spec['datastores'])]} data services" in README
