"""The generated documents are fresh, and every rule is explained."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import manifestgen
from manifestgen.facts.lint import LEVELS
from manifestgen.facts.rules import RULES

SOURCE = Path(manifestgen.__file__).parent
DOCUMENTS = ("cli.md", "metrics.md", "spec.md", "rules.md", *(f"rules/{rule}.md" for rule in sorted(LEVELS)))


@pytest.fixture(scope="module")
def make_docs(repo_root: Path) -> Iterator[ModuleType]:
    sys.path.insert(0, str(repo_root / "tools"))
    spec = importlib.util.spec_from_file_location("make_docs", repo_root / "tools" / "make_docs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(repo_root / "tools"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_generated_documents_are_fresh(make_docs: ModuleType, repo_root: Path, name: str) -> None:
    documents = make_docs.documents()
    assert set(documents) == set(DOCUMENTS)
    assert (repo_root / "docs" / name).read_text() == documents[name], (
        "run .venv/bin/python tools/make_docs.py"
    )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_within_generated_documents_lead_somewhere(
    make_docs: ModuleType, repo_root: Path, name: str
) -> None:
    text = re.sub(r"`[^`]*`", "", make_docs.documents()[name])
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings} | set(
        re.findall(r'<a id="([^"]+)">', text)
    )
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert {link[1:] for link in links if link.startswith("#")} <= anchors
    files = {link.partition("#")[0] for link in links if not link.startswith(("#", "https://"))}
    folder = (repo_root / "docs" / name).parent
    assert all((folder / file).exists() for file in files)


def test_every_key_of_the_spec_has_a_meaning(make_docs: ModuleType) -> None:
    rows = [line for line in make_docs.documents()["spec.md"].splitlines() if line.startswith("| `")]
    assert len(rows) > 100
    assert [row for row in rows if row.endswith("|  |")] == []


def test_every_rule_is_explained_and_every_explained_rule_is_used() -> None:
    used = set(_rules_used())
    assert sorted(used - set(RULES)) == [], "explain them in facts/rules.py and run tools/make_docs.py"
    assert sorted(set(RULES) - used) == [], "remove them from facts/rules.py"


def test_the_meaning_of_a_rule_is_one_sentence() -> None:
    for rule, meaning in RULES.items():
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", rule)
        assert re.fullmatch(r"[A-Z`].*\.", meaning), meaning


def _rules_used() -> Iterator[str]:
    """Every rule that stands in the source: given to something that takes a ``rule``, or returned as one."""
    trees = {path: ast.parse(path.read_text()) for path in SOURCE.rglob("*.py")}
    everywhere = {name: place for tree in trees.values() for name, place in _takers(tree)}
    for path, tree in trees.items():
        defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        imported = {name: place for name, place in everywhere.items() if name not in defined}
        takers = imported | dict(_takers(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield from _given(node, takers)
            elif isinstance(node, ast.ClassDef) and node.name == "Reason":
                yield from (_text(item.value) for item in node.body if isinstance(item, ast.Assign))
            elif (
                isinstance(node, ast.Return)
                and isinstance(node.value, ast.Tuple)
                and path.stem == "complaints"
            ):
                yield from filter(None, [_text(node.value.elts[0])])


def _takers(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Functions and classes with a parameter ``rule``, and its position."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args if argument.arg not in ("self", "cls")]
        elif isinstance(node, ast.ClassDef):
            fields = [item.target for item in node.body if isinstance(item, ast.AnnAssign)]
            names = [field.id for field in fields if isinstance(field, ast.Name)]
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and "rule" in names:
            yield node.name, names.index("rule")


def _given(call: ast.Call, takers: dict[str, int]) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    place = takers.get(name)
    positional = [] if place is None else call.args[place : place + 1]
    by_keyword = [keyword.value for keyword in call.keywords if keyword.arg == "rule"]
    yield from filter(None, map(_text, [*positional, *by_keyword]))


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
