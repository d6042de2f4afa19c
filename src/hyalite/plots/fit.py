"""The fit of a regression: what a model predicts beside the true values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite import checks
from hyalite.plots.canvas import BLUE, TEXT, VERMILLION, dress, figure
from hyalite.plots.reading import samples

if TYPE_CHECKING:
    from hyalite.model import Sequential


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
        ValueError: x or y does not fit the model, or it is not built.
        MissingExtra: matplotlib is not installed.

    Examples:
        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.build(1)
        >>> model.set_weights([[[2.0]], [1.0]])  # y = 2·x + 1
        >>> ax = hy.plots.regression_fit(model, [[0.0], [1.0]], [1.0, 7.0])
        >>> ax.get_title()
        'Fit: off by 2 on average, 4 at most'
    """
    x = samples(model, x)
    predicted = model.predict(x)
    true = checks.array(y, "y")
    if true.size != predicted.size or len(true) != len(x):
        raise ValueError(f"y must have shape {predicted.shape}, got {true.shape}")
    true = true.reshape(predicted.shape)
    if ax is None:
        ax = figure(7.0, 4.4).add_subplot()
    if x[0].size == 1 and predicted[0].size == 1:
        order = np.argsort(x.ravel())
        over = x.ravel()[order]
        ax.plot(over, true.ravel()[order], "o", color="#B8B8B8", markersize=7, label="true")
        ax.plot(over, predicted.ravel()[order], color=VERMILLION, linewidth=1.8, label="model")
        names = "x", "y"
    else:
        ends = [min(true.min(), predicted.min()), max(true.max(), predicted.max())]
        ax.plot(ends, ends, color="#999999", linewidth=1.2, label="right")
        ax.plot(true.ravel(), predicted.ravel(), "o", color=BLUE, markersize=4, label="model")
        names = "true value", "prediction"
    off = np.abs(predicted.astype(float) - true)
    title = f"Fit: off by {off.mean():.2g} on average, {off.max():.2g} at most"
    dress(ax, title, *names)
    ax.legend(fontsize=TEXT - 1, frameon=False)
    return ax
