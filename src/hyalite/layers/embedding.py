"""The embedding: a trained vector for each category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from hyalite import checks
from hyalite.initializers import Function, Initializer, resolve_initializer
from hyalite.layers.attributes import gradient, value
from hyalite.layers.base import Index, Term, check_flat
from hyalite.layers.columns import ColumnEmbedding
from hyalite.layers.selection import chosen
from hyalite.parameters import Array, Shape


class Embedding(ColumnEmbedding):
    """y = (x₁ … x_k, E[c₁], E[c₂], …): numbers pass, each category becomes its row of a table.

    Some columns of x, one for each entry of `categories`, hold whole numbers c: which category
    a sample is of. The k others pass through, and come first. E has a row of `dimension` trained
    numbers for each category of each column; categories used alike come to lie close together.

    x: (n, k + columns);  y: (n, k + columns·dimension);  E: (Σ categories, dimension).
    dE[c] = Σ of what dy has for c;  dx = dy for the k, 0 for c, since a category has no derivative.

    It is the same as one-hot columns and a dense layer without bias, without the zeros.

    Args:
        categories: how many each of the columns has, such as ``(12, 300)``; 12 means (12,).
        dimension: numbers for each.
        initializer: of E.
        name: of the layer.
        columns: places of the columns that hold categories, in the order of `categories`; None:
            the last ones.

    Raises:
        ValueError: an argument out of range, or fewer columns than `categories`; in `forward`,
            where a number is no category: below 0, or too large.

    Source: Bengio et al. 2003 for words; Guo & Berkhahn, *Entity embeddings of categorical
    variables*, 2016, for tables.

    Examples:
        Of each sample the first number passes, the second is a category, 0 to 2:

        >>> embedding = hy.Embedding(3, dimension=2).build(2)
        >>> embedding.E[...] = [[0, 1], [2, 3], [4, 5]]
        >>> embedding.forward([[7, 0], [8, 2]]).tolist()
        [[7.0, 0.0, 1.0], [8.0, 4.0, 5.0]]
        >>> embedding.backward([[1, 1, 1], [1, 2, 2]]).tolist()
        [[1.0, 0.0], [1.0, 0.0]]
        >>> embedding.dE.tolist()  # category 1 did not occur
        [[1.0, 1.0], [0.0, 0.0], [2.0, 2.0]]

        With the category before the number:

        >>> embedding = hy.Embedding(3, dimension=2, columns=[0]).build(2)
        >>> embedding.E[...] = [[0, 1], [2, 3], [4, 5]]
        >>> embedding.forward([[0, 7], [2, 8]]).tolist()
        [[7.0, 0.0, 1.0], [8.0, 4.0, 5.0]]
    """

    formulas = {
        "y": "(x₁ … x_k, E[c₁], E[c₂], …)",
        "dE": "Σ of what dy has for each category",
        "dx": "(dy₁ … dy_k, 0 …)",
    }
    E = value("E")
    dE = gradient("E")

    def __init__(
        self,
        categories: int | Iterable[int],
        dimension: int = 8,
        initializer: str | type[Initializer] | Initializer | Function = "glorot_uniform",
        name: str | None = None,
        columns: Iterable[int] | None = None,
    ) -> None:
        super().__init__(name)
        counts = list(categories) if isinstance(categories, Iterable) else [categories]
        self.categories = tuple(checks.integer(count, "categories") for count in counts)
        if not self.categories:
            raise ValueError("categories must name at least one column's count, got none")
        self.dimension = checks.integer(dimension, "dimension")
        self.initializer = resolve_initializer(initializer, "initializer")
        self.columns = chosen(columns)
        if self.columns is not None and len(self.columns) != len(self.categories):
            raise ValueError(
                f"columns must be as many as categories, {len(self.categories)}, got {columns!r}"
            )

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        self.rows = self._rows(x[:, self.chosen])
        y = self.begin_y(x)
        self.parts(y)[...] = self.E[self.rows]
        return y

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        self.dE[...] = 0
        np.add.at(self.dE, self.rows, self.parts(dy))
        if not self.needs_dx:
            return None
        dx = self.begin_dx(dy)
        dx[:, self.chosen] = 0
        return dx

    def terms(self, name: str, place: Index, arrays: Mapping[str, Array]) -> list[Term] | None:
        if name != "y":
            return None
        row, column = place
        if column < len(self.passing):
            return [Term((("x", (row, int(self.passing[column]))),))]
        embedded, entry = divmod(column - len(self.passing), self.dimension)
        rows = self._rows(arrays["x"][row : row + 1, self.chosen])
        return [Term((("E", (int(rows[0, embedded]), entry)),))]

    @property
    def starts(self) -> Array:
        """The row of E at which each column's categories begin."""
        return np.cumsum((0, *self.categories[:-1]))

    def _rows(self, numbers: Array) -> Array:
        """The rows of E for categories (n, columns): each column's begin where the last's end."""
        found = np.rint(numbers)
        unknown = ~((found >= 0) & (found < self.categories))
        if unknown.any():
            row, column = np.argwhere(unknown)[0]
            place = self.chosen[column] - (self.input_shape[0] if self.columns is None else 0)
            raise ValueError(
                f"x must have categories from 0 to {self.categories[column] - 1} in its column "
                f"{place}, got {numbers[row, column]:g} in row {row}"
            )
        return found.astype(np.intp) + self.starts

    def default_columns(self, features: int) -> Sequence[int]:
        return range(features - len(self.categories), features)

    def output_shape(self, input_shape: Shape) -> Shape:
        features, columns = check_flat(self, input_shape), len(self.categories)
        if self.columns is None and features < columns:
            raise ValueError(
                f"Embedding takes its categories from the last {columns} columns of x, "
                f"which has {features}"
            )
        return super().output_shape(input_shape)

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"E": (sum(self.categories), self.dimension)}

    def initialize(self, stream: np.random.Generator) -> None:
        self.E[...] = self.initializer(self.E.shape, stream)
