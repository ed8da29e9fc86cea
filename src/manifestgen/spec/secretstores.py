"""Where secrets are kept: Vault, and the secret managers of the clouds; none is entered with a password.

Each store gets a service account of its own, and the store trusts that account.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from manifestgen.spec.base import Form, GoDuration, Model, Name, SecretKey, Text, VaultMount, WebUrl
from manifestgen.spec.issuers import Arn, Guid
from manifestgen.spec.ondemand import BY_TYPE


class StoreBase(Model):
    """What all stores have."""

    refresh: GoDuration = "1h"
    """How often secrets are read again."""


class CaOfVault(Model):
    """A ConfigMap with the certificate of the authority that Vault's certificate is of."""

    config_map: Name
    """Name of the ConfigMap."""
    key: SecretKey = "ca.crt"
    """Key in it."""


class Vault(StoreBase):
    """A Vault, by Kubernetes authentication."""

    server: WebUrl
    """Address of the server."""
    mount: VaultMount
    """Mount of the KV engine."""
    version: Literal["v1", "v2"] = "v2"
    """Version of the KV engine."""
    namespace: Text | None = None
    """Namespace inside of Vault (Enterprise)."""
    auth_mount: VaultMount = "kubernetes"
    """Mount of the Kubernetes authentication."""
    role: Name
    """Role that the service account logs in with."""
    ca: CaOfVault | None = None
    """Authority of its certificate, when it is not one that everybody knows."""


class VaultStore(Vault):
    """A Vault, by Kubernetes authentication."""

    type: Literal["vault"]


class AwsStore(StoreBase):
    """AWS Secrets Manager or Parameter Store, by an IAM role for the service account (IRSA)."""

    type: Literal["aws"]
    service: Literal["SecretsManager", "ParameterStore"] = "SecretsManager"
    """Which of the two."""
    region: Annotated[
        str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$"), Form("write e.g. eu-central-1")
    ]
    """Region: `eu-central-1`."""
    role: Arn
    """IAM role that trusts the service account."""


class GkeCluster(Model):
    """A cluster of GKE."""

    project: Text
    """Its project."""
    location: Text
    """Its region or zone."""
    name: Text
    """Its name."""


class GcpStore(StoreBase):
    """Google Secret Manager, by workload identity."""

    type: Literal["gcp"]
    project: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z][a-z0-9.:-]{4,61}[a-z0-9]$"),
        Form("write e.g. shop-prod"),
    ]
    """Project of the secrets."""
    service_account: (
        Annotated[
            str,
            StringConstraints(pattern=r"^[a-z0-9-]{6,30}@[a-z0-9.-]+\.gserviceaccount\.com$"),
            Form("write e.g. secrets@shop-production.iam.gserviceaccount.com"),
        ]
        | None
    ) = None
    """Google service account to act as; left out, the Kubernetes account has the rights itself."""
    cluster: GkeCluster | None = None
    """Cluster whose identity is used; left out, the one it runs in."""


class AzureStore(StoreBase):
    """Azure Key Vault, by workload identity."""

    type: Literal["azure"]
    vault_url: Annotated[
        str,
        StringConstraints(pattern=r"^https://[A-Za-z0-9-]{3,24}(\.[a-z0-9-]+)+/?$"),
        Form("write e.g. https://shop.vault.azure.net"),
    ]
    """Address of the Key Vault."""
    tenant_id: Guid
    """Tenant of the Key Vault."""
    client_id: Guid
    """Application or managed identity that trusts the service account."""


class ExistingStore(StoreBase):
    """A store that somebody else has set up, by its name."""

    type: Literal["existing"]
    kind: Literal["ClusterSecretStore", "SecretStore"] = "ClusterSecretStore"
    """Kind of the object."""
    name: Name | None = None
    """Name of the object; left out, the name it has here."""


SecretStore = Annotated[
    VaultStore | AwsStore | GcpStore | AzureStore | ExistingStore,
    Field(discriminator="type"),
    BY_TYPE,
]
