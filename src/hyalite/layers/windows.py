"""Windows over pictures: where they lie, how many there are, and all of them as one view.

What convolution and pooling share. Pictures are (n, height, width, channels); a layer that is given
(n, height, width) takes them as pictures of one channel.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple, SupportsIndex, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from hyalite import checks
from hyalite.errors import DataWarning
from hyalite.layers.base import Layer
from hyalite.parameters import Array, Shape, check_size

Pair: TypeAlias = tuple[int, int]
Border: TypeAlias = tuple[Pair, Pair]
BLOCK_BYTES = 1 << 25  # of windows that are copied at a time


class Windows(NamedTuple):
    """The windows that a kernel of one size sees as it moves over pictures of one size.

    Attributes:
        picture: (height, width, channels), the border included.
        size: of a window, rows and columns.
        strides: from one window to the next, down and to the right.
        border: what is put around the picture, ((top, bottom), (left, right)).
        output: how many windows there are, below and beside each other.
    """

    picture: Shape
    size: Pair
    strides: Pair
    border: Border
    output: Pair

    def view(self, framed: Array) -> Array:
        """All windows, (n, *output, *size, channels), as a view of pictures with their border.

        It may be written to; since windows overlap, one place of all windows at a time:
        ``view[:, :, :, i, j] += ...``.
        """
        every = sliding_window_view(framed, self.size, axis=(1, 2), writeable=True)
        return np.moveaxis(every[:, :: self.strides[0], :: self.strides[1]], 3, -1)

    def pixel(self, window: Pair, place: Pair) -> Pair | None:
        """Which pixel of the picture lies at a place of a window; None where the border does."""
        found = []
        for first, stride, within, (before, after), length in zip(
            window, self.strides, place, self.border, self.picture[:2], strict=True
        ):
            at = first * stride + within - before
            if not 0 <= at < length - before - after:
                return None
            found.append(at)
        return found[0], found[1]

    def holding(self, pixel: Pair) -> Iterator[tuple[Pair, Pair]]:
        """The windows in which a pixel of the picture lies, each with its place there."""
        for i, j in np.ndindex(self.size):
            rows, row_rest = divmod(pixel[0] + self.border[0][0] - i, self.strides[0])
            columns, column_rest = divmod(pixel[1] + self.border[1][0] - j, self.strides[1])
            inside = 0 <= rows < self.output[0] and 0 <= columns < self.output[1]
            if inside and not row_rest and not column_rest:
                yield (rows, columns), (i, j)

    @property
    def pixels(self) -> Array:
        """How many pixels of the picture are in each window, (*output, 1): all but the border's."""
        along = []
        for length, size, stride, (before, after), count in zip(
            self.picture[:2], self.size, self.strides, self.border, self.output, strict=True
        ):
            first = stride * np.arange(count)
            along.append(np.minimum(first + size, length - after) - np.maximum(first, before))
        return np.outer(*along)[..., np.newaxis]


def windows_over(
    layer: Layer, input_shape: Shape, size: Pair, strides: Pair, padding: str | int
) -> Windows:
    """The windows of `layer` over samples of this shape.

    Along an axis there are ⌊(length + before + after - size)/stride⌋ + 1 windows. Padding p has p
    pixels before and after, "valid" none. "same" has those that ⌈length/stride⌉ windows need, half
    of them before; where their number is odd, one more after (Keras; ONNX's SAME_UPPER).

    Raises:
        ValueError: samples that are no pictures, or smaller than one window.
    """
    *lengths, channels = picture_shape(layer, input_shape)
    (above, rows), (beside, columns) = (
        along(*axis, padding) for axis in zip(lengths, size, strides, strict=True)
    )
    picture = (lengths[0] + sum(above), lengths[1] + sum(beside), channels)
    check_size(picture, f"a picture with the border of padding={padding!r}")
    if rows < 1 or columns < 1:
        first = ""
        if len(input_shape) == 3 and input_shape[0] < min(input_shape[1:]):
            first = "; if the channels come first, np.moveaxis(x, 1, -1) puts them last"
        raise ValueError(
            f"{type(layer).__name__} has windows of {size}, rows and columns, which do not fit in "
            f"pictures of {picture[:2]} with the border of padding={padding!r}, got input_shape "
            f"{input_shape}; make the windows smaller, or take padding='same'{first}"
        )
    # where there is one window the next one may be anywhere, with a number that fits into a table
    strides = (min(strides[0], picture[0]), min(strides[1], picture[1]))
    return Windows(picture, size, strides, (above, beside), (rows, columns))


def along(length: int, size: int, stride: int, padding: str | int) -> tuple[Pair, int]:
    """Of one axis, what is put before and after it, and how many windows there are."""
    if padding == "same":
        count = -(-length // stride)
        total = max(0, (count - 1) * stride + size - length)
        return (total // 2, total - total // 2), count
    border = 0 if padding == "valid" else int(padding)
    return (border, border), (length + 2 * border - size) // stride + 1


def picture_shape(layer: Layer, input_shape: Shape) -> Shape:
    """(height, width, channels) of the samples; a ValueError where they are no pictures."""
    if len(input_shape) == 2:
        return (*input_shape, 1)
    if len(input_shape) == 3:
        return input_shape
    shape = (*input_shape[:2], math.prod(input_shape[2:]))
    fix = f"use x.reshape{(-1, *shape)}" if input_shape else "for one sample, x[np.newaxis]"
    if len(input_shape) == 1:
        side = math.isqrt(input_shape[0])
        sizes = f"{side}, {side}" if side * side == input_shape[0] else "height, width, channels"
        fix = f"use x.reshape(-1, {sizes}); a Flatten() goes behind it"
    raise ValueError(
        f"{type(layer).__name__} takes pictures, samples of shape (height, width) or (height, "
        f"width, channels), got input_shape {input_shape}; {fix}"
    )


def warn_of_channels_first(layer: Layer) -> None:
    """Warn of samples such as (1, 28, 28), which hardly are 28 channels of 1 by 28 pixels."""
    shape = layer.input_shape
    if len(shape) == 3 and shape[0] in (1, 3, 4) and shape[1] == shape[2] >= 8:
        warnings.warn(
            f"{type(layer).__name__} takes samples of shape {shape} as pictures of {shape[0]} by "
            f"{shape[1]} pixels with {shape[2]} channels; if the channels come first, "
            "np.moveaxis(x, 1, -1) puts them last",
            DataWarning,
            stacklevel=2,
        )


def framed(layer: Layer, x: Array, border: Border, fill: float = 0.0) -> Array:
    """`x` as (n, height, width, channels), in a border that holds `fill`.

    No copy where the border is empty; `without_border` is the way back.
    """
    shape = picture_shape(layer, x.shape[1:])
    (top, bottom), (left, right) = border
    x = x.reshape(len(x), *shape)
    if not top + bottom + left + right:
        return x
    height, width, channels = shape
    result = layer.array("framed", (len(x), top + height + bottom, left + width + right, channels))
    result.fill(fill)
    without_border(result, border)[...] = x
    return result


def without_border(x: Array, border: Border) -> Array:
    """What lies within the border, as a view."""
    (top, bottom), (left, right) = border
    return x[:, top : x.shape[1] - bottom, left : x.shape[2] - right]


def blocks(view: Array) -> Iterator[slice]:
    """Slices of one sample or more whose windows, copied, take no more than BLOCK_BYTES."""
    rows = max(1, BLOCK_BYTES // max(1, view[:1].nbytes))
    for start in range(0, len(view), rows):
        yield slice(start, start + rows)


def check_pair(value: Any, argument: str, *, low: int = 1) -> Pair:
    """Two whole numbers, for rows and columns, from one or two.

    Raises:
        ValueError: neither, or a number below `low`.
    """
    both = (value, value) if isinstance(value, SupportsIndex) else value
    try:
        rows, columns = (checks.integer(number, argument, low=low) for number in both)
    except (TypeError, ValueError):
        raise ValueError(
            f"{argument} must be a whole number of at least {low}, or two for rows and columns "
            f"such as ({low + 1}, {low + 2}), got {value!r}"
        ) from None
    return rows, columns


def check_padding(value: Any) -> str | int:
    """Padding by name or as a whole number of pixels on every side.

    Raises:
        ValueError: none of these.
    """
    if isinstance(value, str) and value in ("valid", "same"):
        return value
    try:
        return checks.integer(value, "padding", low=0)
    except ValueError:
        raise ValueError(
            "padding must be 'valid', 'same' or a whole number of pixels on every side, "
            f"got {value!r}"
        ) from None
