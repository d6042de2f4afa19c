"""Histograms of what each layer gives: do the numbers spread, shrink, or stick at an end?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite.layers import Layer, ReLU, Sigmoid, Softmax, Tanh
from hyalite.parameters import Array
from hyalite.plots.canvas import BLUE, SMALL, TEXT, TITLE, given, grid, percent
from hyalite.plots.reading import layer_outputs, short

if TYPE_CHECKING:
    from hyalite.model import Sequential

BINS = 40
COLUMNS = 4
MAX_NAME_LENGTH = 28  # characters of a layer's name
RANGES: dict[type[Layer], tuple[float, float]] = {
    Sigmoid: (0.0, 1.0),
    Tanh: (-1.0, 1.0),
    Softmax: (0.0, 1.0),
}
SATURATION_MARGIN = 0.01  # of the range from an end counts as saturated


def activations(model: Sequential, x: Any, *, axes: Any = None) -> Array:
    """How the outputs of each layer are spread over the samples, a panel for each layer.

    A dense layer's outputs are those of its activation; the pass is that of prediction. Layers
    that hand on what they get, as Flatten and (at prediction) Dropout, have no panel. The titles
    say what has stopped learning:

    - of ReLU: the share of *dead* units, whose output is 0 for every sample; outputs of 0 are
      counted in words and left out of the bars, which they would dwarf;
    - of sigmoid and tanh: the share of *saturated* outputs, within 1 % of the range from one of
      its ends, where the derivative is next to nothing.

    Args:
        model: built.
        x: samples (n, *input_shape); some hundreds are enough.
        axes: one Axes for each panel; None makes a figure.

    Returns:
        array of Axes, (panels,).

    Raises:
        ValueError: the model is not built, x does not fit, a layer's output is not finite, or the
            number of axes is another.
        MissingExtra: matplotlib is not installed.

    Examples:
        >>> model = hy.Sequential([hy.Dense(2, "relu")])
        >>> model.build(2)
        >>> model.set_weights([[[1, -1], [1, -1]], [0, 0]])
        >>> axes = hy.plots.activations(model, [[1.0, 1.0], [0.0, 2.0]])
        >>> print(axes[0].get_title())
        dense_1, ReLU
        50 % of units dead, 50 % zeros
    """
    outputs = layer_outputs(model, x)
    if not outputs:
        raise ValueError("every layer of the model hands on what it gets; there is nothing to show")
    names = list(outputs)
    if axes is None:
        axes = grid(len(names), COLUMNS, (3.2, 2.75), extra=0.5)
        axes[0].figure.suptitle(f"Outputs of each layer, {len(x):,} samples", fontsize=TITLE)
    axes = given(axes, names)
    for place, (ax, name) in enumerate(zip(axes, names, strict=True)):
        _panel(ax, name, *outputs[name])
        ax.set_ylabel("share" if place % COLUMNS == 0 else "", fontsize=TEXT)
    return axes


def _panel(ax: Any, name: str, stage: Layer, y: Array) -> None:
    kind = type(stage)
    span = RANGES.get(kind)
    title = short(name, MAX_NAME_LENGTH) + (f", {kind.__name__}" if kind in (ReLU, *RANGES) else "")
    remarks = []
    values = y.ravel()
    if kind is ReLU:
        dead = (y == 0).all(axis=0).mean()
        remarks = [_share(dead, "of units dead"), _share((values == 0).mean(), "zeros")]
        values = values[values != 0]
    elif kind in (Sigmoid, Tanh) and span is not None:
        margin = SATURATION_MARGIN * (span[1] - span[0])
        stuck = (values < span[0] + margin) | (values > span[1] - margin)
        remarks = [_share(stuck.mean(), "of outputs saturated")]
    if values.size:
        counts, edges = np.histogram(values.astype(np.float64), BINS, span)
        ax.stairs(counts / y.size, edges, fill=True, color=BLUE)
    else:
        ax.text(0.5, 0.5, "every output is 0", transform=ax.transAxes, ha="center", fontsize=TEXT)
        ax.set_xticks([])
        ax.set_yticks([])
    ax.set_title("\n".join([title, ", ".join(remarks)]).strip(), fontsize=SMALL)
    ax.tick_params(labelsize=SMALL)
    ax.locator_params(axis="x", nbins=5)
    ax.locator_params(axis="y", nbins=4)
    ax.yaxis.set_major_formatter(percent())
    ax.spines[["top", "right"]].set_visible(False)


def _share(share: float, words: str) -> str:
    """A share in per cent, where none and all are said only of none and all."""
    text = f"{100 * share:.0f}"
    if text == "0" and share > 0:
        text = "<1"
    elif text == "100" and share < 1:
        text = ">99"
    return f"{text} % {words}"
