"""How Vault is set up: its server, its engines, who may read what, and which values it begins with."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from manifestgen.spec.base import LeaseTime, Model, Name, Text, VaultRef, WebUrl, defaults_of, problem
from manifestgen.spec.ondemand import BY_TYPE
from manifestgen.spec.vaultengines import AwsEngine, DatabaseEngine, Given, PkiEngine, TransitEngine
from manifestgen.spec.vaultservers import Listening, VaultServer

VaultEngine = Annotated[
    DatabaseEngine | PkiEngine | TransitEngine | AwsEngine, Field(discriminator="type"), BY_TYPE
]


class FileAudit(Model):
    """Requests are written to a file."""

    type: Literal["file"]
    path: Text
    """Path of the file; `stdout` for the log of the container."""


class SyslogAudit(Model):
    """Requests are told to the syslog of the server's machine."""

    type: Literal["syslog"]
    facility: Text = "AUTH"
    """Facility of the messages."""
    tag: Text = "vault"
    """Tag of the messages."""


class SocketAudit(Model):
    """Requests are sent to a socket."""

    type: Literal["socket"]
    address: Listening
    """Address and port of whoever listens."""
    socket_type: Literal["tcp", "udp"] = "tcp"
    """How they are sent."""


Audit = Annotated[FileAudit | SyslogAudit | SocketAudit, Field(discriminator="type"), BY_TYPE]


class KeyShares(Model):
    """The keys that the server is unsealed with; with auto-unseal, those for recovery."""

    shares: Annotated[int, Field(ge=1, le=255)] = 5
    """How many keys there are."""
    threshold: Annotated[int, Field(ge=1, le=255)] = 3
    """How many of them are needed."""

    @model_validator(mode="after")
    def _has_enough(self) -> Self:
        if self.threshold > self.shares:
            message = f"{self.threshold} keys are needed, and there are {self.shares}"
            raise problem("vault-keys", message, "lower threshold", ("threshold",), ("shares",))
        if self.threshold == 1 < self.shares:
            raise problem(
                "vault-keys",
                f"each of {self.shares} keys would do alone, which Vault refuses",
                "raise threshold, or have one share",
                ("threshold",),
                ("shares",),
            )
        return self


class KubernetesLogin(Model):
    """How service accounts log in: the Kubernetes authentication, mounted where the store says."""

    host: WebUrl = "https://kubernetes.default.svc"
    """Address of the Kubernetes API, as Vault reaches it."""
    in_cluster: bool = True
    """Whether Vault runs in a pod of that cluster, whose service account may review the tokens of others. If
    not, each service account is reviewed with its own token (it needs `system:auth-delegator`), and the
    script is given the certificate of the API with `--kubernetes-ca`."""
    audience: Text | None = None
    """Audience that tokens must be for; left out, any."""
    ttl: LeaseTime = "1h"
    """How long a login lasts."""
    max_ttl: LeaseTime = "24h"
    """How long it can be renewed."""


class VaultSetup(Model):
    """How a Vault is set up that is a store of secrets: files and a script for whoever runs it."""

    store: Name | None = None
    """Store that is set up, of type `vault`; left out, the only one."""
    server: VaultServer | None = None
    """Configuration of the server; left out when somebody else runs it."""
    keys: KeyShares = defaults_of(KeyShares)
    """Keys that the server is unsealed with."""
    audit: dict[Name, Audit] = {}
    """Where each request is recorded. When none of them works, Vault answers nobody: better have two."""
    login: KubernetesLogin = defaults_of(KubernetesLogin)
    """How service accounts log in."""
    engines: dict[Name, VaultEngine] = {}
    """Engines beside the one of the store, by where they are mounted."""
    access: dict[Name, dict[Name, Annotated[list[Name], Field(min_length=1)]]] = {}
    """What workloads may have of the engines: `{api: {database: [app], transit: [documents]}}`."""
    seeds: dict[VaultRef, Given] = {}
    """Values that secrets begin with, by their place `path#key`. What is there already is never changed."""
