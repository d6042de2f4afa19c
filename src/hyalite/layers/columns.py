"""What layers share that make several numbers of some columns of flat samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from hyalite.layers.base import Layer, check_flat
from hyalite.layers.selection import Columns, chosen_of
from hyalite.parameters import Array, Shape


class ColumnEmbedding(Layer):
    """Makes `dimension` numbers of each of some columns; the others pass, in order, first.

    Subclasses set `columns` and `dimension`, and write `forward` and `backward` by way of
    `begin_y`, `begin_dx` and `parts`.

    Attributes:
        chosen: places of the columns that are embedded, once built.
        passing: of those that pass.
    """

    columns: Columns
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
        columns = self.default_columns(features) if self.columns is None else self.columns
        places = chosen_of(self, columns, (features,))
        return places, tuple(place for place in range(features) if place not in set(places))

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
