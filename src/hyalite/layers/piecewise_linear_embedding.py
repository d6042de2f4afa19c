"""The piecewise-linear embedding of numbers: how far each is through each piece of its range."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from hyalite import checks, conversion
from hyalite.layers.attributes import gradient, value
from hyalite.layers.base import check_flat
from hyalite.layers.columns import ColumnEmbedding
from hyalite.layers.selection import chosen
from hyalite.parameters import Array, Shape

Bins = tuple[tuple[float, ...], ...]


class PiecewiseLinearEmbedding(ColumnEmbedding):
    """yᵢ = w0ᵢ·xᵢ + b0ᵢ + Vᵢᵀ·t(xᵢ): of each number a trained line, bent at the edges of pieces.

    A column's range is cut into pieces at fixed edges e₀ < e₁ < … ; t says of each piece how far
    the number is through it: t_q = (x - e_q)/(e_{q+1} - e_q), not below 0 nor above 1, but for the
    first piece, which goes on below, and the last, which goes on above. So every number that is
    made of x is a line along each piece. The columns that are not embedded pass, in order, first.

    x: (n, p + k);  y: (n, p + k·dimension), with k embedded columns.
    w0, b0: (k, dimension);  V: (Σ pieces, dimension), one column's pieces after the other's.
    With gᵢ what dy has for column i: dw0ᵢ = Σ xᵢ·gᵢ;  db0ᵢ = Σ gᵢ;  dVᵢ = Σ t(xᵢ)·gᵢᵀ;
    dxᵢ = w0ᵢ·gᵢ + Σ (V_q·gᵢ)/(e_{q+1} - e_q) over the pieces in which x lies.

    It starts as a line: V = 0, w0 and b0 uniform in ±1/√dimension.

    Args:
        bins: for each embedded column its edges, two or more, each above the one before, as
            `quantile_bins` learns them from rows; they are part of the model's description.
        dimension: numbers made of each.
        columns: places of the columns to embed, in the order of `bins`; None: all.
        name: of the layer.

    Raises:
        ValueError: an argument out of range, edges that do not rise (in single precision), or
            another number of columns than `bins`.

    Source: Gorishniy, Rubachev & Babenko, *On embeddings for numerical features in tabular deep
    learning*, 2022; in this form ("version B") Gorishniy, Kotelnikov & Babenko, *TabM*, 2025.

    Examples:
        >>> layer = hy.PiecewiseLinearEmbedding([[0, 1, 3]], dimension=1).build(1)
        >>> layer.w0[...], layer.b0[...], layer.V[...] = 0, 0, [[10], [100]]
        >>> layer.forward([[-1], [0.5], [2], [5]]).ravel().tolist()
        [-10.0, 5.0, 60.0, 210.0]
    """

    formulas = {
        "y": "(the others, w0ᵢ·xᵢ + b0ᵢ + Vᵢᵀ·t(xᵢ), …), where t says how far through each piece",
        "dw0": "Σ xᵢ·dyᵢ",
        "db0": "Σ dyᵢ",
        "dV": "Σ t(xᵢ)·dyᵢᵀ",
        "dx": "w0ᵢ·dyᵢ + (V_q·dyᵢ)/width of the piece q of x",
    }
    w0, dw0 = value("w0"), gradient("w0")
    b0, db0 = value("b0"), gradient("b0")
    V, dV = value("V"), gradient("V")

    def __init__(
        self,
        bins: Sequence[Sequence[float]],
        dimension: int = 16,
        columns: Iterable[int] | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.bins = _check_bins(bins)
        self.dimension = checks.integer(dimension, "dimension")
        self.columns = chosen(columns)
        if self.columns is not None and len(self.columns) != len(self.bins):
            raise ValueError(
                f"columns must be as many as bins, {len(self.bins)}, got {self.columns!r}"
            )

    @staticmethod
    def quantile_bins(x: Any, count: int = 48) -> Bins:
        """Edges between which lie equally many of the rows' values, for `bins`.

        Args:
            x: (n, columns), the rows to learn from, of the columns to be embedded.
            count: pieces of each column; fewer where quantiles are equal.

        Raises:
            ValueError: `count` below 1, or a column with one value only (in single precision),
                which has no pieces.

        Examples:
            >>> hy.PiecewiseLinearEmbedding.quantile_bins([[0, 5], [1, 5], [2, 5], [8, 6]], 2)
            ((0.0, 1.5, 8.0), (5.0, 6.0))
        """
        rows = checks.array(x, "x")
        if rows.ndim != 2 or not rows.size:
            raise ValueError(f"x must have shape (samples, columns), got {rows.shape}")
        steps = np.linspace(0, 1, checks.integer(count, "count") + 1)
        edges = np.quantile(rows.astype(np.float64), steps, axis=0).astype(np.float32)
        bins = tuple(tuple(np.unique(column).tolist()) for column in edges.T)
        names = [name for name, _ in conversion.columns_of(x) or ()] or range(len(bins))
        constant = [name for name, found in zip(names, bins, strict=True) if len(found) < 2]
        if constant:
            raise ValueError(
                f"x must have different values in every column, got one value only in column "
                f"{constant[0]!r}; leave that column out"
            )
        return bins

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        y = self.begin_y(x)
        parts = self.parts(y)
        self.columns_T = np.ascontiguousarray(x[:, self.chosen].T)  # (k, n)
        parts[...] = self.columns_T.T[:, :, None] * self.w0 + self.b0
        through, pieces = self.array("through", (len(self.V), len(x))), self.pieces
        self.through = [through[rows] for rows in pieces]  # (pieces, n) of each column
        for i, (t, edges) in enumerate(zip(self.through, self.edges, strict=True)):
            np.subtract(self.columns_T[i], edges[:-1, None], out=t)
            t /= np.diff(edges)[:, None]
            np.maximum(t[1:], 0, out=t[1:])
            np.minimum(t[:-1], 1, out=t[:-1])
            parts[:, i] += t.T @ self.V[pieces[i]]
        return y

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        g = self.parts(dy)
        g.sum(axis=0, out=self.db0)
        dx, pieces, edges = self.begin_dx(dy) if self.needs_dx else None, self.pieces, self.edges
        for i, (column, t) in enumerate(zip(self.columns_T, self.through, strict=True)):
            self.dw0[i] = column @ g[:, i]
            self.dV[pieces[i]] = t @ g[:, i]
            if dx is not None:
                slopes = self._inside(t) / np.diff(edges[i])[:, None]
                bent = ((self.V[pieces[i]] @ g[:, i].T) * slopes).sum(axis=0)
                dx[:, self.chosen[i]] = g[:, i] @ self.w0[i] + bent
        return dx

    @property
    def edges(self) -> list[Array]:
        """`bins` in the layer's dtype."""
        return [np.array(edges, self.dtype) for edges in self.bins]

    @property
    def pieces(self) -> list[slice]:
        """Which rows of V are each column's."""
        stops = np.cumsum([len(edges) - 1 for edges in self.bins]).tolist()
        return [slice(start, stop) for start, stop in zip([0, *stops], stops, strict=False)]

    @staticmethod
    def _inside(t: Array) -> Array:
        """Whether t still moves with x: beyond its piece it stays, but for the two outer ones."""
        inside = (t > 0) & (t < 1)
        inside[0] |= t[0] <= 0
        inside[-1] |= t[-1] >= 1
        return inside

    def branches(self) -> Array | None:
        return np.concatenate([self._inside(t) for t in self.through])

    def places(self, features: int) -> Sequence[int]:
        places = super().places(features)
        if len(places) != len(self.bins):
            raise ValueError(
                f"bins must have the edges of each of the {features} columns of x, got those of "
                f"{len(self.bins)}; name the columns that they are for in `columns`"
            )
        return places

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        k = len(self.places(check_flat(self, input_shape)))
        rows = sum(len(edges) - 1 for edges in self.bins)
        made = self.dimension
        return {"w0": (k, made), "b0": (k, made), "V": (rows, made)}

    def initialize(self, stream: np.random.Generator) -> None:
        bound = 1 / math.sqrt(self.dimension)
        self.w0[...] = stream.uniform(-bound, bound, self.w0.shape)
        self.b0[...] = stream.uniform(-bound, bound, self.b0.shape)


def _check_bins(bins: Any) -> Bins:
    """The edges as floats; a ValueError where they do not rise."""
    columns = list(bins) if isinstance(bins, Iterable) else [bins]
    if not columns or not all(isinstance(column, Iterable) for column in columns):
        raise ValueError(
            f"bins must be a list of edges for each column, such as [[0, 1, 5]], got {bins!r}"
        )
    found = tuple(tuple(checks.number(edge, "bins") for edge in column) for column in columns)
    for place, edges in enumerate(found):
        # in single precision, whatever the model's dtype: so a model can be had in both
        if len(edges) < 2 or not (np.diff(np.array(edges, np.float32)) > 0).all():
            raise ValueError(
                "bins must have two edges or more for each column, each above the one before in "
                f"single precision, got {list(edges)} for column {place}"
            )
    return found
