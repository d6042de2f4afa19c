"""Code and output that are wider than a page are a warning, and so fail the build.

88 columns fit beside both menus at 1280 pixels. Pages of the package's own source have 100.
"""

from __future__ import annotations

import unicodedata
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

WIDTH = 88


class _Preformatted(HTMLParser):
    """The text of all blocks that keep their lines."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.depth += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre":
            self.depth -= 1
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.parts.append(data)


def columns(line: str) -> int:
    """How many columns a line takes: a Chinese character has two, an accent of its own none."""
    shown = [char for char in line if not unicodedata.combining(char)]
    return len(shown) + sum(unicodedata.east_asian_width(char) in "WF" for char in shown)


def too_wide(html: str) -> list[str]:
    """Each line of a page's code and output that has more than 88 columns."""
    parser = _Preformatted()
    parser.feed(html)
    return [line for line in "".join(parser.parts).splitlines() if columns(line) > WIDTH]


def check(app: Sphinx, name: str, template: str, context: dict[str, Any], tree: Any) -> None:
    from sphinx.util import logging  # here, so that the tests need no Sphinx

    for line in too_wide(context.get("body", "")) if tree is not None else ():
        message = "%d columns, more than %d: %s"
        logging.getLogger(__name__).warning(message, columns(line), WIDTH, line, location=name)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
