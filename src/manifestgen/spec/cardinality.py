"""How many series Prometheus may hold."""

from typing import Annotated

from pydantic import Field

from manifestgen.spec.base import Model, Name, PositiveCount
from manifestgen.spec.prometheus import LabelName


class Cardinality(Model):
    """How many series Prometheus may hold, and how much there is of what tells them apart.

    What each job brings is estimated by the labels of its metrics (docs/metrics.md), its pods and what
    stands here. `manifestgen lint` warns when it is more than the budget, and a scrape that brings many times
    what was estimated is refused as a whole (`sample_limit`): a label that grows without bounds then costs
    one target and not Prometheus.
    """

    budget: PositiveCount
    """Series that Prometheus has memory for; a million take some 4 to 8 GiB."""
    headroom: Annotated[int, Field(ge=2, le=100)] = 10
    """How many times the estimate a scrape may bring. Exporters have more metrics than are known here, so
    that little room would blind Prometheus some day."""
    nodes: PositiveCount = 10
    """Nodes of the cluster."""
    pods: PositiveCount = 300
    """Pods in the whole cluster."""
    counts: dict[LabelName, PositiveCount] = {}
    """How many values a label has, where the rule of thumb is wrong: `{handler: 200, queue: 5}`."""
    limits: dict[Name, PositiveCount] = {}
    """`sample_limit` of a job by its name, where the estimate is wrong."""
