"""Runbooks: a page for each alert of a platform, and a page that lists them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from manifestgen.artifact import Artifact
from manifestgen.monitoring.links import RUNBOOKS, page
from manifestgen.monitoring.runbooks.pages import Page, Told, pages
from manifestgen.monitoring.runbooks.responses import response_to
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.spec.prometheus import Category, Severity

TARGET: Final = "runbooks"

_TITLES: Final[Mapping[Category, str]] = {
    "api": "The application",
    "database": "PostgreSQL",
    "redis": "Redis",
    "rabbitmq": "RabbitMQ",
    "business": "Business",
    "infrastructure": "Infrastructure",
}
_NAME: Final = re.compile(r"`[^`]*`|\b[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+\b")


def render_runbooks(platforms: Mapping[str, ResolvedPlatform], renderer: Renderer) -> list[Artifact]:
    """The pages for the environments that link to them: ``docs/runbooks/<alert>.md`` and ``README.md``."""
    written = pages(platforms)
    names = frozenset(one.name for one in written)
    (name,) = {platform.name for platform in platforms.values()}
    artifacts = [
        _artifact(page(one.name), "page.md", _view(one, names, platforms), renderer) for one in written
    ]
    chapters = [
        {"title": title, "pages": [one for one in written if one.category == category]}
        for category, title in _TITLES.items()
    ]
    index = {
        "platform": name,
        "chapters": [one for one in chapters if one["pages"]],
        "responses": _responses(platforms),
    }
    return [*artifacts, _artifact("README.md", "README.md", index, renderer)]


def _artifact(name: str, template: str, context: Mapping[str, object], renderer: Renderer) -> Artifact:
    text = renderer.render(f"monitoring/runbooks/{template}.j2", context)
    return Artifact(f"{RUNBOOKS}/{name}", text, TARGET)


def _view(one: Page, names: frozenset[str], platforms: Mapping[str, ResolvedPlatform]) -> dict[str, object]:
    """The page with its links, and environments in words: none where all are meant."""
    everywhere = tuple(platforms)
    others = names - {one.name}
    return {
        "page": one,
        "meaning": _linked(one.runbook.meaning, others),
        "steps": [_linked(step, others) for step in one.runbook.steps],
        "commands": "\n".join([*one.preamble, *([""] if one.preamble else []), one.runbook.commands]),
        "told": [
            {"where": _words(told.environments, everywhere), "alert": told.alert, "names": _named(told)}
            for told in one.told
        ],
        "recipients": [(_words(step.environments, everywhere), step.recipient) for step in one.steps],
        "acting": _acting(one, platforms),
        "expressions": _captioned(one, everywhere),
        "by_slo": any(told.alert.slo for told in one.told),
    }


def _linked(text: str, names: frozenset[str]) -> str:
    """Markdown with links to the pages of the alerts that it names."""
    return _NAME.sub(lambda m: f"[{m[0]}]({page(m[0])})" if m[0] in names else m[0], text)


def _words(environments: Sequence[str], everywhere: Iterable[str]) -> str:
    return "all" if set(environments) == set(everywhere) else ", ".join(environments)


def _named(told: Told) -> str:
    """The receivers, each with its times."""
    known = dict.fromkeys((one.name, one.times) for one in told.recipients)
    return "; ".join(f"{name} ({times})" if times else name for name, times in known) or "nobody"


def _acting(one: Page, platforms: Mapping[str, ResolvedPlatform]) -> list[tuple[str, str, str]]:
    """What is expected of whom: by severity, for each team."""
    rows = [
        (told.alert.severity, told.alert.team, response_to(told.alert.severity, platforms[environment]))
        for told in one.told
        for environment in told.environments
    ]
    return list(dict.fromkeys(rows))


def _responses(platforms: Mapping[str, ResolvedPlatform]) -> dict[str, str]:
    """How soon somebody acts, by severity; several times where environments differ."""
    severities: tuple[Severity, ...] = ("critical", "warning", "info")
    return {
        severity: " or ".join(dict.fromkeys(response_to(severity, one) for one in platforms.values()))
        for severity in severities
    }


def _captioned(one: Page, everywhere: Iterable[str]) -> list[tuple[str, str]]:
    """Each expression, with what it is for where there are several."""
    if len(one.expressions) == 1:
        return [("", one.expressions[0].alert.expr.rstrip())]
    captions = []
    for told in one.expressions:
        of = f"`{told.alert.slo or told.alert.component}`"
        where = _words(told.environments, everywhere)
        captions.append((of if where == "all" else f"{of} in {where}", told.alert.expr.rstrip()))
    return captions
