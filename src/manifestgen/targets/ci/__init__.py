"""Pipelines of GitHub Actions and GitLab, and the scripts that their jobs call."""

from __future__ import annotations

from manifestgen.targets.ci.files import render_ci

__all__ = ["render_ci"]
