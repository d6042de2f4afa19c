"""The confusion matrix: which classes a model takes for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite import checks
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.plots.canvas import GRAY, SMALL, TEXT, dress, figure, percent
from hyalite.plots.reading import answers, class_names, labels, samples, short

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MAX_NAME_LENGTH = 22  # characters of a class's name
CELL_INCHES = 0.52  # inches
MAX_LABELLED_CLASSES = 40  # classes; of more, counts and some names are left out
MIN_FONT_SIZE = 6.0  # points
LETTER_WIDTH = 0.62  # width of a letter or digit, of its size


def confusion_matrix(
    model_or_matrix: Sequential | ArrayLike,
    x: Any = None,
    y: Any = None,
    classes: Sequence[str] | None = None,
    *,
    ax: Any = None,
) -> Any:
    """How many samples of each true class (row) the model gives each class (column).

    The darker a cell, the larger its share of the row, so rare classes are seen as well as
    frequent ones. Of more than 40 classes, or on small axes, colours alone are drawn.

    Args:
        model_or_matrix: a classifier, or counts (classes, classes) as from the metric
            "confusion_matrix".
        x: samples, for a model.
        y: labels (n,), or one-hot rows, for a model.
        classes: names of the classes; their numbers otherwise.
        ax: Axes to draw on; None makes a figure.

    Returns:
        the Axes; a colour bar has axes of its own beside it.

    Raises:
        ValueError: x and y are missing, or too many; the model is not built, or predicts no
            classes; a label is out of range; the matrix is not square, or has a count below 0, or
            none at all; there are not as many names as classes.
        MissingExtra: matplotlib is not installed.

    Examples:
        >>> ax = hy.plots.confusion_matrix([[8, 2], [1, 9]], classes=["cat", "dog"])
        >>> ax.get_title()
        'Confusion matrix: 17 of 20 right'
    """
    if isinstance(model_or_matrix, Sequential):
        counts = _count(model_or_matrix, x, y)
    else:
        if x is not None or y is not None:
            raise ValueError("give a model with x and y, or a matrix without")
        counts = _checked(model_or_matrix)
    names = [short(name, MAX_NAME_LENGTH) for name in class_names(classes, len(counts))]
    if ax is None:
        side = min(max(CELL_INCHES * len(counts), 3.8), 18.0)
        cell = side * 72 / len(counts)  # in points
        room = 0.09 * max(map(len, names))
        below = 0.7 * room if _turned(names, cell) else 0.0
        ax = figure(side + room + 2.0, side + below + 1.1).add_subplot()
    else:
        extent = ax.get_window_extent()
        cell = min(extent.width, extent.height) / ax.figure.dpi * 72 / len(counts)
    rows = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, rows, out=np.zeros(counts.shape), where=rows > 0)
    image = ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    right, all_of_them = _number(counts.trace()), _number(counts.sum())
    dress(ax, f"Confusion matrix: {right} of {all_of_them} right", "predicted class", "true class")
    ax.spines[:].set_visible(False)
    _name_ticks(ax, names, cell)
    if len(counts) <= MAX_LABELLED_CLASSES:
        _write_counts(ax, counts, shares, cell)
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.75, aspect=25)
    bar.ax.yaxis.set_major_formatter(percent())
    bar.ax.tick_params(labelsize=SMALL)
    bar.set_label("share of the true class", fontsize=TEXT - 1)
    bar.outline.set_visible(False)
    return ax


def _count(model: Sequential, x: Any, y: Any) -> Array:
    if x is None or y is None:
        raise ValueError("a model needs x and y: confusion_matrix(model, x, y)")
    x = samples(model, x)
    shares, said = answers(model, x)
    classes = shares.shape[1]
    place = labels(y, x, classes) * classes + said
    return np.bincount(place, minlength=classes**2).reshape(classes, classes)


def _checked(matrix: Any) -> Array:
    counts = checks.array(matrix, "matrix")
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError(f"matrix must have shape (classes, classes), got {counts.shape}")
    if counts.size == 0 or counts.min() < 0 or counts.sum() <= 0:
        raise ValueError("matrix must hold counts, none below 0 and not all 0")
    return counts


def _name_ticks(ax: Any, names: list[str], cell: float) -> None:
    """A name for each class; every second, third ... where there are too many."""
    every = _every(names)
    places, shown = range(0, len(names), every), names[::every]
    slant = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    ax.set_yticks(places, shown, fontsize=_size(names))
    ax.set_xticks(places, shown, fontsize=_size(names), **slant if _turned(names, cell) else {})
    ax.tick_params(length=0)


def _every(names: list[str]) -> int:
    return -(-len(names) // MAX_LABELLED_CLASSES)


def _size(names: list[str]) -> int:
    return TEXT - 1 if len(names) <= 12 else SMALL


def _turned(names: list[str], cell: float) -> bool:
    """Whether the names are wider than their columns."""
    return LETTER_WIDTH * _size(names) * max(map(len, names)) > 0.95 * cell * _every(names)


def _write_counts(ax: Any, counts: Array, shares: Array, cell: float) -> None:
    """The counts into the cells, as large as fits; 123,456 as 123k where that is too long."""
    for write in (_number, _rounded):
        texts = [[write(count) for count in row] for row in counts]
        longest = max(len(text) for row in texts for text in row)
        size = min(TEXT + 1, 0.9 * cell / (LETTER_WIDTH * longest))
        if size >= MIN_FONT_SIZE:
            break
    else:
        return
    for row, column in np.ndindex(counts.shape):
        count, share = counts[row, column], shares[row, column]
        color = "white" if share > 0.55 else "black" if count else GRAY
        text = texts[row][column]
        ax.text(column, row, text, ha="center", va="center", fontsize=size, color=color)


def _number(count: float) -> str:
    """A count, or a sum of weights."""
    return f"{count:,.0f}" if count == int(count) or count >= 1000 else f"{count:.4g}"


def _rounded(count: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g}{letter}"
    return f"{count:.3g}"
