"""Samples in memory (or mapped from a file), handed out batch by batch in the model's dtype."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from hyalite.parameters import Array


class Batch(NamedTuple):
    """Some rows: x in the model's dtype, valid until the next batch is taken."""

    x: Array
    y: Array | None
    weight: Array | None
    counts: Array | None


class Samples:
    """Inputs, targets and weights of the same rows.

    Args:
        x: (n, ...) of any real dtype; it is cast batch by batch, so raw uint8 images stay small.
        y: targets as the loss takes them, integer labels (n,) or (n, d).
        weight: what each counts in loss and metrics, float64 (n,), or None for 1.
        dtype: of the batches.
        rows: which rows count, in which order; None for all.
        loss_weight: what each counts in the loss, where that is something else, as with class
            weights.

    Attributes:
        weight: what each counts in the loss.
        counts: and in the metrics.
        first_step: of the epoch, where these are but a stretch of it.
    """

    first_step = 0

    def __init__(
        self,
        x: Array,
        y: Array | None,
        weight: Array | None,
        dtype: np.dtype[Any],
        rows: Array | None = None,
        loss_weight: Array | None = None,
    ) -> None:
        self.x, self.dtype, self.rows = x, dtype, rows
        self.y = y if y is None or y.ndim == 1 else y.astype(dtype, copy=False)
        self.weight = weight if loss_weight is None else loss_weight
        self.counts = weight
        self._batch = np.empty((0, *x.shape[1:]), dtype)
        self._plain: Array | None = None

    def __len__(self) -> int:
        return len(self.x if self.rows is None else self.rows)

    def rows_at_once(self, batch_size: int) -> int:
        """How many an engine is given at a time: all of them."""
        return len(self)

    def complete(self) -> None:
        """Have all rows there, also those that another worker trains on: here they are."""

    def target(self) -> Array | None:
        """The targets of all rows that count."""
        return self.y if self.y is None or self.rows is None else self.y[self.rows]

    def batch(self, start: int, stop: int, order: Any = None) -> Batch:
        """The rows at places start..stop-1 of `order`."""
        where: Any = slice(start, stop)
        if order is not None:
            where = order[where]
        if self.rows is not None:
            where = self.rows[where]
        y, weight, counts = (
            None if values is None else values[where]
            for values in (self.y, self.weight, self.counts)
        )
        return Batch(self._cast(where, stop - start), y, weight, counts)

    def everything(self, order: Array | None = None) -> Batch:
        """Targets, weights and counts of all rows that count, in `order`; x is empty."""
        where: Any = slice(None) if self.rows is None else self.rows
        if order is not None:
            where = order if self.rows is None else self.rows[order]
        y, weight, counts = (
            None if values is None else values[where]
            for values in (self.y, self.weight, self.counts)
        )
        return Batch(self.x[:0], y, weight, counts)

    def targets(self, start: int, stop: int, order: Any = None) -> Batch:
        """Targets, weights and counts of the rows at places start..stop-1 of `order`."""
        return self.everything(np.arange(start, stop) if order is None else order[start:stop])

    def part(self, start: int, stop: int) -> Samples:
        """The rows start..stop-1 of those that count, as samples of their own."""
        where = slice(start, stop) if self.rows is None else slice(None)
        x, plain, y, weight, counts = (
            None if values is None else values[where]
            for values in (self.x, self._plain, self.y, self.weight, self.counts)
        )
        assert x is not None
        rows = None if self.rows is None else self.rows[start:stop]
        part = Samples(x, y, counts, self.dtype, rows, weight)
        part._plain = plain
        return part

    def plain(self, forms: Sequence[str]) -> Array:
        """All of x, contiguous, aligned, of one of these dtypes; x itself where it is so."""
        if self._plain is None:
            native = self.x.dtype.name in forms and self.x.dtype.isnative
            dtype = self.x.dtype if native else self.dtype
            self._plain = np.require(self.x, dtype, ["C", "A"])
        return self._plain

    def _cast(self, where: Any, rows: int) -> Array:
        if isinstance(where, slice) and self.x.dtype == self.dtype:
            part = self.x[where]
            return part if part.flags.c_contiguous else np.ascontiguousarray(part)
        if len(self._batch) < rows:
            self._batch = np.empty((rows, *self.x.shape[1:]), self.dtype)
        batch = self._batch[:rows]
        if not isinstance(where, slice) and self.x.dtype == self.dtype:
            # mode="clip" since the default checks by way of a second buffer; the rows are ours
            return np.take(self.x, where, axis=0, out=batch, mode="clip")
        batch[...] = self.x[where]
        return batch
