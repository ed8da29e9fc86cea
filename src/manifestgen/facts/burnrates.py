"""How fast an error budget may burn before somebody is told.

Windows and shares are those of the Site Reliability Workbook (Google, 2018), chapter "Alerting on SLOs", its
table of recommended parameters, with the ticket for a day that its example of Prometheus rules adds:
https://sre.google/workbook/alerting-on-slos/.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from manifestgen.facts.quantities import parse_duration

DAY: Final = 24 * 3600.0


class BurnWindow(NamedTuple):
    """A time over which a share of the budget must not burn.

    ``short`` is a twelfth of it: the errors must go on within that, so that an alert ends soon after them.
    """

    long: str
    short: str
    share: float
    is_urgent: bool


class BurnAlert(NamedTuple):
    """Somebody is told when the budget burns ``factor`` times as fast as it may."""

    window: BurnWindow
    factor: float


WINDOWS: Final = (
    BurnWindow("1h", "5m", 0.02, is_urgent=True),
    BurnWindow("6h", "30m", 0.05, is_urgent=True),
    BurnWindow("1d", "2h", 0.10, is_urgent=False),
    BurnWindow("3d", "6h", 0.10, is_urgent=False),
)
"""From the fastest to the slowest."""

SHORTEST_PERIOD: Final = 7 * DAY
"""In seconds: of a shorter period, an hour or six at the pace that is allowed are the share already."""


def burn_alerts(period: float) -> Iterator[BurnAlert]:
    """The alerts for an objective over ``period`` seconds: 14.4, 6, 3 and 1 for 30 days.

    A budget that burns at the pace that is allowed lasts for the period, so no factor is below 1, and where
    one would be, no slower alert follows.
    """
    for window in WINDOWS:
        factor = round(window.share * period / parse_duration(window.long), 6)
        yield BurnAlert(window, max(factor, 1.0))
        if factor <= 1:
            return


def lowest_objective(factor: float) -> float:
    """The objective, in per cent, at which a total outage burns the budget just ``factor`` times as fast."""
    return 100 * (1 - 1 / factor)
