"""The rules of ``manifestgen lint``: how bad it is to break each. ``rules`` says what each is there for."""

from __future__ import annotations

from typing import Final

from manifestgen.errors import Severity

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

LEVELS: Final[dict[str, Severity]] = {
    "autoscaling-request": _ERROR,
    "claim-shared": _ERROR,
    "container-port-clash": _ERROR,
    "cpu-unit": _WARNING,
    "disruption-blocks": _ERROR,
    "disruption-twice": _ERROR,
    "heap-over-limit": _WARNING,
    "image-latest": _WARNING,
    "immutable-field": _ERROR,
    "lint-ignore-unused": _WARNING,
    "liveness-like-readiness": _WARNING,
    "memory-unit": _WARNING,
    "node-port-clash": _ERROR,
    "probe-port-missing": _ERROR,
    "scale-target-missing": _ERROR,
    "scaled-twice": _ERROR,
    "selector-mismatch": _ERROR,
    "selector-overlap": _ERROR,
    "service-port-missing": _ERROR,
    "service-vanishes": _ERROR,
    "worker-memory": _WARNING,
}
"""An error keeps a render from writing; a warning is told by ``manifestgen lint`` only."""

OF_THE_OUTPUT: Final = frozenset({"immutable-field", "service-vanishes"})
"""Rules about what the output folder holds: an exception from them may find nothing to except."""
