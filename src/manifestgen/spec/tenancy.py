"""The namespace as the cluster sees it: the object itself, what may be used in it, who may come in."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.facts.conventions import THIS_NAMESPACE
from manifestgen.spec.base import (
    Annotations,
    Form,
    LabelKey,
    LabelValue,
    Model,
    Name,
    defaults_of,
    problem,
    refuse,
)
from manifestgen.spec.late import Access, LimitRange, Quota, Role

PodSecurityLevel = Literal["privileged", "baseline", "restricted"]
"""Level of the Pod Security Standards."""


class PodSecurity(Model):
    """Which pods the namespace takes, by the Pod Security Standards."""

    enforce: PodSecurityLevel = "restricted"
    """Pods that break it are refused."""
    audit: PodSecurityLevel = "restricted"
    """Pods that break it are noted in the audit log."""
    warn: PodSecurityLevel = "restricted"
    """Whoever applies pods that break it is warned."""
    version: Annotated[
        str, StringConstraints(pattern=r"^(latest|v1\.[0-9]{1,3})$"), Form("write latest or e.g. v1.32")
    ] = "latest"
    """Version of Kubernetes whose standards hold."""


class NamespaceObject(Model):
    """The Namespace object, made along with what is in it."""

    pod_security: PodSecurity = defaults_of(PodSecurity)
    """Which pods it takes."""
    labels: dict[LabelKey, LabelValue] = {}
    """More labels."""
    annotations: Annotations = {}
    """Annotations."""


class Tenancy(Model):
    """What the cluster is told about the namespace; all of it only when it is asked for."""

    namespace: NamespaceObject | None = None
    """Make the Namespace object, too; left out, the namespace is yours to create."""
    quotas: dict[Name, Quota] = {}
    """What may be used in the namespace, by the names of the ResourceQuotas."""
    limit_range: LimitRange | None = None
    """What single containers, pods and claims may ask for."""
    roles: dict[Name, Role] = {}
    """Sets of rights beside those that Kubernetes brings (`view`, `edit`, `admin`)."""
    access: dict[Name, Access] = {}
    """Who may come in, by the names of the RoleBindings."""

    @model_validator(mode="after")
    def _roles_are_known(self) -> Self:
        refuse(self._role_problems())
        return self

    def _role_problems(self) -> Iterator[PydanticCustomError]:
        builtin = ("view", "edit", "admin")
        for name in self.roles:
            if name.startswith(THIS_NAMESPACE):
                message = f"{THIS_NAMESPACE} stands for the namespace in names"
                yield problem("access-role", message, "choose another name", ("roles", name))
            if name in builtin:
                message = f"Kubernetes has a role called {name!r}"
                yield problem("access-role", message, "choose another name", ("roles", name))
        for name, access in self.access.items():
            if access.role not in (*builtin, *self.roles):
                message = f"there is no role {access.role!r}"
                advice = f"known: {', '.join(dict.fromkeys((*builtin, *self.roles)))}"
                yield problem("access-role", message, advice, ("access", name, "role"))
