"""The periodic embedding of numbers: trained cosines of each, so that a network sees detail."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from hyalite import checks
from hyalite.layers.attributes import gradient, value
from hyalite.layers.base import check_flat
from hyalite.layers.columns import ColumnEmbedding
from hyalite.layers.selection import chosen
from hyalite.parameters import Array, Shape


class PeriodicEmbedding(ColumnEmbedding):
    """yᵢ = (xᵢ, W2ᵢᵀ·cos(2π·w1ᵢ·xᵢ + b1ᵢ) + b2ᵢ): each number, and what some waves make of it.

    A network of dense layers learns slowly what changes quickly along a number. Each embedded
    column i has `frequencies` cosines of its own, whose frequencies w1 and phases b1 are trained,
    and W2 makes ``dimension - 1`` numbers of them; the number itself stands before these. The
    other columns pass, in order, first.

    x: (n, p + k);  y: (n, p + k·dimension), with k embedded columns.
    w1, b1: (k, frequencies);  W2: (k, frequencies, dimension - 1);  b2: (k, dimension - 1).
    With c = cos(φ), φ = 2π·w1ᵢ·xᵢ + b1ᵢ, gᵢ = dyᵢ without its first entry, dφ = -sin(φ)·(W2ᵢ·gᵢ):
    dW2ᵢ = Σ c·gᵢᵀ;  db2ᵢ = Σ gᵢ;  db1ᵢ = Σ dφ;  dw1ᵢ = 2π·Σ xᵢ·dφ;
    dxᵢ = dyᵢ₁ + 2π·Σ w1ᵢ·dφ.

    It starts with w1 ~ N(0, sigma²), b1 uniform in [-π, π], W2 and b2 uniform in ±1/√frequencies.

    Args:
        columns: places of the columns to embed; None: all.
        frequencies: cosines of each.
        dimension: numbers made of each, itself included; 2 or more.
        sigma: standard deviation of the frequencies at the start, in periods for a unit of x: the
            larger, the finer the detail that is seen, and the more is learned by heart.
        name: of the layer.

    Raises:
        ValueError: an argument out of range, or a place in `columns` that x does not have.

    Source: Holzmüller, Grinsztajn & Steinwart, *Better by default*, 2024, where it is called PBLD;
    after Gorishniy, Rubachev & Babenko, *On embeddings for numerical features in tabular deep
    learning*, 2022.

    Examples:
        >>> layer = hy.PeriodicEmbedding(columns=[0], frequencies=1, dimension=2).build(2)
        >>> layer.w1[...], layer.b1[...], layer.W2[...], layer.b2[...] = 0.5, 0, 10, 1
        >>> layer.forward([[0, 7], [1, 8]]).tolist()  # the second column passes
        [[7.0, 0.0, 11.0], [8.0, 1.0, -9.0]]
    """

    formulas = {
        "y": "(the others, xᵢ, W2ᵢᵀ·cos(2π·w1ᵢ·xᵢ + b1ᵢ) + b2ᵢ, …)",
        "dw1": "2π·Σ xᵢ·dφ,  dφ = -sin(2π·w1ᵢ·xᵢ + b1ᵢ)·(W2ᵢ·dyᵢ)",
        "db1": "Σ dφ,  dφ = -sin(2π·w1ᵢ·xᵢ + b1ᵢ)·(W2ᵢ·dyᵢ)",
        "dW2": "Σ cos(2π·w1ᵢ·xᵢ + b1ᵢ)·dyᵢᵀ",
        "db2": "Σ dyᵢ",
        "dx": "dyᵢ₁ + 2π·Σ w1ᵢ·dφ,  dφ = -sin(2π·w1ᵢ·xᵢ + b1ᵢ)·(W2ᵢ·dyᵢ)",
    }
    w1, dw1 = value("w1"), gradient("w1")
    b1, db1 = value("b1"), gradient("b1")
    W2, dW2 = value("W2"), gradient("W2")
    b2, db2 = value("b2"), gradient("b2")

    def __init__(
        self,
        columns: Iterable[int] | None = None,
        frequencies: int = 16,
        dimension: int = 4,
        sigma: float = 0.1,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.columns = chosen(columns)
        self.frequencies = checks.integer(frequencies, "frequencies")
        self.dimension = checks.integer(dimension, "dimension", low=2)
        self.sigma = checks.number(sigma, "sigma", low=0)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        n, k = len(x), len(self.chosen)
        self.columns_T = np.ascontiguousarray(x[:, self.chosen].T)  # (k, n)
        # samples on the last axis: each operation then runs along hundreds of numbers
        self.angles = self.array("angles", (k, self.frequencies, n))
        np.multiply(2 * math.pi * self.w1[:, :, None], self.columns_T[:, None, :], out=self.angles)
        self.angles += self.b1[:, :, None]
        self.cosines = np.cos(self.angles, out=self.array("cosines", self.angles.shape))
        y = self.begin_y(x)
        parts = self.parts(y)
        parts[:, :, 0] = self.columns_T.T
        waves = self.W2.transpose(0, 2, 1) @ self.cosines  # (k, dimension - 1, n)
        parts[:, :, 1:] = waves.transpose(2, 0, 1) + self.b2
        return y

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        g = np.ascontiguousarray(self.parts(dy)[:, :, 1:].transpose(1, 2, 0))  # (k, dim - 1, n)
        np.matmul(self.cosines, g.transpose(0, 2, 1), out=self.dW2)
        g.sum(axis=2, out=self.db2)
        d_angles = np.matmul(self.W2, g, out=self.array("d_angles", self.angles.shape))
        d_angles *= np.sin(self.angles, out=self.array("sines", self.angles.shape))
        np.negative(d_angles, out=d_angles)
        d_angles.sum(axis=2, out=self.db1)
        self.dw1[...] = 2 * math.pi * (d_angles @ self.columns_T[:, :, None])[:, :, 0]
        if not self.needs_dx:
            return None
        dx = self.begin_dx(dy)
        inner = (self.w1[:, None, :] @ d_angles)[:, 0]  # (k, n)
        dx[:, self.chosen] = self.parts(dy)[:, :, 0] + 2 * math.pi * inner.T
        return dx

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        k = len(self.places(check_flat(self, input_shape)))
        waves, made = self.frequencies, self.dimension - 1
        return {"w1": (k, waves), "b1": (k, waves), "W2": (k, waves, made), "b2": (k, made)}

    def initialize(self, stream: np.random.Generator) -> None:
        bound = 1 / math.sqrt(self.frequencies)
        self.w1[...] = self.sigma * stream.standard_normal(self.w1.shape)
        self.b1[...] = stream.uniform(-math.pi, math.pi, self.b1.shape)
        self.W2[...] = stream.uniform(-bound, bound, self.W2.shape)
        self.b2[...] = stream.uniform(-bound, bound, self.b2.shape)
