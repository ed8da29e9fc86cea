"""sql_exporter: what it asks TimescaleDB, whose figures nobody else exports."""

from __future__ import annotations

from typing import Any, Final

from manifestgen.artifact import Artifact
from manifestgen.monitoring.jobs import TIMESCALEDB_JOB, jobs_of
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving.model import ResolvedPlatform
from manifestgen.targets.monitoring.place import folder, place

_FILE: Final = "sql-exporter/timescaledb.collector.yml"


def render_collector(platform: ResolvedPlatform, renderer: Renderer, target: str) -> list[Artifact]:
    """The collector file, where an exporter is there to read it."""
    if not any(job.name == TIMESCALEDB_JOB for job in jobs_of(platform)):
        return []
    context: dict[str, Any] = {"place": place(platform)}
    text = renderer.render(f"monitoring/{_FILE}.j2", context)
    return [Artifact(f"{folder(platform)}/{_FILE}", text, target, platform.environment)]
