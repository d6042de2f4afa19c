"""What layers share that make several numbers of some columns of flat samples."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from hyalite.layers.base import Layer, check_flat
from hyalite.layers.selection import Columns, chosen_of
from hyalite.parameters import Array, Shape


class ColumnEmbedding(Layer):
    """Makes `dimension` numbers of each of some columns; the others pass, in order, first.

    Subclasses set `columns` and `dimension`, and write `forward` and `backward` by way of
    `begin_y`, `begin_dx` and `parts`.

    What follows from the number of features is made when it is needed, not when a model is read:
    a file may say that there are any number.
    """

    columns: Columns
    dimension: int

    def default_columns(self, features: int) -> Sequence[int]:
        """Which columns are embedded where `columns` is None."""
        return range(features)

    def places(self, features: int) -> Sequence[int]:
        """The places of the columns that are embedded.

        Raises:
            ValueError: one of `columns` is not there.
        """
        if self.columns is None:
            return self.default_columns(features)
        return chosen_of(self, self.columns, (features,))

    @cached_property
    def chosen(self) -> Array:
        """The places of the columns that are embedded, once built."""
        return np.array(self.places(self.input_shape[0]), np.intp)

    @cached_property
    def passing(self) -> Array:
        """Those of the others, in order."""
        return np.delete(np.arange(self.input_shape[0]), self.chosen)

    def output_shape(self, input_shape: Shape) -> Shape:
        features = check_flat(self, input_shape)
        chosen = len(self.places(features))
        return (features - chosen + chosen * self.dimension,)

    def bind(self, input_shape: Shape, *others: Any) -> None:
        super().bind(input_shape, *others)
        for name in ("chosen", "passing"):  # of samples that it was built for before
            self.__dict__.pop(name, None)

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
