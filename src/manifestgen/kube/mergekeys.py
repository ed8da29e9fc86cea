"""Which lists Kustomize merges item by item, and by which keys; every other list is replaced whole.

The source is the OpenAPI document of Kubernetes 1.21.2 that Kustomize 5.8 (kubectl 1.37) carries and
takes ``x-kubernetes-patch-strategy``, ``x-kubernetes-list-map-keys`` and ``x-kubernetes-patch-merge-key``
from. A kind that is not in it (every custom resource, but also ``autoscaling/v2``) has no such list. A
test asks the real binary about each list of each kind that this program emits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Shape:
    """What Kustomize knows of a value: the fields of a map, or how the items of a list are matched.

    ``merge_keys`` is None for a list that is replaced whole and for all that is no list; it is empty for
    a list of scalars that is merged as a set.
    """

    fields: Mapping[str, Shape] = field(default_factory=dict)
    merge_keys: tuple[str, ...] | None = None
    items: Shape | None = None


UNKNOWN: Final = Shape()


def shape_of(value: Any) -> Shape:
    """The shape of an object by its ``apiVersion`` and ``kind``.

    Kustomize looks inside custom resources too: a whole Deployment in one is merged like any other.
    """
    if not isinstance(value, dict):
        return UNKNOWN
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str) or api_version not in _VERSIONS:
        return UNKNOWN
    return _KINDS.get((api_version, kind), _PLAIN)


def field_shape(shape: Shape, key: str, *values: Any) -> Shape:
    """The shape of the field ``key``, which holds ``values`` on the two sides of a merge."""
    known = shape.fields.get(key)
    if known is not None:
        return known
    for value in values:
        if isinstance(value, dict) and (found := shape_of(value)) is not UNKNOWN:
            return found
    return UNKNOWN


def _by(*keys: str, items: Shape = UNKNOWN) -> Shape:
    return Shape(merge_keys=keys, items=items)


def _at(path: str, shape: Shape) -> Shape:
    """An object that has ``shape`` at the dotted ``path``, and the metadata of all objects."""
    for key in reversed(path.split(".")):
        shape = Shape({key: shape, "metadata": _METADATA})
    return shape


_SET: Final = Shape(merge_keys=())
_METADATA: Final = Shape({"finalizers": _SET, "ownerReferences": _by("uid")})
_PLAIN: Final = Shape({"metadata": _METADATA})
_EPHEMERAL_CONTAINER: Final = Shape(
    {"env": _by("name"), "volumeMounts": _by("mountPath"), "volumeDevices": _by("devicePath")}
)
_CONTAINER: Final = Shape({**_EPHEMERAL_CONTAINER.fields, "ports": _by("containerPort", "protocol")})
_CLAIM_TEMPLATE: Final = Shape({"volumeClaimTemplate": Shape({"metadata": _METADATA})})
_POD_SPEC: Final = Shape(
    {
        "containers": _by("name", items=_CONTAINER),
        "initContainers": _by("name", items=_CONTAINER),
        "ephemeralContainers": _by("name", items=_EPHEMERAL_CONTAINER),
        "volumes": _by("name", items=Shape({"ephemeral": _CLAIM_TEMPLATE})),
        "imagePullSecrets": _by("name"),
        "hostAliases": _by("ip"),
        "topologySpreadConstraints": _by("topologyKey", "whenUnsatisfiable"),
    }
)
_POD_TEMPLATE_SPEC: Final = _at("spec.template.spec", _POD_SPEC)
_CRON_JOB: Final = _at("spec.jobTemplate.spec.template.spec", _POD_SPEC)
_WEBHOOKS: Final = _at("webhooks", _by("name"))

_KINDS: Final[Mapping[tuple[str, str], Shape]] = {
    ("v1", "Pod"): _at("spec", _POD_SPEC),
    ("v1", "PodTemplate"): _at("template.spec", _POD_SPEC),
    ("v1", "ReplicationController"): _POD_TEMPLATE_SPEC,
    ("apps/v1", "Deployment"): _POD_TEMPLATE_SPEC,
    ("apps/v1", "StatefulSet"): _POD_TEMPLATE_SPEC,
    ("apps/v1", "DaemonSet"): _POD_TEMPLATE_SPEC,
    ("apps/v1", "ReplicaSet"): _POD_TEMPLATE_SPEC,
    ("batch/v1", "Job"): _POD_TEMPLATE_SPEC,
    ("batch/v1", "CronJob"): _CRON_JOB,
    ("v1", "Service"): _at("spec.ports", _by("port", "protocol")),
    ("v1", "ServiceAccount"): _at("secrets", _by("name")),
    ("v1", "Node"): _at("spec.podCIDRs", _SET),
    ("storage.k8s.io/v1", "CSINode"): _at("spec.drivers", _by("name")),
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"): _WEBHOOKS,
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"): _WEBHOOKS,
}

_VERSIONS: Final = frozenset(
    {
        "v1",
        "admissionregistration.k8s.io/v1",
        "apiextensions.k8s.io/v1",
        "apiregistration.k8s.io/v1",
        "apps/v1",
        "autoscaling/v1",
        "batch/v1",
        "certificates.k8s.io/v1",
        "coordination.k8s.io/v1",
        "discovery.k8s.io/v1",
        "networking.k8s.io/v1",
        "node.k8s.io/v1",
        "policy/v1",
        "rbac.authorization.k8s.io/v1",
        "scheduling.k8s.io/v1",
        "storage.k8s.io/v1",
    }
)
