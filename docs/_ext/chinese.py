"""The site in Chinese: pages not yet translated say so, `lang` where the language changes.

A page is translated where it has a catalogue, ``locale/zh_CN/LC_MESSAGES/PAGE.po``; what would be
missing in one is found by `tests/promises/test_translations.py`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform

from chinese_text import CHINESE, NO_SPACE, is_chinese

LANGUAGE = "zh-CN"
CATALOGUES = Path(__file__).resolve().parents[1] / "locale" / "zh_CN" / "LC_MESSAGES"
UNTRANSLATED = '<p class="untranslated">本页尚未译成中文，以下为英文原文。</p>'
STOPS = tuple("，。；：、？！）》”")
WORD_JOINER = "\u2060"


class JoinLines(SphinxTransform):
    """Take the line ends out of Chinese paragraphs, also where one meets emphasis or a formula."""

    default_priority = 200

    def apply(self, **kwargs: Any) -> None:
        for paragraph in self.document.findall(nodes.TextElement):
            if isinstance(paragraph.parent, nodes.TextElement) or "\n" not in paragraph.astext():
                continue
            whole = "".join(map(str, texts := list(paragraph.findall(nodes.Text))))
            if isinstance(paragraph, nodes.FixedTextElement) or not CHINESE.search(whole):
                continue
            gone = {match.start() for match in NO_SPACE.finditer(whole)}
            start = 0
            for text in texts:
                new = "".join(c for i, c in enumerate(text, start) if i not in gone)
                start += len(text)
                if new != text:
                    swap(text, new)
        for formula in self.document.findall(nodes.math):
            following = formula.next_node(descend=False, siblings=True)
            if isinstance(following, nodes.Text) and following[:1] in STOPS:
                swap(following, WORD_JOINER + following)  # else a line could begin with the stop


def swap(text: nodes.Text, new: str) -> None:
    """Put `new` in the place of this very node; a line's end equals every other line's end."""
    parent = text.parent
    place = next(i for i, child in enumerate(parent.children) if child is text)
    parent[place] = nodes.Text(new)


def mark(app: Sphinx, doctree: nodes.document) -> None:
    """Give paragraphs in Chinese on pages in English a class, for `lang`."""
    if not is_translated(app.config.language, app.env.docname):
        for paragraph in doctree.findall(nodes.paragraph):
            if is_chinese(paragraph.astext()):
                paragraph["classes"].append("chinese")


def is_translated(language: str, page: str) -> bool:
    return language == "zh_CN" and (CATALOGUES / f"{page}.po").is_file()


def add_language(app: Sphinx, name: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Say of which language a page is, or a paragraph on it, where that is not the site's."""
    if tree is None or is_translated(app.config.language, name):
        return
    body = context["body"].replace('<p class="chinese"', f'<p lang="{LANGUAGE}" class="chinese"')
    if app.config.language == "zh_CN":
        body = f'{UNTRANSLATED}\n<div lang="en">{body}</div>'
    context["body"] = body


def set_language(app: Sphinx, config: Config) -> None:
    """For code that is run for a page, such as that of the command line, and for the theme."""
    os.environ["SITE_LANGUAGE"] = config.language
    if config.language == "zh_CN":
        config.html_theme_options["header_dropdown_text"] = "更多"


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_transform(JoinLines)
    app.connect("config-inited", set_language)
    app.connect("doctree-read", mark)
    app.connect("html-page-context", add_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
