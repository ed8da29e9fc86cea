"""Where the files of an environment go, and what their comments call it."""

from __future__ import annotations

from manifestgen.resolving.model import ResolvedPlatform


def folder(platform: ResolvedPlatform) -> str:
    """The folder of the environment's monitoring; ``base`` for a platform without environments."""
    return f"monitoring/{platform.environment or 'base'}"


def place(platform: ResolvedPlatform) -> str:
    """The platform and its environment in words."""
    return f"{platform.name} in {platform.environment}" if platform.environment else platform.name
