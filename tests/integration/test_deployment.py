"""Deployments and rollbacks, run.

kubectl, helm, vault, aws, trivy, crane, git and curl are stand-ins that write down how they are called; what
kubectl does without a cluster, the real one does.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from syrupy.assertion import SnapshotAssertion

from support.deployments import (
    COMMIT,
    DEPLOY,
    DIGEST,
    ROLLBACK,
    WEBHOOK,
    Answer,
    World,
    api_of,
    fails,
    hangs,
    history,
    left_behind,
    met,
    prometheus,
    rollout,
    says,
    spec,
)
from support.shell import complaints

Tool = Callable[[str], Path]
_SLEEP: Final = shutil.which("sleep") or "/bin/sleep"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, tool: Tool) -> World:
    """A shop with canary, blue-green, migrations and a backup."""
    return World(tmp_path_factory.mktemp("shop"), tool("kubectl"))


# --- When all goes well ---------------------------------------------------------------------------


def test_a_deployment_takes_every_step_in_order(world: World, snapshot: SnapshotAssertion) -> None:
    done = world.deploy()
    assert done.code == 0, done.log
    assert "\n".join([*world.calls, "", world.messages]) == snapshot
    assert world.leftovers() == []
    record = world.files("record.yaml")[-1]
    for part in ("revision 12, after 11", "agreed: Ann", COMMIT, "db-backup 20260102T030405Z", DIGEST):
        assert part in record


def test_a_dry_run_prints_every_step_and_calls_nothing(world: World, snapshot: SnapshotAssertion) -> None:
    done = world.deploy(options=["--dry-run"])
    assert (done.code, world.calls, world.messages, world.leftovers()) == (0, [], "", [])
    assert done.output == snapshot


def test_what_a_dry_run_prints_is_what_is_run(world: World) -> None:
    printed = _heads(world.deploy(options=["--dry-run"]).output.splitlines())
    world.deploy()
    assert _heads(world.calls) == printed - {"cp -R"}


def _heads(lines: list[str]) -> set[str]:
    """The programs with the words after them that are no options, and no names of pods and the like."""
    commands = [line.split() for line in lines if re.match(r" ?[a-z]+ [-a-z]", line)]
    told = [[word for word in line if "=" not in word and word[0] not in "-$"] for line in commands]
    return {
        " ".join(["cp", "-R"] if line[0] == "cp" else words[:2] if line[0] != "curl" else ["curl"])
        for line, words in zip(commands, told, strict=True)
    } - {"curl"}


def test_scripts_are_clean(world: World, tool: Tool) -> None:
    scripts = [world.folder / "out/scripts" / name for name in (DEPLOY, ROLLBACK)]
    assert complaints(scripts, tool) == ""


def test_help_tells_all_options_and_needs_no_program(world: World) -> None:
    for script, options in ((DEPLOY, 8), (ROLLBACK, 6)):
        world.reset()
        done = world.run(script, "--help", PATH=_path_of("dirname", "cat", "pwd", folder=world.work))
        assert done.code == 0, done.log
        assert len(re.findall(r"^  --", done.output, re.MULTILINE)) == options
        assert "Exit codes" in done.output


def _path_of(*programs: str, folder: Path) -> str:
    for program in programs:
        (folder / program).symlink_to(shutil.which(program) or program)
    (folder / "bash").symlink_to("/bin/bash")
    return str(folder)


def test_images_are_deployed_by_the_digests_that_were_scanned(world: World, tool: Tool) -> None:
    world.deploy()
    scanned = {line.split()[-1] for line in world.calls if line.startswith("trivy ")}
    (upgrade,) = (line for line in world.calls if " upgrade --install " in line)
    options = re.findall(r"--set-string \S+", upgrade)
    assert {one.rpartition("=")[2] for one in options} == {DIGEST}
    chart = world.folder / "out/helm/shop"
    values = ("--values", str(chart / "values-live.yaml"))
    pins = [word for one in options for word in one.split()]
    for helm in ("helm", "helm3"):
        rendered = subprocess.run(
            [tool(helm), "template", "shop", chart, *values, *pins],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert set(re.findall(r'image: "?([^"\s]+)', rendered)) == scanned


@pytest.mark.parametrize(
    ("version", "option"), [("v3.17.2", "--atomic"), ("v4.3.1", "--rollback-on-failure")]
)
def test_each_version_of_helm_gets_the_option_that_it_knows(
    world: World, tool: Tool, version: str, option: str
) -> None:
    world.deploy(says("helm version *", version))
    assert world.called(f"^helm .* upgrade .* {option} ") == 1
    program = "helm3" if version.startswith("v3") else "helm"
    real = tool(program)
    said = subprocess.run(
        [real, "version", "--template={{.Version}}"], capture_output=True, text=True, check=True
    )
    assert said.stdout.startswith(version[:2])
    for command in ("upgrade", "rollback", "history", "dependency update"):
        told = subprocess.run(
            [real, *command.split(), "--help"], capture_output=True, text=True, check=True
        ).stdout
        used = {
            word.partition("=")[0]
            for line in world.calls
            if f" {command} " in line
            for word in line.split()
            if word.startswith("--")
        }
        assert all(re.search(rf"{one}\b", told) for one in used), (command, used)


def test_kubectl_knows_every_option_that_it_is_given(world: World, tool: Tool) -> None:
    calls = []
    for run in (world.deploy, world.roll_back):
        run()
        calls += [line for line in world.calls if line.startswith("kubectl ")]
    world.roll_back(options=["--yes", "--restore-database", "latest"])
    calls += [line for line in world.calls if line.startswith("kubectl ")]
    common = subprocess.run([tool("kubectl"), "options"], capture_output=True, text=True, check=True).stdout
    seen = set()
    for line in calls:
        words = line.split()[1:]
        rest = [word for word in words if not word.startswith("-")]
        commands = {"rollout": 2, "config": 2, "create": 2 if rest[1:2] in (["job"], ["configmap"]) else 1}
        command = tuple(rest[: commands.get(rest[0], 1)])
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        seen |= {(command, option) for option in options}
    for command, option in sorted(seen):
        told = subprocess.run(
            [tool("kubectl"), *command, "--help"], capture_output=True, text=True, check=True
        )
        assert re.search(rf"{option}\b", told.stdout + common), (command, option)
    assert len({command for command, _ in seen}) > 8


def test_a_webhook_from_the_environment_needs_no_vault(world: World) -> None:
    done = world.deploy(fails("vault *"), DEPLOY_SLACK_WEBHOOK=WEBHOOK)
    assert done.code == 0, done.log
    assert "is at revision 12" in world.messages


def test_the_first_deployment_migrates_after_helm_and_goes_back_to_nothing(world: World) -> None:
    none = fails("*", 1, "Error: release: not found")
    only = says("*", '[{"revision":1,"updated":"2026-01-01T00:00:00Z","status":"deployed"}]')
    done = world.deploy(("helm * history *", _when("helm * upgrade *", only, none)))
    assert done.code == 0, done.log
    assert world.called("cronjob/") == 0
    (upgrade,) = (index for index, line in enumerate(world.calls) if " upgrade --install" in line)
    (pod,) = (
        index for index, line in enumerate(world.calls) if re.search("create --filename.*pod.json", line)
    )
    assert upgrade < pod
    assert not re.search("--(atomic|rollback|wait)", world.calls[upgrade])


# --- Each step fails in turn ----------------------------------------------------------------------


class Failure(NamedTuple):
    """What is made to fail, what the log says, and what is left behind."""

    name: str
    answers: tuple[Answer, ...]
    code: int
    says: str
    schema: str = "untouched"
    upgraded: bool = False
    rolled_back: bool = False
    told: bool = True


def _of(glob: str, phase: str) -> tuple[Answer, ...]:
    return ((f"kubectl * get pod shop-schema-{glob} *", f"echo {phase}"),)


def _when(glob: str, then: Answer, otherwise: Answer) -> str:
    """One answer once a call was made, another before that."""
    return f"if (($(said {shlex.quote(glob)}))); then {then[1]}; else {otherwise[1]}; fi"


def _history(*more: tuple[int, str], status: str = "superseded") -> Answer:
    """What Helm says after an upgrade has begun; before, revision 11 is deployed."""
    after, before = says("*", history(status, *more)), says("*", history("deployed"))
    return "helm * history *", _when("helm * upgrade *", after, before)


_SICK: Final = rollout("Degraded", "10", message="aborted by analysis")
_WELL: Final = rollout("Healthy", stable="new")
_HELM: Final = fails("helm * upgrade *")
_SMOKE, _QUERY, _ROLLOUTS = "curl *--write-out=*", "curl *query=*", "kubectl * get rollouts.argoproj.io "
_UNREACHABLE: Final = fails(_SMOKE, 6)
_NO_LOCK: Final = (fails("kubectl * create *lease.json"), ("kubectl * get lease *", ":"))
_PENDING: Final = says("helm * history *", history("superseded", (12, "pending-upgrade")))
_CLUSTER_AWAY: Final = fails("helm * history *", 1, "Error: Kubernetes cluster unreachable")
_UNMEASURED: Final = says(_QUERY, '{"status":"success","data":{"resultType":"vector","result":[]}}')
_NOT_READY: Final = ("kubectl * rollout status *", _when("helm * rollback *", ("", ":"), ("", "exit 1")))
_MISSED_LATER: Final = (_QUERY, _when(_SMOKE, says("*", met("0")), says("*", met("1"))))
_SORRY: Final = (_SMOKE, 'echo sorry >"$(after --output "$@")"; echo -n 200')

_NOTHING: Final = (
    Failure("vault", (fails("vault *"),), 1, "vault does not answer", told=False),
    Failure("git", (fails("git * rev-parse *"),), 1, "git does not answer"),
    Failure("not committed", (says("git * status *", " M helm/shop/values.yaml"),), 1, "commit it"),
    Failure("login", (fails("aws *"),), 1, "aws failed"),
    Failure(
        "another cluster", (says("kubectl config view *", "https://other"),), 1, "leads to https://other"
    ),
    Failure("cluster away", (fails("kubectl * --raw=/readyz"),), 1, "kubectl failed (exit code 1): reach"),
    Failure("no namespace", (fails("kubectl * get namespace *"),), 1, "reach the cluster"),
    Failure("no lock", _NO_LOCK, 1, "cannot be taken"),
    Failure("helm away", (_CLUSTER_AWAY,), 1, "unreachable"),
    Failure("helm at work", (_PENDING,), 1, "revision 12 is pending-upgrade"),
    Failure("secrets", (fails("kubectl * wait *"),), 1, "see whether secrets can be read"),
    Failure("image", (fails("crane digest *"),), 1, "crane does not answer"),
    Failure("no digest", (says("crane digest *", "sha256:short"),), 1, "gives no digest"),
    Failure(
        "vulnerability", (fails("trivy *"),), 1, "have vulnerabilities, or could not be scanned: ghcr.io"
    ),
    Failure("unknown schema", _of("check", "Failed"), 1, "the command failed: see whether the new version"),
    Failure(
        "no pod", (fails("kubectl * create --filename=*pod.json"),), 1, "see whether the new version knows"
    ),
    Failure("backup not begun", (fails("kubectl * create job *"),), 1, "back the database up"),
    Failure(
        "backup", (says("kubectl * get job *", "FailureTarget Failed"),), 1, "the backup db-backup failed"
    ),
    Failure("preview", _of("preview", "Failed"), 1, "see what the migration would change"),
)
_MIGRATED: Final[dict[str, Any]] = {"schema": "changed", "upgraded": True}
_BACK: Final[dict[str, Any]] = {**_MIGRATED, "rolled_back": True}
_LATER: Final = (
    Failure("migration", _of("migration", "Failed"), 3, "did not come to its end", schema="changed"),
    Failure(
        "helm went back itself",
        (_HELM, _history((12, "failed"), (13, "deployed")), says(f"{_ROLLOUTS}*", _WELL)),
        2,
        "Helm has gone back by itself, as revision 13",
        **_MIGRATED,
    ),
    Failure(
        "helm did not go back",
        (_HELM, _history((12, "failed"), status="deployed")),
        2,
        "is as it was at revision 11",
        **_BACK,
    ),
    Failure("helm did nothing", (_HELM, _history(status="deployed")), 2, "is as it was", **_MIGRATED),
    Failure(
        "canary degraded",
        (says(f"{_ROLLOUTS}api *", _SICK, _SICK, _WELL),),
        2,
        "api was taken back: Degraded, 10 % of the requests, aborted by analysis",
        **_BACK,
    ),
    Failure(
        "blue-green degraded", (says(f"{_ROLLOUTS}front *", _SICK, _WELL),), 2, "front was taken", **_BACK
    ),
    Failure(
        "promotion", (fails("kubectl * patch rollouts* *pauseConditions*"),), 2, "bring out api", **_BACK
    ),
    Failure(
        "canary misses", (prometheus("1", "0", "0"),), 2, "api is stopped: api-errors is not met", **_BACK
    ),
    Failure("canary unmeasured", (_UNMEASURED,), 2, "api-errors is not measured", **_BACK),
    Failure("prometheus away", (fails(_QUERY, 7),), 2, "Prometheus does not answer", **_BACK),
    Failure("deployment", (_NOT_READY,), 2, "wait for all workloads", **_BACK),
    Failure("restarts", (says("kubectl * get pods *", "a 0 0", "a 0 1"),), 2, "keep running: a", **_BACK),
    Failure("smoke status", ((_SMOKE, "echo -n 503"),), 2, "answers 503 and not 200", **_BACK),
    Failure("smoke text", (_SORRY,), 2, "does not contain welcome", **_BACK),
    Failure("smoke unreachable", (_UNREACHABLE,), 2, "answers nothing and not 200", **_BACK),
    Failure("objective missed", (_MISSED_LATER,), 2, "is not met by the new version", **_BACK),
    Failure(
        "way back", (_UNREACHABLE, fails("helm * rollback *")), 3, "did not go back to revision 11", **_BACK
    ),
    Failure(
        "record", (fails("kubectl * apply *"),), 4, "recorded: the ConfigMap shop-deployment", **_MIGRATED
    ),
    Failure("tag", (fails("git * tag *"),), 4, "not recorded: the tag deploy/live/", **_MIGRATED),
    Failure("push", (fails("git * push *"),), 4, "not recorded: the tag deploy/live/", **_MIGRATED),
)


@pytest.mark.parametrize("failure", [*_NOTHING, *_LATER], ids=lambda failure: failure.name)
def test_what_a_failed_step_leaves_behind(world: World, failure: Failure) -> None:
    done = world.deploy(*failure.answers)
    left = left_behind(world)
    assert failure.says in done.log, done.log
    assert (done.code, left) == (
        failure.code,
        {
            "schema": failure.schema,
            "upgraded": failure.upgraded,
            "rolled back": failure.rolled_back,
            "locked": False,
            "told": failure.told,
        },
    ), done.log
    assert world.leftovers() == []
    if failure.rolled_back:
        assert "The schema of the database is the new one." in world.messages


def test_the_table_of_failures_covers_every_call(world: World) -> None:
    world.deploy()
    globs = [glob for failure in (*_NOTHING, *_LATER) for glob, _ in failure.answers]
    patterns = [re.compile(".*".join(map(re.escape, glob.split("*"))) + "$") for glob in globs]
    raw = (world.stand / "raw").read_text("utf-8").splitlines()
    harmless = re.compile(
        r"helm version|kubectl .* (delete|logs|patch --local|create configmap) |curl .*--config"
    )  # what fails of these changes nothing, or is shown to below
    missing = [
        line for line in raw if not any(one.match(line) for one in patterns) and not harmless.search(line)
    ]
    assert missing == []


def test_slack_that_cannot_be_told_stops_nothing(world: World) -> None:
    done = world.deploy(fails("curl *--config *", 22))
    assert done.code == 0, done.log
    assert "Slack was not told" in done.log


def test_a_failed_first_deployment_is_left_as_it_is(world: World) -> None:
    no_release = fails("helm * history *", 1, "Error: release: not found")
    done = world.deploy(no_release, fails("helm * upgrade *"))
    assert done.code == 3
    assert "there is nothing to go back to" in done.log
    assert left_behind(world) == {
        "schema": "untouched",
        "upgraded": True,
        "rolled back": False,
        "locked": False,
        "told": True,
    }


# --- Nobody agrees, or two at once ----------------------------------------------------------------


def test_without_approval_nothing_is_changed(world: World) -> None:
    done = world.deploy(options=[])
    assert done.code == 64
    assert "nobody can be asked here, and the shopkeeper has to agree" in done.log
    assert world.calls == []


@pytest.mark.parametrize(("answer", "code"), [("live", 0), ("no", 1), ("", 1)])
def test_people_agree_by_the_name_of_the_environment(world: World, answer: str, code: int) -> None:
    world.reset()
    world.answers()
    command = f"{world.folder}/out/scripts/{DEPLOY}"
    said = subprocess.run(
        ["script", "--quiet", "--return", "--command", command, "/dev/null"],
        input=f"{answer}\n{answer}\n",
        env=world.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert said.returncode == code, said.stdout
    assert "the shopkeeper: deploy 0123456789ab to live?" in said.stdout
    assert bool(world.called("helm .* upgrade")) is (code == 0)
    assert not left_behind(world)["locked"]


def test_two_deployments_at_once_refuse(world: World) -> None:
    world.reset()
    taken = "if (($(said 'kubectl *lease.json') > 1)); then echo AlreadyExists >&2; exit 1; fi"
    world.answers(
        ("kubectl * create --filename=*lease.json", taken),
        says("kubectl * get lease *", "Bob@there (process 7) since 2026-01-02T03:04:05Z"),
        hangs("crane *", _SLEEP),
    )
    first = subprocess.Popen(
        [str(world.folder / "out/scripts" / DEPLOY), "--approve", "Ann"],
        env=world.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not world.called("^crane "):
            assert first.poll() is None
        for script, option in ((DEPLOY, ("--approve", "Bob")), (ROLLBACK, ("--yes",))):
            second = world.run(script, *option)
            assert second.code == 75, second.log
            assert (
                "another deployment or rollback is in progress: Bob@there (process 7) since TIME"
                in second.log
            )
        assert world.called("delete lease") == 0
        assert world.messages == ""
    finally:
        first.send_signal(signal.SIGTERM)
        first.wait(120)


def test_a_lock_that_is_no_longer_ours_is_left_to_whom_it_belongs(world: World) -> None:
    done = world.deploy(says("kubectl * get lease *", "Bob@there (process 7)"))
    assert done.code == 0
    assert "the lock is no longer ours; it is left to Bob@there" in done.log
    assert world.called("delete lease") == 0


def test_a_lock_can_be_broken(world: World) -> None:
    done = world.deploy(options=["--approve", "Ann", "--break-lock"])
    assert done.code == 0
    assert world.called("delete lease") == 2


# --- Stopped in the middle ------------------------------------------------------------------------


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize(
    ("at", "code", "schema", "back"),
    [
        ("crane digest *", None, "untouched", False),
        ("kubectl * create job *", None, "untouched", False),
        ("kubectl * logs pod/shop-schema-migration*", 3, "changed", False),
        ("helm * upgrade *", 2, "changed", True),
        ("kubectl * rollout status *", 2, "changed", True),
        ("curl *--write-out=*", 2, "changed", True),
        ("git * push *", 4, "changed", False),
    ],
)
def test_a_script_that_is_told_to_stop_leaves_order_behind(
    world: World, at: str, code: int | None, schema: str, back: bool, signal_: signal.Signals
) -> None:
    if signal_ == signal.SIGHUP and at != "helm * upgrade *":
        pytest.skip("one signal of the three is like another: not each of them at each step")
    hanging = (at, f"if (($(said {at!r}) == 1)); then exec {_SLEEP} 60; fi")
    when = ".*".join(re.escape(part.strip()) for part in at.split("*"))
    done = world.stopped(DEPLOY, "--approve", "Ann", when=when, own=[hanging], with_=signal_)
    left = left_behind(world)
    assert done.code == (128 + signal_ if code is None else code), done.log
    assert (left["schema"], left["rolled back"], left["locked"]) == (schema, back, False), done.log
    assert left["told"]
    assert world.leftovers() == []
    # A migration that runs is not cut off; whatever else runs in a pod is.
    assert (
        not world.called("delete pod shop-schema-check") or world.called("delete pod shop-schema-check") == 2
    )
    if (schema, code) == ("changed", 3):
        assert world.called("delete pod shop-schema-migration") == 1
        assert "a migration is not cut off: see kubectl logs pod/shop-schema-migration" in done.log


# --- Secrets and hostile texts --------------------------------------------------------------------


def test_no_secret_is_on_a_command_line_or_in_the_log(world: World) -> None:
    for run in (world.deploy, world.roll_back):
        done = run()
        assert done.code == 0
        everything = "".join([*world.calls, done.output, done.log])
        assert WEBHOOK not in everything
        assert "secret-of-slack" not in everything
        assert "token-of-vault" not in everything
        assert world.messages


_HOSTILE: Final = "$(touch x) `touch x` ${HOME} '\"\\ ; touch x\nUSAGE\ntouch x # <!channel> & é"


def test_hostile_texts_arrive_as_they_are(tmp_path: Path, tool: Tool) -> None:
    given = spec()
    deployment = given["deployment"]
    deployment |= {
        "context": "$(touch x)'\"`touch x`\\ \nUSAGE",
        "approval": {"by": _HOSTILE},
        "migrations": {"workload": "api", "preview": ["sh", "-c", _HOSTILE], "run": [_HOSTILE, "-n"]},
    }
    deployment["smoke"]["start"]["contains"] = _HOSTILE
    world = World(tmp_path, tool("kubectl"), given)
    page = world.folder / "page"
    page.write_text(f"before{_HOSTILE}after", encoding="utf-8")
    smoke = ("curl *--write-out=*", f'cat {page} >"$(after --output "$@")"; echo -n 200')
    done = world.deploy(smoke, options=["--approve", _HOSTILE])
    assert done.code == 0, done.log
    commands = [json.loads(text)["spec"]["containers"][0]["command"] for text in world.files("pod.json")]
    assert commands == [["sh", "-c", _HOSTILE], [_HOSTILE, "-n"]]
    raw = (world.stand / "raw").read_text("utf-8")
    assert f"--context={deployment['context']}".replace("\n", " ") in raw
    assert _HOSTILE.replace("\n", "\n    ") in world.files("record.yaml")[-1]
    assert not list(world.folder.rglob("x"))
    assert complaints([world.folder / "out/scripts" / name for name in (DEPLOY, ROLLBACK)], tool) == ""
    assert "<" not in world.messages and "&amp;" not in world.messages


def test_a_tag_may_stay_where_the_script_runs(tmp_path: Path, tool: Tool) -> None:
    given = spec()
    given["deployment"]["tag"]["push"] = False
    world = World(tmp_path, tool("kubectl"), given)
    done = world.deploy(options=["--approve", "Ann"])
    assert done.code == 0, done.log
    assert world.called("git .* tag")
    assert not world.called("git .* push")


# --- The pod of a migration -----------------------------------------------------------------------


def test_a_migration_runs_the_new_image_and_gets_no_requests(world: World) -> None:
    world.deploy()
    pods = [json.loads(text) for text in world.files("pod.json")]
    assert [pod["metadata"]["name"] for pod in pods] == [
        "shop-schema-check",
        "shop-schema-preview",
        "shop-schema-migration",
    ]
    for pod in pods:
        (container,) = pod["spec"]["containers"]
        assert container["image"] == f"ghcr.io/example/shop:1.2.3@{DIGEST}"
        assert container["readinessProbe"]["exec"]["command"] == ["false"]
        assert "ports" not in container
        assert pod["spec"]["restartPolicy"] == "Never"
        assert pod["metadata"]["labels"]["app.kubernetes.io/name"] == "api"
    assert pods[-1]["spec"]["containers"][0]["command"] == ["alembic", "upgrade", "head"]


# --- Taken back -----------------------------------------------------------------------------------


def test_one_command_takes_a_deployment_back(world: World, snapshot: SnapshotAssertion) -> None:
    done = world.roll_back()
    assert done.code == 0, done.log
    assert "\n".join([*world.calls, "", world.messages]) == snapshot
    assert world.leftovers() == []


def test_with_the_database_its_writers_are_stopped_meanwhile(
    world: World, snapshot: SnapshotAssertion
) -> None:
    done = world.roll_back(*_WRITERS, options=["--yes", "--restore-database", "20260102T030405Z"])
    assert done.code == 0, done.log
    assert "\n".join([*world.calls, "", world.messages]) == snapshot
    job = json.loads(world.files("job.json")[-1])
    assert job["spec"]["template"]["spec"]["containers"][0]["command"] == [
        "/opt/backup/restore-database.sh", "--yes", "--from", "20260102T030405Z",
    ]  # fmt: skip


_WRITERS: Final = (
    says("kubectl * get rollouts.argoproj.io/api *", "2"),
    says("kubectl * get deployment/worker *", "1"),
    says("kubectl * get cronjob *", "false"),
    ("kubectl * get pods *", ":"),
    ("kubectl * scale *", ":"),
    ("kubectl * patch cronjob *", ":"),
)


@pytest.mark.parametrize(
    ("failure", "says_"),
    [
        (says("kubectl * get job *", "Failed"), "the restore failed, so the database is the one from before"),
        (fails("helm * rollback *"), "go back to revision 10"),
        (fails("kubectl * create job *"), "restore the database"),
    ],
)
def test_writers_are_started_again_whatever_fails(world: World, failure: Answer, says_: str) -> None:
    done = world.roll_back(failure, *_WRITERS, options=["--yes", "--restore-database", "latest"])
    assert done.code == 1
    assert says_ in done.log
    assert world.called(r"scale rollouts.argoproj.io/api --replicas=2")
    assert world.called(r"scale deployment/worker --replicas=1")
    assert world.called(r"patch cronjob nightly .*false")
    assert "FAILED" in world.messages
    assert not left_behind(world)["locked"]


def test_a_restore_that_is_stopped_ends_before_its_writers_come_back(world: World) -> None:
    hanging = ("kubectl * get job *", f"exec {_SLEEP} 60")
    done = world.stopped(
        ROLLBACK, "--yes", "--restore-database", "latest", when="get job ", own=[hanging, *_WRITERS], with_=15
    )
    assert done.code == 143, done.log
    (ended,) = (at for at, line in enumerate(world.calls) if "--cascade=foreground" in line)
    (begun,) = (at for at, line in enumerate(world.calls) if "scale deployment/worker --replicas=1" in line)
    assert ended < begun
    assert not world.called("helm .* rollback")
    assert not left_behind(world)["locked"]


def test_a_rollback_does_not_wait_for_vault(world: World) -> None:
    done = world.roll_back(fails("vault *"))
    assert done.code == 0
    assert "nobody will be told" in done.log


@pytest.mark.parametrize(
    ("revisions", "options", "to"),
    [
        (history("deployed"), (), "10"),
        (history("deployed"), ("--revision", "7"), "7"),
        (history("deployed", (12, "pending-upgrade")), (), "11"),
        (history("deployed", (12, "failed")), (), "11"),
    ],
)
def test_a_rollback_goes_to_the_last_good_revision(
    world: World, revisions: str, options: tuple[str, ...], to: str
) -> None:
    done = world.roll_back(says("helm * history *", revisions), options=["--yes", *options])
    assert done.code == 0, done.log
    assert world.called(rf"helm .* rollback shop {to} --wait=legacy")


def test_with_one_revision_there_is_no_way_back(world: World) -> None:
    only = '[{"revision":1,"updated":"2026-01-01T00:00:00Z","status":"deployed"}]'
    done = world.roll_back(says("helm * history *", only))
    assert done.code == 1
    assert "only one revision" in done.log


def test_a_dry_rollback_calls_nothing(world: World, snapshot: SnapshotAssertion) -> None:
    done = world.roll_back(options=["--dry-run", "--restore-database", "latest"])
    assert (done.code, world.calls, world.leftovers()) == (0, [], [])
    assert done.output == snapshot


@pytest.mark.parametrize("script", [DEPLOY, ROLLBACK])
@pytest.mark.parametrize(
    "options", [["--nonsense"], ["--approve"], ["--revision", "x"], ["--restore-database", "$(x)"]]
)
def test_wrong_usage_calls_nothing(world: World, script: str, options: list[str]) -> None:
    world.reset()
    world.answers()
    assert world.run(script, *options).code == 64
    assert world.calls == []


# --- Objectives -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "failed", "answer"),
    [
        ("0+60x30", "0x30", "1"),
        ("0+6000x30", "0+1x30", "1"),
        ("0+60x30", "0+6x30", "0"),
        ("5x30", "5x30", "1"),
        (None, None, ""),
    ],
)
def test_the_question_of_the_script_fits_the_records_of_the_rules(
    world: World, tool: Tool, tmp_path: Path, asked: str | None, failed: str | None, answer: str
) -> None:
    """Good, within the budget, beyond it, nobody asks, nobody measures; with the generated rules."""
    rules = [path for path in world.tree if path.endswith("rules/slo.records.yml")]
    (tmp_path / "rules.yml").write_text(world.tree[rules[0]], encoding="utf-8")
    script = (world.folder / "out/scripts" / DEPLOY).read_text("utf-8")
    (query,) = set(re.findall(r"""\["api-errors"\]='(.*)'""", script))
    counters = [("200", asked), ("500", failed)] if asked else []
    test = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": f'http_requests_total{{job="api",status="{status}"}}', "values": values}
                    for status, values in counters
                ],
                "promql_expr_test": [
                    {
                        "expr": query,
                        "eval_time": "20m",
                        "exp_samples": [{"labels": '{slo="api-errors"}', "value": int(answer)}]
                        if answer
                        else [],
                    }
                ],
            }
        ],
    }
    (tmp_path / "test.yml").write_text(json.dumps(test), encoding="utf-8")
    done = subprocess.run(
        [tool("promtool"), "test", "rules", tmp_path / "test.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# --- What is asked of the cluster -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("get job ", "SuccessCriteriaMet Complete"),
        ("get pod ", "Running"),
        ("get lease ", "Ann@here (process 1)"),
        ("get pods ", "a-1 0 0 3\nb-1 0\n"),
        ("get rollouts.argoproj.io api ", "2|2|Paused|10|new|old|CanaryPauseStep"),
        ("get rollouts.argoproj.io front ", ""),
    ],
)
def test_the_real_kubectl_answers_as_the_stand_in_does(
    world: World, tool: Tool, tmp_path: Path, question: str, answer: str
) -> None:
    world.deploy()
    line = next(one for one in world.calls if question in one)
    words = [word for word in shlex.split(line)[1:] if not word.startswith(("--context", "--namespace"))]
    with api_of(_OBJECTS) as server:
        said = subprocess.run(
            [tool("kubectl"), f"--server={server}", "--namespace=shop", f"--cache-dir={tmp_path}", *words],
            capture_output=True,
            text=True,
            check=False,
        )
    assert (said.returncode, said.stdout) == (0, answer), said.stderr


def _object(version: str, kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "generation": 2}, **more}


_CONDITIONS: Final = (("SuccessCriteriaMet", "True"), ("Suspended", "False"), ("Complete", "True"))
_PODS: Final = (("a-1", (0, 3)), ("b-1", ()))
_OBJECTS: Final = (
    (
        "jobs",
        _object(
            "batch/v1",
            "Job",
            "db-backup-deploy",
            status={"conditions": [{"type": one, "status": status} for one, status in _CONDITIONS]},
        ),
    ),
    ("pods", _object("v1", "Pod", "shop-schema-check", status={"phase": "Running"})),
    (
        "leases",
        _object(
            "coordination.k8s.io/v1",
            "Lease",
            "shop-deployment",
            spec={"holderIdentity": "Ann@here (process 1)"},
        ),
    ),
    (
        "pods",
        {
            "apiVersion": "v1",
            "kind": "PodList",
            "metadata": {},
            "items": [
                {
                    "metadata": {"name": name},
                    "status": {"containerStatuses": [{"restartCount": n} for n in counts]},
                }
                for name, counts in _PODS
            ],
        },
    ),
    (
        "rollouts",
        _object(
            "argoproj.io/v1alpha1",
            "Rollout",
            "api",
            status={
                "observedGeneration": "2",
                "phase": "Paused",
                "message": "CanaryPauseStep",
                "currentPodHash": "new",
                "stableRS": "old",
                "canary": {"weights": {"canary": {"weight": 10}}},
            },
        ),
    ),
)


# --- With the real git ----------------------------------------------------------------------------


def test_the_tag_is_where_the_commit_is(world: World, tmp_path: Path) -> None:
    out, remote = world.folder / "out", tmp_path / "remote.git"

    def git(*words: str) -> str:
        name = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
        return subprocess.run(
            ["git", *name, "-C", out, *words], capture_output=True, text=True, check=True
        ).stdout

    subprocess.run(["git", "init", "--quiet", "--bare", remote], check=True)
    git("init", "--quiet")
    try:
        git("config", "user.name", "Ann")
        git("config", "user.email", "ann@example.com")
        git("add", ".")
        git("commit", "--quiet", "-m", "All")
        git("remote", "add", "origin", str(remote))
        world.reset()
        (world.stand / "bin/git").unlink()
        world.answers()
        done = world.run(DEPLOY, "--approve", "Ann")
        assert done.code == 0, done.log
        (tag,) = git("ls-remote", "--tags", "origin", "deploy/live/*").splitlines()[:1]
        message = git("tag", "--list", "--format=%(contents)", tag.rpartition("refs/tags/")[2])
        assert "shop in live: revision 12, after 11" in message
        assert git("rev-parse", "HEAD").strip() in message
        (out / "helm/shop/values.yaml").write_text("changed: true\n", encoding="utf-8")
        world.reset()
        (world.stand / "bin/git").unlink()
        world.answers()
        assert "not committed" in world.run(DEPLOY, "--approve", "Ann").log
        assert world.called("helm .* upgrade") == 0
        git("checkout", "--quiet", ".")
    finally:
        shutil.rmtree(out / ".git")
