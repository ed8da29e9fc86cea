"""JSON Patch (RFC 6902) on plain data, with errors that say which place is the matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from manifestgen.facts.nearest import nearest_hint
from manifestgen.kube.plain import copied, same

_END: Final = "-"


class OperationError(ValueError):
    """An operation that cannot be done: which one of the list, why, and what might be meant."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.index = 0


def apply_operations(document: Any, operations: Sequence[Mapping[str, Any]]) -> Any:
    """The document after all operations; the argument is not changed.

    Raises OperationError, with the index of the operation, for the first one that cannot be done.
    """
    root = {"": copied(document)}  # so that the document is a member of something, too
    for index, operation in enumerate(operations):
        try:
            _APPLY[operation["op"]](root, operation)
        except OperationError as error:
            error.index = index
            raise
    return root[""]


def _add(root: dict[str, Any], operation: Mapping[str, Any]) -> None:
    _put(root, operation["path"], copied(operation["value"]))


def _remove(root: dict[str, Any], operation: Mapping[str, Any]) -> None:
    _take(root, operation["path"])


def _replace(root: dict[str, Any], operation: Mapping[str, Any]) -> None:
    holder, step = _holder(root, operation["path"])
    step = _existing(holder, step, operation["path"])
    holder[step] = copied(operation["value"])


def _move(root: dict[str, Any], operation: Mapping[str, Any]) -> None:
    source, target = operation["from"], operation["path"]
    if target.startswith(f"{source}/"):
        raise OperationError(f"{source} cannot be moved into itself")
    _put(root, target, _take(root, source))


def _copy(root: dict[str, Any], operation: Mapping[str, Any]) -> None:
    _put(root, operation["path"], copied(_value(root, operation["from"])))


def _test(root: dict[str, Any], operation: Mapping[str, Any]) -> None:
    if not same(_value(root, operation["path"]), operation["value"]):
        raise OperationError(f"{operation['path']} has another value")


_APPLY: Final = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def _put(root: dict[str, Any], path: str, value: Any) -> None:
    holder, step = _holder(root, path)
    if isinstance(holder, dict):
        holder[step] = value
        return
    place = len(holder) if step == _END else _index(step, path)
    if place > len(holder):
        raise OperationError(f"{path} is behind the end of a list of {len(holder)}", "- stands for its end")
    holder.insert(place, value)


def _take(root: dict[str, Any], path: str) -> Any:
    holder, step = _holder(root, path)
    return holder.pop(_existing(holder, step, path))


def _value(root: dict[str, Any], path: str) -> Any:
    holder, step = _holder(root, path)
    return holder[_existing(holder, step, path)]


def _holder(root: dict[str, Any], path: str) -> tuple[Any, str]:
    """The map or list that the last step of ``path`` leads into, and that step."""
    *above, last = path.split("/")
    holder: Any = root
    for count, step in enumerate(above):
        holder = holder[_existing(holder, step, "/".join(above[: count + 1]))]
    if not isinstance(holder, dict | list):
        raise OperationError(f"{'/'.join(above)} is neither a map nor a list")
    return holder, _unescaped(last)


def _existing(holder: Any, step: str, path: str) -> Any:
    """The key or index of a member that is there."""
    if isinstance(holder, dict):
        key = _unescaped(step)
        if key not in holder:
            raise OperationError(f"there is no {path}", nearest_hint(key, [str(one) for one in holder]))
        return key
    if not isinstance(holder, list):
        raise OperationError(f"{path.rpartition('/')[0]} is neither a map nor a list")
    index = _index(step, path)
    if index >= len(holder):
        raise OperationError(f"there is no {path}: the list is of length {len(holder)}")
    return index


def _index(step: str, path: str) -> int:
    if not step.isdecimal() or not step.isascii() or (step != "0" and step.startswith("0")):
        raise OperationError(f"{path}: {step!r} is no place in a list", "count from 0")
    return int(step)


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
