"""Pooling: each window of a picture, or the whole of it, becomes one pixel, channel by channel."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hyalite.layers.base import Index, Layer, Term
from hyalite.layers.windows import (
    Windows,
    check_padding,
    check_pair,
    framed,
    picture_shape,
    windows_over,
    without_border,
)
from hyalite.parameters import Array, Shape


class _Pooling(Layer):
    """What maximum and mean have: windows, and the shape of what becomes of them."""

    def __init__(
        self,
        pool_size: int | tuple[int, int] = (2, 2),
        strides: int | tuple[int, int] | None = None,
        padding: str | int = "valid",
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.pool_size = check_pair(pool_size, "pool_size")
        self.strides = None if strides is None else check_pair(strides, "strides")
        self.padding = check_padding(padding)
        if self.padding not in ("valid", "same") and int(self.padding) >= min(self.pool_size):
            raise ValueError(
                f"padding must be less than pool_size {self.pool_size}, got {self.padding}: a "
                "window would lie in the border alone; ZeroPadding2D adds pixels that count"
            )

    def windows(self, input_shape: Shape) -> Windows:
        """Where the windows lie on samples of this shape: border, places and strides."""
        strides = self.pool_size if self.strides is None else self.strides
        return windows_over(self, input_shape, self.pool_size, strides, self.padding)

    def output_shape(self, input_shape: Shape) -> Shape:
        return (*self.windows(input_shape).output, *input_shape[2:])

    def terms(self, name: str, place: Index, arrays: Mapping[str, Array]) -> list[Term] | None:
        x, windows = arrays["x"], self.windows(arrays["x"].shape[1:])
        match name, place:
            case "y", (row, i, j, *of):
                pixels = [windows.pixel((i, j), k) for k in np.ndindex(self.pool_size)]
                places = [(row, *pixel, *of) for pixel in pixels if pixel is not None]
                shares = self.shares(np.array([x[at] for at in places]))
                return [
                    Term((("x", at),), float(share))
                    for at, share in zip(places, shares, strict=True)
                ]
            case "dx", (row, i, j, *of):
                shares_of_dy = []
                for window, _ in windows.holding((i, j)):
                    own = self.terms("y", (row, *window, *of), arrays) or []
                    share = next(t.scale for t in own if t.factors == (("x", (row, i, j, *of)),))
                    shares_of_dy.append(Term((("dy", (row, *window, *of)),), share))
                return shares_of_dy
        return None

    def shares(self, window: Array) -> Array:
        """How much of each number of a window is in what becomes of it."""
        raise NotImplementedError


class MaxPooling2D(_Pooling):
    """y[p] = max_k x[s·p + k],  dx[q] = Σ dy[p] where x[q] is the maximum of window p.

    p: a place in the output, k: a place in the window, each (row, column); s: the strides; channel
    by channel. Of equal numbers the first is the maximum, row by row, as in NumPy's `argmax` and in
    PyTorch. The border never is: padding says where windows lie, not what is in them.

    Shapes: x (n, height, width, channels), y (n, rows, columns, channels); without the axis of
    channels both have none. How many rows and columns, and what the paddings mean: see `Conv2D`.
    "valid" leaves out pixels at the end that fill no window.

    Args:
        pool_size: rows and columns of a window, or one number for both.
        strides: from one window to the next, down and to the right, or one number for both; None:
            `pool_size`, so that the windows lie side by side.
        padding: "valid", "same", or a number of pixels on every side, less than `pool_size`.
        name: of the layer.

    Raises:
        ValueError: an argument out of range, samples that are no pictures, or smaller than one
            window.

    Source: *Deep Learning from Scratch*, chapter 7; Keras's `MaxPooling2D`.

    Examples:
        >>> pool = hy.MaxPooling2D()
        >>> x = np.array([[[1, 2, 5, 5], [4, 3, 0, 5]]])
        >>> pool.forward(x).tolist()
        [[[4.0, 5.0]]]
        >>> pool.backward([[[10, 20]]]).tolist()  # to the first of the three fives
        [[[0.0, 0.0, 20.0, 0.0], [10.0, 0.0, 0.0, 0.0]]]
        >>> hy.MaxPooling2D(3, strides=2, padding="same").output_shape((28, 28, 16))
        (14, 14, 16)
    """

    formulas = {
        "y": "max_k x[s·p + k],  p a place in y, k in the window, s the strides",
        "dx": "Σ dy[p],  over the windows p whose first maximum the pixel is",
    }

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.receive(x)
        windows = self.windows(x.shape[1:])
        view = windows.view(framed(self, x, windows.border, fill=-np.inf))
        shape = (len(x), *windows.output, view.shape[-1])
        y = self.array("y", shape)
        y.fill(-np.inf)
        # the place in its window of each maximum, k = i·columns + j
        last = self.pool_size[0] * self.pool_size[1] - 1
        self.winner = self.array("winner", shape, np.min_scalar_type(last))
        self.winner.fill(0)
        for k, (i, j) in enumerate(np.ndindex(self.pool_size)):
            pixels = view[:, :, :, i, j]
            np.copyto(self.winner, k, where=pixels > y)  # so the first of equal ones stays
            np.maximum(y, pixels, out=y)
        return y.reshape(len(x), *self.output_shape(x.shape[1:]))

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy).reshape(self.winner.shape)
        windows = self.windows(self.x.shape[1:])
        dx = self.array("dx", (len(dy), *windows.picture))
        dx.fill(0)
        view = windows.view(dx)
        for k, (i, j) in enumerate(np.ndindex(self.pool_size)):
            view[:, :, :, i, j] += dy * (self.winner == k)
        return without_border(dx, windows.border).reshape(self.x.shape)

    def branches(self) -> Array:
        return self.winner

    def shares(self, window: Array) -> Array:
        return np.arange(len(window)) == window.argmax()


class AveragePooling2D(_Pooling):
    """y[p] = Σ_k x[s·p + k] / N[p],  dx[q] = Σ dy[p]/N[p] over the windows p that hold q.

    p: a place in the output, k: a place in the window, each (row, column); s: the strides; channel
    by channel. N[p] is the number of pixels in the window: the border is not counted, as in Keras
    and ONNX; PyTorch counts it unless told otherwise (`count_include_pad`).

    Shapes: x (n, height, width, channels), y (n, rows, columns, channels); without the axis of
    channels both have none. How many rows and columns, and what the paddings mean: see `Conv2D`.

    Args:
        pool_size: rows and columns of a window, or one number for both.
        strides: from one window to the next, down and to the right, or one number for both; None:
            `pool_size`, so that the windows lie side by side.
        padding: "valid", "same", or a number of pixels on every side, less than `pool_size`.
        name: of the layer.

    Raises:
        ValueError: an argument out of range, samples that are no pictures, or smaller than one
            window.

    Source: LeCun et al. 1998; Keras's `AveragePooling2D`.

    Examples:
        >>> pool = hy.AveragePooling2D(padding="same")
        >>> pool.forward([[[1, 2, 5], [4, 5, 7]]]).tolist()  # (1 + 2 + 4 + 5)/4, (5 + 7)/2
        [[[3.0, 6.0]]]
        >>> pool.backward([[[4, 8]]]).tolist()
        [[[1.0, 1.0, 4.0], [1.0, 1.0, 4.0]]]
    """

    formulas = {
        "y": "Σ_k x[s·p + k] / N[p],  p a place in y, k in the window, s the strides, "
        "N[p] the window's pixels",
        "dx": "Σ dy[p] / N[p],  over the windows p that hold the pixel",
    }

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.receive(x)
        windows = self.windows(x.shape[1:])
        view = windows.view(framed(self, x, windows.border))
        y = self.array("y", (len(x), *windows.output, view.shape[-1]))
        y.fill(0)
        for i, j in np.ndindex(self.pool_size):
            y += view[:, :, :, i, j]
        y /= windows.pixels.astype(self.dtype)
        return y.reshape(len(x), *self.output_shape(x.shape[1:]))

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        windows = self.windows(self.x.shape[1:])
        dy = dy.reshape(len(dy), *windows.output, windows.picture[2])
        share = dy / windows.pixels.astype(self.dtype)
        dx = self.array("dx", (len(dy), *windows.picture))
        dx.fill(0)
        view = windows.view(dx)
        for i, j in np.ndindex(self.pool_size):
            view[:, :, :, i, j] += share
        return without_border(dx, windows.border).reshape(self.x.shape)

    def shares(self, window: Array) -> Array:
        return np.full(len(window), 1 / len(window))


class GlobalAveragePooling2D(Layer):
    """y = the mean of each channel over its pixels,  dx = dy / (height·width) at each of them.

    Shapes: x (n, height, width, channels), y (n, channels); x (n, height, width) has one channel.
    In the place of `Flatten` behind convolutions it leaves the dense layer few weights.

    Args:
        name: of the layer.

    Raises:
        ValueError: samples that are no pictures.

    Source: Lin, Chen & Yan 2013, *Network in network*; Keras's layer of this name.

    Examples:
        >>> pool = hy.GlobalAveragePooling2D()
        >>> x = np.array([[[[1, 10], [3, 30]]]])  # one row, two columns, two channels
        >>> pool.forward(x).tolist()
        [[2.0, 20.0]]
        >>> pool.backward([[6, 8]]).tolist()
        [[[[3.0, 4.0], [3.0, 4.0]]]]
    """

    formulas = {"y": "Σ x / (height·width),  by channel", "dx": "dy / (height·width)"}

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.receive(x)
        height, width, channels = picture_shape(self, x.shape[1:])
        pixels = x.reshape(len(x), height * width, channels)
        return np.mean(pixels, axis=1, out=self.array("y", (len(x), channels)))

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        height, width, channels = picture_shape(self, self.x.shape[1:])
        dx = self.array("dx", (len(dy), height * width, channels))
        dx[...] = (dy / (height * width))[:, None]
        return dx.reshape(self.x.shape)

    def terms(self, name: str, place: Index, arrays: Mapping[str, Array]) -> list[Term] | None:
        x = arrays["x"]
        share = 1 / (x.shape[1] * x.shape[2])
        match name, place:
            case "y", (row, channel):
                every = ((row, *pixel, channel)[: x.ndim] for pixel in np.ndindex(x.shape[1:3]))
                return [Term((("x", inner),), share) for inner in every]
            case "dx", (row, _, _, *of):
                return [Term((("dy", (row, *(of or [0]))),), share)]
        return None

    def output_shape(self, input_shape: Shape) -> Shape:
        return picture_shape(self, input_shape)[2:]
