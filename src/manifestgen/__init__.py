"""One spec in; the Kustomize, Helm and monitoring tree that a GitOps repository commits out.

The public interface is what ``__all__`` names; everything else may change between versions. The names
load on first use, so that ``import manifestgen`` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from manifestgen.api import (
        RenderResult,
        Target,
        init,
        lint,
        list_targets,
        render,
        resolve,
        schema,
        validate,
    )
    from manifestgen.artifact import Artifact
    from manifestgen.errors import Finding, Location, ManifestgenError, Severity
    from manifestgen.resolving.model import ResolvedPlatform

__version__ = "0.1.0"

__all__ = [
    "render",
    "validate",
    "lint",
    "resolve",
    "schema",
    "list_targets",
    "init",
    "RenderResult",
    "Artifact",
    "Target",
    "ResolvedPlatform",
    "Finding",
    "Location",
    "Severity",
    "ManifestgenError",
]

_ERRORS = frozenset({"Finding", "Location", "Severity", "ManifestgenError"})


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _ERRORS:
        from manifestgen import errors

        return getattr(errors, name)
    from manifestgen import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
