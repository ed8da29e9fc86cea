"""What a template may do: read values. It may be a user's own, so it is not trusted.

Jinja's sandbox forbids what begins with an underscore and what changes values. Two things are added:
of a pydantic model only fields can be read (its public methods parse files and unpickle), and a template
is never read from outside of the folders of templates, whatever links lie in them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, closed for the methods of models."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may read ``obj.attr``."""
        if isinstance(obj, BaseModel):
            return attr in type(obj).model_fields
        return super().is_safe_attribute(obj, attr, value)


class ContainedLoader(FileSystemLoader):
    """Finds templates in the folders it is given, and nowhere else."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The text of ``template``; TemplateNotFound when it is a link that leads out of the folders."""
        text, file, is_current = super().get_source(environment, template)
        real = Path(file).resolve()
        if not any(real.is_relative_to(Path(folder).resolve()) for folder in self.searchpath):
            raise TemplateNotFound(
                template, f"{template} is a link that leads out of the folder of templates"
            )
        return text, file, is_current
