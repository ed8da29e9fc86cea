"""Annotations with their places filled in, as Prometheus does it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from manifestgen.monitoring.testing.series import Labels
from manifestgen.monitoring.testing.unsolved import UnsolvedError

_ACTION: Final = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_LABEL: Final = re.compile(r"\$labels\.([A-Za-z_][A-Za-z0-9_]*)")
_VALUE: Final = re.compile(r"\$value(?:\s*\|\s*(\w+))?")
_QUERY: Final = re.compile(r"\{\{-?\s*with query `([^`]*)`\s*-?\}\}")
_WITH: Final = re.compile(_QUERY.pattern + r"(.*?)\{\{-?\s*end\s*-?\}\}", re.DOTALL)
_FIRST: Final = re.compile(r"\{\{\s*\. \| first \| value(?: \| (\w+))?\s*\}\}")
_PRECISE: Final = ("", "humanizeDuration", "humanizeTimestamp")
"""Functions that round down, and none at all."""
_TEXT: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')


Answers = Mapping[str, tuple[tuple[Labels, float], ...]]
"""What Prometheus says to a query."""


class Shown(NamedTuple):
    """What a template is filled with."""

    labels: Labels
    value: float
    answers: Answers


def labels_in(template: str) -> list[str]:
    """The labels that a template uses."""
    return _LABEL.findall(template)


def shows_every_digit(template: str) -> bool:
    """Whether the smallest difference of the value can be seen, as it cannot where it is humanised."""
    return any(function in _PRECISE for function in _VALUE.findall(template))


def queries_in(template: str) -> list[str]:
    """The expressions that a template asks Prometheus for."""
    return _QUERY.findall(template)


def filled(template: str, shown: Shown) -> str:
    """The text of an annotation. Raises UnsolvedError for an action that is not known.

    ``with query`` is understood where no other stands within it.
    """
    whole = _WITH.sub(lambda match: _with(match[1], match[2], shown), template)
    return _ACTION.sub(lambda match: _action(match[1], shown), whole)


def _with(query: str, inner: str, shown: Shown) -> str:
    answer = shown.answers[query]
    if not answer:
        return ""
    if len(answer) > 1:
        raise UnsolvedError("a query of its description has several answers")
    return _FIRST.sub(lambda match: _formatted(match[1], answer[0][1]), inner)


def _formatted(function: str | None, value: float) -> str:
    if (function or "") not in _FORMATS:
        raise UnsolvedError(f"the template function {function} is not understood")
    return _FORMATS[function or ""](value)


def _action(action: str, shown: Shown) -> str:
    if label := _LABEL.fullmatch(action):
        return shown.labels.get(label[1], "")
    if (value := _VALUE.fullmatch(action)) and (value[1] or "") in _FORMATS:
        return _formatted(value[1], shown.value)
    if text := _TEXT.fullmatch(action):
        return text[1]
    raise UnsolvedError(f"the template action {action} is not understood")


def _plain(value: float) -> str:
    """A float as Go prints it."""
    if not math.isfinite(value):
        return {math.inf: "+Inf", -math.inf: "-Inf"}.get(value, "NaN")
    value = float(value)  # the spec may have given a whole number
    digits = repr(value)
    if abs(value) < 1e21 and (value.is_integer() or "e" not in digits):
        return str(int(value)) if value.is_integer() else digits
    return digits


def _special(value: float) -> str | None:
    if value == 0:
        return "0"
    return None if math.isfinite(value) else _plain(value)


def _humanize(value: float) -> str:
    return _special(value) or _scaled(value, ("k", "M", "G", "T", "P", "E", "Z", "Y"))


def _scaled(value: float, prefixes: tuple[str, ...]) -> str:
    prefix = ""
    if abs(value) >= 1:
        for name in prefixes:
            if abs(value) < 1000:
                break
            prefix = name
            value /= 1000
    else:
        prefix, value = _small(value)
    return f"{value:.4g}{prefix}"


def _small(value: float) -> tuple[str, float]:
    prefix = ""
    for name in ("m", "u", "n", "p", "f", "a", "z", "y"):
        if abs(value) >= 1:
            break
        prefix = name
        value *= 1000
    return prefix, value


def _humanize1024(value: float) -> str:
    special = _special(value)
    if special is not None or abs(value) <= 1:
        return special or f"{value:.4g}"
    prefix = ""
    for name in ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"):
        if abs(value) < 1024:
            break
        prefix = name
        value /= 1024
    return f"{value:.4g}{prefix}"


def _duration(value: float) -> str:
    if not math.isfinite(value):
        return _plain(value)
    if value == 0:
        return "0s"
    if abs(value) < 1:
        prefix, value = _small(value)
        return f"{value:.4g}{prefix}s"
    sign, value = ("-", -value) if value < 0 else ("", value)
    days, hours, minutes, seconds = (
        int(value) // 86400,
        int(value) // 3600 % 24,
        int(value) // 60 % 60,
        int(value) % 60,
    )
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {seconds}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {seconds}s"
    if minutes:
        return f"{sign}{minutes}m {seconds}s"
    return f"{sign}{value:.4g}s"


def _percentage(value: float) -> str:
    return f"{value * 100:.4g}%"


def _timestamp(value: float) -> str:
    """A moment as Go prints it, without what is shorter than a millisecond."""
    if not math.isfinite(value):
        return _plain(value)
    days, milliseconds = divmod(int(value * 1000), 86_400_000)
    seconds, rest = divmod(milliseconds, 1000)
    fraction = f".{rest:03}".rstrip("0") if rest else ""
    time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"
    return f"{_date(days)} {time} +0000 UTC"


def _date(days: int) -> str:
    """The day so many days after the first of 1970, counted in years that begin in March."""
    era, day = divmod(days + 719_468, 146_097)
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5
    month = month + 3 if month < 10 else month - 9
    return f"{era * 400 + year + (month <= 2):04}-{month:02}-{day + 1:02}"


_FORMATS: Final[dict[str, Callable[[float], str]]] = {
    "": _plain,
    "humanize": _humanize,
    "humanize1024": _humanize1024,
    "humanizeDuration": _duration,
    "humanizePercentage": _percentage,
    "humanizeTimestamp": _timestamp,
}
