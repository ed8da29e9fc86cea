"""The rules of ``manifestgen lint``: how bad it is to break each. ``rules`` says what each is there for."""

from __future__ import annotations

from typing import Final

from manifestgen.errors import Severity

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

LEVELS: Final[dict[str, Severity]] = {
    "alert-untested": _WARNING,
    "autoscaling-container": _ERROR,
    "autoscaling-request": _ERROR,
    "backend-missing": _ERROR,
    "claim-rolling": _WARNING,
    "claim-shared": _ERROR,
    "container-port-clash": _ERROR,
    "controller-switch": _WARNING,
    "cpu-unit": _WARNING,
    "device-limit": _ERROR,
    "disruption-blocks": _ERROR,
    "disruption-twice": _ERROR,
    "env-duplicate": _WARNING,
    "heap-over-limit": _WARNING,
    "host-clash": _ERROR,
    "host-path-writable": _WARNING,
    "image-latest": _WARNING,
    "immutable-field": _ERROR,
    "key-missing": _ERROR,
    "label-invalid": _ERROR,
    "limit-range-broken": _ERROR,
    "lint-ignore-unused": _WARNING,
    "liveness-like-readiness": _WARNING,
    "memory-unit": _WARNING,
    "metric-unknown": _WARNING,
    "listener-missing": _ERROR,
    "mount-clash": _ERROR,
    "name-invalid": _ERROR,
    "network-blocked": _ERROR,
    "node-access": _WARNING,
    "node-port-clash": _ERROR,
    "pod-security": _ERROR,
    "pods-closed": _WARNING,
    "port-undeclared": _WARNING,
    "probe-port-missing": _ERROR,
    "quantity-invalid": _ERROR,
    "quota-exceeded": _ERROR,
    "quota-short": _WARNING,
    "quota-unset": _ERROR,
    "reference-missing": _WARNING,
    "request-over-limit": _ERROR,
    "rollout-unwatched": _WARNING,
    "scale-target-missing": _ERROR,
    "scaled-twice": _ERROR,
    "selector-mismatch": _ERROR,
    "selector-overlap": _ERROR,
    "selects-nothing": _WARNING,
    "service-port-missing": _ERROR,
    "service-vanishes": _ERROR,
    "spread-without-effect": _WARNING,
    "stop-too-short": _WARNING,
    "variable-unknown": _WARNING,
    "vertical-and-horizontal": _WARNING,
    "volume-missing": _ERROR,
    "worker-memory": _WARNING,
}
"""An error keeps a render from writing; a warning is told by ``manifestgen lint`` only."""

OF_THE_OUTPUT: Final = frozenset({"controller-switch", "immutable-field", "service-vanishes"})
"""Rules about what the output folder holds: an exception from them may find nothing to except."""
