"""Decision regions: which class a model gives each place of the plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite import checks
from hyalite.errors import require
from hyalite.plots.canvas import CLASS_COLORS, TEXT, dress, figure, legend_beside, palette
from hyalite.plots.reading import answers, class_names, labels, short

if TYPE_CHECKING:
    from hyalite.model import Sequential

GRID_POINTS = 240  # points a side at which the model is asked
MAX_NAME_LENGTH = 30  # characters of a class's name
MARKERS = "os^Dv*P<>"  # one after the other where colours come again


def decision_regions(
    model: Sequential, x: Any, y: Any, classes: Sequence[str] | None = None, *, ax: Any = None
) -> Any:
    """Which class the model gives each place of the plane, and the samples; wrong ones ringed.

    The paler a place, the less sure the model is there. From the ninth class on the colours come
    again, with another shape of the samples.

    Args:
        model: of samples with two features.
        x: samples (n, 2).
        y: labels (n,), or one-hot rows.
        classes: names of the classes; their numbers otherwise.
        ax: Axes to draw on; None makes a figure.

    Returns:
        the Axes.

    Raises:
        ValueError: the model is not built for samples of two features, or predicts no classes; y
            has a label out of range; there are not as many names as classes.
        MissingExtra: matplotlib is not installed.

    Examples:
        >>> model = hy.Sequential([hy.Softmax()])  # the class of the larger feature
        >>> model.build(2)
        >>> points = [[1.0, 0.0], [0.0, 1.0], [1.0, 2.0]]
        >>> ax = hy.plots.decision_regions(model, points, [0, 1, 0])
        >>> ax.get_title()
        'Decision regions: 2 of 3 samples right'
    """
    _ = model.network.ready
    if model.network.input_shape != (2,):
        raise ValueError(
            "decision_regions needs a model of samples with 2 features, "
            f"this one takes samples of shape {model.network.input_shape}"
        )
    colors = require("matplotlib.colors", extra="plot", purpose="drawing decision regions")
    x = checks.inputs(x, (2,))
    low, high = x.min(axis=0).astype(float), x.max(axis=0).astype(float)
    margin = 0.06 * np.maximum(high - low, 1e-6)
    low, high = low - margin, high + margin
    across, up = (np.linspace(low[i], high[i], GRID_POINTS) for i in (0, 1))
    plane = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    shares, said = answers(model, plane)
    true = labels(y, x, shares.shape[1])
    names = class_names(classes, shares.shape[1])
    of_class = palette(len(names))

    if ax is None:
        ax = figure(7.4, 5.6).add_subplot()
    tints = 1 - 0.55 * (1 - of_class)  # so that the samples stand out
    share = np.take_along_axis(shares, said[:, np.newaxis], axis=1)
    sure = np.maximum(share * len(names) - 1, 0) / (len(names) - 1)
    picture = 1 - (1 - tints[said]) * (0.25 + 0.75 * sure)
    ax.imshow(
        picture.reshape(GRID_POINTS, GRID_POINTS, 3),
        extent=(low[0], high[0], low[1], high[1]),
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
    )
    wrong = answers(model, x)[1] != true
    for label, name in enumerate(names):
        for rows, edge, width in (
            ((true == label) & ~wrong, "white", 0.5),
            ((true == label) & wrong, "black", 1.2),
        ):
            ax.scatter(
                *x[rows].T,
                s=26,
                color=colors.to_hex(of_class[label]),
                marker=MARKERS[label // len(CLASS_COLORS) % len(MARKERS)],
                edgecolors=edge,
                linewidths=width,
                label=short(name, MAX_NAME_LENGTH) if edge == "white" else None,
            )
    if wrong.any():
        ring = {"facecolors": "none", "edgecolors": "black", "linewidths": 1.2}
        ax.scatter([], [], s=26, label="answered wrong", **ring)
    # the box's limits, since scatter may have widened them
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])
    ax.locator_params(nbins=7)
    right = len(x) - int(wrong.sum())
    dress(ax, f"Decision regions: {right:,} of {len(x):,} samples right", "x[0]", "x[1]")
    legend_beside(ax, title="class", title_fontsize=TEXT - 1)
    return ax
