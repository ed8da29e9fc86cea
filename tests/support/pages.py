"""Pages of Markdown: their links, headings and blocks."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping

from markdown_it import MarkdownIt

from manifestgen.targets.guides.tidying import anchor

MARKDOWN = MarkdownIt("commonmark").enable("table")


def links(text: str) -> list[str]:
    """Where the links of a page lead to."""
    return [
        str(child.attrs["href"])
        for token in MARKDOWN.parse(text)
        for child in token.children or []
        if child.type == "link_open"
    ]


def headings(text: str, level: int) -> list[str]:
    """The headings of a level, as they are written."""
    found = MARKDOWN.parse(text)
    return [
        found[index + 1].content
        for index, token in enumerate(found)
        if token.type == "heading_open" and token.tag == f"h{level}"
    ]


def _anchors(text: str) -> set[str]:
    found = MARKDOWN.parse(text)
    titles = [found[index + 1] for index, token in enumerate(found) if token.type == "heading_open"]
    return {anchor("".join(child.content for child in title.children or [])) for title in titles}


def dead_links(pages: Mapping[str, str], files: Collection[str]) -> list[tuple[str, str]]:
    """Links of pages to files that are not there, and to headings that no page has."""
    anchors = {page: _anchors(text) for page, text in pages.items()}
    dead = []
    for page, text in pages.items():
        for link in links(text):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, fragment = link.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
            if target not in files or (fragment and fragment not in anchors.get(target, ())):
                dead.append((page, link))
    return dead
