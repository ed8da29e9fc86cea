"""Objects of secrets: the stores, and an ExternalSecret for each set of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from manifestgen.facts import conventions as names
from manifestgen.kinds.views import Owner, View, present
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.base import defaults_of
from manifestgen.spec.late import AwsStore, AzureStore, ExistingStore, GcpStore, SecretStore, VaultStore
from manifestgen.spec.settings import ExternalSecretOptions, SecretRef, SecretSource

Part = dict[str, Any]

PASSWORD: Final = "\ue010"
"""Stands for the password in the texts that a Secret is made of; nothing that people write has it."""


def store_views(platform: ResolvedPlatform) -> Iterator[View]:
    """Each SecretStore, and the service account it lets in."""
    for name, store in platform.spec.stores.items():
        if isinstance(store, ExistingStore):
            continue
        short = platform.spec.vault is not None and name == names.SECRET_STORE
        source = ("vault",) if short else ("secretStores", name)
        owner = Owner(platform.name, name, "secret-store", source)
        yield owner.view("service-account", annotations=_account_annotations(store))
        yield owner.view("secret-store", provider=_provider(name, store))


def secret_view(
    platform: ResolvedPlatform,
    owner: Owner,
    secrets: Mapping[str, SecretRef],
    sources: Mapping[str, SecretSource] | None = None,
    options: ExternalSecretOptions | None = None,
) -> Iterator[View]:
    """The ExternalSecret of ``secrets`` and ``sources``, if there are any and a store for each."""
    options = options or defaults_of(ExternalSecretOptions)
    references: list[SecretRef | SecretSource] = [*secrets.values(), *(sources or {}).values()]
    stores = [platform.spec.stores_for(reference) for reference in references]
    if not references or not all(stores):
        return  # the checks have a finding for it
    (main, *_), (kept, *_) = stores[0], stores[0].values()
    name = names.secret(owner.name)
    yield owner.view(
        "external-secret",
        name,
        refresh=options.refresh or kept.refresh,
        store=_store_ref(main, kept),
        target=name,
        creation_policy=options.creation_policy,
        deletion_policy=options.deletion_policy if options.deletion_policy != "Retain" else None,
        template=_form(options.type) if options.type != "Opaque" else None,
        data=[{"secretKey": key, **_data(platform, reference, main)} for key, reference in secrets.items()],
        data_from=[_extract(platform, source, main) for source in (sources or {}).values()],
    )


def credential_view(
    platform: ResolvedPlatform, owner: Owner, name: str, key: str, template: Mapping[str, Any]
) -> Iterator[View]:
    """A Secret in the form that an operator reads, with one key of the credentials of a data service.

    ``template`` is the form; in its ``data``, ``PASSWORD`` stands for the value of the key.
    """
    spec = platform.spec
    settings = spec.settings.get(spec.datastores[owner.name].credentials or "")
    if settings is None:
        return  # the checks have a finding for it
    single = settings.secrets.get(key)
    references: list[SecretRef | SecretSource] = [single] if single else [*settings.secrets_from.values()]
    stores = [spec.stores_for(reference) for reference in references]
    if not references or not all(stores):
        return
    (main, *_), (kept, *_) = stores[0], stores[0].values()
    value = "{{ .password }}" if single else f"{{{{ index . {json.dumps(key)} }}}}"
    data = {part: text.replace(PASSWORD, value) for part, text in template["data"].items()}
    yield owner.view(
        "external-secret",
        name,
        refresh=settings.external_secret.refresh or kept.refresh,
        store=_store_ref(main, kept),
        target=name,
        creation_policy="Owner",
        deletion_policy=None,
        template=_form(template["type"], template.get("labels"), data),
        data=[{"secretKey": "password", **_data(platform, single, main)}] if single else [],
        data_from=[] if single else [_extract(platform, s, main) for s in settings.secrets_from.values()],
    )


def _form(kind: str, labels: Part | None = None, data: Part | None = None) -> Part:
    return {"type": kind, "labels": labels or {}, "data": data or {}}


def _data(platform: ResolvedPlatform, reference: SecretRef, main: str) -> Part:
    name, key = reference.place
    remote = present(key=name, version=reference.version, property=key)
    return {"remoteRef": remote, **_other_store(platform, reference, main)}


def _extract(platform: ResolvedPlatform, source: SecretSource, main: str) -> Part:
    name, _ = source.place
    extract = present(key=name, version=source.version)
    return {"extract": extract, **_other_store(platform, source, main)}


def _other_store(platform: ResolvedPlatform, reference: SecretRef | SecretSource, main: str) -> Part:
    """Where this one comes from, when that is not the store of the first."""
    ((name, store), *_) = platform.spec.stores_for(reference).items()
    return {} if name == main else {"sourceRef": {"storeRef": _store_ref(name, store)}}


def _store_ref(name: str, store: SecretStore) -> dict[str, str]:
    if isinstance(store, ExistingStore):
        return {"kind": store.kind, "name": store.name or name}
    return {"kind": "SecretStore", "name": name}


def _account_annotations(store: SecretStore) -> dict[str, str]:
    """What tells the cloud which of its own identities the service account stands for."""
    match store:
        case AwsStore():
            return {"eks.amazonaws.com/role-arn": store.role}
        case GcpStore(service_account=str() as account):
            return {"iam.gke.io/gcp-service-account": account}
        case AzureStore():
            return {
                "azure.workload.identity/client-id": store.client_id,
                "azure.workload.identity/tenant-id": store.tenant_id,
            }
        case _:
            return {}


def _provider(name: str, store: SecretStore) -> Part:
    account = {"name": name}
    match store:
        case AwsStore():
            auth = {"jwt": {"serviceAccountRef": account}}
            return {"aws": {"service": store.service, "region": store.region, "auth": auth}}
        case GcpStore():
            return {"gcpsm": {"projectID": store.project, "auth": {"workloadIdentity": _gke(store, account)}}}
        case AzureStore():
            return {
                "azurekv": {
                    "authType": "WorkloadIdentity",
                    "vaultUrl": store.vault_url,
                    "tenantId": store.tenant_id,
                    "serviceAccountRef": account,
                }
            }
        case VaultStore():
            return {"vault": _vault(store, account)}
        case ExistingStore():
            raise TypeError("it is made by somebody else")


def _gke(store: GcpStore, account: Part) -> Part:
    cluster = store.cluster
    where = (
        {
            "clusterProjectID": cluster.project,
            "clusterLocation": cluster.location,
            "clusterName": cluster.name,
        }
        if cluster
        else {}
    )
    return {**where, "serviceAccountRef": account}


def _vault(store: VaultStore, account: Part) -> Part:
    login = {"mountPath": store.auth_mount, "role": store.role, "serviceAccountRef": account}
    ca = store.ca and {"type": "ConfigMap", "name": store.ca.config_map, "key": store.ca.key}
    return present(
        server=store.server,
        namespace=store.namespace,
        path=store.mount,
        version=store.version,
        caProvider=ca,
        auth={"kubernetes": login},
    )
