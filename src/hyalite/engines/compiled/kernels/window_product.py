"""Products of windows in a picture with a matrix: what convolution is made of.

The windows are no copy but a view of the picture (`structs.WindowedMatrix`), which the tile of
`register_tile` reads by its strides. So nothing is written as a matrix first ("im2col"), which
would take as many times the picture's memory as a kernel has places.

The right matrix comes in the order in which tiles read it, see `pack`.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import address_of, bytes_of
from hyalite.engines.compiled.kernels.matmul import share
from hyalite.engines.compiled.kernels.packing import copy_rows, turn_rows
from hyalite.engines.compiled.kernels.register_tile import TILE_ROWS, TILE_VECTORS, compute_tile
from hyalite.engines.compiled.kernels.vectors import VECTOR_BYTES
from hyalite.engines.compiled.structs import Matrix, Real, WindowedMatrix


@kernel
def packed_columns(columns: int, zero: Real) -> int:
    """How many columns a packed matrix has: so many that they fill whole vectors."""
    lanes = VECTOR_BYTES // bytes_of(zero)
    return -(-columns // lanes) * lanes


@kernel
def pack(b: Matrix, to: Matrix) -> None:
    """Copy b (inner, columns) into `to` (inner, packed columns), panel after panel.

    A panel is a few vectors of every row; what does not fill the last vector is 0.
    """
    size, zero = b.itemsize, b.dtype.type(0)
    inner, columns = b.shape
    vectors = to.shape[1] * size // VECTOR_BYTES
    last = columns - (vectors - 1) * (VECTOR_BYTES // size)
    panels = -(-vectors // TILE_VECTORS)
    for panel in range(panels):
        v = share(vectors, panel, panels)
        width = share(vectors, panel + 1, panels) - v
        lanes = last if panel == panels - 1 else VECTOR_BYTES // size
        copy_rows(
            zero, address_of(b) + v * VECTOR_BYTES, columns * size,
            address_of(to) + v * VECTOR_BYTES * inner, width * VECTOR_BYTES, inner, width, lanes,
        )  # fmt: skip


@kernel
def pack_turned(b: Matrix, places: int, to: Matrix) -> None:
    """Copy the matrices of all places of a kernel, the last one first and each transposed, into
    `to`, panel after panel as `pack` does.

    Args:
        b: (places·channels, outputs).
        places: of the kernel.
        to: (places·outputs, packed columns of the channels); lanes without a channel are not 0.
    """
    size, zero = b.itemsize, b.dtype.type(0)
    channels, outputs = b.shape[0] // places, b.shape[1]
    lanes = VECTOR_BYTES // size
    vectors = to.shape[1] // lanes
    panels = -(-vectors // TILE_VECTORS)
    for panel in range(panels):
        first, behind = share(vectors, panel, panels), share(vectors, panel + 1, panels)
        row = (behind - first) * VECTOR_BYTES
        start = address_of(to) + first * VECTOR_BYTES * to.shape[0]
        for v in range(first, behind):
            for place in range(places):
                turn_rows(
                    zero, address_of(b) + (place * channels + v * lanes) * outputs * size,
                    outputs * size, min(lanes, channels - v * lanes), outputs,
                    start + (places - 1 - place) * outputs * row + (v - first) * VECTOR_BYTES, row,
                )  # fmt: skip


@kernel
def window_product(a: WindowedMatrix, b: Matrix, c: Matrix, keep: bool) -> None:
    """c ← a·b, or with `keep` c ← c + a·b.

    Args:
        a: the windows.
        b: (stretches·columns of a, packed columns of c), see `pack`.
        c: (lines·rows of a, columns).
        keep: add to it.
    """
    size, zero = c.itemsize, c.dtype.type(0)
    rows, columns = c.shape[0] // a.lines, c.shape[1]
    vectors = b.shape[1] * size // VECTOR_BYTES
    last = columns - (vectors - 1) * (VECTOR_BYTES // size)
    panels = -(-vectors // TILE_VECTORS)
    tiles = -(-rows // TILE_ROWS[-(-vectors // panels)])
    for panel in range(panels):
        v = share(vectors, panel, panels)
        width = share(vectors, panel + 1, panels) - v
        lanes = last if panel == panels - 1 else VECTOR_BYTES // size
        y = address_of(b) + v * VECTOR_BYTES * b.shape[0]
        for line in range(a.lines):
            for tile in range(tiles):
                m = share(rows, tile, tiles)
                height = share(rows, tile + 1, tiles) - m
                x = a.address + line * a.line + m * a.row
                z = address_of(c) + ((line * rows + m) * columns) * size + v * VECTOR_BYTES
                compute_tile(
                    zero, height, width, x, a.row, a.stretch, a.column, y, width * VECTOR_BYTES, z,
                    columns * size, a.stretches, a.columns, keep, lanes,
                )  # fmt: skip
