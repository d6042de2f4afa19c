"""Occlusion: how far a class's probability falls when a patch of the picture is covered.

NumPy and the model's own predictions; what the numbers look like is in `occlusion_picture`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite import checks
from hyalite.layers.windows import Pair, check_pair
from hyalite.parameters import Array, Shape
from hyalite.plots import reading

if TYPE_CHECKING:
    from hyalite.model import Sequential

PATCHES_A_SIDE = 4  # a patch has so much of each side, unless it is said
STEPS_A_PATCH = 4  # and is moved by a quarter of itself
VALUES_AT_ONCE = 4_000_000  # of covered pictures in memory


@dataclass
class OcclusionMap:
    """What the probability of a class hangs on, in each of n pictures.

    Attributes:
        x: the pictures, (n, height, width) or (n, height, width, channels).
        labels: the class that was watched in each, (n,).
        probabilities: of that class, with nothing covered, (n,).
        lowest: the least one that a patch left of it, (n,).
        falls: how far the probability falls when a pixel is covered, the mean over the patches
            that hold it, (n, height, width); below 0 where it rises, NaN where no patch lay.
        patch: rows and columns of a patch.

    Examples:
        >>> model = hy.Sequential([hy.Flatten(), hy.Softmax()])  # the brightest of four pixels
        >>> model.build((2, 2))
        >>> found = hy.plots.occlusion_map(model, [[[0, 0], [5, 0]]], patch=1)
        >>> found.labels.tolist(), found.probabilities.round(2).tolist()
        ([2], [0.98])
        >>> found.falls.round(2).tolist()  # to 1/4 when all pixels are alike
        [[[0.0, 0.0], [0.73, 0.0]]]
    """

    x: Array
    labels: Array
    probabilities: Array
    lowest: Array
    falls: Array
    patch: Pair


def occlusion_map(
    model: Sequential,
    x: Any,
    y: Any = None,
    *,
    patch: int | tuple[int, int] | None = None,
    strides: int | tuple[int, int] | None = None,
    fill: Any = None,
) -> OcclusionMap:
    """How far the probability of a class falls when a patch of the picture is covered.

        fall(p) = P(class | x) - P(class | x with the patch at p covered)
        m[q] = the mean of fall(p) over the patches p that hold the pixel q

    The patch is moved over the whole picture. Where m is large the model needs what is there;
    where it is below 0, what is there speaks against the class. What a patch of one size alone
    does not change the others may still hold: see several sizes.

    Any classifier of pictures can be asked, with convolutions or without.

    Args:
        model: built; of pictures, and each of one class.
        x: pictures (n, height, width[, channels]) as the model takes them; square gray ones may be
            flat.
        y: the class to watch in each: labels (n,), or one-hot rows; None takes what the model says.
        patch: rows and columns of the patch, or one number for both; None takes a quarter of the
            picture's sides.
        strides: from one place of the patch to the next, down and to the right, or one number for
            both; None takes a quarter of the patch. The last place is always at the edge.
        fill: what covers: a number, or one for each channel; None takes each picture's median by
            channel, which is the ground where most of the picture is ground.

    Returns:
        the numbers; `hyalite.plots.occlusion` draws them.

    Raises:
        ValueError: x holds no pictures or does not fit, y has a label out of range, the patch is
            larger than the picture, `fill` has another number of channels, or the model is not
            built or gives each sample no class or several.

    Source: Zeiler & Fergus 2014, *Visualizing and understanding convolutional networks*, "occlusion
    sensitivity", where the patch is gray.

    Examples:
        >>> model = hy.Sequential([hy.Flatten(), hy.Softmax()])
        >>> model.build((2, 3))
        >>> found = hy.plots.occlusion_map(model, [[[9, 0, 0], [0, 0, 9]]], [5], patch=(2, 1))
        >>> found.falls[0, 0].round(2).tolist()  # rises without its rival
        [-0.5, 0.0, 0.5]
    """
    x = reading.samples(model, x)
    pictures = _framed(x)
    size = pictures.shape[1:3]
    shares, said = reading.answers(model, x)
    labels = said if y is None else reading.labels(y, x, shares.shape[1])
    patch = _size(size) if patch is None else check_pair(patch, "patch")
    if patch[0] > size[0] or patch[1] > size[1]:
        raise ValueError(f"patch must fit in pictures of {size}, got {patch}")
    strides = _step(patch) if strides is None else check_pair(strides, "strides")
    places = [
        (top, left)
        for top in _starts(size[0], patch[0], strides[0])
        for left in _starts(size[1], patch[1], strides[1])
    ]
    falls = np.empty(pictures.shape[:3])
    before, lowest = np.empty(len(x)), np.empty(len(x))
    for row, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        cover = np.median(picture, axis=(0, 1)) if fill is None else _cover(fill, picture)
        watched = _watched(model, picture, int(label), cover, places, patch)
        before[row], lowest[row] = watched[0], watched[1:].min()
        falls[row] = _by_pixel(watched[0] - watched[1:], places, patch, size)
    shown = pictures if x.ndim == 4 else pictures[..., 0]
    return OcclusionMap(shown, np.asarray(labels), before, lowest, falls, patch)


def _framed(x: Array) -> Array:
    """Samples as (n, height, width, channels)."""
    sides = reading.square(x.shape[1]) if x.ndim == 2 else None
    if sides is not None:
        return x.reshape(len(x), *sides, 1)
    if x.ndim == 3:
        return x[..., np.newaxis]
    if x.ndim == 4:
        return x
    raise ValueError(f"x must hold pictures (n, height, width[, channels]), got shape {x.shape}")


def _size(size: Shape) -> Pair:
    rows, columns = (max(1, round(length / PATCHES_A_SIDE)) for length in size)
    return rows, columns


def _step(patch: Pair) -> Pair:
    rows, columns = (max(1, length // STEPS_A_PATCH) for length in patch)
    return rows, columns


def _starts(length: int, size: int, stride: int) -> list[int]:
    """Where the patch begins along one axis; the last place is at the edge."""
    return [*range(0, length - size, stride), length - size]


def _cover(fill: Any, picture: Array) -> Array:
    values = checks.array(fill, "fill")
    channels = picture.shape[2]
    if values.shape not in ((), (channels,)):
        raise ValueError(
            f"fill must be a number, or {channels} for the picture's channels, got shape "
            f"{values.shape}"
        )
    return values


def _watched(
    model: Sequential, picture: Array, label: int, cover: Array, places: list[Pair], patch: Pair
) -> Array:
    """Probabilities of the class: of the picture as it is, then with each patch covered."""
    dtype, shape = model.network.dtype, model.network.input_shape
    at_once = max(1, VALUES_AT_ONCE // picture.size)
    found = []
    for start in range(0, len(places) + 1, at_once):
        count = min(at_once, len(places) + 1 - start)
        copies = np.repeat(picture[np.newaxis].astype(dtype), count, axis=0)
        for place, copy in enumerate(copies, start):
            if place:
                top, left = places[place - 1]
                copy[top : top + patch[0], left : left + patch[1]] = cover
        shares = np.asarray(reading.probabilities(model, copies.reshape(count, *shape)))
        found.append(shares[:, label])
    return np.concatenate(found)


def _by_pixel(falls: Array, places: list[Pair], patch: Pair, size: Shape) -> Array:
    """The mean of the falls over the patches that hold a pixel; NaN where none does."""
    total, times = np.zeros(size), np.zeros(size)
    for fall, (top, left) in zip(falls, places, strict=True):
        window = slice(top, top + patch[0]), slice(left, left + patch[1])
        total[window] += fall
        times[window] += 1
    return np.divide(total, times, out=np.full(size, np.nan), where=times > 0)
