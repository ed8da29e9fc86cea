"""Single environment variables, and where their values come from."""

from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from manifestgen.spec.base import EnvVarName, Form, Model, Name, SecretKey, problem
from manifestgen.spec.settings import Setting

PodField = Annotated[
    str,
    StringConstraints(
        pattern=r"^(metadata\.(name|namespace|uid|(labels|annotations)\['[A-Za-z0-9./_-]+'\])"
        r"|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))$"
    ),
    Form("write e.g. metadata.name, metadata.labels['app'], spec.nodeName or status.podIP"),
]
"""What a pod may read of itself."""

AmountName = Literal[
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
]
Divisor = Annotated[
    str, StringConstraints(pattern=r"^(1m?|1[kMGTPE]i?)$"), Form("write 1, 1m, 1k, 1Ki, 1Mi, 1Gi …")
]


class EnvSource(Model):
    """Where the value of a variable comes from: a `field`, a `resource`, a `secret` or `config`."""

    field: PodField | None = None
    """A field of the pod itself: `metadata.name`."""
    resource: AmountName | None = None
    """A request or limit of a container: `limits.memory`."""
    container: Name | None = None
    """The container whose `resource` it is; left out, this one."""
    divisor: Divisor | None = None
    """What the amount is divided by: `1Mi` counts MiB; left out, 1 (cores and bytes), rounded up."""
    secret: Name | None = None
    """A secret of this set of settings or workload, by its `key`."""
    config: Name | None = None
    """A setting of this set of settings or workload, by its `key`."""
    key: SecretKey | None = None
    """Key of the secret or setting."""
    existing: bool = False
    """`secret` or `config` is the name of a Secret or ConfigMap that is there already."""
    optional: bool = False
    """Leave the variable unset where the Secret or ConfigMap lacks the key."""

    @model_validator(mode="after")
    def _comes_from_one_place(self) -> Self:
        kinds = ("field", "resource", "secret", "config")
        given = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(given) != 1:
            raise problem(
                "env-source",
                f"it comes from {' and '.join(given)}" if given else "it does not say where it comes from",
                "give exactly one of field, resource, secret and config; an environment removes what it "
                "inherits with null",
                *((kind,) for kind in given),
            )
        (kind,) = given
        for key, owners in _BELONGS_TO.items():
            if getattr(self, key) and kind not in owners:
                message = f"{key} says nothing about a {kind}"
                raise problem("env-source", message, "remove it", (key,))
        self._check_amount()
        if kind in ("secret", "config") and self.key is None:
            raise problem("env-source", f"it does not say which key of {kind}", "add `key: …`", (kind,))
        return self

    def _check_amount(self) -> None:
        if self.resource is not None and self.resource.endswith(".cpu") and self.divisor not in _OF_CPU:
            message = f"CPU cannot be divided by {self.divisor}"
            raise problem("env-source", message, "write 1 (cores) or 1m (millicores)", ("divisor",))
        if self.resource is not None and not self.resource.endswith(".cpu") and self.divisor == "1m":
            message = "bytes cannot be divided by 1m"
            raise problem("env-source", message, "write e.g. 1Mi", ("divisor",))


_OF_CPU = (None, "1", "1m")
_BELONGS_TO = {
    "container": ("resource",),
    "divisor": ("resource",),
    "key": ("secret", "config"),
    "existing": ("secret", "config"),
    "optional": ("secret", "config"),
}

Env = dict[EnvVarName, Setting | EnvSource]
"""Variables in the order in which they may refer to each other: `$(NAME)`."""
