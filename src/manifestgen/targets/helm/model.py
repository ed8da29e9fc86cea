"""What a chart needs to know besides its objects."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class Maintainer(NamedTuple):
    """Who answers for the chart."""

    name: str
    email: str = ""
    url: str = ""


class Dependency(NamedTuple):
    """A chart that is installed along; its values lie below ``key``."""

    name: str
    version: str
    repository: str
    alias: str = ""
    condition: str = ""
    """Dotted path of the value that switches it, usually ``<alias>.enabled``."""
    description: str = ""

    @property
    def key(self) -> str:
        """Where the chart's values lie, and the folder of its subchart for what concerns them."""
        return self.alias or self.name


class ChartInfo(NamedTuple):
    """The facts of a chart.

    ``dependency_values`` are the values of each dependency by layer (None: the base) and key;
    ``namespaces`` says where each environment is installed; ``release`` is the release's usual name, which
    ``releases`` may give another of.
    """

    name: str
    description: str
    version: str
    app_version: str | None = None
    kube_version: str | None = None
    home: str | None = None
    icon: str | None = None
    sources: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    maintainers: tuple[Maintainer, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    dependency_values: Mapping[str | None, Mapping[str, Mapping[str, Any]]] = MappingProxyType({})
    namespaces: Mapping[str, str] = MappingProxyType({})
    release: str = ""
    releases: Mapping[str, str] = MappingProxyType({})

    def release_in(self, environment: str) -> str:
        """What the release of an environment is called."""
        return self.releases.get(environment) or self.release or self.name

    @property
    def reserved(self) -> frozenset[str]:
        """Top names of the values that belong to dependencies or to Helm."""
        return frozenset({"global", *(dependency.key for dependency in self.dependencies)})
