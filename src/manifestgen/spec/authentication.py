"""How KEDA proves who it is where it reads the figures."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.spec.base import EnvVarName, Form, Model, Name, SecretKey, Text, VaultRef, problem

Parameter = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9]{0,62}$"),
    Form("write it as KEDA does, e.g. password"),
]
"""Name of a parameter of a scaler."""


class PodIdentity(Model):
    """The identity that a cloud gives to pods."""

    provider: Literal["aws", "azure-workload", "gcp"]
    """Whose."""
    owner: Literal["keda", "workload"] | None = None
    """Whose identity is used, KEDA's own or the workload's (aws only); KEDA: its own."""
    role_arn: Text | None = None
    """Role to take on (aws only)."""
    identity_id: Text | None = None
    """Client id of the identity (azure-workload and gcp)."""

    @model_validator(mode="after")
    def _is_of_its_cloud(self) -> Self:
        aws = self.provider == "aws"
        wrong = (
            [self.identity_id and "identityId"]
            if aws
            else [self.owner and "owner", self.role_arn and "roleArn"]
        )
        for key in filter(None, wrong):
            raise problem(
                "trigger-authentication",
                f"{self.provider} knows no {key}",
                "remove it",
                (key,),
                ("provider",),
            )
        if self.role_arn is not None and self.owner == "workload":
            raise problem(
                "trigger-authentication",
                "the workload's own role and another one are both to be taken on",
                "keep owner: workload or roleArn",
                ("owner",),
                ("roleArn",),
            )
        return self


class VaultAccess(Model):
    """Secrets that KEDA reads from Vault itself, by the platform's `vault`."""

    role: Name
    """Role that KEDA's service account logs in with."""
    secrets: Annotated[dict[Parameter, VaultRef], Field(min_length=1)]
    """Parameters of the scaler and where their values are, `path#key`."""


class Authentication(Model):
    """How KEDA proves who it is (a TriggerAuthentication)."""

    settings: Name | None = None
    """Set of `settings` that has the secrets; left out, the workload's own."""
    secrets: dict[Parameter, SecretKey] = {}
    """Parameters of the scaler and the secrets that hold them: `{password: KAFKA_PASSWORD}`."""
    env: dict[Parameter, EnvVarName] = {}
    """Parameters of the scaler and the environment variables of the workload that hold them."""
    pod_identity: PodIdentity | None = None
    """Identity that the cloud gives."""
    vault: VaultAccess | None = None
    """Secrets that KEDA reads from Vault itself."""

    @model_validator(mode="after")
    def _proves_something(self) -> Self:
        if not (self.secrets or self.env or self.pod_identity or self.vault):
            raise problem(
                "trigger-authentication", "it proves nothing", "give secrets, env, podIdentity or vault"
            )
        if self.settings is not None and not self.secrets:
            raise problem(
                "trigger-authentication",
                "it names a set of settings and none of its secrets",
                "add `secrets: {password: …}`",
                ("settings",),
            )
        return self

    def parameters(self) -> set[str]:
        """The parameters it gives."""
        return {*self.secrets, *self.env, *(self.vault.secrets if self.vault else ())}
