"""One leaf of a spec changed to another value of its type, and what that changes in the files."""

from __future__ import annotations

import copy
import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from manifestgen.facts.quantities import parse_duration, parse_quantity
from manifestgen.spec.platform import Platform
from support.drawing import texts
from support.drawing.artist import Limits, fields_of, limits_of

Path = tuple[str | int, ...]
Spec = dict[str, Any]


class Leaf(NamedTuple):
    """A scalar of a spec: its path in the file, and its path in the platform with every name as a star."""

    path: Path
    kind: tuple[str, ...]
    value: Any


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """All scalars below ``value`` with their paths."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        if isinstance(member, dict | list):
            yield from leaves(member, (*path, key))
        else:
            yield (*path, key), member


def in_platform(path: Path) -> Path:
    """``path`` without the environment or the defaults in front."""
    if path[:1] == ("environments",):
        path = path[2:]
    if path[:1] == ("defaults",):
        path = (path[1], "*", *path[2:])
    return path


# --- The type of a leaf -----------------------------------------------------------------------------


def _members(annotation: Any, metadata: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The alternatives of a type, each with what stands beside it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _members(arguments[0], (*arguments[1:], *metadata))
    elif origin in (Union, UnionType):
        for argument in arguments:
            yield from _members(argument, metadata)
    elif annotation is not type(None):
        yield annotation, metadata


def types_at(path: Path) -> list[tuple[Any, tuple[Any, ...]]]:
    """What may stand at a path of a platform: scalar types and words, each with its limits."""
    found: list[tuple[Any, tuple[Any, ...]]] = [(Platform, ())]
    for step in path:
        found = [inner for annotation, _ in found for inner in _below(annotation, step)]
    return found


def _below(annotation: Any, step: str | int) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for field in fields_of(annotation):
            if field.key == step:
                yield from _members(field.annotation)
    elif origin is dict and isinstance(step, str):
        yield from _members(arguments[1])
    elif origin is list and isinstance(step, int):
        yield from _members(arguments[0])


def kind_of(path: Path) -> tuple[str, ...]:
    """The place of a leaf in the models: keys of models stay, names and indexes become stars."""
    steps: list[str] = []
    found: list[tuple[Any, tuple[Any, ...]]] = [(Platform, ())]
    for step in in_platform(path):
        is_key = any(isinstance(one, type) and issubclass(one, BaseModel) for one, _ in found)
        steps.append(str(step) if is_key else "*")
        found = [inner for annotation, _ in found for inner in _below(annotation, step)]
    return tuple(steps)


# --- Other values ------------------------------------------------------------------------------------


class _Each:
    """Chooses the option of one number, whatever is asked."""

    def __init__(self, number: int) -> None:
        self.number = number

    def pick(self, options: Any) -> Any:
        return options[self.number % len(options)]

    def chance(self, percent: int) -> bool:
        return True


def other_values(leaf: Leaf) -> Iterator[Any]:
    """Other values that the type of a leaf allows, the nearest first."""
    seen = [leaf.value]
    for annotation, metadata in types_at(in_platform(leaf.path)):
        for value in _others(annotation, limits_of(metadata), leaf.value):
            if value not in seen or isinstance(value, bool) != isinstance(leaf.value, bool):
                seen.append(value)
                yield value


def _others(annotation: Any, limits: Limits, old: Any) -> Iterator[Any]:
    if get_origin(annotation) is Literal:
        yield from get_args(annotation) if old in get_args(annotation) else ()
    elif annotation is bool and isinstance(old, bool):
        yield not old
    elif annotation in (int, float) and type(old) in (int, float):
        yield from _numbers(limits, old)
    elif annotation is str and isinstance(old, str):
        yield from _texts(limits, old)
    elif annotation is Any:
        yield from (
            _numbers(limits, old) if type(old) is int else (f"{old}-edited",) if type(old) is str else ()
        )


def _numbers(limits: Limits, old: float) -> Iterator[float]:
    for new in (old + 1, old - 1, old * 2, old + 7):
        if (limits.low is None or new >= limits.low) and (limits.high is None or new <= limits.high):
            yield new


def _texts(limits: Limits, old: str) -> Iterator[str]:
    if limits.check in _AMOUNTS:
        yield from _amounts(old)
    elif limits.check in texts.BY_CHECK and limits.pattern is None:
        yield from _renamed(old)
        for number in range(6):
            yield texts.BY_CHECK[limits.check](_Each(number))  # type: ignore[arg-type]
    elif limits.pattern is not None:
        yield from (new for new in _renamed(old) if re.fullmatch(limits.pattern, new))
    else:
        yield f"{old.rstrip()}-edited{old[len(old.rstrip()) :]}"


_AMOUNTS: Final = frozenset(
    check
    for check in texts.BY_CHECK
    if check.__name__
    in ("check_cpu", "check_bytes", "check_duration", "check_seconds", "check_go_duration", "check_window")
)


def _amounts(old: str) -> Iterator[str]:
    """The same amount with another first figure: ``512Mi`` → ``513Mi``."""
    match = re.match(r"[0-9]+", old)
    if match is not None:
        for step in (1, -1, 7):
            if int(match[0]) + step > 0:
                yield f"{int(match[0]) + step}{old[match.end() :]}"


def _renamed(old: str) -> Iterator[str]:
    """The same text with another letter or figure."""
    for place in range(len(old) - 1, -1, -1):
        character = old[place]
        if character.isdigit():
            yield f"{old[:place]}{(int(character) + 1) % 10}{old[place + 1 :]}"
        elif character.isalpha() and character.isascii():
            yield f"{old[:place]}{'b' if character != 'b' else 'c'}{old[place + 1 :]}"


def edited(spec: Spec, path: Path, value: Any) -> Spec:
    """A copy of ``spec`` with another value at ``path``."""
    changed = copy.deepcopy(spec)
    parent: Any = changed
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    return changed


# --- What a value looks like in the files -------------------------------------------------------------


@cache
def forms(value: Any) -> tuple[re.Pattern[str], ...]:
    """What stands in a line that is about ``value``: itself, and the same amount in other units."""
    return tuple(_word(text) for text in dict.fromkeys(_spellings(value)) if text)


def _word(text: str) -> re.Pattern[str]:
    before = r"(?<![A-Za-z0-9])" if text[0].isalnum() else ""
    behind = r"(?![A-Za-z0-9])" if text[-1].isalnum() else ""
    return re.compile(before + re.escape(text) + behind)


def _spellings(value: Any) -> Iterator[str]:
    if isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, int | float):
        yield from _figures(Decimal(repr(value)))
        yield from _figures(Decimal(repr(value)) / 100)
        yield from _figures((100 - Decimal(repr(value))) / 100)  # what an objective leaves for errors
    elif isinstance(value, str):
        yield value
        yield json.dumps(value)[1:-1]
        yield from value.split("\n")
        yield from (part for mark in _MARKS for part in value.split(mark) if part != value)
        yield from (part.lstrip("0") for part in value.split("-"))
        yield from _units(value)


_MARKS: Final = ("#", "-", "/", ":", "@", ",", " ")
"""What stands between the parts of a text that go into the files one by one: path#key, 08:00-18:00, 12-25."""


def _units(text: str) -> Iterator[str]:
    try:
        seconds = Decimal(repr(parse_duration(text)))
        yield from _figures(seconds)
        yield from (f"{form}s" for form in _figures(seconds))
        yield from _figures(seconds * 1000)
        yield from _figures(seconds / 60)  # limits of jobs of CI
        yield from (f"avg{text}", f"increase{text}")  # in the names of recording rules
    except ValueError:
        pass
    try:
        amount = parse_quantity(text)
    except ValueError:
        return
    yield from _figures(amount)
    for power, unit in enumerate("kmg", start=1):
        yield from (f"{form}{end}" for form in _figures(amount / 1024**power) for end in (unit, f"{unit}b"))


def _figures(number: Decimal) -> Iterator[str]:
    plain = f"{number.normalize():f}"
    yield plain
    yield plain.zfill(2)
    yield f"{number:g}"


# --- What changed ------------------------------------------------------------------------------------


def changed_lines(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[str]]:
    """The lines that are gone or new in each file that changed, a sign in front."""
    changed: dict[str, list[str]] = {}
    for path in sorted({*before, *after}):
        old, new = before.get(path, ""), after.get(path, "")
        if old != new:
            lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
            changed[path] = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return changed


# --- What may change ----------------------------------------------------------------------------------

_FOLLOWS: Final = re.compile(r"^[+-](\s+checksum/[a-z0-9-]+: .*|[^A-Za-z0-9]*)$")
"""The sum of settings that have changed, and what stands between the lines of an expression."""
_FOLLOWS_IN: Final = {
    re.compile(r"monitoring/[^/]+/prometheus/rules/[^/]+\.alerts\.yml"): re.compile(r"^[+-]\s+and$"),
    re.compile(r"k8s/overlays/[^/]+/patches/.*"): re.compile(
        r"^[+-](# (Sets|Removes) .*|apiVersion: .*|kind: .*|  name: .*|\s*[A-Za-z]+:)$"
    ),
    re.compile(r"k8s/overlays/[^/]+/kustomization\.yaml"): re.compile(
        r"^[+-](patches:|  - path: patches/.*)$"
    ),
    re.compile(r"helm/[^/]+/values-[^/]+\.yaml"): re.compile(r"^[+-][A-Za-z\"][^ ]*:$"),
}
"""By file: what a value needs around it to differ from the base, the head of a patch and keys above."""
_SHARED: Final = re.compile(
    r"helm/[^/]+/(README\.md|Chart\.yaml|values[^/]*|templates/NOTES\.txt)|monitoring/.*|k8s/dependencies/.*"
    r"|k8s/[^/]+(/[^/]+)?/kustomization\.yaml"
)
"""Files that are about everything in the spec."""
_STAGE: Final = ("loadTests", "profiles", "*", "stages", "*")
REASONS: Final[Mapping[tuple[str, ...], str]] = {
    ("metadata", "name"): "it is the name of the folder of the chart, and of the labels of all objects",
    (
        "workloads",
        "*",
        "waitFor",
        "image",
        "repository",
    ): "helpers with one image have one value in the chart",
    ("workloads", "*", "waitFor", "image", "tag"): "helpers with one image have one value in the chart",
    ("workloads", "*", "activeDeadline"): "an alert waits that much longer for a run that succeeds",
    ("workloads", "*", "replicas"): "one pod is not watched for replicas that are missing",
    ("workloads", "*", "strategy"): "a Rollout has an analysis, more Services, and shares in its routes",
    (
        *("monitoring", "stack", "kubelet"),
        "enabled",
    ): "the operator is told by Kustomize and by Helm, so all its rules come several times",
    ("monitoring", "runbooksUrl"): "with it there are pages at all",
    ("monitoring", "cardinality", "nodes"): "it is a factor of many estimates",
    ("monitoring", "cardinality", "counts", "*"): "it is a factor of many estimates",
    ("alerting", "delivery"): "who is told moves from files into an object",
    ("monitoring", "delivery"): "all of the monitoring moves from files into objects",
    ("datastores", "*", "replicas"): "one pod is not watched for replicas that are missing",
    ("backups", "*", "schedule"): "an alert waits for as long as a backup may become old",
    ("backups", "*", "timeLimit"): "alerts and deployments wait that much longer for a backup",
    ("workloads", "*", "mesh"): "what it calls knows it by its identity, or lets it in without one",
    ("chaos", "usual"): "it makes every usual experiment, an object each",
    ("deployment", "migrations", "workload"): "the pod that migrates is one of that workload",
    ("loadTests", "thresholds", "abortAfter"): "a page says it in words",
    ("documentation", "responses", "critical"): "pages say it in words",
    ("documentation", "responses", "warning"): "pages say it in words",
    ("documentation", "responses", "info"): "pages say it in words",
    ("documentation", "recoveryTimes", "*", "rto"): "a page says it in words",
    ("documentation", "recoveryPoints", "*", "rpo"): "a page says it in words",
    ("loadTests", "users", "*", "weight"): "the users of each profile are shared out by it",
    (*_STAGE, "users"): "they are shared out among the classes of users",
    (*_STAGE, "ramp"): "a page says how long all stages take together",
    (*_STAGE, "hold"): "a page says how long all stages take together",
}
"""Figures and texts that decide about more than they say, with the reason."""
MOST_OF_A_SWITCH: Final = 320
"""Lines: what switches off the alerts and records of a whole program, in two environments."""


def is_switch(leaf: Leaf) -> bool:
    """Whether a leaf chooses between ways of doing things, instead of naming or counting something."""
    return isinstance(leaf.value, bool) or any(
        get_origin(annotation) is Literal for annotation, _ in types_at(in_platform(leaf.path))
    )


def unexplained(leaf: Leaf, value: Any, changed: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The changed lines that show neither the old nor the new value, nor what follows from it anywhere."""
    shown = (*forms(leaf.value), *forms(value))
    found = {
        path: [
            line
            for line in lines
            if not _FOLLOWS.match(line)
            and not any(form.search(line) for form in shown)
            and not _follows_in(path, line)
        ]
        for path, lines in changed.items()
    }
    return {path: lines for path, lines in found.items() if lines}


def _follows_in(path: str, line: str) -> bool:
    return any(file.fullmatch(path) and follows.match(line) for file, follows in _FOLLOWS_IN.items())


def is_of(path: str, thing: str) -> bool:
    """Whether a file is about one thing of the spec, or about everything."""
    own = rf"(k8s/(base|overlays/[^/]+)|helm/[^/]+/templates)/({thing}/|patches/{thing}-)"
    return re.match(own, path) is not None or _SHARED.fullmatch(path) is not None


def is_elsewhere(path: str, environment: str, others: Iterable[str]) -> bool:
    """Whether a file is of another environment."""
    names = "|".join(map(re.escape, (one for one in others if one != environment)))
    folders = rf"(k8s/overlays|k8s/dependencies|monitoring)/({names})/|helm/[^/]+/values-({names})\.yaml"
    return bool(names) and re.match(folders, path) is not None
