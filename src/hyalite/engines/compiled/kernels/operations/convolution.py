"""Convolution: windows of a picture, as a view, times the kernel as a matrix.

    y[p] = f(Σ_k x[s·p + k]·W[k] + b)      dW[k] = Σ_p x[s·p + k]ᵀ·dy[p]      dx[q] = Σ dy[p]·W[k]ᵀ

All three are products of windows (`window_product`). dx is a convolution, too: of dy in a frame of
zeros, with stride s s - 1 zeros between its pixels, with the kernel turned half round and its two
channel axes exchanged. A picture at a time, so that what is worked in stays in the cache.

Max pooling behind it is done in the same pass: only the maxima are kept, and where they were. Their
derivative is put back into the sums' places before all else.
"""

from __future__ import annotations

from typing import NamedTuple

from hyalite.engines.compiled.kernels.buffers import aux_of, dy_of, view, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import ONE, ZERO, kernel
from hyalite.engines.compiled.kernels.elementwise import add_column_sums
from hyalite.engines.compiled.kernels.intrinsics import (
    address_of,
    matrix_at,
    matrix_of,
    vector_at,
)
from hyalite.engines.compiled.kernels.max_pool import max_pool, max_pool_gradient
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.kernels.operations.activation import activate, differentiate
from hyalite.engines.compiled.kernels.pictures import fill, geometry_of, pooling_of, put
from hyalite.engines.compiled.kernels.signatures import call_window_product
from hyalite.engines.compiled.kernels.vectors import VECTOR_BYTES
from hyalite.engines.compiled.kernels.window_product import pack, pack_turned, packed_columns
from hyalite.engines.compiled.structs import (
    NOWHERE,
    Block,
    Column,
    Geometry,
    Matrix,
    NetworkTable,
    PartGradient,
    Vector,
    WindowedMatrix,
)

INPUTS, OUTPUTS, W, B = (
    int(column) for column in (Column.INPUTS, Column.OUTPUTS, Column.W, Column.B)
)
DX = int(Column.DX)
GRAD_W, GRAD_B, BIAS_SIZE = int(Column.GRAD_W), int(Column.GRAD_B), int(Column.BIAS_SIZE)


@kernel
def _is_framed(g: Geometry) -> bool:
    """Whether the picture has a border."""
    return g.framed_height != g.height or g.framed_width != g.width


@kernel
def _picture(g: Geometry, x: Matrix, i: int, frame: Matrix) -> Matrix:
    """Picture i with its border, (framed height, framed width·channels): in the frame, if any."""
    picture = matrix_at(x, i * x.shape[1], g.height, g.width * g.channels)
    if not _is_framed(g):
        return picture
    put(picture, frame, g.channels, g.top, g.left, ONE, ONE)
    return frame


@kernel
def _frame_size(g: Geometry) -> int:
    """Entries of a frame for the picture and its border, 0 where it has none."""
    return g.framed_height * g.framed_width * g.channels if _is_framed(g) else ZERO


@kernel
def _aligned(address: int) -> int:
    """The first place from an address on where a vector may begin."""
    return (address + VECTOR_BYTES - 1) // VECTOR_BYTES * VECTOR_BYTES


@kernel
def convolution_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← f(Σ_k x[s·p + k]·W[k] + b), or of the maxima of the sums' windows."""
    table, zero, size = network.instructions, theta.dtype.type(0), theta.itemsize
    g, pooling, outputs = geometry_of(table, k), pooling_of(table, k), table[k, OUTPUTS]
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    aux = aux_of(table, k, block, theta)
    bias = vector_at(theta, table[k, B], table[k, BIAS_SIZE])
    inner, columns = g.window_rows * g.window_columns * g.channels, packed_columns(g.outputs, zero)
    pixels, framed = g.rows * g.columns, _frame_size(g)
    of_sums = pixels * g.outputs if pooling.rows else ZERO
    memory = allocate((inner * columns + framed + of_sums) * size + VECTOR_BYTES)
    weights = matrix_of(_aligned(memory), inner, columns, zero)
    frame = matrix_at(weights, weights.size, g.framed_height, g.framed_width * g.channels)
    sums = matrix_at(weights, weights.size + framed, pixels, g.outputs)
    pack(matrix_at(theta, table[k, W], inner, g.outputs), weights)
    if framed:
        fill(vector_at(frame, ZERO, framed), 0.0)
    line = frame.shape[1] * size
    for i in range(x.shape[0]):
        windows = WindowedMatrix(
            address_of(_picture(g, x, i, frame)), g.rows, g.stride_rows * line,
            g.stride_columns * g.channels * size, g.window_rows, line,
            g.window_columns * g.channels, size,
        )  # fmt: skip
        out = matrix_at(y, i * outputs, outputs // g.outputs, g.outputs)
        kept = matrix_at(aux, i * outputs, outputs // g.outputs if aux.size else ZERO, g.outputs)
        if pooling.rows:
            call_window_product(network.functions.window_product, (windows, weights, sums, False))
            max_pool(
                pooling, vector_at(sums, ZERO, sums.size), vector_at(out, ZERO, outputs),
                vector_at(kept, ZERO, outputs),
            )  # fmt: skip
        else:
            call_window_product(network.functions.window_product, (windows, weights, out, False))
        activate(network, k, out, bias, kept)
    release(memory)


@kernel
def convolution_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dW and db of a part of the batch, and dx."""
    table, zero, size = network.instructions, theta.dtype.type(0), theta.itemsize
    g, pooling, outputs = geometry_of(table, k), pooling_of(table, k), table[k, OUTPUTS]
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    aux, dy = aux_of(table, k, block, theta), dy_of(table, k, block, theta)
    all_ = block.rows * outputs // g.outputs
    by_pixel = matrix_at(dy, ZERO, all_, g.outputs)
    differentiate(
        network, k, matrix_at(y, ZERO, all_, g.outputs),
        matrix_at(aux, ZERO, all_ if aux.size else ZERO, g.outputs), by_pixel,
    )  # fmt: skip
    db = vector_at(gradient.values, table[k, GRAD_B], table[k, BIAS_SIZE])
    if db.size:
        add_column_sums(by_pixel, db, gradient.fresh)
    dW = matrix_at(
        gradient.values, table[k, GRAD_W], g.window_rows * g.window_columns * g.channels, g.outputs
    )
    pixels, columns, framed = g.rows * g.columns, packed_columns(g.outputs, zero), _frame_size(g)
    of_sums = pixels * g.outputs if pooling.rows else ZERO
    memory = allocate((pixels * columns + framed + of_sums) * size + VECTOR_BYTES)
    packed = matrix_of(_aligned(memory), pixels, columns, zero)
    frame = matrix_at(packed, packed.size, g.framed_height, g.framed_width * g.channels)
    sums = matrix_at(packed, packed.size + framed, pixels, g.outputs)
    if framed:
        fill(vector_at(frame, ZERO, framed), 0.0)
    back = _prepare_dx(g, matrix_at(theta, table[k, W], dW.shape[0], g.outputs), table[k, DX])
    line = frame.shape[1] * size
    for i in range(x.shape[0]):
        of_sample = matrix_at(dy, i * outputs, pixels, g.outputs)
        if pooling.rows:
            of_sample = sums
            max_pool_gradient(
                pooling, vector_at(dy, i * outputs, outputs), vector_at(aux, i * outputs, outputs),
                vector_at(sums, ZERO, sums.size),
            )  # fmt: skip
        pack(of_sample, packed)
        windows = WindowedMatrix(
            address_of(_picture(g, x, i, frame)), g.window_rows, line, size, g.rows,
            g.stride_rows * line, g.columns, g.stride_columns * g.channels * size,
        )  # fmt: skip
        keep = i > 0 or not gradient.fresh
        call_window_product(network.functions.window_product, (windows, packed, dW, keep))
        if back.memory:
            dx = view(block, table[k, DX], table[k, INPUTS], theta)
            of_picture = matrix_at(dx, i * dx.shape[1], g.height * g.width, g.channels)
            _write_dx(network.functions.window_product, g, back, of_sample, of_picture)
    if back.memory:
        release(back.memory)
    release(memory)


class BackwardWork(NamedTuple):
    """What dx is made in."""

    memory: int  # to release, 0 where no dx is wanted
    weights: Matrix  # the kernel turned, packed
    frame: Matrix  # of zeros, for dy


@kernel
def _prepare_dx(g: Geometry, weights: Matrix, wanted: int) -> BackwardWork:
    """The turned kernel, and a frame, unless dx is `wanted` nowhere."""
    zero, size = weights.dtype.type(0), weights.itemsize
    inner, columns = g.window_rows * g.window_columns * g.outputs, packed_columns(g.channels, zero)
    height, width = g.height + g.window_rows - 1, g.width + g.window_columns - 1
    if wanted == NOWHERE:
        nothing = matrix_at(weights, ZERO, ZERO, columns)
        return BackwardWork(ZERO, nothing, nothing)
    framed = height * width * g.outputs
    memory = allocate((inner * columns + framed) * size + VECTOR_BYTES)
    packed = matrix_of(_aligned(memory), inner, columns, zero)
    frame = matrix_at(packed, packed.size, height, width * g.outputs)
    pack_turned(weights, g.window_rows * g.window_columns, packed)
    fill(vector_at(frame, ZERO, framed), 0.0)
    return BackwardWork(memory, packed, frame)


@kernel
def _write_dx(product: int, g: Geometry, work: BackwardWork, dy: Matrix, dx: Matrix) -> None:
    """dx[q] ← Σ dy[p]·W[k]ᵀ where s·p + k = q, of one picture."""
    size, frame = dx.itemsize, work.frame
    line = frame.shape[1] * size
    top, left = g.window_rows - 1 - g.top, g.window_columns - 1 - g.left
    lines = matrix_at(dy, ZERO, g.rows, g.columns * g.outputs)
    put(lines, frame, g.outputs, top, left, g.stride_rows, g.stride_columns)
    windows = WindowedMatrix(
        address_of(frame), g.height, line, g.outputs * size, g.window_rows, line,
        g.window_columns * g.outputs, size,
    )  # fmt: skip
    call_window_product(product, (windows, work.weights, dx, False))
