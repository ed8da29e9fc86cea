"""Configuration and secrets of the applications."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from manifestgen.spec.base import (
    AwsRef,
    AzureRef,
    EnvVarName,
    GcpRef,
    GoDuration,
    Model,
    Name,
    RemoteRef,
    SecretKey,
    SecretPath,
    Text,
    VaultRef,
    defaults_of,
    problem,
)

Setting = str | int | bool | float
"""A setting; numbers and booleans reach the container as text (`true`, `8000`)."""


class _Reference(Model):
    """A secret by its name in a store; its value is never in the spec."""

    store: Name | None = None
    """Store it is in, one of `secretStores`; needed only when several would do."""
    version: Text | None = None
    """Version of the secret, as its store counts them; left out, the newest."""

    @model_validator(mode="after")
    def _is_in_one_place(self) -> Self:
        given = [key for key, name in self._places().items() if name is not None]
        if len(given) != 1:
            raise problem(
                "secret-reference",
                f"it is in {' and in '.join(given)}" if given else "it says no place where the secret is",
                "give one of vault, aws, gcp, azure and remote; an environment takes back what it inherits "
                "with a null, e.g. `vault: null`",
                *((key,) for key in given),
            )
        return self

    def _places(self) -> dict[str, str | None]:
        """Where it may be, by the type of the store; one of them is given."""
        raise NotImplementedError

    @property
    def provider(self) -> str:
        """The type of the store that it is in; `remote` for any."""
        return next(key for key, name in self._places().items() if name is not None)

    @property
    def place(self) -> tuple[str, str | None]:
        """The name in the store, and the key in it."""
        name, _, key = (self._places()[self.provider] or "").partition("#")
        return name, key or None


class SecretRef(_Reference):
    """Where a secret comes from; its value is never in the spec. It is in one of the places."""

    vault: VaultRef | None = None
    """Place in Vault: `path#key`, the path below the mount of the store."""
    aws: AwsRef | None = None
    """Secret or parameter of AWS: `name`, or `name#key`."""
    gcp: GcpRef | None = None
    """Secret of Google Secret Manager: `name`, or `name#key`."""
    azure: AzureRef | None = None
    """Secret of Azure Key Vault: `name`, or `name#key`; `cert/name` for a certificate."""
    remote: RemoteRef | None = None
    """Secret by its name in whatever store the environment has: `name`, or `name#key`."""

    def _places(self) -> dict[str, str | None]:
        return {
            "vault": self.vault,
            "aws": self.aws,
            "gcp": self.gcp,
            "azure": self.azure,
            "remote": self.remote,
        }


class SecretSource(_Reference):
    """A whole secret, all keys of which are taken. It is in one of the places."""

    vault: SecretPath | None = None
    """Path in Vault, below the mount of the store."""
    aws: SecretPath | None = None
    """Secret or parameter of AWS."""
    gcp: SecretPath | None = None
    """Secret of Google Secret Manager."""
    azure: SecretPath | None = None
    """Secret of Azure Key Vault."""
    remote: SecretPath | None = None
    """Secret by its name in whatever store the environment has."""

    def _places(self) -> dict[str, str | None]:
        return {
            "vault": self.vault,
            "aws": self.aws,
            "gcp": self.gcp,
            "azure": self.azure,
            "remote": self.remote,
        }


class SettingsGroup(Model):
    """Settings that belong together; the description becomes a comment above them."""

    description: Text | None = None
    """One line that says what these settings are about."""
    values: Annotated[dict[EnvVarName, Setting], Field(min_length=1)]
    """Environment variables and their values."""


class ExternalSecretOptions(Model):
    """How the Secret is made and kept."""

    type: Literal[
        "Opaque",
        "kubernetes.io/basic-auth",
        "kubernetes.io/dockerconfigjson",
        "kubernetes.io/ssh-auth",
        "kubernetes.io/tls",
    ] = "Opaque"
    """Type of the Secret, e.g. `kubernetes.io/dockerconfigjson` for one that images are pulled with."""
    refresh: GoDuration | None = None
    """How often it is read again; left out, as the store says."""
    creation_policy: Literal["Owner", "Orphan", "Merge"] = "Owner"
    """`Owner`: it goes with the ExternalSecret; `Orphan`: it stays; `Merge`: keys for another one."""
    deletion_policy: Literal["Retain", "Delete", "Merge"] = "Retain"
    """What becomes of it when the store has the secret no more: all stays, all goes, or the lost keys go."""

    @model_validator(mode="after")
    def _deletes_only_its_own(self) -> Self:
        if self.deletion_policy == "Delete" and self.creation_policy != "Owner":
            raise problem(
                "external-secret-policy",
                "only a Secret that the ExternalSecret owns can be deleted with it",
                "set creationPolicy: Owner, or another deletionPolicy",
                ("creationPolicy",),
                ("deletionPolicy",),
            )
        return self


_KEYS_OF_TYPE: Final = {
    "kubernetes.io/dockerconfigjson": {".dockerconfigjson"},
    "kubernetes.io/ssh-auth": {"ssh-privatekey"},
    "kubernetes.io/tls": {"tls.crt", "tls.key"},
}


class Settings(Model):
    """A set of settings and secrets that workloads share: a ConfigMap and a Secret."""

    config: dict[Name, SettingsGroup] = {}
    """Groups of plain settings."""
    secrets: dict[SecretKey, SecretRef] = {}
    """Keys of the Secret, which are environment variables too, and where their values come from."""
    secrets_from: dict[Name, SecretSource] = {}
    """Whole secrets, all keys of which are taken, by names of your own; `secrets` win over them."""
    external_secret: ExternalSecretOptions = defaults_of(ExternalSecretOptions)
    """How the Secret is made and kept."""

    @property
    def has_secret(self) -> bool:
        """Whether there is a Secret."""
        return bool(self.secrets or self.secrets_from)

    @model_validator(mode="after")
    def _has_the_keys_of_its_type(self) -> Self:
        kind = self.external_secret.type
        lacking = sorted(_KEYS_OF_TYPE.get(kind, set()) - set(self.secrets))
        if lacking and not self.secrets_from:
            raise problem(
                "secret-type",
                f"a Secret of type {kind} needs the key {' and '.join(lacking)}",
                "add it under `secrets`",
                ("secrets",),
                ("externalSecret", "type"),
            )
        return self


def as_environment_text(value: Setting) -> str:
    """``value`` as a container sees it: booleans in lower case, numbers as they are usually written."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
