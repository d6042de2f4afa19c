"""Predictions of collections: computed when they are asked for, partition by partition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hyalite.dask.collections import KINDS
from hyalite.model import Sequential
from hyalite.parameters import Array, Shape


def predict(model: Sequential, x: Any) -> Any:
    """The outputs of a model for a collection: a dask array, of which nothing is computed yet.

    Args:
        model: built.
        x: a dask array (n, *input_shape), or a dask data frame of numbers.

    Returns:
        a dask array (n, *output_shape), in chunks of x's partitions.

    Raises:
        ValueError: x is no collection, or the model is not built.

    Examples:
        >>> import dask.array as da
        >>> import hyalite.dask
        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.build(1)
        >>> model.set_weights([[[2.0]], [1.0]])  # y = 2·x + 1
        >>> x = da.from_array(np.array([[0.0], [3.0]]))
        >>> hyalite.dask.predict(model, x).compute().tolist()
        [[1.0], [7.0]]
    """
    network = model.network
    _ = network.ready
    return by_partition(model.predict, x, network.output_shape, network.dtype)


def by_partition(
    function: Callable[[Any], Array], x: Any, shape: Shape, dtype: Any, names: Sequence[str] = ()
) -> Any:
    """What a function gives for each partition.

    Args:
        function: of one partition, an array or a frame: (n, *shape).
        x: the collection.
        shape: of what it gives for one row.
        dtype: and its dtype.
        names: of columns, where what a frame gives is to be one, too.

    Returns:
        a dask array; of a frame with `names` a frame, without a shape a series.
    """
    if hasattr(x, "map_blocks"):  # an array
        x = x.rechunk(dict.fromkeys(range(1, x.ndim), -1))
        gone, new = list(range(1, x.ndim)), list(range(1, 1 + len(shape)))
        return x.map_blocks(
            _of_block, function, np.empty((0, *shape), dtype), dtype=np.dtype(dtype),
            drop_axis=gone, new_axis=new, chunks=(x.chunks[0], *((size,) for size in shape)),
            meta=np.empty((0,) * (1 + len(shape)), dtype),
        )  # fmt: skip
    if not hasattr(x, "map_partitions"):
        raise ValueError(f"x must be {KINDS}, got {type(x).__name__}")
    import pandas as pd

    empty = np.empty((0, *shape), dtype)
    if names:
        meta: Any = pd.DataFrame(empty, columns=list(names))
    elif not shape:
        meta = pd.Series(empty)
    else:
        return x.map_partitions(_of_rows, function, empty, None, meta=empty)
    return x.map_partitions(_of_rows, function, empty, meta, meta=meta)


def _of_block(block: Array, function: Any, empty: Array) -> Array:
    return np.asarray(function(block), empty.dtype) if block.size else empty


def _of_rows(rows: Any, function: Any, empty: Array, meta: Any) -> Any:
    found = np.asarray(function(rows), empty.dtype) if len(rows) else empty
    if meta is None:
        return found
    if meta.ndim == 1:
        return type(meta)(found, index=rows.index)
    return type(meta)(found, index=rows.index, columns=meta.columns)
