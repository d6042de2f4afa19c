"""Matrix products of every size: a·b, aᵀ·b and a·bᵀ.

C is cut into tiles that stay in registers (`register_tile`); k is cut so that a block of B stays in
the second-level cache while all rows of A pass, and the few rows of A of a tile in the first:

    for a stretch of k:
        for a block of columns:           of B, 400 KB
            for a tile's rows:            of A, 6 KB
                for a tile's columns:     of the block

A tile reads A and B as they lie, by their strides. Copied first is only what it could not read, or
not well: all of a B that is to be transposed; a B or a transposed A whose rows lie far apart; with
vectors of 16 bytes B's last columns, where they do not fill one. Between stretches of k the sums
wait in C, so the bytes are those of one stretch. Where a B to be transposed is much larger than A
and C, these two are transposed in its place: cᵀ = b·aᵀ, the same sums.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels.decorators import ONE, ZERO, kernel
from hyalite.engines.compiled.kernels.intrinsics import address_of, bytes_of
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.kernels.packing import copy_rows, turn_rows
from hyalite.engines.compiled.kernels.register_tile import (
    READS_PARTS,
    TILE_ROWS,
    TILE_VECTORS,
    compute_tile,
)
from hyalite.engines.compiled.kernels.signatures import call_product
from hyalite.engines.compiled.kernels.vectors import VECTOR_BYTES
from hyalite.engines.compiled.structs import Matrix, Real

INNER = 256  # of k at a time
BLOCK_BYTES = 1536  # of a row of B at a time
MAX_ROWS = 1024  # of A at a time, where it is copied
# Rows that lie so many bytes apart share the sets of a cache and need a page each, so it pays to
# copy them, for a C of some size. Copying 512 columns of B gained an Intel processor of AVX-512 a
# sixth and made no difference to AMD's; with AVX2 it gained half at 100 rows.
FAR_A, MIN_COLUMNS = 512, 128
FAR_B, MIN_ROWS = 2048, 64 if VECTOR_BYTES == 64 else 24
# Rows of C from and up to which cᵀ = b·aᵀ pays, and how many times as long as that k must be, and
# rows of C: what turning C costs is to be little beside its product.
FEWEST, MOST, DEEP, WIDE = 16, 128, 4, 2
SLICE = 16  # rows that are copied for one tile after another, so that pages are read together


@kernel
def matmul(address: int, a: Matrix, b: Matrix, c: Matrix, low: int, high: int) -> None:
    """c ← a·b, in c's columns low..high-1; all contiguous. `address` is that of `product`."""
    row = a.shape[1] * a.itemsize
    call_product(address, (address_of(a), row, a.itemsize, b, False, c, low, high, False))


@kernel
def matmul_tn(address: int, a: Matrix, first: int, b: Matrix, c: Matrix, keep: bool) -> None:
    """c ← a[:, first : first + rows of c]ᵀ·b + keep·c."""
    size = a.itemsize
    start, row = address_of(a) + first * size, a.shape[1] * size
    call_product(address, (start, size, row, b, False, c, ZERO, c.shape[1], keep))


@kernel
def matmul_nt(address: int, a: Matrix, b: Matrix, c: Matrix, low: int, high: int) -> None:
    """c ← a·bᵀ, in c's columns low..high-1."""
    row = a.shape[1] * a.itemsize
    call_product(address, (address_of(a), row, a.itemsize, b, True, c, low, high, False))


@kernel
def product(
    a: int, a_row: int, a_inner: int, b: Matrix, turned: bool, c: Matrix, low: int, high: int,
    keep: bool,
) -> None:  # fmt: skip
    """c ← a·b, or with `keep` c ← c + a·b, in some columns of c.

    Args:
        a: address of the left matrix (rows of c, inner).
        a_row: the bytes from row to row of it,
        a_inner: and from column to column; one of both is an entry's size.
        b: (inner, columns of c), or
        turned: (columns of c, inner).
        c: the result:
        low: of it this column,
        high: up to the one before this.
        keep: add to it.
    """
    zero = c.dtype.type(0)
    size = bytes_of(zero)
    rows, columns = c.shape[0], high - low
    inner, b_row, c_row = b.shape[1] if turned else b.shape[0], b.shape[1] * size, c.shape[1] * size
    of_b, of_c = address_of(b) + low * (b_row if turned else size), address_of(c) + low * size
    copy_b = turned or (rows >= MIN_ROWS and b_row >= FAR_B)
    copy_a = a_inner >= FAR_A and columns >= MIN_COLUMNS
    copy_edge = columns * size % VECTOR_BYTES != 0 and not READS_PARTS
    if copy_a or copy_b or copy_edge or inner > INNER or columns * size > BLOCK_BYTES:
        _product_by_blocks(
            zero, a, a_row, a_inner, of_b, b_row, turned, copy_b, copy_a, copy_edge, of_c, c_row,
            rows, inner, columns, keep,
        )  # fmt: skip
        return
    # a small one is at once what the other cuts it into: 16 x 16 x 16 takes 90 ns so, there 150
    lanes = VECTOR_BYTES // size
    vectors = (columns + lanes - 1) // lanes
    _block_of_tiles(
        zero, a, a_row, a_inner, ZERO, of_b, b_row, ZERO, False, of_c, c_row, rows,
        _tile_rows(vectors), vectors, columns - (vectors - 1) * lanes, inner, keep,
    )  # fmt: skip


@kernel
def _tile_rows(vectors: int) -> int:
    """Of the tiles of a block of so many vectors, at most."""
    if vectors <= TILE_VECTORS:
        return TILE_ROWS[vectors]
    panels = -(-vectors // TILE_VECTORS)
    return TILE_ROWS[-(-vectors // panels)]


@kernel
def _product_by_blocks(
    zero: Real, a: int, a_row: int, a_inner: int, b: int, b_row: int, turned: bool, copy_b: bool,
    copy_a: bool, copy_edge: bool, c: int, c_row: int, rows: int, inner: int, columns: int,
    keep: bool,
) -> None:  # fmt: skip
    """The same of any size, by addresses.

    Args:
        zero: a number of the dtype.
        a: the left matrix,
        a_row: from row to row,
        a_inner: and from k to k.
        b: the right matrix,
        b_row: from row to row of it as it lies,
        turned: which is transposed.
        copy_b: copy all of a block of it,
        copy_a: the rows of a,
        copy_edge: or only b's last vector, which is not full.
        c: the result,
        c_row: from row to row.
        rows: of c.
        inner: how far k runs.
        columns: of c.
        keep: add to c.
    """
    size = bytes_of(zero)
    lanes, turned_c = VECTOR_BYTES // size, ZERO
    result, result_row = c, c_row
    if (
        turned and not keep and a_row == b_row and FEWEST <= rows <= MOST
        and inner >= DEEP * rows and columns >= WIDE * rows
        and rows % lanes == 0 and columns % lanes == 0
    ):  # fmt: skip
        turned_c = allocate(rows * columns * size)
        a, b, c, c_row = b, a, turned_c, rows * size
        rows, columns = columns, rows
    vectors = -(-columns // lanes)
    last = columns - (vectors - 1) * lanes
    blocks = -(-vectors * VECTOR_BYTES // BLOCK_BYTES)
    widest = -(-vectors // blocks)  # of the blocks
    tall = _tile_rows(widest)
    most = max(1, min(rows, MAX_ROWS) if copy_a else rows)
    depth, widest = min(INNER, inner), widest if copy_b else TILE_VECTORS
    right_bytes = depth * widest * VECTOR_BYTES if copy_b or copy_edge else ZERO
    left_bytes = most * (depth * size + VECTOR_BYTES) if copy_a else ZERO
    memory = allocate(left_bytes + right_bytes + VECTOR_BYTES) if left_bytes + right_bytes else ZERO
    right = (memory + VECTOR_BYTES - 1) // VECTOR_BYTES * VECTOR_BYTES
    left = right + right_bytes if copy_a else ZERO
    for k in range(0, max(1, inner), INNER):
        depth, more = min(INNER, inner - k), keep or k > 0
        for top in range(0, rows, most):
            height, x = min(most, rows - top), a + top * a_row + k * a_inner
            if copy_a:
                _copy_left(zero, x, a_inner, height, tall, depth, left)
            for block in range(blocks):
                first = share(vectors, block, blocks)
                count = share(vectors, block + 1, blocks) - first
                filled = last if block == blocks - 1 else lanes
                if turned:
                    y = b + first * lanes * b_row + k * size
                    _turn_right(zero, y, b_row, count, filled, depth, right)
                else:
                    y = b + k * b_row + first * VECTOR_BYTES
                    if copy_b or copy_edge:
                        _copy_right(zero, y, b_row, copy_b, count, filled, depth, right)
                z = c + top * c_row + first * VECTOR_BYTES
                _block_of_tiles(
                    zero, x, a_row, a_inner, left, y, b_row, right, copy_b, z, c_row, height,
                    tall, count, filled, depth, more,
                )  # fmt: skip
    if memory:
        release(memory)
    if turned_c:
        for n in range(0, columns, SLICE):
            for v in range(rows // lanes):
                start = turned_c + v * lanes * columns * size + n * size
                to = result + n * result_row + v * VECTOR_BYTES
                some = min(SLICE, columns - n)
                turn_rows(zero, start, columns * size, lanes, some, to, result_row)
        release(turned_c)


@kernel
def share(total: int, part: int, parts: int) -> int:
    """Where a part begins, if a total is cut into parts that differ by at most 1."""
    # small products are of one part in every direction, and each division would be felt
    return part * (total // parts) + min(part, total % parts) if parts > 1 else total * part


@kernel
def _block_of_tiles(
    zero: Real, a: int, a_row: int, a_inner: int, left: int, b: int, b_inner: int, right: int,
    copied: bool, c: int, c_row: int, rows: int, tall: int, vectors: int, filled: int, depth: int,
    keep: bool,
) -> None:  # fmt: skip
    """A block of columns of C, for a stretch of k.

    Args:
        zero: a number of the dtype.
        a: the left matrix,
        a_row: from row to row,
        a_inner: from k to k.
        left: its copy, or 0.
        b: the right matrix,
        b_inner: from k to k.
        right: the copy of all of its block, or of the last panel where that is not full.
        copied: which of both.
        c: the result,
        c_row: from row to row.
        rows: its size,
        tall: how many of them a tile has at most,
        vectors: and its width.
        filled: the entries in the last vector.
        depth: how far k runs.
        keep: add to c.
    """
    size = bytes_of(zero)
    lanes = VECTOR_BYTES // size
    tiles = 1 if rows <= tall else -(-rows // tall)
    panels = 1 if vectors <= TILE_VECTORS else -(-vectors // TILE_VECTORS)
    # as `share` does, with one division for all tiles
    least, higher = (rows, 0) if tiles == 1 else (rows // tiles, rows % tiles)
    narrowest, wider = (vectors, 0) if panels == 1 else (vectors // panels, vectors % panels)
    m = 0
    for tile in range(tiles):
        height = least + 1 if tile < higher else least
        x, x_row, x_inner = a + m * a_row, a_row, a_inner
        if left:
            x, x_row, x_inner = left + m * depth * size + tile * VECTOR_BYTES, size, height * size
        v = 0
        for panel in range(panels):
            width = narrowest + 1 if panel < wider else narrowest
            last = filled if panel == panels - 1 else lanes
            y, y_inner = b + v * VECTOR_BYTES, b_inner
            if copied or (last < lanes and not READS_PARTS):
                y, y_inner = right, width * VECTOR_BYTES
                if copied:
                    y += v * VECTOR_BYTES * depth
            z = c + m * c_row + v * VECTOR_BYTES
            compute_tile(
                zero, height, width, x, x_row, ZERO, x_inner, y, y_inner, z, c_row, ONE, depth,
                keep, last,
            )  # fmt: skip
            v += width
        m += height


@kernel
def _copy_left(zero: Real, a: int, a_inner: int, rows: int, tall: int, depth: int, to: int) -> None:
    """Copy a part of a transposed left matrix, tile after tile, as (depth, rows of the tile).

    Whole vectors are written, so behind each tile there is room for one.
    """
    size = bytes_of(zero)
    lanes, tiles = VECTOR_BYTES // size, -(-rows // tall)
    for k in range(0, depth, SLICE):
        for tile in range(tiles):
            m = share(rows, tile, tiles)
            height = share(rows, tile + 1, tiles) - m
            vectors = -(-height // lanes)
            start = to + m * depth * size + tile * VECTOR_BYTES
            copy_rows(
                zero, a + m * size + k * a_inner, a_inner, start + k * height * size,
                height * size, min(SLICE, depth - k), vectors, height - (vectors - 1) * lanes,
            )  # fmt: skip


@kernel
def _copy_right(
    zero: Real, b: int, b_row: int, all_: bool, vectors: int, filled: int, depth: int, to: int
) -> None:
    """Copy a block of B, panel after panel, or only its last columns if they fill no vector."""
    lanes, panels = VECTOR_BYTES // bytes_of(zero), -(-vectors // TILE_VECTORS)
    if not all_:
        v = share(vectors, panels - 1, panels)
        if filled < lanes:
            width = vectors - v
            start = b + v * VECTOR_BYTES
            copy_rows(zero, start, b_row, to, width * VECTOR_BYTES, depth, width, filled)
        return
    for k in range(0, depth, SLICE):
        for panel in range(panels):
            v = share(vectors, panel, panels)
            width = share(vectors, panel + 1, panels) - v
            last = filled if panel == panels - 1 else lanes
            copy_rows(
                zero, b + k * b_row + v * VECTOR_BYTES, b_row,
                to + v * VECTOR_BYTES * depth + k * width * VECTOR_BYTES, width * VECTOR_BYTES,
                min(SLICE, depth - k), width, last,
            )  # fmt: skip


@kernel
def _turn_right(
    zero: Real, b: int, b_row: int, vectors: int, filled: int, depth: int, to: int
) -> None:
    """Copy rows of b as the columns of a block of B, panel after panel."""
    lanes, panels = VECTOR_BYTES // bytes_of(zero), -(-vectors // TILE_VECTORS)
    for panel in range(panels):
        first, behind = share(vectors, panel, panels), share(vectors, panel + 1, panels)
        row = (behind - first) * VECTOR_BYTES
        for v in range(first, behind):
            start = to + first * VECTOR_BYTES * depth + (v - first) * VECTOR_BYTES
            rows = filled if v == vectors - 1 else lanes
            turn_rows(zero, b + v * lanes * b_row, b_row, rows, depth, start, row)
