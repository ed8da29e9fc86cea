"""What all models of the spec share: strictness, names and the small typed strings."""

from collections.abc import Iterable
from functools import partial
from typing import Annotated, Any, Final, NamedTuple, Self, TypeVar, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from manifestgen.facts import cron, names, quantities
from manifestgen.spec.ondemand import ON_DEMAND, holds_models


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
        ser_json_inf_nan="strings",
    )

    def __deepcopy__(self, _: dict[int, Any] | None = None) -> Self:
        """Itself: what is frozen needs no copy. pydantic copies a default wherever it fills in one."""
        return self

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Validate the optional parts on demand."""
        for name in vars(cls).get("__annotations__", ()):  # what it inherits is marked already
            field = cls.__pydantic_fields__.get(name)
            if field is None:
                continue
            is_plain = not (field.is_required() or field.metadata or field.discriminator)
            if is_plain and holds_models(field.annotation):
                field.metadata = [ON_DEMAND]


M = TypeVar("M", bound=Model)


def defaults_of(model: type[M], **given: Any) -> M:
    """``model`` with nothing given, or with values of ours: as the default of a field, for example.

    It is not validated: a validator for each would have to be built before there is a spec.
    """
    return cast(M, model.model_construct(**given))  # pydantic's plugin for mypy forgets which model it is


Place = tuple[str | int, ...]


def problem(rule: str, message: str, advice: str = "", *places: Place) -> PydanticCustomError:
    """An error for a validator to raise: ``rule`` and ``advice`` travel to the finding.

    ``places`` are paths below the value, as the spec spells them; the finding names the one that stands
    last in the file, which is where an environment made the mistake. Without, it names the value's key.
    """
    context = {"message": message, "advice": advice, "rule": rule, "places": places}
    return PydanticCustomError(rule.replace("-", "_"), "{message}", context)


def refuse(problems: Iterable[PydanticCustomError]) -> None:
    """Raise all of the problems together, if there are any: a validator that raises one hides the rest."""
    errors = [InitErrorDetails(type=found, input=None) for found in problems]
    if errors:
        raise ValidationError.from_exception_data("spec", errors)


class Form(NamedTuple):
    """Stands beside a pattern in an annotation and says what a value that matches looks like."""

    advice: str


def checked(check: Any) -> AfterValidator:
    """Stands in an annotation; ``check`` gives None for a text that is right, else what is wrong with it."""

    def validate(value: str) -> str:
        complaint = check(value)
        if complaint is not None:
            raise problem(complaint.rule, complaint.message, complaint.advice)
        return value

    return AfterValidator(validate)


def _remote(provider: str) -> AfterValidator:
    return checked(partial(names.check_remote_reference, provider=provider))


Name = Annotated[str, checked(names.check_label), Field(examples=["api"])]
"""A name that may stand in a DNS label: lower-case letters, digits and hyphens, at most 63."""

EnvVarName = Annotated[str, checked(names.check_env_var), Field(examples=["LOG_LEVEL"])]
"""The name of an environment variable."""

SecretKey = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,253}$"), Form("use letters, digits and . _ -")
]
"""A key of a Secret."""

Host = Annotated[str, checked(names.check_host), Field(examples=["api.example.com", "*.example.com"])]
"""A DNS host name, with a wildcard at most as its first label."""

ServerName = Annotated[str, checked(names.check_server_name), Field(examples=["api.example.com"])]
"""A DNS host name without a wildcard."""

Network = Annotated[str, checked(names.check_network), Field(examples=["10.0.0.0/8"])]
"""A network in CIDR notation."""

Address = Annotated[str, checked(names.check_address), Field(examples=["192.0.2.10"])]
"""An IP address."""

HttpPath = Annotated[str, checked(names.check_http_path), Field(examples=["/health/ready"])]
"""An absolute path of a URL."""

Cpu = Annotated[str, checked(quantities.check_cpu), Field(examples=["500m", "2"])]
"""A Kubernetes CPU quantity: ``500m``, ``2``."""

Bytes = Annotated[str, checked(quantities.check_bytes), Field(examples=["384Mi", "4Gi"])]
"""A Kubernetes quantity of bytes: ``384Mi``, ``4Gi``."""

Quantity = Annotated[str, checked(quantities.check_quantity), Field(examples=["10", "500m", "4Gi"])]
"""Any Kubernetes quantity."""

Duration = Annotated[str, checked(quantities.check_duration), Field(examples=["15s", "1h30m", "30d"])]
"""A duration as Prometheus writes it: ``15s``, ``5m``, ``1h30m``, ``30d``."""

Seconds = Annotated[str, checked(quantities.check_seconds)]
"""A duration of whole seconds, for what Kubernetes counts in seconds."""

GoDuration = Annotated[str, checked(quantities.check_go_duration)]
"""A duration that Kubernetes reads as it stands."""

LeaseTime = Annotated[str, checked(quantities.check_lease)]
"""How long something of Vault lasts."""

Window = Annotated[str, checked(quantities.check_window)]
"""How long an autoscaler looks back."""

Stabilization = Annotated[str, checked(quantities.check_stabilization)]
"""The same; `0s` for not at all."""

Period = Annotated[str, checked(quantities.check_period)]
"""Time within which an autoscaler counts the pods that it adds or removes."""

Schedule = Annotated[str, checked(cron.check_schedule), Field(examples=["30 4 * * 1-5", "@daily"])]
"""When a CronJob runs: minute, hour, day of the month, month, day of the week; or `@daily` and the like."""

TimeZone = Annotated[str, checked(cron.check_time_zone), Field(examples=["Europe/Berlin"])]
"""A time zone of the IANA database: `Europe/Berlin`, `Etc/UTC`."""

GitAddress = Annotated[
    str, checked(names.check_git_address), Field(examples=["https://git.example.com/team/shop.git"])
]
"""The address of a Git repository: `https://…`, `ssh://…` or `git@host:path`."""

Image = Annotated[str, checked(names.check_image_repository), Field(examples=["ghcr.io/example/api"])]
"""An image repository without tag or digest: ``ghcr.io/example/api``."""

VaultMount = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$", max_length=200
    ),
    Form("write the path it is mounted at, e.g. secret or teams/shop"),
    Field(examples=["secret"]),
]
"""Where an engine or a way to log in is mounted in Vault."""

VaultRef = Annotated[str, checked(names.check_vault_reference), Field(examples=["database#password"])]
"""A place in Vault, ``path#key``."""

AwsRef = Annotated[
    str,
    _remote("aws"),
    Field(examples=["app/database#url"]),
]
"""A secret or parameter of AWS: `name`, or `name#key` for one key of its JSON."""

GcpRef = Annotated[str, _remote("gcp"), Field(examples=["database-url"])]
"""A secret of Google Secret Manager: `name`, or `name#key` for one key of its JSON."""

AzureRef = Annotated[str, _remote("azure"), Field(examples=["database-url"])]
"""A secret of Azure Key Vault: `name`, or `name#key` for a key of its JSON; `cert/name`."""

RemoteRef = Annotated[
    str,
    _remote("remote"),
    Field(examples=["app/database#url"]),
]
"""A secret by its name in whatever store there is: `name`, or `name#key`."""

SecretPath = Annotated[str, checked(names.check_secret_path), Field(examples=["app/database"])]
"""A whole secret by its name or path."""

PortNumber = Annotated[int, Field(ge=1, le=65535, examples=[8080])]
"""A TCP or UDP port."""

Percent = Annotated[int, Field(ge=1, le=100, examples=[70])]
"""A share in per cent."""

Text = Annotated[str, StringConstraints(min_length=1)]
"""Free text, not empty."""

MountPath = Annotated[
    str,
    StringConstraints(pattern=r"^/[A-Za-z0-9._@+,=~%/ -]*$", max_length=1024),
    Form("write an absolute path, e.g. /tmp"),
    Field(examples=["/tmp"]),
]
"""An absolute path in the file system of a container."""

LabelKey = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*/)?"
        r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$",
        max_length=253,
    ),
    Form("write e.g. example.com/name"),
    Field(examples=["kubernetes.io/arch"]),
]
"""The key of a label, with or without a domain before it."""

LabelValue = Annotated[
    str,
    StringConstraints(pattern=r"^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$"),
    Form("use letters, digits and - _ . in the middle, at most 63"),
]
"""The value of a label."""

WEB_ADDRESS: Final = checked(names.check_web_address)
"""Stands in an annotation and asks for an address with a host and a port that there can be."""

WebUrl = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[^\s\x00-\x1f]+$"),
    Form("write e.g. https://example.com"),
    WEB_ADDRESS,
]
"""An address of the web, with its scheme."""

Count = Annotated[int, Field(ge=0, le=2_147_483_647)]
"""A number that Kubernetes keeps in 32 bits."""

PositiveCount = Annotated[int, Field(ge=1, le=2_147_483_647)]
"""The same, above zero."""

Annotations = dict[
    Annotated[
        str,
        StringConstraints(pattern=r"^([a-z0-9.-]+/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"),
        Form("write e.g. example.com/name"),
        checked(names.check_annotation),
    ],
    str,
]
"""Annotations of an object."""

Labels = dict[LabelKey, LabelValue]
"""Labels that select objects."""
