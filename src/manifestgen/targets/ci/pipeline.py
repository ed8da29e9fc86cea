"""What a pipeline does, whoever runs it: its deployments in their order, and what each job needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from manifestgen.facts.quantities import parse_duration
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.ci import Ci
from manifestgen.spec.deployment import Deployment
from manifestgen.spec.late import LoadTests
from manifestgen.spec.rollout import Rollout
from manifestgen.spec.workloads import Replicated

_STARTING: Final = 10
"""Minutes that a job may take beside the work it is there for."""
_LEAST_SESSION, _MOST_SESSION = 900, 12 * 3600
"""Seconds that a session of AWS may last."""


class LoadTest(NamedTuple):
    """A run of k6 after a deployment."""

    profile: str
    minutes: int
    variables: tuple[str, ...]
    """Secrets that its users sign in with."""


class Deploying(NamedTuple):
    """How one environment is deployed and taken back."""

    environment: str
    label: str
    """What the environment is called in GitHub or GitLab."""
    ci: Ci
    deployment: Deployment
    canaries: tuple[str, ...]
    """What is rolled out in steps, in words."""
    programs: tuple[str, ...]
    """What the script needs and the runner does not have."""
    load_test: LoadTest | None

    @property
    def minutes(self) -> int:
        """The limit of the job that deploys."""
        return _minutes(parse_duration(self.ci.timeout))

    @property
    def session(self) -> int:
        """Seconds that the session of AWS lasts: as long as the job, for the way back is at the end."""
        return min(max(self.minutes * 60, _LEAST_SESSION), _MOST_SESSION)

    @property
    def secrets(self) -> list[str]:
        """What the environment holds for its jobs."""
        own = [self.ci.kubeconfig] if self.ci.kubeconfig is not None else []
        webhook = ["DEPLOY_SLACK_WEBHOOK"] if self.deployment.notify is not None else []
        return [*own, *webhook, *(self.load_test.variables if self.load_test is not None else ())]

    @property
    def pushes(self) -> bool:
        """Whether the script pushes a tag."""
        return self.deployment.tag is not None and self.deployment.tag.push


class Pipeline(NamedTuple):
    """The whole pipeline."""

    name: str
    ci: Ci
    out: str
    """What comes before a path of the output, from the top of the repository."""
    tags: str
    """The regular expression of the tags of versions, between slashes."""
    deployments: tuple[Deploying, ...]
    objects: tuple[str, ...]
    """Environments whose objects are scanned."""
    programs: tuple[str, ...]
    """All that runners do not have."""
    prefixes: tuple[str, ...]
    """What the tags of deployments begin with that a tag of a version brings about."""
    cost: bool
    """Whether the spec has prices."""

    @property
    def releases(self) -> bool:
        """Whether a release is made."""
        return self.ci.release and any(one.ci.trigger == "tag" for one in self.deployments)


def pipeline_of(platforms: Mapping[str, ResolvedPlatform]) -> Pipeline | None:
    """The pipeline of all environments, None where the spec has none."""
    with_ci = {name: one for name, one in platforms.items() if one.spec.ci is not None}
    if not with_ci:
        return None
    first = next(iter(with_ci.values()))
    ci = first.spec.ci
    assert ci is not None  # that is what `with_ci` are
    deployments = tuple(one for name, platform in with_ci.items() for one in _deploying(name, platform))
    needed = {program for one in deployments for program in one.programs}
    needed |= {"k6" for one in deployments if one.load_test is not None}
    needed |= {"trivy"} if ci.scan is not None else set()
    return Pipeline(
        name=first.name,
        ci=ci,
        out="" if ci.path == "." else f"{ci.path}/",
        tags="^" + re.escape(ci.tags.removesuffix("*")).replace("/", r"\/") + r"[^\/]*$",
        deployments=deployments,
        objects=tuple(platforms),
        programs=tuple(program for program in ("crane", "trivy", "k6") if program in needed),
        prefixes=tuple(_prefixes(deployments)),
        cost=any(platform.spec.cost is not None for platform in platforms.values()),
    )


def _deploying(environment: str, platform: ResolvedPlatform) -> Iterator[Deploying]:
    ci, deployment = platform.spec.ci, platform.spec.deployment
    if ci is None or ci.trigger is None or deployment is None:
        return
    yield Deploying(
        environment=environment,
        label=ci.name or environment,
        ci=ci,
        deployment=deployment,
        canaries=tuple(_canaries(platform)),
        programs=("crane", *(["trivy"] if deployment.scan is not None else [])),
        load_test=_load_test(ci, platform.spec.load_tests),
    )


def _canaries(platform: ResolvedPlatform) -> Iterator[str]:
    for name, workload in platform.spec.workloads.items():
        if isinstance(workload, Replicated) and workload.strategy == "canary":
            steps = (workload.rollout or Rollout()).steps
            yield f"{name} {' → '.join(f'{step} %' for step in steps)}"


def _load_test(ci: Ci, tests: LoadTests | None) -> LoadTest | None:
    if ci.load_test is None or tests is None:
        return None
    stages = tests.profiles[ci.load_test].stages
    seconds = sum(parse_duration(stage.ramp) + parse_duration(stage.hold) for stage in stages)
    variables: dict[str, None] = {}
    for login in tests.logins.values():
        if login.token is not None:
            variables[login.token] = None
        if login.sign_in is not None:
            variables |= dict.fromkeys(login.sign_in.fields.values())
    return LoadTest(ci.load_test, _minutes(seconds) + _STARTING, tuple(variables))


def _minutes(seconds: float) -> int:
    """Whole minutes, rounded up."""
    return -(-round(seconds) // 60)


def _prefixes(deployments: tuple[Deploying, ...]) -> Iterator[str]:
    for one in deployments:
        if one.ci.trigger == "tag" and one.deployment.tag is not None:
            yield one.deployment.tag.prefix
