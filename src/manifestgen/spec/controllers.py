"""How DaemonSets and StatefulSets keep and replace their pods."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from manifestgen.spec.base import (
    Bytes,
    Count,
    LabelKey,
    LabelValue,
    Model,
    MountPath,
    Name,
    defaults_of,
    problem,
)
from manifestgen.spec.scaling import Share

_ZERO = (0, "0%")
_NONE = (None, *_ZERO)


class DaemonUpdate(Model):
    """How a new version of a DaemonSet replaces the old one."""

    type: Literal["RollingUpdate", "OnDelete"] = "RollingUpdate"
    """Node by node, or only where somebody deletes the pod."""
    max_unavailable: Count | Share | None = None
    """Nodes without a pod at a time; left out, one."""
    max_surge: Count | Share | None = None
    """Nodes at a time on which the new pod starts before the old one stops, instead of `maxUnavailable`."""

    @model_validator(mode="after")
    def _can_move(self) -> Self:
        figures = ("maxUnavailable", self.max_unavailable), ("maxSurge", self.max_surge)
        given = [(key,) for key, figure in figures if figure is not None]
        if self.type == "OnDelete" and given:
            message = "pods that are replaced when they are deleted have no pace"
            raise problem("update-strategy", message, "remove it, or use RollingUpdate", *given)
        if self.max_unavailable not in _NONE and self.max_surge not in _NONE:
            message = "a DaemonSet either does without pods or starts more of them, not both"
            raise problem("update-strategy", message, "keep one of maxUnavailable and maxSurge", *given)
        if self.max_unavailable in _ZERO and self.max_surge in _NONE:
            message = "no pod may be added and none removed, so no new version ever starts"
            raise problem("update-strategy", message, "let maxUnavailable or maxSurge be above 0", *given)
        return self


class StatefulUpdate(Model):
    """How a new version of a StatefulSet replaces the old one."""

    type: Literal["RollingUpdate", "OnDelete"] = "RollingUpdate"
    """From the highest ordinal down, or only where somebody deletes the pod."""
    partition: Count | None = None
    """Only pods from this ordinal on get the new version; to try it with few."""
    max_unavailable: Count | Share | None = None
    """Pods that are away at a time; left out, one (Kubernetes 1.35)."""

    @model_validator(mode="after")
    def _can_move(self) -> Self:
        figures = ("partition", self.partition), ("maxUnavailable", self.max_unavailable)
        given = [(key,) for key, figure in figures if figure is not None]
        if self.type == "OnDelete" and given:
            message = "pods that are replaced when they are deleted have no pace"
            raise problem("update-strategy", message, "remove it, or use RollingUpdate", *given)
        if self.max_unavailable in _ZERO:
            message = "no pod may be away, so no new version ever starts"
            raise problem("update-strategy", message, "use 1 or more", ("maxUnavailable",))
        return self


class ClaimTemplate(Model):
    """Storage that each pod of a StatefulSet has for itself and finds again; it cannot change later."""

    path: MountPath
    """Where it is mounted."""
    size: Bytes
    """How much each pod asks for."""
    storage_class: Name | None = None
    """StorageClass; left out, the cluster's default."""
    access_modes: Annotated[
        list[Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"]], Field(min_length=1)
    ] = ["ReadWriteOnce"]
    """Who may mount it: one node, one pod, or many nodes."""
    labels: dict[LabelKey, LabelValue] = {}
    """Labels of the claims, e.g. for backups."""

    @model_validator(mode="after")
    def _modes_go_together(self) -> Self:
        if "ReadWriteOncePod" in self.access_modes and len(self.access_modes) > 1:
            message = "ReadWriteOncePod stands alone: one pod, or others, too"
            raise problem("access-modes", message, "keep one", ("accessModes",))
        if len(set(self.access_modes)) < len(self.access_modes):
            raise problem("access-modes", "a mode is listed twice", "remove one", ("accessModes",))
        return self


class Ordinals(Model):
    """The numbers of the pods."""

    start: Count
    """The first number, e.g. to move pods from one cluster to another (Kubernetes 1.27)."""


class ClaimRetention(Model):
    """What becomes of the claims when their pods go for good."""

    when_deleted: Literal["Retain", "Delete"] = "Retain"
    """When the StatefulSet is deleted."""
    when_scaled: Literal["Retain", "Delete"] = "Retain"
    """When it gets fewer pods."""


class Persistent(Model):
    """What a StatefulSet has beside its pods: an order, and storage for each of them."""

    storage: dict[Name, ClaimTemplate] = {}
    """Storage of each pod, by name (`volumeClaimTemplates`)."""
    pod_management: Literal["OrderedReady", "Parallel"] = "OrderedReady"
    """Start and stop one pod after the other, or all at once; cannot change later."""
    ordinals: Ordinals | None = None
    """The numbers of the pods; left out, from 0 on."""
    update_strategy: StatefulUpdate = defaults_of(StatefulUpdate)
    """How a new version replaces the old one."""
    persistent_volume_claim_retention_policy: ClaimRetention | None = None
    """What becomes of the claims; left out, they are kept (Kubernetes 1.27)."""
