"""What layers share that make several numbers of some columns of flat samples."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.layers.base import Layer, check_flat
from hyalite.parameters import Array, Shape

Columns = tuple[int, ...] | None  # None: all


class ColumnEmbedding(Layer):
    """Makes `dimension` numbers of each of some columns; the others pass, in order, first.

    Subclasses set `columns` and `dimension`, and write `forward` and `backward` by way of
    `begin_y`, `begin_dx` and `parts`.

    Attributes:
        chosen: places of the columns that are embedded, once built.
        passing: of those that pass.
    """

    columns: tuple[int, ...] | None
    dimension: int
    chosen: Array
    passing: Array

    def default_columns(self, features: int) -> tuple[int, ...]:
        """Which columns are embedded where `columns` is None."""
        return tuple(range(features))

    def split(self, features: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The places of the columns that are embedded, and of those that pass.

        Raises:
            ValueError: one of `columns` is not there.
        """
        chosen = self.default_columns(features) if self.columns is None else self.columns
        if max(chosen) >= features:
            raise ValueError(
                f"columns must be places from 0 to {features - 1}, since x has {features} of "
                f"them, got {max(chosen)}"
            )
        return chosen, tuple(place for place in range(features) if place not in set(chosen))

    def output_shape(self, input_shape: Shape) -> Shape:
        chosen, passing = self.split(check_flat(self, input_shape))
        return (len(passing) + len(chosen) * self.dimension,)

    def bind(self, input_shape: Shape, *others: Any) -> None:
        super().bind(input_shape, *others)
        chosen, passing = self.split(input_shape[0])
        self.chosen, self.passing = np.array(chosen, np.intp), np.array(passing, np.intp)

    def begin_y(self, x: Array) -> Array:
        """y (n, outputs) with the columns that pass in it; its `parts` are still to be written."""
        outputs = len(self.passing) + len(self.chosen) * self.dimension
        y = self.array("y", (len(x), outputs))
        y[:, : len(self.passing)] = x[:, self.passing]
        return y

    def begin_dx(self, dy: Array) -> Array:
        """dx (n, features) with the derivatives of the columns that pass in it."""
        dx = self.array("dx", (len(dy), len(self.passing) + len(self.chosen)))
        dx[:, self.passing] = dy[:, : len(self.passing)]
        return dx

    def parts(self, y: Array) -> Array:
        """What y, or dy, has of the embedded columns, a view (n, embedded columns, dimension)."""
        return y[:, len(self.passing) :].reshape(len(y), len(self.chosen), self.dimension)


def check_columns(columns: Iterable[int] | None) -> tuple[int, ...] | None:
    """`columns` as a tuple of places, or None.

    Raises:
        ValueError: none at all, a place twice, or no whole number of at least 0.
    """
    if columns is None:
        return None
    found: Any = list(columns) if isinstance(columns, Iterable) else [columns]
    places = tuple(checks.integer(place, "columns", low=0) for place in found)
    if not places or len(set(places)) < len(places):
        raise ValueError(
            "columns must be places of columns, each once, such as (0, 2), or None for the usual "
            f"ones, got {columns!r}"
        )
    return places


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
        twice = next(place for place in places if places.count(place) > 1)
        raise ValueError(f"{argument} must name each column once, got {twice} more than once")
    return places


def chosen_of(layer: Layer, columns: Columns, input_shape: Shape) -> tuple[int, ...]:
    """The places in samples of this shape, all of them for None.

    Raises:
        ValueError: samples that are not flat, or have no such column.
    """
    features = check_flat(layer, input_shape)
    if columns is None:
        return tuple(range(features))
    if max(columns) >= features:
        raise ValueError(
            f"columns of {type(layer).__name__} must be from 0 to {features - 1}, the places in "
            f"samples of {features} features, got {max(columns)}"
        )
    return columns


def index(columns: Columns) -> slice | Array:
    """What picks them from the last axis: a view for all, else a copy."""
    return slice(None) if columns is None else np.array(columns)
