"""What objects and values are to people who do not know the kinds of Kubernetes."""

from __future__ import annotations

from typing import Final

from manifestgen.kube.generalise.paths import ROUTES, WORKLOADS

TITLES: Final = {
    "images": "Images of helper containers that several components run.",
    "access": "Who may come in.",
    "rules": "What Prometheus records, and when it tells somebody.",
    "scrapeConfigs": "What else Prometheus scrapes.",
    "probes": "Which addresses are asked from outside the pods.",
    "issuers": "Who signs certificates.",
    "namespace": "The namespace itself.",
    "priorityClasses": "Which pods go first.",
    "quotas": "What may be used in the namespace.",
}
"""What parts of the values are about that belong to no component."""
NOUNS: Final[dict[str, str]] = {
    **dict.fromkeys(WORKLOADS, "pods"),
    **dict.fromkeys(ROUTES, "requests from outside"),
    "Gateway": "the way in",
    "ConfigMap": "settings",
    "ExternalSecret": "secrets",
    "Secret": "secrets",
    "SecretStore": "access to the store of secrets",
    "ServiceAccount": "service account",
    "Role": "permissions",
    "RoleBinding": "permissions",
    "ClusterRole": "permissions in the whole cluster",
    "ClusterRoleBinding": "permissions in the whole cluster",
    "ResourceQuota": "quotas",
    "PodMonitor": "what Prometheus scrapes",
    "ServiceMonitor": "what Prometheus scrapes",
    "ScrapeConfig": "what Prometheus scrapes",
    "Probe": "addresses that are asked",
    "PrometheusRule": "rules of Prometheus",
    "AlertmanagerConfig": "who is told about alerts",
    "LimitRange": "limits",
    "ClusterIssuer": "issuers of certificates",
    "PriorityClass": "priorities",
    "Namespace": "the namespace",
    "Service": "addresses",
    "NetworkPolicy": "network rules",
}
"""What objects are to people who do not know their kinds."""
