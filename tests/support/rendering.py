"""Rendering specs that are made in tests: fast, for all renders of a process share what no spec changes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from manifestgen import api, pipeline
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.verify.catalogue import Catalogue
from manifestgen.verify.schemas import SchemaChecker
from support.specs import as_json

OWN_FILE = "manifests/own.yaml"
OWN_OBJECTS = """\
# Two objects of a user's own.
apiVersion: v1
kind: ConfigMap
metadata: {name: from-a-file, labels: {team: a}}
data:
  key: "{{ not a template }}"
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: from-a-file}
rules:
  - {apiGroups: [""], resources: [nodes], verbs: [get]} # read only
"""
"""A file that every drawn spec may name among its manifests."""


def rendered(spec: Mapping[str, Any], folder: Path) -> api.Rendered:
    """What becomes of a spec that stands in ``folder``."""
    file = folder / "platform.yaml"
    file.write_text(as_json(spec), encoding="utf-8")
    (folder / OWN_FILE).parent.mkdir(exist_ok=True)
    (folder / OWN_FILE).write_text(OWN_OBJECTS, encoding="utf-8")
    with warm():
        return api.rendered(api.Request(spec=file, out=folder / "out"))


def rendered_anywhere(spec: Mapping[str, Any]) -> api.Rendered:
    """The same in a folder that is gone afterwards."""
    with scratch() as folder:
        return rendered(spec, folder)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one of the hundreds of trees of a test: in memory, where there is such a place."""
    with tempfile.TemporaryDirectory(dir=_in_memory()) as name:
        yield Path(name)


@cache
def _in_memory() -> Path | None:
    place = Path("/dev/shm")
    roomy = place.is_dir() and os.access(place, os.W_OK) and shutil.disk_usage(place).free > _ROOM
    return place if roomy else None


_ROOM: Final = 2**30
"""Bytes; a tree has a few millions. Where there are fewer, as in a container, the disk is used."""


@contextmanager
def warm() -> Iterator[None]:
    """Share compiled templates and read schemas, which depend on no spec."""
    with (
        patch.object(pipeline, "Renderer", _renderer_for),
        patch.object(pipeline, "SchemaChecker", checker_of),
    ):
        yield


def _renderer_for(folders: Sequence[Path]) -> Renderer:
    """One for all that have the program's folders alone; own templates may change between two renders."""
    return _renderer() if tuple(folders) == template_folders() else Renderer(folders)


@cache
def _renderer() -> Renderer:
    return Renderer(template_folders())


@cache
def checker_of(version: str, catalogue: Catalogue | None = None) -> SchemaChecker:
    """What checks objects for a version of Kubernetes."""
    return SchemaChecker(version, catalogue)
