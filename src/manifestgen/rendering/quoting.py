"""Jinja filters: how a value enters a file of each language unchanged."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from manifestgen.rendering import github, literals, markdown, shell
from manifestgen.rendering.hcl import hcl
from manifestgen.rendering.messages import with_messages
from manifestgen.yamlio import emit

_LINES: Final = re.compile(r"[^\n]*\n|[^\n]+")


def yaml(value: Any) -> str:
    """``value`` on one line of YAML; plain where that is safe, quoted otherwise."""
    return emit.flow(value) if isinstance(value, dict | list | tuple) else emit.scalar(value)


def block(value: Any, indent: int) -> str:
    """``value`` as block YAML to stand behind ``key:``: a new line and then each line indented.

    A scalar or an empty collection stays on the line of its key.
    """
    if isinstance(value, dict | list | tuple) and value:
        return "\n" + emit.block(value, indent)
    return " " + yaml(value)


def members(value: dict[str, Any], indent: int) -> str:
    """The members of a map as block YAML lines, the first line indented, too."""
    return str(emit.block(value, indent))


def comment(text: str) -> str:
    """``text`` as YAML comment lines; no line of it can end the comment."""
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def deeper(text: str, by: int) -> str:
    """Lines of block YAML, each indented further; a line ends where YAML says so, and nowhere else."""
    pad = " " * by
    return "".join(line if line == "\n" else pad + line for line in _LINES.findall(text))


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "yaml": yaml,
    "block": block,
    "members": members,
    "comment": comment,
    "markdown": markdown.cell,
    "markdown_code": markdown.code,
    "fenced": markdown.fenced,
    "deeper": deeper,
    "with_messages": with_messages,
    "sh": shell.word,
    "hcl": hcl,
    "python": literals.python,
    "javascript": literals.javascript,
    "javascript_key": literals.javascript_key,
    "slashes": literals.slashes,
    "github": github.text,
    "github_expression": github.expression,
    "github_glob": github.glob,
}
