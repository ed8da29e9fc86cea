"""How a cluster gets what is committed: by Argo CD or by Flux."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.spec.base import Form, GitAddress, GoDuration, Model, Name, Schedule, TimeZone, problem

GitName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_]([A-Za-z0-9._/+-]{0,200}[A-Za-z0-9_+-])?$"),
    Form("write the name of a branch or tag, e.g. main or v1.4.2"),
    Field(examples=["main"]),
]
"""The name of a branch or a tag."""

Commit = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{40}$"), Form("write the 40 digits of `git rev-parse HEAD`")
]
"""A commit, whole."""

RepositoryPath = Annotated[
    str,
    StringConstraints(
        pattern=r"^(\.|[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*)$", max_length=200
    ),
    Form("write a path from the top of the repository, e.g. out; `.` is the top itself"),
    Field(examples=["out"]),
]
"""A path in the repository."""

ClusterName = Annotated[
    str,
    StringConstraints(
        pattern=r"^(https://[A-Za-z0-9._:\[\]/-]+|[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)$"
    ),
    Form("write the name of a cluster, or its address, e.g. https://10.0.0.1:6443"),
    Field(examples=["in-cluster"]),
]
"""A cluster by its name or address."""

KindOfGroup = Annotated[
    str,
    StringConstraints(pattern=r"^([a-z0-9.-]+/)?[A-Z][A-Za-z0-9]*$"),
    Form("write group and kind, e.g. apiextensions.k8s.io/CustomResourceDefinition"),
    Field(examples=["rbac.authorization.k8s.io/ClusterRole"]),
]
"""A kind of object, with its group unless that is the core."""


class Window(Model):
    """A time in which Argo CD may sync, or may not."""

    kind: Literal["allow", "deny"]
    """`allow`: it syncs in windows of this kind only. `deny`: it does not sync now, whatever is allowed."""
    schedule: Schedule
    """When the window opens."""
    duration: GoDuration
    """How long it stays open: `8h`, `1h30m`."""
    time_zone: TimeZone = "Etc/UTC"
    """Time zone of the schedule."""
    manual_sync: bool = False
    """Let people sync by hand while it forbids that."""


class Delivered(Model):
    """What both tools are told: where the output is committed, and which version an environment gets."""

    branch: GitName = "main"
    """Branch that is followed where there is neither `tag` nor `commit`."""
    tag: GitName | None = None
    """Tag that the environment is pinned to. Promotion is a change of this line."""
    commit: Commit | None = None
    """Commit that the environment is pinned to."""
    path: RepositoryPath = "out"
    """Where the output folder is in the repository."""
    prune: bool = True
    """Delete from the cluster what is no longer in the output."""

    @property
    def revision(self) -> str:
        """What is checked out: the commit, the tag or the branch."""
        return self.commit or self.tag or self.branch

    @property
    def pin(self) -> str | None:
        """The key that says what the environment gets and gets until it is changed; None for a branch."""
        return "commit" if self.commit else "tag" if self.tag else None

    @model_validator(mode="after")
    def _has_one_revision(self) -> Self:
        if self.tag and self.commit:
            raise problem(
                "gitops-revision",
                "a tag and a commit are two versions",
                "keep one of them; an environment removes the other by `null`",
                ("tag",),
                ("commit",),
            )
        return self


class ArgoCD(Delivered):
    """Argo CD applies the output: an AppProject and the Applications of each environment."""

    type: Literal["argocd"]
    """Who applies the output."""
    repository: GitAddress
    """Git repository that the output is committed to, as Argo CD knows it."""
    source: Literal["kustomize", "helm", "plugin"] = "kustomize"
    """What is applied: the overlay, the chart with the values of the environment, or (`plugin`) what
    manifestgen itself renders in Argo CD, from the spec alone."""
    spec_file: RepositoryPath = "specs/platform.yaml"
    """Where the spec is in the repository, for `source: plugin`."""
    namespace: Name = "argocd"
    """Namespace of Argo CD."""
    project: Name | None = None
    """AppProject that there is already; left out, each environment gets its own, which allows just what it
    needs."""
    cluster: ClusterName = "in-cluster"
    """Cluster that the environment is on, by the name or the address that Argo CD knows it by."""
    cluster_kinds: list[KindOfGroup] = []
    """More kinds of cluster-wide objects that the project allows, for the charts of data services say."""
    automated: bool = True
    """Sync by itself; without, somebody does so by hand."""
    self_heal: bool = True
    """Undo what is changed in the cluster by hand, if it syncs by itself."""
    windows: dict[Name, Window] = {}
    """When it may sync, or may not."""

    @model_validator(mode="after")
    def _windows_are_of_the_project(self) -> Self:
        if self.windows and self.project is not None:
            raise problem(
                "gitops-windows",
                "windows are a part of the AppProject, and this one is somebody else's",
                "write them there, or leave out `project`",
                ("windows",),
                ("project",),
            )
        return self


class Flux(Delivered):
    """Flux applies the output: a GitRepository, and Kustomizations or HelmReleases for each environment."""

    type: Literal["flux"]
    """Who applies the output."""
    repository: Annotated[
        GitAddress,
        StringConstraints(pattern=r"^(https|http|ssh)://"),
        Form("Flux wants a scheme: ssh://git@git.example.com/team/shop.git"),
    ]
    """Git repository that the output is committed to: `https://…` or `ssh://…`."""
    source: Literal["kustomize", "helm"] = "kustomize"
    """What is applied: the overlay, or the chart with the values of the environment."""
    namespace: Name = "flux-system"
    """Namespace of Flux."""
    credentials: Name | None = None
    """Secret in that namespace with the credentials for the repository."""
    kubeconfig: Name | None = None
    """Secret in that namespace with the kubeconfig of another cluster that the environment is on."""
    service_account: Name | None = None
    """Service account in that namespace whose rights are used; left out, those of Flux itself."""
    poll: GoDuration = "1m"
    """How often the repository is looked at."""
    interval: GoDuration = "10m"
    """How often the cluster is compared with what was committed, and put right."""
    timeout: GoDuration = "15m"
    """How long the workloads may take to get ready."""


GitOps = Annotated[ArgoCD | Flux, Field(discriminator="type")]
