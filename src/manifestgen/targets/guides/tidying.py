"""The text of a document: its table of contents, and single blank lines, which templates need not count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

CONTENTS: Final = "[[contents]]"
"""Stands in a template where the table of contents goes."""
_FENCE: Final = re.compile(r" *(?P<marks>`{3,})(?P<language>.*)")
_NOT_IN_ANCHOR: Final = re.compile(r"[^\w\- ]")


def with_contents(text: str) -> str:
    """``text`` with links to its chapters, and without blank lines that follow each other."""
    lines = list(_tidied(text.splitlines()))
    chapters = [line.removeprefix("## ") for line in _outside(lines) if line.startswith("## ")]
    links = [f"- [{title}](#{anchor(title)})" for title in chapters]
    whole = "\n".join("\n".join(links) if line == CONTENTS else line for line in lines)
    return whole.strip("\n") + "\n"


def anchor(title: str) -> str:
    """The anchor that GitHub and GitLab give to a heading."""
    return _NOT_IN_ANCHOR.sub("", title.lower()).replace(" ", "-")


def _tidied(lines: list[str]) -> Iterator[str]:
    closing = blank = ""
    was_blank = False
    for line in lines:
        closing = _after(line, closing)
        is_blank = line.strip() == blank and not closing
        if not (is_blank and was_blank):
            yield line.rstrip() if not closing else line
        was_blank = is_blank


def _outside(lines: list[str]) -> Iterator[str]:
    """The lines that are in no block of code."""
    closing = ""
    for line in lines:
        before, closing = closing, _after(line, closing)
        if not before and not closing:
            yield line


def _after(line: str, closing: str) -> str:
    """What would end the block of code that one is in behind ``line``; empty outside of one."""
    found = _FENCE.fullmatch(line)
    if found is None:
        return closing
    if not closing:
        return found["marks"]
    return "" if found["marks"].startswith(closing) and not found["language"].strip() else closing
