"""The scripts that deploy an environment, and those that take a deployment back."""

from __future__ import annotations

from manifestgen.targets.deployment.scripts import render_deployment

__all__ = ["render_deployment"]
