"""Secrets engines of Vault: what makes credentials, certificates and ciphers while it is asked for them."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.facts.quantities import parse_duration
from manifestgen.spec.base import (
    EnvVarName,
    Form,
    Host,
    LeaseTime,
    Model,
    Name,
    PortNumber,
    ServerName,
    Text,
    WebUrl,
    problem,
)
from manifestgen.spec.issuers import Arn

Region = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$"), Form("write e.g. eu-central-1")
]
"""A region of AWS."""


class Given(Model):
    """A secret value that whoever sets Vault up gives; it is never in the spec."""

    env: EnvVarName
    """Environment variable that holds the value, or with `_FILE` behind its name the path of a file that
    does. Where neither is set, it is asked for on the terminal."""
    description: Text | None = None
    """What it is, for the question on the terminal."""


class Lifetimes(Model):
    """How long something lasts."""

    ttl: LeaseTime = "1h"
    """How long it lasts, unless it is renewed."""
    max_ttl: LeaseTime = "24h"
    """How long it lasts at most."""

    @model_validator(mode="after")
    def _ends_after_its_first_time(self) -> Self:
        if parse_duration(self.ttl) > parse_duration(self.max_ttl):
            raise problem(
                "vault-ttl",
                f"it lasts {self.ttl}, longer than the {self.max_ttl} it may at most",
                "lower ttl or raise maxTtl",
                ("ttl",),
                ("maxTtl",),
            )
        return self


class EngineBase(Model):
    """What all engines have; the name of an engine is where it is mounted."""

    description: Text | None = None
    """What it is for; people see it in the list of engines."""


class DatabaseRole(Lifetimes):
    """A user of the database that lives as long as its lease."""

    access: Literal["read", "write"] | None = None
    """`read`: it may read all tables of the schemas; `write`: change them, too."""
    schemas: Annotated[list[Text], Field(min_length=1)] = ["public"]
    """Schemas that `access` is about."""
    creation: list[Text] = []
    """SQL that makes the user, instead of `access`, with `{{name}}`, `{{password}}` and `{{expiration}}`."""
    revocation: list[Text] = []
    """SQL that removes it; left out, Vault takes its privileges away and drops it."""

    @model_validator(mode="after")
    def _is_made_one_way(self) -> Self:
        if (self.access is None) == (not self.creation):
            raise problem(
                "vault-database-role",
                "it has both `access` and SQL" if self.access else "nothing says what the user may do",
                "give `access: read`, `access: write`, or `creation` with SQL of your own",
                ("access",),
                ("creation",),
            )
        return self


class DatabaseEngine(EngineBase):
    """Users of a PostgreSQL that Vault makes when they are asked for, and removes in time."""

    type: Literal["database"]
    datastore: Name
    """PostgreSQL of `datastores`; its connection is called so."""
    host: ServerName | None = None
    """Host that Vault reaches it at; left out, its Service by the full name."""
    port: PortNumber | None = None
    """Port there; left out, the one of the data service."""
    username: Text = "postgres"
    """User that Vault logs in as; it must be allowed to create roles."""
    password: Given
    """Password of that user, wanted when the connection is made for the first time."""
    ssl_mode: Literal["disable", "require", "verify-ca", "verify-full"] = "require"
    """How Vault protects its connection."""
    rotate: bool = False
    """Have Vault change that password at once, so that nobody else knows it any more."""
    roles: Annotated[dict[Name, DatabaseRole], Field(min_length=1)]
    """Kinds of users, by their names."""


class PkiRole(Lifetimes):
    """Certificates of one kind."""

    domains: Annotated[list[Host], Field(min_length=1)]
    """Domains they may name."""
    subdomains: bool = True
    """Whether also hosts below these domains."""
    ttl: LeaseTime = "24h"
    """How long a certificate is good for."""
    max_ttl: LeaseTime = "720h"
    """How long at most."""


class PkiEngine(EngineBase):
    """A certificate authority, whose root Vault makes and never gives away."""

    type: Literal["pki"]
    common_name: Text
    """Name in the certificate of the authority."""
    key_type: Literal["ec", "ed25519", "rsa"] = "ec"
    """Kind of its key."""
    ttl: LeaseTime = "87600h"
    """How long that certificate is good for; 87600h are ten years."""
    url: WebUrl | None = None
    """Address of Vault in the certificates, for revocation lists; left out, the server of the store."""
    roles: Annotated[dict[Name, PkiRole], Field(min_length=1)]
    """Kinds of certificates, by their names."""


class TransitKey(Model):
    """A key that Vault encrypts, or signs, with; nobody sees it."""

    type: Literal[
        "aes128-gcm96",
        "aes256-gcm96",
        "chacha20-poly1305",
        "ecdsa-p256",
        "ecdsa-p384",
        "ed25519",
        "rsa-2048",
        "rsa-3072",
        "rsa-4096",
    ] = "aes256-gcm96"
    """Kind of the key; workloads sign with `ecdsa-…` and `ed25519`, encrypt and decrypt with the others."""
    rotate: LeaseTime | None = None
    """How often it gets a new version, an hour at least: `720h`."""

    @model_validator(mode="after")
    def _is_not_always_new(self) -> Self:
        if self.rotate is not None and parse_duration(self.rotate) < 3600:
            message = "Vault gives a key a new version at most once an hour"
            raise problem("vault-rotation", message, "write e.g. 720h", ("rotate",))
        return self

    @property
    def signs(self) -> bool:
        """Whether it is for signing alone."""
        return self.type.startswith(("ecdsa", "ed25519"))


class TransitEngine(EngineBase):
    """Encryption as a service."""

    type: Literal["transit"]
    keys: Annotated[dict[Name, TransitKey], Field(min_length=1)]
    """Keys, by their names."""


class AwsRole(Lifetimes):
    """Credentials of AWS of one kind: those of IAM roles that Vault takes on."""

    roles: Annotated[list[Arn], Field(min_length=1)]
    """IAM roles that may be taken on."""
    max_ttl: LeaseTime = "12h"
    """How long credentials last at most; AWS allows 12 hours."""


class AwsEngine(EngineBase):
    """Credentials of AWS for a short time, by IAM roles that the identity of the server may take on.

    OpenBao does not have this engine: it is left out there, with a warning.
    """

    type: Literal["aws"]
    region: Region
    """Region whose endpoints are asked."""
    roles: Annotated[dict[Name, AwsRole], Field(min_length=1)]
    """Kinds of credentials, by their names."""
