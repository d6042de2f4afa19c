"""What a table's model is trained on: prepared inputs, targets, weights; nothing of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hyalite.data.block_samples import RowSource
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
        source: rows to train networks on, read from disk; then x and y are a sample of them, and
            the rows that are `kept`. None where x and y are all there are.
        kept: the rows that are kept back from training, where that is not left to cuts.
        class_weight: of the source's rows, by label; None for 1.
        metric: that the epoch and the mixture are chosen by: "log_loss", "accuracy" or "rmse".
    """

    x: Array
    y: Array
    schema: Schema
    classes: int
    weight: Array | None = None
    groups: Array | None = None
    metric: str = "log_loss"
    source: RowSource | None = None
    kept: Array | None = None
    class_weight: Mapping[int, float] | None = None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def training_rows(self) -> int:
        """How many rows there are for networks to learn from, be they in memory or not."""
        return len(self) if self.source is None else len(self.source)

    def weights(self, rows: Array | slice = slice(None)) -> Array:
        """What these rows count, float64; ones where nothing was said."""
        return np.ones(len(self.y))[rows] if self.weight is None else self.weight[rows]
