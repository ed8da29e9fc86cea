"""``manifestgen show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manifestgen.cli.complete import environment_names
from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import spec_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    "show",
    cls=WithExample,
    example=(
        "manifestgen show production",
        "diff <(manifestgen show staging) <(manifestgen show production)",
    ),
)
@click.argument("environment", metavar="ENV", shell_complete=environment_names)
@spec_option
def command(environment: str, spec_file: Path) -> None:
    """Print the spec as one environment sees it, with every default written out.

    What is neither set nor has a default is not there.
    """
    from manifestgen import api
    from manifestgen.cli.output import put_document
    from manifestgen.yamlio import emit

    platform = api.resolve(spec_file, environment)
    document = platform.spec.model_dump(mode="json", by_alias=True, exclude_none=True)
    for name, patch in document["patches"].items():  # as they are written: in them, a null means something
        written = platform.node.at(("patches", name)).plain()
        patch.update((key, written[key]) for key in ("merge", "json") if key in written)
    for name in platform.spec.backups:  # which are workloads only to us
        document["workloads"].pop(name, None)
    for name, task in document.get("loadTests", {}).get("tasks", {}).items():  # so in what is sent as JSON
        written = platform.node.at(("loadTests", "tasks", name)).plain()
        _put_bodies(task, written)
    put_document(emit.dump(_type_first(document)))


def _put_bodies(request: dict[str, Any], written: dict[str, Any]) -> None:
    if "body" in written:
        request["body"] = written["body"]
    for name, below in written.get("batch", {}).items():
        _put_bodies(request["batch"][name], below)


def _type_first(value: Any) -> Any:
    """The same with ``type``, which says what the rest of a map means, at the top of each map."""
    if isinstance(value, list):
        return [_type_first(item) for item in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value, key=lambda key: key != "type")
    return {key: _type_first(value[key]) for key in keys}
