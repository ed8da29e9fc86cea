"""Where the files of an environment go, and what their comments call it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifestgen.artifact import Artifact
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving.model import ResolvedPlatform


def folder(platform: ResolvedPlatform) -> str:
    """The folder of the environment's monitoring; ``base`` for a platform without environments."""
    return f"monitoring/{platform.environment or 'base'}"


def place(platform: ResolvedPlatform) -> str:
    """The platform and its environment in words."""
    return f"{platform.name} in {platform.environment}" if platform.environment else platform.name


def files(
    platform: ResolvedPlatform, renderer: Renderer, target: str, contexts: Mapping[str, Mapping[str, Any]]
) -> list[Artifact]:
    """The files of a server, each from the template of its name with its own context."""
    return [
        file(platform, renderer, f"{target}/{name}", f"{target}/{name}", context)
        for name, context in contexts.items()
    ]


def file(
    platform: ResolvedPlatform, renderer: Renderer, name: str, template: str, context: Mapping[str, Any]
) -> Artifact:
    """One file of a server, from a template that several may be made from; its folder is the target."""
    return Artifact(
        f"{folder(platform)}/{name}",
        renderer.render(f"monitoring/{template}.j2", {**context, "place": place(platform)}),
        name.partition("/")[0],
        platform.environment,
    )
