"""AlertmanagerConfig: who is told about alerts, where the Prometheus operator runs Alertmanager."""

from __future__ import annotations

from collections.abc import Iterator

from manifestgen.facts import conventions as names
from manifestgen.kinds.views import Owner, View
from manifestgen.monitoring.alertmanager import configuration
from manifestgen.monitoring.alertmanager.operator import alertmanager_config
from manifestgen.monitoring.rulebook import groups_of
from manifestgen.resolving import ResolvedPlatform

_ABOUT = """Who is told about alerts. The operator's Alertmanager is to take it for alerts without the label
namespace, too: `alertmanagerConfigMatcherStrategy: {type: None}`. The Secret is yours to make."""


def alertmanager_views(platform: ResolvedPlatform) -> Iterator[View]:
    """The object, where the spec wants one."""
    alerting = platform.spec.alerting
    if alerting is None or alerting.delivery == "files" or alerting.secret is None:
        return
    alerts = [alert for group in groups_of(platform) for alert in group.alerts]
    owner = Owner(platform.name, names.PLATFORM, "platform", ("alerting",))
    yield owner.view(
        "alertmanager-config",
        platform.name,
        labels=owner.labels | platform.spec.monitoring.operator.labels,
        description=_ABOUT,
        config=alertmanager_config(configuration(platform, alerting, alerts), alerting.secret),
        place=platform.name,
    )
