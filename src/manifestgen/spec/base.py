"""What all models of the spec share: strictness, names and the small typed strings."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from manifestgen.facts import names, quantities


def camel_case(name: str) -> str:
    """``rate_limit`` → ``rateLimit``: the spelling of keys in the spec."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Model(BaseModel):
    """A strict, frozen part of the spec: unknown keys and values of another type are refused."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=camel_case,
        validate_by_name=True,
        validate_by_alias=True,
        defer_build=True,
        use_attribute_docstrings=True,
        ser_json_inf_nan="strings",
    )


Place = tuple[str | int, ...]


def problem(rule: str, message: str, advice: str = "", *places: Place) -> PydanticCustomError:
    """An error for a validator to raise: ``rule`` and ``advice`` travel to the finding.

    ``places`` are paths below the value, as the spec spells them; the finding names the one that stands
    last in the file, which is where an environment made the mistake. Without, it names the value's key.
    """
    context = {"message": message, "advice": advice, "rule": rule, "places": places}
    return PydanticCustomError(rule.replace("-", "_"), "{message}", context)


class Form(NamedTuple):
    """Stands beside a pattern in an annotation and says what a value that matches looks like."""

    advice: str


def _checked(check: Any) -> AfterValidator:
    def validate(value: str) -> str:
        complaint = check(value)
        if complaint is not None:
            raise problem(complaint.rule, complaint.message, complaint.advice)
        return value

    return AfterValidator(validate)


Name = Annotated[str, _checked(names.check_label)]
"""A name that may stand in a DNS label: lower-case letters, digits and hyphens, at most 63."""

EnvVarName = Annotated[str, _checked(names.check_env_var)]
"""The name of an environment variable."""

SecretKey = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,253}$"), Form("use letters, digits and . _ -")
]
"""A key of a Secret."""

Host = Annotated[str, _checked(names.check_host)]
"""A DNS host name, with a wildcard at most as its first label."""

Network = Annotated[str, _checked(names.check_network)]
"""A network in CIDR notation."""

HttpPath = Annotated[str, _checked(names.check_http_path)]
"""An absolute path of a URL."""

Cpu = Annotated[str, _checked(quantities.check_cpu)]
"""A Kubernetes CPU quantity: ``500m``, ``2``."""

Bytes = Annotated[str, _checked(quantities.check_bytes)]
"""A Kubernetes quantity of bytes: ``384Mi``, ``4Gi``."""

Duration = Annotated[str, _checked(quantities.check_duration)]
"""A duration as Prometheus writes it: ``15s``, ``5m``, ``1h30m``, ``30d``."""

Seconds = Annotated[str, _checked(quantities.check_seconds)]
"""A duration of whole seconds, for what Kubernetes counts in seconds."""

GoDuration = Annotated[str, _checked(quantities.check_go_duration)]
"""A duration that Kubernetes reads as it stands."""

Window = Annotated[str, _checked(quantities.check_window)]
"""How long an autoscaler looks back."""

Image = Annotated[str, _checked(names.check_image_repository)]
"""An image repository without tag or digest: ``ghcr.io/example/api``."""

VaultRef = Annotated[str, _checked(names.check_vault_reference)]
"""A place in Vault, ``path#key``."""

PortNumber = Annotated[int, Field(ge=1, le=65535)]
"""A TCP or UDP port."""

Percent = Annotated[int, Field(ge=1, le=100)]
"""A share in per cent."""

Text = Annotated[str, StringConstraints(min_length=1)]
"""Free text, not empty."""

WebUrl = Annotated[
    str, StringConstraints(pattern=r"^https?://[^\s\x00-\x1f]+$"), Form("write e.g. https://example.com")
]
"""An address of the web, with its scheme."""

Count = Annotated[int, Field(ge=0)]
PositiveCount = Annotated[int, Field(ge=1)]
