"""Names and labels that objects share, made here and nowhere else."""

from __future__ import annotations

from typing import Final

LABEL_NAME: Final = "app.kubernetes.io/name"
LABEL_PART_OF: Final = "app.kubernetes.io/part-of"
LABEL_COMPONENT: Final = "app.kubernetes.io/component"
NAMESPACE_LABEL: Final = "kubernetes.io/metadata.name"
"""Label that Kubernetes itself puts on each namespace (since 1.22)."""
SECRET_STORE: Final = "vault"
"""Name of the store that a top-level ``vault`` is short for."""
PLATFORM: Final = "platform"
"""Component of the objects that belong to no single thing."""
MAIN_SERVICE: Final = "main"
DASHBOARD_LABEL: Final = "grafana_dashboard"
"""The label of ConfigMaps in which the sidecar of Grafana looks for dashboards; the charts' default."""
THIS_NAMESPACE: Final = "this-namespace"
"""Stands in names for the namespace, a fact of the environment (see ``kube.identity.in_namespace``)."""
LIMIT_RANGE: Final = "limits"
"""Name of the LimitRange."""
GOVERNING_SERVICE: Final = "headless"
"""The Service that names the pods of a StatefulSet."""


def labels(name: str, platform: str, role: str) -> dict[str, str]:
    """The labels of an object, as Kubernetes recommends them; none of them changes with a version."""
    return {LABEL_NAME: name, LABEL_PART_OF: platform, LABEL_COMPONENT: role}


def selector(name: str, platform: str) -> dict[str, str]:
    """The labels that select the pods of ``name``; small, because a selector can never change."""
    return {LABEL_NAME: name, LABEL_PART_OF: platform}


def config_map(owner: str) -> str:
    """The ConfigMap of a workload or a set of settings."""
    return f"{owner}-config"


def files(owner: str) -> str:
    """The ConfigMap of the files that containers of a workload read."""
    return f"{owner}-files"


def scripts(backup: str) -> str:
    """The ConfigMap of the scripts of a backup."""
    return f"{backup}-scripts"


def secret(owner: str) -> str:
    """The Secret of a workload or a set of settings."""
    return f"{owner}-secrets"


def service(workload: str, key: str) -> str:
    """A Service of a workload; the main one has the workload's name."""
    return workload if key == MAIN_SERVICE else f"{workload}-{key}"


def new_version_service(workload: str, strategy: str) -> str:
    """The Service that leads to the pods of the new version alone, while Argo Rollouts brings it out."""
    return f"{workload}-{'canary' if strategy == 'canary' else 'preview'}"


def tls_secret(route: str) -> str:
    """The Secret that cert-manager keeps a route's certificate in."""
    return f"{route}-tls"


def in_cluster(name: str) -> str:
    """The name of an object of the whole cluster: two environments in one cluster must not share it."""
    return f"{THIS_NAMESPACE}-{name}"


def account_key(issuer: str) -> str:
    """The Secret that cert-manager keeps the key of an issuer's account in."""
    return f"{issuer}-account-key"


GATEWAY_LABEL: Final = "gateway.networking.k8s.io/gateway-name"
"""Label of the pods that a controller starts for a Gateway (GEP-1762)."""

HTTP_LISTENER: Final = "http"
"""The listener for plain HTTP."""


def https_listener(host: str) -> str:
    """The listener for one host; a name cannot have a star."""
    return f"https-{host.replace('*', 'wildcard', 1)}"
