"""Permutation importance: how much the loss rises when a column is shuffled among the samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.text import columns, shown

VALUES_AT_ONCE = 4_000_000  # of x in memory: as many shuffled copies as that holds go in one call


@dataclass
class Importance:
    """What each column is worth to a model.

    Attributes:
        names: of the columns.
        rises: of the loss, one for each column and shuffle, (columns, repeats).
        loss: with nothing shuffled.
        left_out: how many further columns were less promising, and not measured.
        measure: what the loss is called.

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
    left_out: int = 0
    measure: str = "loss"

    @property
    def mean(self) -> Array:
        """The mean rise of each column, (columns,)."""
        return np.asarray(self.rises.mean(axis=1))

    @property
    def order(self) -> Array:
        """The columns' places, the most important first."""
        return np.argsort(-self.mean, kind="stable")

    def __str__(self) -> str:
        lines = [f"{self.measure} {self.loss:.4g}; it rises, when a column is shuffled, by"]
        names = [shown(name) for name in self.names]
        widest = max(map(columns, names))
        for i in self.order:
            blanks = " " * (widest - columns(names[i]))
            lines.append(f"  {names[i]}{blanks}  {self.mean[i]:+.4g}")
        if self.left_out:
            lines.append(f"  ({self.left_out:,} less promising columns were not measured)")
        return "\n".join(lines)


def permutation_importance(
    model: Sequential,
    x: Any,
    y: Any,
    groups: Mapping[str, Sequence[int]] | None = None,
    *,
    repeats: int = 5,
    seed: int = 0,
    most: int | None = None,
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
        most: measure only so many columns, the most promising ones: blocks of columns are shuffled
            together, and the better half of the blocks is halved again, down to single columns.

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
    most = None if most is None else checks.integer(most, "most")
    features = x.shape[1]
    if groups is None:
        groups = {f"x{place}": [place] for place in range(features)}
    for name, places in groups.items():
        if not len(places) or not all(0 <= place < features for place in places):
            raise ValueError(
                f"groups[{name!r}] must name features from 0 to {features - 1}, got {list(places)}"
            )
    loss = model.loss
    target = loss.target(y, model.network.output_shape, "y")
    checks.same_length(x, target, ("x", "y"))

    def losses(copies: Array) -> Array:
        again = np.concatenate([target] * (len(copies) // len(target)))
        return np.asarray(loss.values(model.predict(copies), again))

    return shuffled_columns(losses, x, groups, repeats=repeats, seed=seed, most=most)


def shuffled_columns(
    losses: Callable[[Array], Array],
    x: Array,
    groups: Mapping[str, Sequence[int]],
    *,
    repeats: int = 5,
    seed: int = 0,
    most: int | None = None,
    root: bool = False,
    measure: str = "loss",
) -> Importance:
    """`permutation_importance` of whatever gives losses, with many copies of x in one call.

    Args:
        losses: of each row of several copies of x, one below the other: (m·n, features) -> (m·n,).
        x: samples (n, features).
        groups: name -> the features that are shuffled together.
        repeats: shuffles of each.
        seed: of the shuffles.
        most: measure only so many columns, the most promising ones.
        root: take the root of the mean loss, so that squares are in the unit of what was squared.
        measure: what the loss is called.
    """
    rng = np.random.default_rng(seed)
    places = [list(own) for own in groups.values()]
    chosen = list(range(len(places)))
    if most is not None and most < len(places):
        chosen = _promising(losses, x, places, most, rng)
    jobs = [places[column] for column in chosen for _ in range(repeats)]
    means = _means(losses, x, jobs, rng, root)
    base = _means(losses, x, [[]], rng, root)[0]
    names = tuple(groups)
    return Importance(
        tuple(names[column] for column in chosen),
        (means - base).reshape(len(chosen), repeats),
        float(base),
        len(places) - len(chosen),
        measure,
    )


def _means(
    losses: Callable[[Array], Array],
    x: Array,
    jobs: Sequence[Sequence[int]],
    rng: np.random.Generator,
    root: bool = False,
) -> Array:
    """The mean loss with the features of each job shuffled, (jobs,)."""
    at_once, found = max(1, VALUES_AT_ONCE // max(1, x.size)), []
    for start in range(0, len(jobs), at_once):
        some = jobs[start : start + at_once]
        copies = np.concatenate([x] * len(some)).reshape(len(some), *x.shape)
        for copy, own in zip(copies, some, strict=True):
            if own:
                copy[:, own] = x[rng.permutation(len(x))][:, own]
        found.append(losses(copies.reshape(-1, x.shape[1])).reshape(len(some), -1).mean(axis=1))
    means = np.concatenate(found).astype(np.float64)
    return np.sqrt(means) if root else means


def _promising(
    losses: Callable[[Array], Array],
    x: Array,
    places: Sequence[Sequence[int]],
    most: int,
    rng: np.random.Generator,
) -> list[int]:
    """The columns that seem worth most, in their order."""
    blocks = np.array_split(np.arange(len(places)), 2 * most)
    while True:
        blocks = [block for block in blocks if len(block)]
        jobs = [[place for column in block for place in places[column]] for block in blocks]
        best = np.argsort(-_means(losses, x, jobs, rng), kind="stable")[:most]
        blocks = [blocks[place] for place in best]
        if all(len(block) == 1 for block in blocks):
            return sorted(int(block[0]) for block in blocks)
        blocks = [half for block in blocks for half in np.array_split(block, 2)]
