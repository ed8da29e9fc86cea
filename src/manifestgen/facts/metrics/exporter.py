"""What an exporter gives: families of metrics with one type, unit and set of labels."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

MetricType = Literal["counter", "gauge", "histogram", "summary", "untyped"]


class Family(NamedTuple):
    """Metrics of one type and unit with the same labels; words are separated by white space.

    ``labels`` are those beside the labels of the target; a label with ``?`` is not on every series.
    ``untyped`` are metrics whose type says nothing about how they may be used.
    """

    type: MetricType
    unit: str
    labels: str
    names: str
    since: str = ""
    """First version of the exporter that has them."""
    values: Mapping[str, str] = MappingProxyType({})
    """All values that a label may have, where these are known."""
    zero: str = ""
    """What a zero means, where it is no amount."""
    zero_lasts: str = ""
    """How long a series stays at 0 before the exporter forgets it."""


class Exporter(NamedTuple):
    """An exporter in the version that was read, and where it listens unless it is told otherwise."""

    name: str
    version: str
    port: int
    families: tuple[Family, ...]
    path: str = "/metrics"
    is_library: bool = False
    """It is a part of applications, whose own metrics may have the same names and other labels."""


class Gone(NamedTuple):
    """A name that an exporter has no more, or never had; at its end ``*`` stands for anything.

    ``successor`` is what to use instead, with the same end. ``until`` is the first version without it; empty:
    no version that is in use has it.
    """

    name: str
    exporter: str
    successor: str
    why: str
    until: str = ""
