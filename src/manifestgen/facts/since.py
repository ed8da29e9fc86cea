"""Since when Prometheus and Alertmanager read what we may write; earlier versions refuse the whole file."""

from __future__ import annotations

from typing import Final

Version = tuple[int, int]

ALERTMANAGER: Final[dict[str, Version]] = {
    "time_intervals": (0, 24),
    "active_time_intervals": (0, 24),
    "opsgenie api_key_file": (0, 24),
    "location": (0, 25),
    "pagerduty routing_key_file": (0, 25),
    "smtp_auth_password_file": (0, 25),
    "webhook url_file": (0, 26),
    "msteamsv2_configs": (0, 28),
}
"""By Alertmanager's CHANGELOG.md. All else that we write is in 0.22.

`msteams_configs` came with 0.26, but took its address from a file since 0.27 only, and rightly since 0.28.
"""

PROMETHEUS: Final[dict[str, Version]] = {
    "keep_firing_for": (2, 42),
}
"""By Prometheus' CHANGELOG.md. All else that we write is in 2.30."""


def parse_version(text: str) -> Version:
    """``0.28`` as numbers, which compare as versions do."""
    major, minor = text.split(".")
    return int(major), int(minor)
