"""Models of what most specs do not have; they are imported with the first value of theirs.

Making the class of a model takes pydantic some tenths of a millisecond, and there are 200 of them: a small
platform would wait longer for what it does not use than for everything else. What is imported from here is a
class that stands for the model: annotations name it, ``isinstance`` and ``match`` know its instances, and
whoever asks more of it gets the model itself.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Union, get_args, get_origin

if TYPE_CHECKING:
    from manifestgen.spec import alerting, stores
    from manifestgen.spec.alerting import Alerting, AlertRoute, Inhibition, Interval, Period
    from manifestgen.spec.alerttests import AlertTest
    from manifestgen.spec.authentication import Authentication, VaultAccess
    from manifestgen.spec.backups import Backup
    from manifestgen.spec.batch import Batch, PodFailure
    from manifestgen.spec.cardinality import Cardinality
    from manifestgen.spec.chaos import (
        BusyCpu,
        BusyMemory,
        Chaos,
        Delay,
        Experiment,
        Fail,
        Kill,
        Lasting,
        Loss,
        Network,
    )
    from manifestgen.spec.ci import Ci
    from manifestgen.spec.controllers import ClaimTemplate, DaemonUpdate, StatefulUpdate
    from manifestgen.spec.cost import Cost
    from manifestgen.spec.daemons import Daemon
    from manifestgen.spec.datastores import (
        Charted,
        Datastore,
        ExternalPostgreSQL,
        ExternalRedis,
        MinIO,
        PostgreSQL,
        RabbitMQ,
        Redis,
    )
    from manifestgen.spec.deployment import Deployment
    from manifestgen.spec.environment import Env, EnvSource
    from manifestgen.spec.externals import Callers, External, PortRange
    from manifestgen.spec.gateway import Gateway
    from manifestgen.spec.gitops import ArgoCD, Flux, GitOps, Window
    from manifestgen.spec.grafana import (
        Dashboards,
        FileOrEnv,
        JaegerSource,
        LokiSource,
        PostgresqlSource,
        TempoSource,
    )
    from manifestgen.spec.handbook import Documentation
    from manifestgen.spec.issuers import (
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
    from manifestgen.spec.jobs import CronJob, Job
    from manifestgen.spec.loadtests import LoadTests
    from manifestgen.spec.manifests import Manifest
    from manifestgen.spec.mesh import CircuitBreaker, InMesh, Mesh, Retries
    from manifestgen.spec.metrics import (
        ExternalMetric,
        MetricTarget,
        ObjectMetric,
        ResourceTargets,
        Selector,
    )
    from manifestgen.spec.operators import Operated, PostgreSQLCluster, RabbitMQCluster
    from manifestgen.spec.patches import Patch, PatchTarget
    from manifestgen.spec.priorities import PriorityClass
    from manifestgen.spec.quotas import LimitRange, Quota
    from manifestgen.spec.rbac import Access, ClusterPermission, Permission, Role
    from manifestgen.spec.receivers import Receiver
    from manifestgen.spec.requests import (
        Auth,
        Cors,
        Firewall,
        HeaderChanges,
        Match,
        Mirror,
        RateLimit,
        Redirect,
        Rewrite,
        SessionCookie,
        Tls,
    )
    from manifestgen.spec.secretstores import (
        AwsStore,
        AzureStore,
        ExistingStore,
        GcpStore,
        SecretStore,
        Vault,
        VaultStore,
    )
    from manifestgen.spec.slos import Availability, Custom, Latency, Slo
    from manifestgen.spec.statefulsets import Stateful
    from manifestgen.spec.stores import Database, InCluster, QueueServer, Storage
    from manifestgen.spec.storetriggers import (
        PostgresqlTrigger,
        RedisListTrigger,
        RedisPlace,
        RedisStreamTrigger,
        TriggerBase,
    )
    from manifestgen.spec.triggers import (
        CronTrigger,
        KafkaTrigger,
        OtherTrigger,
        PrometheusTrigger,
        SqsTrigger,
        Trigger,
    )
    from manifestgen.spec.vaultengines import (
        AwsEngine,
        DatabaseEngine,
        DatabaseRole,
        Given,
        PkiEngine,
        PkiRole,
        TransitEngine,
    )
    from manifestgen.spec.vaultservers import (
        ConsulStorage,
        FileStorage,
        RaftStorage,
        S3Storage,
        VaultServer,
    )
    from manifestgen.spec.vaultsetup import FileAudit, SocketAudit, SyslogAudit, VaultEngine, VaultSetup
    from manifestgen.spec.volumes import (
        Claim,
        ClaimShape,
        CsiVolume,
        EphemeralClaim,
        HostPath,
        KeyFiles,
        KeysOfSet,
        Projected,
        Token,
        Volume,
    )

    AlertMatch = alerting.Match
    ExternalStore = stores.External

_MODULES: Final = {
    "alerting": "AlertMatch AlertRoute Alerting Inhibition Interval Period",
    "alerttests": "AlertTest",
    "authentication": "Authentication VaultAccess",
    "backups": "Backup",
    "batch": "Batch PodFailure",
    "cardinality": "Cardinality",
    "chaos": "BusyCpu BusyMemory Chaos Delay Experiment Fail Kill Lasting Loss Network",
    "ci": "Ci",
    "controllers": "ClaimTemplate DaemonUpdate StatefulUpdate",
    "cost": "Cost",
    "daemons": "Daemon",
    "datastores": "Charted Datastore ExternalPostgreSQL ExternalRedis MinIO PostgreSQL RabbitMQ Redis",
    "deployment": "Deployment",
    "environment": "Env EnvSource",
    "externals": "Callers External PortRange",
    "gateway": "Gateway",
    "gitops": "ArgoCD Flux GitOps Window",
    "grafana": "Dashboards FileOrEnv JaegerSource LokiSource PostgresqlSource TempoSource",
    "handbook": "Documentation",
    "issuers": "AcmeIssuer AzureDns CaIssuer CloudDns Dns01 Http01 Issuer Route53 SecretOfIssuer"
    " SelfSignedIssuer Solver VaultIssuer",
    "jobs": "CronJob Job",
    "loadtests": "LoadTests",
    "manifests": "Manifest",
    "mesh": "CircuitBreaker InMesh Mesh Retries",
    "metrics": "ExternalMetric MetricTarget ObjectMetric ResourceTargets Selector",
    "operators": "Operated PostgreSQLCluster RabbitMQCluster",
    "patches": "Patch PatchTarget",
    "priorities": "PriorityClass",
    "quotas": "LimitRange Quota",
    "rbac": "Access ClusterPermission Permission Role",
    "receivers": "Receiver",
    "requests": "Auth Cors Firewall HeaderChanges Match Mirror RateLimit Redirect Rewrite SessionCookie Tls",
    "secretstores": "AwsStore AzureStore ExistingStore GcpStore SecretStore Vault VaultStore",
    "slos": "Availability Custom Latency Slo",
    "statefulsets": "Stateful",
    "stores": "Database ExternalStore InCluster QueueServer Storage",
    "storetriggers": "PostgresqlTrigger RedisListTrigger RedisPlace RedisStreamTrigger TriggerBase",
    "triggers": "CronTrigger KafkaTrigger OtherTrigger PrometheusTrigger SqsTrigger Trigger",
    "vaultengines": "AwsEngine DatabaseEngine DatabaseRole Given PkiEngine PkiRole TransitEngine",
    "vaultservers": "ConsulStorage FileStorage RaftStorage S3Storage VaultServer",
    "vaultsetup": "FileAudit SocketAudit SyslogAudit VaultEngine VaultSetup",
    "volumes": "Claim ClaimShape CsiVolume EphemeralClaim HostPath KeyFiles KeysOfSet Projected Token Volume",
}
"""Where the models are."""
_OTHERWISE: Final = {"AlertMatch": "Match", "ExternalStore": "External"}
"""How models are called at home whose name stands for two."""
WORDS: Final = {
    "Job": "job",
    "CronJob": "cronjob",
    "Daemon": "daemon",
    "Stateful": "stateful",
    "LokiSource": "loki",
    "TempoSource": "tempo",
    "JaegerSource": "jaeger",
    "PostgresqlSource": "postgresql",
}
"""The `type` of those that are told apart by it in a union with others."""


class Late(type):
    """The type of classes that stand for models."""

    module: str
    attribute: str

    def model(cls) -> Any:
        """The model, or the type that is called so."""
        return getattr(import_module(cls.module), cls.attribute)

    def __instancecheck__(cls, instance: object) -> bool:
        # Of a model that nobody has imported there is no instance.
        return cls.module in sys.modules and isinstance(instance, cls.model())

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        """An instance of the model."""
        return cls.model()(*arguments, **named)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):  # what is asked of every class
            raise AttributeError(name)
        return getattr(cls.model(), name)


def _stand_ins() -> dict[str, Late]:
    return {
        name: Late(
            name, (), {"module": f"manifestgen.spec.{module}", "attribute": _OTHERWISE.get(name, name)}
        )
        for module, names in _MODULES.items()
        for name in names.split()
    }


globals().update(_stand_ins())


def known(annotation: Any, *, whole: bool = False) -> Any:
    """The same type with the models themselves in it.

    What imports its models by itself, with the first value, is left as it is unless it is to be ``whole``.
    """
    if isinstance(annotation, Late):
        return known(annotation.model(), whole=whole)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        if not whole and any(getattr(one, "imports_models", False) for one in arguments[1:]):
            return annotation
        return Annotated[known(arguments[0], whole=whole), *arguments[1:]]
    inner = tuple(known(one, whole=whole) for one in arguments) if origin is not Literal else arguments
    if all(one is other for one, other in zip(inner, arguments, strict=True)):
        return annotation
    return Union[inner] if origin in (Union, UnionType) else origin[inner]  # noqa: UP007 - as many as there are
