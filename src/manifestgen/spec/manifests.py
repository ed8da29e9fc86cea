"""Objects of one's own: what no other part of the spec describes."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.spec.base import Form, Model, Text, problem, refuse

FilePath = Annotated[
    str,
    StringConstraints(pattern=r"^([A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.ya?ml$"),
    Form("write a path below the folder of the spec, e.g. manifests/dashboards.yaml"),
    Field(examples=["manifests/dashboards.yaml"]),
]
"""A YAML file, by its path from the folder of the file that names it; it lies in that folder or below."""

ApiVersion = Annotated[
    str,
    StringConstraints(pattern=r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[a-z0-9]+$", max_length=253),
    Form("write e.g. v1 or apps/v1"),
    Field(examples=["v1", "apps/v1"]),
]
"""The `apiVersion` of an object: `v1`, `apps/v1`."""

Kind = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9]*$", max_length=63),
    Form("write e.g. ConfigMap"),
    Field(examples=["ConfigMap"]),
]
"""The `kind` of an object: `ConfigMap`."""


class Anything(Model):
    """Any keys and values: what may stand here is not the spec's to say."""

    model_config = ConfigDict(extra="allow")


class KubernetesObject(Anything):
    """An object as Kubernetes takes it; beside these keys it has those of its kind."""

    api_version: ApiVersion
    """Its API group and version."""
    kind: Kind
    """Its kind."""
    metadata: Anything
    """Its name, labels and annotations; no namespace, which is a fact of the environment."""


class OnPurpose(Model):
    """An exception that somebody made knowingly."""

    reason: Text
    """Why; whoever reads the spec next wants to know."""


class Manifest(Model):
    """Objects that are taken as they are written: one in the spec, or those of a file.

    They are checked like all others, take part in lint, and go into Kustomize and the chart.
    """

    description: Text | None = None
    """What it is, in a sentence; it stands above the object."""
    object: KubernetesObject | None = None
    """One object, written here; environments may change parts of it."""
    file: FilePath | None = None
    """A file with one or several objects, as YAML documents."""
    scope: Literal["Namespaced", "Cluster"] | None = None
    """Whether the objects live in a namespace, where the kind is not a common one."""
    unchecked: OnPurpose | None = None
    """Custom resources without a schema are taken without a check; `--crd-schemas` is the better way."""
    literal_secret: OnPurpose | None = None
    """A secret may stand in it as it is written, to be read by whoever can read the repository."""

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        refuse(self._sources())
        return self

    def _sources(self) -> Iterator[PydanticCustomError]:
        if self.object is None and self.file is None:
            advice = "add `object: {…}`, or `file: manifests/….yaml`"
            yield problem("missing-key", "object is missing", advice)
        elif self.object is not None and self.file is not None:
            message = "the object is written here, or it is in a file"
            yield problem("manifest-source", message, "remove one of them", ("object",), ("file",))
