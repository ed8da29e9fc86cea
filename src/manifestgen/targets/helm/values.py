"""values.yaml and values-<environment>.yaml: what the chart starts from, and what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any, Final

from manifestgen.kube.generalise.layers import MISSING, Gap, same
from manifestgen.kube.generalise.tree import ValuePath
from manifestgen.kube.generalise.values import Shape, Value
from manifestgen.targets.helm.model import ChartInfo
from manifestgen.yamlio import emit
from manifestgen.yamlio.characters import escaped

Branch = dict[str, "Branch | Value"]

# What people look for first and last; all else keeps its order between.
_RANKS: Final = {
    name: rank
    for rank, name in enumerate(
        (
            "enabled",
            "replicas",
            "image",
            "repository",
            "tag",
            "digest",
            "resources",
            "autoscaling",
            "podDisruptionBudget",
        )
    )
}
_WIDTH: Final = 96
_MIDDLE: Final = len(_RANKS)
_LAST: Final = {"config": _MIDDLE + 1}


def branches(values: Sequence[Value]) -> Branch:
    """The values as the nested maps that they are in a file, in the order to read them."""
    root: Branch = {}
    for value in values:
        branch = root
        for key in value.path[:-1]:
            below = branch.setdefault(key, {})
            assert isinstance(below, dict)  # no value lies below another
            branch = below
        branch[value.path[-1]] = value
    return {key: _sorted(branch) if isinstance(branch, dict) else branch for key, branch in root.items()}


def _sorted(branch: Branch) -> Branch:
    keys = sorted(branch, key=lambda key: _RANKS.get(key, _LAST.get(key, _MIDDLE)))
    return {key: _sorted(below) if isinstance(below := branch[key], dict) else below for key in keys}


def values_file(root: Branch, info: ChartInfo, titles: Mapping[str, str], environments: Sequence[str]) -> str:
    """The text of values.yaml, each value with what it is for."""
    files = " and ".join(f"values-{name}.yaml" for name in environments)
    lines = [f"# Values of the chart {info.name}: what every environment starts from."]
    if files:
        lines.append(f"# {files} say what differs there.")
    for key, below in root.items():
        lines += ["", *_comment(titles.get(key, ""), ""), *_lines(key, below, "", environments)]
    for key, plain in dependency_layer(info, None).items():
        lines += ["", *_comment(_dependency_title(info, key), ""), emit.block({key: plain})]
    return "\n".join(lines) + "\n"


def dependency_layer(info: ChartInfo, layer: str | None) -> dict[str, Any]:
    """The values of all dependencies in a layer; a switch is on unless a layer says otherwise."""
    given = info.dependency_values.get(layer, {})
    result: dict[str, Any] = {}
    for dependency in info.dependencies:
        plain = dict(given.get(dependency.key, {}))
        if dependency.condition == f"{dependency.key}.enabled":
            plain = {"enabled": True} | plain
        result[dependency.key] = plain
    return result


def _dependency_title(info: ChartInfo, key: str) -> str:
    found = next(dependency for dependency in info.dependencies if dependency.key == key)
    about = f"{sentence(found.description)} " if found.description else ""
    return f"{about}These are values of the chart {found.name} {found.version} from {found.repository}."


def _lines(key: str, below: Branch | Value, pad: str, environments: Sequence[str]) -> Iterator[str]:
    if isinstance(below, Value):
        yield from _leaf(key, below, pad, environments)
        return
    if not _is_given(below):
        yield from _unset_lines(key, below, f"{pad}# ", environments)
        return
    yield f"{pad}{emit.scalar(key)}:"
    for name, item in below.items():
        yield from _lines(name, item, pad + "  ", environments)


def _unset_lines(key: str, below: Branch | Value, start: str, environments: Sequence[str]) -> Iterator[str]:
    """What the base leaves out, all in a comment, map and members, so that it is right without its marks."""
    if isinstance(below, Value):
        yield from _comment(_unset(below, environments), start)
    yield f"{start}{emit.scalar(key)}:"
    for name, item in below.items() if isinstance(below, dict) else ():
        yield from _unset_lines(name, item, start + "  ", environments)


def _is_given(below: Branch | Value) -> bool:
    """Whether the base has anything to write at or below it."""
    if isinstance(below, Value):
        return not isinstance(below.versions[0], Gap)
    return any(map(_is_given, below.values()))


def unset_maps(root: Branch, above: ValuePath = ()) -> Iterator[ValuePath]:
    """The maps that values.yaml shows in a comment only, because the base has nothing in them."""
    for key, below in root.items():
        if isinstance(below, dict):
            if not _is_given(below):
                yield (*above, key)
            yield from unset_maps(below, (*above, key))


def _leaf(key: str, value: Value, pad: str, environments: Sequence[str]) -> Iterator[str]:
    base = value.versions[0]
    if not isinstance(base, Gap):
        yield from _comment(value.about.description, pad)
        yield emit.block({key: base}, len(pad))
        return
    yield from _comment(_unset(value, environments), pad)
    yield f"{pad}# {emit.scalar(key)}:"


def _unset(value: Value, environments: Sequence[str]) -> str:
    """What is said about a value that the base does not have."""
    layers = zip(environments, value.versions[1:], strict=True)
    files = " and ".join(f"values-{name}.yaml" for name, version in layers if not isinstance(version, Gap))
    state = "Not set here" if value.versions[0] is MISSING else "No default"
    return f"{value.about.description} {state}; see {files}.".strip()


def sentence(text: str) -> str:
    """``text`` on one line, with a full stop when nothing else ends it."""
    line = " ".join(text.split())
    return line if line.endswith((".", "!", "?", "…", ":", ";")) else f"{line}."


def _comment(text: str, start: str) -> Iterator[str]:
    for line in wrap(text, _WIDTH - len(start), break_long_words=False, break_on_hyphens=False):
        yield f"{start}# {escaped(line)}"  # some readers take more than newlines for the end of a comment


def environment_file(root: Branch, info: ChartInfo, index: int, environment: str) -> str:
    """The text of values-<environment>.yaml: only what differs from values.yaml."""
    changes = _changes(root, index)
    base, own = dependency_layer(info, None), dependency_layer(info, environment)
    changes |= map_difference(base, own)
    where = info.namespaces.get(environment)
    release = info.release_in(environment)
    lines = [f"# What {environment} changes in values.yaml. A null removes the key."]
    if where is not None:
        lines += [
            "#",
            f"#   helm upgrade --install {release} . --namespace {where} --values values-{environment}.yaml",
        ]
    lines += [text for key, change in changes.items() for text in ("", emit.block({key: change}))]
    return "\n".join(lines if changes else [*lines, "{}"]) + "\n"


def _changes(branch: Branch, index: int) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for key, below in branch.items():
        if isinstance(below, Value):
            changes |= _change(key, below, index)
        elif inner := _changes(below, index):
            changes[key] = inner
    return changes


def _change(key: str, value: Value, index: int) -> dict[str, Any]:
    base, own = value.versions[0], value.versions[index + 1]
    if isinstance(own, Gap):
        return {} if own is not MISSING or isinstance(base, Gap) else {key: None}
    if isinstance(base, Gap):
        return {key: own}
    if value.shape is Shape.MAP:
        inner = map_difference(base, own)
        return {key: inner} if inner else {}
    return {} if same(base, own) else {key: own}


def map_difference(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Merge Patch from ``base`` to ``own``, which is how Helm merges maps of values."""
    changes: dict[str, Any] = {}
    for key, value in own.items():
        if key not in base:
            changes[key] = value
        elif isinstance(value, dict) and isinstance(base[key], dict):
            if inner := map_difference(base[key], value):
                changes[key] = inner
        elif not same(base[key], value):
            changes[key] = value
    return changes | {key: None for key in base if key not in own}


def effective(value: Value, index: int) -> Any:
    """What the value is in a layer (0 is the base): a gap where it is not set."""
    version = value.versions[index]
    return value.versions[0] if isinstance(version, Gap) and version is not MISSING else version


def leaves(root: Branch) -> Iterator[tuple[ValuePath, Value]]:
    """All values in the order of the file."""
    for below in root.values():
        if isinstance(below, Value):
            yield below.path, below
        else:
            yield from leaves(below)
