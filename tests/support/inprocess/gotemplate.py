"""Go's text/template with the functions of Helm that our charts use: read from the text that is emitted."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple

_ACTION: Final = re.compile(
    r"\{\{(?P<left>- )?(?P<body>(?:`[^`]*`|\"(?:\\.|[^\"\\])*\"|/\*.*?\*/|[^`\"])*?)(?P<right> -)?\}\}",
    re.DOTALL,
)
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<raw>`[^`]*`)|(?P<string>\"(?:\\.|[^\"\\])*\")|(?P<number>-?[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<field>\.[A-Za-z_][A-Za-z0-9_]*)|(?P<dot>\.)|(?P<variable>\$[A-Za-z_][A-Za-z0-9_]*|\$)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>:=|[|(),]))"
)


class TemplateError(ValueError):
    """What Helm would stop at, or what this reading of it does not know."""


class Text(NamedTuple):
    """Characters to print."""

    text: str


@dataclass
class Block:
    """``if``, ``with``, ``range`` or ``define``, with what stands inside and behind ``else``."""

    word: str
    pipeline: Any
    body: list[Any] = field(default_factory=list)
    otherwise: list[Any] = field(default_factory=list)


class Print(NamedTuple):
    """A pipeline whose value is printed."""

    pipeline: Any


# --- Parsing ---------------------------------------------------------------------------------------


def _pieces(text: str) -> Iterator[Text | str]:
    """Text and the insides of actions, white space trimmed where an action says so."""
    end, trim = 0, False
    for match in _ACTION.finditer(text):
        before = text[end : match.start()]
        before = before.lstrip(" \t\r\n") if trim else before
        yield Text(before.rstrip(" \t\r\n") if match["left"] else before)
        yield match["body"].strip()
        end, trim = match.end(), bool(match["right"])
    rest = text[end:]
    yield Text(rest.lstrip(" \t\r\n") if trim else rest)


def parse(text: str) -> list[Any]:
    """The nodes of a template; blocks are closed, expressions are read."""
    root = Block("", None)
    open_blocks: list[tuple[Block, list[Any]]] = [(root, root.body)]
    for piece in _pieces(text):
        if isinstance(piece, Text):
            open_blocks[-1][1].append(piece)
        else:
            _action(piece, open_blocks)
    if len(open_blocks) != 1:
        raise TemplateError(f"{open_blocks[-1][0].word} without end")
    return root.body


def _action(body: str, open_blocks: list[tuple[Block, list[Any]]]) -> None:
    word, _, rest = body.partition(" ")
    if body.startswith("/*"):
        return
    if word in ("if", "with", "range", "define"):
        block = Block(word, _expression(rest))
        open_blocks[-1][1].append(block)
        open_blocks.append((block, block.body))
    elif word == "else":
        block, _ = open_blocks.pop()
        open_blocks.append((block, block.otherwise))
        if rest:
            _action(rest, open_blocks)
            raise TemplateError("else if: not used by our charts")
    elif word == "end":
        open_blocks.pop()
    else:
        open_blocks[-1][1].append(Print(_expression(body)))


@cache
def _expression(text: str) -> Any:
    tokens = list(_tokens(text))
    pipeline, place = _pipeline(tokens, 0)
    if place != len(tokens):
        raise TemplateError(f"cannot read {text!r}")
    return pipeline


def _tokens(text: str) -> Iterator[tuple[str, str, bool]]:
    """Kind, text, and whether white space stands before it."""
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise TemplateError(f"cannot read {text[place:]!r}")
        yield match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) > place
        place = match.end()


Tokens = list[tuple[str, str, bool]]


def _pipeline(tokens: Tokens, place: int) -> tuple[Any, int]:
    commands: list[Any] = []
    while True:
        words: list[Any] = []
        while place < len(tokens) and tokens[place][1] not in ("|", ")"):
            operand, place = _operand(tokens, place)
            words.append(operand)
        if not words:
            raise TemplateError("an empty command")
        commands.append(tuple(words))
        if place == len(tokens) or tokens[place][1] == ")":
            return ("pipeline", tuple(commands)), place
        place += 1


def _operand(tokens: Tokens, place: int) -> tuple[Any, int]:
    kind, text, _ = tokens[place]
    place += 1
    if text == "(":
        operand, place = _pipeline(tokens, place)
        if place == len(tokens):
            raise TemplateError("( without )")
        place += 1
    elif kind in _READ:
        operand = _READ[kind](text)
    else:
        raise TemplateError(f"{text!r} is not used by our charts")
    names: list[str] = []
    while place < len(tokens) and tokens[place][0] == "field" and not tokens[place][2]:
        names.append(tokens[place][1][1:])
        place += 1
    return (("chain", operand, tuple(names)) if names else operand), place


_READ: Final[dict[str, Callable[[str], Any]]] = {
    "raw": lambda text: ("constant", text[1:-1]),
    "string": lambda text: ("constant", json.loads(text)),
    "number": lambda text: ("constant", json.loads(text)),
    "field": lambda text: ("chain", ("dot",), (text[1:],)),
    "dot": lambda text: ("dot",),
    "variable": lambda text: ("variable", text),
    "word": lambda text: ("word", text),
}

# --- Values as Go prints them ----------------------------------------------------------------------


def is_true(value: Any) -> bool:
    """Whether ``if`` takes the value for true."""
    return bool(value)


def printed(value: Any) -> str:
    """A value as an action prints it; numbers of values files are floats in Helm."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, Whole):
        return str(int(value))
    if isinstance(value, int | float):
        return _number(float(value))
    raise TemplateError(f"our charts print no {type(value).__name__}")


def _number(value: float) -> str:
    """``%v`` of a float64: the shortest digits, with an exponent below 1e-4 and from 1e6 on... by digits."""
    if value == 0:
        return "0"
    digits, _, exponent = f"{value!r}".partition("e")
    power = int(f"{abs(value):e}".partition("e")[2])
    shortest = f"{value:.17g}" if exponent else digits
    if -4 <= power < 21 and abs(value) < 1e6:
        return shortest.removesuffix(".0")
    mantissa = _shortest_mantissa(value)
    return f"{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _shortest_mantissa(value: float) -> str:
    for precision in range(17):
        text = f"{value:.{precision}e}"
        if float(text) == value:
            return text.partition("e")[0]
    raise AssertionError("17 digits are enough for every float")


class Whole(int):
    """What ``int64`` gives."""


def go_quoted(text: str) -> str:
    """``text`` in double quotes, with what cannot be printed escaped; readers of Go and YAML agree on it."""
    pieces = [_escape(character) for character in text]
    return f'"{"".join(pieces)}"'


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if 32 <= code < 127:
        return character
    return f"\\x{code:02x}" if code < 128 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _flow(value: Any) -> str:
    """YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{go_quoted(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        return go_quoted(value)
    return json.dumps(value)


def to_yaml(value: Any) -> str:
    """What means the same as Helm's ``toYaml``: a block on the outside, for it may be put below a key."""
    if isinstance(value, dict) and value:
        return "\n".join(f"{go_quoted(key)}: {_flow(item)}" for key, item in value.items())
    if isinstance(value, list) and value:
        return "\n".join(f"- {_flow(item)}" for item in value)
    return _flow(value)


_HTML: Final = re.compile("[<>&\u2028\u2029]")


def to_json(value: Any) -> str:
    """Go's encoding/json: keys sorted, and what HTML could take for its own escaped."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return _HTML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


# --- Evaluation ------------------------------------------------------------------------------------


def _required(message: str, value: Any) -> Any:
    if value is None or value == "":
        raise TemplateError(message)
    return value


def _format(template: str, *values: Any) -> str:
    if re.sub("%s", "", template).count("%"):
        raise TemplateError(f"printf {template!r} is not used by our charts")
    return template.replace("%s", "{}").format(*map(printed, values))


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else value[int(key)]
    return value


def _has_key(value: Any, key: str) -> bool:
    if not isinstance(value, dict):
        raise TemplateError(f"hasKey of a {type(value).__name__}")
    return key in value


_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "quote": lambda *values: " ".join(go_quoted(printed(value)) for value in values if value is not None),
    "toYaml": to_yaml,
    "toJson": to_json,
    "sha256sum": lambda text: hashlib.sha256(text.encode()).hexdigest(),
    "nindent": lambda count, text: "\n" + "\n".join(" " * count + line for line in text.split("\n")),
    "int64": lambda value: Whole(int(value)),
    "default": lambda fallback, value=None: value if is_true(value) else fallback,
    "dict": lambda: {},
    "list": lambda *items: list(items),
    "not": lambda value: not is_true(value),
    "hasKey": _has_key,
    "index": _index,
    "required": _required,
    "printf": _format,
    "replace": lambda old, new, text: text.replace(old, new),
    "trunc": lambda length, text: text[:length],
    "trimSuffix": lambda suffix, text: text.removesuffix(suffix),
}


class Engine:
    """Executes templates with the definitions of a chart."""

    def __init__(self, definitions: Sequence[list[Any]]) -> None:
        self._definitions = {
            node.pipeline[1][0][0][1]: node.body
            for nodes in definitions
            for node in nodes
            if isinstance(node, Block) and node.word == "define"
        }

    def render(self, nodes: list[Any], root: Any) -> str:
        """The text of a template."""
        return "".join(self._nodes(nodes, root, root))

    def _nodes(self, nodes: list[Any], dot: Any, root: Any) -> Iterator[str]:
        for node in nodes:
            match node:
                case Text(text):
                    yield text
                case Print(pipeline):
                    yield printed(self._value(pipeline, dot, root))
                case Block("define"):
                    pass
                case Block():
                    yield from self._block(node, dot, root)

    def _block(self, block: Block, dot: Any, root: Any) -> Iterator[str]:
        value = self._value(block.pipeline, dot, root)
        if not is_true(value):
            yield from self._nodes(block.otherwise, dot, root)
        elif block.word == "range":
            for item in value.values() if isinstance(value, dict) else value:
                yield from self._nodes(block.body, item, root)
        else:
            yield from self._nodes(block.body, value if block.word == "with" else dot, root)

    def _value(self, node: Any, dot: Any, root: Any) -> Any:
        match node:
            case ("pipeline", commands):
                piped: tuple[Any, ...] = ()
                for command in commands:
                    piped = (self._command(command, piped, dot, root),)
                return piped[0]
            case ("constant", value):
                return value
            case ("dot",):
                return dot
            case ("variable", "$"):
                return root
            case ("chain", operand, names):
                return self._member(self._value(operand, dot, root), names)
            case ("word", word):
                return self._call(word, (), dot, root)
            case _:
                raise TemplateError(f"{node} is not used by our charts")

    @staticmethod
    def _member(value: Any, names: Sequence[str]) -> Any:
        for name in names:
            if not isinstance(value, dict):
                raise TemplateError(f"nil pointer: {name} of a {type(value).__name__}")
            value = value.get(name)
        return value

    def _command(self, words: tuple[Any, ...], piped: tuple[Any, ...], dot: Any, root: Any) -> Any:
        first, *rest = words
        if first[0] != "word":
            if rest or piped:
                raise TemplateError(f"{first} is no function")
            return self._value(first, dot, root)
        if first[1] in ("and", "or"):
            return self._logic(first[1], rest, dot, root)
        arguments = [self._value(word, dot, root) for word in rest]
        return self._call(first[1], (*arguments, *piped), dot, root)

    def _logic(self, word: str, operands: Sequence[Any], dot: Any, root: Any) -> Any:
        value: Any = None
        for operand in operands:
            value = self._value(operand, dot, root)
            if is_true(value) == (word == "or"):
                break
        return value

    def _call(self, name: str, arguments: tuple[Any, ...], dot: Any, root: Any) -> Any:
        if name in ("true", "false"):
            return name == "true"
        if name == "include":
            template, context = arguments
            return "".join(self._nodes(self._definitions[template], context, context))
        if name not in _FUNCTIONS:
            raise TemplateError(f"the function {name} is not used by our charts")
        return _FUNCTIONS[name](*arguments)
