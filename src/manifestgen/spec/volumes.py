"""Volumes of a pod, and where containers see them."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.facts.quantities import parse_duration
from manifestgen.spec.base import (
    Bytes,
    Form,
    LabelKey,
    LabelValue,
    Model,
    MountPath,
    Name,
    Seconds,
    SecretKey,
    Text,
    problem,
    refuse,
)
from manifestgen.spec.files import FileMode, RelativePath

NodePath = Annotated[
    str,
    StringConstraints(pattern=r"^(/|(/\.?[A-Za-z0-9_@+,=~%-][A-Za-z0-9._@+,=~%-]*)+)$"),
    Form("write an absolute path of the node, e.g. /var/log"),
]
FileField = Annotated[
    str,
    StringConstraints(
        pattern=r"^metadata\.(name|namespace|uid|labels|annotations|(labels|annotations)\['[A-Za-z0-9./_-]+'\])$"
    ),
    Form("write e.g. metadata.labels, metadata.annotations or metadata.name"),
]
"""What a pod may read of itself in a file."""
AccessMode = Literal["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]
_SHORTEST_TOKEN = 600


class KeyFiles(Model):
    """Settings or secrets as files: one for each key."""

    name: Name
    """The set of settings or the workload that they are of."""
    keys: dict[SecretKey, RelativePath] = {}
    """The keys that become files, each with its path; left out, all, by their names."""
    mode: FileMode | None = None
    """Permissions of the files; left out, 0644."""
    existing: bool = False
    """`name` is that of a ConfigMap or Secret that is there already."""
    optional: bool = False
    """Start without the files where the ConfigMap or Secret is not there."""


class Token(Model):
    """A token of the pod's service account for somebody else."""

    audience: Text
    """Whom it is for."""
    expires: Seconds = "1h"
    """How long it is valid; it is renewed before. At least ten minutes."""

    @model_validator(mode="after")
    def _lives_long_enough(self) -> Self:
        if parse_duration(self.expires) < _SHORTEST_TOKEN:
            message = f"a token lives for ten minutes at least, not {self.expires}"
            raise problem("token-expiry", message, "write e.g. 1h", ("expires",))
        return self


class KeysOfSet(Model):
    """Keys of a set of settings among other files."""

    keys: dict[SecretKey, RelativePath] = {}
    """The keys that become files, each with its path; left out, all, by their names."""
    optional: bool = False
    """Start without the files where the ConfigMap or Secret is not there."""


class Projected(Model):
    """Files from several places in one folder."""

    tokens: dict[RelativePath, Token] = {}
    """Tokens of the service account, by the file each is in."""
    fields: dict[RelativePath, FileField] = {}
    """Fields of the pod, by the file each is in."""
    config: dict[Name, KeysOfSet] = {}
    """Settings of these sets of settings or workloads."""
    secrets: dict[Name, KeysOfSet] = {}
    """Secrets of these sets of settings or workloads."""
    mode: FileMode | None = None
    """Permissions of the files; left out, 0644."""

    @model_validator(mode="after")
    def _has_distinct_files(self) -> Self:
        refuse(self._clashes())
        return self

    def _clashes(self) -> Iterator[PydanticCustomError]:
        if not (self.tokens or self.fields or self.config or self.secrets):
            message = "it holds nothing"
            yield problem("projected-files", message, "give tokens, fields, config or secrets")
        seen: set[str] = set()
        for place, path in self._files():
            if path in seen:
                yield problem("projected-files", f"two files are called {path}", "rename one", place)
            seen.add(path)

    def _files(self) -> Iterator[tuple[tuple[str, ...], str]]:
        for section in ("tokens", "fields"):
            yield from (((section, path), path) for path in getattr(self, section))
        for section in ("config", "secrets"):
            for name, chosen in getattr(self, section).items():
                yield from (((section, name, "keys", key), path) for key, path in chosen.keys.items())


class CsiVolume(Model):
    """A volume that a driver makes for the pod: secrets of a cloud, for example."""

    driver: Annotated[
        str,
        StringConstraints(
            pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$", max_length=63
        ),
        Form("write a domain"),
    ]
    """Name of the driver, e.g. `secrets-store.csi.k8s.io`."""
    attributes: dict[Text, str] = {}
    """What the driver is told, e.g. `secretProviderClass: aws`."""
    fs_type: Text | None = None
    """File system; left out, the driver's choice."""
    secret: Name | None = None
    """Secret that the driver is given (nodePublishSecretRef)."""


class ClaimShape(Model):
    """Storage that is asked for."""

    size: Bytes
    """How much."""
    storage_class: Name | None = None
    """StorageClass; left out, the cluster's default."""
    access_modes: Annotated[list[AccessMode], Field(min_length=1)] = ["ReadWriteOnce"]
    """Who may mount it: one node (`ReadWriteOnce`), many (`ReadWriteMany`), or one pod."""


class EphemeralClaim(ClaimShape):
    """Storage that is made with the pod and goes with it."""

    labels: dict[LabelKey, LabelValue] = {}
    """Labels of the claim."""


class HostPath(Model):
    """A folder or file of the node; the pod then depends on where it runs, and reaches into the node."""

    path: NodePath
    """Its path on the node."""
    type: (
        Literal[
            "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket", "CharDevice", "BlockDevice"
        ]
        | None
    ) = None
    """What must be there; left out, nothing is checked."""
    reason: Text
    """Why it is needed, in a sentence."""


class Volume(Model):
    """A volume of the pod: where it comes from, by exactly one key, and where it is mounted."""

    path: MountPath | None = None
    """Where the workload's own container sees it; left out, only the containers that mount it do."""
    read_only: bool = False
    """Only let containers read it."""
    sub_path: RelativePath | None = None
    """The folder or file of the volume that is mounted; left out, the whole."""
    claim: Name | None = None
    """One of the platform's `claims`."""
    config: KeyFiles | None = None
    """Settings as files."""
    secret: KeyFiles | None = None
    """Secrets as files."""
    projected: Projected | None = None
    """Tokens, fields of the pod, settings and secrets in one folder."""
    csi: CsiVolume | None = None
    """A volume that a CSI driver makes for the pod."""
    ephemeral: EphemeralClaim | None = None
    """Storage that is made with the pod and goes with it; for more than `scratch` can hold."""
    host_path: HostPath | None = None
    """A folder or file of the node."""

    @model_validator(mode="after")
    def _comes_from_one_place(self) -> Self:
        given = self.sources()
        if len(given) != 1:
            raise problem(
                "volume-source",
                f"it comes from {' and '.join(given)}" if given else "it does not say where it comes from",
                f"give exactly one of {', '.join(_SOURCES)}; null removes what an environment inherits",
                *((key,) for key in given),
            )
        return self

    def sources(self) -> list[str]:
        """The keys that say where it comes from."""
        return [key for key, field in _SOURCES.items() if getattr(self, field) is not None]


_SOURCES = {
    "claim": "claim",
    "config": "config",
    "secret": "secret",
    "projected": "projected",
    "csi": "csi",
    "ephemeral": "ephemeral",
    "hostPath": "host_path",
}


class Claim(Model):
    """Storage that outlives pods: a PersistentVolumeClaim."""

    description: Text | None = None
    """What is kept there, in a sentence; stands above it."""
    existing: Name | None = None
    """Name of a claim that is there already, instead of `size` and the rest."""
    size: Bytes | None = None
    """How much it asks for; it can grow, but never shrink."""
    storage_class: Name | None = None
    """StorageClass; left out, the cluster's default."""
    access_modes: Annotated[list[AccessMode], Field(min_length=1)] = ["ReadWriteOnce"]
    """Who may mount it: one node (`ReadWriteOnce`), many (`ReadWriteMany`), or one pod."""
    keep: bool = True
    """Keep the data when the claim is gone from the spec: Helm, Argo CD and Flux leave it."""

    @model_validator(mode="after")
    def _is_made_or_there(self) -> Self:
        if (self.size is None) == (self.existing is None):
            raise problem(
                "claim-source",
                "it is either made, and has a size, or there already",
                "give `size: 10Gi` or `existing: NAME`",
                ("size",),
                ("existing",),
            )
        if self.existing is not None and self.storage_class is not None:
            message = "the class of a claim that is there cannot be chosen"
            raise problem("claim-source", message, "remove it", ("storageClass",))
        return self
