"""Bytes to text, with a finding for everything that must not stand in a file."""

from __future__ import annotations

from typing import Final

from manifestgen.errors import Finding, Location, ManifestgenError
from manifestgen.yamlio.characters import RAW_CONTROL, escaped
from manifestgen.yamlio.read import check_size

_MOST_FINDINGS: Final = 20
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


def decode(content: str | bytes, file: str) -> str:
    """The text of a file without its byte order mark; raises ManifestgenError where there is none.

    What comes back can be given to the YAML parser: it is of bearable size and every character is allowed.
    """
    check_size(len(content), file)
    text = _from_utf8(content, file) if isinstance(content, bytes) else content
    text = text.removeprefix("\ufeff")
    _check_characters(text, file)
    return text


def place(text: str, position: int, file: str) -> Location:
    """Line and column of a character of the text, both from 1."""
    line_start = text.rfind("\n", 0, position) + 1
    return Location(file, text.count("\n", 0, position) + 1, position - line_start + 1)


def _from_utf8(content: bytes, file: str) -> str:
    if content.startswith(_UTF16):
        raise _encoding("the file is UTF-16", Location(file, 1, 1))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8").removeprefix("\ufeff")
        message = f"the byte 0x{content[error.start]:02x} is not UTF-8"
        raise _encoding(message, place(before, len(before), file)) from error


def _check_characters(text: str, file: str) -> None:
    nul = text.find("\0")
    if nul >= 0:
        raise _encoding("a NUL byte: this is not a text file", place(text, nul, file))
    findings = []
    for match in RAW_CONTROL.finditer(text):
        findings.append(_control(match[0], place(text, match.start(), file)))
        if len(findings) == _MOST_FINDINGS:
            break
    if findings:
        raise ManifestgenError(findings)


def _encoding(message: str, location: Location) -> ManifestgenError:
    advice = "save the file as UTF-8"
    return ManifestgenError([Finding("yaml-encoding", message, advice, location=location)])


def _control(char: str, location: Location) -> Finding:
    shown = escaped(char)
    return Finding(
        rule="yaml-control-character",
        message=f"the control character {shown} must not stand in the file",
        advice="delete it; an editor may not show it",
        location=location,
    )
