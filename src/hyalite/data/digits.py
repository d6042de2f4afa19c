"""A digit that somebody drew, brought into the form of MNIST's.

A network that learned from MNIST knows digits of one form alone: light on dark, 20 pixels long,
their centre of mass in the middle of 28 x 28. So other pictures take the steps that those of
MNIST took, as its page tells them: "The original black and white (bilevel) images from NIST
were size normalized to fit in a 20x20 pixel box while preserving their aspect ratio. The
resulting images contain grey levels as a result of the anti-aliasing technique used by the
normalization algorithm. The images were centered in a 28x28 image by computing the center of mass
of the pixels, and translating the image so as to position this point at the center of the 28x28
field."

`find_digit` makes a black and white shape of a picture, whatever the light, the paper and the pen;
`Digit.like_mnist` does the rest.

Source: LeCun, Cortes & Burges, *The MNIST database of handwritten digits*.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

SIDE, BOX = 28, 20  # pixels of MNIST's pictures, and of the box that a digit fills
# The centre of mass of MNIST's digits, from the edge of the picture: 14.50 on the mean of the test
# images, down and to the right, ± 0.29, which is what whole pixels leave. So it is the middle of
# pixel 14, counted from 0, and not the corner where the four middle pixels meet.
CENTER = 14.5
# Mean width of a stroke, in pixels of the box: of MNIST's test images nine of ten have 1.6 to 3.5,
# three of four at least 2.0. Thinner ones are made as wide. Of 300 digits drawn with a pen of 1 to
# 3 pixels, 300 to 900 high, a network of 128 and 128 units got 91 % so, 69 % without. To thin thick
# ones gained nothing, even where they were a quarter of the height.
PEN = 2.0
LARGEST, COARSE = 512, 64  # pixels of the longer side: of what is looked at, and for the light
GRAINY = 100  # from so many on a picture has pixels to spare, and the grain of paper is smoothed
FINE = 8 * BOX  # at least so long is the shape, which is then averaged over 8 x 8 pixels
REACH = 5  # one in so many parts of the picture, on each side of a pixel, tells what paper is there
FAINTEST = 0.04  # what ink takes of the light, at least
SPECK = 0.03  # of the digit's area: what is smaller is dirt
DIM = 51  # at most what JPEG leaves beside strokes, at quality 75
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green and blue: ITU-R 601


def prepare_digit(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Bring a digit that was drawn or photographed into the form of MNIST's.

    1. Gray; what is transparent takes a colour that the strokes stand out against.
    2. Whether ink is dark on light or light on dark: by which of them lies farther from the median
       of the surroundings, a fifth of the picture to each side.
    3. The light is evened out: paper is what is left where dark lines are closed, again by a
       fifth of the picture (a morphological closing, which follows shadows), and ink is what it
       lacks of that.
    4. Ink is what stands above noise and Otsu's threshold. Of its connected parts those are
       the digit that are near the largest, no specks, and not cut off by the border; it is cut out.
    5. A pen that is too thin for 20 pixels is made 2 pixels wide.
    6. Scaled into 20 x 20 with its aspect ratio kept, anti-aliased, and put into 28 x 28 by whole
       pixels with its centre of mass where MNIST has it.

    Digits of MNIST itself stay what they are to a network: of the test images one of 128 and 128
    units gets as many right before and after.

    Args:
        picture: uint8, (height, width), or (height, width, 3) with red, green and blue, or
            (height, width, 4) with opacity, of any size, with one digit; `read_image` with
            ``alpha=True`` reads such.

    Returns:
        uint8, (28, 28), light on dark.

    Raises:
        ValueError: another dtype or shape; or a blank picture.

    Source: Otsu 1979, *A threshold selection method from gray-level histograms*; LeCun, Cortes &
    Burges, *The MNIST database of handwritten digits*.

    Examples:
        >>> paper = np.full((300, 400), 240, np.uint8)
        >>> paper[100:250, 300:310] = 30  # a stroke of ink, off the centre
        >>> digit = hy.datasets.prepare_digit(paper)
        >>> digit.shape, int(digit[0, 0]), int(digit[14, 14])
        ((28, 28), 0, 255)
        >>> [int(pixels.sum()) for pixels in ((digit > 0).any(axis=1), (digit > 0).any(axis=0))]
        [20, 2]
    """
    return find_digit(picture).like_mnist()


def is_like_mnist(picture: npt.NDArray[np.uint8]) -> bool:
    """Whether a gray picture has the form of MNIST's: nothing but a digit, as long, as centred."""
    ink = picture > DIM
    if picture.shape != (SIDE, SIDE) or not ink.any():
        return False
    length = max(side.stop - side.start for side in _extent(ink))
    middles = [_middle(picture.sum(axis=axis)) for axis in (0, 1)]
    return BOX - 2 <= length <= BOX and all(abs(middle - CENTER) < 1 for middle in middles)


class Digit(NamedTuple):
    """A digit that was found in a picture.

    shape is True where ink is, cut to it, its longer side at least 160 pixels; light says whether
    it was lighter than what it was drawn on, size how many pixels it was high and wide.
    """

    shape: Mask
    light: bool
    size: tuple[int, int]

    @property
    def thin(self) -> bool:
        """Whether its strokes are made wider."""
        return _missing_width(self.shape) >= 2

    def like_mnist(self) -> npt.NDArray[np.uint8]:
        """The digit in the form of MNIST's, uint8 (28, 28)."""
        shape = _thickened(self.shape)
        scale = BOX / max(shape.shape)
        height, width = (max(1, round(side * scale)) for side in shape.shape)
        small = _averaging(shape.shape[0], height) @ shape @ _averaging(shape.shape[1], width).T
        top, left = (_start(small.sum(axis=other)) for other in (1, 0))
        picture = np.zeros((SIDE, SIDE), np.uint8)
        picture[top : top + height, left : left + width] = np.round(255 * small)
        return picture


def find_digit(picture: npt.NDArray[np.uint8]) -> Digit:
    """The digit in a picture: the first four steps of `prepare_digit`.

    Raises:
        ValueError: no uint8 of one of the shapes; or a blank picture.
    """
    picture = np.asarray(picture)
    channels = picture.shape[2:]
    if picture.dtype != np.uint8 or picture.ndim < 2 or channels not in ((), (1,), (3,), (4,)):
        raise ValueError(
            "picture must be uint8 of shape (height, width) or (height, width, 3 or 4), got "
            f"{picture.dtype} {picture.shape}; of numbers from 0 to 1 give "
            "(255 * picture).round().astype('uint8')"
        )
    gray, step = _gray(picture)
    light = _ink_is_light(gray)
    ink = _ink(255 - gray if light else gray)
    if max(ink.shape) > GRAINY:
        ink = _smoothed(ink)
    kept = _digit(ink)
    rows, columns = _extent(kept)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    # Half of the ink is the edge, which then lies between pixels.
    soft = np.pad(np.where(_widened(kept, 1), ink, 0), 1)
    soft = soft[rows.start : rows.stop + 2, columns.start : columns.stop + 2]
    scale = max(1, FINE / max(height, width))
    fine = _resized(soft, (round(soft.shape[0] * scale), round(soft.shape[1] * scale)))
    shape = fine > np.median(ink[kept]) / 2
    return Digit(shape[_extent(shape)], light, (step * height, step * width))


def _gray(picture: Array) -> tuple[Array, int]:
    """How bright a picture is, float32, each pixel the mean of as many rows and columns as said."""
    height, width = picture.shape[:2]
    step = max(1, min(-(-max(height, width) // LARGEST), height, width))
    blocks = picture[: height // step * step, : width // step * step]
    blocks = blocks.reshape(height // step, step, width // step, step, -1)

    def mean(values: Array) -> Array:
        return values.mean(axis=(1, 3), dtype=np.float32)

    if blocks.shape[-1] == 4:
        opacity = blocks[..., 3:].astype(np.float32) / 255
        opaque = mean(opacity)[..., 0]
        gray = mean(blocks[..., :3] * opacity) @ LUMA
        return gray + _behind(gray, opaque) * (1 - opaque), step
    means = mean(blocks)
    return (means @ LUMA if means.shape[-1] == 3 else means[..., 0]), step


def _behind(gray: Array, opaque: Array) -> float:
    """What is to be seen where a picture is not opaque.

    Args:
        gray: of the opaque part of each pixel, times its share.
        opaque: that share.
    """
    if opaque.mean() > 0.5:  # the picture has a paper of its own
        return float(np.median(gray[opaque > 0.5] / opaque[opaque > 0.5]))
    return 255.0 if gray.sum() < 127.5 * opaque.sum() else 0.0


def _ink_is_light(gray: Array) -> bool:
    """Whether what lies far from the median of its surroundings is brighter than that."""
    coarse, reach = _coarse(gray)
    window = (2 * reach + 1, 2 * reach + 1)
    around = sliding_window_view(np.pad(coarse, reach, mode="edge"), window)[:, :, ::2, ::2]
    return bool(((gray - _resized(np.median(around, axis=(2, 3)), gray.shape)) ** 3).sum() > 0)


def _ink(gray: Array) -> Array:
    """The share of the paper's light that dark ink takes at each pixel; less than 0 on noise."""
    coarse, reach = _coarse(gray)
    paper = _with_margin(coarse, 2 * reach)
    for most in (np.max, np.min):
        for axis in (0, 1):
            paper = _slid(most, paper, reach, axis)
    paper = _resized(paper, gray.shape)
    return (paper - gray) / np.maximum(paper, 1)


def _coarse(gray: Array) -> tuple[Array, int]:
    """A small copy, and how many of its pixels tell on each side what paper is between them."""
    scale = min(1, COARSE / max(gray.shape))
    coarse = _resized(gray, [max(1, round(side * scale)) for side in gray.shape])
    return coarse, max(1, round(max(coarse.shape) / REACH))


def _with_margin(coarse: Array, width: int) -> Array:
    """More paper on all sides, as it is at the border where strokes that touch it are closed."""
    for axis in (0, 1):
        along = 1 - axis
        border = coarse.take([0, -1], axis)
        reach = border.shape[along] * 2 // 5
        padding = [(0, 0), (0, 0)]
        padding[along] = (2 * reach, 2 * reach)
        border = np.pad(border, padding, mode="edge")
        border = _slid(np.min, _slid(np.max, border, reach, along), reach, along)
        first, last = np.split(border, 2, axis)
        coarse = np.concatenate([first.repeat(width, axis), coarse, last.repeat(width, axis)], axis)
    return coarse


def _digit(ink: Array) -> Mask:
    """Where the ink of the digit is."""
    middle = np.median(ink)
    # of noise alone, the second difference has the variance 1 + 2/4
    rough = np.abs(ink[:, 1:-1] - (ink[:, :-2] + ink[:, 2:]) / 2)
    noise = 1.4826 * np.median(rough) / 1.5**0.5 if rough.size else 0.0
    floor = min(max(middle + 4 * noise, FAINTEST), (middle + ink.max()) / 4)
    above = ink[ink > floor]
    if ink.max() < FAINTEST:
        raise ValueError("picture is blank")
    mask = ink >= _threshold(above)
    return _main_parts(mask)


def _threshold(values: Array) -> float:
    """Otsu's: of all thresholds that with the largest variance between the two classes."""
    counts, edges = np.histogram(values, 256, (0, values.max()))
    middles = (edges[:-1] + edges[1:]) / 2
    below, sums = np.cumsum(counts)[:-1], np.cumsum(counts * middles)
    above = len(values) - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums[:-1] / below - (sums[-1] - sums[:-1]) / above) ** 2
    between = np.nan_to_num(between)
    return float(edges[1:-1][between == between.max()].mean())


def _main_parts(mask: Mask) -> Mask:
    """The largest connected part of the ink, and what belongs to it.

    What touches the border of the picture is more likely the edge of a table or a shadow: it counts
    a quarter, and never beside a part that does not.
    """
    part = _parts(_widened(mask, max(1, max(mask.shape) // 150)))
    part[~mask] = 0
    areas = np.bincount(part[mask])
    boxes = {
        int(number): _extent(part == number)
        for number in np.flatnonzero(areas >= SPECK / 4 * areas.max())
    }
    cut = {
        number: 0 in (rows.start, columns.start) or (rows.stop, columns.stop) != (
            min(rows.stop, mask.shape[0] - 1), min(columns.stop, mask.shape[1] - 1)
        )
        for number, (rows, columns) in boxes.items()
    }  # fmt: skip
    main = max(boxes, key=lambda number: areas[number] / (4 if cut[number] else 1))
    near = max(side.stop - side.start for side in boxes[main]) // 4

    def belongs(number: int) -> bool:
        if areas[number] < SPECK * areas[main] or (cut[number] and not cut[main]):
            return False
        return all(
            own.start < its.stop + near and own.stop > its.start - near
            for own, its in zip(boxes[number], boxes[main], strict=True)
        )

    return np.isin(part, [number for number in boxes if number == main or belongs(number)])


def _parts(mask: Mask) -> Array:
    """The number of the connected part that each pixel of ink is in, from 1; elsewhere 0.

    Pixels that touch at a corner are connected.
    """
    framed = np.pad(mask, 1)
    ink, width = np.flatnonzero(framed), framed.shape[1]
    steps = (1, width - 1, width, width + 1)  # to the right, and to the three below
    pairs = [(ink[framed.flat[ink + step]], step) for step in steps]
    a = np.concatenate([first for first, _ in pairs])
    b = np.concatenate([first + step for first, step in pairs])
    number = np.arange(framed.size)  # every pixel begins as a part of its own
    while (number[a] != number[b]).any():
        least = np.minimum(number[a], number[b])
        np.minimum.at(number, number[a], least)
        np.minimum.at(number, number[b], least)
        while (number != number[number]).any():
            number = number[number]
    number[ink] = np.unique(number[ink], return_inverse=True)[1] + 1
    number[~framed.ravel()] = 0
    return number.reshape(framed.shape)[1:-1, 1:-1]


def _thickened(shape: Mask) -> Mask:
    """The same with a stroke of PEN pixels of the box, where it was thinner: touched by a disc."""
    missing = _missing_width(shape)
    reach = int(missing / 2)
    if reach < 1:
        return shape
    framed = np.pad(shape, reach + 1)
    y, x = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.zeros(framed.shape)
    disc[: 2 * reach + 1, : 2 * reach + 1] = y**2 + x**2 <= (missing / 2) ** 2
    disc = np.roll(disc, (-reach, -reach), (0, 1))  # its middle at the first pixel
    covered = np.fft.irfft2(np.fft.rfft2(framed) * np.fft.rfft2(disc), framed.shape)
    touched: Mask = covered > 0.5
    return touched[_extent(touched)]


def _missing_width(shape: Mask) -> float:
    """How many of its pixels a stroke lacks of PEN pixels of the box, which grows with it."""
    return (PEN * max(shape.shape) - BOX * _stroke_width(shape)) / (BOX - PEN)


def _stroke_width(shape: Mask) -> float:
    """The mean width of its strokes: twice the area by the length of the edge."""
    down, right = np.gradient(np.pad(shape, 2).astype(np.float32))
    return float(2 * shape.sum() / np.hypot(down, right).sum())


def _averaging(before: int, after: int) -> Array:
    """The matrix (after, before) that averages `before` pixels into `after`, each by its share."""
    ends = np.linspace(0, before, after + 1)
    pixels = np.arange(before)
    covered = np.minimum(ends[1:, None], pixels + 1) - np.maximum(ends[:-1, None], pixels)
    return covered.clip(0) * after / before


def _start(mass: Array) -> int:
    """Where an axis of the digit begins in MNIST's picture, for its centre of mass."""
    return int(np.clip(round(CENTER - _middle(mass)), 0, SIDE - len(mass)))


def _middle(mass: Array) -> float:
    """The centre of mass along an axis, in pixels from its edge."""
    return float((mass * (np.arange(len(mass)) + 0.5)).sum() / mass.sum())


def _resized(values: Array, shape: Sequence[int]) -> Array:
    """The same picture in another size: bilinear, averaging where it shrinks."""
    result: Array = (
        _weights(values.shape[0], shape[0]) @ values @ _weights(values.shape[1], shape[1]).T
    )
    return result


def _weights(before: int, after: int) -> Array:
    """The matrix (after, before) that resizes an axis."""
    step = before / after
    places = (np.arange(after) + 0.5) * step - 0.5
    weights = np.maximum(1 - np.abs(places[:, None] - np.arange(before)) / max(step, 1), 0)
    result: Array = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


def _smoothed(ink: Array) -> Array:
    """Each pixel the mean of itself and its neighbours, by a quarter, a half and a quarter."""
    for axis in (0, 1):
        margin = [(1, 1) if axis == other else (0, 0) for other in (0, 1)]
        before, here, after = (
            np.pad(ink, margin, mode="edge").take(range(start, start + ink.shape[axis]), axis)
            for start in (0, 1, 2)
        )
        ink = (before + 2 * here + after) / 4
    return ink


def _extent(mask: Mask) -> tuple[slice, slice]:
    """The rows and columns from the first to the last that has any."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _widened(mask: Mask, reach: int) -> Mask:
    """With all that is so near to it, along the rows and the columns."""
    for axis in (0, 1):
        padding = [(reach, reach) if axis == other else (0, 0) for other in (0, 1)]
        mask = _slid(np.max, np.pad(mask, padding), reach, axis)
    return mask


def _slid(what: Callable[..., Array], values: Array, reach: int, axis: int) -> Array:
    """The largest or the least of `reach` pixels on each side, where there are so many."""
    return what(sliding_window_view(values, 2 * reach + 1, axis=axis), axis=-1)
