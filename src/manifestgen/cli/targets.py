"""``manifestgen targets``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import templates_option

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manifestgen.api import Target


@click.command(
    "targets",
    cls=WithExample,
    example=("manifestgen targets", "manifestgen targets --templates my-templates"),
)
@templates_option
def command(templates: Path | None) -> None:
    """List what can be emitted, and the templates that each target is made from."""
    from manifestgen import api
    from manifestgen.cli.output import put
    from manifestgen.rendering.folders import template_folders

    lines = _listing(api.list_targets(templates=templates), template_folders(templates))
    put("".join(f"{line}\n" for line in lines))


def _listing(targets: tuple[Target, ...], folders: tuple[Path, ...]) -> Iterator[str]:
    """The targets with their templates; those of the user's own folder, which win, are marked."""
    builtin = folders[-1]
    width = max(len(target.name) for target in targets)
    for target in targets:
        yield f"{target.name:<{width}}  {target.summary}"
        for name, file in target.templates.items():
            mark = "" if file.is_relative_to(builtin) else " (yours)"
            yield f"{'':<{width}}  {name}{mark}"
    yield ""
    yield "Templates are looked for in"
    yield from (f"  {click.format_filename(folder)}" for folder in folders)
