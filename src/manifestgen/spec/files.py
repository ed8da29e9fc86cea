"""Files whose contents stand in the spec, folders to write to, and where containers see them."""

from typing import Annotated

from pydantic import Field, StringConstraints

from manifestgen.spec.base import Bytes, Form, Model, MountPath

FileMode = Annotated[
    str, StringConstraints(pattern=r"^0[0-7]{3}$"), Form('write it in octal and in quotes, e.g. "0440"')
]
"""Permissions of a file, as chmod takes them."""

_SEGMENT = r"\.?[A-Za-z0-9_-][A-Za-z0-9._-]*"
"""A part of a path; neither `.` nor anything that starts with `..`."""
RelativePath = Annotated[
    str,
    StringConstraints(pattern=rf"^{_SEGMENT}(/{_SEGMENT})*$", max_length=240),
    Form("write a path below the volume, e.g. conf/app.yaml"),
    Field(examples=["conf/app.yaml"]),
]
FilePath = Annotated[
    str,
    StringConstraints(pattern=rf"^(/{_SEGMENT})+$", max_length=240),
    Form("write the absolute path of a file, e.g. /etc/app/app.yaml"),
    Field(examples=["/etc/app/app.yaml"]),
]


class Mount(Model):
    """Where a further container sees a volume of the pod."""

    path: MountPath | None = None
    """Where it is mounted; left out, where the workload's own container sees it."""
    read_only: bool = False
    """Only let it read."""
    sub_path: RelativePath | None = None
    """The folder or file of the volume that is mounted; left out, the whole."""


class Scratch(Model):
    """A folder the container may write to; it is empty when the pod starts and gone with it."""

    path: MountPath | None = None
    """Where it is mounted; left out, only the containers that mount it see it."""
    size: Bytes
    """How much it may hold before the pod is evicted."""
    memory: bool = False
    """Keep it in memory; counts towards the memory limit."""


class File(Model):
    """A file whose contents stand in the spec."""

    contents: str
    """What is in it."""
    mode: FileMode | None = None
    """Permissions; left out, 0644."""


Files = dict[FilePath, str | File]
"""Files by their paths in the container."""


def contents_of(file: str | File) -> str:
    """What is in a file, however it is written."""
    return file if isinstance(file, str) else file.contents
