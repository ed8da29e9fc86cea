"""Files whose contents stand in the spec: one ConfigMap for the pod, and where each file is mounted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from manifestgen.spec.files import File, Files, contents_of
from manifestgen.spec.pods import FILES
from manifestgen.spec.workloads import WorkloadBase

MAIN = ""
"""Stands for the workload's own container."""


class Placed(NamedTuple):
    """One file: the container that sees it, where, and the key of the ConfigMap that holds it."""

    container: str
    path: str
    key: str
    file: str | File


def placed_files(workload: WorkloadBase) -> list[Placed]:
    """The files of all containers, those of the workload's own first."""
    taken: set[str] = set()
    found: list[Placed] = []
    for container, path, file in _files(workload):
        key = next(name for name in _names(container, path) if name not in taken)
        taken.add(key)
        found.append(Placed(container, path, key, file))
    return found


def _files(workload: WorkloadBase) -> Iterator[tuple[str, str, str | File]]:
    others = {name: other.files for (_, name), other in workload.others.items()}
    all_files: dict[str, Files] = {MAIN: workload.files, **others}
    for container, files in all_files.items():
        yield from ((container, path, file) for path, file in files.items())


def _names(container: str, path: str) -> Iterator[str]:
    """Names for a file: its own, with as many of its folders before it as are needed, numbered at last."""
    parts = path.strip("/").split("/")
    longest = ""
    for start in reversed(range(len(parts))):
        longest = "-".join(parts[start:])
        yield longest
    if container:
        yield f"{container}-{longest}"
    number = 2
    while True:
        yield f"{number}-{longest}"
        number += 1


def file_data(workload: WorkloadBase) -> dict[str, str]:
    """What the ConfigMap holds."""
    return {placed.key: contents_of(placed.file) for placed in placed_files(workload)}


def file_mounts(files: list[Placed], container: str) -> list[dict[str, Any]]:
    """Where a container sees its files; each is mounted by itself, so that it hides nothing of the image."""
    return [
        {"name": FILES, "mountPath": placed.path, "subPath": placed.key, "readOnly": True}
        for placed in files
        if placed.container == container
    ]


def file_source(files: list[Placed], config_map: str) -> dict[str, Any]:
    """What the volume of the files is made of; they are listed only where one has permissions of its own."""
    source: dict[str, Any] = {"name": config_map}
    if any(isinstance(placed.file, File) and placed.file.mode is not None for placed in files):
        source["items"] = [{"key": placed.key, "path": placed.key, **_mode(placed.file)} for placed in files]
    return source


def _mode(file: str | File) -> dict[str, int]:
    mode = file.mode if isinstance(file, File) else None
    return {} if mode is None else {"mode": int(mode, 8)}
