"""Patches: changes to objects that no key of the spec can say."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.spec.base import Form, LabelKey, LabelValue, Model, problem, refuse
from manifestgen.spec.manifests import Anything

Wildcard = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9*?]([A-Za-z0-9.:*?-]*[A-Za-z0-9*?])?$", max_length=253),
    Form("write a name; * stands for any characters, ? for one"),
    Field(examples=["api", "api-*"]),
]
"""A name, or a pattern of names: `*` stands for any characters, `?` for one."""

Pointer = Annotated[
    str,
    StringConstraints(pattern=r"^(/([A-Za-z0-9._:@+$=*-]|~[01])*)+$"),
    Form("write a JSON pointer, e.g. /spec/replicas; in a key, / is written ~1 and ~ is written ~0"),
    Field(examples=["/spec/template/spec/hostNetwork"]),
]
"""A JSON pointer (RFC 6901) into an object: `/metadata/annotations/example.com~1owner`."""


class PatchTarget(Model):
    """Which objects a patch changes: those that fit in everything that is given."""

    group: Wildcard | None = None
    """API group, e.g. `apps`; objects of the core group (`v1`) have none, and fit `*` only."""
    kind: Wildcard | None = None
    """Kind, e.g. `Deployment`."""
    name: Wildcard | None = None
    """Name of the object, e.g. `api`."""
    labels: dict[LabelKey, LabelValue] = {}
    """Labels that the object has."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.group or self.kind or self.name or self.labels):
            message = "nothing says which objects are meant"
            raise problem("patch-target", message, 'give `kind:`, `name:` or `labels:`; `kind: "*"` is all')
        return self


class JsonOperation(Model):
    """One step of a JSON patch (RFC 6902)."""

    op: Literal["add", "remove", "replace", "move", "copy", "test"]
    """What to do."""
    path: Pointer
    """Where."""
    from_: Pointer | None = None
    """Where `move` and `copy` take the value from."""
    value: JsonValue = None
    """The value, for `add`, `replace` and `test`."""

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        refuse(self._operands())
        return self

    def _operands(self) -> Iterator[PydanticCustomError]:
        for key, given, ops in (
            ("value", "value" in self.model_fields_set, ("add", "replace", "test")),
            ("from", self.from_ is not None, ("move", "copy")),
        ):
            if self.op in ops and not given:
                yield problem("patch-operation", f"{self.op} needs {key!r}", f"add `{key}: …`", ("op",))
            elif given and self.op not in ops:
                message = f"{self.op} has no {key!r}"
                yield problem("patch-operation", message, f"remove it; it is for {', '.join(ops)}", (key,))


class Patch(Model):
    """A change to objects, made before the Kustomize files and the chart are derived from them."""

    target: PatchTarget
    """Which objects; a patch that finds none in an environment is an error."""
    merge: Anything | None = None
    """A strategic merge, as `kubectl patch` takes it: lists merge by their keys, `null` removes,
    `$patch: delete` or `replace` as well. Lists of custom resources are replaced."""
    json_: Annotated[list[JsonOperation], Field(min_length=1)] | None = None
    """A JSON patch (RFC 6902): operations, one after the other."""

    @model_validator(mode="after")
    def _has_one_form(self) -> Self:
        if self.merge is None and self.json_ is None:
            advice = "add `merge: {…}`, or `json: [{op: …, path: …}]`"
            raise problem("missing-key", "merge is missing", advice)
        if self.merge is not None and self.json_ is not None:
            message = "a patch is a merge or a list of JSON operations"
            raise problem("patch-form", message, "make two patches of it", ("merge",), ("json",))
        return self
