"""Texts in HCL: what OpenBao's own parser makes of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from manifestgen.rendering.hcl import hcl
from support.hcl import HOSTILE_TEXTS, words
from support.shell import Tool

HOSTILE = list(HOSTILE_TEXTS)
texts = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=15)


@given(texts)
@example(HOSTILE)
@settings(deadline=None)
def test_any_text_is_one_text_on_one_line(drawn: list[str]) -> None:
    written = f"x = {hcl(drawn)}"
    assert written.isprintable()
    said = [word for one in drawn for word in ("text " + one, ",")][:-1]
    assert words(written) == ["x", "=", "[", *said, "]"]


@given(texts)
@example(HOSTILE)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_parser_of_openbao_reads_it(tool: Tool, tmp_path: Path, drawn: list[str]) -> None:
    # In a policy, whose syntax it checks; test_vault.py sees what a server makes of such texts.
    rules = [f"path {hcl('x/' + text)} {{\n  capabilities = {hcl(['read'])}\n}}\n" for text in drawn]
    file = tmp_path / "policy.hcl"
    file.write_text("".join(rules), encoding="utf-8")
    done = subprocess.run([tool("bao"), "policy", "fmt", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("value", "written"), [(True, "true"), (False, "false"), (8200, "8200"), ([], "[]")])
def test_what_is_no_text_stands_as_it_is(value: bool | int | list[str], written: str) -> None:
    assert hcl(value) == written
