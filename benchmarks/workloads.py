"""What is trained: five workloads of the sources, and the recipe of the race to an accuracy."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from benchmarks import layers
from benchmarks.layers import Dense, Dropout, Flip, Layer, Normalization, Shape
from hyalite.initializers import fans

Array = npt.NDArray[np.float32]
PICTURE = (28, 28, 1)


@dataclass(frozen=True)
class Workload:
    """A model, its data and how it is trained: all that a peer needs to know.

    Hidden layers are ReLU; the last is softmax with cross-entropy, or, one output wide, linear
    with the mean squared error. Adam has β₁ 0.9, β₂ 0.999 and ε outside the root.

    Attributes:
        data: what `benchmarks.data` makes of it, such as "spiral-100" or "mnist".
        sizes: inputs, units of each layer; with `words` inputs and outputs alone.
        batch: rows a step; None takes all.
        decay: the learning rate of step t is learning_rate / (1 + decay·t).
        l2: λ of the penalty λ·ΣW² of the first layer; bias_l2 is that of its biases.
        dropout: share dropped after each hidden layer; words have layers of their own for it.
        epochs: of the source's training; no round is longer.
        rows: how many of the data's rows; None for all.
        seed: of initial weights, order and masks.
        words: the hidden layers of a network of pictures, see `benchmarks.layers`.
    """

    name: str
    data: str
    sizes: tuple[int, ...]
    batch: int | None = None
    learning_rate: float = 1e-3
    decay: float = 0.0
    epsilon: float = 1e-7
    l2: float = 0.0
    bias_l2: float = 0.0
    dropout: float = 0.0
    epochs: int = 10_000
    rows: int | None = None
    shuffle: bool = True
    seed: int = 0
    source: str = ""
    words: str = ""

    @property
    def regression(self) -> bool:
        """Whether numbers are fitted, not classes."""
        return self.sizes[-1] == 1

    @property
    def shape(self) -> str:
        """The sizes in short, such as 784-64-64-10 or 256-128x8-10; or the words."""
        if self.words:
            return self.words.replace(",", ", ")
        runs = [(width, len(list(run))) for width, run in itertools.groupby(self.sizes)]
        return "-".join(
            f"{width}x{count}" if count > 2 else "-".join([str(width)] * count)
            for width, count in runs
        )

    @property
    def input_shape(self) -> Shape:
        """Of a sample: numbers, or rows, columns and channels."""
        return PICTURE if self.words else self.sizes[:1]

    @cached_property
    def layers(self) -> list[Layer]:
        """All of them, in their order."""
        last = Dense(self.sizes[-1], hidden=False)
        if self.words:
            return [*layers.parse(self.words), last]
        behind: list[Layer] = [Dropout(self.dropout)] if self.dropout else []
        hidden: list[Layer] = [
            layer for units in self.sizes[1:-1] for layer in (Dense(units), *behind)
        ]
        return [*hidden, last]

    @property
    def chance(self) -> bool:
        """Whether layers do something at random."""
        return any(isinstance(layer, Dropout | Flip) for layer in self.layers)

    def without_chance(self) -> Workload:
        """The same without such layers, and with the rows in their order."""
        words = self.words and layers.without_chance(self.words)
        return replace(self, dropout=0.0, words=words, shuffle=False)

    @property
    def with_shapes(self) -> list[tuple[Layer, Shape]]:
        """Each layer with the shape of the samples that it gets."""
        shapes = layers.input_shapes(self.layers, self.input_shape)
        return list(zip(self.layers, shapes, strict=True))

    @property
    def weighted(self) -> list[tuple[Layer, Shape]]:
        """Those that have weights."""
        return [found for found in self.with_shapes if layers.weight_shapes(*found)]

    def initial_weights(self) -> list[tuple[Array, ...]]:
        """(W, b) of each layer, (W,) or (γ, β), the same for every peer: of W Glorot's uniform
        draw, ones for γ, zeros for b and β.
        """
        random = np.random.default_rng(self.seed)
        weights: list[tuple[Array, ...]] = []
        for layer, shape in self.weighted:
            shapes = layers.weight_shapes(layer, shape)
            first, *others = [np.zeros(of_it, np.float32) for of_it in shapes]
            if isinstance(layer, Normalization):
                first[...] = 1
            else:
                limit = np.sqrt(6 / sum(fans(first.shape)))
                first[...] = random.uniform(-limit, limit, first.shape)
            weights.append((first, *others))
        return weights

    @property
    def products(self) -> list[tuple[int, int, int]]:
        """Rows, numbers in each, and columns of the product of one sample with each W."""
        multiplying = [found for found in self.weighted if not isinstance(found[0], Normalization)]
        return [layers.product_sizes(*found) for found in multiplying]

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        return sum(array.size for arrays in self.initial_weights() for array in arrays)

    def __str__(self) -> str:
        batch = f"batches of {self.batch}" if self.batch else "full batch"
        parts = [self.shape, self.data, batch, f"lr {self.learning_rate}"]
        if self.decay:
            parts.append(f"decay {self.decay}")
        if self.l2:
            parts.append(f"L2 {self.l2} on the first W{' and b' * bool(self.bias_l2)}")
        if self.dropout:
            parts.append(f"dropout {self.dropout}")
        return ", ".join(parts)


TRAINING = {
    workload.name: workload
    for workload in (
        Workload("spiral64", "spiral-100", (2, 64, 3), None, 0.05, decay=5e-7, source="chapter 6"),
        Workload(
            "spiral512",
            "spiral-1000",
            (2, 512, 3),
            None,
            0.05,
            decay=5e-5,
            l2=5e-4,
            bias_l2=5e-4,
            dropout=0.1,
            source="chapter 10, example 3",
        ),
        Workload(
            "sine64", "sine-1000", (1, 64, 64, 1), None, 0.005, decay=1e-3, source="chapter 9"
        ),
        Workload(
            "mnist64", "mnist", (784, 64, 64, 10), 100, l2=5e-4, epochs=10, source="chapter 12"
        ),
        Workload("mnist512", "mnist", (784, 512, 512, 10), 128, epochs=10, source="outgrown size"),
    )
}
PREDICTED = TRAINING["mnist64"]

# name: workload and the share of the test images that must be right
RACES = {
    data: (Workload(data, data, (784, 256, 128, 10), 100), target)
    for data, target in (("mnist", 0.975), ("fashion", 0.87))
}
