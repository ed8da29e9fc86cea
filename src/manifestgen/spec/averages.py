"""What autoscaling looks at: names of metrics, and resources as amounts instead of shares."""

from typing import Annotated

from pydantic import StringConstraints

from manifestgen.spec.base import Bytes, Cpu, Form, Model

FigureName = Annotated[
    str,
    StringConstraints(
        pattern=r"^[^/%\s\x00-\x1f\x7f-\x9f]*[^/%.\s\x00-\x1f\x7f-\x9f][^/%\s\x00-\x1f\x7f-\x9f]*$"
    ),
    Form("write it without spaces, / and %"),
]
"""Name of a metric as the metrics APIs of Kubernetes take it: a part of a URL."""


class CpuAverage(Model):
    """CPU as an amount instead of a share of the request."""

    average: Cpu
    """Wanted average over all pods: `500m`."""


class MemoryAverage(Model):
    """Memory as an amount instead of a share of the request."""

    average: Bytes
    """Wanted average over all pods: `512Mi`."""
