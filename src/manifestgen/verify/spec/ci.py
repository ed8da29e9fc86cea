"""Pipelines: what they deploy can be deployed, and starts no other pipeline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from manifestgen.errors import Finding
from manifestgen.facts.nearest import nearest_hint
from manifestgen.resolving import ResolvedPlatform
from manifestgen.spec.base import camel_case
from manifestgen.verify.spec.finding import finding

if TYPE_CHECKING:
    from manifestgen.spec.ci import Ci
    from manifestgen.spec.deployment import Deployment

_REMOTE: Final = "origin"
_NAME_IN_GITLAB: Final = re.compile(r"[A-Za-z0-9_.-]([A-Za-z0-9_ ./-]*[A-Za-z0-9_.-])?")


def check(platform: ResolvedPlatform) -> Iterator[Finding]:
    """Findings on the pipeline of one environment."""
    ci = platform.spec.ci
    if ci is None:
        return
    yield from _name(platform, ci)
    if ci.trigger is None:
        return
    deployment = platform.spec.deployment
    if deployment is None:
        message = "there is no script that the pipeline could call"
        advice = "say under `deployment` how the environment is deployed, or leave `trigger` out"
        yield finding(platform, ("ci", "trigger"), "ci-deployment", message, advice)
        return
    yield from _login(platform, ci, deployment)
    yield from _tags(platform, ci, deployment)
    yield from _load_test(platform, ci)


def _name(platform: ResolvedPlatform, ci: Ci) -> Iterator[Finding]:
    if ci.gitlab is not None and ci.name is not None and not _NAME_IN_GITLAB.fullmatch(ci.name):
        message = "GitLab takes no environment of that name"
        advice = "use letters, digits, spaces and - _ . /"
        yield finding(platform, ("ci", "name"), "ci-name", message, advice)


def _login(platform: ResolvedPlatform, ci: Ci, deployment: Deployment) -> Iterator[Finding]:
    if deployment.eks is not None and ci.role is None:
        message = f"nothing lets the job log in to the cluster {deployment.eks.name} of EKS"
        yield finding(
            platform, ("ci", "role"), "ci-login", message, "add `role`, which the job takes on by OIDC"
        )
    elif deployment.eks is None and ci.kubeconfig is None:
        message = f"nothing tells the job what the context {deployment.context!r} is"
        advice = "add `kubeconfig`, the name of a secret, or `deployment.eks` with `role`"
        yield finding(platform, ("ci", "kubeconfig"), "ci-login", message, advice)


def _tags(platform: ResolvedPlatform, ci: Ci, deployment: Deployment) -> Iterator[Finding]:
    tag = deployment.tag
    if tag is None:
        return
    if tag.push and tag.remote != _REMOTE:
        message = f"the job knows no remote {tag.remote!r}"
        advice = f"let the tag be pushed to {_REMOTE}, where the job has its files from"
        yield finding(platform, ("deployment", "tag", "remote"), "ci-tag", message, advice)
    start = ci.tags.removesuffix("*")
    if tag.prefix.startswith(start) and "/" not in tag.prefix.removeprefix(start):
        message = f"the tag of a deployment begins with {tag.prefix!r}, so it is one of `ci.tags` itself"
        advice = "let the two begin otherwise, or a deployment starts the next one"
        yield finding(platform, ("ci", "tags"), "ci-tag", message, advice)


def _load_test(platform: ResolvedPlatform, ci: Ci) -> Iterator[Finding]:
    profiles = platform.spec.load_tests.profiles if platform.spec.load_tests is not None else {}
    if ci.load_test is not None and ci.load_test not in profiles:
        message = f"there is no profile {ci.load_test!r}"
        hint = nearest_hint(ci.load_test, profiles) if profiles else "say under `loadTests` what is tested"
        yield finding(platform, ("ci", "loadTest"), "ci-load-test", message, hint)


def check_pipelines(platforms: Mapping[str, ResolvedPlatform]) -> Iterator[tuple[str, Finding]]:
    """What environments say of the one pipeline that they share, each finding with its environment."""
    shared = {name: one for name, one in platforms.items() if one.spec.ci is not None}
    if not shared:
        return
    first = next(iter(shared.values()))
    for name, platform in shared.items():
        yield from ((name, one) for one in _differences(platform, first))


def _differences(platform: ResolvedPlatform, first: ResolvedPlatform) -> Iterator[Finding]:
    from manifestgen.spec.ci import SHARED

    for field in SHARED:
        if getattr(platform.spec.ci, field) != getattr(first.spec.ci, field):
            message = f"it is otherwise than in {first.environment}, and the repository has one pipeline"
            path = ("ci", camel_case(field))
            yield finding(platform, path, "ci-environment", message, "write it once for all environments")
