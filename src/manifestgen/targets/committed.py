"""What a tree of Kustomize files said before: the objects of an environment, read back from its files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final

from ruamel.yaml.error import YAMLError

from manifestgen.kube.apply import UnmergeableError, apply_patch
from manifestgen.kube.identity import kebab
from manifestgen.kube.objects import Manifest
from manifestgen.yamlio.load import parse_documents

_BASE: Final = "k8s/base/"
_OVERLAYS: Final = "k8s/overlays/"
_DEPENDENCIES: Final = "k8s/dependencies/"
_PATCHES: Final = "patches/"


class Committed:
    """The tree before a render: ``paths`` are its files, ``text`` gives the text of each.

    Only files that are asked for are read and parsed, each once.
    """

    def __init__(self, paths: Collection[str], text: Callable[[str], str | None]) -> None:
        self._text = text
        self._base_of = {_flat(path): path for path in paths if path.startswith(_BASE)}
        self._values = sorted(path for path in paths if path.startswith(_DEPENDENCIES) and "/values-" in path)
        self._parsed: dict[str, Manifest | None] = {}

    def objects(self, changed: Iterable[str], environment: str) -> Iterator[Manifest]:
        """The objects of the environment that the changed files are part of, as they were.

        What cannot be read or merged, because somebody edited it, is passed over.
        """
        overlay = f"{_OVERLAYS}{environment}/"
        sources = {self._source(path, overlay): None for path in changed}
        for path in sources:
            found = self._manifest(path) if path else None
            if found is not None and path.startswith(_BASE):
                found = self._patched(found, overlay + _PATCHES + _flat(path))
            if found:
                yield found

    def charts(self, environment: str) -> dict[str, Manifest]:
        """The values of the charts that run data services in the environment, by the name of the service."""
        folder = f"{_DEPENDENCIES}{environment}/"
        found: dict[str, Manifest] = {}
        for path in self._values:
            name = path.rpartition("/values-")[2].removesuffix(".yaml")
            values = _document(self._text(path)) if path.startswith(folder) else None
            if values is not None:
                found[name] = values
        return found

    def _source(self, path: str, overlay: str) -> str:
        """The file with the whole object that a file is about; empty if it is of no object here."""
        if path.startswith(overlay + _PATCHES):
            return self._base_of.get(path.removeprefix(overlay + _PATCHES), "")
        return path if path.startswith((_BASE, overlay)) else ""

    def _patched(self, base: Manifest, patch_path: str) -> Manifest | None:
        if self._text(patch_path) is None:
            return base
        patch = self._manifest(patch_path)
        try:
            return None if patch is None else apply_patch(base, patch)
        except UnmergeableError:
            return None

    def _manifest(self, path: str) -> Manifest | None:
        if path not in self._parsed:
            self._parsed[path] = _parsed(self._text(path))
        return self._parsed[path]


def touched(paths: Iterable[str], kinds: Iterable[str]) -> list[str]:
    """Those of the files that hold objects of these kinds, or patches to them."""
    stems = tuple(map(kebab, kinds))
    return [path for path in paths if _is_of(path, stems)]


def _is_of(path: str, stems: tuple[str, ...]) -> bool:
    if not path.startswith((_BASE, _OVERLAYS)):
        return False
    name = path.rpartition("/")[2]
    # The name of a patch starts with its component, which may have hyphens.
    return any(stem in name for stem in stems) if _PATCHES in path else name.startswith(stems)


def _flat(path: str) -> str:
    return path.removeprefix(_BASE).replace("/", "-")


def _parsed(text: str | None) -> Manifest | None:
    """The one object of a file; None if it is no such file."""
    found = _document(text)
    return found if found is not None and _has_identity(found) else None


def _document(text: str | None) -> Manifest | None:
    """The one map of a file; None if it holds no such thing."""
    try:
        documents: list[Any] = list(parse_documents(text or ""))
    except (ValueError, YAMLError):
        return None
    (found,) = documents if len(documents) == 1 else (None,)
    return found if isinstance(found, dict) else None


def _has_identity(manifest: Manifest) -> bool:
    metadata = manifest.get("metadata")
    return {"apiVersion", "kind"} <= manifest.keys() and isinstance(metadata, dict) and "name" in metadata
