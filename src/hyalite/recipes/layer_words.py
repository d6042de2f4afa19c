"""Hidden layers in words: ``"conv32,pool,conv64,pool,128"``, as `Recipe` and `--layers` take them.

    layers   none, or one or more of the following with commas between
    conv     conv32 has 32 filters; then, where wanted, x5 a kernel of 5 by 5 instead of 3 by 3,
             s2 strides of 2 instead of 1, and same a border that keeps the size: conv32x5s2same
    pool     the maximum of 2 by 2 pixels; pool3 of 3 by 3; then strides and border as of conv
    gap      the mean of each channel over the whole picture
    128      a dense layer of so many units; behind it, and behind gap, there are no pictures left

What becomes of them is in `networks`; this file knows texts alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, SupportsIndex, TypeAlias

MOST = 999_999  # units, filters, strides
MOST_SIDE = 99  # of a kernel or window: with a border of its size, memory grows by its square
SHOWN = 40  # characters of a part in an error
CONVOLUTION = re.compile(r"conv([0-9]+)(?:x([0-9]+))?(?:s([0-9]+))?(same)?")
POOLING = re.compile(r"pool([0-9]+)?(?:s([0-9]+))?(same)?")
UNITS = re.compile(r"[0-9]+")
ALLOWED = (
    "write units of a dense layer as 128; filters of a convolution as conv32, with kernel, strides "
    "and border as conv32x5s2same; pool, or as pool3s2same; gap; commas between, or none alone"
)


class Convolution(NamedTuple):
    """`filters` kernels of `kernel` by `kernel`, each with the activation of the hidden layers."""

    filters: int
    kernel: int = 3
    strides: int = 1
    padding: str = "valid"

    def __str__(self) -> str:
        kernel = f"x{self.kernel}" if self.kernel != 3 else ""
        strides = f"s{self.strides}" if self.strides != 1 else ""
        return f"conv{self.filters}{kernel}{strides}{_border(self.padding)}"


class Pooling(NamedTuple):
    """The maximum of each window of `size` by `size`; None has them lie side by side."""

    size: int = 2
    strides: int | None = None
    padding: str = "valid"

    def __str__(self) -> str:
        size = str(self.size) if self.size != 2 else ""
        strides = f"s{self.strides}" if self.strides is not None else ""
        return f"pool{size}{strides}{_border(self.padding)}"


class GlobalAverage(NamedTuple):
    """The mean of each channel."""

    def __str__(self) -> str:
        return "gap"


OfPictures: TypeAlias = Convolution | Pooling | GlobalAverage


class HiddenLayers(NamedTuple):
    """The hidden layers of a network: those over pictures, and the dense ones behind them.

    Attributes:
        pictures: in their order.
        units: of each dense layer.
    """

    pictures: tuple[OfPictures, ...]
    units: tuple[int, ...]

    def __str__(self) -> str:
        return ",".join(map(str, [*self.pictures, *self.units])) or "none"

    @property
    def averaged(self) -> bool:
        """Whether those over pictures end in one number a channel, which needs no flattening."""
        return bool(self.pictures) and isinstance(self.pictures[-1], GlobalAverage)


def parse(layers: str | Sequence[str | int]) -> HiddenLayers:
    """The hidden layers that words or numbers name.

    Args:
        layers: such as "conv32,pool,128", ("conv32", "pool", 128), (64, 64), "none" or ().

    Raises:
        ValueError: a part that is none of these, a number out of range, or pictures asked for where
            there are none left.
    """
    if isinstance(layers, str):
        layers = [] if layers.strip() == "none" else layers.split(",")
    elif not isinstance(layers, tuple | list):
        raise ValueError(
            f"layers must be the units of each hidden layer, got {layers!r}; write "
            "layers=(64, 64), layers=() for none, or words such as layers='conv32,pool,128'"
        )
    pictures: list[OfPictures] = []
    units: list[int] = []
    ends = ""  # the part behind which there are no pictures
    for part in layers:
        found = _of_text(part.strip()) if isinstance(part, str) else _of_number(part)
        if isinstance(found, int):
            units.append(found)
        elif ends:
            raise ValueError(
                f"layers: {part!r} takes pictures, and behind {ends} there are none; put it before"
            )
        else:
            pictures.append(found)
        if not ends and isinstance(found, int | GlobalAverage):
            ends = repr(part)
    return HiddenLayers(tuple(pictures), tuple(units))


def _border(padding: str) -> str:
    return "same" if padding == "same" else ""


def _of_text(part: str) -> OfPictures | int:
    if UNITS.fullmatch(part):
        return _number(part, "units", part)
    if part == "gap":
        return GlobalAverage()
    if match := CONVOLUTION.fullmatch(part):
        filters, kernel, strides, same = match.groups()
        return Convolution(
            _number(filters, "filters", part),
            _number(kernel or "3", "the kernel", part, MOST_SIDE),
            _number(strides or "1", "strides", part),
            same or "valid",
        )
    if match := POOLING.fullmatch(part):
        size, strides, same = match.groups()
        return Pooling(
            _number(size or "2", "the window", part, MOST_SIDE),
            _number(strides, "strides", part) if strides else None,
            same or "valid",
        )
    if not part:
        raise ValueError(f"layers: a part is empty; {ALLOWED}")
    raise ValueError(f"layers: {_shown(part)} is no layer; {ALLOWED}")


def _of_number(part: object) -> int:
    if not isinstance(part, SupportsIndex) or isinstance(part, bool):
        raise ValueError(f"layers: {part!r} is no layer; {ALLOWED}")
    return _number(str(part.__index__()), "units", str(part))


def _number(digits: str, what: str, part: str, most: int = MOST) -> int:
    # by length first: int() refuses very long texts with words of its own
    if len(digits) > len(str(MOST)) or not 1 <= int(digits) <= most:
        raise ValueError(
            f"layers: {what} of {_shown(part)} must be a whole number from 1 to {most:,}"
        )
    return int(digits)


def _shown(part: str) -> str:
    return repr(part if len(part) <= SHOWN else part[:SHOWN] + "…")
