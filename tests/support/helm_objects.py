"""A small platform in three layers, by hand: what the tests of the chart are about."""

from __future__ import annotations

import copy
from typing import Any

from manifestgen.facts.checksum import config_checksum
from manifestgen.kube.objects import Inventory, KubeObject, Manifest
from manifestgen.targets.helm import ChartInfo, Dependency, Maintainer
from manifestgen.yamlio import emit

LAYERS = (None, "staging", "production")
POSTGRES = "registry-1.docker.io/bitnami"


def kube_object(manifest: Manifest, component: str, about: str = "") -> KubeObject:
    """The object of a manifest, as the Kubernetes templates would give it."""
    return KubeObject(
        manifest=manifest,
        text=emit.dump(manifest, header=about),
        component=component,
        template="test.yaml.j2",
        source=("workloads", component),
    )


def inventory(namespace: str | None, *objects: KubeObject) -> Inventory:
    return Inventory(namespace, {one.id: one for one in objects})


def layer(name: str | None) -> Inventory:
    """All objects of the base (None) or an environment."""
    is_production = name == "production"
    settings = _settings(name)
    objects = [
        kube_object(_deployment(name, settings), "api", "The HTTP API."),
        kube_object(_service("api", "api"), "api"),
        kube_object(_service("api-headless", "api", headless=True), "api"),
        kube_object(_config("api", settings), "api", "Settings of the API."),
        kube_object(_account("api", {"eks.amazonaws.com/role-arn": f"arn:{name}"} if name else {}), "api"),
        kube_object(_external_secret("api", name), "api"),
        kube_object(_hpa(name), "api"),
        kube_object(_role(), "api"),
        kube_object(_binding(), "api"),
        kube_object(_worker(name), "worker", "Celery workers."),
        kube_object(_scaled(name), "worker"),
        kube_object(_config("common", {"TZ": "UTC"}), "common"),
        kube_object(_policy("postgres", []), "postgres"),
        kube_object(_policy("default-deny", None), "platform"),
        kube_object(_store(name), "platform"),
    ]
    if name is not None:
        objects.append(kube_object(_ingress(name), "public", "Requests from outside."))
    if is_production:
        objects += [kube_object(_pdb(), "api"), kube_object(_service("api-lb", "api", balancer=True), "api")]
    else:
        objects.append(kube_object(_debug(), "debug"))
    return inventory(f"shop-{name}" if name else None, *copy.deepcopy(objects))


def layers() -> tuple[Inventory, dict[str, Inventory]]:
    """The base and the environments."""
    return layer(None), {name: layer(name) for name in LAYERS if name is not None}


INFO = ChartInfo(
    name="shop",
    description="A shop: catalogue, cart & checkout",
    version="1.2.3",
    app_version="2024.1",
    kube_version=">=1.29.0-0",
    home="https://shop.example.com",
    keywords=("shop",),
    maintainers=(Maintainer("platform-team"),),
    dependencies=(
        Dependency(
            "postgresql", "16.4.1", f"oci://{POSTGRES}", "postgres", "postgres.enabled", "The database."
        ),
        Dependency("redis", "20.6.0", f"oci://{POSTGRES}", "", "redis.enabled"),
    ),
    dependency_values={
        None: {"postgres": {"architecture": "standalone", "primary": {"persistence": {"enabled": True}}}},
        "staging": {
            "postgres": {"architecture": "standalone", "primary": {"persistence": {"enabled": False}}}
        },
        "production": {"postgres": {"architecture": "replication", "readReplicas": {"replicaCount": 2}}},
    },
    namespaces={"staging": "shop-staging", "production": "shop-production"},
)


def _meta(name: str, component: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "labels": _labels(component), **more}


def _labels(component: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": component, "app.kubernetes.io/part-of": "shop"}


def _settings(name: str | None) -> dict[str, str]:
    common = {
        "LOG_LEVEL": "info",
        "GREETING": 'say "hi" & <b>{{ name }}</b>\n  twice\n',
        "WORKERS": "4",
        "FLAG": "on",
        "EMPTY": "",
    }
    if name == "staging":
        return common | {"LOG_LEVEL": "debug", "WORKERS": "2"}
    if name == "production":
        return {k: v for k, v in common.items() if k != "FLAG"} | {"SENTRY": "true"}
    return common


def _resources(name: str | None) -> dict[str, Any]:
    if name == "production":
        return {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": 2, "memory": "4Gi"}}
    return {"requests": {"cpu": "200m", "memory": "384Mi"}, "limits": {"memory": "768Mi"}}


def _deployment(name: str | None, settings: dict[str, str]) -> Manifest:
    image = {"staging": "ghcr.io/example/api:1.5.0-rc.1"}.get(str(name), "ghcr.io/example/api:1.4.2")
    env = [{"name": "PORT", "value": "8000"}, {"name": "TRACE", "value": "0.1" if name else "0"}]
    if name == "production":
        env.append({"name": "SENTRY_DSN", "value": "https://sentry.example.com/1"})
    pod: dict[str, Any] = {
        "serviceAccountName": "api",
        "terminationGracePeriodSeconds": 60 if name == "production" else 30,
        "initContainers": [
            {
                "name": "wait-for-postgres",
                "image": "busybox:1.36",
                "command": ["sh", "-c", "until nc -z db 5432; do\n  sleep 1\ndone\n"],
            },
            {"name": "migrate", "image": image, "args": ["alembic", "upgrade", "head"]},
        ],
        "containers": [
            {
                "name": "api",
                "image": image,
                "args": ["--reload"] if name == "staging" else ["--workers", "4"],
                "ports": [{"name": "http", "containerPort": 8000}],
                "env": env,
                "envFrom": [{"configMapRef": {"name": "api"}}],
                "resources": _resources(name),
                "livenessProbe": {
                    "httpGet": {"path": "/health/live", "port": "http"},
                    "periodSeconds": 10,
                    "failureThreshold": 6 if name == "staging" else 3,
                },
                "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
            }
        ],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    }
    if name == "production":
        pod["nodeSelector"] = {"pool": "apps"}
        pod["priorityClassName"] = "high"
        pod["containers"].append({"name": "proxy", "image": "envoyproxy/envoy:v1.31", "resources": {}})
    strategy = {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0 if name else "25%"},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _meta("api", "api"),
        "spec": {
            **({} if name else {"replicas": 2}),
            "strategy": strategy,
            "selector": {"matchLabels": {"app.kubernetes.io/name": "api"}},
            "template": {
                "metadata": {
                    "labels": _labels("api"),
                    "annotations": {
                        "checksum/config": config_checksum(settings),
                        "prometheus.io/scrape": "true",
                    },
                },
                "spec": pod,
            },
        },
    }


def _worker(name: str | None) -> Manifest:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _meta("worker", "worker"),
        "spec": {
            "replicas": 0 if name == "staging" else 2,
            "selector": {"matchLabels": {"app.kubernetes.io/name": "worker"}},
            "template": {
                "metadata": {
                    "labels": _labels("worker"),
                    "annotations": {"checksum/common": config_checksum({"TZ": "UTC"})},
                },
                "spec": {
                    "initContainers": [{"name": "wait-for-rabbitmq", "image": "busybox:1.36"}],
                    "containers": [
                        {
                            "name": "worker",
                            "image": "ghcr.io/example/worker@sha256:" + "0" * 64,
                            "resources": _resources(None),
                            "command": ["celery", "-A", "app", "worker"],
                        }
                    ],
                },
            },
        },
    }


def _service(name: str, component: str, *, headless: bool = False, balancer: bool = False) -> Manifest:
    spec: dict[str, Any] = {
        "type": "LoadBalancer" if balancer else "ClusterIP",
        **({"clusterIP": "None"} if headless else {}),
        "selector": {"app.kubernetes.io/name": component},
        "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
    }
    more = {"annotations": {"example.com/internal": "true"}} if balancer else {}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _meta(name, component, **more), "spec": spec}


def _config(name: str, data: dict[str, str]) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _meta(name, name), "data": data}


def _account(name: str, annotations: dict[str, str]) -> Manifest:
    more = {"annotations": annotations} if annotations else {}
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": _meta(name, name, **more),
        "automountServiceAccountToken": False,
    }


def _external_secret(name: str, environment: str | None) -> Manifest:
    path = f"shop/{environment or 'base'}/database"
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": _meta(name, name),
        "spec": {
            "refreshInterval": "1h",
            "data": [
                {"secretKey": "DATABASE_URL", "remoteRef": {"key": path, "property": "url"}},
                {"secretKey": "API_KEY", "remoteRef": {"key": "shop/api", "property": "key"}},
            ],
        },
    }


def _hpa(name: str | None) -> Manifest:
    manifest: Manifest = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": _meta("api", "api"),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"},
            "minReplicas": 5 if name == "production" else 2,
            "maxReplicas": 50 if name == "production" else 10,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
                },
                {
                    "type": "Pods",
                    "pods": {
                        "metric": {"name": "http_requests_per_second"},
                        "target": {"type": "AverageValue", "averageValue": "1000"},
                    },
                },
            ],
        },
    }
    return manifest


def _scaled(name: str | None) -> Manifest:
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": _meta("worker", "worker"),
        "spec": {
            "minReplicaCount": 0 if name == "staging" else 1,
            "maxReplicaCount": 20,
            "triggers": [{"type": "rabbitmq", "metadata": {"queueName": "celery", "value": "50"}}],
        },
    }


def _ingress(name: str) -> Manifest:
    host = "shop.example.com" if name == "production" else "staging.shop.example.com"
    issuer = "letsencrypt" if name == "production" else "letsencrypt-staging"
    backend = {"service": {"name": "api", "port": {"name": "http"}}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": _meta("public", "public", annotations={"cert-manager.io/cluster-issuer": issuer}),
        "spec": {
            "ingressClassName": "nginx",
            "tls": [{"secretName": "public-tls", "hosts": [host]}],
            "rules": [
                {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
            ],
        },
    }


def _pdb() -> Manifest:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": _meta("api", "api"),
        "spec": {"minAvailable": "50%", "selector": {"matchLabels": {"app.kubernetes.io/name": "api"}}},
    }


def _policy(name: str, egress: list[Any] | None) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": _meta(name, name),
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            **({} if egress is None else {"egress": egress}),
        },
    }


def _role() -> Manifest:
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": _meta("api", "api"),
        "rules": rules,
    }


def _binding() -> Manifest:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": _meta("api", "api"),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "api"},
        "subjects": [{"kind": "ServiceAccount", "name": "api"}],
    }


def _store(name: str | None) -> Manifest:
    server = (
        "https://vault.example.com:8200" if name == "production" else "https://vault-dev.example.com:8200"
    )
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "SecretStore",
        "metadata": _meta("vault", "platform"),
        "spec": {
            "provider": {
                "vault": {
                    "server": server,
                    "path": "secret",
                    "version": "v2",
                    "auth": {"kubernetes": {"mountPath": "kubernetes", "role": f"shop-{name or 'base'}"}},
                }
            }
        },
    }


def _debug() -> Manifest:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _meta("debug", "debug"),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app.kubernetes.io/name": "debug"}},
            "template": {
                "metadata": {"labels": _labels("debug")},
                "spec": {"containers": [{"name": "debug", "image": "alpine:3.20", "resources": {}}]},
            },
        },
    }
