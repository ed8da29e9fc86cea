"""Rights: what workloads and people may do with the Kubernetes API."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.spec.base import Form, Model, Name, Text, problem

Verb = Literal["get", "list", "watch", "create", "update", "patch", "delete"]
"""What may be done with objects."""


class Permission(Model):
    """One rule of a Role."""

    api_groups: list[str] = [""]
    """API groups; the empty string is the core group."""
    resources: Annotated[list[Text], Field(min_length=1)]
    """Resources in the plural: `configmaps`."""
    names: list[Text] = []
    """Only the objects of these names; `create` cannot be limited so."""
    verbs: Annotated[list[Verb], Field(min_length=1)]
    """What may be done."""


class ClusterPermission(Model):
    """One rule of a workload's ClusterRole: it holds in all namespaces, so it needs a reason.

    It is either about `resources` or about addresses of the API server, `nonResourceUrls`.
    """

    reason: Text
    """Why the whole cluster is needed; it stands above the rule."""
    api_groups: list[str] = [""]
    """API groups; the empty string is the core group."""
    resources: list[Text] = []
    """Resources in the plural: `nodes`."""
    names: list[Text] = []
    """Only the objects of these names; `create` cannot be limited so."""
    non_resource_urls: list[
        Annotated[
            str,
            StringConstraints(pattern=r"^/[A-Za-z0-9._~/-]*\*?$"),
            Form("write a path with a star at the end at most, e.g. /metrics or /healthz/*"),
        ]
    ] = []
    """Paths of the API server that are no resources: `/metrics`."""
    verbs: Annotated[list[Verb], Field(min_length=1)]
    """What may be done; of `nonResourceUrls` mostly `get`."""

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> Self:
        if bool(self.resources) == bool(self.non_resource_urls):
            raise problem(
                "permission-target",
                "a rule is about resources or about nonResourceUrls",
                "give one of the two, and make another rule for the other",
                ("resources",),
                ("nonResourceUrls",),
            )
        if self.names and self.non_resource_urls:
            raise problem(
                "permission-target",
                "addresses of the API server are no objects with names",
                "remove names",
                ("names",),
            )
        return self


class Role(Model):
    """A named set of rights in the namespace, for `access`.

    With `aggregateTo` it is a ClusterRole, and whoever has one of those roles has these rights, too: in every
    namespace.
    """

    description: Text | None = None
    """What it is for, in a sentence."""
    permissions: Annotated[dict[Name, Permission], Field(min_length=1)]
    """What may be done, by names of your own."""
    aggregate_to: list[Literal["view", "edit", "admin"]] = []
    """Roles of Kubernetes that these rights are added to."""


Subject = Annotated[
    str,
    StringConstraints(pattern=r"^[!-~][ -~]*$", max_length=1024),
    Form("write the name as the API server knows it, e.g. team-a or oidc:team-a"),
]
"""A user or group, as the cluster's authentication names it."""

AccountOf = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$",
    ),
    Form("write namespace and name, e.g. argocd/deployer"),
]
"""A service account of another namespace: `argocd/deployer`."""


class Access(Model):
    """Who may come into the namespace, with which role: a RoleBinding."""

    description: Text | None = None
    """Who they are, in a sentence."""
    groups: list[Subject] = []
    """Groups of people."""
    users: list[Subject] = []
    """People; prefer groups."""
    service_accounts: list[AccountOf] = []
    """Service accounts of other namespaces: `argocd/deployer`."""
    role: Name
    """`view`, `edit` or `admin` of Kubernetes, or one of `tenancy.roles`."""

    @model_validator(mode="after")
    def _is_for_somebody(self) -> Self:
        if not (self.groups or self.users or self.service_accounts):
            raise problem("access-empty", "nobody gets these rights", "give groups, users or serviceAccounts")
        return self
