"""The loss over the learning rate, as the finder met it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyalite.plots.canvas import BLUE, TEXT, VERMILLION, dress, figure

if TYPE_CHECKING:
    from hyalite.rate_finder import RateCurve


def learning_rates(curve: RateCurve, *, ax: Any = None) -> Any:
    """The loss over the learning rate, smoothed, and the rate where it falls fastest.

    Args:
        curve: from `find_learning_rate`.
        ax: Axes to draw on; None makes a figure.

    Returns:
        the Axes.

    Raises:
        ValueError: the curve is empty.
        MissingExtra: matplotlib is not installed.

    Examples:
        >>> rates, losses = np.array([0.01, 0.1, 1.0, 10.0]), np.array([1.0, 0.8, 0.2, 5.0])
        >>> ax = hy.plots.learning_rates(hy.RateCurve(rates, losses, smooth=losses))
        >>> ax.get_xscale()
        'log'
    """
    if ax is None:
        ax = figure(7.0, 4.4).add_subplot()
    ax.plot(curve.rates, curve.losses, color="#B8B8B8", linewidth=1.0, label="each batch")
    ax.plot(curve.rates, curve.smooth, color=BLUE, linewidth=1.8, label="smoothed")
    rate = curve.suggestion
    ax.axvline(rate, color=VERMILLION, linewidth=1.2, label=f"falls fastest: {rate:.2g}")
    ax.set_xscale("log")
    falling = curve.smooth[: curve.smooth.argmin() + 1]  # what comes after may be far above it
    ax.set_ylim(0, 1.2 * max(falling.max(), curve.losses[0]))
    dress(ax, "Loss while the learning rate grows", "learning rate", "loss")
    ax.legend(fontsize=TEXT - 1, frameon=False)
    return ax
