"""A trained factor for each feature."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hyalite.layers.attributes import gradient, value
from hyalite.layers.base import Layer, check_flat
from hyalite.layers.selection import chosen, chosen_of, index
from hyalite.parameters import Array, Shape


class Scale(Layer):
    """y = s ⊙ x, one trained s for each feature, 1 at first.

    x, y: (n, d); s: (d,). With `columns` s has a number for each of these, in their order, and the
    others pass:

        ds = Σ_rows dy·x      dx = s ⊙ dy

    Before a dense layer it lets the training weigh the inputs, which with a large learning rate
    of its own makes a soft choice among them: a dense layer alone treats all of them alike.

    Args:
        columns: places of the features that are scaled, such as ``(0, 2)``; None: all.
        name: of the layer.

    Attributes:
        s: the factors.
        ds: their gradient after `backward`.

    Raises:
        ValueError: columns that are none, named twice or not there, or samples that are not flat.

    Source: Holzmüller, Grinsztajn & Steinwart 2024, *Better by default*.

    Examples:
        >>> scale = hy.Scale().build(2)
        >>> scale.s[...] = [2, -1]
        >>> scale.forward([[1, 2], [3, 4]]).tolist()
        [[2.0, -2.0], [6.0, -4.0]]
        >>> scale.backward([[1, 1], [0, 1]]).tolist()
        [[2.0, -1.0], [0.0, -1.0]]
        >>> scale.ds.tolist()  # 1·1 + 0·3, 1·2 + 1·4
        [1.0, 6.0]
    """

    formulas = {"y": "s ⊙ x", "ds": "Σ_rows dy·x", "dx": "s ⊙ dy"}
    s = value("s")
    ds = gradient("s")

    def __init__(self, columns: Iterable[int] | None = None, name: str | None = None) -> None:
        super().__init__(name)
        self.columns = chosen(columns)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.receive(x)
        return np.multiply(x, self._factors(), out=self.array("y", x.shape))

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        product = np.multiply(dy, self.x, out=self.array("product", dy.shape))
        self.ds[...] = product.sum(axis=0)[index(self.columns)]
        if not self.needs_dx:
            return None
        return np.multiply(dy, self._factors(), out=self.array("dx", dy.shape))

    def _factors(self) -> Array:
        """One for each feature: s, and 1 for those that pass."""
        if self.columns is None:
            return self.s
        factors = np.ones(self.x.shape[-1], self.dtype)
        factors[index(self.columns)] = self.s
        return factors

    def output_shape(self, input_shape: Shape) -> Shape:
        check_flat(self, input_shape)
        chosen_of(self, self.columns, input_shape)
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"s": (len(chosen_of(self, self.columns, input_shape)),)}

    def initialize(self, stream: np.random.Generator) -> None:
        self.s[...] = 1
