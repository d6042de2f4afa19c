"""What a page in another language needs beside Sphinx's own translation of its text.

Formulas that stand apart, which Sphinx would put through the markup of reStructuredText; and
lessons with one summary, as they come with one in Chinese from the start.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import init
from sphinx.transforms import SphinxTransform
from sphinx.util.i18n import docname_to_domain

BEFORE_SPHINX = 15  # its own translation has 20


class TranslateFormulas(SphinxTransform):
    """Take formulas with words in them from the catalogue as they stand there."""

    default_priority = BEFORE_SPHINX

    def apply(self, **kwargs: Any) -> None:
        folders = [self.env.srcdir / folder for folder in self.config.locale_dirs]
        domain = docname_to_domain(self.env.docname, self.config.gettext_compact)
        catalogue, found = init(folders, self.config.language, domain)
        for formula in self.document.findall(nodes.math_block) if found else ():
            formula.children = [nodes.Text(catalogue.gettext(formula.astext()))]
            formula["translatable"] = False  # no more


class OneSummary(SphinxTransform):
    """Where all is in Chinese, drop the summary that English pages have for Chinese readers."""

    default_priority = BEFORE_SPHINX

    def apply(self, **kwargs: Any) -> None:
        if self.config.language.startswith("zh"):
            for paragraph in list(self.document.findall(nodes.paragraph)):
                if paragraph.astext().startswith("小结。"):
                    paragraph.parent.remove(paragraph)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_transform(TranslateFormulas)
    app.add_transform(OneSummary)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
