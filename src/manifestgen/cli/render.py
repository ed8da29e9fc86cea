"""``manifestgen render``."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from manifestgen.cli.complete import environment_names, target_names
from manifestgen.cli.examples import WithExample
from manifestgen.cli.options import DEFAULT_SPEC, format_option, spec_option, templates_option
from manifestgen.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manifestgen.api import Request
    from manifestgen.artifact import Artifact
    from manifestgen.errors import Finding
    from manifestgen.report.summary import Commands
    from manifestgen.write import Plan, Selection

DEFAULT_OUT: Final = Path("out")


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, as given."""

    environments: tuple[str, ...]
    spec_file: Path
    out: Path
    targets: tuple[str, ...]
    templates: Path | None
    check: bool
    diff: bool
    stdout: bool
    force: bool
    report_format: str

    def contradiction(self) -> str | None:
        """Why these options cannot stand together, None if they can."""
        if self.stdout and (self.check or self.diff or self.force):
            return "--stdout writes and compares nothing: leave out --check, --diff and --force"
        if self.report_format in ("json", "sarif") and (self.stdout or self.diff):
            return (
                f"--format {self.report_format} takes all of standard output: leave out --stdout and --diff"
            )
        return None

    def request(self) -> Request:
        """The same, as the library takes it."""
        from manifestgen.api import Request

        return Request(self.spec_file, self.out, self.environments, self.targets, self.templates, self.force)

    def commands(self) -> Commands:
        """How to call us again for the same."""
        from manifestgen.report.summary import Commands

        where = []
        if self.spec_file != DEFAULT_SPEC:
            where += ["--spec", str(self.spec_file)]
        if self.out != DEFAULT_OUT:
            where += ["--out", str(self.out)]
        if self.templates is not None:
            where += ["--templates", str(self.templates)]
        chosen = [*self.environments, *(word for name in self.targets for word in ("--target", name))]
        program = ["manifestgen", "render"]
        return Commands(
            render=shlex.join([*program, *chosen, *where]),
            everything=shlex.join([*program, *where]),
            spec=str(self.spec_file),
        )


@click.command(
    "render",
    cls=WithExample,
    example=(
        "manifestgen render",
        "manifestgen render production --target helm --diff",
        "manifestgen render --check --format github",
    ),
)
@click.argument("environments", metavar="[ENV]...", nargs=-1, shell_complete=environment_names)
@spec_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=DEFAULT_OUT,
    show_default=True,
    metavar="DIR",
    help="The folder to write to.",
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="NAME",
    shell_complete=target_names,
    help="Render this target only; may be given several times. `manifestgen targets` lists them.",
)
@templates_option
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; exit 1 and name the files if any is not what the spec gives.",
)
@click.option("--diff", is_flag=True, help="Write nothing; print what would change as a unified diff.")
@click.option(
    "--stdout", is_flag=True, help="Write nothing; print the files, each after a line that names it."
)
@click.option(
    "--force", is_flag=True, help="Replace files that were edited by hand or that others wrote, too."
)
@format_option
def command(**given: Any) -> int:
    """Render the spec into the output folder: for the environments named, or for all.

    Nothing is written when the spec is wrong. Files of other environments and targets stay as they are, and
    so do files that were edited by hand or that manifestgen did not write: these are reported, with exit
    code 1. Files that the spec no longer gives are removed.
    """
    options = Options(**given)
    contradiction = options.contradiction()
    if contradiction:
        raise click.UsageError(contradiction)
    return _run(options)


def _run(options: Options) -> int:
    from manifestgen import api, write
    from manifestgen.cli.output import put_document, put_findings, put_report

    request = options.request()
    found = api.rendered(request)
    if found.artifacts is None:
        put_report(found.findings, options.report_format)
        return Exit.FINDINGS
    if options.stdout:
        put_findings(found.findings)
        put_document(_as_stream(found.artifacts.values(), found.select))
        return Exit.OK
    plan = api.plan(request, found.artifacts, found.select)
    if options.diff:
        put_document("".join(write.unified(plan)))
    if options.check:
        return _check(options, found.findings, plan)
    if options.diff:
        put_findings((*found.findings, *write.report(plan)))
        return Exit.OK
    write.apply(plan)
    return _tell(options, found.findings, plan)


def _as_stream(artifacts: Iterable[Artifact], select: Selection) -> str:
    """The chosen files one after another, each behind a line that names it, as Helm prints them."""
    return "".join(
        f"---\n# Source: {artifact.path}\n{artifact.text}"
        for artifact in artifacts
        if select.covers(artifact.target, artifact.environment)
    )


def _check(options: Options, findings: tuple[Finding, ...], plan: Plan) -> int:
    from manifestgen import write
    from manifestgen.cli.output import put_report
    from manifestgen.report import summary

    if options.report_format == "text":
        put_report(findings, "text")
        click.echo(summary.checked(plan, options.commands()), nl=False)
    else:
        put_report((*findings, *write.stale(plan)), options.report_format, summary.as_object(plan))
    return Exit.OK if plan.is_current else Exit.FINDINGS


def _tell(options: Options, findings: tuple[Finding, ...], plan: Plan) -> int:
    from manifestgen import write
    from manifestgen.cli.output import put_report
    from manifestgen.report import summary

    kept = write.report(plan)
    put_report((*findings, *kept), options.report_format, summary.as_object(plan))
    if options.report_format == "text":
        click.echo(summary.rendered(plan, options.commands()), nl=False)
    return Exit.FINDINGS if kept else Exit.OK
