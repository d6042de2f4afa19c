"""Copies of a matrix's parts in the order in which a product reads them, vector by vector.

All by addresses and strides in bytes; `zero` is a number of the dtype.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core.base import BaseContext
from numba.extending import intrinsic

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import INT64, Code, bytes_of, code, vector_of
from hyalite.engines.compiled.kernels.vectors import BYTE_POINTER, VECTOR_BYTES, VectorWriter
from hyalite.engines.compiled.structs import Real

CHUNK_BYTES = 16  # of each row that is turned into a column at a time


@intrinsic
def _copy_vector(_: types.Type, zero: types.Type, source: types.Type, to: types.Type) -> Code:
    """Copy a vector."""

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> None:
        write = VectorWriter(builder, values[0].type)
        source, to = (builder.inttoptr(value, BYTE_POINTER) for value in values[1:])
        write.store(write.load(source), to)

    return code(types.void(zero, types.int64, types.int64), generate)


@intrinsic
def _copy_lanes(
    _: types.Type, zero: types.Type, source: types.Type, to: types.Type, lanes: types.Type
) -> Code:
    """Copy the first lanes of a vector, the others are written as 0."""

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> None:
        write = VectorWriter(builder, values[0].type)
        source, to = (builder.inttoptr(value, BYTE_POINTER) for value in values[1:3])
        write.store(write.load_some(source, write.first_lanes(values[3])), to)

    return code(types.void(zero, types.int64, types.int64, types.int64), generate)


@kernel
def copy_rows(
    zero: Real, source: int, source_row: int, to: int, to_row: int, rows: int, vectors: int,
    lanes: int,
) -> None:  # fmt: skip
    """Copy rows of so many vectors, the last of which has so many lanes and is filled with 0."""
    whole = vectors if lanes * bytes_of(zero) == VECTOR_BYTES else vectors - 1
    for k in range(rows):
        one, other = source + k * source_row, to + k * to_row
        for v in range(0, whole * VECTOR_BYTES, VECTOR_BYTES):
            _copy_vector(zero, one + v, other + v)
        if whole < vectors:
            v = whole * VECTOR_BYTES
            _copy_lanes(zero, one + v, other + v, lanes)


@intrinsic
def _turn_chunk(
    _: types.Type, zero: types.Type, source: types.Type, source_row: types.Type,
    rows: types.Type, to: types.Type, to_row: types.Type,
) -> Code:  # fmt: skip
    """The first CHUNK_BYTES of so many rows as columns of a few vectors.

    Of the rows that a vector has lanes for but that are not there the last one is taken. The rows'
    chunks are put together to vectors as they are loaded, those of every fourth row (with doubles,
    every second), so that what is left to exchange stays within 16 bytes, where it is cheap.
    """

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> None:
        zero, source, source_row, rows, to, to_row = values
        source, to = (builder.inttoptr(value, BYTE_POINTER) for value in (source, to))
        write, chunk = (VectorWriter(builder, zero.type, n) for n in (VECTOR_BYTES, CHUNK_BYTES))
        last = builder.sub(rows, ir.Constant(INT64, 1))
        chunks = []
        for n in range(write.lanes):
            number = ir.Constant(INT64, n)
            row = builder.select(builder.icmp_signed("<", number, last), number, last)
            chunks.append(chunk.load(chunk.at(source, builder.mul(row, source_row))))
        joined = [_joined(chunk, chunks[n :: chunk.lanes]) for n in range(chunk.lanes)]
        for k, vector in enumerate(_exchanged(write, joined)):
            write.store(vector, write.at(to, builder.mul(to_row, ir.Constant(INT64, k))))

    return code(types.void(zero, *[types.int64] * 5), generate)


def _joined(write: VectorWriter, parts: list[ir.Value]) -> ir.Value:
    """Vectors behind each other as one."""
    while len(parts) > 1:
        size = 2 * parts[0].type.count
        pairs = zip(parts[::2], parts[1::2], strict=True)
        parts = [write.pick(one, other, [*range(size)]) for one, other in pairs]
    return parts[0]


def _exchanged(write: VectorWriter, rows: list[ir.Value]) -> list[ir.Value]:
    """Within each 16 bytes rows and columns exchanged, of 4 vectors of float or 2 of double."""
    step, lanes = 1, [*range(write.lanes)]
    while step < len(rows):
        result = list(rows)
        for n in range(len(rows)):
            if n & step:
                continue
            one, other = rows[n], rows[n + step]
            low = [write.lanes + i - step if i & step else i for i in lanes]
            high = [write.lanes + i if i & step else i + step for i in lanes]
            result[n] = write.pick(one, other, low)
            result[n + step] = write.pick(one, other, high)
        rows, step = result, 2 * step
    return rows


@kernel
def turn_rows(
    zero: Real, source: int, source_row: int, rows: int, columns: int, to: int, to_row: int
) -> None:
    """Write rows as the columns of a vector: (rows, columns) as (columns, lanes of a vector).

    Lanes without a row are filled with copies of the last row.
    """
    size = bytes_of(zero)
    step, lanes = CHUNK_BYTES // size, VECTOR_BYTES // size
    for k in range(0, columns - step + 1, step):
        _turn_chunk(zero, source + k * size, source_row, rows, to + k * to_row, to_row)
    for k in range(columns - columns % step, columns):
        column = vector_of(to + k * to_row, lanes, zero)
        for n in range(lanes):
            column[n] = vector_of(source + min(n, rows - 1) * source_row, columns, zero)[k]
