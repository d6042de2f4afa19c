"""Permutation importance: how much the loss rises when a column is shuffled among the samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.model import Sequential
from hyalite.parameters import Array


@dataclass
class Importance:
    """What each column is worth to a model.

    Attributes:
        names: of the columns.
        rises: of the loss, one for each column and shuffle, (columns, repeats).
        loss: with nothing shuffled.

    Examples:
        >>> rises = np.array([[0.1, 0.3], [0.5, 0.7]])  # of two columns at two shuffles
        >>> print(hy.Importance(("age", "height"), rises, loss=1.0))
        loss 1; it rises, when a column is shuffled, by
          height  +0.6
          age     +0.2
    """

    names: tuple[str, ...]
    rises: Array
    loss: float

    @property
    def mean(self) -> Array:
        """The mean rise of each column, (columns,)."""
        return np.asarray(self.rises.mean(axis=1))

    @property
    def order(self) -> Array:
        """The columns' places, the most important first."""
        return np.argsort(-self.mean, kind="stable")

    def __str__(self) -> str:
        lines = [f"loss {self.loss:.4g}; it rises, when a column is shuffled, by"]
        widest = max(map(len, self.names))
        lines += [f"  {self.names[i]:<{widest}}  {self.mean[i]:+.4g}" for i in self.order]
        return "\n".join(lines)


def permutation_importance(
    model: Sequential,
    x: Any,
    y: Any,
    groups: Mapping[str, Sequence[int]] | None = None,
    *,
    repeats: int = 5,
    seed: int = 0,
) -> Importance:
    """How much the loss rises when one column of x is shuffled among the samples.

    rise = loss(x with the column shuffled, y) - loss(x, y)

    Measure on samples that training has not seen. Of two columns that say the same, each alone may
    seem to be worth little.

    Args:
        model: compiled and trained.
        x: samples (n, features).
        y: targets, as for `evaluate`.
        groups: name -> the features that are shuffled together, as `Preparation.groups` gives them;
            by default each alone, named x0, x1, ...
        repeats: shuffles of each.
        seed: of the shuffles.

    Returns:
        the rises, by column and shuffle.

    Raises:
        ValueError: an input that does not fit; a group without features, or with unknown ones.

    Source: Breiman, *Random forests*, 2001, section 10; Fisher, Rudin & Dominici 2019.

    Examples:
        A model that gives back the first of two columns:

        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.compile("mse")
        >>> model.build(2)
        >>> model.set_weights([[[1.0], [0.0]], [0.0]])
        >>> x = np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0], [4.0, 8.0]])
        >>> found = hy.permutation_importance(model, x, x[:, 0])
        >>> found.loss, (found.mean > 0).tolist()
        (0.0, [True, False])
    """
    _ = model.network.ready
    x = checks.inputs(x, model.network.input_shape)
    if x.ndim != 2:
        raise ValueError(f"x must have shape (samples, features), got {x.shape}")
    repeats = checks.integer(repeats, "repeats")
    features = x.shape[1]
    if groups is None:
        groups = {f"x{place}": [place] for place in range(features)}
    for name, places in groups.items():
        if not len(places) or not all(0 <= place < features for place in places):
            raise ValueError(
                f"groups[{name!r}] must name features from 0 to {features - 1}, got {list(places)}"
            )
    rng = np.random.default_rng(seed)
    loss = float(model.evaluate(x, y)["loss"])
    rises = np.empty((len(groups), repeats))
    shuffled = x.copy()
    for row, places in enumerate(groups.values()):
        own = list(places)
        for repeat in range(repeats):
            shuffled[:, own] = x[rng.permutation(len(x))][:, own]
            rises[row, repeat] = model.evaluate(shuffled, y)["loss"] - loss
        shuffled[:, own] = x[:, own]
    return Importance(tuple(groups), rises, loss)
