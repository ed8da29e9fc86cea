"""``manifestgen targets``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import templates_option

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manifestgen.targets import Target


@click.command(
    "targets",
    cls=WithExample,
    example=("manifestgen targets", "manifestgen targets --templates my-templates"),
)
@templates_option
def command(templates: Path | None) -> None:
    """List what can be emitted, and the templates that each target is made from."""
    from manifestgen.cli.output import put
    from manifestgen.rendering.folders import template_folders
    from manifestgen.targets import REGISTRY

    put("".join(f"{line}\n" for line in _listing(REGISTRY, template_folders(templates))))


def _listing(targets: tuple[Target, ...], folders: tuple[Path, ...]) -> Iterator[str]:
    width = max(len(target.name) for target in targets)
    for target in targets:
        yield f"{target.name:<{width}}  {target.summary}"
        for folder in target.templates:
            yield from (f"{'':<{width}}  {name}" for name in _templates(folder, folders))
    yield ""
    yield "Templates are looked for in"
    yield from (f"  {click.format_filename(folder)}" for folder in folders)


def _templates(below: str, folders: tuple[Path, ...]) -> Iterator[str]:
    """The templates of a target; those of the user's own folder, which win, are marked."""
    builtin = folders[-1]
    names = {
        file.relative_to(folder).as_posix(): folder
        for folder in reversed(folders)
        for file in (folder / below).rglob("*.j2")
    }
    for name, folder in sorted(names.items()):
        yield name if folder is builtin else f"{name} (yours)"
