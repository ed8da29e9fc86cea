"""The Helm chart: derived from the objects of all environments, written as a person would."""

from __future__ import annotations

from manifestgen.targets.helm.chart import render
from manifestgen.targets.helm.model import ChartInfo, Dependency, Maintainer

__all__ = ["ChartInfo", "Dependency", "Maintainer", "render"]
