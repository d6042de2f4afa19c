"""What a table's model is trained on: prepared inputs, targets, weights; nothing of files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hyalite.data.tables.schema import Schema
from hyalite.parameters import Array


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
