"""What a table's model is trained on: prepared inputs, targets, weights; nothing of files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hyalite.data.tables import Preparation
from hyalite.parameters import Array


@dataclass(frozen=True)
class Schema:
    """Which inputs are what.

    Attributes:
        numbers: places of the inputs that are quantities.
        indicators: places of those that are 0 or 1.
        categories: place and number of levels of those that hold the number of a category.
    """

    numbers: tuple[int, ...]
    indicators: tuple[int, ...]
    categories: tuple[tuple[int, int], ...]


def schema_of(preparation: Preparation, x: Array) -> Schema:
    """The schema of a preparation's inputs; x (n, features) tells the zeros and ones."""
    first = x.shape[1] - len(preparation.embedded)
    truths = np.array([bool(np.isin(x[:, place], (0, 1)).all()) for place in range(first)])
    return Schema(
        tuple(np.flatnonzero(~truths).tolist()),
        tuple(np.flatnonzero(truths).tolist()),
        tuple((first + n, count) for n, count in enumerate(preparation.embedded)),
    )


@dataclass(frozen=True)
class Problem:
    """Rows to learn from.

    Attributes:
        x: inputs, float32 (n, features).
        y: labels, int64 (n,), or numbers in their own unit, float64 (n,).
        schema: of the inputs.
        classes: how many; 0 where y is numbers.
        weight: what each row counts (n,), or None.
        groups: rows of one group are not torn apart by a cut (n,), or None.
        metric: that the epoch and the mixture are chosen by: "log_loss", "accuracy" or "rmse".
    """

    x: Array
    y: Array
    schema: Schema
    classes: int
    weight: Array | None = None
    groups: Array | None = None
    metric: str = "log_loss"

    def __len__(self) -> int:
        return len(self.x)

    def weights(self, rows: Array | slice = slice(None)) -> Array:
        """What these rows count, float64; ones where nothing was said."""
        return np.ones(len(self.y))[rows] if self.weight is None else self.weight[rows]
