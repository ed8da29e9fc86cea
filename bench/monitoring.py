"""Print how many seconds all monitoring of a platform takes on top of a render, checked by the rules of lint.

The spec and its objects are there before the clock starts, with all modules that they need. What only
monitoring needs is loaded while it runs, and the work is shared by processes as in the program.
"""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path

from manifestgen.kinds import ObjectMaker
from manifestgen.pipeline import load
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.targets.making import making
from manifestgen.targets.registry import Inputs
from manifestgen.verify.lint.world import World

MONITORING = ("prometheus", "alertmanager", "grafana", "runbooks")


def main(spec_file: Path) -> None:
    """Measure one spec in this process, which has measured nothing before."""
    gc.disable()  # as in the program
    spec = load(spec_file)
    renderer = Renderer(template_folders())
    maker = ObjectMaker(renderer)
    objects = {name: maker.inventory(platform) for name, platform in spec.environments.items()}
    inputs = Inputs(spec.base, spec.environments, maker.inventory(spec.base), objects, renderer)
    started = time.perf_counter()
    with making(lambda: inputs, MONITORING) as files:
        from manifestgen.verify.lint import expressions, monitoring

        for name, platform in spec.environments.items():
            world = World(platform, objects[name])
            found = [*expressions.check(world), *monitoring.check(world)]
            assert not found, found
        files()
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
