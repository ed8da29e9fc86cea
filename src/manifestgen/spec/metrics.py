"""Figures that an autoscaler follows."""

from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from manifestgen.spec.averages import CpuAverage, MemoryAverage
from manifestgen.spec.base import Cpu, Form, Model, Name, Percent, problem

API_VERSIONS: Final = {
    "Service": "v1",
    "Pod": "v1",
    "Namespace": "v1",
    "PersistentVolumeClaim": "v1",
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "Ingress": "networking.k8s.io/v1",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "Gateway": "gateway.networking.k8s.io/v1",
}
"""Where the kinds are at home that figures are mostly about."""

LabelKey = Annotated[
    str,
    StringConstraints(pattern=r"^([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$"),
    Form("write e.g. verb or example.com/verb"),
]
"""Key of a label."""

MatchedValue = Annotated[
    str,
    StringConstraints(pattern=r"^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$"),
    Form("use at most 63 letters, digits and . _ -"),
]
"""Value of a label."""

Selector = dict[LabelKey, MatchedValue]
"""Labels that choose among the series of a metric."""


class ResourceTargets(Model):
    """Targets on the resources of one container of the pods, so that sidecars do not count."""

    cpu: Percent | CpuAverage | None = None
    """Wanted CPU use in per cent of the container's request, or `{average: 500m}`."""
    memory: Percent | MemoryAverage | None = None
    """Wanted memory use in per cent of the container's request, or `{average: 512Mi}`."""

    @model_validator(mode="after")
    def _is_a_target(self) -> Self:
        if self.cpu is None and self.memory is None:
            raise problem("autoscaling-target", "there is nothing to scale on", "add cpu or memory")
        return self


class MetricTarget(Model):
    """An autoscaling target on a metric of the pods."""

    average: Cpu
    """Wanted average of the metric over all pods, as a quantity: `1000`, `250m`."""
    selector: Selector = {}
    """Labels that choose among the series of the metric."""


class _OneFigure(Model):
    """A figure of something else than the pods: wanted as it is, or divided by the number of pods."""

    value: Cpu | None = None
    """Wanted value, as a quantity: `1000`, `250m`."""
    average: Cpu | None = None
    """Wanted value for each pod."""
    selector: Selector = {}
    """Labels that choose among the series of the metric."""

    @model_validator(mode="after")
    def _has_one_target(self) -> Self:
        if (self.value is None) == (self.average is None):
            raise problem(
                "autoscaling-target",
                "it has no target" if self.value is None else "it has two targets",
                "give either value or average",
                *((("value",), ("average",)) if self.value is not None else ()),
            )
        return self


class DescribedObject(Model):
    """The object that a figure is about."""

    kind: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]{0,62}$"),
        Form("write a kind, e.g. Ingress"),
        Field(examples=["Ingress"]),
    ]
    """Its kind: `Ingress`, `Service`, `HTTPRoute` …"""
    name: Name
    """Its name."""
    api_version: (
        Annotated[
            str,
            StringConstraints(pattern=r"^([a-z0-9.-]+/)?v[0-9]+((alpha|beta)[0-9]+)?$"),
            Form("write e.g. networking.k8s.io/v1"),
        ]
        | None
    ) = None
    """Its API version; needed for kinds that are not known here."""

    @model_validator(mode="after")
    def _is_at_home(self) -> Self:
        if self.api_version is None and self.kind not in API_VERSIONS:
            raise problem(
                "autoscaling-object",
                f"the API version of the kind {self.kind} is not known here",
                "add `apiVersion: …`",
                ("kind",),
            )
        return self

    @property
    def api(self) -> str:
        """Its API version, be it given or known."""
        return self.api_version or API_VERSIONS[self.kind]


class ObjectMetric(_OneFigure):
    """An autoscaling target on a metric of one object of Kubernetes (custom metrics API)."""

    described_object: DescribedObject
    """The object that the metric is about."""


class ExternalMetric(_OneFigure):
    """An autoscaling target on a metric from outside Kubernetes (external metrics API)."""
