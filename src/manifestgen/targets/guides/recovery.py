"""Who is called, how soon, and how much may be lost: what the spec's documentation says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from manifestgen.facts.cron import longest_pause
from manifestgen.monitoring.runbooks.responses import duration, response_to
from manifestgen.rendering.markdown import cell, code, link
from manifestgen.spec.prometheus import Severity
from manifestgen.targets.guides.site import Site, Somewhere, alike

if TYPE_CHECKING:
    from manifestgen.spec.handbook import Contact, Documentation, RecoveryTime

SEVERITIES: Final[tuple[Severity, ...]] = ("critical", "warning", "info")
_MINUTES: Final = 60
_NONE: Final = "none"


def documentation_of(site: Site) -> Documentation:
    """What the spec says; only environments with it have documents."""
    documentation = site.spec.documentation
    assert documentation is not None  # asked by the target
    return documentation


def contacts(sites: Sequence[Site]) -> list[Somewhere]:
    """Who is called, in the order of the spec."""
    return alike(
        sites, lambda site: [_contact(name, one) for name, one in documentation_of(site).contacts.items()]
    )


def _contact(name: str, contact: Contact) -> dict[str, Any]:
    ways = [
        code(contact.phone or ""),
        code(contact.chat or ""),
        code(contact.email or ""),
        link("page", contact.url) if contact.url else "",
    ]
    return {
        "who": contact.person or name,
        "role": contact.role,
        "how": ", ".join(filter(None, ways)),
        "hours": contact.hours or "always",
        "severities": contact.severities,
    }


def for_security(sites: Sequence[Site]) -> str:
    """Who is called first about a security incident."""
    known = [one for site in sites for one in documentation_of(site).contacts.values()]
    named = [one for one in known if "security" in one.role.lower()]
    roles = dict.fromkeys(cell(one.role) for one in named)
    return (
        f"[{', '.join(roles)}](#contacts)"
        if roles
        else "whoever answers for security: see [contacts](#contacts)"
    )


def responses(sites: Sequence[Site]) -> dict[str, str]:
    """How soon somebody acts, by severity; by environment where they differ."""
    return {severity: _response(sites, severity) for severity in SEVERITIES}


def _response(sites: Sequence[Site], severity: Severity) -> str:
    found = alike(sites, lambda site: [response_to(severity, site.platform)])
    return "; ".join(f"{one.value}{one.aside}" for one in found)


def times(sites: Sequence[Site]) -> list[Somewhere]:
    """Recovery time objectives with links to their procedures."""
    return alike(
        sites, lambda site: [_time(site, one) for one in documentation_of(site).recovery_times.values()]
    )


def _time(site: Site, time: RecoveryTime) -> dict[str, str]:
    done = {
        "rollback": "[Roll back](#roll-back)",
        "restore": f"[Restore](#restore-a-database) `{time.backup or next(iter(site.spec.backups), '')}`",
        "isolation": "[Isolate](#a-security-incident), then [roll back](#roll-back)",
        "other": "",
    }[time.procedure]
    words = [done, *map(cell, time.steps)]
    return {"scenario": time.scenario, "rto": duration(time.rto), "procedure": "; ".join(filter(None, words))}


def points(sites: Sequence[Site]) -> list[Somewhere]:
    """Recovery point objectives: those of the spec, then what the schedules of other backups amount to."""
    return alike(sites, _points)


def _points(site: Site) -> Iterator[dict[str, str]]:
    named = documentation_of(site).recovery_points.values()
    for one in named:
        because = one.how or _because(site, str(one.backup))
        yield {"data": one.data, "rpo": _lost(one.rpo), "because": because}
    for name, backup in site.spec.backups.items():
        if all(one.backup != name for one in named):
            data = f"Data of {backup.datastore}"
            yield {"data": data, "rpo": _pause(site, name), "because": _because(site, name)}
    backed_up = {backup.datastore for backup in site.spec.backups.values()}
    for name, store in site.spec.datastores.items():
        if name in backed_up:
            continue
        storage = getattr(store, "storage", None)
        if storage is not None and storage.ephemeral:
            yield {
                "data": f"Data of {name}",
                "rpo": "all of it",
                "because": "it is kept as long as its pods are (`storage.ephemeral`)",
            }


def _because(site: Site, backup: str) -> str:
    return f"backup `{backup}`, `{site.spec.backups[backup].schedule}`"


def _pause(site: Site, backup: str) -> str:
    hours, minutes = divmod(longest_pause(site.spec.backups[backup].schedule), _MINUTES)
    return (
        duration(f"{minutes}m")
        if not hours
        else duration(f"{hours}h")
        if not minutes
        else f"{hours}h{minutes}m"
    )


def _lost(text: str) -> str:
    return "nothing" if text == _NONE else duration(text)


def loss(sites: Sequence[Site]) -> str:
    """What a restore loses at most, as a sentence; empty where there is no backup."""
    pauses = alike(sites, lambda site: [_pause(site, name) for name in site.spec.backups])
    words = " or ".join(f"{one.value}{one.aside}" for one in pauses)
    return f"Changes of up to {words} are lost." if words else ""


def durations(sites: Sequence[Site]) -> list[tuple[str, str]]:
    """How long a deployment takes, where people have said it."""
    found = [(site.name, documentation_of(site).takes) for site in sites]
    return [(name, takes) for name, takes in found if takes]
