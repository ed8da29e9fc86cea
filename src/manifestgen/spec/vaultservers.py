"""The server of Vault: where it keeps its data, how it is reached, unsealed and watched."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.spec.base import Form, LeaseTime, Model, Name, Text, WebUrl, defaults_of, problem
from manifestgen.spec.ondemand import BY_TYPE
from manifestgen.spec.vaultengines import Region

Listening = Annotated[
    str,
    StringConstraints(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$"),
    Form('write address and port, e.g. "[::]:8200" or 127.0.0.1:8200'),
    Field(examples=["[::]:8200"]),
]
"""An address and a port to listen on."""


class LocalStorage(Model):
    """Data in a folder of each server."""

    path: Text = "/vault/data"
    """Folder of the data."""


class RaftStorage(LocalStorage):
    """Vault keeps its data itself (integrated storage), the same on all of its servers."""

    type: Literal["raft"]
    servers: dict[Name, WebUrl] = {}
    """Addresses of the servers, by their names; each joins one of the others."""
    ca: Text | None = None
    """File with the authority of their certificates, when that is none that everybody knows."""

    @property
    def is_shared(self) -> bool:
        """Whether several servers can have the same data."""
        return True


class ConsulStorage(Model):
    """Consul keeps the data; its token comes from the environment (`CONSUL_HTTP_TOKEN`)."""

    type: Literal["consul"]
    address: Listening = "127.0.0.1:8500"
    """Address of the agent of Consul."""
    scheme: Literal["http", "https"] = "http"
    """How it is spoken to."""
    path: Text = "vault/"
    """Where in Consul's store the data lies."""

    @property
    def is_shared(self) -> bool:
        """Whether several servers can have the same data."""
        return True


class FileStorage(LocalStorage):
    """A folder of one server."""

    type: Literal["file"]

    @property
    def is_shared(self) -> bool:
        """Whether several servers can have the same data."""
        return False


class S3Storage(Model):
    """A bucket of S3, for one server (HashiCorp Vault has it, OpenBao does not)."""

    type: Literal["s3"]
    bucket: Annotated[
        str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"), Form("write e.g. shop-vault")
    ]
    """Name of the bucket."""
    region: Region
    """Region of the bucket."""
    path: Text | None = None
    """Prefix of the objects."""
    kms_key: Text | None = None
    """KMS key that the objects are encrypted with; left out, the bucket's own way."""
    endpoint: WebUrl | None = None
    """Address of another server that speaks S3."""

    @property
    def is_shared(self) -> bool:
        """Whether several servers can have the same data."""
        return False


VaultStorage = Annotated[
    RaftStorage | ConsulStorage | FileStorage | S3Storage, Field(discriminator="type"), BY_TYPE
]


class VaultTls(Model):
    """How the listener protects connections."""

    enabled: bool = True
    """Whether it does; not when something in front of it does."""
    certificate: Text = "/vault/tls/tls.crt"
    """File of the certificate."""
    key: Text = "/vault/tls/tls.key"
    """File of its key."""
    client_ca: Text | None = None
    """File of the authority of clients' certificates; given, every client must have one."""
    min_version: Literal["tls12", "tls13"] = "tls12"
    """Oldest version of TLS that is spoken."""


class VaultListener(Model):
    """Where requests come in."""

    address: Listening = "[::]:8200"
    """Address and port for clients."""
    cluster_address: Listening = "[::]:8201"
    """Address and port for the other servers."""
    tls: VaultTls = defaults_of(VaultTls)
    """How connections are protected."""


class AwsKmsSeal(Model):
    """AWS KMS unseals the server (HashiCorp Vault has it, OpenBao does not)."""

    type: Literal["awskms"]
    region: Region
    """Region of the key."""
    key: Text
    """Id, alias or ARN of the key; the server's own identity must be allowed to use it."""
    endpoint: WebUrl | None = None
    """Address of KMS, e.g. of an endpoint in the VPC."""


class VaultTelemetry(Model):
    """Figures of the server, for Prometheus."""

    retention: LeaseTime = "1h"
    """How long figures are kept that do not change any more."""
    public: bool = True
    """Show them without a token, as the scrape job of `monitoring.stack.vault` needs it."""


class VaultServer(Model):
    """Configuration of the server."""

    storage: VaultStorage
    """Where it keeps its data."""
    high_availability: bool | None = None
    """Whether several servers share the data and one of them answers; left out, with `raft` of more than one
    server, and with `consul`."""
    listener: VaultListener = defaults_of(VaultListener)
    """Where requests come in."""
    api_address: WebUrl | None = None
    """Address that clients are sent to; left out, the server of the store."""
    cluster_address: WebUrl | None = None
    """Address for the other servers; left out, each server of several takes its own from the environment
    (`VAULT_CLUSTER_ADDR`)."""
    seal: AwsKmsSeal | None = None
    """Who unseals it; left out, people do with their keys (Shamir)."""
    telemetry: VaultTelemetry = defaults_of(VaultTelemetry)
    """Figures for Prometheus."""
    ui: bool = False
    """Whether it has a user interface."""
    log_level: Literal["trace", "debug", "info", "warn", "error"] = "info"
    """How much it logs."""

    @property
    def is_shared(self) -> bool:
        """Whether several servers share the data."""
        if self.high_availability is not None:
            return self.high_availability
        if isinstance(self.storage, RaftStorage):
            return len(self.storage.servers) > 1
        return self.storage.is_shared

    @model_validator(mode="after")
    def _shares_what_can_be_shared(self) -> Self:
        storage = self.storage
        if self.high_availability and not storage.is_shared:
            raise problem(
                "vault-storage",
                f"storage of type {storage.type} belongs to one server: there is no high availability",
                "use storage of type raft or consul, or remove highAvailability",
                ("highAvailability",),
                ("storage", "type"),
            )
        if self.high_availability is False and isinstance(storage, RaftStorage) and len(storage.servers) > 1:
            raise problem(
                "vault-storage",
                f"{len(storage.servers)} servers share their data, and highAvailability is off",
                "remove highAvailability, or all servers but one",
                ("highAvailability",),
                ("storage", "servers"),
            )
        return self
