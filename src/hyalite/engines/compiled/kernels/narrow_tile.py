"""Products with one to four inputs or outputs, made of vectors in registers.

With few outputs a sum waits four cycles for its last product; so several rows of x, or several
vectors of its columns, are taken together. With few inputs there is little to sum, and what takes
time is going through memory; so what follows a product is done before it is written. Each sum is
the same chain of fused products as elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.extending import intrinsic

from hyalite.engines.compiled.kernels.column_loops import Columns
from hyalite.engines.compiled.kernels.intrinsics import (
    INT64,
    LANES,
    Code,
    code,
    own_function,
    sum_of_lanes,
)
from hyalite.engines.compiled.kernels.vectors import (
    BYTE_POINTER,
    REGISTERS,
    VECTOR_BYTES,
    VectorWriter,
)
from hyalite.engines.compiled.structs import MAX_NARROW

# Rows of x whose inner products are made together, by the number of outputs.
ROWS = (0, 8, 4, 3, 2)
STRIP = 4 if REGISTERS == 32 else 2  # vectors of columns that are taken together
GROUP = 4  # rows that are added from the last to the first


def _by_number(
    builder: ir.IRBuilder, number: ir.Value, name: str, given: Sequence[ir.Value],
    write: Callable[..., None],
) -> None:  # fmt: skip
    """Write a function for each number from 1 to MAX_NARROW, and which of them is called.

    Args:
        builder: takes the call.
        number: that is meant.
        name: the functions' beginning.
        given: what they are called with.
        write: ``write(number, builder, *given)`` writes one.
    """
    kinds = [value.type for value in given]
    behind = builder.append_basic_block("behind")
    switch = builder.switch(number, behind)
    for one in range(1, MAX_NARROW + 1):
        block = builder.append_basic_block(f"{name}_{one}")
        switch.add_case(ir.Constant(INT64, one), block)
        with builder.goto_block(block):
            function = own_function(builder.module, f"{name}_{one}", kinds, partial(write, one))
            builder.call(function, given)
            builder.branch(behind)
    builder.position_at_end(behind)


def _for_strips(
    write: VectorWriter, count: ir.Value, body: Callable[[Sequence[Columns]], None]
) -> None:
    """Write `body` for so many columns: `STRIP` vectors at a time, then one, then what is left."""
    builder = write.builder
    vectors = builder.sdiv(count, ir.Constant(INT64, write.lanes))
    strips = builder.sdiv(vectors, ir.Constant(INT64, STRIP))
    with cgutils.for_range(builder, strips) as loop:
        start = _times(builder, loop.index, STRIP * VECTOR_BYTES)
        offsets = [builder.add(start, ir.Constant(INT64, v * VECTOR_BYTES)) for v in range(STRIP)]
        body([Columns(write, offset) for offset in offsets])
    done = _times(builder, strips, STRIP)
    with cgutils.for_range(builder, builder.sub(vectors, done)) as loop:
        body([Columns(write, _times(builder, builder.add(done, loop.index), VECTOR_BYTES))])
    rest = builder.sub(count, _times(builder, vectors, write.lanes))
    with builder.if_then(builder.icmp_signed(">", rest, ir.Constant(INT64, 0))):
        body([Columns(write, _times(builder, vectors, VECTOR_BYTES), write.first_lanes(rest))])


# Few outputs ------------------------------------------------------------------------------------


def _few_outputs(name: str, write: Callable[..., None]) -> Any:
    """An intrinsic for a y or dy of few columns.

    Args:
        name: of its functions.
        write: ``write(entry, outputs, builder, *arguments)`` writes one.
    """

    @intrinsic
    def few_outputs(
        _: types.Type, zero: types.Type, x: types.Type, other: types.Type, result: types.Type,
        rows: types.Type, inputs: types.Type, outputs: types.Type,
    ) -> Code:  # fmt: skip
        """Of x and another matrix a third one; see `inner_products` and `outer_products`.

        Args:
            zero: a number of the dtype.
            x: address of a matrix (rows, inputs),
            other: of the one that it is multiplied with,
            result: and of the result, all contiguous.
            rows: of x,
            inputs: and its columns.
            outputs: 1 to MAX_NARROW.
        """

        def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> None:
            zero, *addresses = values[:4]
            rows, inputs, outputs = values[4:]
            pointers = [builder.inttoptr(address, BYTE_POINTER) for address in addresses]
            given, entry = [*pointers, rows, inputs], zero.type
            _by_number(builder, outputs, f"{name}_{entry}", given, partial(write, entry))

        return code(types.void(zero, *[types.int64] * 6), generate)

    return few_outputs


def _write_inner(entry: ir.Type, outputs: int, builder: ir.IRBuilder, *arguments: ir.Value) -> None:
    """Sums along the rows of x and of Wᵀ, as `intrinsics.dot` makes them, of some rows together."""
    x, W_t, y, rows, inputs = arguments
    size = 4 if isinstance(entry, ir.FloatType) else 8
    write = VectorWriter(builder, entry, LANES * size)
    blocks = builder.sdiv(inputs, ir.Constant(INT64, LANES))
    row_bytes = builder.mul(inputs, ir.Constant(INT64, size))
    from_W = [builder.gep(W_t, [_times(builder, row_bytes, j)]) for j in range(outputs)]

    def together(first: ir.Value, count: int) -> None:
        """The inner products of so many rows."""
        start = builder.gep(x, [builder.mul(first, row_bytes)])
        from_x = [builder.gep(start, [_times(builder, row_bytes, i)]) for i in range(count)]
        sums = [[cgutils.alloca_once(builder, write.vector) for _ in from_W] for _ in from_x]
        for total in (total for row in sums for total in row):
            builder.store(write.zero, total)
        with cgutils.for_range(builder, blocks) as loop:
            offset = _times(builder, loop.index, LANES * size)
            of_W = [write.load(builder.gep(place, [offset])) for place in from_W]
            for place, row in zip(from_x, sums, strict=True):
                of_x = write.load(builder.gep(place, [offset]))
                for of_output, total in zip(of_W, row, strict=True):
                    builder.store(write.fma(of_x, of_output, builder.load(total)), total)
        to = builder.gep(y, [_times(builder, first, outputs * size)])
        to = builder.bitcast(to, entry.as_pointer())
        for number, total in enumerate(total for row in sums for total in row):
            place = builder.gep(to, [ir.Constant(INT64, number)])
            builder.store(sum_of_lanes(builder, builder.load(total)), place)

    count = ROWS[outputs]
    groups = builder.sdiv(rows, ir.Constant(INT64, count))
    with cgutils.for_range(builder, groups) as loop:
        together(_times(builder, loop.index, count), count)
    grouped = _times(builder, groups, count)
    with cgutils.for_range(builder, builder.sub(rows, grouped)) as loop:
        together(builder.add(grouped, loop.index), 1)


def _write_outer(entry: ir.Type, outputs: int, builder: ir.IRBuilder, *arguments: ir.Value) -> None:
    """Chains down the rows of x and dy, of each `GROUP` the last first, for a strip of columns."""
    x, dy, dW_t, rows, inputs = arguments
    write = VectorWriter(builder, entry)
    size = write.itemsize
    row_bytes = builder.mul(inputs, ir.Constant(INT64, size))
    groups = builder.sdiv(rows, ir.Constant(INT64, GROUP))
    grouped = _times(builder, groups, GROUP)

    def strip(columns: Sequence[Columns]) -> None:
        """The sums over all rows for some vectors of columns."""
        sums = [
            [cgutils.alloca_once(builder, write.vector) for _ in columns] for _ in range(outputs)
        ]
        for total in (total for row in sums for total in row):
            builder.store(write.zero, total)

        def add(row: ir.Value) -> None:
            place = builder.gep(x, [builder.mul(row, row_bytes)])
            of_x = [some.load(place) for some in columns]
            start = builder.gep(dy, [_times(builder, row, outputs * size)])
            for j, totals in enumerate(sums):
                of_dy = write.everywhere(builder.gep(start, [ir.Constant(INT64, j * size)]))
                for vector, total in zip(of_x, totals, strict=True):
                    builder.store(write.fma(of_dy, vector, builder.load(total)), total)

        with cgutils.for_range(builder, groups) as loop:
            first = _times(builder, loop.index, GROUP)
            for n in reversed(range(GROUP)):
                add(builder.add(first, ir.Constant(INT64, n)))
        with cgutils.for_range(builder, builder.sub(rows, grouped)) as loop:
            add(builder.add(grouped, loop.index))
        for j, totals in enumerate(sums):
            place = builder.gep(dW_t, [_times(builder, row_bytes, j)])
            for some, total in zip(columns, totals, strict=True):
                some.store(builder.load(total), place)

    _for_strips(write, inputs, strip)


# y ← x·W by Wᵀ (outputs, inputs); inputs that fill no block of `LANES` at the end are left out
inner_products = _few_outputs("inner", _write_inner)
outer_products = _few_outputs("outer", _write_outer)  # dWᵀ (outputs, inputs) ← (xᵀ·dy)ᵀ


# Few terms in a sum ------------------------------------------------------------------------------

# What is done with a sum before it is written, by the vector of it and what stands for that.
After = Callable[[VectorWriter, ir.Value, ir.Value, ir.Value], ir.Value]


def _rectified(write: VectorWriter, total: ir.Value, bias: ir.Value, _: ir.Value) -> ir.Value:
    """max(0, total + bias), which lets NaN pass."""
    y = write.builder.fadd(total, bias)
    return write.builder.select(write.builder.fcmp_ordered("<", y, write.zero), write.zero, y)


def _masked(write: VectorWriter, total: ir.Value, x: ir.Value, scale: ir.Value) -> ir.Value:
    """scale·total where x > 0, else 0."""
    positive = write.builder.fcmp_ordered(">", x, write.zero)
    return write.builder.select(positive, write.builder.fmul(total, scale), write.zero)


def _few_terms(name: str, after: After | None, by_row: bool = False) -> Any:
    """An intrinsic that multiplies by a matrix of few rows.

    Args:
        name: of its functions.
        after: what is done with the sums.
        by_row: what it needs differs from row to row.
    """

    @intrinsic
    def few_terms(
        _: types.Type, scale: types.Type, a: types.Type, b: types.Type, with_: types.Type,
        y: types.Type, rows: types.Type, terms: types.Type, columns: types.Type,
    ) -> Code:  # fmt: skip
        """y ← a·b, and what is done with that.

        Args:
            scale: a number of the dtype, a factor of the result where there is one.
            a: address of the left matrix (rows, terms),
            b: of the right one (terms, columns),
            with_: of what the sums are changed with, (columns,) or (rows, columns),
            y: and of the result (rows, columns), all contiguous.
            rows: of a.
            terms: 1 to MAX_NARROW.
            columns: of b.
        """

        def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> None:
            scale, *addresses = values[:5]
            rows, terms, columns = values[5:]
            pointers = [builder.inttoptr(address, BYTE_POINTER) for address in addresses]
            given = [scale, *pointers, rows, columns]
            _by_number(
                builder, terms, f"{name}_{scale.type}", given, partial(_write_few, after, by_row)
            )

        return code(types.void(scale, *[types.int64] * 7), generate)

    return few_terms


def _write_few(
    after: After | None, by_row: bool, terms: int, builder: ir.IRBuilder, *arguments: ir.Value
) -> None:
    """`_few_terms` for so many terms."""
    scale, a, b, with_, y, rows, columns = arguments
    write = VectorWriter(builder, scale.type)
    size = write.itemsize
    row_bytes = builder.mul(columns, ir.Constant(INT64, size))
    factor = write.spread(scale)

    def strip(columns: Sequence[Columns]) -> None:
        of_b = [
            [some.load(builder.gep(b, [_times(builder, row_bytes, k)])) for some in columns]
            for k in range(terms)
        ]
        constants = [some.load(with_) for some in columns] if after and not by_row else []
        with cgutils.for_range(builder, rows) as loop:
            start = builder.gep(a, [_times(builder, loop.index, terms * size)])
            of_a = [
                write.everywhere(builder.gep(start, [ir.Constant(INT64, k * size)]))
                for k in range(terms)
            ]
            offset = builder.mul(loop.index, row_bytes)
            for v, some in enumerate(columns):
                total = write.zero
                for k in range(terms):
                    total = write.fma(of_a[k], of_b[k][v], total)
                if after:
                    other = some.load(builder.gep(with_, [offset])) if by_row else constants[v]
                    total = after(write, total, other, factor)
                some.store(total, builder.gep(y, [offset]))

    _for_strips(write, columns, strip)


few_terms = _few_terms("few", None)  # y ← a·b
few_terms_rectified = _few_terms("few_rectified", _rectified)  # y ← max(0, a·b + with_)
few_terms_masked = _few_terms("few_masked", _masked, by_row=True)  # y ← scale·(a·b) where with_ > 0


def _times(builder: ir.IRBuilder, stride: ir.Value, number: int) -> ir.Value:
    return builder.mul(stride, ir.Constant(INT64, number))
