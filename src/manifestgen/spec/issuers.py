"""ClusterIssuers of cert-manager: who signs the certificates of routes."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.spec.base import Form, Host, Model, Name, SecretKey, Text, WebUrl, problem
from manifestgen.spec.ondemand import BY_TYPE

_GUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
Guid = Annotated[
    str,
    StringConstraints(pattern=_GUID),
    Form("write it as Azure shows it, e.g. 00000000-0000-0000-0000-000000000000"),
]
"""An identifier of Azure."""

Arn = Annotated[
    str,
    StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{1,12}:role/[A-Za-z0-9+=,.@_/-]{1,512}$"),
    Form("write e.g. arn:aws:iam::123456789012:role/certificates"),
]
"""An IAM role of AWS."""

Email = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"),
    Form("write e.g. ops@example.com"),
]
"""An address of e-mail."""


class SecretOfIssuer(Model):
    """A key of a Secret in the namespace of cert-manager, where secrets of ClusterIssuers are looked for."""

    name: Name
    """Name of the Secret."""
    key: SecretKey
    """Key in it."""


class GatewayOfSolver(Model):
    """A Gateway that challenges come in by; it needs a listener for HTTP."""

    name: Name
    """Name of the Gateway."""
    namespace: Name | None = None
    """Its namespace; left out, the one of the certificate."""
    listener: Name | None = None
    """Name of its listener; left out, any."""


class Http01(Model):
    """Proof by a file that the certificate authority asks for over HTTP: by an Ingress or by a Gateway."""

    ingress_class: Name | None = None
    """IngressClass of the Ingress that answers."""
    gateway: GatewayOfSolver | None = None
    """Gateway whose HTTPRoute answers."""

    @model_validator(mode="after")
    def _has_one_way(self) -> Self:
        if (self.ingress_class is None) == (self.gateway is None):
            raise problem(
                "issuer-solver",
                "a challenge comes in by an Ingress or by a Gateway",
                "give `ingressClass: nginx` or `gateway: {name: public}`",
                ("ingressClass",),
                ("gateway",),
            )
        return self


class Route53(Model):
    """A zone of AWS Route 53; without `role`, cert-manager's own service account has the rights."""

    region: Text | None = None
    """Region; left out, the one that cert-manager runs in."""
    hosted_zone_id: Text | None = None
    """Identifier of the zone; left out, it is looked up."""
    role: Arn | None = None
    """IAM role to take on."""


class CloudDns(Model):
    """A zone of Google Cloud DNS, by workload identity of cert-manager's service account."""

    project: Text
    """Project of the zone."""
    hosted_zone_name: Text | None = None
    """Name of the zone; left out, it is looked up."""


class AzureDns(Model):
    """A zone of Azure DNS, by a managed identity."""

    subscription_id: Guid
    """Subscription of the zone."""
    resource_group: Text
    """Resource group of the zone."""
    hosted_zone_name: Text | None = None
    """Name of the zone; left out, the domain itself."""
    client_id: Guid
    """Client of the managed identity."""


class Cloudflare(Model):
    """A zone of Cloudflare, which knows tokens only: in a Secret in the namespace of cert-manager."""

    api_token: SecretOfIssuer
    """Where the token is."""


class Dns01(Model):
    """Proof by an entry in DNS; the only way for wildcards."""

    route53: Route53 | None = None
    """AWS Route 53."""
    cloud_dns: CloudDns | None = None
    """Google Cloud DNS."""
    azure_dns: AzureDns | None = None
    """Azure DNS."""
    cloudflare: Cloudflare | None = None
    """Cloudflare."""

    @model_validator(mode="after")
    def _has_one_provider(self) -> Self:
        given = [one for one in (self.route53, self.cloud_dns, self.azure_dns, self.cloudflare) if one]
        if len(given) != 1:
            raise problem(
                "issuer-solver",
                "a solver writes to the DNS of one provider",
                "give one of route53, cloudDns, azureDns, cloudflare; make another solver for another zone",
            )
        return self


class Solver(Model):
    """How it is proven that a name is yours."""

    http01: Http01 | None = None
    """By a file over HTTP."""
    dns01: Dns01 | None = None
    """By an entry in DNS."""
    zones: list[Host] = []
    """Only for names in these zones; without, for all that no other solver is closer to."""
    names: list[Host] = []
    """Only for these names."""

    @model_validator(mode="after")
    def _has_one_way(self) -> Self:
        if (self.http01 is None) == (self.dns01 is None):
            raise problem(
                "issuer-solver",
                "a name is proven by http01 or by dns01",
                "give one of the two",
                ("http01",),
                ("dns01",),
            )
        return self


class ExternalAccount(Model):
    """An account that the authority has given out (ACME external account binding)."""

    key_id: Text
    """Identifier of the account's key."""
    secret: SecretOfIssuer
    """Where the key is."""


class AcmeIssuer(Model):
    """An authority that speaks ACME, e.g. Let's Encrypt."""

    type: Literal["acme"]
    server: WebUrl
    """Its directory: `https://acme-v02.api.letsencrypt.org/directory`."""
    email: Email
    """Who is told about certificates that end."""
    account_secret: Name | None = None
    """Secret that cert-manager keeps the account's key in; left out, `<name>-account-key`."""
    external_account: ExternalAccount | None = None
    """An account that the authority has given out."""
    preferred_chain: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    """Name of the root that the chain should end in."""
    solvers: Annotated[dict[Name, Solver], Field(min_length=1)]
    """How it is proven that names are yours, by names of your own."""


class CaIssuer(Model):
    """An authority of your own, whose key pair is a Secret in the namespace of cert-manager."""

    type: Literal["ca"]
    secret: Name
    """Secret of type kubernetes.io/tls."""


class SelfSignedIssuer(Model):
    """Certificates that sign themselves: for tests, and for the root of an authority of your own."""

    type: Literal["selfSigned"]


class VaultIssuer(Model):
    """The PKI engine of a Vault, by Kubernetes authentication with a service account beside cert-manager."""

    type: Literal["vault"]
    server: WebUrl
    """Address of the server."""
    path: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$"),
        Form("write e.g. pki_int/sign/example-dot-com"),
    ]
    """Path that signs: `pki_int/sign/example-dot-com`."""
    auth_mount: Text = "kubernetes"
    """Mount of the Kubernetes authentication."""
    role: Name
    """Role that the service account logs in with."""
    service_account: Name
    """Service account in the namespace of cert-manager."""
    ca: SecretOfIssuer | None = None
    """Certificate of the authority that vouches for Vault itself, when that is none that everybody knows."""


Issuer = Annotated[
    AcmeIssuer | CaIssuer | SelfSignedIssuer | VaultIssuer, Field(discriminator="type"), BY_TYPE
]
