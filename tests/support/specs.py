"""Specs that are made in tests, without a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from manifestgen.kinds import ObjectMaker
from manifestgen.kube.objects import Inventory
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.resolving import ResolvedPlatform, resolve
from manifestgen.yamlio.load import load_text
from support import yaml11

Spec = dict[str, Any]

EVERYTHING = Path(__file__).parents[1] / "specs" / "everything.yaml"
"""A spec that uses every option."""


MORE = ("gateway", "ways", "istio", "linkerd")
"""Specs beside it, for what cannot stand in the same platform."""


def everything() -> Spec:
    """A fresh copy of the spec that uses every option."""
    return named("everything")


def named(name: str) -> Spec:
    """A fresh copy of a spec of ``tests/specs``."""
    spec: Spec = yaml11.read(EVERYTHING.with_stem(name).read_text("utf-8"))
    return spec


def whole() -> tuple[Spec, ...]:
    """The specs that use every option together."""
    return everything(), *map(named, MORE)


def spec_of(environment: str = "live", **sections: Any) -> Spec:
    """A whole spec of some sections, with one environment."""
    return {
        "apiVersion": "manifestgen/v1",
        "kind": "Platform",
        "metadata": {"name": "shop", "owner": "team-shop"},
        "cluster": {"kubernetesVersion": "1.32", **sections.pop("cluster", {})},
        **sections,
        "environments": {environment: {"namespace": "shop"}},
    }


def as_json(spec: Mapping[str, Any]) -> str:
    """The spec as JSON, which is YAML, too; line separators of Unicode are refused unless escaped."""
    text = json.dumps(spec, ensure_ascii=False)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def platform_of(spec: Mapping[str, Any], environment: str | None = None) -> ResolvedPlatform:
    """One environment of a spec, the first one when none is named."""
    platforms = resolve(load_text(as_json(spec), "spec.yaml"))
    return platforms[environment or next(name for name in platforms if name is not None)]


@cache
def _renderer() -> Renderer:
    return Renderer(template_folders())


def inventory_of(platform: ResolvedPlatform) -> Inventory:
    """The objects of a platform, by the built-in templates."""
    return ObjectMaker(_renderer()).inventory(platform)
