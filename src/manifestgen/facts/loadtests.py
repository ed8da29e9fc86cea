"""How requests and durations of load tests are written, and how users are shared out."""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping
from typing import Final

from manifestgen.facts.names import Complaint, check_http_path, quoted
from manifestgen.facts.quantities import check_duration

_CLASS: Final = re.compile(r"[A-Z][A-Za-z0-9]{0,62}")
_PARAMETER: Final = re.compile(r"\{([a-z0-9-]+)\}")


def parameters_of(path: str) -> tuple[str, ...]:
    """The names in braces, in their order, each once."""
    return tuple(dict.fromkeys(_PARAMETER.findall(path)))


def check_request_path(text: str) -> Complaint | None:
    """None, or why ``text`` is no path of a request; parameters stand in braces."""
    if check_http_path(_PARAMETER.sub("x", text)) is None:
        return None
    advice = "start it with /, put parameters into braces, and what follows a ? into `query`"
    return Complaint("http-path", f"{quoted(text)} is no URL path", advice)


def check_group(text: str) -> Complaint | None:
    """None, or why ``text`` is no name of a group: k6 joins those of nested groups with ``::``."""
    if not text.strip() or len(text.splitlines()) > 1 or "::" in text:
        advice = "write words on one line, without ::"
        return Complaint("format", f"{quoted(text)} is no name of a group", advice)
    return None


def check_user_class(text: str) -> Complaint | None:
    """None, or why ``text`` cannot be the name of a class of users."""
    if not _CLASS.fullmatch(text):
        advice = "write a name of a class, e.g. ReturningCustomer"
        return Complaint("format", f"{quoted(text)} is no name of a class", advice)
    if hasattr(builtins, text):
        message = f"{quoted(text)} means something else in Python"
        return Complaint("name-reserved", message, "choose another name")
    return None


def check_pace(text: str) -> Complaint | None:
    """None, or why ``text`` is no duration; ``0s`` is one."""
    return None if text == "0s" else check_duration(text)


def shared_out(users: int, weights: Mapping[str, int]) -> dict[str, int]:
    """``users`` by weight, as whole ones: the largest remainders are rounded up.

    Where there are enough for all, nobody is left out, however small the weight.
    """
    total = sum(weights.values())
    exact = {name: divmod(users * weight, total) for name, weight in weights.items()}
    shares = {name: whole for name, (whole, _) in exact.items()}
    left = users - sum(shares.values())
    for name in sorted(exact, key=lambda one: -exact[one][1])[:left]:
        shares[name] += 1
    if users >= len(weights):
        for name in [one for one, share in shares.items() if share == 0]:
            shares[name] = 1
            shares[max(shares, key=lambda one: shares[one])] -= 1
    return shares
