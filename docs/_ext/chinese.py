"""Chinese text set as Chinese: lines joined without spaces, `lang` where the language changes."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from chinese_text import CHINESE, NO_SPACE, is_chinese

LANGUAGE = "zh-Hans"
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
    """Give paragraphs in Chinese on English pages a class, for `lang` and the font."""
    if not is_chinese_page(app.env.docname):
        for paragraph in doctree.findall(nodes.paragraph):
            if is_chinese(paragraph.astext()):
                paragraph["classes"].append("chinese")


def is_chinese_page(name: str) -> bool:
    return name.startswith("zh/")


def add_language(app: Sphinx, name: str, template: str, context: dict[str, Any], tree: Any) -> None:
    body = context.get("body", "")
    if is_chinese_page(name):
        context["body"] = f'<div lang="{LANGUAGE}">{body}</div>'
    else:
        context["body"] = body.replace(
            '<p class="chinese"', f'<p lang="{LANGUAGE}" class="chinese"'
        )


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_transform(JoinLines)
    app.connect("doctree-read", mark)
    app.connect("html-page-context", add_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
