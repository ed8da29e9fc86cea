"""Deployments by script: what is checked before, what is done, and what must hold afterwards."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.facts.quantities import parse_duration
from manifestgen.spec.base import (
    Form,
    Host,
    HttpPath,
    Model,
    Name,
    PositiveCount,
    Seconds,
    Text,
    WebUrl,
    problem,
)
from manifestgen.spec.settings import SecretRef

ReleaseName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", max_length=53),
    Form("write at most 53 lower-case letters, digits and hyphens, as Helm asks for"),
    Field(examples=["shop"]),
]
"""The name of a release of Helm."""

TagPrefix = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)*[/_-]?$", max_length=128
    ),
    Form("write e.g. deploy/production/"),
    Field(examples=["deploy/production/"]),
]
"""What the names of git tags begin with."""

RemoteName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64),
    Form("write the name of a remote of git, e.g. origin"),
]
"""A remote repository, as git calls it."""

Command = Annotated[list[Text], Field(min_length=1)]
"""A program and its arguments."""


class Eks(Model):
    """A cluster of Amazon EKS, which the AWS CLI logs in to."""

    name: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$"),
        Form("write the name of the cluster, letters, digits, hyphens and underscores"),
    ]
    """Name of the cluster."""
    region: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$"), Form("write e.g. eu-central-1")]
    """Its region."""


class Approval(Model):
    """Somebody has to agree before the cluster is changed."""

    by: Text
    """Who may agree, as people read it: `the platform team`."""


class ImageScan(Model):
    """Trivy looks for known vulnerabilities in every image."""

    severity: Annotated[
        list[Literal["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"]], Field(min_length=1)
    ] = ["HIGH", "CRITICAL"]
    """Which of them stop the deployment."""
    ignore_unfixed: bool = True
    """Let those pass that nobody has mended yet."""


class Migrations(Model):
    """Changes of the database's schema, by a pod that is like the workload's but for its command."""

    workload: Name
    """Workload that the schema belongs to: its image in the new version, settings, secrets and network."""
    check: Command | None = None
    """Command that fails when the new version does not know the schema as it is: `[alembic, current]`."""
    preview: Command | None = None
    """Command that says what would be changed, and changes nothing: `[alembic, upgrade, head, --sql]`."""
    run: Command
    """Command that changes the schema: `[alembic, upgrade, head]`. The old version still runs meanwhile."""
    time_limit: Seconds = "10m"
    """How long each of them may take."""


class SmokeCheck(Model):
    """A request from outside, and what has to come back."""

    route: Name
    """Route that is asked."""
    host: Host | None = None
    """One of its hosts; left out, the first."""
    path: HttpPath
    """Path of the request."""
    status: Annotated[int, Field(ge=200, le=599)] = 200
    """Status of the answer."""
    contains: Text | None = None
    """Text that the answer contains."""
    timeout: Seconds = "10s"
    """How long the answer may take."""
    attempts: Annotated[int, Field(ge=1, le=100)] = 5
    """How many times it is asked, before it counts as failed."""


class Watch(Model):
    """Objectives that are looked at when the new version has all requests."""

    slos: list[Name] | None = None
    """Which; left out, all there are."""
    interval: Seconds = "30s"
    """Time between two looks."""
    count: PositiveCount = 10
    """How many times they are looked at."""
    failures: Annotated[int, Field(ge=0, le=1000)] = 1
    """How many looks at an objective may be bad before the version is taken back."""

    @model_validator(mode="after")
    def _can_fail(self) -> Self:
        if self.failures >= self.count:
            raise problem(
                "deployment-watch",
                f"{self.failures} of {self.count} looks may be bad, so it never fails",
                "let failures be below count",
                ("failures",),
                ("count",),
            )
        return self


class DeploymentNotify(Model):
    """Who is told about deployments and rollbacks."""

    when: Literal["failure", "always"] = "always"
    """When: about what failed, or also about what begins and what is done."""
    slack: SecretRef
    """Address of an incoming webhook of Slack, which is a secret; the script asks Vault for it, unless it is
    given in the environment as `DEPLOY_SLACK_WEBHOOK`."""


class DeploymentTag(Model):
    """A tag of git for each deployment, with its record as the message."""

    prefix: TagPrefix = "deploy/"
    """What its name begins with; moment and revision follow."""
    remote: RemoteName = "origin"
    """Where it is pushed to."""
    push: bool = True
    """Whether it is pushed; if not, it stays in the repository where the script ran."""


class Deployment(Model):
    """How an environment is deployed, by hand or by CI, and taken back.

    The scripts are `scripts/deploy-ENVIRONMENT.sh` and `scripts/rollback-ENVIRONMENT.sh`.
    """

    context: Text
    """Context of kubectl for the cluster of the environment; with `eks` it is made, else it is there."""
    server: WebUrl | None = None
    """Address of the API server that the context must lead to."""
    eks: Eks | None = None
    """The cluster, where it is one of Amazon EKS: the script logs in by itself."""
    release: ReleaseName | None = None
    """Name of the release of Helm; left out, that of the platform."""
    timeout: Seconds = "10m"
    """How long Helm waits for what it has changed, and the script for each workload."""
    settle: Seconds = "30s"
    """How long the new pods run, and must not restart, before they count as healthy."""
    approval: Approval | None = None
    """Who has to agree; left out, nobody."""
    scan: ImageScan | None = None
    """Look for vulnerabilities in images; left out, not."""
    backups: list[Name] | None = None
    """Backups that are made before anything changes; left out, all there are; empty: none."""
    migrations: Migrations | None = None
    """Changes of the database's schema."""
    smoke: dict[Name, SmokeCheck] = {}
    """Requests that must be answered rightly afterwards, by names of your own."""
    watch: Watch | None = None
    """Objectives that must hold afterwards; left out, they are watched during a canary only."""
    prometheus: WebUrl | None = None
    """Where Prometheus is reached from where the script runs; left out, as Grafana reaches it."""
    notify: DeploymentNotify | None = None
    """Who is told."""
    tag: DeploymentTag | None = None
    """Tag each deployment in git; left out, not."""

    @property
    def seconds(self) -> int:
        """How long Helm waits."""
        return round(parse_duration(self.timeout))
