"""The largest number of every window of one picture, channel by channel, and the way back.

A window's channels are vectors that stay in registers while its pixels pass: see `column_loops`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.extending import intrinsic

from hyalite.engines.compiled.kernels.column_loops import Columns, for_columns
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import Code, address_of, code
from hyalite.engines.compiled.kernels.pictures import fill
from hyalite.engines.compiled.kernels.vectors import BYTE_POINTER, VectorWriter
from hyalite.engines.compiled.structs import Geometry, Vector


class Window(NamedTuple):
    """A window while its code is written.

    Attributes:
        x: address of its first pixel that lies in the picture.
        first: the number of that, in every lane.
        y: address of its maximum, or of the derivative by it.
        winner: of the numbers of the pixels that were the maximum.
        pixels: writes a loop over the pixels, given what is to be done with the address of each and
            its number.
    """

    x: ir.Value
    first: ir.Value
    y: ir.Value
    winner: ir.Value
    pixels: Callable[[Callable[[ir.Value, ir.Value], None]], None]


def _over_window(body: Callable[[Columns, Window], None]) -> Any:
    """An intrinsic that does something with the pixels of a window."""

    @intrinsic
    def over_window(
        _: types.Type, zero: types.Type, x: types.Type, line: types.Type, pixel: types.Type,
        rows: types.Type, columns: types.Type, first: types.Type, numbers: types.Type,
        y: types.Type, winner: types.Type, channels: types.Type,
    ) -> Code:  # fmt: skip
        """Of one window.

        Args:
            zero: a number of the dtype.
            x: see `Window`.
            line: the bytes from line to line,
            pixel: and from pixel to pixel.
            rows: lines that lie in the picture,
            columns: and columns.
            first: the number of the first pixel,
            numbers: and by how many a line's are more than those of the line before.
            y: see `Window`,
            winner: as well.
            channels: of all of them.
        """

        def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> None:
            zero, x, line, pixel, rows, columns, first, numbers, y, winner, channels = values
            write = VectorWriter(builder, zero.type)
            x, y, winner = (builder.inttoptr(value, BYTE_POINTER) for value in (x, y, winner))

            def spread(number: ir.Value) -> ir.Value:
                return write.spread(builder.sitofp(number, zero.type))

            def pixels(each: Callable[[ir.Value, ir.Value], None]) -> None:
                with cgutils.for_range(builder, rows) as a:
                    row = builder.gep(x, [builder.mul(a.index, line)])
                    start = builder.add(first, builder.mul(a.index, numbers))
                    with cgutils.for_range(builder, columns) as b:
                        place = builder.gep(row, [builder.mul(b.index, pixel)])
                        each(place, spread(builder.add(start, b.index)))

            window = Window(x, spread(first), y, winner, pixels)
            for_columns(write, channels, lambda some: body(some, window))

        return code(types.void(zero, *[types.int64] * 10), generate)

    return over_window


def _find_largest(some: Columns, window: Window) -> None:
    builder, vector = some.write.builder, some.write.vector
    largest, number = (cgutils.alloca_once(builder, vector) for _ in range(2))
    builder.store(some.load(window.x), largest)
    builder.store(window.first, number)

    def each(place: ir.Value, here: ir.Value) -> None:
        value, best = some.load(place), builder.load(largest)
        more = builder.fcmp_ordered(">", value, best)
        builder.store(builder.select(more, value, best), largest)
        builder.store(builder.select(more, here, builder.load(number)), number)

    window.pixels(each)
    some.store(builder.load(largest), window.y)
    some.store(builder.load(number), window.winner)


def _give_back(some: Columns, window: Window) -> None:
    builder, zero = some.write.builder, some.write.zero
    dy, number = some.load(window.y), some.load(window.winner)

    def each(place: ir.Value, here: ir.Value) -> None:
        chosen = builder.select(builder.fcmp_ordered("==", number, here), dy, zero)
        some.store(builder.fadd(some.load(place), chosen), place)

    window.pixels(each)


_take_largest = _over_window(_find_largest)
_add_derivative = _over_window(_give_back)


@kernel
def _inside(start: int, size: int, length: int) -> tuple[int, int]:
    """The part of a window that lies in the picture, along one axis: from where, to where."""
    return max(0, start), min(length, start + size)


@kernel
def max_pool(g: Geometry, x: Vector, y: Vector, winner: Vector) -> None:
    """y ← max_k x[s·p + k], and which k it was, the first of equal ones."""
    zero, pixel = x.dtype.type(0), g.channels * x.itemsize
    line = g.width * pixel
    for row in range(g.rows):
        above = row * g.stride_rows - g.top
        top, bottom = _inside(above, g.window_rows, g.height)
        for column in range(g.columns):
            beside = column * g.stride_columns - g.left
            left, right = _inside(beside, g.window_columns, g.width)
            at = (row * g.columns + column) * pixel
            _take_largest(
                zero, address_of(x) + top * line + left * pixel, line, pixel, bottom - top,
                right - left, (top - above) * g.window_columns + left - beside, g.window_columns,
                address_of(y) + at, address_of(winner) + at, g.channels,
            )  # fmt: skip


@kernel
def max_pool_gradient(g: Geometry, dy: Vector, winner: Vector, dx: Vector) -> None:
    """dx[q] ← Σ dy[p] where x[q] is the maximum of window p."""
    zero, pixel = dx.dtype.type(0), g.channels * dx.itemsize
    line = g.width * pixel
    fill(dx, 0.0)
    for row in range(g.rows):
        above = row * g.stride_rows - g.top
        top, bottom = _inside(above, g.window_rows, g.height)
        for column in range(g.columns):
            beside = column * g.stride_columns - g.left
            left, right = _inside(beside, g.window_columns, g.width)
            at = (row * g.columns + column) * pixel
            _add_derivative(
                zero, address_of(dx) + top * line + left * pixel, line, pixel, bottom - top,
                right - left, (top - above) * g.window_columns + left - beside, g.window_columns,
                address_of(dy) + at, address_of(winner) + at, g.channels,
            )  # fmt: skip
