"""The one place that makes a Jinja environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, TemplateError, TemplateSyntaxError

from manifestgen.errors import Finding, Location, ManifestgenError
from manifestgen.rendering.bytecode import bytecode_cache
from manifestgen.rendering.moulds import Cast, Marker
from manifestgen.rendering.quoting import FILTERS
from manifestgen.rendering.sandbox import ContainedLoader, Sandbox

_FAULTS = (
    TemplateError,
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    MemoryError,
)
"""What the code in a template can raise."""


class Renderer:
    """Renders templates found in ``folders``, the first that has one wins.

    Undefined names are errors, so that no typo of ours ends as an empty string in a manifest. Where a user
    has templates of their own, all run sandboxed, so that these can do no harm; ours alone need none, which
    makes them a quarter faster. How long a template runs is not limited: one that never ends is its author's
    to interrupt.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)
        kind = Sandbox if self.has_own_templates else Environment
        self._environment = kind(
            loader=ContainedLoader([str(folder) for folder in folders]),
            undefined=StrictUndefined,
            autoescape=False,  # the output is YAML and shell, not HTML; each value is quoted by a filter
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,  # a run is short: no template is looked at twice
            bytecode_cache=bytecode_cache(kind.__name__.lower()),
        )
        self._marker = Marker()
        self._environment.filters.update(FILTERS | self._marker.filters)
        self._templates: dict[str, Template] = {}

    @property
    def has_own_templates(self) -> bool:
        """Whether there is a folder besides the built-in one."""
        return len(self.folders) > 1

    def render(self, template: str, context: Mapping[str, Any]) -> str:
        """The text of ``template`` with ``context``.

        Raises ManifestgenError with the template's file and line when the template is wrong, which
        for the built-in ones is a bug and for a user's own (``--templates``) is theirs to mend.
        """
        try:
            if template not in self._templates:
                self._templates[template] = self._environment.get_template(template)
            return self._templates[template].render(context)
        except TemplateSyntaxError as error:
            where = Location(error.filename or template, error.lineno, 1)
            raise ManifestgenError([_finding(template, error.message or "syntax error", where)]) from error
        except _FAULTS as error:
            where = _template_line(error, template)
            raise ManifestgenError([_finding(template, str(error) or type(error).__name__, where)]) from error

    def cast(self, template: str, context: Mapping[str, Any]) -> Cast:
        """The object that ``template``, one of ours, gives: its text and data. Raises as ``render`` does."""
        return self._marker.cast(lambda: self.render(template, context))

    def names(self, folder: str) -> tuple[str, ...]:
        """The templates below ``folder``, sorted."""
        return tuple(sorted(n for n in self._environment.list_templates() if n.startswith(f"{folder}/")))


def _finding(template: str, message: str, where: Location) -> Finding:
    return Finding(
        rule="template-error",
        path=template,
        message=message,
        advice="mend the template; `manifestgen targets` lists where each one is looked for",
        location=where,
    )


def _template_line(error: BaseException, template: str) -> Location:
    """The innermost template line of the traceback: Jinja rewrites the frames to the template's lines."""
    location = Location(template, 1, 1)
    frame = error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename.endswith(".j2"):
            location = Location(frame.tb_frame.f_code.co_filename, frame.tb_lineno, 1)
        frame = frame.tb_next
    return location
