"""The calls in a block of shell, read by shfmt's parser: words with their variables filled in."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

UNKNOWN = "\ufffd"
"""Stands in a word for what is known only when it runs: the output of a command, an argument."""
Node = dict[str, Any]

_WHERE = re.compile(r"\s*in (?P<names>[a-z0-9-]+(?:, [a-z0-9-]+)*)")
_OTHERS = re.compile(r"\s*or (?P<names>[a-z0-9-]+(?:, [a-z0-9-]+)*)(?:: .*)?")
_ELSEWHERE = re.compile(r"\s*(?:export )?(?P<name>\w+)=(?P<value>\S+)\s+# in (?P<names>.+)")


class Call(NamedTuple):
    """A program with its arguments, the line it stands on, and what is fed to it."""

    words: tuple[str, ...]
    line: int
    fed: str | None = None


class NotShellError(Exception):
    """The block is no shell."""


@cache
def parsed(text: str, shfmt: Path) -> Node:
    """The syntax tree of a block; raises NotShellError with the parser's words."""
    command = [str(shfmt), "--language-dialect=bash", "--to-json"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotShellError(done.stderr.strip())
    tree: Node = json.loads(done.stdout)
    return tree


def is_for(text: str, environment: str) -> bool:
    """Whether a block that begins with ``# in NAME`` is for an environment."""
    found = re.match(r"# in (.+)\n", text)
    return found is None or environment in found[1].split(", ")


class Reader:
    """Goes through a block as one environment runs it."""

    def __init__(self, environment: str, variables: Mapping[str, str], choices: Mapping[str, str]) -> None:
        self.environment = environment
        self.variables = dict(variables)
        self.functions: set[str] = set()
        self._choices = choices
        """For a variable with alternatives in its comment, the one that is tried."""

    def calls(self, tree: Node) -> Iterator[Call]:
        """All calls, those in pipes, substitutions and functions as well."""
        for statement in tree.get("Stmts") or ():
            yield from self._statement(statement)

    def _statement(self, statement: Node) -> Iterator[Call]:
        end = statement["End"]["Line"]
        for comment in statement.get("Comments") or ():
            self._assigned_elsewhere(comment["Text"])
            found = _WHERE.fullmatch(comment["Text"])
            behind = comment["Pos"]["Line"] == end
            if found is not None and behind and self.environment not in found["names"].split(", "):
                return
        yield from self._command(statement["Cmd"], _fed(statement))
        for comment in statement.get("Comments") or ():
            if comment["Pos"]["Line"] == end and _OTHERS.fullmatch(comment["Text"]):
                self._chosen(statement["Cmd"])

    def _assigned_elsewhere(self, text: str) -> None:
        found = _ELSEWHERE.fullmatch(text)
        if found is not None and self.environment in found["names"].split(", "):
            self.variables[found["name"]] = found["value"].strip("'")

    def _chosen(self, command: Node) -> None:
        for one in command.get("Assigns") or ():
            name = one["Name"]["Value"]
            self.variables[name] = self._choices.get(name, self.variables[name])

    def _command(self, command: Node, fed: str | None) -> Iterator[Call]:
        kind = command["Type"]
        if kind == "CallExpr":
            yield from self._call(command, fed)
        elif kind == "DeclClause":
            for one in command.get("Args") or ():
                yield from self._assign(one)
        elif kind == "BinaryCmd":
            yield from self._statement({"End": command["End"], **command["X"]})
            yield from self._statement({"End": command["End"], **command["Y"]})
        elif kind == "FuncDecl":
            self.functions.add(command["Name"]["Value"])
            yield from self._statement(command["Body"])
        elif kind in ("Block", "Subshell"):
            yield from self.calls(command)
        else:
            raise NotShellError(f"{kind} is more than a document should ask of people")

    def _call(self, command: Node, fed: str | None) -> Iterator[Call]:
        for one in command.get("Assigns") or ():
            yield from self._assign(one)
        words = command.get("Args") or ()
        for word in words:
            yield from self._inside(word)
        if words:
            yield Call(tuple(map(self.word, words)), command["Pos"]["Line"], fed)

    def _assign(self, assignment: Node) -> Iterator[Call]:
        value = assignment.get("Value") or {"Parts": []}
        yield from self._inside(value)
        self.variables[assignment["Name"]["Value"]] = self.word(value)

    def _inside(self, word: Node) -> Iterator[Call]:
        for part in word.get("Parts") or ():
            if part["Type"] == "CmdSubst":
                yield from self.calls(part)
            elif part["Type"] == "DblQuoted":
                yield from self._inside(part)

    def word(self, word: Node) -> str:
        """A word with its variables filled in."""
        return "".join(map(self._part, word.get("Parts") or ()))

    def _part(self, part: Node) -> str:
        match part["Type"]:
            case "Lit":
                return re.sub(r"\\(.)", r"\1", part["Value"])
            case "SglQuoted":
                return str(part["Value"])
            case "DblQuoted":
                return self.word(part)
            case "ParamExp":
                return self.variables.get(part["Param"]["Value"], UNKNOWN)
        return UNKNOWN


def alternatives(tree: Node) -> dict[str, list[str]]:
    """The variables that a comment gives more values for, with these."""
    found: dict[str, list[str]] = {}
    for statement in tree.get("Stmts") or ():
        for comment in statement.get("Comments") or ():
            others = _OTHERS.fullmatch(comment["Text"])
            if others is not None and comment["Pos"]["Line"] == statement["End"]["Line"]:
                for one in statement["Cmd"].get("Assigns") or ():
                    own = "".join(part.get("Value", "") for part in one["Value"]["Parts"])
                    found[one["Name"]["Value"]] = [own, *others["names"].split(", ")]
    return found


def _fed(statement: Node) -> str | None:
    for one in statement.get("Redirs") or ():
        if "Hdoc" in one:
            return "".join(part.get("Value", "") for part in one["Hdoc"]["Parts"])
    return None
