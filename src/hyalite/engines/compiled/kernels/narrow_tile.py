"""Products with one to four outputs, some sums at a time in registers.

A sum waits four cycles for its last product; so several rows of x, or several vectors of its
columns, are taken together. Each sum is the same chain in whatever company it is made.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    sum_of_lanes,
)
from hyalite.engines.compiled.kernels.vectors import (
    BYTE_POINTER,
    REGISTERS,
    VECTOR_BYTES,
    VectorWriter,
)
from hyalite.engines.compiled.structs import MAX_NARROW_OUTPUTS

# Rows of x whose inner products are made together, by the number of outputs.
ROWS = (0, 8, 4, 3, 2)
# Vectors of the columns of x that are summed together: a sum for each output and one of them, and
# beside the sums the vectors themselves.
STRIP = 4 if REGISTERS == 32 else 2
GROUP = 4  # rows that are added from the last to the first


def _chosen(builder: ir.IRBuilder, outputs: ir.Value, functions: Sequence[ir.Function],
            given: Sequence[ir.Value]) -> None:  # fmt: skip
    """Call the function for so many outputs, of which the first is for one."""
    behind = builder.append_basic_block("behind")
    switch = builder.switch(outputs, behind)
    for number, function in enumerate(functions, start=1):
        block = builder.append_basic_block(f"outputs_{number}")
        switch.add_case(ir.Constant(INT64, number), block)
        with builder.goto_block(block):
            builder.call(function, given)
            builder.branch(behind)
    builder.position_at_end(behind)


def _function(module: ir.Module, name: str, parameters: Sequence[ir.Type]) -> ir.Function:
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), parameters), name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    function.attributes.add("nounwind")
    return function


# Inner products ---------------------------------------------------------------------------------


@intrinsic
def inner_products(
    _: types.Type, zero: types.Type, x: types.Type, W_t: types.Type, y: types.Type,
    rows: types.Type, inputs: types.Type, outputs: types.Type,
) -> Code:  # fmt: skip
    """y ← x·W over whole blocks of `LANES` inputs, each as `intrinsics.dot` sums it.

    Args:
        zero: a number of the dtype.
        x: address of the left matrix (rows, inputs),
        W_t: of the transpose of the right one (outputs, inputs),
        y: and of the result (rows, outputs), all contiguous.
        rows: of x.
        inputs: its columns; what does not fill a block at the end is left out.
        outputs: 1 to MAX_NARROW_OUTPUTS.
    """

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> None:
        zero, *addresses = values[:4]
        rows, inputs, outputs = values[4:]
        functions = [
            _inner_function(builder.module, zero.type, number)
            for number in range(1, MAX_NARROW_OUTPUTS + 1)
        ]
        pointers = [builder.inttoptr(address, BYTE_POINTER) for address in addresses]
        _chosen(builder, outputs, functions, [*pointers, rows, inputs])

    return code(types.void(zero, *[types.int64] * 6), generate)


def _inner_function(module: ir.Module, entry: ir.Type, outputs: int) -> ir.Function:
    """The function for so many outputs."""
    parameters = [BYTE_POINTER, BYTE_POINTER, BYTE_POINTER, INT64, INT64]
    function = _function(module, f"inner_{outputs}_{entry}", parameters)
    x, W_t, y, rows, inputs = function.args
    builder = ir.IRBuilder(function.append_basic_block())
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
    builder.ret_void()
    return function


# The gradient by the weights --------------------------------------------------------------------


@intrinsic
def outer_products(
    _: types.Type, zero: types.Type, x: types.Type, dy: types.Type, dW_t: types.Type,
    rows: types.Type, inputs: types.Type, outputs: types.Type,
) -> Code:  # fmt: skip
    """dW_t ← (xᵀ·dy)ᵀ, a chain over the rows for each entry, of each `GROUP` the last first.

    Args:
        zero: a number of the dtype.
        x: address of the left matrix (rows, inputs),
        dy: of the right one (rows, outputs),
        dW_t: and of the result (outputs, inputs), all contiguous.
        rows: of both.
        inputs: the columns of x,
        outputs: and of dy, 1 to MAX_NARROW_OUTPUTS.
    """

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> None:
        zero, *addresses = values[:4]
        rows, inputs, outputs = values[4:]
        functions = [
            _outer_function(builder.module, zero.type, number)
            for number in range(1, MAX_NARROW_OUTPUTS + 1)
        ]
        pointers = [builder.inttoptr(address, BYTE_POINTER) for address in addresses]
        _chosen(builder, outputs, functions, [*pointers, rows, inputs])

    return code(types.void(zero, *[types.int64] * 6), generate)


def _outer_function(module: ir.Module, entry: ir.Type, outputs: int) -> ir.Function:
    """The function for so many outputs."""
    parameters = [BYTE_POINTER, BYTE_POINTER, BYTE_POINTER, INT64, INT64]
    function = _function(module, f"outer_{outputs}_{entry}", parameters)
    x, dy, dW_t, rows, inputs = function.args
    builder = ir.IRBuilder(function.append_basic_block())
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

    vectors = builder.sdiv(inputs, ir.Constant(INT64, write.lanes))
    strips = builder.sdiv(vectors, ir.Constant(INT64, STRIP))
    with cgutils.for_range(builder, strips) as loop:
        start = _times(builder, loop.index, STRIP * VECTOR_BYTES)
        offsets = [builder.add(start, ir.Constant(INT64, v * VECTOR_BYTES)) for v in range(STRIP)]
        strip([Columns(write, offset) for offset in offsets])
    done = _times(builder, strips, STRIP)
    with cgutils.for_range(builder, builder.sub(vectors, done)) as loop:
        strip([Columns(write, _times(builder, builder.add(done, loop.index), VECTOR_BYTES))])
    rest = builder.sub(inputs, _times(builder, vectors, write.lanes))
    with builder.if_then(builder.icmp_signed(">", rest, ir.Constant(INT64, 0))):
        strip([Columns(write, _times(builder, vectors, VECTOR_BYTES), write.first_lanes(rest))])
    builder.ret_void()
    return function


def _times(builder: ir.IRBuilder, stride: ir.Value, number: int) -> ir.Value:
    return builder.mul(stride, ir.Constant(INT64, number))
