"""Data services that an operator in the cluster runs: PostgreSQL by CloudNativePG, RabbitMQ by its own."""

import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.facts.cloudnativepg import FIXED_PARAMETERS, STATUS_PORT
from manifestgen.facts.services import PORTS, ServicePorts
from manifestgen.spec.base import Count, Form, PositiveCount, Text, problem, refuse
from manifestgen.spec.containers import ImageRef
from manifestgen.spec.stores import Database, InCluster, QueueServer, Storage

_VERSION: Final = re.compile(r"[0-9]+([.-]|$)")
_OWN_KEYS: Final = {"max_connections": "maxConnections", "shared_preload_libraries": "timescaledb"}

ParameterName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$"),
    Form("write the name as PostgreSQL does, e.g. work_mem or pg_stat_statements.track"),
]
UserName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._@-]{1,63}$"), Form("use letters, digits and . _ @ -")
]


class Operated(InCluster):
    """What data services have in common that an operator runs."""

    provider: Literal["operator"]
    """An operator runs it, which is installed in the cluster already."""
    spread: Literal["none", "nodes", "zones"] = "nodes"
    """How its pods are kept apart where that is possible."""


class PostgreSQLCluster(Database, Operated):
    """PostgreSQL run by CloudNativePG 1.24 or later.

    Clients connect to the Service NAME-primary, readers to NAME-read, as they do with the chart.
    """

    image: ImageRef | None = None
    """Image of PostgreSQL, with a tag that begins with its version; left out, the operator's own default."""
    username: UserName
    """User that owns the database."""
    password_key: Text
    """Key of the user's password in the credentials."""
    admin_password_key: Text | None = None
    """Key of the administrator's password in the credentials; left out, nobody logs in as `postgres` over the
    network."""
    read_replicas: Count = 0
    """Pods beside the primary that answer reads; one of them takes over when the primary is gone."""
    max_connections: PositiveCount = 100
    """`max_connections` of the server."""
    timescaledb: bool = False
    """Load the TimescaleDB extension (the image must have it)."""
    parameters: dict[ParameterName, Text] = {}
    """More settings of the server, as postgresql.conf names them."""
    wal_storage: Storage | None = None
    """A volume of its own for the write-ahead log; once there, it cannot be taken away again."""

    @property
    def ports(self) -> ServicePorts:
        """Its ports, by who uses them: the instances ask each other how they are, too."""
        usual = PORTS[self.type]
        return usual._replace(peers=(*usual.peers, STATUS_PORT))

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        refuse([*self._wrong_volumes(), *self._wrong_image(), *self._wrong_parameters()])
        return self

    def _wrong_volumes(self) -> Iterator[PydanticCustomError]:
        for field, storage in (("storage", self.storage), ("walStorage", self.wal_storage)):
            if storage is not None and storage.ephemeral:
                message = "CloudNativePG keeps its data in volumes only"
                yield problem("operator-storage", message, "give a size", (field, "ephemeral"))

    def _wrong_image(self) -> Iterator[PydanticCustomError]:
        if self.image is None:
            if self.timescaledb:
                message = "the operator's own image has no TimescaleDB"
                yield problem("operator-image", message, "give an `image` that has it", ("timescaledb",))
        elif not _VERSION.match(self.image.tag or ""):
            message = "CloudNativePG reads the version of PostgreSQL from the tag of the image"
            yield problem("operator-image", message, "let the tag begin with it: `tag: 17.5`", ("image",))

    def _wrong_parameters(self) -> Iterator[PydanticCustomError]:
        for name in self.parameters:
            if name in _OWN_KEYS:
                advice = f"remove it here; `{_OWN_KEYS[name]}` says it"
                message = f"{name} has a key of its own"
                yield problem("operator-parameter", message, advice, ("parameters", name))
            elif name in FIXED_PARAMETERS:
                message = f"CloudNativePG sets {name} itself and refuses any other value"
                yield problem("operator-parameter", message, "remove it", ("parameters", name))


class RabbitMQCluster(QueueServer, Operated):
    """RabbitMQ run by the RabbitMQ Cluster Operator 2."""

    image: ImageRef | None = None
    """Image of RabbitMQ; left out, the operator's own default."""
    username: UserName
    """User that is created."""
    password_key: Text
    """Key of the user's password in the credentials."""
    replicas: PositiveCount = 3
    """Nodes of the cluster; odd, so that one side of a split has the majority."""

    @model_validator(mode="after")
    def _pulls_as_the_operator_does(self) -> Self:
        if self.image is not None and "pull_policy" in self.image.model_fields_set:
            message = "the RabbitMQ Cluster Operator has no policy for pulling the image"
            raise problem("operator-image", message, "remove pullPolicy", ("image", "pullPolicy"))
        return self
