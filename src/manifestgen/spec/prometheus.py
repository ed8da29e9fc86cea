"""The small typed strings of monitoring and alerting."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from manifestgen.spec.base import WEB_ADDRESS, Form

HostPort = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._-]+:[0-9]{1,5}$"),
    Form("write host and port, e.g. loki.monitoring.svc:3100"),
]
"""`host:port`, as Prometheus writes a target."""

HttpUrl = Annotated[
    str,
    StringConstraints(pattern=r"^https?://([^\s\x00-\x1f\x7f$%]|%[0-9A-Fa-f]{2})+$"),
    Form("write scheme and host, e.g. http://loki.monitoring.svc:3100"),
    WEB_ADDRESS,
]
"""An address with scheme: `http://loki.monitoring.svc:3100`."""

PageUrl = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[A-Za-z0-9._~:/@!&'()*+,;=%\[\]-]*[A-Za-z0-9._~:@&*+,;=\]-]$"),
    Form("write scheme, host and path, without a slash at its end, e.g. https://grafana.example.com"),
    WEB_ADDRESS,
]
"""An address below which there are pages: `https://grafana.example.com`."""

_UNDERSCORED = Form("use letters, digits and _, no digit first")

LabelName = Annotated[
    str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=128), _UNDERSCORED
]
"""Name of a label of Prometheus."""

MetricName = Annotated[
    str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=200), _UNDERSCORED
]
"""Name of a metric of Prometheus."""

LabelValue = Annotated[
    str, StringConstraints(pattern=r"^[^$\x00-\x1f\x7f]*$"), Form("write it on one line, without $")
]
"""Value of a label; without `$`, which Prometheus would replace."""

AlertName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$", max_length=100),
    Form("write words that start with a capital, e.g. ApiErrorRateHigh"),
]
"""Name of an alert: `ApiErrorRateHigh`."""

SecretFile = Annotated[
    str,
    StringConstraints(pattern=r"^(/[A-Za-z0-9._-]+)*/\.?[A-Za-z0-9_-][A-Za-z0-9._-]*$"),
    Form("write the absolute path of a file, e.g. /etc/alertmanager/secrets/slack"),
]
"""Absolute path of a file that holds a secret, as the program that reads it sees it."""

Severity = Literal["critical", "warning", "info"]
"""`critical`: somebody acts within 5 minutes; `warning`: within 30 minutes; `info`: reviewed daily."""

Category = Literal["api", "database", "redis", "rabbitmq", "business", "infrastructure"]
"""What an alert is about, coarsely: `api` is the application with its workers, `infrastructure` the rest."""

ExporterName = Literal[
    "alertmanager",
    "blackbox_exporter",
    "cadvisor",
    "celery-exporter",
    "cert-manager",
    "ingress-nginx",
    "kube-state-metrics",
    "node_exporter",
    "postgres_exporter",
    "prometheus",
    "rabbitmq_prometheus",
    "redis_exporter",
    "vault",
]
"""An exporter whose metrics are known, by the name of its project."""

Version = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){0,2}$"), Form('write e.g. "0.20", in quotes')
]
"""A version of a program: `0.20` or `0.20.1`."""
