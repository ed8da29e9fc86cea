"""How many pods an object of the world may run."""

from __future__ import annotations

from manifestgen.kube.scale import Scale, scale
from manifestgen.verify.lint.world import Pods, World


def scale_of(world: World, pods: Pods) -> Scale | None:
    """The numbers of pods there may be; None where the nodes or the clock decide."""
    deciding = world.autoscalers.get((pods.kind, pods.made.id.name), ())
    return scale(pods.made.manifest, (made.manifest for made in deciding))
