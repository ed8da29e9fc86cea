"""What Kustomize makes of an object and a strategic-merge patch, step by step as it does it.

A patch is only as good as Kustomize's reading of it, and that has surprises: items of a patch come
first, ``$patch: replace`` on one item of a list is ignored, lists that the patch does not name lose
items with equal keys. So every patch is tried here before it is written. This follows kyaml's ``walk``
and ``merge2`` (Kustomize 5.8); a property test holds it against the real binary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, Final

from manifestgen.kube.mergekeys import Shape, field_shape, shape_of
from manifestgen.kube.objects import Manifest
from manifestgen.kube.plain import Form, copied, form

DIRECTIVE: Final = "$patch"
DELETE: Final = "delete"
REPLACE: Final = "replace"


class _Absent(Enum):
    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT


class UnmergeableError(ValueError):
    """Kustomize refuses this merge: a map cannot become a list or a scalar, or the other way round."""


def check_replacement(old: Any, new: Any) -> None:
    """Raises UnmergeableError where Kustomize cannot put ``new`` in the place of ``old``."""
    forms = (form(old), form(new))
    if Form.NULL not in forms and forms[0] is not forms[1]:
        raise UnmergeableError(f"a {forms[0].name.lower()} cannot become a {forms[1].name.lower()}")
    if isinstance(new, str) and new.startswith("\t") and "\n" in new:
        # It would be written in the style of the old value, and then Kustomize cannot read it again.
        raise UnmergeableError("a text of several lines that starts with a tab cannot take another's place")


def apply_patch(base: Manifest, patch: Manifest) -> Manifest:
    """The object that Kustomize builds from ``base`` and ``patch``; empty when the patch deletes it.

    Raises UnmergeableError where Kustomize would stop with an error.
    """
    if patch.get(DIRECTIVE) == DELETE:
        return {}
    result: Manifest = merge(copied(base), copied(patch), shape_of(base))
    return result


def merge(dest: Any, patch: Any, shape: Shape) -> Any:
    """``dest`` changed by ``patch``; both may be ABSENT, both are used up."""
    if dest is not patch and ABSENT not in (dest, patch):
        check_replacement(dest, patch)
    forms = [form(value) for value in (dest, patch) if value is not ABSENT and value is not None]
    kind = forms[0] if forms else Form.MAP
    if kind is Form.MAP:
        return _merge_map(dest, patch, shape)
    if kind is Form.LIST and shape.merge_keys is not None:
        return merge_list(dest, patch, shape)
    return dest if patch is ABSENT else patch


def _merge_map(dest: Any, patch: Any, shape: Shape) -> Any:
    directive = patch.pop(DIRECTIVE, None) if isinstance(patch, dict) else None
    if directive == DELETE or (patch is None and dest is not None):
        return ABSENT
    if dest is ABSENT or dest is None:
        if patch is ABSENT:
            return dest
        dest = ABSENT if patch is None else patch
    elif directive == REPLACE:
        dest = patch
    if isinstance(dest, dict):
        _merge_fields(dest, patch if isinstance(patch, dict) else {}, shape)
    return dest


def _merge_fields(dest: dict[str, Any], patch: dict[str, Any], shape: Shape) -> None:
    for key in sorted(patch):
        ours, theirs = dest.get(key, ABSENT), patch[key]
        value = merge(ours, theirs, field_shape(shape, key, ours, theirs))
        if value is ABSENT or value is None:
            dest.pop(key, None)
        else:
            dest[key] = value
    _settle_fields(dest, patch, shape)


def _settle_fields(dest: dict[str, Any], patch: dict[str, Any], shape: Shape) -> None:
    """What the patch does not name changes, too, inside of maps and of lists that are merged."""
    known = shape.fields
    for key, ours in dest.items():
        if key in patch:
            continue
        if isinstance(ours, dict):
            _settle_fields(ours, _NOTHING, field_shape(shape, key, ours))
        elif key in known and isinstance(ours, list):
            dest[key] = merge(ours, ABSENT, known[key])


_NOTHING: Final[dict[str, Any]] = {}


def merge_list(dest: Any, patch: Any, shape: Shape) -> Any:
    """``merge`` for a list whose items have merge keys."""
    if dest is ABSENT or dest is None:
        dest = patch
    elif patch is None:
        return ABSENT
    else:
        directive = _take_directive(patch)
        if directive == DELETE:
            return ABSENT
        if directive == REPLACE:
            dest = patch
    if dest is ABSENT:
        return ABSENT
    keys = shape.merge_keys or ()
    if keys:
        return _merge_items(dest, patch, keys, shape.items or Shape())
    sources = [*(patch if patch is not ABSENT else ()), *dest]
    return [value for index, value in enumerate(sources) if value not in sources[:index]]


def _take_directive(patch: Any) -> Any:
    """The directive that stands as an item of its own in the list; it is taken out."""
    marks = [item for item in _maps(patch) if DIRECTIVE in item]
    if not marks or len(marks[0]) > 1:
        return None
    directive = marks[0][DIRECTIVE]
    _set_item(patch, ABSENT, (DIRECTIVE,), (directive,))
    return directive


def _merge_items(dest: list[Any], patch: Any, keys: tuple[str, ...], items: Shape) -> list[Any]:
    named = list(dict.fromkeys(_names(patch, keys) + _names(dest, keys)))
    if len(keys) > 1:
        _fill_in(named)
    used = [index for index, _ in enumerate(keys) if any(name[index] for name in named)]
    used = used or list(range(len(keys)))
    keys = tuple(keys[index] for index in used)
    result: list[Any] = []
    for name in (tuple(name[index] for index in used) for name in named):
        item = merge(_find(dest, keys, name), _find(patch, keys, name), items)
        if item is ABSENT or not item:
            _set_item(dest, ABSENT, keys, name)
            continue
        for key, value in zip(keys, name, strict=True):
            if value and key not in item:
                item[key] = value
        _set_item(result, item, keys, name)
    return _append(result, dest, keys) if named else dest


def _append(result: list[Any], dest: list[Any], keys: tuple[str, ...]) -> list[Any]:
    """The items of ``dest`` put behind the merged ones, where they are not among them already."""
    for item in list(dest):
        if not isinstance(item, dict):
            raise UnmergeableError(f"an item without {keys[0]}")
        name = [_text(item[key]) for key in keys if key in item]
        result.extend([item] * (len(keys) - len(name)))
        if len(keys) > 1:
            _set_item(result, ABSENT, keys, name)
        _set_item(result, item, keys, name)
    return result


def _maps(items: Any) -> Iterator[dict[str, Any]]:
    return (item for item in (() if items is ABSENT else items) if isinstance(item, dict))


def _text(value: Any) -> str:
    """A value as Kustomize compares it: the text of a scalar, nothing for all else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def _names(items: Any, keys: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [
        tuple(_text(item.get(key)) if isinstance(item, dict) else "" for key in keys)
        for item in (() if items is ABSENT else items)
    ]


def _fill_in(named: list[tuple[str, ...]]) -> None:
    """Names that differ only where one of them says nothing are taken for the same."""
    for i, left in enumerate(named):
        for j, right in enumerate(named):
            pairs = list(zip(left, right, strict=True))
            if any(a == b for a, b in pairs) and all(a == b or not (a and b) for a, b in pairs):
                named[i] = named[j] = tuple(a or b for a, b in pairs)


def _find(items: Any, keys: tuple[str, ...], name: tuple[str, ...]) -> Any:
    wanted = [pair for pair in zip(keys, name, strict=True) if pair[1]] or list(zip(keys, name, strict=True))
    return next(
        (
            item
            for item in _maps(items)
            if all(key in item and _text(item[key]) == text for key, text in wanted)
        ),
        ABSENT,
    )


def _set_item(items: list[Any], new: Any, keys: Sequence[str], name: Sequence[str]) -> None:
    """Put ``new`` in the place of each item called ``name``, or at the end; ABSENT removes them."""
    kept: list[Any] = []
    found = False
    for item in items:
        if item is None or item == {}:
            continue
        if not isinstance(item, dict):
            kept.append(item)
        elif not _matches(item, keys, name):
            kept.extend([item] if name else [])
        else:
            found = True
            kept.extend([] if new is ABSENT else [new])
    if new is not ABSENT and not found:
        kept.append(new)
    items[:] = kept


def _matches(item: dict[str, Any], keys: Sequence[str], name: Sequence[str]) -> bool:
    """Keys beyond the end of ``name`` are not compared; an empty text matches any value."""
    pairs = list(zip(keys, name, strict=False))
    return bool(pairs) and all(key in item and text in ("", _text(item[key])) for key, text in pairs)
