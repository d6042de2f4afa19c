"""A network's layers as every peer reads them, and the words that name those over pictures.

    conv32x5p2     32 filters of 5 by 5 pixels (3 by 3 unless said), the picture in a border of 2
                   zeros (none), and ReLU
    conv32lin      without bias and ReLU, for batch normalization behind it
    bn             batch normalization by channel, and ReLU
    pool           the maximum of 2 by 2 pixels
    flip           left and right exchanged with probability 1/2, in training
    drop0.5        dropout of that share
    128            a dense layer of so many units, ReLU

"conv30x5,pool,100" are the hidden layers of a network; its last is a `Dense` that is not hidden.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

Shape: TypeAlias = tuple[int, ...]
WORD = re.compile(r"conv(\d+)(?:x(\d+))?(?:p(\d+))?(lin)?|bn|pool|flip|drop([\d.]+)|(\d+)")


class Convolution(NamedTuple):
    """Filters with a bias and ReLU; linear ones have neither."""

    filters: int
    kernel: int = 3
    padding: int = 0
    linear: bool = False


class Normalization(NamedTuple):
    """Each channel to mean 0 and variance 1 over the batch, times γ, plus β; then ReLU."""


class Pooling(NamedTuple):
    """The maximum of each window of `size` by `size`; the windows lie side by side."""

    size: int = 2


class Flip(NamedTuple):
    """Left and right exchanged with probability 1/2, in training."""


class Dropout(NamedTuple):
    """`rate` is the share dropped in training."""

    rate: float


class Dense(NamedTuple):
    """Units with a bias; hidden ones with ReLU."""

    units: int
    hidden: bool = True


Layer: TypeAlias = Convolution | Normalization | Pooling | Flip | Dropout | Dense
PLAIN: dict[str, Layer] = {"bn": Normalization(), "pool": Pooling(), "flip": Flip()}


def parse(words: str) -> list[Layer]:
    """The layers that words name, with commas between them."""
    return [_parse(word) for word in words.split(",")]


def _parse(word: str) -> Layer:
    match = WORD.fullmatch(word)
    if match is None:
        raise ValueError(f"{word!r} is no layer")
    filters, kernel, padding, linear, rate, units = match.groups()
    if filters:
        return Convolution(int(filters), int(kernel or 3), int(padding or 0), bool(linear))
    if units:
        return Dense(int(units))
    return Dropout(float(rate)) if rate else PLAIN[word]


def without_chance(words: str) -> str:
    """The words of the layers that do the same at every step."""
    kept = [word for word in words.split(",") if not isinstance(_parse(word), Flip | Dropout)]
    return ",".join(kept)


def input_shapes(layers: Sequence[Layer], shape: Shape) -> list[Shape]:
    """Of the samples that each layer gets, where the first gets `shape`."""
    shapes = []
    for layer in layers:
        shapes.append(shape)
        match layer:
            case Convolution(filters, kernel, padding):
                grown = 2 * padding - kernel + 1
                shape = (shape[0] + grown, shape[1] + grown, filters)
            case Pooling(size):
                shape = (shape[0] // size, shape[1] // size, shape[2])
            case Dense(units):
                shape = (units,)
    return shapes


def weight_shapes(layer: Layer, shape: Shape) -> list[Shape]:
    """Of W and b, W alone, or γ and β of a layer on samples of `shape`; of most layers nothing."""
    match layer:
        case Convolution(filters, kernel, _, linear):
            return [(kernel, kernel, shape[2], filters), *[(filters,)] * (not linear)]
        case Normalization():
            return [shape[2:]] * 2
        case Dense(units):
            return [(math.prod(shape), units), (units,)]
    return []


def product_sizes(layer: Layer, shape: Shape) -> tuple[int, int, int]:
    """Of the product with W that a layer makes of one sample of `shape`: rows, one for each window;
    numbers in a row; columns.
    """
    of_W = weight_shapes(layer, shape)[0]
    rows = 1
    if isinstance(layer, Convolution):
        grown = 2 * layer.padding - layer.kernel + 1
        rows = (shape[0] + grown) * (shape[1] + grown)
    return rows, math.prod(of_W[:-1]), of_W[-1]
