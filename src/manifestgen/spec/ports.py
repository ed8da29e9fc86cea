"""Ports of containers."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Literal

from pydantic import StringConstraints
from pydantic_core import PydanticCustomError

from manifestgen.spec.base import Form, LabelKey, Model, Name, Place, PortNumber, defaults_of, problem

Protocol = Literal["TCP", "UDP", "SCTP"]


class Port(Model):
    """A port with more than its number."""

    port: PortNumber
    """Its number."""
    protocol: Protocol = "TCP"
    """Its protocol; the same number may stand once for each."""
    host_port: PortNumber | None = None
    """Open it on the node as well; then only one such pod runs on a node."""
    app_protocol: LabelKey | None = None
    """What is spoken there, as Services tell it to gateways and meshes: `kubernetes.io/h2c`."""


PortName = Annotated[
    Name,
    StringConstraints(max_length=15, pattern=r"^[^-]+(-[^-]+)*$"),
    Form("write it without two hyphens in a row"),
]
Ports = dict[PortName, PortNumber | Port]
"""Ports by name: a number for TCP, or a map."""


def as_port(given: int | Port) -> Port:
    """A port, however it is written."""
    return given if isinstance(given, Port) else _plain_port(given)


@cache
def _plain_port(number: int) -> Port:
    return defaults_of(Port, port=number)


def clashes(ports: Mapping[Place, int | Port]) -> Iterator[PydanticCustomError]:
    """Two ports of one pod with the same number and protocol, or of two containers with the same name."""
    numbers: dict[tuple[int, str], Place] = {}
    names: dict[str, Place] = {}
    for place, given in ports.items():
        port, name = as_port(given), str(place[-1])
        key = (port.port, port.protocol)
        if key in numbers:
            other = str(numbers[key][-1])
            message = f"ports {other} and {name} are both {port.port}"
            yield problem("port-clash", message, "give each its own number", numbers[key], place)
        elif name in names:
            message = f"two containers have a port named {name}"
            yield problem("port-clash", message, "rename one of them", names[name], place)
        numbers.setdefault(key, place)
        names.setdefault(name, place)
