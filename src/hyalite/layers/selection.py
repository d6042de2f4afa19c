"""Which of the inputs a layer is for: the places of some columns of flat samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from hyalite import checks
from hyalite.layers.base import Layer, check_flat
from hyalite.parameters import Array, Shape

Columns = tuple[int, ...] | None  # None: all of them


def chosen(columns: Iterable[int] | None, argument: str = "columns") -> Columns:
    """The places as a tuple, in the order given.

    Raises:
        ValueError: none at all, a place below 0 or one that is named twice.
    """
    if columns is None:
        return None
    if not isinstance(columns, Iterable) or isinstance(columns, (str, bytes)):
        raise ValueError(
            f"{argument} must be places of columns such as (0, 2), or None for all, got {columns!r}"
        )
    places = tuple(checks.integer(place, argument, low=0) for place in columns)
    if not places:
        raise ValueError(f"{argument} must name at least one column, got none; None means all")
    if len(set(places)) < len(places):
        twice = Counter(places).most_common(1)[0][0]
        raise ValueError(f"{argument} must name each column once, got {twice} more than once")
    return places


def chosen_of(layer: Layer, columns: Columns, input_shape: Shape) -> Sequence[int]:
    """The places in samples of this shape, all of them for None, for which no memory is taken.

    Raises:
        ValueError: samples that are not flat, or have no such column.
    """
    features = check_flat(layer, input_shape)
    if columns is None:
        return range(features)
    if max(columns) >= features:
        raise ValueError(
            f"columns of {type(layer).__name__} must be from 0 to {features - 1}, the places in "
            f"samples of {features} features, got {max(columns)}"
        )
    return columns


def index(columns: Columns) -> slice | Array:
    """What picks them from the last axis: a view for all, else a copy."""
    return slice(None) if columns is None else np.array(columns)
