"""The labels that Prometheus puts on whatever leaves it, alerts too."""

from __future__ import annotations

from manifestgen.resolving.model import ResolvedPlatform


def external_labels(platform: ResolvedPlatform) -> dict[str, str]:
    """The platform, its environment, and those of ``monitoring.externalLabels``."""
    labels = {"platform": platform.name, **platform.spec.monitoring.external_labels}
    if platform.environment:
        labels["environment"] = platform.environment
    return labels
