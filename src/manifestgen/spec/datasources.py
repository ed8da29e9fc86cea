"""Data sources of Grafana: a union by `type`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.facts.nearest import nearest_hint
from manifestgen.spec.base import EnvVarName, Model, Name, Text, problem
from manifestgen.spec.ondemand import BY_TYPE
from manifestgen.spec.prometheus import HttpUrl, SecretFile


class FileOrEnv(Model):
    """A secret of Grafana: in a file or in an environment variable, never in the spec."""

    file: SecretFile | None = None
    """File that holds it."""
    env: EnvVarName | None = None
    """Environment variable that holds it."""

    @model_validator(mode="after")
    def _is_in_one_place(self) -> FileOrEnv:
        if (self.file is None) == (self.env is None):
            raise problem("secret-place", "a secret is in one place", "give exactly one of file and env")
        return self


class DatasourceBase(Model):
    """What all data sources of Grafana have in common."""

    title: Text
    """Name that Grafana shows."""
    default: bool = False
    """Use it where a panel names none; at most one."""


class PrometheusSource(DatasourceBase):
    """Prometheus."""

    type: Literal["prometheus"]
    title: Text = "Prometheus"
    """Name that Grafana shows."""
    url: HttpUrl = "http://prometheus.monitoring.svc:9090"
    """Address."""


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


Datasource = Annotated[
    PrometheusSource | LokiSource | TempoSource | JaegerSource | PostgresqlSource,
    Field(discriminator="type"),
    BY_TYPE,
]


def wrong_links(sources: Mapping[str, Datasource]) -> Iterator[PydanticCustomError]:
    """Two defaults, and links that lead nowhere or to another type."""
    defaults = [name for name, source in sources.items() if source.default]
    if len(defaults) > 1:
        places = [("datasources", name, "default") for name in defaults]
        message = f"{' and '.join(defaults)} are both default"
        yield problem("datasource-default", message, "keep it on one", *places)
    for name, source in sources.items():
        for field, types in (("logs", ("loki",)), ("traces", ("tempo", "jaeger"))):
            link = getattr(source, field, None)
            if link is not None and (link not in sources or sources[link].type not in types):
                message = f"{link!r} is no data source of type {' or '.join(types)}"
                known = [other for other, found in sources.items() if found.type in types]
                place = ("datasources", name, field)
                yield problem("datasource-link", message, nearest_hint(link, known), place)
