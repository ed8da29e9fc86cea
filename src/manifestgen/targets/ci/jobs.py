"""The jobs that deploy: what each waits for, and when it runs, in the words of each system."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifestgen.targets.ci.pipeline import Deploying, Pipeline

_ON_GITHUB: Final = {
    "branch": "github.event_name == 'push' && github.ref_type == 'branch'",
    "tag": "github.event_name == 'push' && github.ref_type == 'tag'",
}


def jobs_of(pipeline: Pipeline) -> list[dict[str, Any]]:
    """The jobs of each environment, as the templates see them."""
    return [
        {
            "of": one,
            "follows": before[0].removeprefix("deploy-") if before else "",
            "checks": ["check", *(["scan"] if pipeline.ci.scan is not None else [])],
            "before": before,
            "github": "\n".join(_on_github(one, follows=bool(before))),
            "gitlab": _on_gitlab(pipeline, one),
        }
        for one in pipeline.deployments
        for before in [list(_before(pipeline, one))]
    ]


def released(pipeline: Pipeline) -> list[str]:
    """The jobs that a release waits for: all that a tag starts."""
    return [f"deploy-{one.environment}" for one in pipeline.deployments if one.ci.trigger == "tag"]


def _before(pipeline: Pipeline, one: Deploying) -> Iterator[str]:
    """The jobs of the last environment before it that has the same trigger."""
    if one.ci.trigger == "manual":
        return
    same = [other for other in pipeline.deployments if other.ci.trigger == one.ci.trigger]
    if same[0] is not one:
        other = same[same.index(one) - 1]
        yield f"deploy-{other.environment}"
        if other.load_test is not None:
            yield f"load-test-{other.environment}"


def _on_github(one: Deploying, *, follows: bool) -> Iterator[str]:
    """The lines of the condition."""
    asked = f"(inputs.action == 'deploy' && inputs.environment == '{one.environment}')"
    own = _ON_GITHUB.get(one.ci.trigger or "")
    lines = [asked] if own is None else [f"({own}) ||", asked]
    if follows:  # what comes first is left out where this environment alone is asked for
        lines = ["!cancelled() && !failure() && (", *(f"  {line}" for line in lines), ")"]
    yield from lines


def _on_gitlab(pipeline: Pipeline, one: Deploying) -> list[str]:
    """The conditions, of which one must hold."""
    asked = f'$CI_PIPELINE_SOURCE == "web" && $ACTION == "deploy" && $ENVIRONMENT == "{one.environment}"'
    own = {
        "branch": f'$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == "{pipeline.ci.branch}"',
        "tag": f'$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_TAG =~ /{pipeline.tags}/',
    }.get(one.ci.trigger or "")
    return [asked] if own is None else [own, asked]
