"""Kubernetes quantities and Prometheus durations: reading and comparing them.

Sources: kubernetes/apimachinery ``resource.Quantity`` (suffixes m, k, M, G, T, P, E, Ki … Ei), Prometheus
``model.ParseDuration`` (units y, w, d, h, m, s, ms in that order).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from manifestgen.facts.names import Complaint, quoted

# As many digits as Kubernetes keeps, and as exact arithmetic here can hold.
_QUANTITY: Final = re.compile(
    r"(?P<number>[0-9]{1,19}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})(?P<suffix>m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?"
)
_FACTORS: Final[dict[str, Decimal]] = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate("kMGTPE", start=1)},
    **{f"{suffix}i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", start=1)},
}
_UNITS: Final = ("y", "w", "d", "h", "m", "s", "ms")
_DURATION: Final = re.compile("".join(f"(?:(?P<{unit}>[0-9]{{1,15}}){unit})?" for unit in _UNITS))
_LONGEST: Final = 290 * 31_536_000.0
"""Seconds; Prometheus and Kubernetes count nanoseconds in 64 bits, which end at 292 years."""
_SECONDS: Final = {
    "y": 31_536_000.0,
    "w": 604_800.0,
    "d": 86_400.0,
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 0.001,
}


def parse_quantity(text: str) -> Decimal:
    """The value of ``text`` in its base unit (cores or bytes); ValueError when it is no quantity."""
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return Decimal(match["number"]) * _FACTORS[match["suffix"] or ""]


def amount(quantity: object) -> Decimal | None:
    """The value of a quantity; None for what is none, or is written as we do not read it (``1e3``)."""
    try:
        return None if quantity is None else parse_quantity(str(quantity))
    except ValueError:
        return None


def parse_duration(text: str) -> float:
    """Seconds of a Prometheus duration; ValueError when it is none."""
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        raise ValueError(text)
    return sum(int(count) * _SECONDS[unit] for unit, count in match.groupdict().items() if count)


def check_cpu(text: str) -> Complaint | None:
    """None, or why ``text`` is no amount of CPU."""
    match = _QUANTITY.fullmatch(text)
    if match is None or (match["suffix"] or "m") not in ("m", "k") or parse_quantity(text) <= 0:
        return Complaint(
            "quantity-cpu", f"{quoted(text)} is no amount of CPU", "write cores or millicores, e.g. 2 or 500m"
        )
    if (parse_quantity(text) * 1000) % 1:
        return Complaint(
            "quantity-cpu", f"{quoted(text)} is finer than a millicore", "round it, e.g. 1m or 250m"
        )
    return None


def check_bytes(text: str) -> Complaint | None:
    """None, or why ``text`` is no amount of memory or storage."""
    match = _QUANTITY.fullmatch(text)
    if match is None or match["suffix"] == "m" or parse_quantity(text) <= 0:
        return Complaint("quantity-bytes", f"{quoted(text)} is no amount of bytes", "write e.g. 384Mi or 4Gi")
    return None


def check_quantity(text: str) -> Complaint | None:
    """None, or why ``text`` is no quantity at all."""
    if _QUANTITY.fullmatch(text) is None:
        return Complaint("quantity", f"{quoted(text)} is no quantity", "write a number, or e.g. 500m or 4Gi")
    return None


def check_duration(text: str) -> Complaint | None:
    """None, or why ``text`` is no duration above zero."""
    try:
        seconds = parse_duration(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _LONGEST:
        return Complaint("duration", f"{quoted(text)} is no duration", "write e.g. 15s, 5m, 1h30m or 30d")
    return None


def check_call_timeout(text: str) -> Complaint | None:
    """A duration as Go reads it, or ``none``."""
    return None if text == "none" else check_go_duration(text)


def check_go_duration(text: str) -> Complaint | None:
    """None, or why ``text`` is no duration that Kubernetes itself reads (Go knows no unit above hours)."""
    complaint = check_duration(text)
    if complaint is None and set(text) & set("ywd"):
        return Complaint(
            "duration-hours", f"Kubernetes cannot read {quoted(text)}", "write hours at most, e.g. 24h"
        )
    return complaint


def check_lease(text: str) -> Complaint | None:
    """None, or why ``text`` is no time that Vault counts: whole seconds, and no unit above hours."""
    return check_go_duration(text) or check_seconds(text)


def check_window(text: str) -> Complaint | None:
    """None, or why ``text`` is no time that an autoscaler can look back (API validation of HPAs)."""
    complaint = check_seconds(text)
    if complaint is None and parse_duration(text) > 3600:
        return Complaint(
            "autoscaling-window", f"an autoscaler cannot look back for {text}", "write 1h at most"
        )
    return complaint


def check_stabilization(text: str) -> Complaint | None:
    """The same, but for ``0s``, which means that an autoscaler does not look back."""
    return None if text == "0s" else check_window(text)


def check_period(text: str) -> Complaint | None:
    """None, or why ``text`` is no time over which an autoscaler counts its steps (API validation of HPAs)."""
    complaint = check_seconds(text)
    if complaint is None and parse_duration(text) > 1800:
        return Complaint(
            "autoscaling-window", f"an autoscaler cannot count its steps over {text}", "write 30m at most"
        )
    return complaint


def check_seconds(text: str) -> Complaint | None:
    """None, or why ``text`` is no duration of whole seconds."""
    complaint = check_duration(text)
    if complaint is None and parse_duration(text) % 1:
        return Complaint(
            "duration-seconds", f"{quoted(text)} is no whole number of seconds", "write e.g. 1s or 90s"
        )
    return complaint
