"""Pictures of training and of what a model has learned, drawn with matplotlib (extra `plot`).

Every function draws on the axes it is given, or on a new figure of its own, and returns the axes;
pyplot and its global state are never touched, so all of this works in threads and without a
display. `save` writes a picture to a file; in a notebook (``%matplotlib inline``) end a cell with
``ax.figure`` to see it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite import checks
from hyalite.errors import require
from hyalite.files.model_file import replacing
from hyalite.parameters import Array
from hyalite.training.history import History

if TYPE_CHECKING:
    from hyalite.model import Sequential

# The palette of Okabe and Ito (2008), told apart with every common form of colour-blindness.
BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
CLASS_COLORS = (BLUE, "#E69F00", GREEN, "#CC79A7", "#56B4E9", VERMILLION, "#F0E442", "#555555")

TITLE, TEXT, SMALL = 13, 11, 9  # font sizes in points
LONGEST = 13  # characters of a class's name over a picture
GRID = 240  # points a side at which decision regions are computed
LOGARITHMIC = 100  # from this largest to smallest value on


def curves(history: History, axes: Any = None, *, validation: str = "validation") -> Array:
    """Loss and metrics over the epochs, a panel each: training and validation.

    Where the model has penalties, its loss is drawn with them and without; only the latter
    compares with the validation loss. What changes more than a hundredfold gets a logarithmic
    scale. Metrics that are not one number, such as a confusion matrix, are left out.

    Args:
        history: of a fit.
        axes: one Axes for each panel, as from ``plt.subplots(1, 2)``; None makes a figure.
        validation: what the legend calls the validation data, such as "test".

    Returns:
        array of Axes.

    Raises:
        ValueError: an empty history, or a number of axes that is not that of the panels.
        MissingExtra: matplotlib is not installed.
    """
    panels = [
        name
        for name, values in history.history.items()
        if name not in ("learning_rate", "data_loss", "penalty")
        and not name.startswith("val_")
        and all(isinstance(value, (int, float)) for value in values)
    ]
    if not panels:
        raise ValueError("history has no epochs yet; fit the model first")
    if axes is None:
        axes = _figure(5.0 * len(panels), 3.8).subplots(1, len(panels), squeeze=False)
    axes = np.ravel(axes)
    if len(axes) != len(panels):
        raise ValueError(
            f"axes must be {len(panels)} Axes, for {', '.join(panels)}; got {len(axes)}"
        )
    for ax, name in zip(axes, panels, strict=True):
        _curve_panel(ax, history, name, validation)
    return np.asarray(axes)


def _curve_panel(ax: Any, history: History, name: str, validation: str) -> None:
    ticker = require("matplotlib.ticker", extra="plot", purpose="drawing curves")
    lines = [(name, "training", BLUE, "-", "o")]
    if name == "loss" and "data_loss" in history:
        lines = [
            ("data_loss", "training", BLUE, "-", "o"),
            ("loss", "training, with penalty", BLUE, ":", ""),
        ]
    if f"val_{name}" in history:
        lines.append((f"val_{name}", validation, VERMILLION, "--", "s"))
    few = len(history) <= 20  # dashes and markers of more would only blur
    drawn: list[float] = []
    for figure, label, color, style, marker in lines:
        drawn += history[figure]
        ax.plot(
            history.epochs,
            history[figure],
            style if few or style == ":" else "-",
            color=color,
            label=label,
            marker=marker if few else "",
            markersize=5,
            linewidth=1.8 if few else 1.2,
        )
    if name.endswith("accuracy"):
        ax.yaxis.set_major_formatter(ticker.PercentFormatter(1, symbol=" %"))
    elif min(drawn) > 0 and max(drawn) > LOGARITHMIC * min(drawn):
        ax.set_yscale("log")
    ax.xaxis.set_major_locator(ticker.MaxNLocator(integer=True, nbins=8, steps=[1, 2, 5, 10]))
    if len(history) == 1:
        ax.set_xlim(history.epochs[0] - 1, history.epochs[0] + 1)
    title = name.replace("_", " ")
    _dress(ax, title[0].upper() + title[1:], "epoch", "")
    ax.grid(True, color="#DDDDDD", linewidth=0.7)
    ax.legend(fontsize=TEXT - 1, frameon=False)


def mistakes(
    model: Sequential,
    x: Any,
    y: Any,
    classes: Sequence[str] | None = None,
    count: int = 25,
    *,
    ax: Any = None,
) -> Array:
    """The surest wrong answers as a grid of images, the surest first.

    Args:
        model: of pictures.
        x: pictures (n, height, width[, 3]) as the model takes them; square ones may be flat.
        y: labels (n,), or one-hot rows.
        classes: names of the classes; their numbers otherwise.
        count: how many to show, at most.
        ax: array of Axes to draw on, one for each image; None makes a figure.

    Returns:
        array of Axes.

    Raises:
        ValueError: x holds no pictures, or a length does not fit.
        MissingExtra: matplotlib is not installed.
    """
    count = checks.whole(count, "count")
    x = checks.inputs(x, model.network.input_shape)
    pictures = _pictures(x)
    given = probabilities(model, x)
    labels = _labels(y, x)
    names = _class_names(classes, given.shape[1])
    said = given.argmax(axis=1)
    wrong = np.flatnonzero(said != labels)
    surest = wrong[np.argsort(-given[wrong, said[wrong]], kind="stable")][:count]

    if ax is None:
        columns = min(max(len(surest), 1), math.ceil(math.sqrt(count)))
        rows = math.ceil(max(len(surest), 1) / columns)
        # at least as wide as its title
        figure = _figure(max(1.75 * columns, 5.5), 1.95 * rows + 0.6)
        figure.suptitle(_mistakes_title(len(surest), len(wrong), len(x)), fontsize=TITLE)
        ax = figure.subplots(rows, columns, squeeze=False)
    axes = np.ravel(ax)
    for one in axes:
        one.set_axis_off()
    for one, row in zip(axes, surest, strict=False):
        one.imshow(pictures[row], cmap="gray", interpolation="nearest")
        true, answer = _short(names[labels[row]]), _short(names[said[row]])
        sure = 100 * given[row, said[row]]
        one.set_title(f"is {true}\nsaid {answer}, {sure:.1f} %", fontsize=SMALL, linespacing=1.3)
    return np.asarray(axes)


def _mistakes_title(shown: int, wrong: int, total: int) -> str:
    if not wrong:
        return f"No mistakes on {total:,} images"
    if shown == wrong:
        return f"All mistakes on {total:,} images ({wrong:,}), the surest first"
    return f"The {shown} surest of {wrong:,} mistakes on {total:,} images"


def decision_regions(
    model: Sequential, x: Any, y: Any, classes: Sequence[str] | None = None, *, ax: Any = None
) -> Any:
    """Which class the model gives each place of the plane, and the samples; wrong ones ringed.

    The paler a place, the less sure the model is there.

    Args:
        model: of samples with two features.
        x: samples (n, 2).
        y: labels (n,), or one-hot rows.
        classes: names of the classes; their numbers otherwise.
        ax: Axes to draw on; None makes a figure.

    Returns:
        the Axes.

    Raises:
        ValueError: the samples have not two features.
        MissingExtra: matplotlib is not installed.
    """
    if model.network.input_shape != (2,):
        raise ValueError(
            "decision_regions needs a model of samples with 2 features, "
            f"this one takes samples of shape {model.network.input_shape}"
        )
    colors = require("matplotlib.colors", extra="plot", purpose="drawing decision regions")
    x = checks.inputs(x, (2,))
    labels = _labels(y, x)
    low, high = x.min(axis=0).astype(float), x.max(axis=0).astype(float)
    margin = 0.06 * np.maximum(high - low, 1e-6)
    low, high = low - margin, high + margin
    across, up = (np.linspace(low[i], high[i], GRID) for i in (0, 1))
    plane = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    shares = probabilities(model, plane)
    names = _class_names(classes, shares.shape[1])
    palette = _palette(shares.shape[1])

    if ax is None:
        ax = _figure(7.4, 5.6).add_subplot()
    tints = 1 - 0.55 * (1 - palette)  # so that the samples stand out
    sure = (shares.max(axis=1, keepdims=True) * len(names) - 1) / (len(names) - 1)
    picture = 1 - (1 - tints[shares.argmax(axis=1)]) * (0.25 + 0.75 * sure)
    ax.imshow(
        picture.reshape(GRID, GRID, 3),
        extent=(low[0], high[0], low[1], high[1]),
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
    )
    wrong = probabilities(model, x).argmax(axis=1) != labels
    for label, name in enumerate(names):
        for rows, edge, width in (
            ((labels == label) & ~wrong, "white", 0.5),
            ((labels == label) & wrong, "black", 1.2),
        ):
            ax.scatter(
                *x[rows].T,
                s=26,
                color=colors.to_hex(palette[label]),
                edgecolors=edge,
                linewidths=width,
                label=name if edge == "white" else None,
            )
    if wrong.any():
        ring = {"facecolors": "none", "edgecolors": "black", "linewidths": 1.2}
        ax.scatter([], [], s=26, label="answered wrong", **ring)
    # the box's limits, since scatter may have widened them
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])
    ax.locator_params(nbins=7)
    right = len(x) - int(wrong.sum())
    _dress(ax, f"Decision regions: {right:,} of {len(x):,} samples right", "x[0]", "x[1]")
    ax.legend(
        fontsize=TEXT - 1,
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        title="class",
        title_fontsize=TEXT - 1,
    )
    return ax


def regression_fit(model: Sequential, x: Any, y: Any, *, ax: Any = None) -> Any:
    """What the model predicts beside the true values.

    With one feature and one output both are drawn over the feature. With more, the predictions
    are drawn over the true values: all on the diagonal would be right.

    Args:
        model: of numbers.
        x: samples (n, features).
        y: true values (n,) or (n, outputs).
        ax: Axes to draw on; None makes a figure.

    Returns:
        the Axes.

    Raises:
        ValueError: x or y does not fit the model.
        MissingExtra: matplotlib is not installed.
    """
    x = checks.inputs(x, model.network.input_shape)
    predicted = model.predict(x)
    true = checks.array(y, "y")
    if true.size != predicted.size or len(true) != len(x):
        raise ValueError(f"y must have shape {predicted.shape}, got {true.shape}")
    true = true.reshape(predicted.shape)
    if ax is None:
        ax = _figure(7.0, 4.4).add_subplot()
    if x[0].size == 1 and predicted[0].size == 1:
        order = np.argsort(x.ravel())
        over = x.ravel()[order]
        ax.plot(over, true.ravel()[order], "o", color="#B8B8B8", markersize=7, label="true")
        ax.plot(over, predicted.ravel()[order], color=VERMILLION, linewidth=1.8, label="model")
        labels = "x", "y"
    else:
        ends = [min(true.min(), predicted.min()), max(true.max(), predicted.max())]
        ax.plot(ends, ends, color="#999999", linewidth=1.2, label="right")
        ax.plot(true.ravel(), predicted.ravel(), "o", color=BLUE, markersize=4, label="model")
        labels = "true value", "prediction"
    off = np.abs(predicted.astype(float) - true)
    title = f"Fit: off by {off.mean():.2g} on average, {off.max():.2g} at most"
    _dress(ax, title, *labels)
    ax.legend(fontsize=TEXT - 1, frameon=False)
    return ax


def save(drawn: Any, path: str | Path, *, dpi: int = 150) -> None:
    """Write a picture; the kind of file follows from the name, such as ``curves.png`` or ``.svg``.

    Args:
        drawn: Axes, array of Axes, or Figure.
        path: of the file; an older one is replaced at once, or not at all.
        dpi: dots an inch.

    Raises:
        ValueError: a kind of file that matplotlib does not write.
        OSError: it cannot be written.
    """
    path = Path(path)
    if isinstance(drawn, (np.ndarray, list, tuple)):
        drawn = np.ravel(np.asarray(drawn, dtype=object))[0]
    figure = drawn if hasattr(drawn, "savefig") else drawn.figure
    with replacing(path) as temporary:
        # the format is named, since the temporary file has no ending
        figure.savefig(temporary, dpi=dpi, format=path.suffix.lstrip(".") or "png")


def probabilities(model: Sequential, x: Any) -> Array:
    """The share (n, classes) that a classifier gives each class, two for one with one output.

    Raises:
        ValueError: the model predicts numbers, not classes.
    """
    kind = model.loss.kind if model.compiled else "classes"
    y = model.predict(x)
    if kind == "regression" or y.ndim != 2 or (kind == "binary" and y.shape[1] > 1):
        raise ValueError(
            "the model predicts no classes, so it has no probabilities of them: its output has "
            f"shape {y.shape[1:]}" + (f", its loss is {model.loss.name}" if model.compiled else "")
        )
    y = y.astype(np.float64)
    if model.compiled and model.loss.from_logits:
        if y.shape[1] == 1:
            y = 1 / (1 + np.exp(-np.clip(y, -700, 700)))
        else:
            y = np.exp(y - y.max(axis=1, keepdims=True))
            y /= y.sum(axis=1, keepdims=True)
    return y if y.shape[1] > 1 else np.hstack([1 - y, y])


def _figure(width: float, height: float) -> Any:
    """A figure of its own, known to nobody else, in inches."""
    module = require("matplotlib.figure", extra="plot", purpose="drawing pictures")
    figure = module.Figure(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1, wspace=0.04)
    return figure


def _dress(ax: Any, title: str, across: str, up: str) -> None:
    ax.set_title(title, fontsize=TITLE, pad=10)
    ax.set_xlabel(across, fontsize=TEXT)
    ax.set_ylabel(up, fontsize=TEXT)
    ax.tick_params(labelsize=TEXT - 1)
    ax.spines[["top", "right"]].set_visible(False)


def _palette(count: int) -> Array:
    """Red, green and blue of each class, (count, 3)."""
    matplotlib = require("matplotlib", extra="plot", purpose="drawing pictures")
    colors = require("matplotlib.colors", extra="plot", purpose="drawing pictures")
    if count <= len(CLASS_COLORS):
        return np.array([colors.to_rgb(color) for color in CLASS_COLORS[:count]])
    return np.asarray(matplotlib.colormaps["viridis"](np.linspace(0, 1, count))[:, :3])


def _class_names(classes: Sequence[str] | None, count: int) -> list[str]:
    names = [str(number) for number in range(count)] if classes is None else list(classes)
    if len(names) != count:
        raise ValueError(f"classes must be {count} names, got {len(names)}")
    return names


def _short(name: str) -> str:
    """A name that leaves its neighbours room."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _labels(y: Any, x: Array) -> Array:
    """Class numbers (n,) from labels, a column of them, or one-hot rows."""
    y = checks.array(y, "y")
    checks.same_length(x, y, ("x", "y"))
    if y.ndim == 2 and y.shape[1] > 1:
        return np.asarray(y.argmax(axis=1))
    return np.asarray(y.reshape(len(x)), np.int64)


def _pictures(x: Array) -> Array:
    """Samples as pictures (n, height, width[, 3]); those of fractions brought to 0..1."""
    if x.ndim == 2 and math.isqrt(x.shape[1]) ** 2 == x.shape[1]:
        x = x.reshape(len(x), math.isqrt(x.shape[1]), -1)
    if x.ndim != 3 and not (x.ndim == 4 and x.shape[3] == 3):
        raise ValueError(f"x must hold pictures (n, height, width[, 3]), got shape {x.shape}")
    if x.ndim == 3 or x.dtype == np.uint8:
        return x  # imshow scales gray by itself
    low, high = float(x.min()), float(x.max())
    return (x - low) / (high - low if high > low else 1.0)
