"""Matrix products: of moderate size by loops of our own, else by BLAS.

A tile of C, a few rows by two vectors, stays in registers while the sum runs over k:

    c[m, :] += a[m, k] · b[k, :]

Every entry is one chain of fused multiplications and additions in the order of k, whatever the
tile it lies in, so the bytes do not depend on how C is cut. OpenBLAS takes a lock in every call:
125x64 by 64x64 cost two threads 25 µs each where one alone took 14.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from hyalite.engines.compiled.atoms import (
    fused,
    multiply,
    multiply_left_flipped,
    multiply_right_flipped,
    stretch,
)
from hyalite.engines.compiled.compiling import kernel
from hyalite.engines.compiled.narrow import transposed

ROWS, VECTORS = 6, 2  # of a tile: 12 sums, 2 vectors of B and one of A fill 16 registers
INNER = 256  # of k at a time, so that a panel of B stays in the first-level cache
NEAR_BYTES = 1 << 15
COLUMNS = 128  # of B at most; with more, its panels would have to be packed, and BLAS is as fast


def _vector_bytes() -> int:
    features = llvm.get_host_cpu_features()
    return 64 if features.get("avx512f") else 32 if features.get("avx2") else 16


BYTES = _vector_bytes()


def _tile_of(rows: int) -> Callable[..., None]:
    """A tile of so many rows, in LLVM's language; all strides in entries."""

    @intrinsic
    def tile(
        _: Any, a: Any, a_row: Any, a_inner: Any, b: Any, b_inner: Any, c: Any, c_row: Any,
        inner: Any, keep: Any,
    ) -> Any:  # fmt: skip
        whole = types.intp
        signature = types.void(a, whole, whole, b, whole, c, whole, whole, types.boolean)
        entry = a.dtype

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            a, a_row, a_inner, b, b_inner, c, c_row, inner, keep = arguments
            scalar = context.get_value_type(entry)
            lanes = BYTES // (entry.bitwidth // 8)
            vector = ir.VectorType(scalar, lanes)
            size = entry.bitwidth // 8

            def at(base: Any, offset: Any, kind: Any) -> Any:
                place = builder.gep(base, [offset])
                return builder.bitcast(place, kind.as_pointer())

            def number(value: int) -> Any:
                return ir.Constant(ir.IntType(64), value)

            def start(kind: Any, array: Any) -> Any:
                return context.make_array(kind)(context, builder, array).data

            def everywhere(value: Any) -> Any:
                one = builder.insert_element(
                    ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0)
                )
                lane = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
                return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), lane)

            a, b, c = (start(signature.args[i], arguments[i]) for i in (0, 3, 5))
            zero, name = ir.Constant(vector, [0.0] * lanes), f"v{lanes}f{entry.bitwidth}"
            sums, places = {}, {}
            for m in range(rows):
                for v in range(VECTORS):
                    offset = builder.add(builder.mul(c_row, number(m)), number(v * lanes))
                    places[m, v] = at(c, offset, vector)
                    before = builder.load(places[m, v], align=size)
                    sums[m, v] = cgutils.alloca_once_value(
                        builder, builder.select(keep, before, zero)
                    )
                    builder.store(builder.select(keep, before, zero), sums[m, v])
            with cgutils.for_range(builder, inner) as loop:
                k = loop.index
                row = builder.mul(k, b_inner)
                bs = [
                    builder.load(at(b, builder.add(row, number(v * lanes)), vector), align=size)
                    for v in range(VECTORS)
                ]
                for m in range(rows):
                    offset = builder.add(builder.mul(a_row, number(m)), builder.mul(k, a_inner))
                    one = everywhere(builder.load(builder.gep(a, [offset])))
                    for v in range(VECTORS):
                        total = fused(builder, vector, name, [one, bs[v], builder.load(sums[m, v])])
                        builder.store(total, sums[m, v])
            for key, place in places.items():
                builder.store(builder.load(sums[key]), place, align=size)
            return context.get_dummy_value()

        return signature, generate

    return tile


_tile_1, _tile_2, _tile_3, _tile_4, _tile_5, _tile_6 = (_tile_of(n) for n in range(1, ROWS + 1))


@kernel
def _rows_of_tiles(
    a: Any, a_row: int, a_inner: int, b: Any, b_inner: int, c: Any, c_row: int, rows: int,
    inner: int, keep: bool,
) -> None:  # fmt: skip
    """All rows of one panel of C, two vectors wide."""
    for m in range(0, rows, 6):
        left = rows - m
        x = stretch(a, m * a_row, 1)
        y = stretch(c, m * c_row, 1)
        if left >= 6:
            _tile_6(x, a_row, a_inner, b, b_inner, y, c_row, inner, keep)
        elif left == 5:
            _tile_5(x, a_row, a_inner, b, b_inner, y, c_row, inner, keep)
        elif left == 4:
            _tile_4(x, a_row, a_inner, b, b_inner, y, c_row, inner, keep)
        elif left == 3:
            _tile_3(x, a_row, a_inner, b, b_inner, y, c_row, inner, keep)
        elif left == 2:
            _tile_2(x, a_row, a_inner, b, b_inner, y, c_row, inner, keep)
        else:
            _tile_1(x, a_row, a_inner, b, b_inner, y, c_row, inner, keep)


@kernel
def _product(a: Any, a_row: int, a_inner: int, b: Any, c: Any, keep: bool) -> None:
    """C ← A·B + keep·C, where entry (m, k) of A is a[m·a_row + k·a_inner]."""
    rows, columns = c.shape
    inner = b.shape[0]
    width = VECTORS * BYTES // c.itemsize
    from_b, to_c = stretch(b, 0, b.size), stretch(c, 0, c.size)
    rest = columns % width
    # what is in the first-level cache stays there: all of a small B, or a panel of a larger one
    small = min(inner, INNER) * columns * c.itemsize <= NEAR_BYTES
    some = ROWS if small else rows
    for low in range(0, inner, INNER):
        count, add = min(INNER, inner - low), keep or low > 0
        for row in range(0, rows, some):
            x = stretch(a, low * a_inner + row * a_row, 1)
            for column in range(0, columns - rest, width):
                y = stretch(from_b, low * columns + column, 1)
                z = stretch(to_c, row * columns + column, 1)
                these = min(some, rows - row)
                _rows_of_tiles(x, a_row, a_inner, y, columns, z, columns, these, count, add)
    if rest:  # a narrower panel, filled up with zeros
        first = columns - rest
        panel, result = np.zeros(inner * width, c.dtype), np.zeros(rows * width, c.dtype)
        for k in range(inner):
            for j in range(rest):
                panel[k * width + j] = b[k, first + j]
        for m in range(rows if keep else 0):
            for j in range(rest):
                result[m * width + j] = c[m, first + j]
        _rows_of_tiles(a, a_row, a_inner, panel, width, result, width, rows, inner, True)
        for m in range(rows):
            for j in range(rest):
                c[m, first + j] = result[m * width + j]


@kernel
def product(blas: int, a: Any, b: Any, c: Any) -> None:
    """C ← A·B, all contiguous; `blas` is the address of gemm."""
    if b.shape[1] <= COLUMNS:
        _product(stretch(a, 0, a.size), a.shape[1], 1, b, c, False)
    else:
        multiply(blas, a, b, c)


@kernel
def product_of_flipped(blas: int, a: Any, first: int, b: Any, c: Any, keep: bool) -> None:
    """C ← A[:, first : first + rows of C]ᵀ·B + keep·C."""
    if b.shape[1] <= COLUMNS:
        _product(stretch(a, first, a.size - first), 1, a.shape[1], b, c, keep)
    else:
        multiply_left_flipped(blas, a, b, c, 1 if keep else 0, first)


@kernel
def product_with_flipped(blas: int, a: Any, b: Any, c: Any) -> None:
    """C ← A·Bᵀ."""
    if b.shape[0] <= COLUMNS and b.shape[1] <= COLUMNS:
        _product(stretch(a, 0, a.size), a.shape[1], 1, transposed(b), c, False)
    else:
        multiply_right_flipped(blas, a, b, c)
