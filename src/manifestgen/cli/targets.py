"""``manifestgen targets``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import templates_option


@click.command(
    "targets",
    cls=WithExample,
    example=("manifestgen targets", "manifestgen targets --templates my-templates"),
)
@templates_option
def command(templates: Path | None) -> None:
    """List what can be emitted, and the templates that each target is made from."""
    from manifestgen.render.folders import template_folders
    from manifestgen.targets import REGISTRY

    folders = template_folders(templates)
    width = max(len(target.name) for target in REGISTRY)
    for target in REGISTRY:
        click.echo(f"{target.name:<{width}}  {target.summary}")
        for line in _templates(target.templates_folder, folders):
            click.echo(f"{'':<{width}}  {line}")
    click.echo("\nTemplates are looked for in")
    for folder in folders:
        click.echo(f"  {click.format_filename(folder)}")


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
