"""Samples as the kernels take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hyalite.data.samples import Samples
from hyalite.engines.compiled.structs import SAMPLE_DTYPES, Source
from hyalite.parameters import Array


def source_of(samples: Samples, orders: Sequence[Array | None], predictions: Array) -> Source:
    """Addresses and arrays; `samples` must outlive it.

    Args:
        samples: to read.
        orders: of the samples in each epoch; None as they come.
        predictions: to write, or no rows.
    """
    none, dtype = np.empty(0), samples.dtype
    x, y = samples.plain(SAMPLE_DTYPES), samples.y
    labels, targets = np.empty(0, np.int64), np.empty((0, 0), dtype)
    if y is not None and y.ndim == 1:
        labels = _required(y, np.int64)
    elif y is not None:
        targets = _required(y, dtype)
    return Source(
        x.ctypes.data,
        SAMPLE_DTYPES.index(x.dtype.name),
        x[0].size,
        len(x),
        _orders(samples, orders),
        labels,
        targets,
        none if samples.weight is None else _required(samples.weight, np.float64),
        none if samples.counts is None else _required(samples.counts, np.float64),
        predictions,
    )


def total(values: Array | None, samples: Samples) -> float:
    """The sum of the weights or counts of these samples; of each 1 where there are none."""
    if values is None:
        return float(len(samples))
    return float((values if samples.rows is None else values[samples.rows]).sum())


def _orders(samples: Samples, orders: Sequence[Array | None]) -> Array:
    if orders[0] is not None:
        rows = [o if samples.rows is None else samples.rows[o] for o in orders if o is not None]
        return np.stack(rows).astype(np.int64, copy=False)
    if samples.rows is not None:
        return _required(samples.rows, np.int64)[np.newaxis]
    return np.empty((0, 0), np.int64)


def _required(array: Array, dtype: Any) -> Array:
    """`array` as the kernels' compiled signatures want it: contiguous, aligned, writable."""
    return np.require(array, dtype, ["C", "A", "W"])
