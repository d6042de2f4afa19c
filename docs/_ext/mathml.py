"""Formulas as MathML, made when the site is built: they show without scripts and without internet.

Browsers set MathML in the font that the page names; STIX Two Math comes with the package ziamath.
"""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

FONT = "STIXTwoMath-Regular.ttf"
logger = logging.getLogger(__name__)


def markup(self: Any, node: nodes.math | nodes.math_block, display: str) -> str:
    """The formula in MathML; one that cannot be read is a warning, and so fails the build."""
    try:
        return convert(node.astext().strip(), display=display)
    except Exception as error:  # whatever the converter trips over, the page is at fault
        logger.warning("formula %r: %r", node.astext(), error, location=node)
        return self.encode(node.astext())


def inline(self: Any, node: nodes.math) -> None:
    self.body.append(f'<span class="math">{markup(self, node, "inline")}</span>')
    raise nodes.SkipNode


def block(self: Any, node: nodes.math_block) -> None:
    self.body.append(f'<div class="math">{markup(self, node, "block")}</div>')
    raise nodes.SkipNode


def copy_font(app: Sphinx) -> None:
    """Before anything else: a theme would take a missing folder for the name of its logo's copy."""
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static"
        folder.mkdir(parents=True, exist_ok=True)
        with resources.as_file(resources.files("ziamath") / "fonts" / FONT) as font:
            shutil.copyfile(font, folder / FONT)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.connect("builder-inited", copy_font)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
