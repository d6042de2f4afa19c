"""What all pictures share: figures that no global state knows, colours, font sizes, and saving."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.errors import require
from hyalite.files.replacing import replace
from hyalite.parameters import Array
from hyalite.plots.glyphs import picture_class, written

# The palette of Okabe and Ito (2008), told apart with every common form of colour-blindness.
BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
CLASS_COLORS = (BLUE, "#E69F00", GREEN, "#CC79A7", "#56B4E9", VERMILLION, "#F0E442", "#555555")
# From below 0 through white to above it: blue and red are told apart by the colour-blind, too.
DIVERGING = "RdBu_r"
GRAY, PALE = "#777777", "#DDDDDD"

TITLE, TEXT, SMALL = 13, 11, 9  # font sizes in points


def figure(width: float, height: float) -> Any:
    """A figure of its own, known to nobody else, in inches."""
    new = picture_class()(figsize=(width, height), layout="constrained")
    new.get_layout_engine().set(w_pad=0.12, h_pad=0.1, wspace=0.04)
    return new


def given(axes: Any, names: Sequence[str]) -> Array:
    """The axes that the user gave, flat: one for each name.

    Raises:
        ValueError: their number is another.
    """
    axes = np.ravel(np.asarray(axes, dtype=object))
    if len(axes) != len(names):
        raise ValueError(f"axes must be {len(names)} Axes, for {', '.join(names)}; got {len(axes)}")
    return np.asarray(axes)


def grid(count: int, columns: int, cell: tuple[float, float], extra: float = 0.0) -> Array:
    """A new figure with `count` axes row by row, `cell` inches each; its last row may be short.

    `extra` inches are added to the width and the height, for a title or a colour bar.
    """
    columns = min(columns, count)
    rows = -(-count // columns)
    new = figure(cell[0] * columns + extra, cell[1] * rows + extra)
    axes = np.empty(count, dtype=object)
    for place in range(count):
        axes[place] = new.add_subplot(rows, columns, place + 1)
    return axes


def dress(ax: Any, title: str, across: str, up: str) -> None:
    """Title, names of the axes, and no frame where nothing is."""
    ax.set_title(title, fontsize=TITLE, pad=10)
    ax.set_xlabel(across, fontsize=TEXT)
    ax.set_ylabel(up, fontsize=TEXT)
    ax.tick_params(labelsize=TEXT - 1)
    ax.spines[["top", "right"]].set_visible(False)


def epochs_across(ax: Any) -> None:
    """Whole numbers of epochs on the x axis, and pale lines to read values by."""
    ticker = require("matplotlib.ticker", extra="plot", purpose="drawing curves")
    ax.xaxis.set_major_locator(ticker.MaxNLocator(integer=True, nbins=8, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(ticker.StrMethodFormatter("{x:,.0f}"))
    ax.grid(True, color=PALE, linewidth=0.7)


def percent() -> Any:
    """A formatter that writes 0.5 as "50 %"."""
    ticker = require("matplotlib.ticker", extra="plot", purpose="drawing pictures")
    return ticker.FuncFormatter(lambda share, _: f"{100 * share:g} %")


def legend_beside(ax: Any, **options: Any) -> None:
    """A legend to the right of the axes, where it covers nothing."""
    where = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}
    ax.legend(**{"fontsize": TEXT - 1, "frameon": False, **where, **options})


def palette(count: int) -> Array:
    """Red, green and blue of each class, (count, 3); from the ninth on they come again."""
    colors = require("matplotlib.colors", extra="plot", purpose="drawing pictures")
    return np.array([colors.to_rgb(CLASS_COLORS[i % len(CLASS_COLORS)]) for i in range(count)])


def save(drawn: Any, path: str | Path, *, dpi: int = 150) -> None:
    """Write a picture; the kind of file follows from the name, such as ``curves.png`` or ``.svg``.

    A name without an ending gives PNG.

    Args:
        drawn: Axes, array of Axes, or Figure.
        path: of the file; an older one is replaced at once, or not at all.
        dpi: dots an inch.

    Raises:
        ValueError: a kind of file that matplotlib does not write.
        OSError: it cannot be written.

    Examples:
        >>> ax = hy.plots.confusion_matrix([[8, 2], [1, 9]])
        >>> hy.plots.save(ax, "confusion.png", dpi=50)
        >>> with open("confusion.png", "rb") as file:
        ...     print(file.read(4)[1:])
        b'PNG'
    """
    path = Path(path)
    if isinstance(drawn, (np.ndarray, list, tuple)):
        drawn = np.ravel(np.asarray(drawn, dtype=object))[0]
    drawing = drawn if hasattr(drawn, "savefig") else drawn.figure
    content = io.BytesIO()
    with written(drawing):
        drawing.savefig(content, dpi=dpi, format=path.suffix.lstrip(".") or "png")
    replace(path, content.getvalue())
