"""Gradient norms by layer over time: recorded at the end of each epoch, and drawn.

Small in the first layers and large in the last is how vanishing gradients look.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hyalite.errors import require
from hyalite.parameters import Array
from hyalite.plots.canvas import SMALL, TEXT, dress, epochs_across, figure, legend_beside
from hyalite.training.callbacks import Callback, Trainable

MAX_UNSMOOTHED_EPOCHS = 200  # epochs; of more, means are drawn over the single values
MEANS = 100  # means
MAX_LEGEND_LAYERS = 16  # layers; the legend of more is in small print
LINE_STYLES = ("-", "--", "-.", ":")


class GradientNorms(Callback):
    """A callback that keeps the length of each layer's gradient: ‖dW‖ = √Σ dw².

    It is that of the epoch's last batch, as the optimizer used it: with penalties, and clipped
    where clipping is on. Of a layer without W it is that of its first parameter, such as γ of a
    normalization; layers without parameters are left out.

    Over several fits of a model the epochs add up, as they do in the model; a model of other
    layers, or one that counts its epochs anew, starts the record anew.

    Attributes:
        epochs: their numbers.
        norms: by the layer's name, one number for each epoch.

    Examples:
        >>> model = hy.Sequential([hy.Dense(1, use_bias=False, initializer="zeros")])
        >>> model.compile("mse", hy.SGD(0.125))
        >>> norms = hy.plots.GradientNorms()
        >>> history = model.fit([[1.0]], [4.0], epochs=3, callbacks=[norms], verbose=0)
        >>> norms.norms  # 2·|w - 4| for w = 0, 1, 1.75
        {'dense_1': [8.0, 6.0, 4.5]}
    """

    def __init__(self) -> None:
        self.epochs: list[int] = []
        self.norms: dict[str, list[float]] = {}

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        network = model.network
        lengths = {
            place.name: float(
                np.linalg.norm(_first(place.layer.gradients).ravel().astype(np.float64))
            )
            for place in network.walk()
            if place.layer.gradients and place.layer.chain is None
        }
        if list(lengths) != list(self.norms) or (self.epochs and epoch <= self.epochs[-1]):
            self.epochs, self.norms = [], {name: [] for name in lengths}
        self.epochs.append(epoch)
        for name, length in lengths.items():
            self.norms[name].append(length)


def _first(gradients: dict[str, Array]) -> Array:
    """That of W, or of whatever the layer has first."""
    return gradients["W"] if "W" in gradients else next(iter(gradients.values()))


def gradient_norms(recorder: GradientNorms, *, ax: Any = None) -> Any:
    """The length of each layer's gradient over the epochs, on a logarithmic scale.

    The first layer is the darkest, the last the brightest. Over more than 200 epochs the bold
    lines are (geometric) means of some epochs each, the pale ones the single values. A gradient
    of exactly 0 has no place on the scale; the legend says where a layer has no other.

    Args:
        recorder: a `GradientNorms` that was among the callbacks of a fit.
        ax: Axes to draw on; None makes a figure.

    Returns:
        the Axes.

    Raises:
        ValueError: nothing was recorded.
        MissingExtra: matplotlib is not installed.

    Examples:
        >>> model = hy.Sequential([hy.Dense(2, "tanh"), hy.Dense(1)])
        >>> model.compile("mse")
        >>> norms = hy.plots.GradientNorms()
        >>> history = model.fit([[1.0]], [4.0], epochs=3, callbacks=[norms], verbose=0)
        >>> ax = hy.plots.gradient_norms(norms)
        >>> [line.get_label() for line in ax.lines]
        ['dense_1', 'dense_2']
    """
    if not recorder.epochs or not recorder.norms:
        raise ValueError(
            "recorder has no epochs yet; train with it: model.fit(..., callbacks=[recorder])"
        )
    matplotlib = require("matplotlib", extra="plot", purpose="drawing gradient norms")
    if ax is None:
        ax = figure(8.0, 4.4).add_subplot()
    epochs, count = np.array(recorder.epochs), len(recorder.norms)
    # viridis up to its greens: the yellow end is lost on white
    colors = matplotlib.colormaps["viridis"](np.linspace(0, 0.82, count))
    size = -(-len(epochs) // MEANS) if len(epochs) > MAX_UNSMOOTHED_EPOCHS else 1
    for place, (name, values) in enumerate(recorder.norms.items()):
        lengths = np.array(values)
        label = name if lengths.any() else f"{name}: always 0"
        lengths = np.where(lengths > 0, lengths, np.nan)
        if size > 1:
            ax.plot(epochs, lengths, color=colors[place], alpha=0.2, linewidth=0.5)
        ax.plot(
            *_means(epochs, lengths, size),
            LINE_STYLES[place % len(LINE_STYLES)] if count <= MAX_LEGEND_LAYERS else "-",
            color=colors[place],
            label=label,
            marker="o" if len(epochs) <= 20 else "",
            markersize=4,
            linewidth=1.8,
        )
    if any(any(values) for values in recorder.norms.values()):
        ax.set_yscale("log")
    epochs_across(ax)
    if len(epochs) == 1:
        ax.set_xlim(epochs[0] - 1, epochs[0] + 1)
    title = "Length of the gradient by layer"
    dress(ax, title + (f", means of {size:,} epochs" if size > 1 else ""), "epoch", "‖dW‖")
    small = count > MAX_LEGEND_LAYERS
    legend_beside(
        ax,
        title="first layer to last",
        title_fontsize=SMALL,
        fontsize=SMALL - 1 if small else TEXT - 1,
        ncols=-(-count // 24),
        handlelength=2.8,
    )
    return ax


def _means(epochs: Array, lengths: Array, size: int) -> tuple[Array, Array]:
    """Middle epoch and geometric mean of each `size` epochs; zeros (NaN here) do not count."""
    if size == 1:
        return epochs, lengths
    starts = np.arange(0, len(epochs), size)
    known = np.isfinite(lengths)
    logs = np.where(known, np.log(np.where(known, lengths, 1.0)), 0.0)
    counts = np.add.reduceat(known.astype(np.float64), starts)
    sums = np.add.reduceat(logs, starts)
    means = np.exp(np.divide(sums, counts, out=np.full(len(starts), np.nan), where=counts > 0))
    rows = np.diff(np.append(starts, len(epochs)))
    return np.add.reduceat(epochs, starts) / rows, means
