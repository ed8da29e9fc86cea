"""The alerts of an environment and who is told about them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from manifestgen import pipeline
from manifestgen.api import DEFAULT_SPEC, AnyPath, resolve
from manifestgen.errors import Finding, ManifestgenError, errors_in
from manifestgen.monitoring.alarms import Alarms, alarms_of
from manifestgen.monitoring.checks import check_monitoring

if TYPE_CHECKING:
    from manifestgen.monitoring.expectations import Outcome
    from manifestgen.resolving.model import ResolvedPlatform


def alarms(spec: AnyPath = DEFAULT_SPEC, environment: str | None = None) -> Alarms:
    """The alerts of one environment with their routes.

    Raises ManifestgenError when the spec is wrong, has no such environment, or no ``alerting``.
    """
    return _alarms(resolve(spec, environment))


def tested(spec: AnyPath = DEFAULT_SPEC, environments: Iterable[str] = ()) -> dict[str, tuple[Outcome, ...]]:
    """What became of ``alerting.tests``, by environment; without ``environments``, of all.

    Raises ManifestgenError as ``alarms`` does.
    """
    from manifestgen.monitoring.expectations import outcomes

    names = tuple(environments)
    if names:
        platforms = {name: resolve(spec, name) for name in names}
    else:
        platforms = pipeline.load(Path(spec)).environments
    return {name: tuple(outcomes(_alarms(platform))) for name, platform in platforms.items()}


def _alarms(platform: ResolvedPlatform) -> Alarms:
    wrong = errors_in(check_monitoring(platform))
    if wrong:
        raise ManifestgenError(wrong)
    alerting = platform.spec.alerting
    if alerting is None:
        message, advice = "nobody is told about alerts", "add `alerting` with receivers and routes"
        raise ManifestgenError(
            [Finding("alerting-missing", message, advice, "alerting", platform.node.location)]
        )
    return alarms_of(platform, alerting)
