"""Training curves: loss and metrics over the epochs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hyalite.parameters import Array
from hyalite.plots.canvas import (
    BLUE,
    TEXT,
    VERMILLION,
    dress,
    epochs_across,
    figure,
    given,
    percent,
)
from hyalite.training.history import History

LOG_SCALE_RATIO = 100  # from this largest to smallest value on
MAX_MARKED_EPOCHS = 20  # epochs; dashes and markers of more would only blur


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

    Examples:
        >>> history = hy.History(seed=0)
        >>> history.append(1, {"loss": 0.5, "accuracy": 0.7}, seconds=0.1)
        >>> history.append(2, {"loss": 0.4, "accuracy": 0.8}, seconds=0.1)
        >>> [ax.get_title() for ax in hy.plots.curves(history)]
        ['Loss', 'Accuracy']
    """
    panels = [
        name
        for name, values in history.history.items()
        if name not in ("learning_rate", "data_loss", "penalty")
        and not name.startswith("val_")
        and all(value is None or isinstance(value, (int, float)) for value in values)
    ]
    if not panels:
        raise ValueError("history has no epochs yet; fit the model first")
    if axes is None:
        axes = figure(5.0 * len(panels), 3.8).subplots(1, len(panels), squeeze=False)
    axes = given(axes, panels)
    for ax, name in zip(axes, panels, strict=True):
        _panel(ax, history, name, validation)
    return np.asarray(axes)


def _panel(ax: Any, history: History, name: str, validation: str) -> None:
    lines = [(name, "training", BLUE, "-", "o")]
    if name == "loss" and "data_loss" in history:
        lines = [
            ("data_loss", "training", BLUE, "-", "o"),
            ("loss", "training, with penalty", BLUE, ":", ""),
        ]
    if f"val_{name}" in history:
        lines.append((f"val_{name}", validation, VERMILLION, "--", "s"))
    few = len(history) <= MAX_MARKED_EPOCHS
    drawn: list[float] = []
    for key, label, color, style, marker in lines:
        # a callback may have added it in some epochs only
        values = [math.nan if value is None else value for value in history[key]]
        drawn += [value for value in values if math.isfinite(value)]
        ax.plot(
            history.epochs,
            values,
            style if few or style == ":" else "-",
            color=color,
            label=label,
            marker=marker if few else "",
            markersize=5,
            linewidth=1.8 if few else 1.2,
        )
    if name.endswith("accuracy"):
        ax.yaxis.set_major_formatter(percent())
    elif min(drawn) > 0 and max(drawn) > LOG_SCALE_RATIO * min(drawn):
        ax.set_yscale("log")
    epochs_across(ax)
    if len(history) == 1:
        ax.set_xlim(history.epochs[0] - 1, history.epochs[0] + 1)
    title = name.replace("_", " ")
    dress(ax, title[0].upper() + title[1:], "epoch", "")
    ax.legend(fontsize=TEXT - 1, frameon=False)
