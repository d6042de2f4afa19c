"""Convolution: one small set of weights, the kernel, moved over a picture.

`Conv2D` sums over all channels of a window; `DepthwiseConv2D` over each channel by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Unpack

import numpy as np

from hyalite import checks
from hyalite.layers.activations import Activation
from hyalite.layers.base import Index, Term
from hyalite.layers.weighted import Weighted, WeightedOptions
from hyalite.layers.windows import (
    Pair,
    Windows,
    blocks,
    check_padding,
    check_pair,
    framed,
    picture_shape,
    warn_of_channels_first,
    windows_over,
    without_border,
)
from hyalite.parameters import Array, Shape


class _Convolution(Weighted):
    """What both have: a kernel, and where it goes."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int],
        padding: str | int,
        activation: str | type[Activation] | Activation | None,
        **options: Unpack[WeightedOptions],
    ) -> None:
        self.kernel_size = check_pair(kernel_size, "kernel_size")
        self.strides = check_pair(strides, "strides")
        self.padding = check_padding(padding)
        super().__init__(activation, **options)

    def windows(self, input_shape: Shape) -> Windows:
        """Where the kernel's windows lie on samples of this shape: border, places and strides."""
        return windows_over(self, input_shape, self.kernel_size, self.strides, self.padding)

    def outputs(self, input_shape: Shape) -> int:
        """The number of output channels."""
        raise NotImplementedError

    def links(self, channels: int) -> Iterator[tuple[int, int, Index]]:
        """Which channel of x goes into which of y, and by which entry of W[k]."""
        raise NotImplementedError

    def terms(self, name: str, place: Index, arrays: Mapping[str, Array]) -> list[Term] | None:
        if self.activation is not None:
            return None  # of the two together; a model runs them apart
        x, windows = arrays["x"], self.windows(arrays["x"].shape[1:])
        links = list(self.links(windows.picture[2]))

        def of_x(row: int, pixel: Pair, channel: int) -> tuple[str, Index]:
            return "x", (row, *pixel, channel)[: x.ndim]  # without channels where x has none

        match name, place:
            case "y", (row, *window, output):
                found = [
                    Term((of_x(row, pixel, channel), ("W", (*k, *entry))))
                    for channel, to, entry in links
                    for k in np.ndindex(self.kernel_size)
                    if to == output
                    and (pixel := windows.pixel((window[0], window[1]), k)) is not None
                ]
                return found + ([Term((("b", (output,)),))] if self.use_bias else [])
            case "dx", (row, i, j, *of):
                return [
                    Term((("dy", (row, *window, to)), ("W", (*k, *entry))))
                    for window, k in windows.holding((i, j))
                    for channel, to, entry in links
                    if [channel] == (of or [0])
                ]
            case "dW", (i, j, *entry):
                (channel, to) = next(link[:2] for link in links if link[2] == tuple(entry))
                return [
                    Term((of_x(row, pixel, channel), ("dy", (row, *window, to))))
                    for row in range(len(x))
                    for window in np.ndindex(windows.output)
                    if (pixel := windows.pixel(window, (i, j))) is not None
                ]
            case "db", (output,):
                every = np.ndindex(len(x), *windows.output)
                return [Term((("dy", (*window, output)),)) for window in every]
        return None

    def output_shape(self, input_shape: Shape) -> Shape:
        shape = (*self.windows(input_shape).output, self.outputs(input_shape))
        return shape if self.activation is None else self.activation.output_shape(shape)

    def initialize(self, stream: np.random.Generator) -> None:
        warn_of_channels_first(self)
        super().initialize(stream)


class Conv2D(_Convolution):
    """y[p] = f(Σ_k x[s·p + k]·W[k] + b)

    p: a place in the output, k: a place in the kernel, each (row, column); s: the strides; x with
    its border. So x[s·p + k] are the channels of one pixel, and W[k] a matrix for them, as in a
    dense layer: each filter is one weighted sum of a window's numbers, the same sum everywhere.

    Shapes: x (n, height, width, channels), or (n, height, width) for one channel; W (kernel rows,
    kernel columns, channels, filters), b (filters,), y (n, rows, columns, filters).

    With dy the derivative of the loss by the sum, and Σ_p over the samples, too:

        dW[k] = Σ_p x[s·p + k]ᵀ·dy[p]      db = Σ_p dy[p]
        dx[q] = Σ dy[p]·W[k]ᵀ              over all p and k with s·p + k = q

    The kernel is not flipped: mathematics calls that a cross-correlation, the field a convolution.

    Along each axis there are ⌊(length + border - kernel)/stride⌋ + 1 places. The border is zeros:
    none for "valid"; p on every side for a number p, as in PyTorch and the book; for "same" so many
    that there are ⌈length/stride⌉ places, and the odd one of them after the picture, as in Keras
    and ONNX (SAME_UPPER). With stride 2 the two differ: a kernel of 3 on 28 pixels has its first
    window at pixel 0 for "same" (border 0 and 1), at -1 for padding 1 (border 1 and 1).

    A model's loss grows by the penalties λ1·Σ|w| + λ2·Σw²; see `Weighted`.

    Args:
        filters: number of output channels.
        kernel_size: rows and columns of the kernel, or one number for both.
        strides: from one window to the next, down and to the right, or one number for both.
        padding: "valid", "same", or a number of zeros on every side.
        activation: f, by name, class or instance; None leaves the sum as it is.
        **options: by name, as every layer with weights takes them; see `Weighted`.
            initializer: of W, "glorot_uniform" by default; "he_normal" suits ReLU. A filter has
            rows·columns·channels inputs, see `hyalite.initializers.fans`.
            bias_initializer: of b, "zeros" by default.
            use_bias: False leaves b out.
            l1, l2: λ1 and λ2 for W, 0 by default.
            bias_l1, bias_l2: λ1 and λ2 for b, 0 by default.
            name: prefix of the parameters' names in the model.

    Attributes:
        W, b: the parameters; write into them, as in ``conv.W[...] = values``.
        dW, db: their gradients after `backward`.

    Raises:
        ValueError: an argument out of range, an unknown name, samples that are no pictures, or
            smaller than the kernel.
        TypeError: an activation or initializer that is none.

    Source: *Deep Learning from Scratch*, chapter 7, where channels come first and W is (filters,
    channels, rows, columns): ``W.transpose(2, 3, 1, 0)`` makes it ours. Keras's `Conv2D`.

    Examples:
        >>> conv = hy.Conv2D(1, kernel_size=2).build((3, 3))
        >>> conv.W[:, :, 0, 0] = [[1, 0], [0, 2]]  # a pixel, and twice the one right below it
        >>> conv.b[...] = 10
        >>> x = np.array([[[1, 2, 3], [4, 5, 6], [7, 8, 9]]])
        >>> conv.forward(x)[0, :, :, 0].tolist()  # 1 + 2·5 + 10, 2 + 2·6 + 10; ...
        [[21.0, 24.0], [30.0, 33.0]]
        >>> dx = conv.backward(np.array([[[[1], [0]], [[0], [1]]]]))  # of windows 1..5 and 5..9
        >>> dx[0].tolist()  # the pixel in the middle is in both
        [[1.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 2.0]]
        >>> conv.dW[:, :, 0, 0].tolist(), conv.db.tolist()  # 1 + 5, 2 + 6, 4 + 8, 5 + 9
        ([[6.0, 8.0], [12.0, 14.0]], [2.0])
        >>> hy.Conv2D(8, 5, strides=2, padding="same").output_shape((28, 28))
        (14, 14, 8)
    """

    formulas = {
        "y": "Σ_k x[s·p + k]·W[k] + b,  p a place in y, k in the kernel, s the strides",
        "dW": "Σ_p x[s·p + k]ᵀ·dy[p]",
        "db": "Σ_p dy[p]",
        "dx": "Σ dy[p]·W[k]ᵀ,  over the p and k with s·p + k the pixel",
    }

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: str | int = "valid",
        activation: str | type[Activation] | Activation | None = None,
        **options: Unpack[WeightedOptions],
    ) -> None:
        self.filters = checks.integer(filters, "filters")
        super().__init__(kernel_size, strides, padding, activation, **options)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.receive(x)
        windows = self.windows(x.shape[1:])
        self.framed = framed(self, x, windows.border)
        view = windows.view(self.framed)  # (n, rows, columns, i, j, channels)
        y = self.array("y", (len(x), *windows.output, self.filters))
        for some in blocks(view):  # tensordot makes a matrix of them, a row for each window
            y[some] = np.tensordot(view[some], self.W, axes=3)
        if self.use_bias:
            y += self.b
        return y if self.activation is None else self.activation.forward(y, training)

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        if self.activation is not None:
            dy = self.activation.backward(dy)  # type: ignore[assignment]  # it always needs dx
        windows = self.windows(self.x.shape[1:])
        view = windows.view(self.framed)
        self.dW[...] = 0
        for some in blocks(view):
            self.dW[...] += np.tensordot(view[some], dy[some], axes=((0, 1, 2), (0, 1, 2)))
        if self.use_bias:
            np.sum(dy, axis=(0, 1, 2), out=self.db)
        if not self.needs_dx:
            return None
        dx = self.array("dx", (len(dy), *windows.picture))
        dx.fill(0)
        view = windows.view(dx)
        for i, j in np.ndindex(self.kernel_size):  # a pixel is in several windows: their sum
            view[:, :, :, i, j] += np.tensordot(dy, self.W[i, j], axes=(3, 1))
        return without_border(dx, windows.border).reshape(self.x.shape)

    def weight_shape(self, input_shape: Shape) -> Shape:
        return (*self.kernel_size, picture_shape(self, input_shape)[2], self.filters)

    def outputs(self, input_shape: Shape) -> int:
        return self.filters

    def links(self, channels: int) -> Iterator[tuple[int, int, Index]]:
        for channel, output in np.ndindex(channels, self.filters):
            yield channel, output, (channel, output)


class DepthwiseConv2D(_Convolution):
    """y[p, c·m + d] = f(Σ_k x[s·p + k, c]·W[k, c, d] + b[c·m + d])

    Each channel c of x has m filters of its own and is not mixed with others: a convolution's work
    without the sum over channels, which a `Conv2D` with a kernel of 1 may do behind it. p: a place
    in the output, k: a place in the kernel, each (row, column); s: the strides; x with its border;
    m: the depth multiplier.

    Shapes: x (n, height, width, channels), or (n, height, width) for one channel; W (kernel rows,
    kernel columns, channels, m), b (channels·m,), y (n, rows, columns, channels·m). How many rows
    and columns, and what the paddings mean: see `Conv2D`.

    With dy the derivative of the loss by the sum, and Σ_p over the samples, too:

        dW[k, c, d] = Σ_p x[s·p + k, c]·dy[p, c·m + d]      db = Σ_p dy[p]
        dx[q, c] = Σ dy[p, c·m + d]·W[k, c, d]  over all p, k and d with s·p + k = q

    Args:
        kernel_size: rows and columns of the kernel, or one number for both.
        strides: from one window to the next, down and to the right, or one number for both.
        padding: "valid", "same", or a number of zeros on every side.
        depth_multiplier: m, the filters of each channel.
        activation: f, by name, class or instance; None leaves the sum as it is.
        **options: by name, as every layer with weights takes them; see `Weighted`.
            initializer: of W, "glorot_uniform" by default. It draws channel by channel, in the
            shape (rows, columns, 1, m): an output has rows·columns inputs. (Keras counts those of
            all channels, which an output does not have, so its initial weights are smaller.)
            bias_initializer: of b, "zeros" by default.
            use_bias: False leaves b out.
            l1, l2: λ1 and λ2 for W, 0 by default.
            bias_l1, bias_l2: λ1 and λ2 for b, 0 by default.
            name: prefix of the parameters' names in the model.

    Attributes:
        W, b: the parameters; write into them, as in ``conv.W[...] = values``.
        dW, db: their gradients after `backward`.

    Raises:
        ValueError: an argument out of range, an unknown name, samples that are no pictures, or
            smaller than the kernel.
        TypeError: an activation or initializer that is none.

    Source: Howard et al. 2017, *MobileNets*; Keras's `DepthwiseConv2D`. In PyTorch it is
    ``Conv2d(channels, channels * m, kernel, groups=channels)`` with W.transpose(2, 3, 0, 1) as
    (channels·m, 1, rows, columns).

    Examples:
        >>> conv = hy.DepthwiseConv2D((1, 2), depth_multiplier=2).build((1, 2, 2))
        >>> conv.W[0, 0] = [[1, 2], [3, 4]]  # of the left pixel: two filters for each channel
        >>> conv.W[0, 1] = [[1, 0], [0, 1]]
        >>> conv.forward([[[[5, 10], [7, 20]]]]).tolist()  # 5·1 + 7·1, 5·2; 10·3, 10·4 + 20·1
        [[[[12.0, 10.0, 30.0, 60.0]]]]
        >>> conv.backward([[[[1, 1, 1, 1]]]]).tolist()  # 1 + 2, 3 + 4; 1 + 0, 0 + 1
        [[[[3.0, 7.0], [1.0, 1.0]]]]
        >>> conv.dW[0].tolist()
        [[[5.0, 5.0], [10.0, 10.0]], [[7.0, 7.0], [20.0, 20.0]]]
    """

    formulas = {
        "y": "Σ_k x[s·p + k, c]·W[k, c, d] + b,  p a place in y, k in the kernel, s the strides, "
        "c the channel, d its filter",
        "dW": "Σ_p x[s·p + k, c]·dy[p, c·m + d]",
        "db": "Σ_p dy[p]",
        "dx": "Σ dy[p, c·m + d]·W[k, c, d],  over d and the p and k with s·p + k the pixel",
    }

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: str | int = "valid",
        depth_multiplier: int = 1,
        activation: str | type[Activation] | Activation | None = None,
        **options: Unpack[WeightedOptions],
    ) -> None:
        self.depth_multiplier = checks.integer(depth_multiplier, "depth_multiplier")
        super().__init__(kernel_size, strides, padding, activation, **options)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.receive(x)
        windows = self.windows(x.shape[1:])
        # each channel m times, so that every output channel has one of its own
        self.framed = np.repeat(framed(self, x, windows.border), self.depth_multiplier, axis=3)
        view, W = windows.view(self.framed), self.W.reshape(*self.kernel_size, -1)
        y = self.array("y", (len(x), *windows.output, W.shape[2]))
        y[...] = self.b if self.use_bias else 0
        for i, j in np.ndindex(self.kernel_size):
            y += view[:, :, :, i, j] * W[i, j]
        return y if self.activation is None else self.activation.forward(y, training)

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        if self.activation is not None:
            dy = self.activation.backward(dy)  # type: ignore[assignment]  # it always needs dx
        windows = self.windows(self.x.shape[1:])
        view, dW = windows.view(self.framed), self.dW.reshape(*self.kernel_size, -1)
        for i, j in np.ndindex(self.kernel_size):
            np.sum(view[:, :, :, i, j] * dy, axis=(0, 1, 2), out=dW[i, j])
        if self.use_bias:
            np.sum(dy, axis=(0, 1, 2), out=self.db)
        if not self.needs_dx:
            return None
        dx, W = self.array("dx", self.framed.shape), self.W.reshape(*self.kernel_size, -1)
        dx.fill(0)
        view = windows.view(dx)
        for i, j in np.ndindex(self.kernel_size):  # a pixel is in several windows: their sum
            view[:, :, :, i, j] += dy * W[i, j]
        dx = without_border(dx, windows.border)
        dx = dx.reshape(*dx.shape[:3], *self.W.shape[2:]).sum(axis=4)
        return dx.reshape(self.x.shape)

    def weight_shape(self, input_shape: Shape) -> Shape:
        return (*self.kernel_size, picture_shape(self, input_shape)[2], self.depth_multiplier)

    def outputs(self, input_shape: Shape) -> int:
        return picture_shape(self, input_shape)[2] * self.depth_multiplier

    def links(self, channels: int) -> Iterator[tuple[int, int, Index]]:
        for channel, d in np.ndindex(channels, self.depth_multiplier):
            yield channel, channel * self.depth_multiplier + d, (channel, d)

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        shapes = super().parameter_shapes(input_shape)
        return shapes | ({"b": (self.outputs(input_shape),)} if self.use_bias else {})

    def draw_weights(self, stream: np.random.Generator) -> Array:
        kernel_rows, kernel_columns, channels, m = self.W.shape
        shape = (kernel_rows, kernel_columns, 1, m)
        return np.concatenate([self.initializer(shape, stream) for _ in range(channels)], axis=2)
