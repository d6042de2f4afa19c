"""Dask's arrays and frames, partition by partition, as the client sees them."""

from __future__ import annotations

from typing import Any

import dask

KINDS = "a dask array or dask data frame"


def partitions(
    x: Any, y: Any, weight: Any = None, names: tuple[str, ...] = ("x", "y", "sample_weight")
) -> list[tuple[Any, Any, Any]]:
    """Inputs, targets and weights of each partition, not computed yet.

    Raises:
        ValueError: something else than collections, or collections that are cut differently.
    """
    for name, values in zip(names, (x, y, weight), strict=True):
        if not dask.is_dask_collection(values) and not (values is None and name == names[2]):
            raise ValueError(
                f"{name} must be {KINDS}, got {type(values).__name__}; what fits into memory is "
                f"trained on by model.fit, or becomes one by dask.array.from_array({name})"
            )
    if _is_array(x):
        if x.ndim < 2:
            raise ValueError(f"{names[0]} must have shape (samples, features), got {x.shape}")
        x = x.rechunk(dict.fromkeys(range(1, x.ndim), -1))
    columns = [_parts(x)]
    for name, values in zip(names[1:], (y, weight), strict=True):
        if values is None:
            columns.append([None] * len(columns[0]))
            continue
        if _is_array(values):
            values = values.rechunk(dict.fromkeys(range(1, values.ndim), -1))
            if _is_array(x) and _known(x) and _known(values) and len(x) == len(values):
                values = values.rechunk({0: x.chunks[0]})
        own = _parts(values)
        if len(own) != len(columns[0]):
            raise ValueError(
                f"{names[0]} and {name} must have the same partitions, got {len(columns[0])} and "
                f"{len(own)}; take both from one collection, or repartition one of them"
            )
        columns.append(own)
    return list(zip(*columns, strict=True))


def _is_array(values: Any) -> bool:
    return hasattr(values, "chunks") and hasattr(values, "rechunk")


def _known(array: Any) -> bool:
    """Whether the sizes of the chunks are known."""
    return all(size == size for size in array.chunks[0])


def _parts(values: Any) -> list[Any]:
    """Of a collection, in order."""
    found = values.to_delayed()
    return list(found.ravel() if hasattr(found, "ravel") else found)
