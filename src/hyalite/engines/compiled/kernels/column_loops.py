"""Loops over rows with something for each column, a vector of columns at a time.

The rows of a picture are its pixels, of few columns, its channels. A loop over so few is not made
of vector instructions by LLVM, so these are written as such; what does not fill a vector is masked.

Sums go four rows at a time, s + ((a + b) + (c + d)), in registers: an order that does not depend on
the width of the vectors. All by addresses; rows lie one behind the other, `zero` is a number of the
dtype.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.extending import intrinsic

from hyalite.engines.compiled.kernels.intrinsics import INT64, Code, code
from hyalite.engines.compiled.kernels.vectors import (
    BYTE_POINTER,
    VECTOR_BYTES,
    FirstLanes,
    VectorWriter,
)

NARROW = 64  # rows of so many entries and more are plain loops, which LLVM makes of vectors well
GROUP = 4  # rows that are added to each other before they are added to the sum


class Columns:
    """A vector of columns, or as many as are left.

    Args:
        write: writes vectors.
        offset: of the columns in a row, in bytes.
        some: those that are left, or None.
    """

    def __init__(
        self, write: VectorWriter, offset: ir.Value, some: FirstLanes | None = None
    ) -> None:
        self.write, self.offset, self.some = write, offset, some

    def load(self, row: ir.Value) -> ir.Value:
        """Those of the row at an address."""
        place = self.write.builder.gep(row, [self.offset])
        if self.some is None:
            return self.write.load(place)
        return self.write.load_some(place, self.some)

    def store(self, value: ir.Value, row: ir.Value) -> None:
        """Write those of the row at an address."""
        place = self.write.builder.gep(row, [self.offset])
        if self.some is None:
            self.write.store(value, place)
        else:
            self.write.store_some(value, place, self.some)


def for_columns(write: VectorWriter, count: ir.Value, body: Callable[[Columns], None]) -> None:
    """Write `body` for each vector of so many columns."""
    builder, size = write.builder, ir.Constant(INT64, VECTOR_BYTES)
    lanes = ir.Constant(INT64, write.lanes)
    whole = builder.sdiv(count, lanes)
    rest = builder.sub(count, builder.mul(whole, lanes))
    with cgutils.for_range(builder, whole) as loop:
        body(Columns(write, builder.mul(loop.index, size)))
    with builder.if_then(builder.icmp_signed(">", rest, ir.Constant(INT64, 0))):
        body(Columns(write, builder.mul(whole, size), write.first_lanes(rest)))


# Of the vectors of x, y and what stands for each column, what is summed up.
Terms = Callable[[ir.IRBuilder, ir.Value, ir.Value, ir.Value], list[ir.Value]]


def _sums(count: int, terms: Terms) -> Any:
    """An intrinsic that sums so many terms over the rows."""

    @intrinsic
    def sums(
        _: types.Type, zero: types.Type, x: types.Type, y: types.Type, constants: types.Type,
        rows: types.Type, columns: types.Type, out: types.Type, keep: types.Type,
    ) -> Code:  # fmt: skip
        """out ← Σ_rows, or with `keep` added to it.

        Args:
            zero: a number of the dtype.
            x: the first row,
            y: that of another matrix, or x where the sum has none.
            constants: a number for each column, or x.
            rows: of both,
            columns: and their width.
            out: where the sums stand, those of a second term behind those of the first.
            keep: begin with what `out` is.
        """

        def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> None:
            write = VectorWriter(builder, values[0].type)
            x, y, constants = (builder.inttoptr(value, BYTE_POINTER) for value in values[1:4])
            rows, columns, keep = values[4], values[5], values[7]
            row_bytes = builder.mul(columns, ir.Constant(INT64, write.itemsize))
            first = builder.inttoptr(values[6], BYTE_POINTER)

            def body(some: Columns) -> None:
                constant = some.load(constants)

                def at(number: ir.Value) -> list[ir.Value]:
                    offset = builder.mul(number, row_bytes)
                    row, other = (builder.gep(base, [offset]) for base in (x, y))
                    return terms(builder, some.load(row), some.load(other), constant)

                outs = [first, builder.gep(first, [row_bytes])][:count]
                totals = []
                for place in outs:
                    totals.append(cgutils.alloca_once(builder, write.vector))
                    builder.store(builder.select(keep, some.load(place), write.zero), totals[-1])
                groups = builder.sdiv(rows, ir.Constant(INT64, GROUP))
                grouped = builder.mul(groups, ir.Constant(INT64, GROUP))
                with cgutils.for_range(builder, groups) as loop:
                    start = builder.mul(loop.index, ir.Constant(INT64, GROUP))
                    found = [at(builder.add(start, ir.Constant(INT64, n))) for n in range(GROUP)]
                    for total, (a, b, c, d) in zip(totals, zip(*found, strict=True), strict=True):
                        four = builder.fadd(builder.fadd(a, b), builder.fadd(c, d))
                        builder.store(builder.fadd(builder.load(total), four), total)
                with cgutils.for_range(builder, builder.sub(rows, grouped)) as loop:
                    for total, term in zip(
                        totals, at(builder.add(grouped, loop.index)), strict=True
                    ):
                        builder.store(builder.fadd(builder.load(total), term), total)
                for total, place in zip(totals, outs, strict=True):
                    some.store(builder.load(total), place)

            for_columns(write, columns, body)

        return code(types.void(zero, *[types.int64] * 6, types.boolean), generate)

    return sums


def _square(builder: ir.IRBuilder, x: ir.Value, _: ir.Value, mean: ir.Value) -> list[ir.Value]:
    d = builder.fsub(x, mean)
    return [builder.fmul(d, d)]


def _with_deviation(
    builder: ir.IRBuilder, x: ir.Value, y: ir.Value, mean: ir.Value
) -> list[ir.Value]:
    return [y, builder.fmul(y, builder.fsub(x, mean))]


sums_of_columns = _sums(1, lambda builder, x, y, mean: [x])  # Σ x
sums_of_squares = _sums(1, _square)  # Σ (x - mean)²
sums_with_deviations = _sums(2, _with_deviation)  # Σ y and Σ y·(x - mean)


# Of the vectors of x, y and the columns' constants, what is written over y.
Formula = Callable[[ir.IRBuilder, ir.Value, ir.Value, list[ir.Value]], ir.Value]


def _map(count: int, formula: Formula) -> Any:
    """An intrinsic that makes something of every number, with `count` numbers for each column."""

    @intrinsic
    def over_columns(
        _: types.Type, zero: types.Type, x: types.Type, y: types.Type, constants: types.Type,
        rows: types.Type, columns: types.Type,
    ) -> Code:  # fmt: skip
        """y ← a formula of x, y and the constants of the column.

        Args:
            zero: a number of the dtype.
            x: the first row,
            y: that of what is written; may be x.
            constants: those of all columns, first of one kind, behind them the next.
            rows: of both,
            columns: and their width.
        """

        def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> None:
            write = VectorWriter(builder, values[0].type)
            x, y, constants = (builder.inttoptr(value, BYTE_POINTER) for value in values[1:4])
            rows, columns = values[4:]
            row_bytes = builder.mul(columns, ir.Constant(INT64, write.itemsize))

            def body(some: Columns) -> None:
                kinds = [
                    builder.gep(constants, [builder.mul(row_bytes, ir.Constant(INT64, n))])
                    for n in range(count)
                ]
                of_column = [some.load(kind) for kind in kinds]
                with cgutils.for_range(builder, rows) as loop:
                    offset = builder.mul(loop.index, row_bytes)
                    row, to = (builder.gep(base, [offset]) for base in (x, y))
                    value = formula(builder, some.load(row), some.load(to), of_column)
                    some.store(value, to)

            for_columns(write, columns, body)

        return code(types.void(zero, *[types.int64] * 5), generate)

    return over_columns


def _scaled(builder: ir.IRBuilder, x: ir.Value, _: ir.Value, constants: list[ir.Value]) -> ir.Value:
    mean, factor, shift = constants
    return builder.fadd(builder.fmul(builder.fsub(x, mean), factor), shift)


def _scaled_derivative(
    builder: ir.IRBuilder, x: ir.Value, dy: ir.Value, constants: list[ir.Value]
) -> ir.Value:
    mean, factor, by_deviation, shift = constants
    deviation = builder.fmul(builder.fsub(x, mean), by_deviation)
    return builder.fsub(builder.fsub(builder.fmul(dy, factor), deviation), shift)


def _rectified(
    builder: ir.IRBuilder, x: ir.Value, _: ir.Value, constants: list[ir.Value]
) -> ir.Value:
    y, zero = builder.fadd(x, constants[0]), ir.Constant(x.type, [0.0] * x.type.count)
    return builder.select(builder.fcmp_ordered("<", y, zero), zero, y)  # lets NaN pass


scale_columns = _map(3, _scaled)  # y ← (x - a)·b + c
scale_derivatives = _map(4, _scaled_derivative)  # y ← y·b - (x - a)·c - d
add_to_columns = _map(1, lambda builder, x, y, constants: builder.fadd(x, constants[0]))  # x + a
rectify_columns = _map(1, _rectified)  # y ← max(0, x + a)
