"""What a container is started with: its environment as far as the inventory says it, and its command line."""

from __future__ import annotations

from typing import Any

from manifestgen.verify.lint.world import World

Container = dict[str, Any]


def variables(world: World, container: Container) -> dict[str, str]:
    """The environment variables whose values stand in the spec; those of Secrets do not."""
    found: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        if "configMapRef" in source:
            prefix = source.get("prefix", "")
            data = _config(world, source["configMapRef"]["name"])
            found |= {prefix + key: value for key, value in data.items()}
    for variable in container.get("env") or ():
        reference = (variable.get("valueFrom") or {}).get("configMapKeyRef")
        if reference:
            value = _config(world, reference["name"]).get(reference["key"])
        else:
            value = variable.get("value")
        if value is None:
            found.pop(variable["name"], None)
        else:
            found[variable["name"]] = value
    return found


def _config(world: World, name: str) -> dict[str, str]:
    made = world.find("ConfigMap", name, "")
    return {} if made is None else made.manifest.get("data") or {}


def words(container: Container) -> list[str]:
    """The words of its command line; what a shell is given is split, too."""
    given = [*(container.get("command") or ()), *(container.get("args") or ())]
    return [word for text in given for word in str(text).replace("=", " ").split()]
