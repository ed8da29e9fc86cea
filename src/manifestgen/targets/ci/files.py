"""The files of the pipelines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from manifestgen.artifact import Artifact
from manifestgen.facts.pins import ACTIONS, PROGRAMS
from manifestgen.rendering.environment import Renderer
from manifestgen.resolving import ResolvedPlatform
from manifestgen.targets.ci.jobs import jobs_of, released
from manifestgen.targets.ci.pipeline import Pipeline, pipeline_of
from manifestgen.targets.ci.trust import trust_of

TARGET: Final = "ci"
FOLDER: Final = "scripts/ci"
WORKFLOW: Final = ".github/workflows/deploy.yml"
PIPELINE: Final = ".gitlab-ci.yml"


def render_ci(platforms: Mapping[str, ResolvedPlatform], renderer: Renderer) -> Iterator[Artifact]:
    """The pipelines that the spec asks for, one for all environments, and what their jobs call."""
    pipeline = pipeline_of(platforms)
    if pipeline is None:
        return
    context = _context(pipeline)
    if pipeline.ci.github is not None:
        yield Artifact(WORKFLOW, renderer.render("ci/workflow.yml.j2", context), TARGET)
    if pipeline.ci.gitlab is not None:
        yield Artifact(PIPELINE, renderer.render("ci/gitlab-ci.yml.j2", context), TARGET)
    for script in _scripts(pipeline):
        text = renderer.render(f"ci/{script}.j2", context)
        yield Artifact(f"{FOLDER}/{script}", text, TARGET, executable=True)
    yield Artifact(f"{FOLDER}/README.md", renderer.render("ci/README.md.j2", context), TARGET)


def _context(pipeline: Pipeline) -> dict[str, Any]:
    roles = [one for one in pipeline.deployments if one.ci.role is not None]
    return {
        **pipeline._asdict(),
        "jobs": jobs_of(pipeline),
        "released": released(pipeline) if pipeline.releases else [],
        "actions": ACTIONS,
        "programs": [PROGRAMS[name] for name in pipeline.programs],
        "mark": f"manifestgen: {pipeline.name}",
        "roles": roles,
        "trust": trust_of(roles[0]) if roles else "",
    }


def _scripts(pipeline: Pipeline) -> Iterator[str]:
    systems = [name for name in ("github", "gitlab") if getattr(pipeline.ci, name) is not None]
    yield "describe-changes.sh"
    if pipeline.programs:
        yield "install-tools.sh"
    for system in systems:
        yield f"comment-{system}.sh"
        if pipeline.releases:
            yield f"release-{system}.sh"
