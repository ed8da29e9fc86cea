"""What the documents promise: backups that there are, made as often as is promised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from manifestgen.errors import Finding
from manifestgen.facts.cron import longest_pause
from manifestgen.facts.nearest import nearest_hint
from manifestgen.facts.quantities import parse_duration
from manifestgen.resolving import ResolvedPlatform
from manifestgen.verify.spec.finding import finding

if TYPE_CHECKING:
    from manifestgen.spec.handbook import RecoveryPoint, RecoveryTime

_MINUTE: Final = 60
_NONE: Final = "none"


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Findings on what is said of recovery."""
    documentation = platform.spec.documentation
    if documentation is None:
        return
    for name, time in documentation.recovery_times.items():
        yield from _time(platform, name, time)
    for name, point in documentation.recovery_points.items():
        yield from _point(platform, name, point)


def _time(platform: ResolvedPlatform, name: str, time: RecoveryTime) -> Iterator[Finding]:
    path = ("documentation", "recoveryTimes", name)
    backups = platform.spec.backups
    if time.procedure == "restore" and time.backup is None and len(backups) != 1:
        message = "there is no backup to restore" if not backups else "there are several backups"
        advice = "name one as `backup`" if backups else "add one under `backups`, or write `procedure: other`"
        yield finding(platform, (*path, "procedure"), "recovery-backup", message, advice)
    if time.backup is not None:
        yield from _unknown(platform, (*path, "backup"), time.backup)


def _point(platform: ResolvedPlatform, name: str, point: RecoveryPoint) -> Iterator[Finding]:
    if point.backup is None:
        return
    path = ("documentation", "recoveryPoints", name)
    backup = platform.spec.backups.get(point.backup)
    if backup is None:
        yield from _unknown(platform, (*path, "backup"), point.backup)
    elif point.rpo == _NONE or parse_duration(point.rpo) < _MINUTE * longest_pause(backup.schedule):
        hours = longest_pause(backup.schedule) / _MINUTE
        message = f"{point.backup} is made after {hours:g} hours, so that {_lost(point)} may be lost"
        yield finding(
            platform, (*path, "rpo"), "recovery-point", message, "raise it, or make the backup more often"
        )


def _unknown(platform: ResolvedPlatform, path: tuple[str, ...], name: str) -> Iterator[Finding]:
    if name not in platform.spec.backups:
        hint = nearest_hint(name, platform.spec.backups)
        yield finding(platform, path, "recovery-backup", f"there is no backup {name!r}", hint)


def _lost(point: RecoveryPoint) -> str:
    return "something" if point.rpo == _NONE else f"more than {point.rpo}"
