"""What ``manifestgen render`` does: render, then print, compare or write, and tell."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import click

from manifestgen import api, write
from manifestgen.artifact import Artifact
from manifestgen.cli.options import DEFAULT_OUT, DEFAULT_SPEC
from manifestgen.cli.output import put, put_document, put_findings, put_report
from manifestgen.errors import Exit, Finding, ManifestgenError, errors_in
from manifestgen.report import summary
from manifestgen.write import Plan


class Options(NamedTuple):
    """The command line, as given."""

    environments: tuple[str, ...]
    spec_file: Path
    out: Path
    targets: tuple[str, ...]
    templates: Path | None
    crd_schemas: Path | None
    check: bool
    diff: bool
    stdout: bool
    force: bool
    report_format: str

    def contradiction(self) -> str | None:
        """Why these options cannot stand together, None if they can."""
        if self.stdout and (self.check or self.diff or self.force):
            return "--stdout writes and compares nothing: leave out --check, --diff and --force"
        if self.check and self.force:
            return "--check writes nothing, so it cannot replace files: leave out --force"
        if self.report_format in ("json", "sarif") and (self.stdout or self.diff):
            return (
                f"--format {self.report_format} takes all of standard output: leave out --stdout and --diff"
            )
        return None

    def request(self) -> api.Request:
        """The same, as the library takes it."""
        return api.Request(
            self.spec_file,
            self.out,
            self.environments,
            self.targets,
            self.templates,
            self.force,
            self.crd_schemas,
        )

    def commands(self) -> summary.Commands:
        """How to call us again for the same."""
        where = []
        if str(self.spec_file) != DEFAULT_SPEC:
            where += ["--spec", str(self.spec_file)]
        if str(self.out) != DEFAULT_OUT:
            where += ["--out", str(self.out)]
        if self.templates is not None:
            where += ["--templates", str(self.templates)]
        if self.crd_schemas is not None:
            where += ["--crd-schemas", str(self.crd_schemas)]
        chosen = [*self.environments, *(word for name in self.targets for word in ("--target", name))]
        program = ["manifestgen", "render"]
        return summary.Commands(
            render=shlex.join([*program, *chosen, *where]),
            everything=shlex.join([*program, *where]),
            spec=str(self.spec_file),
        )


def run(options: Options) -> int:
    """Render and tell; the exit code."""
    contradiction = options.contradiction()
    if contradiction:
        raise click.UsageError(contradiction)
    try:
        return _run(options)
    except ManifestgenError as error:
        put_report(error.findings, options.report_format, options.spec_file)
        return error.exit_code


def _run(options: Options) -> int:
    request = options.request()
    found = api.rendered(request)
    if found.artifacts is None:
        put_report(found.findings, options.report_format, options.spec_file)
        return Exit.FINDINGS
    if options.stdout:
        put_findings(found.findings)
        put_document(_as_stream(found.chosen))
        return Exit.OK
    plan = api.plan(request, found.artifacts, found.select)
    findings = (*found.findings, *api.upgrade_findings(request, found, plan))
    if options.diff:
        put_document("".join(write.unified(plan)))
    if options.check:
        return _check(options, findings, plan)
    if options.diff:
        put_findings((*findings, *write.report(plan)))
        return Exit.OK
    if errors_in(findings):
        put_report(findings, options.report_format, options.spec_file)
        return Exit.FINDINGS
    write.apply(plan)
    return _tell(options, findings, plan)


def _as_stream(artifacts: Iterable[Artifact]) -> str:
    """The files one after another, each behind a line that names it, as Helm prints them."""
    return "".join(f"---\n# Source: {artifact.path}\n{artifact.text}" for artifact in artifacts)


def _check(options: Options, findings: tuple[Finding, ...], plan: Plan) -> int:
    if options.report_format != "text":  # for people the words below name the files, shorter
        findings = (*findings, *write.stale(plan))
    _report(options, findings, plan, summary.checked(plan, options.commands()))
    return Exit.OK if plan.is_current else Exit.FINDINGS


def _tell(options: Options, findings: tuple[Finding, ...], plan: Plan) -> int:
    kept = write.report(plan)
    _report(options, (*findings, *kept), plan, summary.rendered(plan, options.commands()))
    return Exit.FINDINGS if kept else Exit.OK


def _report(options: Options, findings: tuple[Finding, ...], plan: Plan, words: str) -> None:
    """The findings, and in ``words`` what became of the files."""
    put_report(findings, options.report_format, options.spec_file, summary.as_object(plan))
    if options.report_format in ("text", "github"):  # GitHub shows lines that are no commands as they are
        put(words)
