"""Data sources of Grafana: a union by `type`."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from manifestgen.facts.nearest import nearest_hint
from manifestgen.spec.base import Model, Text, problem
from manifestgen.spec.late import JaegerSource, LokiSource, PostgresqlSource, TempoSource
from manifestgen.spec.ondemand import BY_TYPE
from manifestgen.spec.prometheus import HttpUrl


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
