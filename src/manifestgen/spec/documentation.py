"""The docstrings under the fields of the models: the reference and the schema are made of them.

pydantic can read them itself (``use_attribute_docstrings``), but does so at every start of the program.
"""

from __future__ import annotations

import ast
import inspect
from functools import cache
from itertools import pairwise
from textwrap import dedent

from manifestgen.spec.base import Model


@cache
def field_documentation(model: type[Model]) -> dict[str, str]:
    """What each field of ``model`` means, by its name in Python; inherited fields included."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, Model) and base is not Model:
            found.update(_own_documentation(base))
    return {name: found[name] for name in model.model_fields if name in found}


def _own_documentation(model: type[Model]) -> dict[str, str]:
    (definition,) = ast.parse(dedent(inspect.getsource(model))).body
    assert isinstance(definition, ast.ClassDef)
    found: dict[str, str] = {}
    for statement, following in pairwise(definition.body):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            text = _text(following)
            if text is not None:
                found[statement.target.id] = text
    return found


def _text(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        value = statement.value.value
        return inspect.cleandoc(value) if isinstance(value, str) else None
    return None
