"""Whom an alert is told to in an environment: the receivers that its labels lead to, and how they hear of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from manifestgen.monitoring.alarms import alarms_of
from manifestgen.monitoring.routing.decision import Way, decide
from manifestgen.monitoring.rules import Alert
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.late import Receiver


class Recipient(NamedTuple):
    """A receiver as a route leads to it. All but ``name`` is free of the alert."""

    name: str
    about: str
    """Who that is, in a sentence; empty where the spec does not say."""
    by: tuple[str, ...]
    """The ways that it is told by: ``PagerDuty``, ``Slack #alerts``."""
    first: str
    again: str
    muted: tuple[str, ...]
    """Intervals in which it is not told."""
    active: tuple[str, ...]
    """Intervals outside which it is not told."""

    @property
    def times(self) -> str:
        """When it is told; empty for always."""
        only = f"only in {' or '.join(self.active)}" if self.active else ""
        never = f"not in {' or '.join(self.muted)}" if self.muted else ""
        return ", ".join(words for words in (only, never) if words)


def recipients_of(platform: ResolvedPlatform) -> Callable[[Alert], tuple[Recipient, ...]]:
    """What says of each alert of the platform who is told; nobody is where no alerting is."""
    alerting = platform.spec.alerting
    if alerting is None:
        return lambda _: ()
    alarms = alarms_of(platform, alerting)

    def recipients(alert: Alert) -> tuple[Recipient, ...]:
        ways = decide(alarms.routing, alarms.labels_of(alert)).ways
        return tuple(_recipient(way, alerting.receivers[way.receiver]) for way in ways)

    return recipients


def _recipient(way: Way, receiver: Receiver) -> Recipient:
    node = way.node
    about = receiver.description or ""
    by = tuple(_ways(receiver))
    return Recipient(way.receiver, about, by, node.group_wait, node.repeat_interval, node.muted, node.active)


def _ways(receiver: Receiver) -> Iterator[str]:
    """In words; addresses of webhooks are of programs, and mostly secret."""
    if receiver.pagerduty is not None:
        yield "PagerDuty"
    if receiver.opsgenie is not None:
        yield "Opsgenie"
    if receiver.slack is not None:
        yield f"Slack {receiver.slack.channel}"
    if receiver.teams is not None:
        yield "Microsoft Teams"
    if receiver.email is not None:
        yield f"mail to {', '.join(f'`{address}`' for address in receiver.email.to)}"
    if receiver.webhook is not None:
        yield "a webhook"
