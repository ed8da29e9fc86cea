"""When the alerts of the presets fire: every figure with its reason."""

from typing import Annotated

from pydantic import Field

from manifestgen.spec.base import Duration, Model, Percent, PositiveCount, defaults_of

Share = Annotated[float, Field(gt=0, le=100)]
"""A share in per cent, with a fraction where it helps: `0.1`."""

Rate = Annotated[float, Field(ge=0)]
"""Events in a second."""


class WebThresholds(Model):
    """Workloads of type `web`, by the requests they report; those for probes and metrics do not count."""

    errors_warning: Share = 1
    """Share of answers with a 5xx status; a tenth of what ends a load test."""
    errors_critical: Share = 5
    """Share of answers with a 5xx status; the service is failing its users."""
    latency_p95: Duration = "500ms"
    """95 of 100 requests should be faster; where people begin to wait. Here probes count, too: the
    histogram of durations knows no paths."""
    latency_p99: Duration = "1s"
    """99 of 100 requests should be faster; where people begin to give up. Here, too, probes count."""
    quiet: Rate = 0.05
    """Requests in a second below which shares of errors say nothing: three in a minute."""


class CeleryThresholds(Model):
    """Tasks and workers of Celery."""

    failures: Share = 5
    """Share of tasks that fail; a few fail and are retried on any day."""
    retries: Share = 20
    """Share of tasks that are retried; more means that something they need is gone."""
    backlog: PositiveCount = 1000
    """Messages in one queue; what the workers clear within minutes."""
    runtime_p95: Duration = "5m"
    """95 of 100 tasks should end faster; half of Celery's usual time limit of ten minutes."""


class PostgresqlThresholds(Model):
    """PostgreSQL."""

    connections_warning: Percent = 80
    """Share of `max_connections` in use; time left to find the leak."""
    connections_critical: Percent = 95
    """Share of `max_connections` in use; the next deployment is refused."""
    replication_lag_warning: Duration = "30s"
    """How far a replica may be behind; readers begin to see old data."""
    replication_lag_critical: Duration = "5m"
    """How far a replica may be behind; a failover would lose that much."""
    cache_hits: Percent = 90
    """Share of blocks found in memory; below it the disk decides the speed."""
    longest_transaction: Duration = "10m"
    """Age of the oldest transaction; older ones keep vacuum from cleaning up."""
    rollbacks: Percent = 10
    """Share of transactions that are rolled back."""
    busy_sessions: Rate = 20
    """Sessions that are working at the same time, on average; more than the cores can serve."""


class TimescaledbThresholds(Model):
    """TimescaleDB."""

    job_age: Duration = "2d"
    """Age of the last good run of a job; the policies for columns, retention and aggregates run daily."""
    loose_chunks: PositiveCount = 30
    """Chunks of a hypertable with compression that are not compressed; a month of chunks of a day."""


class RedisThresholds(Model):
    """Redis."""

    memory_warning: Percent = 80
    """Share of `maxmemory` in use."""
    memory_critical: Percent = 95
    """Share of `maxmemory` in use; the next writes are refused or push keys out."""
    evictions: Rate = 10
    """Keys pushed out in a second; the cache is too small for what is asked of it."""
    cache_hits: Percent = 50
    """Share of reads that find their key; below it the cache costs more than it saves."""
    clients: Percent = 80
    """Share of `maxclients` in use."""
    replication_lag: Duration = "10s"
    """How far a replica may be behind."""
    latency: Duration = "5ms"
    """How long a command may take on average; Redis answers within a millisecond."""


class RabbitmqThresholds(Model):
    """RabbitMQ."""

    queue_warning: PositiveCount = 1000
    """Messages that wait in one queue."""
    queue_critical: PositiveCount = 10000
    """Messages that wait in one queue; memory fills up."""
    oldest_message: Duration = "15m"
    """How long the oldest message may wait; the consumers are behind."""
    unacknowledged: PositiveCount = 1000
    """Messages that consumers took and have not confirmed."""
    memory: Percent = 80
    """Share of the memory limit in use; at the limit publishers are blocked."""
    file_descriptors: Percent = 80
    """Share of file descriptors in use; at the limit connections are refused."""


class MinioThresholds(Model):
    """MinIO."""

    capacity_warning: Percent = 80
    """Share of the usable space in use; time left to order more."""
    capacity_critical: Percent = 90
    """Share of the usable space in use; MinIO slows down before it is full."""
    errors: Share = 5
    """Share of requests answered with a 5xx status."""


class IngressThresholds(Model):
    """The ingress controller or Gateway, and the probes of the routes."""

    errors: Share = 5
    """Share of answers with a 5xx status."""
    latency_p95: Duration = "1s"
    """95 of 100 requests should be faster, seen from the controller or Gateway."""
    probe: Duration = "2s"
    """How long a probe of a route may take."""


class CertificateThresholds(Model):
    """Certificates."""

    expiry_warning: Duration = "21d"
    """Time left; cert-manager renews 30 days before the end, so renewal has failed for nine days."""
    expiry_critical: Duration = "7d"
    """Time left; somebody must renew by hand."""


class KubernetesThresholds(Model):
    """Pods, containers and volumes of the platform."""

    restarts: PositiveCount = 3
    """Restarts of a container within 15 minutes."""
    memory: Percent = 90
    """Share of the memory limit in use; at the limit the container is killed."""
    throttling: Percent = 25
    """Share of the scheduling periods in which a container had to wait for CPU."""
    volume_warning: Percent = 80
    """Share of a volume in use."""
    volume_critical: Percent = 90
    """Share of a volume in use; databases stop when it is full."""


class NodeThresholds(Model):
    """Nodes."""

    cpu: Percent = 85
    """Share of CPU in use."""
    memory: Percent = 90
    """Share of memory in use."""
    disk_warning: Percent = 80
    """Share of a file system in use."""
    disk_critical: Percent = 90
    """Share of a file system in use; the kubelet evicts pods at about 85 to 90."""


class Thresholds(Model):
    """When the alerts of the presets fire, by what they watch."""

    web: WebThresholds = defaults_of(WebThresholds)
    """Workloads of type `web`."""
    celery: CeleryThresholds = defaults_of(CeleryThresholds)
    """Tasks and workers of Celery."""
    postgresql: PostgresqlThresholds = defaults_of(PostgresqlThresholds)
    """PostgreSQL."""
    timescaledb: TimescaledbThresholds = defaults_of(TimescaledbThresholds)
    """TimescaleDB."""
    redis: RedisThresholds = defaults_of(RedisThresholds)
    """Redis."""
    rabbitmq: RabbitmqThresholds = defaults_of(RabbitmqThresholds)
    """RabbitMQ."""
    minio: MinioThresholds = defaults_of(MinioThresholds)
    """MinIO."""
    ingress: IngressThresholds = defaults_of(IngressThresholds)
    """The ingress controller or Gateway, and the probes of the routes."""
    certificates: CertificateThresholds = defaults_of(CertificateThresholds)
    """Certificates."""
    kubernetes: KubernetesThresholds = defaults_of(KubernetesThresholds)
    """Pods, containers and volumes."""
    nodes: NodeThresholds = defaults_of(NodeThresholds)
    """Nodes."""
