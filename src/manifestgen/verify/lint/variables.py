"""Environment variables: each is set once."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.errors import Finding
from manifestgen.verify.lint.world import World


def check(world: World) -> Iterator[Finding]:
    """The `env` of every container."""
    for pods in world.pods:
        for container in pods.containers():
            seen: set[str] = set()
            for variable in container.get("env") or ():
                name = variable["name"]
                if name in seen:
                    yield world.objection(
                        pods.made,
                        "env-duplicate",
                        f"container {container['name']} of {pods.name} sets {name} twice; the last one "
                        "counts, and "
                        "an apply may drop either",
                        "remove one",
                        ("env",),
                    )
                seen.add(name)
