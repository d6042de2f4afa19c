"""Names in any script: a font of this machine is found for what matplotlib's own does not have."""

from __future__ import annotations

import functools
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hyalite.errors import require

# Fonts with many scripts, as systems and their packages bring them; those that are there are asked.
FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Hiragino Sans",
    "Yu Gothic",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "SimHei",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "Arial Unicode MS",
    "Noto Sans",
    "Segoe UI",
    "Segoe UI Emoji",
    "Noto Sans Devanagari",
    "Noto Sans Arabic",
    "Noto Sans Thai",
    "Noto Emoji",
)
NUMBER = r"$\mathdefault{"  # how matplotlib begins a number that it writes as a formula
LAST_OF_OWN = "\u024f"  # matplotlib's own font has Latin, and more; to ask for more costs nothing


def picture_class() -> Any:
    """A matplotlib Figure whose texts are `written` whenever it is drawn.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    module = require("matplotlib.figure", extra="plot", purpose="drawing pictures")
    return _subclass(module.Figure)


@functools.cache
def _subclass(base: Any) -> Any:
    class Picture(base):  # type: ignore[misc]
        """A figure in which names of any script are read."""

        def draw(self, renderer: Any) -> None:
            with written(self):
                super().draw(renderer)

        def get_tightbbox(self, *args: Any, **options: Any) -> Any:
            with written(self):
                return super().get_tightbbox(*args, **options)

        def __reduce__(self) -> Any:
            """Pickled as a plain Figure: a class made in a function is not found again."""
            return (base.__new__, (base,), self.__getstate__())

    return Picture


@contextmanager
def written(figure: Any) -> Iterator[None]:
    """For texts beyond Latin further fonts are asked; what no font has is a box, without a warning.

    A name with dollar signs is a name, no formula; the powers of ten on a logarithmic axis are one.
    """
    module = require("matplotlib.text", extra="plot", purpose="drawing pictures")
    for text in figure.findobj(module.Text):
        if max(text.get_text(), default="") > LAST_OF_OWN:
            families = text.get_fontfamily()
            text.set_fontfamily([*families, *(f for f in installed() if f not in families)])
        if text.get_text().count("$") > 1 and not text.get_text().startswith(NUMBER):
            text.set_parse_math(False)
    logger = logging.getLogger("matplotlib.font_manager")  # says that a font has no plain weight
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from", UserWarning)
            yield
    finally:
        logger.setLevel(level)


@functools.cache
def installed() -> tuple[str, ...]:
    """Those of the fonts that this machine has."""
    module = require("matplotlib.font_manager", extra="plot", purpose="drawing pictures")
    there = {entry.name for entry in module.fontManager.ttflist}
    return tuple(name for name in FAMILIES if name in there)
