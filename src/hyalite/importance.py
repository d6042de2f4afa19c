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

    Raises:
        ValueError: an input that does not fit; a group without features, or with unknown ones.

    Source: Breiman, *Random forests*, 2001, section 10; Fisher, Rudin & Dominici 2019.
    """
    x = checks.inputs(x, model.network.input_shape)
    if x.ndim != 2:
        raise ValueError(f"x must have shape (samples, features), got {x.shape}")
    repeats = checks.whole(repeats, "repeats")
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
