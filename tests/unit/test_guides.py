"""The parts of the guides: labels of diagrams, tables of contents, who is called and how soon."""

from __future__ import annotations

import re
import subprocess
from html import unescape
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from manifestgen.monitoring.runbooks.responses import _USUAL, duration, response_to
from manifestgen.rendering.markdown import link
from manifestgen.rendering.mermaid import label
from manifestgen.spec.handbook import Responses
from manifestgen.spec.prometheus import Severity
from manifestgen.targets.guides.tidying import CONTENTS, with_contents
from support.specs import platform_of, spec_of

MARKDOWN = MarkdownIt("commonmark").enable("table")
NASTY = (
    *('"]', "end", "#quot;", "<script>alert(1)</script>", "`", "\\", "{}|()[]", "-->", "%%{init}%%", "é 😀"),
    *(
        "a\nend\nb",
        "subgraph x",
        "style n0 fill:#f00",
        ";",
        "&amp;",
        "click n0 call()",
        "%% x",
        "::icon",
        "]]",
    ),
    *("\u2028", "$$x$$", "---", "title: x", "`**x**`", "1. x", "- x"),
)
any_text = st.one_of(
    st.sampled_from(NASTY),
    st.lists(st.sampled_from(NASTY), min_size=2, max_size=4).map("".join),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
)


def read(written: str) -> str:
    """What Mermaid shows of a label: `#...;` is an entity of HTML."""
    return unescape(re.sub(r"#(\d+|[a-z]+);", lambda one: f"&{'#' * one[1].isdigit()}{one[1]};", written))


@given(any_text)
def test_any_text_is_in_its_label_as_it_was(text: str) -> None:
    written = label(text)
    assert not set(written) & set('"<>`\\\n')
    assert read(written).strip() == " ".join(text.split()) and written


@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.generate],  # each look takes a second
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(any_text, min_size=10, max_size=30))
def test_no_text_breaks_a_diagram(tool: Any, texts: list[str]) -> None:
    diagram = drawn([*NASTY, *texts], label)
    done = subprocess.run(
        [str(tool("mermaid-parse"))], input=diagram, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "flowchart-v2"), done.stderr


def test_without_the_filter_a_diagram_breaks(tool: Any) -> None:
    done = subprocess.run(
        [str(tool("mermaid-parse"))], input=drawn(NASTY, str), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1


def drawn(texts: Any, quoted: Any) -> str:
    """A flowchart with each text in a node of each shape, on an arrow, and as the name of a group."""
    lines = ["flowchart LR"]
    for number, text in enumerate(texts):
        words = quoted(text)
        lines += [
            f'  subgraph g{number}["{words}"]',
            f'    a{number}["{words}<br>{words}"]',
            f'    b{number}[("{words}")]',
            "  end",
            f'  c{number}{{{{"{words}"}}}}',
            f'  d{number}(["{words}"])',
            f'  a{number} --> |"{words}"| d{number}',
        ]
    return "\n".join(lines)


@given(any_text, st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20))
def test_a_link_is_a_link_whatever_stands_in_it(text: str, path: str) -> None:
    page = MARKDOWN.parse(f"| {link('x' + text.replace('`', ''), 'https://h/' + path)} |\n| --- |\n")
    children = [child for token in page for child in token.children or []]
    assert [one.type for one in children if one.type.startswith("link")] == ["link_open", "link_close"]


# --- Contents --------------------------------------------------------------------------------------


def test_chapters_are_listed_and_blocks_are_left_as_they_are() -> None:
    block = "```sh\n## no chapter\n\n\n\n# x\n```"
    text = f"# T\n\n\n\n{CONTENTS}\n\n## One, two\n\n\n{block}\n\n## Three\n\n\n"
    assert with_contents(text) == (
        f"# T\n\n- [One, two](#one-two)\n- [Three](#three)\n\n## One, two\n\n{block}\n\n## Three\n"
    )


def test_a_block_within_a_list_ends_where_it_ends() -> None:
    text = "1. a:\n\n   ```sh\n   x\n\n\n   y\n   ```\n\n\n2. b\n"
    assert with_contents(text) == "1. a:\n\n   ```sh\n   x\n\n\n   y\n   ```\n\n2. b\n"


# --- Responses -------------------------------------------------------------------------------------


def test_the_usual_responses_are_those_of_the_spec() -> None:
    usual = Responses()
    assert {severity: getattr(usual, severity) for severity in get_args(Severity)} == _USUAL


@pytest.mark.parametrize(
    ("text", "words"),
    [("5m", "5 minutes"), ("1h", "1 hour"), ("2d", "2 days"), ("1h30m", "1h30m"), ("1w", "1 week")],
)
def test_durations_are_said_in_words(text: str, words: str) -> None:
    assert duration(text) == words


def test_pages_of_alerts_say_how_soon_the_spec_wants_somebody() -> None:
    platform = platform_of(spec_of(documentation={"responses": {"critical": "2m", "info": "2d"}}))
    assert response_to("critical", platform) == "within 2 minutes"
    assert response_to("warning", platform) == "within 30 minutes"
    assert response_to("info", platform) == "within 2 days"
    assert response_to("info", platform_of(spec_of())) == "at the daily review"
