"""Where things are: in the repository, and what the objects about them are called."""

from __future__ import annotations

import posixpath
from typing import Any, NamedTuple

from manifestgen.facts import conventions as names
from manifestgen.kinds.views import View
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.late import ArgoCD, Flux

_FILE = "file://"


class Place(NamedTuple):
    """One environment of a platform, as it is delivered."""

    environment: str
    platform: ResolvedPlatform

    @property
    def gitops(self) -> ArgoCD | Flux:
        """The section of the spec."""
        assert self.platform.spec.gitops is not None
        return self.platform.spec.gitops

    @property
    def folder(self) -> str:
        """The folder of the objects, in the output."""
        return f"gitops/{self.gitops.type}/{self.environment}"

    @property
    def name(self) -> str:
        """What is called after the environment: environments of several clusters may meet in one."""
        return f"{self.platform.name}-{self.environment}"

    @property
    def data(self) -> str:
        """The same for what applies the data services."""
        return f"{self.name}-data"

    @property
    def chart(self) -> str:
        """The folder of the platform's chart, in the repository."""
        return self.path(f"helm/{self.platform.name}")

    def path(self, output: str) -> str:
        """The path in the repository of something in the output."""
        return posixpath.normpath(f"{self.gitops.path}/{output}")

    def chart_path(self, repository: str) -> str | None:
        """Where a chart in a folder lies in the repository; None for one of a repository of charts."""
        if not repository.startswith(_FILE):
            return None
        return posixpath.normpath(posixpath.join(self.chart, repository.removeprefix(_FILE)))

    @property
    def makes_namespace(self) -> bool:
        """Whether the platform brings its namespace itself."""
        return self.platform.spec.tenancy.namespace is not None

    def view(self, kind: str, name: str, description: str, **context: Any) -> View:
        """A view for the template of ``kind``."""
        given = {
            "name": name,
            "labels": names.labels(name, self.platform.name, "gitops"),
            "annotations": {},
            "namespace": self.gitops.namespace,
            "description": description,
            **context,
        }
        return View(f"gitops/{self.gitops.type}/{kind}.yaml.j2", "gitops", ("gitops",), given)
