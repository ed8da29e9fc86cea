"""The kinds of output, each independent of the others."""

from manifestgen.targets.registry import REGISTRY, Inputs, Target

__all__ = ["REGISTRY", "Inputs", "Target"]
