"""Which options a program takes, asked of the program itself."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Parsed(NamedTuple):
    """Arguments by what they are."""

    rest: list[str]
    options: dict[str, list[str]]
    unknown: list[str]


@cache
def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr


@cache
def of_kubectl(kubectl: Path, *verbs: str) -> Mapping[str, bool]:
    """The options of a verb, each with whether it wants a value; short ones, too."""
    found: dict[str, bool] = {}
    for text in (_said(str(kubectl), *verbs, "--help"), _said(str(kubectl), "options")):
        for short, name, default in re.findall(r"^ +(?:-(\w), )?--([\w-]+)=(.*):$", text, re.MULTILINE):
            wants = default not in ("true", "false") and not default.startswith("'none'")
            found[f"--{name}"] = wants
            if short:
                found[f"-{short}"] = wants
    return found


@cache
def of_cobra(program: Path, *verbs: str) -> Mapping[str, bool]:
    """The same of Helm and others whose help looks like its."""
    found: dict[str, bool] = {}
    line = re.compile(r"^ +(?:-(\w), )?--([\w-]+)(?: (\w+)(\[=[^\]]*\])?)?(?:  |$)", re.MULTILINE)
    for short, name, kind, may in line.findall(_said(str(program), *verbs, "--help")):
        found[f"--{name}"] = bool(kind) and not may
        if short:
            found[f"-{short}"] = bool(kind) and not may
    return found


@cache
def of_script(script: Path) -> Mapping[str, bool]:
    """The options of one of our scripts."""
    text = _said("bash", str(script), "--help")
    lines = re.findall(r"^  (--\S.*?)(?:  |$)", text, re.MULTILINE)
    return {
        name: bool(re.search(rf"{name} [A-Z]", line))
        for line in lines
        for name in re.findall(r"--[\w-]+", line)
    }


def parse(words: Sequence[str], known: Mapping[str, bool]) -> Parsed:
    """Arguments by ``known`` options; what follows ``--`` is left out."""
    parsed = Parsed([], {}, [])
    remaining = list(words)
    while remaining:
        word = remaining.pop(0)
        if word == "--":
            break
        if not word.startswith("-") or word == "-":
            parsed.rest.append(word)
            continue
        name, has_value, value = word.partition("=")
        if name not in known:
            parsed.unknown.append(name)
        elif not has_value and known[name]:
            value = remaining.pop(0) if remaining else ""
        parsed.options.setdefault(name, []).append(value)
    return parsed
