"""Pages on what GitOps tools are told."""

from __future__ import annotations

from typing import Final

from manifestgen.facts.pages.page import Page

_GITOPS: Final = """\
gitops:
  type: argocd
  repository: https://git.example.com/team/shop.git
environments:
  production:
    gitops: {%s}
"""

PAGES: Final[dict[str, Page]] = {
    "revision-unpinned": Page(
        why="""\
An environment that follows a branch gets whatever is merged into it within minutes, before anybody has seen
it anywhere else, and a revert is one more merge. An environment called `production`, `prod`, `prd` or `live`,
or with one of these words in its name (`production-eu`), is taken for one where that is not meant.""",
        bad=_GITOPS % "branch: main",
        good=_GITOPS % "tag: v1.4.2",
        fix="""\
Pin the environment to a tag (or a commit): `gitops: {tag: v1.4.2}`. What has proven itself in staging is
tagged, and promotion is a pull request that changes this one line; [GitOps](../gitops.md#promotion) shows it
step by step. Where all that is merged shall be in production at once, `lint.ignore` takes the reason.""",
    ),
}
