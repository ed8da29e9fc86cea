"""Data sources of Grafana beside Prometheus, and its dashboards."""

from typing import Literal, Self

from pydantic import model_validator

from manifestgen.spec.base import EnvVarName, Model, MountPath, Name, Text, problem
from manifestgen.spec.datasources import DatasourceBase
from manifestgen.spec.prometheus import HttpUrl, SecretFile


class FileOrEnv(Model):
    """A secret of Grafana: in a file or in an environment variable, never in the spec."""

    file: SecretFile | None = None
    """File that holds it."""
    env: EnvVarName | None = None
    """Environment variable that holds it."""

    @model_validator(mode="after")
    def _is_in_one_place(self) -> Self:
        if (self.file is None) == (self.env is None):
            raise problem("secret-place", "a secret is in one place", "give exactly one of file and env")
        return self


class LokiSource(DatasourceBase):
    """Loki; trace ids in log lines lead to the traces."""

    type: Literal["loki"]
    url: HttpUrl
    """Address."""
    traces: Name | None = None
    """Data source that a trace id in a log line leads to."""


class TempoSource(DatasourceBase):
    """Tempo."""

    type: Literal["tempo"]
    url: HttpUrl
    """Address."""
    logs: Name | None = None
    """Data source of type loki that a span leads to."""


class JaegerSource(DatasourceBase):
    """Jaeger."""

    type: Literal["jaeger"]
    url: HttpUrl
    """Address."""
    logs: Name | None = None
    """Data source of type loki that a span leads to."""


class PostgresqlSource(DatasourceBase):
    """The database of a PostgreSQL data service, also as TimescaleDB."""

    type: Literal["postgresql"]
    datastore: Name
    """Data service of type postgresql; Grafana asks its primary."""
    username: Text
    """User that may only read."""
    password: FileOrEnv
    """Its password."""
    ssl_mode: Literal["disable", "require", "verify-ca", "verify-full"] = "require"
    """How the connection is protected."""
    timescaledb: bool = False
    """Offer the functions of TimescaleDB in the query editor."""


class Dashboards(Model):
    """Dashboards of Grafana: the API, databases, infrastructure, the business, objectives, each workload.

    On each stands only what the platform has, with the alerts that fire, and a line where an alert does.
    Each environment is taken to have a Grafana of its own: a dashboard has the same uid in all of them.
    """

    enabled: bool | None = None
    """Write them; left out, when `stack.grafana` is enabled."""
    workloads: list[Name] | None = None
    """Workloads that have a dashboard of their own; left out all, `[]` none."""
    folder: Text | None = None
    """Folder that Grafana shows them in; left out, the name of the platform."""
    path: MountPath = "/var/lib/grafana/dashboards"
    """Folder of Grafana's container that the files are mounted at."""
