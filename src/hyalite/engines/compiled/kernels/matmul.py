"""Matrix products: of moderate size by loops of our own, else by BLAS.

A tile of C, a few rows by two vectors, stays in registers while the sum runs over k:

    c[m, :] += a[m, k] · b[k, :]

Every entry is one chain of fused multiplications and additions in the order of k, whatever the
tile it lies in, so the bytes do not depend on how C is cut. OpenBLAS takes a lock in every call:
125x64 by 64x64 cost two threads 25 µs each where one alone took 14.
"""

from __future__ import annotations

from collections.abc import Sequence

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.typing import Signature
from numba.extending import intrinsic

from hyalite.engines.compiled.kernels.decorators import TRUE, kernel
from hyalite.engines.compiled.kernels.intrinsics import (
    INT32,
    INT64,
    Code,
    call_fma,
    vector_at,
    vector_of,
)
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.kernels.narrow_matmul import transposed
from hyalite.engines.compiled.structs import Matrix, Vector

TILE_ROWS, TILE_VECTORS = 6, 2  # 12 sums, 2 vectors of B and one of A fill 16 registers
PANEL_ROWS = 256  # of B at a time, so that a panel of it stays in the first-level cache
FIRST_LEVEL_BYTES = 1 << 15
MAX_COLUMNS = 128  # of B; with more, its panels would have to be packed, and BLAS is as fast


def _vector_bytes() -> int:
    features = llvm.get_host_cpu_features()
    return 64 if features.get("avx512f") else 32 if features.get("avx2") else 16


VECTOR_BYTES = _vector_bytes()


@intrinsic(prefer_literal=True)
def _tile(
    _: types.Type,
    rows: types.Type,
    a: types.Type,
    a_row: types.Type,
    a_inner: types.Type,
    b: types.Type,
    b_inner: types.Type,
    c: types.Type,
    c_row: types.Type,
    inner: types.Type,
    keep: types.Type,
) -> Code | None:
    """A tile of C of so many rows, a constant, in LLVM's language; all strides in entries."""
    if not isinstance(rows, types.IntegerLiteral):
        return None
    size = types.intp
    signature = types.void(rows, a, size, size, b, size, c, size, size, types.boolean)

    def generate(
        context: BaseContext,
        builder: ir.IRBuilder,
        signature: Signature,
        values: Sequence[ir.Value],
    ) -> ir.Value:
        _, a, a_row, a_inner, b, b_inner, c, c_row, inner, keep = values
        a, b, c = (
            context.make_array(signature.args[i])(context, builder, values[i]).data
            for i in (1, 4, 6)
        )
        write = _TileWriter(builder, context.get_value_type(signature.args[1].dtype))
        places, sums = {}, {}
        for m in range(rows.literal_value):
            for v in range(TILE_VECTORS):
                places[m, v] = write.vector_at(c, write.row(c_row, m), v)
                start = builder.select(keep, write.load(places[m, v]), write.zero)
                sums[m, v] = cgutils.alloca_once_value(builder, start)
                builder.store(start, sums[m, v])
        with cgutils.for_range(builder, inner) as loop:
            of_b = [
                write.load(write.vector_at(b, builder.mul(loop.index, b_inner), v))
                for v in range(TILE_VECTORS)
            ]
            for m in range(rows.literal_value):
                offset = builder.add(write.row(a_row, m), builder.mul(loop.index, a_inner))
                of_a = write.everywhere(builder.load(builder.gep(a, [offset])))
                for v in range(TILE_VECTORS):
                    total = write.fma(of_a, of_b[v], builder.load(sums[m, v]))
                    builder.store(total, sums[m, v])
        for key, place in places.items():
            builder.store(builder.load(sums[key]), place, align=write.align)
        return context.get_dummy_value()

    return signature, generate


class _TileWriter:
    """The words that `_tile` is written in: vectors as wide as a register.

    Args:
        builder: takes the instructions.
        entry: float or double.
    """

    def __init__(self, builder: ir.IRBuilder, entry: ir.Type) -> None:
        self.builder = builder
        self.align = 4 if isinstance(entry, ir.FloatType) else 8
        self.lanes = VECTOR_BYTES // self.align
        self.vector = ir.VectorType(entry, self.lanes)
        self.zero = ir.Constant(self.vector, [0.0] * self.lanes)
        self.name = f"v{self.lanes}f{8 * self.align}"

    def row(self, stride: ir.Value, number: int) -> ir.Value:
        """Where a row begins."""
        return self.builder.mul(stride, ir.Constant(INT64, number))

    def vector_at(self, base: ir.Value, row: ir.Value, number: int) -> ir.Value:
        """A pointer to a vector of a row."""
        offset = self.builder.add(row, ir.Constant(INT64, number * self.lanes))
        return self.builder.bitcast(self.builder.gep(base, [offset]), self.vector.as_pointer())

    def load(self, place: ir.Value) -> ir.Value:
        """The vector there; arrays are aligned to their entries only."""
        return self.builder.load(place, align=self.align)

    def everywhere(self, value: ir.Value) -> ir.Value:
        """A vector of one number."""
        undefined = ir.Constant(self.vector, ir.Undefined)
        one = self.builder.insert_element(undefined, value, ir.Constant(INT32, 0))
        lanes = ir.Constant(ir.VectorType(INT32, self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(one, undefined, lanes)

    def fma(self, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
        """a·b + c."""
        return call_fma(self.builder, self.vector, self.name, [a, b, c])


@kernel
def _column_of_tiles(
    a: Vector, a_row: int, a_inner: int, b: Vector, b_inner: int, c: Vector, c_row: int, rows: int,
    inner: int, keep: bool,
) -> None:  # fmt: skip
    """All rows of a panel of C that is two vectors wide."""
    for m in range(0, rows, 6):
        left = rows - m
        x = vector_at(a, m * a_row, 1)
        y = vector_at(c, m * c_row, 1)
        if left >= 6:
            _tile(6, x, a_row, a_inner, b, b_inner, y, c_row, inner, keep)
        elif left == 5:
            _tile(5, x, a_row, a_inner, b, b_inner, y, c_row, inner, keep)
        elif left == 4:
            _tile(4, x, a_row, a_inner, b, b_inner, y, c_row, inner, keep)
        elif left == 3:
            _tile(3, x, a_row, a_inner, b, b_inner, y, c_row, inner, keep)
        elif left == 2:
            _tile(2, x, a_row, a_inner, b, b_inner, y, c_row, inner, keep)
        else:
            _tile(1, x, a_row, a_inner, b, b_inner, y, c_row, inner, keep)


@kernel
def _tiled_matmul(a: Vector, a_row: int, a_inner: int, b: Matrix, c: Matrix, keep: bool) -> None:
    """c ← a·b + keep·c, where entry (m, k) of the left matrix is a[m·a_row + k·a_inner]."""
    rows, columns = c.shape
    inner = b.shape[0]
    width = TILE_VECTORS * VECTOR_BYTES // c.itemsize
    from_b, to_c = vector_at(b, 0, b.size), vector_at(c, 0, c.size)
    rest = columns % width
    # what is in the first-level cache stays there: all of a small B, or a panel of a larger one
    small = min(inner, PANEL_ROWS) * columns * c.itemsize <= FIRST_LEVEL_BYTES
    some = TILE_ROWS if small else rows
    for low in range(0, inner, PANEL_ROWS):
        count, add = min(PANEL_ROWS, inner - low), keep or low > 0
        for row in range(0, rows, some):
            x = vector_at(a, low * a_inner + row * a_row, 1)
            for column in range(0, columns - rest, width):
                y = vector_at(from_b, low * columns + column, 1)
                z = vector_at(to_c, row * columns + column, 1)
                these = min(some, rows - row)
                _column_of_tiles(x, a_row, a_inner, y, columns, z, columns, these, count, add)
    if rest:  # a narrower panel, filled up with zeros
        first = columns - rest
        memory = allocate((inner + rows) * width * c.itemsize)
        panel = vector_of(memory, inner * width, c.dtype.type(0))
        result = vector_of(memory + panel.size * c.itemsize, rows * width, c.dtype.type(0))
        for i in range(panel.size):
            panel[i] = 0
        for i in range(result.size):
            result[i] = 0
        for k in range(inner):
            for j in range(rest):
                panel[k * width + j] = b[k, first + j]
        for m in range(rows if keep else 0):
            for j in range(rest):
                result[m * width + j] = c[m, first + j]
        _column_of_tiles(a, a_row, a_inner, panel, width, result, width, rows, inner, TRUE)
        for m in range(rows):
            for j in range(rest):
                c[m, first + j] = result[m * width + j]
        release(memory)


@kernel
def matmul(a: Matrix, b: Matrix, c: Matrix) -> None:
    """c ← a·b, all contiguous."""
    _tiled_matmul(vector_at(a, 0, a.size), a.shape[1], 1, b, c, False)


@kernel
def matmul_tn(a: Matrix, first: int, b: Matrix, c: Matrix, keep: bool) -> None:
    """c ← a[:, first : first + rows of c]ᵀ·b + keep·c."""
    if True:
        _tiled_matmul(vector_at(a, first, a.size - first), 1, a.shape[1], b, c, keep)


@kernel
def matmul_nt(a: Matrix, b: Matrix, c: Matrix) -> None:
    """c ← a·bᵀ."""
    if True:
        b_t = transposed(b)
        _tiled_matmul(vector_at(a, 0, a.size), a.shape[1], 1, b_t, c, False)
        release(b_t.ctypes.data)
