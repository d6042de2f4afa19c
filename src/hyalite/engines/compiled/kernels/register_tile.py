"""A tile of a matrix product: a few rows by a few vectors of C, in registers while k runs.

    c[m, :] += a[m, k] · b[k, :]

Every entry is one chain of fused multiplications and additions in the order of k, beginning with 0
or with what C was. So the bytes depend neither on the tile that an entry lies in nor on the width
of the vectors: each lane is an output of its own.

With 32 registers 6 rows by 4 vectors: 24 sums, 4 vectors of B, one of A. With 16, 6 by 2. Where C
has fewer columns, more rows: a sum takes the next product 4 cycles after the last one, in which two
units begin 8 of others. On one core of a Zen 5, loops of 8x3, 6x4, 12x2 and 14x2 all came to 95 to
98 % of its peak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.extending import intrinsic

from hyalite.engines.compiled.kernels.intrinsics import INT64, Code, code, own_function
from hyalite.engines.compiled.kernels.vectors import (
    BYTE_POINTER,
    REGISTERS,
    VECTOR_BYTES,
    VectorWriter,
)

TILE_ROWS = (0, 16, 12, 8, 6) if REGISTERS == 32 else (0, 12, 6)  # at most, by the vectors of a row
TILE_VECTORS = len(TILE_ROWS) - 1
# Rows of B that the processor is told of before they are wanted: from the second-level cache they
# take as long as so many turns of the loop. Gained 3 to 15 % from 256 columns up on an Intel core.
AHEAD = 8
# Whether a vector of B that the tile has not all lanes of is read in part. Vectors of 16 bytes have
# no instruction for that, and whole ones are read.
READS_PARTS = VECTOR_BYTES > 16
BOOL = ir.IntType(1)
# a, a_row, a_outer, a_inner, b, b_inner, c, c_row, outer, inner, keep, lanes
PARAMETERS = [
    BYTE_POINTER, INT64, INT64, INT64, BYTE_POINTER, INT64, BYTE_POINTER, INT64, INT64, INT64, BOOL,
    INT64,
]  # fmt: skip


@intrinsic
def compute_tile(
    _: types.Type,
    zero: types.Type,
    rows: types.Type,
    vectors: types.Type,
    a: types.Type,
    a_row: types.Type,
    a_outer: types.Type,
    a_inner: types.Type,
    b: types.Type,
    b_inner: types.Type,
    c: types.Type,
    c_row: types.Type,
    outer: types.Type,
    inner: types.Type,
    keep: types.Type,
    lanes: types.Type,
) -> Code:
    """A tile of C ← A·B, or with `keep` C ← C + A·B.

    Args:
        zero: a number of the dtype.
        rows: its size, at most TILE_ROWS[vectors],
        vectors: and at most TILE_VECTORS.
        a: address of A's part,
        a_row: the bytes from row to row,
        a_outer: and from k to k, which runs in stretches: from one to the next,
        a_inner: and within each.
        b: of B's, (outer·inner, vectors); without `READS_PARTS` whole vectors are read,
        b_inner: the bytes from k to k.
        c: of C's tile,
        c_row: the bytes from row to row.
        outer: the stretches of k, 1 of a matrix, more of windows in a picture,
        inner: and how long they are.
        keep: begin with what C is.
        lanes: of the last vector of B and C; the others are neither read nor written.
    """

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> None:
        zero, rows, vectors, *rest = values
        given = [
            builder.inttoptr(value, kind) if kind is BYTE_POINTER else value
            for value, kind in zip(rest, PARAMETERS, strict=True)
        ]
        # one number for both sizes, and a function for each
        number = builder.add(builder.mul(rows, ir.Constant(INT64, TILE_VECTORS + 1)), vectors)
        behind = builder.append_basic_block("behind")
        switch = builder.switch(number, behind)
        for v in range(1, TILE_VECTORS + 1):
            for m in range(1, TILE_ROWS[v] + 1):
                block = builder.append_basic_block(f"tile_{m}_{v}")
                switch.add_case(ir.Constant(INT64, m * (TILE_VECTORS + 1) + v), block)
                with builder.goto_block(block):
                    builder.call(_tile_function(builder.module, zero.type, m, v), given)
                    builder.branch(behind)
        builder.position_at_end(behind)

    return code(types.void(zero, *[types.int64] * 12, types.boolean, types.int64), generate)


def _tile_function(module: ir.Module, entry: ir.Type, rows: int, vectors: int) -> ir.Function:
    """The function for tiles of this size."""
    name, write = f"tile_{rows}x{vectors}_{entry}", partial(_write_tile, entry, rows, vectors)
    return own_function(module, name, PARAMETERS, write)


def _write_tile(
    entry: ir.Type, rows: int, vectors: int, builder: ir.IRBuilder, *arguments: ir.Value
) -> None:
    a, a_row, a_outer, a_inner, b, b_inner, c, c_row, outer, inner, keep, lanes = arguments
    write = VectorWriter(builder, entry)
    some = write.first_lanes(lanes)
    numbers = [(m, v) for m in range(rows) for v in range(vectors)]
    from_a = [builder.gep(a, [_times(builder, a_row, m)]) for m in range(rows)]
    sums = {key: cgutils.alloca_once_value(builder, write.zero) for key in numbers}
    for total in sums.values():
        builder.store(write.zero, total)

    def places() -> Iterator[tuple[tuple[int, int], ir.Value]]:
        # made afresh wherever they are wanted: no register need keep them meanwhile
        row = c
        for m in range(rows):
            for v in range(vectors):
                yield (m, v), write.at(row, ir.Constant(INT64, 0), v)
            row = builder.gep(row, [c_row])

    def load_sums(load_last: Callable[[ir.Value], ir.Value]) -> None:
        for key, place in places():
            load = load_last if key[1] == vectors - 1 else write.load
            builder.store(load(place), sums[key])

    def store_sums(store_last: Callable[[ir.Value, ir.Value], None]) -> None:
        for key, place in places():
            store = store_last if key[1] == vectors - 1 else write.store
            store(builder.load(sums[key]), place)

    def multiply(load_last: Callable[[ir.Value], ir.Value]) -> None:
        with cgutils.for_range(builder, outer) as stretch:
            from_b = builder.gep(b, [builder.mul(builder.mul(stretch.index, inner), b_inner)])
            before = builder.mul(stretch.index, a_outer)
            with cgutils.for_range(builder, inner) as loop:
                at_a = builder.add(before, builder.mul(loop.index, a_inner))
                at_b = builder.mul(loop.index, b_inner)
                of_b = [write.load(write.at(from_b, at_b, v)) for v in range(vectors - 1)]
                of_b.append(load_last(write.at(from_b, at_b, vectors - 1)))
                ahead = builder.add(at_b, _times(builder, b_inner, AHEAD))
                for v in range(vectors):
                    write.prefetch(write.at(from_b, ahead, v))
                for m in range(rows):
                    of_a = write.everywhere(builder.gep(from_a[m], [at_a]))
                    for v in range(vectors):
                        total = write.fma(of_a, of_b[v], builder.load(sums[m, v]))
                        builder.store(total, sums[m, v])

    def load_some(place: ir.Value) -> ir.Value:
        return write.load_some(place, some)

    def store_some(value: ir.Value, place: ir.Value) -> None:
        write.store_some(value, place, some)

    if VECTOR_BYTES == 64:  # where a mask costs nothing
        with builder.if_then(keep):
            load_sums(load_some)
        multiply(load_some)
        store_sums(store_some)
        return
    whole = builder.icmp_signed("==", lanes, ir.Constant(INT64, write.lanes))
    with builder.if_else(whole) as (then, otherwise):
        with then:
            with builder.if_then(keep):
                load_sums(write.load)
            multiply(write.load)
            store_sums(write.store)
        with otherwise:
            with builder.if_then(keep):
                load_sums(load_some)
            multiply(load_some if READS_PARTS else write.load)
            store_sums(store_some)


def _times(builder: ir.IRBuilder, stride: ir.Value, number: int) -> ir.Value:
    return builder.mul(stride, ir.Constant(INT64, number))
