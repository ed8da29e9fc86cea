"""What the types of the spec cannot say: which names refer to which things, and which fields exclude others.

Keyed by model and field. A model inherits what its bases mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, get_args

from pydantic import BaseModel

from manifestgen.facts.lint import LEVELS
from manifestgen.facts.loadtests import parameters_of
from manifestgen.monitoring.rulebook import PRESET_ALERTS
from manifestgen.spec.containers import ImageRef
from manifestgen.spec.loadtests import Sending, Stage
from manifestgen.spec.manifests import Anything, KubernetesObject
from manifestgen.spec.monitoring import Alert
from manifestgen.spec.patches import JsonOperation, PatchTarget
from manifestgen.spec.platform import Platform, TargetName
from support.drawing.artist import Artist, Meaning, Place, fields_of, models_below, texts_in
from support.drawing.choices import Choices
from support.drawing.texts import BY_CHECK
from support.drawing.values import Drawn, DrawnList, DrawnMap, Ref, copied
from support.rendering import OWN_FILE

REFERENCES: Final[dict[tuple[str, str, str], str]] = {
    # model, field, role: what it names
    ("WorkloadBase", "settings", "item"): "settings",
    ("WorkloadBase", "connects", "item"): "peers",
    ("Wait", "services", "item"): "waitable",
    ("HttpCheck", "port", "value"): "port",
    ("TcpCheck", "port", "value"): "port",
    ("Metrics", "port", "value"): "pod-port",
    ("Service", "ports", "key"): "pod-port",
    ("QueueTrigger", "datastore", "value"): "rabbitmq",
    ("InCluster", "credentials", "value"): "secret-settings",
    ("QueueServer", "credentials", "value"): "secret-settings",
    ("External", "credentials", "value"): "secret-settings",
    ("PostgreSQLCluster", "password_key", "value"): "credentials-key",
    ("PostgreSQLCluster", "admin_password_key", "value"): "credentials-key",
    ("RabbitMQCluster", "password_key", "value"): "credentials-key",
    ("QueueServer", "url_key", "value"): "credentials-key",
    ("PostgreSQL", "password_key", "value"): "credentials-key",
    ("PostgreSQL", "admin_password_key", "value"): "credentials-key",
    ("PostgreSQL", "replication_password_key", "value"): "credentials-key",
    ("Redis", "password_key", "value"): "credentials-key",
    ("RabbitMQ", "password_key", "value"): "credentials-key",
    ("RabbitMQ", "erlang_cookie_key", "value"): "credentials-key",
    ("MinIO", "user_key", "value"): "credentials-key",
    ("MinIO", "password_key", "value"): "credentials-key",
    ("Backup", "datastore", "value"): "postgresql",
    ("Backup", "connects", "item"): "external",
    ("Backup", "password_key", "value"): "key-of-backup",
    ("LoadTests", "route", "value"): "http-route",
    ("LoadTests", "host", "value"): "host-of-tests",
    ("Users", "login", "value"): "login",
    ("Users", "tasks", "key"): "task",
    ("Profile", "users", "item"): "users",
    ("LoadThresholds", "slos", "item"): "measured-objective",
    ("Deployment", "backups", "item"): "backup",
    ("Migrations", "workload", "value"): "workload",
    ("SmokeCheck", "route", "value"): "route",
    ("Watch", "slos", "item"): "slo",
    ("RouteRule", "workload", "value"): "served-workload",
    ("RouteRule", "port", "value"): "served-port",
    ("RouteRule", "backends", "key"): "served-workload",
    ("Backend", "port", "value"): "port-of-backend",
    ("Mirror", "workload", "value"): "served-workload",
    ("Mirror", "port", "value"): "served-port",
    ("HostRule", "hosts", "item"): "host-of-route",
    ("ServerTls", "port", "value"): "port-of-service",
    ("WorkloadBase", "callers", "key"): "external",
    ("Caller", "ports", "item"): "pod-port",
    ("BusinessMetric", "workload", "value"): "measured-workload",
    ("CeleryExporter", "workload", "value"): "measured-workload",
    ("PostgresqlSource", "datastore", "value"): "postgresql",
    ("LokiSource", "traces", "value"): "traces-source",
    ("TempoSource", "logs", "value"): "logs-source",
    ("JaegerSource", "logs", "value"): "logs-source",
    ("Dashboards", "workloads", "item"): "workload",
    ("Alerting", "default", "value"): "receiver",
    ("AlertRoute", "to", "item"): "receiver",
    ("AlertRoute", "muted", "item"): "interval",
    ("AlertRoute", "active", "item"): "interval",
    ("Expectation", "tells", "item"): "receiver",
    ("Access", "role", "value"): "role",
    ("GrpcCheck", "port", "value"): "port",
    ("Container", "settings", "item"): "settings",
    ("InitContainer", "settings", "item"): "settings",
    ("Container", "mounts", "key"): "volume",
    ("InitContainer", "mounts", "key"): "volume",
    ("EnvSource", "container", "value"): "container",
    ("EnvSource", "secret", "value"): "secret-set",
    ("EnvSource", "config", "value"): "config-set",
    ("EnvSource", "key", "value"): "key-of-variable",
    ("KeyFiles", "name", "value"): "set-of-files",
    ("KeyFiles", "keys", "key"): "key-of-files",
    ("Projected", "config", "key"): "config-set",
    ("Projected", "secrets", "key"): "secret-set",
    ("KeysOfSet", "keys", "key"): "key-of-projection",
    ("Volume", "claim", "value"): "claim",
    ("WorkloadBase", "peers", "item"): "pod-port",
    ("Slo", "workload", "value"): "measured-workload",
    ("ExperimentBase", "workload", "value"): "lasting-workload",
    ("Network", "to", "value"): "way-of-experiment",
    ("InMesh", "plaintext", "item"): "pod-port",
    ("Tracing", "to", "value"): "external",
    ("Rollout", "analysis", "item"): "objective",
    ("RedisPlace", "datastore", "value"): "redis",
    ("PostgresqlTrigger", "datastore", "value"): "postgresql",
    ("Authentication", "settings", "value"): "secret-settings",
    ("Authentication", "secrets", "item"): "key-of-trigger",
    ("Authentication", "env", "item"): "variable",
    ("Autoscaling", "containers", "key"): "container",
    ("VerticalAutoscaling", "containers", "key"): "container",
    ("VaultSetup", "store", "value"): "vault-store",
    ("VaultSetup", "seeds", "key"): "vault-secret",
    ("DatabaseEngine", "datastore", "value"): "postgresql",
}


def _constant(*options: Any) -> Meaning:
    return lambda artist, place: artist.choices.pick(options)


def _alerts(artist: Artist, place: Place) -> DrawnMap:
    """Changes to alerts of the presets, and whole ones of one's own."""
    names = {name: artist.choices.chance(50) for name in artist.choices.sample(_ALERTS, 2)}
    drawn = DrawnMap(dict[str, Alert], place, 0, {})
    for name, own in names.items():
        drawn[f"Own{name}" if own else name] = entry = artist.model(Alert)
        for one in fields_of(Alert):
            if own and one.name in _WHOLE_ALERT:
                entry.setdefault(one.key, artist.field(Alert, one))
    return drawn


_WHOLE_ALERT: Final = ("expr", "severity", "component", "category", "summary", "description")
_ALERTS: Final = tuple(sorted(PRESET_ALERTS))


def _objects(artist: Artist, place: Place) -> Drawn:
    """An object of a user's own, of a kind that may already be there or not."""
    name = artist.choices.pick(("own-one", "own-two"))
    kind = artist.choices.pick(tuple(_OBJECTS))
    labels = {"labels": {"app.kubernetes.io/name": name}} if artist.choices.chance(60) else {}
    head = {"apiVersion": _OBJECTS[kind][0], "kind": kind, "metadata": {"name": name, **labels}}
    return Drawn(KubernetesObject, {**head, **copied(_OBJECTS[kind][1])})


_OBJECTS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "ConfigMap": ("v1", {"data": {"key": "{{ text }}", "on": "a\nb\n"}}),
    "Widget": (
        "example.com/v1",
        {"spec": {"size": 3, "parts": [{"name": "a"}, {"name": "b"}], "off": False}},
    ),
    "PersistentVolumeClaim": (
        "v1",
        {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}},
    ),
    "ClusterRole": (
        "rbac.authorization.k8s.io/v1",
        {"rules": [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}]},
    ),
    "LimitRange": ("v1", {"spec": {"limits": [{"type": "Container", "default": {"cpu": "1"}}]}}),
}


def _target(artist: Artist, place: Place) -> Drawn:
    """Objects that there mostly are."""
    fields = {
        "kind": lambda: artist.choices.pick(
            ("*", "NetworkPolicy", "Network*", "ServiceAccount", "Deployment")
        ),
        "name": lambda: artist.choices.pick(("*", "*a*", "api", "?*")),
        "group": lambda: artist.choices.pick(("*", "networking.k8s.io", "apps")),
        "labels": lambda: {"app.kubernetes.io/part-of": Ref("platform", 0)},
    }
    chosen = artist.choices.sample(tuple(fields), artist.choices.pick((1, 1, 2, 3)))
    return Drawn(PatchTarget, {key: fields[key]() for key in chosen})


_MERGES: Final[tuple[dict[str, Any], ...]] = (
    {"metadata": {"annotations": {"example.com/note": "{{ patched }}", "on": "yes"}}},
    {"metadata": {"labels": {"team": "a"}}},
    {"metadata": {"annotations": None, "labels": {"app.kubernetes.io/component": "other"}}},
)
_OPERATIONS: Final[tuple[tuple[dict[str, Any], ...], ...]] = (
    ({"op": "add", "path": "/metadata/annotations", "value": {"a": "1.10", "b/c": "null"}},),
    (
        {
            "op": "copy",
            "path": "/metadata/labels/copied",
            "from": "/metadata/labels/app.kubernetes.io~1part-of",
        },
        {"op": "move", "path": "/metadata/labels/moved", "from": "/metadata/labels/copied"},
        {"op": "replace", "path": "/metadata/labels/moved", "value": "x"},
    ),
    (
        {"op": "add", "path": "/metadata/labels/gone", "value": "x"},
        {"op": "test", "path": "/metadata/labels/gone", "value": "x"},
        {"op": "remove", "path": "/metadata/labels/gone"},
    ),
)


def _merges(artist: Artist, place: Place) -> Drawn:
    return Drawn(Anything, copied(artist.choices.pick(_MERGES)))


def _operations(artist: Artist, place: Place) -> DrawnList:
    steps = artist.choices.pick(_OPERATIONS)
    return DrawnList(list[JsonOperation], place, 1, [Drawn(JsonOperation, copied(step)) for step in steps])


def _targets(artist: Artist, place: Place) -> DrawnList:
    """All of them: whoever proves something of a spec wants to see its files."""
    return DrawnList(list[str], place, 1, list(get_args(TargetName)))


OF_RIGHTS: Final = ("vault-engine", "vault-gift")
"""What rights in Vault name: these references lie deeper than a field."""


def _rights(artist: Artist, place: Place) -> DrawnMap:
    """What a workload may have of one engine of Vault."""

    def name(kind: str) -> Ref:
        return Ref(kind, artist.choices.integer(0, 7))

    engine, gift = map(name, OF_RIGHTS)
    gifts = DrawnList(list[str], place, 1, [gift])
    engines = DrawnMap(dict[str, list[str]], place, 0, {engine: gifts})
    return DrawnMap(dict[str, dict[str, list[str]]], place, 0, {name("workload"): engines})


MEANINGS: Final[dict[tuple[str, str, str], Meaning]] = {
    ("Platform", "targets", "value"): _targets,
    ("VaultSetup", "access", "value"): _rights,
    ("KeyShares", "threshold", "value"): _constant(2, 3),
    ("KeyShares", "shares", "value"): _constant(3, 5, 9),
    ("TransitKey", "rotate", "value"): _constant("720h", "1h"),
    ("Cluster", "kubernetes_version", "value"): _constant("1.32", "1.31", "1.34", "1.29", "1.37", "1.25"),
    ("Settings", "secrets", "key"): _constant(
        "password", "admin-password", "TOKEN", "url", "tls.crt", "tls.key"
    ),
    ("Quota", "hard", "key"): _constant("count/jobs.batch", "requests.nvidia.com/gpu", "secrets", "pods"),
    ("Manifest", "object", "value"): _objects,
    ("Manifest", "file", "value"): _constant(OWN_FILE),
    ("Patch", "target", "value"): _target,
    ("Patch", "merge", "value"): _merges,
    ("Patch", "json_", "value"): _operations,
    ("Backup", "retention", "value"): _constant("30d", "1d", "2w"),
    ("Backup", "max_age", "value"): _constant("2y"),
    ("BackupStorage", "endpoint", "value"): _constant("https://s3.example.com:8443", "http://minio:9000"),
    ("BackupMetrics", "pushgateway", "value"): _constant("http://push.example.com:9091"),
    ("BackupMail", "server", "value"): _constant("smtp://mail.example.com:587", "smtps://mail.example.com"),
    ("Sending", "path", "value"): _constant("/", "/items", "/items/{item}", "/a/{one}/b/{another-one}"),
    ("SignIn", "path", "value"): _constant("/sign-in", "/oauth/token"),
    ("LoadTests", "url", "value"): _constant("http://localhost:8080", "https://api.example.com"),
    ("Waiting", "min", "value"): _constant("0s", "500ms", "1s"),
    ("Waiting", "max", "value"): _constant("1s", "10s"),
    ("Users", "weight", "value"): _constant(1, 3, 90),
    ("Users", "tasks", "item"): _constant(1, 2, 50),
    ("Stage", "users", "value"): _constant(10, 50, 200),
    ("Deployment", "server", "value"): _constant("https://api.example.com:6443"),
    ("Deployment", "prometheus", "value"): _constant("https://prometheus.example.com/here"),
    ("Slo", "objective", "value"): _constant(99.9, 99.5, 95.0, 99),
    ("Slo", "window", "value"): _constant("30d", "28d", "7d", "4w"),
    ("Monitoring", "retention", "value"): _constant("30d", "90d", "1y"),
    ("Monitoring", "runbooks_url", "value"): _constant("https://example.com/a%20b/c", "http://h"),
    ("Monitoring", "grafana_url", "value"): _constant("https://grafana.example.com:3000/in"),
    ("Latency", "threshold", "value"): _constant("500ms", "100ms", "1s"),
    ("Latency", "histogram", "value"): _constant("http_request_duration_seconds", "own_seconds"),
    ("Latency", "buckets", "value"): lambda artist, place: DrawnList(list[float], place, 0, [0.1, 0.5, 1.0]),
    ("Custom", "errors", "value"): _constant('http_requests_total{status=~"5..|429",instance="a b"}'),
    ("Custom", "total", "value"): _constant("http_requests_total"),
    ("CronTrigger", "start", "value"): _constant("0 8 * * 1-5", "*/5 0 1 * *"),
    ("CronTrigger", "end", "value"): _constant("0 18 * * 1-5", "30 9 * * MON"),
    ("CronTrigger", "timezone", "value"): _constant("Europe/Berlin", "UTC"),
    ("Availability", "counter", "value"): _constant("http_requests_total"),
    ("ChartSource", "version", "value"): _constant("16.4.2", "16.x.x", "^1.2.0", ">=1.2.3 <2.0.0 || 3.0.0"),
    ("External", "host", "value"): _constant("db.example.com", "a.b.example.org"),
    ("PostgreSQLCluster", "image", "value"): lambda artist, place: Drawn(
        ImageRef, {"repository": "ghcr.io/example/postgresql", "tag": artist.choices.pick(("17.5", "16-1"))}
    ),
    ("Rollout", "steps", "value"): lambda artist, place: DrawnList(list[int], place, 1, [5, 50, 100]),
    ("Lint", "ignore", "key"): lambda artist, place: artist.choices.pick(sorted(LEVELS)),
    ("Window", "schedule", "value"): _constant("0 22 * * 1-5", "30 4 * * *", "@daily"),
    ("Container", "ports", "key"): _constant("side", "stats", "proxy"),
    ("WorkloadBase", "ports", "key"): _constant("http", "grpc", "admin", "metrics", "amqp"),
    ("Service", "type", "value"): _constant("ClusterIP", "LoadBalancer", "Headless"),
    ("Served", "services", "key"): _constant("main", "headless", "external", "internal"),
    ("Scratch", "path", "value"): _constant("/tmp", "/var/cache", "/run/app", "/data dir", "/srv"),
    ("Monitoring", "alerts", "value"): _alerts,
    ("Alert", "expr", "value"): _constant(
        "up == 0", 'sum by (job) (rate(x_total{a="b\\"c"}[5m])) > 1', "vector(1)"
    ),
    ("Alerting", "version", "value"): _constant("0.28", "0.25", "0.31", "0.24"),
    ("Monitoring", "version", "value"): _constant("2.42", "2.53", "3.5", "2.37"),
    ("Match", "labels", "key"): _constant("namespace", "region", "instance"),
    ("Expectation", "at", "value"): _constant("2026-11-27T22:00+01:00", "2028-02-29T00:00Z"),
    ("Cardinality", "limits", "key"): _constant("prometheus"),
    ("Interval", "location", "value"): _constant("UTC", "Europe/Zurich", "America/New_York"),
    ("Monitoring", "scrape_interval", "value"): _constant("15s", "30s", "1m", "10s"),
    ("Monitoring", "scrape_timeout", "value"): _constant("10s", "5s", "15s"),
}

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "settings": ("app", "shared", "credentials", "common"),
    "workloads": ("api", "web", "worker", "beat", "batch", "agent"),
    "datastores": ("postgres", "redis", "rabbitmq", "minio", "second-db"),
    "externals": ("internet", "smtp", "partner", "legacy"),
    "routes": ("public", "admin-site", "hooks"),
    "backups": ("nightly", "weekly", "db-backup"),
}
"""Names for the sections of a platform, which must all differ."""

_VOLUMES: Final = ("claim", "config", "secret", "projected", "csi", "ephemeral", "host_path")
_BY_HPA: Final = ("metrics", "objects", "external")
_BY_KEDA: Final = ("queues", "triggers")
SHAPES: Final[tuple[tuple[str, tuple[str, ...], int, int], ...]] = (
    # model, fields, how many of them at least, at most
    ("ImageRef", ("tag", "digest"), 1, 2),
    ("Probe", ("http", "tcp", "grpc", "command"), 1, 1),
    ("Hook", ("command", "http", "sleep"), 1, 1),
    ("EnvSource", ("field", "resource", "secret", "config"), 1, 1),
    ("Delivered", ("tag", "commit"), 0, 1),
    ("ArgoCD", ("project", "windows"), 0, 1),
    ("BackupMetrics", ("pushgateway", "textfile"), 1, 1),
    ("BackupNotify", ("slack", "email"), 1, 2),
    ("Volume", _VOLUMES, 1, 1),
    ("Task", ("path", "batch"), 1, 1),
    ("Login", ("token", "sign_in"), 1, 1),
    ("Projected", ("tokens", "fields", "config", "secrets"), 1, 4),
    ("Claim", ("size", "existing"), 1, 1),
    ("Claim", ("storage_class", "existing"), 0, 1),
    ("NodeMatch", ("not_in", "exists", "above", "below"), 1, 1),
    ("InitContainer", ("image", "command"), 1, 2),
    ("ContainerSecurity", ("run_as_root", "run_as_user"), 0, 1),
    ("ContainerSecurity", ("run_as_root", "run_as_group"), 0, 1),
    ("ContainerSecurity", ("privileged", "capabilities"), 0, 1),
    ("ContainerSecurity", ("privileged", "privilege_escalation"), 0, 1),
    ("ContainerSecurity", ("privileged", "seccomp_profile"), 0, 1),
    ("ContainerSecurity", ("privileged", "app_armor_profile"), 0, 1),
    ("Pod", ("host_pid", "share_processes"), 0, 1),
    ("Scalable", ("replicas", "autoscaling"), 1, 1),
    ("Autoscaling", ("cpu", "memory", "containers", *_BY_HPA, *_BY_KEDA), 1, 8),
    *(("Autoscaling", (one, other), 0, 1) for one in _BY_HPA for other in _BY_KEDA),
    ("ResourceTargets", ("cpu", "memory"), 1, 2),
    ("_OneFigure", ("value", "average"), 1, 1),
    ("ScalingPolicy", ("percent", "pods"), 1, 1),
    *(
        ("ScaleBehavior", (f"scale_{way}", f"{way}_{key}"), 0, 1)
        for way in ("up", "down")
        for key in ("window", "percent")
    ),
    ("PodFailure", ("exit_codes", "exit_codes_except", "pod_conditions"), 1, 1),
    ("DaemonUpdate", ("max_unavailable", "max_surge"), 0, 1),
    ("Slo", ("availability", "latency", "custom"), 0, 1),
    *((model, ("datastore", "address"), 1, 1) for model in ("RedisPlace", "PostgresqlTrigger")),
    *((model, ("datastore", "authentication"), 0, 1) for model in ("RedisPlace", "PostgresqlTrigger")),
    *(("PostgresqlTrigger", ("datastore", key), 1, 1) for key in ("database", "username")),
    ("RedisStreamTrigger", ("stream_length", "pending_entries", "lag"), 1, 1),
    ("RedisStreamTrigger", ("stream_length", "consumer_group"), 1, 1),
    ("Authentication", ("secrets", "env", "pod_identity", "vault"), 1, 4),
    ("PodIdentity", ("owner", "role_arn"), 0, 1),
    ("DisruptionBudget", ("min_available", "max_unavailable"), 1, 1),
    ("Storage", ("size", "ephemeral"), 1, 1),
    ("FileOrEnv", ("file", "env"), 1, 1),
    ("External", ("host", "addresses"), 1, 1),
    ("External", ("addresses", "networks"), 1, 1),
    ("External", ("namespace", "networks"), 1, 1),
    ("External", ("namespace", "except_networks"), 0, 1),
    ("Receiver", ("slack", "pagerduty", "opsgenie", "email", "teams", "webhook"), 1, 6),
    ("Webhook", ("url", "url_file"), 1, 1),
    *((model, ("vault", "aws", "gcp", "azure", "remote"), 1, 1) for model in ("SecretRef", "SecretSource")),
    ("Manifest", ("object", "file"), 1, 1),
    ("Patch", ("merge", "json_"), 1, 1),
    ("PatchTarget", ("group", "kind", "name", "labels"), 1, 4),
    ("Http01", ("ingress_class", "gateway"), 1, 1),
    ("Dns01", ("route53", "cloud_dns", "azure_dns", "cloudflare"), 1, 1),
    ("Solver", ("http01", "dns01"), 1, 1),
    ("ClusterPermission", ("resources", "non_resource_urls"), 1, 1),
    ("ClusterPermission", ("names", "non_resource_urls"), 0, 1),
    ("Access", ("groups", "users", "service_accounts"), 1, 3),
    ("LimitRange", ("container", "pod", "persistent_volume_claim"), 1, 3),
    ("RouteRule", ("workload", "backends", "redirect"), 0, 1),
    ("HostRule", ("workload", "backends", "redirect"), 1, 1),
    ("Route", ("workload", "backends", "redirect", "rules"), 1, 2),
    ("Auth", ("basic", "external"), 1, 1),
    ("Redirect", ("scheme", "host", "port", "path", "prefix"), 1, 4),
    *((model, ("path", "prefix"), 0, 1) for model in ("Redirect", "Rewrite")),
    ("Rewrite", ("host", "path", "prefix"), 1, 2),
    ("Gateway", ("class_", "shared"), 1, 1),
    ("DatabaseRole", ("access", "creation"), 1, 1),
    ("Match", ("severity", "category", "component", "team", "environment", "alert", "labels"), 1, 7),
    ("Period", ("weekdays", "times", "dates"), 1, 3),
)


def _bases(model: type[BaseModel]) -> Iterator[str]:
    return (base.__name__ for base in model.__mro__)


def meaning_of(place: Place) -> Meaning | None:
    """What draws a value at ``place``, where its type does not say enough."""
    if place.model is None:
        return None
    if place.model.__name__ == "Platform" and place.role == "key" and place.field in NAMES:
        return _constant(*NAMES[place.field])
    for base in _bases(place.model):
        key = (base, place.field, place.role)
        if key in MEANINGS:
            return MEANINGS[key]
        if key in REFERENCES:
            return _reference(REFERENCES[key])
    return None


def _reference(kind: str) -> Meaning:
    def draw(artist: Artist, place: Place) -> Ref:
        return Ref(kind, artist.choices.integer(0, 7))

    return draw


_OF_VARIABLE: Final = {
    "container": ("resource",),
    "divisor": ("resource",),
    "key": ("secret", "config"),
    "existing": ("secret", "config"),
    "optional": ("secret", "config"),
}
"""Which keys of a variable's source say something about which kinds of it."""


class Shapes:
    """Which fields exclude each other, and of which there must be one."""

    def fitted(self, choices: Choices, model: type[BaseModel], chosen: set[str], keep: str = "") -> set[str]:
        """``chosen``, made to hold as many of each group as there may be; ``keep`` stays."""
        bases = set(_bases(model))
        for name, fields, fewest, most in SHAPES:
            if name not in bases or not model.model_fields.keys() >= set(fields):
                continue
            have = sorted((field for field in fields if field in chosen), key=lambda one: one != keep)
            lack = [field for field in fields if field not in chosen]
            if len(have) < fewest:
                chosen = chosen | set(choices.sample(lack, fewest - len(have)))
            elif len(have) > most:
                chosen = chosen - (
                    set(have) - set(have[:most] if keep in have else choices.sample(have, most))
                )
        return chosen

    @staticmethod
    def tidied(artist: Artist, drawn: Drawn) -> None:
        """Take out of ``drawn`` what says nothing beside the rest of it, and add what that needs."""
        for base in _bases(drawn.model):
            if base in _TIDIES:
                _TIDIES[base](artist, drawn)


def _tidy_variable(artist: Artist, drawn: Drawn) -> None:
    for key, kinds in _OF_VARIABLE.items():
        if not drawn.keys() & set(kinds):
            drawn.pop(key, None)
    if drawn.keys() & {"secret", "config"} and "key" not in drawn:
        (field,) = (one for one in fields_of(drawn.model) if one.key == "key")
        drawn["key"] = artist.field(drawn.model, field)


def _tidy_scaling(artist: Artist, drawn: Drawn) -> None:
    if not drawn.keys() & set(_BY_KEDA):
        for key in ("idleReplicas", "fallback", "paused", "pausedReplicas"):
            drawn.pop(key, None)
    if "pausedReplicas" in drawn:
        drawn["paused"] = True
    if "idleReplicas" in drawn or not drawn.keys() & set(_BY_KEDA):
        drawn["min"] = max(1, drawn["min"])


def _tidy_storage(artist: Artist, drawn: Drawn) -> None:
    """The way of encryption as what else there is wants it."""
    if "passphrase" in drawn or ("encryption" in drawn and drawn["encryption"] == "client"):
        drawn["encryption"] = "client"
        drawn.pop("kmsKey", None)
        _given(artist, drawn, "passphrase")
    elif "kmsKey" in drawn:
        drawn["encryption"] = "sse-kms"
    if drawn.keys() & {"accessKeyId", "secretAccessKey"}:
        _given(artist, drawn, "accessKeyId")
        _given(artist, drawn, "secretAccessKey")


def _tidy_backup(artist: Artist, drawn: Drawn) -> None:
    if drawn.keys() & {"username", "passwordKey"}:
        _given(artist, drawn, "username")
        _given(artist, drawn, "passwordKey")


def _tidy_mail(artist: Artist, drawn: Drawn) -> None:
    if drawn.keys() & {"username", "password"}:
        _given(artist, drawn, "username")
        _given(artist, drawn, "password")


def _tidy_watch(artist: Artist, drawn: Drawn) -> None:
    drawn["count"] = max(drawn.get("count", 1), drawn.get("failures", 1) + 1)


def _given(artist: Artist, drawn: Drawn, key: str) -> None:
    if key not in drawn:
        (field,) = (one for one in fields_of(drawn.model) if one.key == key)
        drawn[key] = artist.field(drawn.model, field)


def _tidy_request(artist: Artist, drawn: Drawn) -> None:
    """Parameters as the path has them, and a method that may carry a body; nothing beside a batch."""
    fields = {one.key: one for one in fields_of(drawn.model)}
    if "batch" in drawn:
        for key in Sending.model_fields:
            drawn.pop(key, None)
        return
    if "path" not in drawn:
        drawn["path"] = artist.field(drawn.model, fields["path"])
    drawn.pop("parameters", None)
    wanted = parameters_of(drawn["path"])
    if wanted:
        drawn["parameters"] = made = artist.field(drawn.model, fields["parameters"])
        if not made:
            artist.add_member(made)
        values = next(iter(made.values()))
        made.clear()
        made.update({name: DrawnList(values.annotation, values.place, 1, list(values)) for name in wanted})
    if "body" in drawn and drawn.get("method", "GET") in ("GET", "HEAD"):
        drawn["method"] = "POST"


def _tidy_stage(artist: Artist, drawn: Drawn) -> None:
    if all(drawn.get(key, "0s") == "0s" for key in ("ramp", "hold")):
        drawn["hold"] = "30s"


def _tidy_profile(artist: Artist, drawn: Drawn) -> None:
    if not drawn["stages"]:
        drawn["stages"].append(artist.model(Stage))


def _tidy_identity(artist: Artist, drawn: Drawn) -> None:
    for key in ("identityId",) if drawn["provider"] == "aws" else ("owner", "roleArn"):
        drawn.pop(key, None)


def _tidy_rollout(artist: Artist, drawn: Drawn) -> None:
    rollout = drawn.get("rollout")
    if rollout is None:
        return
    if drawn.get("strategy") not in ("canary", "blue-green"):
        drawn["strategy"] = artist.choices.pick(("canary", "blue-green"))
    others = {
        "canary": ("autoPromote", "autoPromoteAfter", "previewReplicas"),
        "blue-green": ("steps", "pause", "traffic"),
    }
    for key in others[drawn["strategy"]]:
        rollout.pop(key, None)
    if "autoPromoteAfter" in rollout:
        rollout["autoPromote"] = False
    if drawn["strategy"] == "blue-green":
        drawn.pop("update", None)


def _tidy_batch(artist: Artist, drawn: Drawn) -> None:
    if drawn.keys() & {"podFailurePolicy", "backoffLimitPerIndex"}:
        drawn.pop("restartPolicy", None)
    if "maxFailedIndexes" in drawn:
        drawn.setdefault("backoffLimitPerIndex", 2)
    if "backoffLimitPerIndex" in drawn:
        drawn["completionMode"] = "Indexed"
    if drawn.get("completionMode") == "Indexed":
        drawn["completions"] = artist.choices.pick((2, 3, 10))
    if "maxFailedIndexes" in drawn:
        drawn["maxFailedIndexes"] = 1


def _tidy_job(artist: Artist, drawn: Drawn) -> None:
    if "ttlAfterFinished" in drawn:
        drawn["rerun"] = "everyRelease"
    if drawn.get("rerun") == "everyRelease":
        drawn.pop("suspend", None)


def _tidy_skew(artist: Artist, drawn: Drawn) -> None:
    if "minDomains" in drawn:
        drawn["required"] = True


def _tidy_toleration(artist: Artist, drawn: Drawn) -> None:
    if "seconds" in drawn:
        drawn["effect"] = "NoExecute"


def _tidy_latency(artist: Artist, drawn: Drawn) -> None:
    if drawn.get("histogram") != "http_request_duration_seconds":
        (field,) = (one for one in fields_of(drawn.model) if one.key == "buckets")
        drawn["buckets"] = artist.field(drawn.model, field)


def _tidy_rule(artist: Artist, drawn: Drawn) -> None:
    if drawn.keys() & {"backends", "redirect"}:
        drawn.pop("port", None)
    if drawn.keys() & {"workload", "port"}:
        for field in fields_of(drawn.model):
            if field.key in ("workload", "port") and field.key not in drawn:
                drawn[field.key] = artist.field(drawn.model, field)
    if "redirect" in drawn:
        drawn.pop("rewrite", None)
        drawn.pop("mirror", None)
    if any("prefix" in drawn.get(key, ()) for key in ("redirect", "rewrite")):
        drawn.pop("pathType", None)
        drawn.pop("match", None)
        del drawn.get("paths", [])[1:]


def _tidy_route(artist: Artist, drawn: Drawn) -> None:
    if not drawn.keys() & {"workload", "backends", "redirect"}:
        for key in ("paths", "pathType", "match", "rewrite", "mirror", "requestHeaders", "responseHeaders"):
            drawn.pop(key, None)
    if drawn.get("protocol") == "GRPC":
        rules = [drawn, *drawn.get("rules", {}).values()]
        for rule in rules:
            if "paths" in rule:
                rule["paths"][:] = ["/shop.v1.Orders", "/shop.v1.Orders/Get"][: len(rule["paths"])]


def _tidy_lifetimes(artist: Artist, drawn: Drawn) -> None:
    """What lasts until its end at most."""
    if drawn.keys() & {"ttl", "maxTtl"}:
        drawn["ttl"], drawn["maxTtl"] = artist.choices.pick((("30m", "30m"), ("10s", "24h"), ("5m", "1h30m")))


def _tidy_server(artist: Artist, drawn: Drawn) -> None:
    """As many servers as can share what is stored."""
    storage = drawn["storage"]
    if "highAvailability" in drawn:
        drawn["highAvailability"] = storage["type"] in ("raft", "consul")


def _tidy_platform(artist: Artist, drawn: Drawn) -> None:
    """Either way in, as what the routes want to say; the other says nothing then."""
    routes = drawn.get("routes", {}).values()
    rules = [rule for route in routes for rule in (route, *route.get("rules", {}).values())]
    wish = sum(len(rule.keys() & _OF_GATEWAYS) for rule in rules)
    wish -= sum(len(route.keys() & _OF_INGRESSES) for route in routes)
    cluster = drawn["cluster"]
    if wish or "routing" in cluster:
        cluster["routing"] = "gateway" if wish > 0 else "ingress" if wish else cluster["routing"]
    is_gateway = cluster.get("routing") == "gateway"
    for rule in rules:
        for key in _OF_INGRESSES if is_gateway else _OF_GATEWAYS:
            rule.pop(key, None)
    if is_gateway and "gateway" not in cluster:
        (field,) = (one for one in fields_of(cluster.model) if one.key == "gateway")
        cluster["gateway"] = artist.field(cluster.model, field)


_OF_GATEWAYS: Final = {"match", "backends", "requestHeaders", "responseHeaders", "mirror", "backendTimeout"}
_OF_INGRESSES: Final = {"auth", "allowFrom", "rateLimit", "firewall", "sessionCookie", "maxBody"}


_TIDIES: Final[dict[str, Callable[[Artist, Drawn], None]]] = {
    "EnvSource": _tidy_variable,
    "BackupStorage": _tidy_storage,
    "BackupMail": _tidy_mail,
    "Backup": _tidy_backup,
    "Watch": _tidy_watch,
    "Autoscaling": _tidy_scaling,
    "PodIdentity": _tidy_identity,
    "Sending": _tidy_request,
    "Stage": _tidy_stage,
    "Profile": _tidy_profile,
    "Replicated": _tidy_rollout,
    "Skew": _tidy_skew,
    "Batch": _tidy_batch,
    "Job": _tidy_job,
    "Toleration": _tidy_toleration,
    "Latency": _tidy_latency,
    "RouteRule": _tidy_rule,
    "Route": _tidy_route,
    "Platform": _tidy_platform,
    "Lifetimes": _tidy_lifetimes,
    "VaultServer": _tidy_server,
}
"""By model: what goes with what in it."""


def untaught() -> Iterator[str]:
    """What is wrong with drawing any field, because nobody has said how: see ``texts.BY_CHECK``."""
    for model in sorted(models_below(Platform), key=lambda one: one.__name__):
        for field in fields_of(model):
            for limits in texts_in(field.annotation):
                if limits.check is not None and limits.check not in BY_CHECK and limits.pattern is None:
                    yield f"{model.__name__}.{field.name}: {limits.check.__name__} has no generator"
