"""An exporter and the names of its metrics."""

from __future__ import annotations

from typing import NamedTuple


class Exporter(NamedTuple):
    """An exporter in one version, and the names of its metrics by type, separated by white space.

    ``untyped`` are those whose type says nothing about how they may be used.
    """

    name: str
    version: str
    counters: str = ""
    gauges: str = ""
    histograms: str = ""
    summaries: str = ""
    untyped: str = ""
