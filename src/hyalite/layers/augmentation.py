"""Layers that change the samples at random in training, and do nothing at prediction.

GaussianNoise, RandomAffine and RandomFlip. Like a dropout mask, what they do to a sample depends on
(seed, step, layer, row) alone: it is the same for any number of threads and shards, and in a run
that is resumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.layers.base import Index, Layer, Term
from hyalite.parameters import Array, Shape
from hyalite.random import lanes

LEVELS = 1 << 16  # of a random number
MAX_CHANNELS = 4  # red, green, blue, opacity; more is a picture with its axes in another order
FLIPPED_AXES = {"horizontal": (2,), "vertical": (1,), "horizontal_and_vertical": (1, 2)}


class GaussianNoise(Layer):
    """y = x + stddev·ε,  dx = dy in training;  y = x otherwise.

    ε is standard normal, drawn anew for each entry of x. x, y: (n, ...). The draws have 16 bits:
    ε is one of 65,536 values, at the quantiles (i + ½)/65,536 of the normal distribution, scaled to
    variance 1, rounded to single precision in models of either dtype; so it lies within ±4.33.

    Args:
        stddev: standard deviation, in the units of x: 0.1 for inputs of 0..1, 25 for 0..255.
        name: of the layer.

    Source: Bishop 1995, *Training with noise is equivalent to Tikhonov regularization*; Keras's
    layer of this name.

    Examples:
        >>> noise = hy.GaussianNoise(0.1).build(1000, seed=0)
        >>> y = noise.forward(np.ones((1, 1000)), training=True)
        >>> round(float(y.mean()), 1), round(float(y.std()), 1)
        (1.0, 0.1)
        >>> float(noise.forward(np.ones((1, 1000))).std())  # at prediction
        0.0
    """

    formulas = {"y": "x + stddev·ε,  ε drawn from the standard normal distribution", "dx": "dy"}

    def __init__(self, stddev: float, name: str | None = None) -> None:
        super().__init__(name)
        self.stddev = checks.number(stddev, "stddev", low=0)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        if not training or not self.stddev:
            return self.copy_if_alone(x)
        numbers = lanes(self.clock, self.index, len(x), x[0].size)
        if self.alone:
            self.clock.step += 1  # outside a model each training pass is a step of its own
        y = self.array("y", x.shape)
        # a table, so that a draw is the same bits wherever in an array it stands
        np.take(normal(self.dtype), numbers.reshape(x.shape), out=y, mode="clip")
        y *= self.stddev
        y += x
        return y

    def backward(self, dy: Array) -> Array | None:
        return self.copy_if_alone(self.receive_dy(dy))


@cache
def normal(dtype: np.dtype[Any]) -> Array:
    """The standard normal distribution's quantiles at (i + ½)/65,536, scaled to variance 1.

    Rounded to single precision, whatever the dtype: none of them lies within 10⁻¹² of where that
    rounding changes its mind, and no library for logarithms is a thousandth as far off. So they
    are the same on every machine.
    """
    from statistics import NormalDist

    below = NormalDist().inv_cdf
    upper = np.array([-below((i + 0.5) / LEVELS) for i in range(LEVELS // 2)])[::-1]
    values = np.concatenate([-upper[::-1], upper])
    result: Array = (values / np.sqrt(np.mean(values**2))).astype(np.float32).astype(dtype)
    result.flags.writeable = False
    return result


class RandomAffine(Layer):
    """Turns, zooms and shifts each picture at random in training;  y = x otherwise.

    The output's pixel p = (row, column) shows what the input has at q:

        q = c + R(-θ)·(p - c - t)/s        c: the centre,  R: rotation, counterclockwise
        y[p] = Σ w·x[⌊q⌋ + a]              dx[⌊q⌋ + a] += w·dy[p]

    summed over the four pixels a ∈ {0, 1}² around q with their bilinear weights w, the products of
    q - ⌊q⌋ and 1 - (q - ⌊q⌋); beyond its edge a picture is `fill`. So a picture is resampled once,
    and y is linear in x up to `fill`: the backward pass is the transposed matrix. θ, s and both
    numbers of t are drawn anew for each sample and step, uniformly, with 16 bits each.

    x, y: (n, height, width) or (n, height, width, channels). In front of the model it takes raw
    pictures, 0..255: ``[RandomAffine(), Flatten(), Rescaling(1 / 255), Dense(...), ...]``.

    With 1,000 training images of MNIST a network 784-128-128-10 got 95.2 % of the test images
    right, without it 90.4 % (means of 5 seeds, docs/decisions.md).

    Args:
        shift: the largest shift along each axis, in pixels: t in [-shift, shift]².
        rotation: the largest angle, in degrees: θ in [-rotation, rotation].
        zoom: the largest change of size, as a share: s in [1 - zoom, 1 + zoom].
        fill: what is seen beyond the edge, in the units of x.
        name: of the layer.

    Raises:
        ValueError: an argument out of its range, or samples that are no pictures.

    Source: Simard, Steinkraus & Platt 2003, *Best practices for convolutional neural networks
    applied to visual document analysis*. Keras has it as `RandomTranslation`, `RandomRotation` and
    `RandomZoom`, in shares of the height, the width and a full turn; torchvision as
    `RandomAffine(degrees, translate, scale)`, with `translate` in shares.

    Examples:
        >>> layer = hy.RandomAffine(shift=1, rotation=0).build((3, 3), seed=0)
        >>> x = np.zeros((1, 3, 3), np.float32)
        >>> x[0, 1, 1] = 4
        >>> y = layer.forward(x, training=True)  # down by 0.44 and to the right by 0.63 of a pixel
        >>> (10 * y).round().tolist()
        [[[0.0, 0.0, 0.0], [0.0, 8.0, 14.0], [0.0, 7.0, 11.0]]]
        >>> bool((layer.forward(x) == x).all())  # at prediction
        True
    """

    formulas = {
        "y": "Σ w·x over the four pixels around q, with their bilinear weights w",
        "dx": "Σ w·dy over the pixels of y that were made of this one",
    }

    def __init__(
        self,
        shift: float = 2.0,
        rotation: float = 10.0,
        zoom: float = 0.0,
        fill: float = 0.0,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.shift = checks.number(shift, "shift", low=0, high=1e6)
        self.rotation = checks.number(rotation, "rotation", low=0, high=180)
        self.zoom = checks.number(zoom, "zoom", low=0, high=1, below=True)
        self.fill = checks.number(fill, "fill")

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        self.active = training and (self.shift > 0 or self.rotation > 0 or self.zoom > 0)
        if not self.active:
            return self.copy_if_alone(x)
        pictures = x.reshape(*x.shape[:3], -1)  # (n, height, width, channels)
        n, height, width, channels = pictures.shape
        # a frame of `fill` that q is kept within; one pixel more after, since ⌊q⌋ + 1 is read, too
        framed = self.array("framed", (n, height + 3, width + 3, channels))
        framed[...] = self.fill
        framed[:, 1:-2, 1:-2] = pictures
        pixels = framed.reshape(-1, channels)
        self._look_up(n, height, width)
        row = width + 3

        def between(start: int, name: str) -> Array:
            """The values between the pixels `start` after ⌊q⌋ and those to the right of them."""
            left, right = self.array(name, pictures.shape), self.array("right", pictures.shape)
            np.take(pixels[start:], self.at, axis=0, out=left, mode="clip")
            np.take(pixels[start + 1 :], self.at, axis=0, out=right, mode="clip")
            right -= left
            right *= self.across
            left += right
            return left

        above, below = between(0, "y"), between(row, "below")
        below -= above
        below *= self.down
        above += below
        return above.reshape(x.shape)

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        if not self.active:
            return self.copy_if_alone(dy)
        pictures = dy.reshape(*dy.shape[:3], -1)
        n, height, width, channels = pictures.shape
        row = width + 3
        framed = np.zeros(n * (height + 3) * row * channels)
        at = self.at[..., None] * channels + np.arange(channels)
        up, left = 1 - self.down, 1 - self.across
        for step, weight in (
            (0, up * left),
            (1, up * self.across),
            (row, self.down * left),
            (row + 1, self.down * self.across),
        ):
            places = (at + step * channels).ravel()
            framed += np.bincount(places, (weight * pictures).ravel(), len(framed))
        dx = self.array("dx", pictures.shape)
        dx[...] = framed.reshape(n, height + 3, row, channels)[:, 1:-2, 1:-2]
        return dx.reshape(dy.shape)

    def _look_up(self, n: int, height: int, width: int) -> None:
        """Where each pixel comes from: `at`, ⌊q⌋ in the framed pictures, and the rest of q."""
        # four numbers a sample, the middles of 65,536 steps from -1 to 1
        drawn = (lanes(self.clock, self.index, n, 4) + 0.5) / 32768 - 1
        if self.alone:
            self.clock.step += 1
        angle = np.radians(self.rotation * drawn[:, :1])  # each (n, 1)
        scale = 1 + self.zoom * drawn[:, 1:2]
        cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
        rows = np.arange(height) - (height - 1) / 2 - self.shift * drawn[:, 2:3]  # (n, height)
        columns = np.arange(width) - (width - 1) / 2 - self.shift * drawn[:, 3:]  # (n, width)

        def q(name: str, by_row: Array, by_column: Array, size: int) -> tuple[Array, Array]:
            """One coordinate within the frame, as a whole number and a fraction."""
            by_row = (by_row + (size - 1) / 2 + 1).astype(self.dtype)  # 1 for the frame
            by_column = by_column.astype(self.dtype)
            place = self.array(name, (n, height, width))
            np.add(by_row[:, :, None], by_column[:, None, :], out=place)
            np.maximum(place, 0, out=place)
            np.minimum(place, size + 1, out=place)
            whole = np.floor(place, out=self.array(f"whole {name}", place.shape))
            place -= whole
            return whole, place[..., None]

        whole_row, self.down = q("down", cos * rows, sin * columns, height)
        whole_column, self.across = q("across", -sin * rows, cos * columns, width)
        self.at = self.array("at", (n, height, width), np.intp)
        self.at[...] = whole_row
        self.at *= width + 3
        self.at += whole_column.astype(np.intp)
        self.at += (np.arange(n) * ((height + 3) * (width + 3)))[:, None, None]

    def output_shape(self, input_shape: Shape) -> Shape:
        return check_picture(self, input_shape)


class RandomFlip(Layer):
    """Mirrors each picture with probability 1/2 in training;  y = x otherwise.

        y[p] = x[q],  dx[q] = dy[p],  q: p, or its mirror image

    Flipped is left and right ("horizontal"), up and down ("vertical"), or each of both with
    probability 1/2 of its own: drawn anew for each sample and step. It helps where a mirrored
    picture is still one of its class, as of clothes or animals; of digits and letters it is not.

    x, y: (n, height, width) or (n, height, width, channels).

    Args:
        mode: "horizontal", "vertical" or "horizontal_and_vertical" (Keras's default).
        name: of the layer.

    Raises:
        ValueError: another mode, or samples that are no pictures.

    Source: Keras's layer of this name; torchvision's `RandomHorizontalFlip` and
    `RandomVerticalFlip`.

    Examples:
        >>> flip = hy.RandomFlip().build((1, 3), seed=0)
        >>> x = np.array([[[1, 2, 3]], [[4, 5, 6]], [[7, 8, 9]]])
        >>> flip.forward(x, training=True).tolist()
        [[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]], [[9.0, 8.0, 7.0]]]
        >>> flip.forward(x).tolist()  # at prediction
        [[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]], [[7.0, 8.0, 9.0]]]
    """

    formulas = {"y": "x, or its mirror image", "dx": "dy, mirrored where x was"}

    def __init__(self, mode: str = "horizontal", name: str | None = None) -> None:
        super().__init__(name)
        if mode not in list(FLIPPED_AXES):
            raise ValueError(f"mode must be one of {', '.join(FLIPPED_AXES)}, got {mode!r}")
        self.mode = mode

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        self.active = training
        if not training:
            return self.copy_if_alone(x)
        # two numbers a sample: for its rows, for its columns
        self.flipped = lanes(self.clock, self.index, len(x), 2) < LEVELS // 2
        if self.alone:
            self.clock.step += 1
        return self._mirrored(x, self.array("y", x.shape))

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        if not self.active:
            return self.copy_if_alone(dy)
        return self._mirrored(dy, self.array("dx", dy.shape))

    def terms(self, name: str, place: Index, arrays: Mapping[str, Array]) -> list[Term] | None:
        given = {"y": "x", "dx": "dy"}.get(name)
        if given is None:
            return None
        source = list(place)
        for axis in FLIPPED_AXES[self.mode] if self.active else ():
            if self.flipped[place[0], axis - 1]:
                source[axis] = arrays[given].shape[axis] - 1 - place[axis]
        return [Term(((given, tuple(source)),))]

    def _mirrored(self, x: Array, y: Array) -> Array:
        """y ← x, with the pictures that were drawn mirrored."""
        y[...] = x
        for axis in FLIPPED_AXES[self.mode]:
            drawn = self.flipped[:, axis - 1]
            y[drawn] = np.flip(y[drawn], axis)
        return y

    def output_shape(self, input_shape: Shape) -> Shape:
        return check_picture(self, input_shape)


def check_picture(layer: Layer, input_shape: Shape) -> Shape:
    """The shape, where samples are pictures; else a ValueError that says what to do."""
    channels = input_shape[2:]
    if len(input_shape) == 2 or (len(channels) == 1 and channels[0] <= MAX_CHANNELS):
        return input_shape
    fix = "put it before Flatten()" if len(input_shape) < 2 else "channels come last"
    raise ValueError(
        f"{type(layer).__name__} takes pictures, samples of shape (height, width) or (height, "
        f"width, channels) with at most {MAX_CHANNELS} channels, got input_shape {input_shape}; "
        f"{fix}"
    )
