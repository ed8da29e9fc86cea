"""ClusterIssuers of cert-manager."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifestgen.facts import conventions as names
from manifestgen.kinds.views import Owner, View, present
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import (
    AcmeIssuer,
    AzureDns,
    CaIssuer,
    CloudDns,
    Dns01,
    Http01,
    Issuer,
    Route53,
    SecretOfIssuer,
    SelfSignedIssuer,
    Solver,
    VaultIssuer,
)

Part = dict[str, Any]


def issuer_views(platform: ResolvedPlatform) -> Iterator[View]:
    """A ClusterIssuer for each issuer."""
    for name, issuer in platform.spec.issuers.items():
        owner = Owner(platform.name, names.PLATFORM, "platform", ("issuers", name))
        yield owner.view("cluster-issuer", name, issuer=_issuer(name, issuer))


def _issuer(name: str, issuer: Issuer) -> Part:
    match issuer:
        case AcmeIssuer():
            return {"acme": _acme(name, issuer)}
        case CaIssuer():
            return {"ca": {"secretName": issuer.secret}}
        case SelfSignedIssuer():
            return {"selfSigned": {}}
        case VaultIssuer():
            return {"vault": _vault(issuer)}


def _acme(name: str, issuer: AcmeIssuer) -> Part:
    account = issuer.external_account
    return present(
        server=issuer.server,
        email=issuer.email,
        privateKeySecretRef={"name": issuer.account_secret or names.account_key(name)},
        externalAccountBinding=account and {"keyID": account.key_id, "keySecretRef": _secret(account.secret)},
        preferredChain=issuer.preferred_chain,
        solvers=[_solver(solver) for solver in issuer.solvers.values()],
    )


def _solver(solver: Solver) -> Part:
    selector = {"dnsZones": solver.zones, "dnsNames": solver.names}
    given = {key: names for key, names in selector.items() if names}
    way = {"http01": _http01(solver.http01)} if solver.http01 else {"dns01": _dns01(solver.dns01 or Dns01())}
    return {**({"selector": given} if given else {}), **way}


def _http01(http01: Http01) -> Part:
    gateway = http01.gateway
    if gateway is None:
        return {"ingress": {"ingressClassName": http01.ingress_class}}
    parent = present(
        kind="Gateway", name=gateway.name, namespace=gateway.namespace, sectionName=gateway.listener
    )
    return {"gatewayHTTPRoute": {"parentRefs": [parent]}}


def _dns01(dns01: Dns01) -> Part:
    if dns01.route53 is not None:
        return {"route53": _route53(dns01.route53)}
    if dns01.cloud_dns is not None:
        return {"cloudDNS": _cloud_dns(dns01.cloud_dns)}
    if dns01.azure_dns is not None:
        return {"azureDNS": _azure_dns(dns01.azure_dns)}
    assert dns01.cloudflare is not None  # the spec's own check: one of them is there
    return {"cloudflare": {"apiTokenSecretRef": _secret(dns01.cloudflare.api_token)}}


def _route53(zone: Route53) -> Part:
    return present(region=zone.region, hostedZoneID=zone.hosted_zone_id, role=zone.role)


def _cloud_dns(zone: CloudDns) -> Part:
    return present(project=zone.project, hostedZoneName=zone.hosted_zone_name)


def _azure_dns(zone: AzureDns) -> Part:
    return present(
        subscriptionID=zone.subscription_id,
        resourceGroupName=zone.resource_group,
        hostedZoneName=zone.hosted_zone_name,
        managedIdentity={"clientID": zone.client_id},
    )


def _vault(issuer: VaultIssuer) -> Part:
    login = {
        "mountPath": f"/v1/auth/{issuer.auth_mount}",
        "role": issuer.role,
        "serviceAccountRef": {"name": issuer.service_account},
    }
    return present(
        server=issuer.server,
        path=issuer.path,
        caBundleSecretRef=issuer.ca and _secret(issuer.ca),
        auth={"kubernetes": login},
    )


def _secret(secret: SecretOfIssuer) -> Part:
    return {"name": secret.name, "key": secret.key}
