"""PriorityClasses: which pods go first when there is not enough room for all."""

from typing import Annotated, Literal

from pydantic import Field

from manifestgen.spec.base import Model, Text


class PriorityClass(Model):
    """A PriorityClass. It belongs to the whole cluster, whatever the namespace."""

    value: Annotated[int, Field(ge=-2_147_483_648, le=1_000_000_000)]
    """The higher, the sooner; it cannot change once the class exists."""
    description: Text | None = None
    """Which pods it is for, in a sentence."""
    preemption_policy: Literal["PreemptLowerPriority", "Never"] = "PreemptLowerPriority"
    """`Never`: its pods wait for room instead of taking it from others."""
    global_default: bool = False
    """Pods of the whole cluster that name no class get this one."""
