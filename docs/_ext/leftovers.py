"""Markup that reached a page unread, such as dollar signs, is a warning, and so fails the build."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# Here such characters are meant as they stand; `dt` has the signatures, with their **settings.
LITERAL = frozenset({"pre", "code", "math", "dt", "svg", "script", "style"})
BLOCKS = frozenset({"p", "li", "td", "th", "dd", "div", "h1", "h2", "h3", "h4"})
MARKUP = re.compile(
    r"\$"  # formulas
    r"|\\[()\[\]]|\\[a-zA-Z]+"  # TeX
    r"|\*\*[^*\n]+\*\*|`|\]\("  # bold, code and links; an argument may be called **options
    r"|:::|\{[a-z:-]+\}"  # directives and roles
    r"|\|--|^ *#{1,6} ",  # tables and headings
    re.M,
)


class _Prose(HTMLParser):
    """A page's text without what is code, a formula or a picture."""

    def __init__(self) -> None:
        super().__init__()
        self.literal = 0  # depth
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.literal += tag in LITERAL
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.literal -= tag in LITERAL

    def handle_data(self, data: str) -> None:
        if not self.literal:
            self.parts.append(data)


def leftovers(html: str) -> list[str]:
    """Each piece of markup in a page's prose, with the words around it."""
    prose = _Prose()
    prose.feed(html)
    text = "".join(prose.parts)
    return [
        " ".join(text[max(0, match.start() - 30) : match.end() + 30].split())
        for match in MARKUP.finditer(text)
    ]


def check(app: Sphinx, name: str, template: str, context: dict[str, Any], tree: Any) -> None:
    from sphinx.util import logging  # here, so that the tests need no Sphinx

    for words in leftovers(context.get("body", "")) if tree is not None else ():
        logging.getLogger(__name__).warning("markup left in the text: %r", words, location=name)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
