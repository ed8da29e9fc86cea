"""What the environments of a spec cost, and what that changes against the committed tree."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from manifestgen import pipeline
from manifestgen.api import DEFAULT_OUT, DEFAULT_SPEC, AnyPath, refuse_unknown
from manifestgen.errors import Finding, ManifestgenError, errors_in
from manifestgen.kinds.datastores import chart_values
from manifestgen.kube.pricing import Bill, Counted, bill
from manifestgen.kube.usage import of_charts, usages
from manifestgen.targets.committed import Committed
from manifestgen.write.faults import reading

_TARGETS = ("kustomize",)
"""What is rendered besides: only the objects are counted."""
_TREE = "k8s"
"""The folder of the output that holds Kustomize: whole objects, as they were committed."""


def bills(
    spec: AnyPath = DEFAULT_SPEC, environments: Iterable[str] = (), out: AnyPath = DEFAULT_OUT
) -> tuple[Bill, ...]:
    """The bill of each environment named, or of all with a ``cost``; ``out`` holds the committed tree.

    Raises ManifestgenError when the spec is wrong, has no such environment, or no ``cost`` for one of them.
    """
    build = pipeline.build(Path(spec), targets=_TARGETS)
    if errors_in(build.findings):
        raise ManifestgenError(build.findings)
    names = tuple(environments)
    refuse_unknown("unknown-environment", names, build.environments, str(spec))
    committed = _committed(Path(out))
    return tuple(_bill(build, name, committed) for name in names or build.environments)


def _bill(build: pipeline.Build, name: str, committed: _Tree | None) -> Bill:
    platform = build.platforms[name]
    terms = platform.spec.cost
    if terms is None:
        message, advice = f"nothing has a price in {name}", "add `cost` with the prices of cpu and memory"
        raise ManifestgenError([Finding("cost-missing", message, advice, "cost", platform.node.location)])
    manifests = (made.manifest for made in build.inventories[name].objects.values())
    now = [*usages(manifests, terms.nodes), *of_charts(chart_values(platform))]
    return bill(name, terms, now, None if committed is None else committed.counted(name, terms.nodes))


class _Tree:
    """The files of the committed tree, each read when it is asked for."""

    def __init__(self, out: Path, files: list[str]) -> None:
        self._out = out
        self._files = files

    def counted(self, environment: str, nodes: int | None) -> Counted | None:
        """What the environment asks for there; None where it was not rendered yet."""
        known = Committed(self._files, self._text)
        if not any(path.startswith(f"{_TREE}/overlays/{environment}/") for path in self._files):
            return None
        manifests = known.objects(self._files, environment)
        return [*usages(manifests, nodes), *of_charts(known.charts(environment))]

    def _text(self, path: str) -> str | None:
        if path not in self._files:
            return None
        with reading(self._out):
            return (self._out / path).read_text("utf-8", errors="replace")


def _committed(out: Path) -> _Tree | None:
    with reading(out):
        files = sorted(_files(out))
    return _Tree(out, files) if files else None


def _files(out: Path) -> Iterator[str]:
    for folder, _, names in os.walk(out / _TREE):
        for name in names:
            if name.endswith(".yaml"):
                yield Path(folder, name).relative_to(out).as_posix()
