"""What each column is worth to a model, as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyalite.plots.canvas import BLUE, GRAY, PALE, dress, figure
from hyalite.plots.reading import short

if TYPE_CHECKING:
    from hyalite.importance import Importance

MAX_NAME_LENGTH = 28  # characters of a name
BAR_INCHES = 0.32  # inches


def importance(found: Importance, *, most: int = 15, ax: Any = None) -> Any:
    """How much the loss rises when a column is shuffled: a bar for the mean, a dot a shuffle.

    Args:
        found: from `permutation_importance`.
        most: draw so many columns, the most important ones.
        ax: Axes to draw on; None makes a figure.

    Returns:
        the Axes.

    Raises:
        MissingExtra: matplotlib is not installed.

    Examples:
        >>> rises = np.array([[0.1, 0.3], [0.5, 0.7]])
        >>> ax = hy.plots.importance(hy.Importance(("age", "height"), rises, loss=1.0))
        >>> [label.get_text() for label in ax.get_yticklabels()]  # from the bottom to the top
        ['age', 'height']
    """
    shown = found.order[:most][::-1]  # the first at the top
    if ax is None:
        ax = figure(7.0, 1.6 + BAR_INCHES * len(shown)).add_subplot()
    ax.barh(range(len(shown)), found.mean[shown], color=BLUE, height=0.66)
    for place, column in enumerate(shown):
        ax.plot(
            found.rises[column], [place] * found.rises.shape[1], ".", color="black", markersize=4
        )
    ax.set_yticks(
        range(len(shown)), [short(found.names[column], MAX_NAME_LENGTH) for column in shown]
    )
    ax.axvline(0, color=GRAY, linewidth=0.8)
    ax.grid(True, axis="x", color=PALE, linewidth=0.7)
    ax.set_axisbelow(True)
    left_out = len(found.names) - len(shown) + found.left_out
    title = "Worth of each column" + (f" ({left_out} lesser ones left out)" if left_out else "")
    rise = f"rise of the {found.measure} ({found.loss:.3g}) when it is shuffled"
    dress(ax, title, rise, "")
    return ax
