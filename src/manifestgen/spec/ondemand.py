"""Parts of the spec that are prepared for validation only when a spec has them.

pydantic builds a validator for all that a model may hold, and a small platform holds little of what a spec
may say. A field that is marked ``ON_DEMAND``, as optional ones that hold models are, gets its validator with
its first value; in a union marked ``BY_TYPE`` only the members get one that occur. Errors and the JSON Schema
are those of an unmarked field.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, Final, get_args

from pydantic import BaseModel, Field, GetCoreSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, core_schema

from manifestgen.spec.late import WORDS, Late, known

_TYPE: Final = "type"


class _Later:
    """A validator that is built when it is called."""

    def __init__(self, source: Any) -> None:
        self.source = source

    def __call__(self, value: Any) -> Any:
        return _validated(self.whole, value)

    @cached_property
    def whole(self) -> TypeAdapter[Any]:
        """What validates every value."""
        return TypeAdapter(known(self.source))


class _LaterByType(_Later):
    """The same for a union that is told apart by ``type``: each member has a validator of its own."""

    def __init__(self, union: Any) -> None:
        super().__init__(Annotated[union, Field(discriminator=_TYPE)])
        self._members = {word: member for member in get_args(union) for word in _types_of(member)}
        self._built: dict[str, TypeAdapter[Any]] = {}

    def __call__(self, value: Any) -> Any:
        kind = value.get(_TYPE) if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in self._members:
            return super().__call__(value)  # which knows what to say
        if kind not in self._built:
            self._built[kind] = TypeAdapter(Annotated[Any, _Alone(kind, known(self._members[kind]))])
        return _validated(self._built[kind], value)


class _Alone:
    """A union with one member, so that errors name the way through it as they do in the whole union."""

    def __init__(self, kind: str, member: Any) -> None:
        self._kind = kind
        self._member = member

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.tagged_union_schema({self._kind: handler.generate_schema(self._member)}, _TYPE)


class _Marker:
    """Stands in an annotation."""

    imports_models = True
    """Whatever is behind it is imported by its validator: see ``late.known``."""

    def __init__(self, validator: Callable[[Any], _Later]) -> None:
        self._validator = validator

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._validator(source))


ON_DEMAND: Final = _Marker(_Later)
BY_TYPE: Final = _Marker(_LaterByType)


def schema_behind(schema: Any) -> CoreSchema | None:
    """The whole schema of what a mark stands for; None for a function that is none of ours."""
    later = schema["function"]["function"]
    return later.whole.core_schema if isinstance(later, _Later) else None


def holds_models(annotation: Any) -> bool:
    """Whether a value of this type is a model or holds some."""
    if isinstance(annotation, type) and (isinstance(annotation, Late) or issubclass(annotation, BaseModel)):
        return True
    return any(map(holds_models, get_args(annotation)))


def _validated(adapter: TypeAdapter[Any], value: Any) -> Any:
    # As ``Platform.model_validate`` is called: what a spec holds is spelled as in the spec.
    return adapter.validate_python(value, strict=True, by_alias=True, by_name=False)


def _types_of(member: Any) -> tuple[str, ...]:
    if isinstance(member, Late):
        return (WORDS[member.attribute],)
    return get_args(member.model_fields[_TYPE].annotation)
