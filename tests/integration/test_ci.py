"""Pipelines: what the linters of workflows say of them, and what their jobs do when they are run."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from manifestgen.pipeline import build
from support import proving, yaml11
from support.deployments import fails, says
from support.drawing import coverage, drawn_specs
from support.drawing.specs import DrawnSpec
from support.pipelines import (
    KEEP_BODY,
    KUBECONFIG,
    PULL_REQUEST,
    PUSH,
    TAG,
    Ended,
    Event,
    Repository,
    by_hand,
    filled,
    jobs_that_run,
    spec,
)
from support.rendering import scratch
from support.shell import complaints
from support.specs import as_json, named

Tool = Callable[[str], Path]
WORKFLOW: Final = ".github/workflows/deploy.yml"
SCHEMA: Final = Path(sys.executable).with_name("check-jsonschema")


# --- What linters say ------------------------------------------------------------------------------


def _small(**ci: Any) -> dict[str, Any]:
    """A platform with nothing but a pipeline that has next to nothing to do."""
    given = named("everything")
    workload = {
        "type": "worker",
        "image": {"repository": "ghcr.io/example/a", "tag": "1"},
        "replicas": 1,
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
    }
    return {
        **{key: given[key] for key in ("apiVersion", "kind", "cluster")},
        "metadata": {"name": "small", "owner": "team-a"},
        "workloads": {"api": workload},
        "ci": {"github": {}, "install": {"version": "1.0"}, **ci},
        "environments": {"live": {"namespace": "small"}},
    }


def _with_eks() -> dict[str, Any]:
    role = "arn:aws:iam::111122223333:role/a"
    given = _small(trigger="manual", role=role, gitlab={"image": f"tools@sha256:{'0' * 64}"})
    given["deployment"] = {"context": "a", "eks": {"name": "a", "region": "eu-west-1"}}
    return given


def _hostile() -> dict[str, Any]:
    return spec(gitlab=None, name="$(x) `y` \"z\" 'z' {{ x }} \\ #\nnext: {a}", path=".")


SPECS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    "everything": lambda: named("everything"),
    "ways": lambda: named("ways"),
    "shop": spec,
    "checks alone": _small,
    "no secrets at all": _with_eks,
    "hostile": _hostile,
}


@pytest.fixture(scope="module", params=["the platform", *SPECS])
def pipelines(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, repo_root: Path
) -> Path:
    """A folder with the pipelines of a spec."""
    if request.param == "the platform":
        return repo_root / "out"
    folder = tmp_path_factory.mktemp("pipelines")
    return _rendered(SPECS[request.param](), folder)


def _rendered(given: Mapping[str, Any], folder: Path) -> Path:
    file = folder / "spec.yaml"
    file.write_text(as_json(given), encoding="utf-8")
    made = build(file, targets=["ci"])
    assert not made.findings, made.findings
    for path, artifact in made.artifacts.items():
        target = folder / "out" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(artifact.text, encoding="utf-8")
    return folder / "out"


def _run(*words: str | Path, tool: Tool | None = None) -> Ended:
    path = os.pathsep.join([*([str(tool("shellcheck").parent)] if tool else []), os.defpath])
    command = [str(word) for word in words]
    done = subprocess.run(command, env={"PATH": path}, capture_output=True, text=True, check=False)
    return Ended(done.returncode, done.stdout + done.stderr)


@pytest.mark.parametrize("schema", ["vendor.github-workflows", "custom.github-workflows-require-timeout"])
def test_workflows_keep_to_the_schema_of_github(schema: str, pipelines: Path) -> None:
    done = _run(SCHEMA, "--builtin-schema", schema, pipelines / WORKFLOW)
    assert done.code == 0, done.log


def test_pipelines_keep_to_the_schema_of_gitlab(pipelines: Path) -> None:
    file = pipelines / ".gitlab-ci.yml"
    if file.exists():
        command = [SCHEMA, "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", file]
        done = _run(*command)
        assert done.code == 0, done.log


def test_github_understands_workflows_and_shellcheck_their_commands(pipelines: Path, tool: Tool) -> None:
    done = _run(tool("jactionlint"), "--strict-exit", "--no-online", pipelines / WORKFLOW, tool=tool)
    assert done.code == 0, done.log


def test_workflows_are_safe_to_zizmor_even_at_its_most_pedantic(pipelines: Path, tool: Tool) -> None:
    command = [tool("zizmor"), "--offline", "--no-progress", "--persona", "pedantic", pipelines / WORKFLOW]
    done = _run(*command)
    assert done.code == 0, done.log


def test_the_scripts_of_jobs_are_clean(pipelines: Path, tool: Tool) -> None:
    assert not complaints(sorted(pipelines.rglob("scripts/ci/*.sh")), tool)


@pytest.mark.parametrize(
    ("old", "new", "audit"),
    [
        ("@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "@v6", "unpinned-uses"),
        (
            "permissions:\n      contents: read\n    steps",
            "permissions: write-all\n    steps",
            "excessive-permissions",
        ),
        ("          persist-credentials: false\n", "          clean: true\n", "artipacked"),
        ('--yes "${options[@]}"', "--yes --revision ${{ inputs.revision }}", "template-injection"),
        ("  pull_request:\n", "  pull_request_target:\n", "dangerous-triggers"),
    ],
)
def test_zizmor_finds_what_is_made_unsafe(
    old: str, new: str, audit: str, repo_root: Path, tmp_path: Path, tool: Tool
) -> None:
    text = (repo_root / "out" / WORKFLOW).read_text("utf-8")
    assert old in text
    file = tmp_path / WORKFLOW
    file.parent.mkdir(parents=True)
    file.write_text(text.replace(old, new), encoding="utf-8")
    done = _run(tool("zizmor"), "--offline", "--no-progress", file)
    assert done.code != 0
    assert audit in done.log


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("needs: [check, scan]", "needs: [check, scann]", "scann"),
        ("inputs.action == 'deploy'", "inputs.act == 'deploy'", "act"),
        ('"${options[@]}"', "${options[@]}", "SC2068"),
    ],
)
def test_jactionlint_finds_what_github_would_not_understand(
    old: str, new: str, says: str, repo_root: Path, tmp_path: Path, tool: Tool
) -> None:
    text = (repo_root / "out" / WORKFLOW).read_text("utf-8")
    assert old in text
    file = tmp_path / "deploy.yml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    done = _run(tool("jactionlint"), "--no-online", file, tool=tool)
    assert done.code == 1
    assert says in done.log


def test_a_job_without_a_time_limit_is_found(repo_root: Path, tmp_path: Path) -> None:
    file = tmp_path / "deploy.yml"
    text = (repo_root / "out" / WORKFLOW).read_text("utf-8")
    file.write_text(text.replace("    timeout-minutes: 15\n", "", 1), encoding="utf-8")
    done = _run(SCHEMA, "--builtin-schema", "custom.github-workflows-require-timeout", file)
    assert done.code == 1


@pytest.mark.slow
def test_the_pipelines_of_drawn_platforms_are_without_findings(tmp_path: Path, tool: Tool) -> None:
    fields = [one for one in sorted(coverage.all_fields()) if one[0] in ("Ci", "GitHub", "GitLab", "Install")]
    drawn: list[Path] = []

    def keep(one: DrawnSpec) -> None:
        if one.result is None or one.result.artifacts is None:
            return  # what is wrong with it could not be mended, which is not what this is about
        for name in (WORKFLOW, ".gitlab-ci.yml"):
            if name in one.result.artifacts:
                file = tmp_path / str(len(drawn)) / name
                file.parent.mkdir(parents=True)
                file.write_text(one.result.artifacts[name].text, encoding="utf-8")
                drawn.append(file)

    for seed in range(2):
        proving.for_examples(drawn_specs([("Platform", "ci"), *fields]), 10, seed, keep)
    workflows = [file for file in drawn if file.name == "deploy.yml"]
    others = [file for file in drawn if file.name != "deploy.yml"]
    assert len(workflows) >= 3 and others
    schemas = {
        "vendor.github-workflows": workflows,
        "custom.github-workflows-require-timeout": workflows,
        "vendor.gitlab-ci": others,
    }
    for schema, files in schemas.items():
        extra = ["--data-transform", "gitlab-ci"] if "gitlab" in schema else []
        done = _run(SCHEMA, "--builtin-schema", schema, *extra, *files)
        assert done.code == 0, done.log
    done = _run(tool("zizmor"), "--offline", "--no-progress", "--persona", "pedantic", *workflows)
    assert done.code == 0, done.log
    # GitHub has its own labels of runners, and what opens an expression is written as one that is constant.
    quiet = ["--ignore", "unknown-runner-label", "--ignore", "obfuscation"]
    done = _run(tool("jactionlint"), "--strict-exit", "--no-online", *quiet, *workflows, tool=tool)
    assert done.code == 0, done.log


def test_what_the_readme_shows_makes_a_pipeline(repo_root: Path, tmp_path: Path, tool: Tool) -> None:
    (shown,) = (text for text in _yaml_of_readme(repo_root) if text.startswith("ci:"))
    (hello,) = (text for text in _yaml_of_readme(repo_root) if text.startswith("apiVersion:"))
    given, said = yaml11.read(hello), yaml11.read(shown)
    given["ci"] = said["ci"]
    given["routes"] = {"all": {"hosts": ["hello.example.com"], "workload": "web", "port": "http"}}
    given["loadTests"] = {key: one for key, one in spec()["loadTests"].items() if key != "logins"}
    given["loadTests"] |= {"route": "all", "users": {"Visitor": {"tasks": {"look": 1}}}}
    for name, one in given["environments"].items():
        eks = {"name": name, "region": "eu-central-1"}
        one |= {**said["environments"][name], "deployment": {"context": name, "eks": eks}}
    out = _rendered(given, tmp_path)
    workflow = yaml11.read((out / WORKFLOW).read_text("utf-8"))
    assert jobs_that_run(workflow, PUSH) == ["check", "deploy-staging", "load-test-staging"]
    assert jobs_that_run(workflow, TAG) == ["check", "deploy-production", "release"]
    done = _run(tool("zizmor"), "--offline", "--no-progress", out / WORKFLOW)
    assert done.code == 0, done.log


def _yaml_of_readme(repo_root: Path) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```", (repo_root / "README.md").read_text("utf-8"), re.M | re.S)


# --- Which jobs run, with what they are given -------------------------------------------------------


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, tool: Tool) -> Repository:
    """The shop's repository."""
    return Repository(tmp_path_factory.mktemp("shop"), tool("kubectl"))


CHECKS: Final = ["check", "scan"]


@pytest.mark.parametrize(
    ("event", "jobs"),
    [
        (PULL_REQUEST, ["check", "changes", "scan"]),
        (PUSH, [*CHECKS, "deploy-staging", "load-test-staging"]),
        (TAG, [*CHECKS, "deploy-live", "release"]),
        (by_hand("deploy", "live"), [*CHECKS, "deploy-live"]),
        (by_hand("deploy", "staging"), [*CHECKS, "deploy-staging", "load-test-staging"]),
        (by_hand("rollback", "live"), ["rollback-live"]),
        (by_hand("rollback", "staging"), ["rollback-staging"]),
    ],
    ids=["a pull request", "main", "a tag", "live by hand", "staging by hand", "live back", "staging back"],
)
def test_an_event_starts_just_its_jobs(event: Event, jobs: list[str], shop: Repository) -> None:
    assert jobs_that_run(shop.workflow(), event) == jobs


def test_environments_of_one_trigger_are_deployed_one_after_the_other_or_alone(tmp_path: Path) -> None:
    out = _rendered(named("ways"), tmp_path)
    workflow = yaml11.read((out / WORKFLOW).read_text("utf-8"))
    assert jobs_that_run(workflow, TAG) == ["check", "deploy-fitting", "deploy-own", "release"]
    assert "deploy-fitting" in workflow["jobs"]["deploy-own"]["needs"]
    assert jobs_that_run(workflow, by_hand("deploy", "own")) == ["check", "deploy-own"]
    assert jobs_that_run(workflow, by_hand("deploy", "shared")) == ["check", "deploy-shared"]
    assert jobs_that_run(workflow, PUSH) == ["check", "deploy-old"]
    pipeline = yaml11.read((out / ".gitlab-ci.yml").read_text("utf-8"))
    assert pipeline["deploy-own"]["needs"] == ["check", {"job": "deploy-fitting", "optional": True}]


def test_each_job_is_given_what_it_needs_and_nothing_else(shop: Repository) -> None:
    workflow = shop.workflow()
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "check": {"contents": "read"},
        "changes": {"contents": "read", "pull-requests": "write"},
        "scan": {"contents": "read"},
        "deploy-staging": {"contents": "write", "id-token": "write"},
        "load-test-staging": {"contents": "read"},
        "deploy-live": {"contents": "write", "id-token": "write"},
        "release": {"contents": "write"},
        "rollback-staging": {"contents": "read", "id-token": "write"},
        "rollback-live": {"contents": "read", "id-token": "write"},
    }
    assert {job["timeout-minutes"] for job in workflow["jobs"].values()} >= {15, 120}
    of_environments = {name: job.get("environment") for name, job in workflow["jobs"].items()}
    assert of_environments["rollback-live"] == of_environments["deploy-live"] == {"name": "live"}
    for name, job in workflow["jobs"].items():
        assert ("secrets." in str(job)) <= ("environment" in job), name


def test_gitlab_gives_a_token_for_aws_to_jobs_with_a_role_alone(shop: Repository) -> None:
    pipeline = shop.pipeline()
    with_token = {name for name, job in pipeline.items() if isinstance(job, dict) and "id_tokens" in job}
    assert with_token == {"deploy-staging", "deploy-live", "rollback-staging", "rollback-live"}
    assert {rule.get("when") for rule in pipeline["deploy-live"]["rules"]} == {"manual"}
    assert {rule.get("when") for rule in pipeline["deploy-staging"]["rules"]} == {None}
    assert pipeline["deploy-live"]["resource_group"] == "live"


# --- Pull requests ----------------------------------------------------------------------------------


def _change(shop: Repository, branch: str, *, render: bool, replicas: int = 3) -> None:
    given = spec()
    given["workloads"]["worker"]["replicas"] = replicas
    shop.branch(branch)
    shop.write(given)
    if render:
        shop.render()
    shop.commit("More workers")


def test_a_change_that_is_rendered_passes_and_is_shown_in_a_comment(shop: Repository) -> None:
    _change(shop, "more", render=True)
    done = shop.run("check", PULL_REQUEST)
    assert done.code == 0, done.log
    assert shop.called(r"^pip install --quiet manifestgen==1\.4\.0$")
    done = shop.run("changes", PULL_REQUEST)
    assert done.code == 0, done.log
    body = shop.file("files/comment")
    assert body.startswith("<!-- manifestgen: shop -->\n### What changes in shop\n")
    assert "\n-  replicas: 1\n+  replicas: 3\n" in body
    assert "out/k8s/base/worker/deployment.yaml" in body
    assert ".manifestgen.lock" not in body
    assert shop.file("summary") == body
    (post,) = shop.called("^gh api --silent")
    assert "--method POST repos/team/shop/issues/17/comments" in post
    assert "token-of-github" not in "".join(shop.calls)


def test_a_stale_output_fails_and_the_comment_holds_what_it_should_be(shop: Repository) -> None:
    _change(shop, "stale", render=False)
    done = shop.run("check", PULL_REQUEST)
    assert done.code == 1
    assert "deployment.yaml" in done.log
    assert shop.run("changes", PULL_REQUEST).code == 0
    assert "\n-  replicas: 1\n+  replicas: 3\n" in shop.file("files/comment")


def test_a_workflow_that_is_not_the_rendered_one_fails(shop: Repository) -> None:
    shop.branch("own-workflow")
    file = shop.work / ".github/workflows/deploy.yml"
    file.write_text(file.read_text("utf-8").replace("timeout-minutes: 15", "timeout-minutes: 16"), "utf-8")
    shop.commit("More time")
    done = shop.run("check", PULL_REQUEST)
    assert done.code == 1
    assert "differ" in done.log
    shop.git("checkout", "--quiet", "main")


def test_the_next_comment_takes_the_place_of_the_last(shop: Repository) -> None:
    _change(shop, "again", render=True, replicas=4)
    done = shop.run("changes", PULL_REQUEST, says("gh api --paginate *", "4711\n4712"))
    assert done.code == 0, done.log
    (patch,) = shop.called("^gh api --silent")
    assert "--method PATCH repos/team/shop/issues/comments/4711" in patch
    shop.branch("nothing")
    (shop.work / "README.md").write_text("# Shop\n", encoding="utf-8")
    shop.commit("A page")
    assert shop.run("changes", PULL_REQUEST, says("gh api --paginate *", "4711")).code == 0
    assert shop.file("files/comment").splitlines()[1] == "### Nothing changes in what is rendered"
    assert shop.run("changes", PULL_REQUEST).code == 0
    assert not shop.called("^gh api --silent")


def test_a_pull_request_from_a_fork_gets_its_description_without_a_comment(shop: Repository) -> None:
    _change(shop, "fork", render=True)
    done = shop.run("changes", Event("pull_request", fork=True))
    assert done.code == 0, done.log
    assert not shop.called("^gh ")
    assert "+  replicas: 3" in shop.file("summary")


def test_a_wrong_spec_fails_both_jobs_and_the_comment_says_what_is_wrong(shop: Repository) -> None:
    shop.branch("wrong")
    shop.write({**spec(), "workload": {}})
    shop.commit("A slip")
    assert shop.run("check", PULL_REQUEST).code == 1
    assert shop.run("changes", PULL_REQUEST).code == 1
    body = shop.file("files/comment")
    assert body.startswith("<!-- manifestgen: shop -->\n### The spec is wrong\n\n```text\n")
    assert "did you mean 'workloads'?" in body


def test_a_comment_is_no_longer_than_github_takes_and_no_fence_in_it_ends_early(shop: Repository) -> None:
    given = spec()
    text = "````\n~~~\n</details>é\n" + "many words " * 40
    given["settings"]["page"] = {
        "config": {"pages": {"values": {f"PAGE_{n}": f"{n} {text}" for n in range(400)}}}
    }
    given["workloads"]["worker"]["settings"] = ["page"]
    shop.branch("long")
    shop.write(given)
    shop.render()
    shop.commit("Pages")
    assert shop.run("changes", PULL_REQUEST).code == 0
    body = shop.file("files/comment")
    assert 25_000 < len(body.encode()) < 65_536
    fences = [line for line in body.splitlines() if line.startswith("`") and line.strip("`") in ("", "diff")]
    assert [line.strip("`") for line in fences[-2:]] == ["diff", ""]
    assert body.rstrip().endswith("bytes long, and cut off here.")
    shop.git("checkout", "--quiet", "main")


def test_what_a_change_costs_is_in_the_comment_when_the_spec_has_prices(tmp_path: Path, tool: Tool) -> None:
    def priced(replicas: int) -> dict[str, Any]:
        given = spec()
        given["cost"] = {"prices": {"cpu": 0.03, "memory": 0.004, "storage": {"default": 0.1}}}
        given["workloads"]["worker"]["replicas"] = replicas
        return given

    shop = Repository(tmp_path, tool("kubectl"), priced(1))
    shop.branch("more")
    shop.write(priced(5))
    shop.render()
    shop.commit("More workers")
    done = shop.run("changes", PULL_REQUEST)
    assert done.code == 0, done.log
    body = shop.file("files/comment")
    assert "\n### staging: USD 21.35 a month (+9.49)\n" in body
    assert "| worker | Deployment | 5 |" in body


def test_gitlab_keeps_a_note_on_the_merge_request(shop: Repository) -> None:
    _change(shop, "note", render=True)
    base = shop.git("rev-parse", "main").strip()
    told = ("curl * --data-urlencode body@*", KEEP_BODY)
    for notes, method in (
        ([], "POST"),
        ([{"id": 9, "body": "hi"}, {"id": 12, "body": "<!-- manifestgen: shop -->\n"}], "PUT"),
    ):
        listed = ("curl * --output *", f"printf '%s' '{json.dumps(notes)}' >\"$(after --output \"$@\")\"")
        done = shop.run_on_gitlab(
            "changes",
            PULL_REQUEST,
            {
                "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
                "CI_MERGE_REQUEST_IID": "17",
                "CI_API_V4_URL": "https://gitlab.example.com/api/v4",
                "CI_PROJECT_ID": "5",
                "CI_COMMENT_TOKEN": "token-of-gitlab",
            },
            [told, listed],
        )
        assert done.code == 0, done.log
        assert "\n-  replicas: 1\n+  replicas: 3\n" in shop.file("files/comment")
        (sent,) = shop.called("body@")
        assert f"--request {method}" in sent
        assert sent.endswith("/projects/5/merge_requests/17/notes" + ("/12" if notes else ""))
        assert "token-of-gitlab" not in "".join(shop.calls)


# --- Scans ------------------------------------------------------------------------------------------


def test_the_scan_sees_what_the_clusters_get_and_fails_with_trivy(shop: Repository) -> None:
    done = shop.run("scan", PUSH)
    assert done.code == 0, done.log
    objects = {file.name: file.read_text("utf-8") for file in (shop.temp / "objects").iterdir()}
    assert objects.keys() == {"staging.yaml", "live.yaml"}
    assert {name: text.count("kind: Rollout") for name, text in objects.items()} == {
        "staging.yaml": 0,
        "live.yaml": 2,
    }
    (config,) = shop.called("^trivy config")
    assert "--exit-code 1 --severity HIGH\\,CRITICAL" in config
    assert shop.called("^trivy filesystem --scanners secret --exit-code 1 .$")
    assert shop.run("scan", PUSH, fails("trivy config *")).code == 1
    assert shop.run("scan", PUSH, fails("trivy filesystem *")).code == 1


# --- Deployments ------------------------------------------------------------------------------------


def test_a_push_deploys_to_staging_tags_it_and_tests_it_under_load(shop: Repository) -> None:
    done = shop.run("deploy-staging", PUSH)
    assert done.code == 0, done.log
    assert [line.partition(" ")[2] for line in shop.called("^uses aws-actions")] == [
        "aws-actions/configure-aws-credentials@8df5847569e6427dd6c4fb1cf565c83acfa8afa7 "
        "role-to-assume=arn:aws:iam::111122223333:role/shop-staging-deploy "
        "role-duration-seconds=7200 aws-region=eu-central-1"
    ]
    assert shop.called("^helm .* upgrade --install shop ")
    record = _tag(shop, "deploy/staging/*")
    assert record.startswith("github-actions[bot] shop in staging: revision 12")
    assert "agreed: nobody was asked" in record
    done = shop.run("load-test-staging", PUSH)
    assert done.code == 0, done.log
    (run,) = shop.called("^k6 ")
    assert "run --env TARGET=staging --env PROFILE=smoke" in run
    assert run.endswith(" out/tests/performance/k6-script.js")
    assert shop.called("^uses actions/upload-artifact@")
    assert shop.run("load-test-staging", PUSH, fails("k6 run *", 99)).code == 99
    assert shop.called("^uses actions/upload-artifact@")


def _tag(shop: Repository, pattern: str) -> str:
    """Who made the newest tag of a pattern on GitHub, and its message."""
    words = ["for-each-ref", "--count=1", "--sort=-refname", "--format=%(taggername) %(contents)"]
    return shop.git(*words, f"refs/tags/{pattern}", at=shop.origin)


def test_a_tag_deploys_to_production_and_is_released_with_what_was_deployed(shop: Repository) -> None:
    shop.git("checkout", "--quiet", "main")
    shop.git("tag", "--force", "v1.0.0")
    shop.push("--force", "v1.0.0")
    done = shop.run("deploy-live", TAG)
    assert done.code == 0, done.log
    record = _tag(shop, "deploy/live/*")
    assert "agreed: ann, by the rules of live\n" in record
    assert "https://secret.example.com" not in "".join(shop.calls)
    done = shop.run("release", TAG)
    assert done.code == 0, done.log
    notes = shop.file("files/notes")
    assert "shop in live: revision 12" in notes and "image: ghcr.io/example/shop" in notes
    (created,) = shop.called("^gh release create")
    assert created.startswith("gh release create v1.0.0 --verify-tag --title v1.0.0 --generate-notes ")
    assert shop.run("release", TAG, ("gh release view *", ":")).code == 0
    assert not shop.called("^gh release create")


def test_what_has_not_been_merged_is_not_deployed_to_production(shop: Repository) -> None:
    _change(shop, "unmerged", render=True)
    shop.git("tag", "--force", "v2.0.0")
    shop.push("--force", "v2.0.0")
    done = shop.run("deploy-live", Event("push", "v2.0.0", "tag"))
    assert done.code == 1
    assert "::error::only what is on main is deployed" in done.log
    assert not shop.called("^(helm|kubectl|crane) ")
    shop.git("checkout", "--quiet", "main")


@pytest.mark.parametrize(
    ("glob", "code"), [("crane digest *", 1), ("helm * upgrade *", 2), ("git * push *", 0)]
)
def test_a_deployment_that_fails_fails_the_job_with_the_code_of_the_script(
    glob: str, code: int, shop: Repository
) -> None:
    done = shop.run("deploy-staging", PUSH, fails(glob))
    assert done.code == code, done.log


def test_a_rollback_goes_back_to_the_revision_that_is_asked_for(shop: Repository) -> None:
    now = says(
        "helm * history *",
        '[{"revision":11,"updated":"x","status":"superseded"},{"revision":12,"updated":"x","status":"deployed"}]',
    )
    for revision, back_to in (("", "11"), ("11", "11")):
        done = shop.run("rollback-live", by_hand("rollback", "live", revision), now)
        assert shop.called(rf"^helm .* rollback shop {back_to} "), done.log
        assert shop.called("^uses aws-actions/configure-aws-credentials@")
    done = shop.run("rollback-live", by_hand("rollback", "live", "11; touch x $(touch y)"), now)
    assert done.code == 64
    assert not (shop.temp / "copy/x").exists() and not (shop.temp / "copy/y").exists()


def test_gitlab_deploys_and_takes_back_by_the_same_scripts(shop: Repository) -> None:
    shop.git("checkout", "--quiet", "main")
    given = {
        "AWS_ID_TOKEN": "token-of-job",
        "CI_PROJECT_ID": "5",
        "CI_JOB_ID": "99",
        "GITLAB_USER_LOGIN": "ann",
        "DEPLOY_SLACK_WEBHOOK": "https://secret.example.com/slack",
    }
    aws = (
        "aws eks *",
        '{ cat "${AWS_WEB_IDENTITY_TOKEN_FILE}"; echo "${AWS_ROLE_ARN}"; } >>"${stand}/messages"',
    )
    shop.git("tag", "--force", "v1.0.0")
    shop.push("--force", "v1.0.0")
    done = shop.run_on_gitlab("deploy-live", TAG, given, [aws])
    assert done.code == 0, done.log
    assert shop.file("messages").startswith("token-of-jobarn:aws:iam::111122223333:role/shop-live-deploy\n")
    record = _tag(shop, "deploy/live/*")
    assert record.startswith("GitLab CI shop in live") and "agreed: ann\n" in record
    assert "token-of-job" not in "".join(shop.calls)
    for revision in ("", "11"):
        done = shop.run_on_gitlab("rollback-live", PUSH, {**given, "REVISION": revision}, [aws])
        assert shop.called("^helm .* rollback shop 1[01] "), done.log
    released = ("curl * --write-out *", "echo -n 201")
    ids = {
        "CI_COMMIT_TAG": "v1.0.0",
        "CI_API_V4_URL": "https://gitlab.example.com/api/v4",
        "CI_JOB_TOKEN": "job",
    }
    done = shop.run_on_gitlab("release", TAG, {**given, **ids}, [released])
    assert done.code == 0, done.log
    (call,) = shop.called("^curl ")
    assert "tag_name=v1.0.0" in call and call.endswith(
        " https://gitlab.example.com/api/v4/projects/5/releases"
    )
    refused = ("curl * --write-out *", "echo -n 403")
    assert shop.run_on_gitlab("release", TAG, {**given, **ids}, [refused]).code == 1


def test_a_kubeconfig_reaches_the_script_by_a_file_that_nobody_else_reads(tmp_path: Path, tool: Tool) -> None:
    given = spec(kubeconfig="SHOP_KUBECONFIG")
    del given["deployment"]["eks"]
    for one in given["environments"].values():
        del one["ci"]["role"]
    shop = Repository(tmp_path, tool("kubectl"), given)
    seen = (
        "kubectl config view *",
        'cat "${KUBECONFIG}" >>"${stand}/messages"; echo https://api.shop.example.com',
    )
    done = shop.run("deploy-staging", PUSH, seen)
    assert done.code == 0, done.log
    assert shop.file("messages").startswith(f"{KUBECONFIG}\n")
    assert (shop.temp / "kubeconfig").stat().st_mode & 0o777 == 0o600
    assert "kind: Config" not in "".join(shop.calls)


# --- Programs ---------------------------------------------------------------------------------------


def _fetching(shop: Repository, tmp_path: Path, content: str) -> tuple[Path, tuple[str, str]]:
    """The script with the sum of an archive of ours, and curl that gives that archive."""
    (tmp_path / "crane").write_text(content, encoding="utf-8")
    archive = tmp_path / "crane.tar.gz"
    subprocess.run(["tar", "-czf", archive, "-C", tmp_path, "crane"], check=True)
    script = shop.work / "out/scripts/ci/install-tools.sh"
    text = script.read_text("utf-8")
    (sum_,) = (line for line in text.splitlines() if "SUM=0ab7a1d6" in line)
    own = tmp_path / "install-tools.sh"
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    own.write_text(text.replace(sum_.strip(), f"SUM={digest}"), encoding="utf-8")
    own.chmod(0o755)
    return own, ("curl *", f'cp {archive} "$(after --output "$@")"')


def test_a_program_is_fetched_when_it_is_missing_and_refused_when_it_is_another(
    shop: Repository, tmp_path: Path
) -> None:
    own, curl = _fetching(shop, tmp_path, "#!/bin/sh\necho crane\n")
    for script, code in ((own, 0), (shop.work / "out/scripts/ci/install-tools.sh", 1)):
        shop.forget()
        shop.answers(curl, ("uname *", "echo x86_64"))
        for program in ("crane", "trivy"):
            (shop.stand / "bin" / program).unlink()
        path = {"PATH": f"{shop.stand / 'bin'}:{os.defpath}"}
        done = shop.bash(f'{script} "${{TMPDIR}}/tools" crane gh', shop.work, path)
        assert done.code == code, done.log
        fetched = shop.temp / "tmp/tools/crane"
        assert fetched.exists() == (code == 0)
        assert [path.name for path in (shop.temp / "tmp").iterdir()] == (["tools"] if code == 0 else [])
        (call,) = shop.called("^curl ")
        assert call.endswith("/v0.22.1/go-containerregistry_Linux_x86_64.tar.gz")
        assert "gh is there already" in done.log or code == 1
    assert "is not the file that was released" in done.log


# --- Any text ---------------------------------------------------------------------------------------

NASTY: Final = (
    "$(touch x)",
    "`touch x`",
    "two\nlines",
    "\"quotes\" and 'quotes'",
    "${{ secrets.DEPLOY_SLACK_WEBHOOK }}",
    "${{ '",
    "}} ${{ ''' }}",
    "$HOME \\ # ; & | > x",
    "yes",
    "- a: {b}",
    "::error::x",
)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose script to deploy says with what it was called."""
    folder = tmp_path_factory.mktemp("recording")
    script = folder / "scripts/deploy-live.sh"
    script.parent.mkdir()
    script.write_text("#!/usr/bin/env bash\nprintf '%s\\0' \"$@\"\n", encoding="utf-8")
    script.chmod(0o755)
    yield folder
    assert [path.name for path in folder.iterdir()] == ["scripts"]  # nothing was touched


def _named(name: str) -> str:
    given = spec(gitlab=None, scan=None, path=".")
    given["environments"] = {"live": {**given["environments"]["live"]}}
    given["environments"]["live"]["ci"]["name"] = name
    with scratch() as folder:
        file = folder / "spec.yaml"
        file.write_text(as_json(given), encoding="utf-8")
        made = build(file, targets=["ci"])
    assert not made.findings, made.findings
    return made.artifacts[WORKFLOW].text


@settings(max_examples=25, deadline=None)
@given(
    st.one_of(
        st.lists(st.sampled_from(NASTY), min_size=1, max_size=3).map("".join),
        st.text(
            st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Cn", "Co"]),
            min_size=1,
            max_size=40,
        ),
    )
)
@example("".join(NASTY))
def test_any_text_reaches_the_script_as_it_is(recording: Path, text: str) -> None:
    job = yaml11.read(_named(text))["jobs"]["deploy-live"]
    context = TAG.context(recording)
    assert filled(job["environment"]["name"], context) == text
    (step,) = (one for one in job["steps"] if one["name"] == "Deploy")
    environment = {key: filled(str(value), context) for key, value in step["env"].items()}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", filled(step["run"], context)],
        cwd=recording,
        env={"PATH": os.defpath, **environment},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().split("\0")[:-1] == ["--approve", f"ann, by the rules of {text}"]
