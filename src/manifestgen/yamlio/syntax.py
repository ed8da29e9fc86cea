"""The parser's complaints in words that help."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from manifestgen.errors import Finding, Location


class _Help(NamedTuple):
    message: str
    advice: str


_QUOTE: Final = "put the text in double quotes"
_INDENT: Final = "give all keys of a map, and all dashes of a list, the same indentation"
_ESCAPE: Final = "write a backslash as '\\\\', or use single quotes"
_ANYTHING: Final = "check the quotes, colons and indentation of this line and the one above"

# What libyaml says, and what it means to the person who wrote the file.
_PROBLEMS: Final[dict[str, _Help]] = {
    "mapping values are not allowed in this context": _Help(
        "a colon is not allowed here", "put a text with ': ' in double quotes, or check the indentation"
    ),
    "found character that cannot start any token": _Help("a value cannot start with this character", _QUOTE),
    "did not find expected key": _Help("a key is expected here", f"quote texts as a whole; {_INDENT}"),
    "did not find expected '-' indicator": _Help("a '-' is expected here, as in the lines above", _INDENT),
    "did not find expected node content": _Help(
        "a value is expected here", "write one, and close '[' and '{'"
    ),
    "did not find expected ',' or ']'": _Help("a ',' or ']' is expected here", "close the list with ']'"),
    "did not find expected ',' or '}'": _Help("a ',' or '}' is expected here", "close the map with '}'"),
    "could not find expected ':'": _Help("there is no ':' after this key", "write 'key: value'"),
    "did not find expected <document start>": _Help("this does not belong to the lines above", _ANYTHING),
    "found unexpected end of stream": _Help("this quote is never closed", "close it on the same line"),
    "found unexpected document indicator": _Help(
        "this quote is not closed before the document ends", "close it"
    ),
    "found unexpected ':'": _Help("inside [ ] or { } a text with a ':' needs quotes", _QUOTE),
    "found unknown escape character": _Help("there is no such escape in double quotes", _ESCAPE),
    "found invalid Unicode character escape code": _Help("there is no such character", _ESCAPE),
    "did not find expected hexdecimal number": _Help("hexadecimal digits are expected here", _ESCAPE),
    "block sequence entries are not allowed in this context": _Help(
        "a list cannot start here", "put the '-' on a line of its own, below the key"
    ),
    "found undefined tag handle": _Help("this tag is not supported", "delete the tag"),
    "found incompatible YAML document": _Help("this version of YAML is not known", "delete the %YAML line"),
}
_REFERENCE: Final = _Help("a text that starts with '&' or '*' needs quotes", _QUOTE)
_TAG: Final = _Help("a text that starts with '!' needs quotes", _QUOTE)
_DIRECTIVE: Final = _Help("a line that starts with '%' is not supported", "delete it, or quote the text")
_BLOCK: Final = _Help("after '|' or '>' the text starts on a line of its own", "put it below, indented")
# What libyaml was doing, for problems with many names.
_CONTEXTS: Final[dict[str, _Help]] = {
    "while scanning an anchor": _REFERENCE,
    "while scanning an alias": _REFERENCE,
    "while scanning a tag": _TAG,
    "while parsing a tag": _TAG,
    "while scanning a directive": _DIRECTIVE,
    "while scanning a %YAML directive": _DIRECTIVE,
    "while scanning a tag directive": _DIRECTIVE,
    "while parsing a tag directive": _DIRECTIVE,
    "while scanning a block scalar": _BLOCK,
}
_AT_ITS_START: Final = frozenset(
    {
        "found unexpected end of stream",
        "found unexpected document indicator",
        "could not find expected ':'",
    }
)


def syntax_finding(error: Any, text: str, file: str) -> Finding:
    """The finding for an error of the parser, at the place where the mistake is to be mended."""
    mark = error.problem_mark or error.context_mark
    if error.problem in _AT_ITS_START and error.context_mark is not None:
        mark = error.context_mark
    tab = _tab_column(text, mark.line, mark.column)
    if tab is not None:
        return Finding(
            rule="yaml-tab",
            message="a tab cannot indent a line of YAML",
            advice="indent with spaces; most editors can convert the file",
            location=Location(file, mark.line + 1, tab + 1),
        )
    location = Location(file, mark.line + 1, mark.column + 1)
    message, advice = _help(error)
    return Finding("yaml-syntax", message, advice, location=location)


def _tab_column(text: str, line: int, column: int) -> int | None:
    """Where the tab is, if the mistake is one or sits behind one in the indentation of its line."""
    lines = text.split("\n", line + 1)
    found = lines[line] if line < len(lines) else ""
    indentation = found[: len(found) - len(found.lstrip())]
    if "\t" in indentation:
        return indentation.index("\t")
    return column if found[column : column + 1] == "\t" else None


def _help(error: Any) -> _Help:
    found = _PROBLEMS.get(error.problem) or _CONTEXTS.get(error.context)
    return found or _Help(str(error.problem), _ANYTHING)
