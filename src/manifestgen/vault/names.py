"""What policies, roles and files are called. Names of the spec hold no dots, so no two of these are alike."""

from __future__ import annotations

from manifestgen.resolving import ResolvedPlatform


def folder(platform: ResolvedPlatform) -> str:
    """Where the files of an environment lie."""
    return f"secrets/{platform.environment}"


def administrator(platform: ResolvedPlatform) -> str:
    """The policy of whoever sets Vault up."""
    return f"{platform.name}.{platform.environment}"


def of(platform: ResolvedPlatform, name: str) -> str:
    """The policy of a workload or a store, and the role of a workload."""
    return f"{administrator(platform)}.{name}"
