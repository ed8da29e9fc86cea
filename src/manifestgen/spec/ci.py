"""Pipelines of GitHub Actions and GitLab: what is checked, and what deploys which environment."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.spec.base import EnvVarName, Form, Model, Name, Seconds, Text, problem
from manifestgen.spec.gitops import GitName, RepositoryPath

TagPattern = Annotated[
    str,
    StringConstraints(
        pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*\*$", max_length=100
    ),
    Form("write what the tags begin with, and `*` at the end: v*"),
    Field(examples=["v*"]),
]
"""Tags of git by what they begin with; the rest has no slash."""

Role = Annotated[
    str,
    StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}$"),
    Form("write e.g. arn:aws:iam::111122223333:role/shop-deploy"),
    Field(examples=["arn:aws:iam::111122223333:role/shop-deploy"]),
]
"""A role of AWS IAM."""

PinnedImage = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9._:/-]{0,250}@sha256:[0-9a-f]{64}$"),
    Form("pin it: registry/name@sha256:… with the 64 digits of its digest"),
]
"""An image by its digest."""

PackageVersion = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)*([a-z]+[0-9]+)?(\.(post|dev)[0-9]+)?$", max_length=60),
    Form("write one version, e.g. 1.4.0"),
    Field(examples=["1.4.0"]),
]
"""A version of a Python package."""

RunnerTag = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.:-]*$", max_length=100),
    Form("use letters, digits, spaces and _ . : -"),
]
"""What a runner of GitLab is found by."""

SHARED: Final = ("github", "gitlab", "install", "branch", "tags", "spec_file", "path", "scan", "release")
"""What is the same in all environments, for a repository has one pipeline."""


class GitHub(Model):
    """GitHub Actions: `.github/workflows/deploy.yml`."""

    runner: Text | Annotated[list[Text], Field(min_length=1)] = "ubuntu-24.04"
    """Label of the runners, or several that one runner has all of. A runner of one's own has bash, git,
    Python with venv, kubectl, Helm, curl, GitHub's `gh`, and the AWS CLI for EKS."""


class GitLab(Model):
    """GitLab CI: `.gitlab-ci.yml`."""

    image: PinnedImage
    """Image that jobs run in. It has bash, git, Python with venv, kubectl, Helm, curl, and the AWS CLI for
    EKS."""
    tags: list[RunnerTag] = []
    """Tags of the runners; left out, those that take untagged jobs."""


class Install(Model):
    """How a job gets manifestgen."""

    version: PackageVersion | None = None
    """This version, by pip from its index."""
    requirements: RepositoryPath | None = None
    """A file of pip in the repository that pins it and all it needs, each with its hash."""

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if (self.version is None) == (self.requirements is None):
            message = "it is said twice" if self.version else "neither a version nor a file of requirements"
            raise problem("ci-install", message, "give one of `version` and `requirements`")
        return self


class RepositoryScan(Model):
    """Trivy looks at what the cluster gets, and for secrets in the repository."""

    severity: Annotated[
        list[Literal["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"]], Field(min_length=1)
    ] = ["HIGH", "CRITICAL"]
    """Which misconfigurations make the pipeline fail; a secret always does."""


class Ci(Model):
    """A pipeline that checks each change, and deploys by the scripts of `deployment`.

    What it says of the repository is the same in all environments: `github`, `gitlab`, `install`, `branch`,
    `tags`, `specFile`, `path`, `scan` and `release`. The rest is of one environment.
    """

    github: GitHub | None = None
    """Make a workflow of GitHub Actions."""
    gitlab: GitLab | None = None
    """Make a pipeline of GitLab."""
    install: Install
    """How jobs get manifestgen."""
    branch: GitName = "main"
    """Branch that all changes come to."""
    tags: TagPattern = "v*"
    """Tags of versions, by what they begin with."""
    spec_file: RepositoryPath = "specs/platform.yaml"
    """Where the spec is in the repository."""
    path: RepositoryPath = "out"
    """Where the output folder is in the repository; `.` when the output is the repository."""
    scan: RepositoryScan | None = None
    """Look for misconfigurations and secrets; left out, not. Images are scanned by `deployment.scan`."""
    release: bool = True
    """Make a release of each tag that was deployed, with what was deployed in its notes."""
    trigger: Literal["branch", "tag", "manual"] | None = None
    """What deploys the environment: each change of the branch, a tag of a version, or people alone, who may
    do so with the others, too. Those with the same trigger are deployed one after the other, as they stand in
    the spec, and none follows one that failed. Left out, it is not deployed by the pipeline."""
    name: Annotated[Text, StringConstraints(max_length=255)] | None = None
    """Name of the environment in GitHub or GitLab, which holds its secrets and says who has to agree; left
    out, the environment's own."""
    role: Role | None = None
    """Role of AWS that the job takes on by OIDC to log in to EKS."""
    kubeconfig: EnvVarName | None = None
    """Secret of the environment that holds the kubeconfig, where the cluster is none of EKS; in GitLab, a
    variable of type file."""
    load_test: Name | None = None
    """Profile of `loadTests` that is run by k6 after each deployment."""
    timeout: Seconds = "2h"
    """How long a deployment may take, all waiting in it included: one that is cut off cannot take itself
    back."""

    @model_validator(mode="after")
    def _has_a_system(self) -> Self:
        if self.github is None and self.gitlab is None:
            raise problem("ci-system", "there is nobody to run the pipeline", "add `github: {}`, or `gitlab`")
        return self

    @model_validator(mode="after")
    def _has_one_way_in(self) -> Self:
        if self.role is not None and self.kubeconfig is not None:
            raise problem(
                "ci-login",
                "a role of AWS and a kubeconfig are two ways into one cluster",
                "keep `role` for EKS, `kubeconfig` for any other",
                ("role",),
                ("kubeconfig",),
            )
        return self
