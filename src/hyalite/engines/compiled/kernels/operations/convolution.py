"""Convolution: windows of a picture, as a view, times the kernel as a matrix.

    y[p] = f(Σ_k x[s·p + k]·W[k] + b)      dW[k] = Σ_p x[s·p + k]ᵀ·dy[p]      dx[q] = Σ dy[p]·W[k]ᵀ

All three are products of windows (`window_product`). dx is a convolution, too: of dy in a frame of
zeros, with stride s s - 1 zeros between its pixels, with the kernel turned half round and its two
channel axes exchanged. A picture at a time, so that what is worked in stays in the cache.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import aux_of, dy_of, view, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import ONE, ZERO, kernel
from hyalite.engines.compiled.kernels.elementwise import add_column_sums
from hyalite.engines.compiled.kernels.intrinsics import (
    matrix_at,
    matrix_of,
    vector_at,
)
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.kernels.operations.activation import (
    activation_gradient,
    bias_and_activation,
)
from hyalite.engines.compiled.kernels.pictures import fill, geometry_of, put
from hyalite.engines.compiled.kernels.signatures import call_window_product
from hyalite.engines.compiled.kernels.vectors import VECTOR_BYTES
from hyalite.engines.compiled.kernels.window_product import pack, packed_columns
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
DX, ACTIVATION, DERIVATIVE = int(Column.DX), int(Column.ACTIVATION), int(Column.DERIVATIVE)
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
def convolution_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← f(Σ_k x[s·p + k]·W[k] + b)."""
    table, zero, size = network.instructions, theta.dtype.type(0), theta.itemsize
    g = geometry_of(table, k)
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    aux = aux_of(table, k, block, theta)
    bias = vector_at(theta, table[k, B], table[k, BIAS_SIZE])
    inner, columns = g.window_rows * g.window_columns * g.channels, packed_columns(g.outputs, zero)
    memory = allocate((inner * columns + _frame_size(g)) * size + VECTOR_BYTES)
    start = (memory + VECTOR_BYTES - 1) // VECTOR_BYTES * VECTOR_BYTES
    weights = matrix_of(start, inner, columns, zero)
    pack(matrix_at(theta, table[k, W], inner, g.outputs), weights)
    frame = matrix_of(
        start + inner * columns * size, g.framed_height, g.framed_width * g.channels, zero
    )
    if _is_framed(g):
        fill(vector_at(frame, ZERO, frame.size), 0.0)
    pixels, line = g.rows * g.columns, frame.shape[1] * size
    for i in range(x.shape[0]):
        windows = WindowedMatrix(
            _picture(g, x, i, frame).ctypes.data, g.rows, g.stride_rows * line,
            g.stride_columns * g.channels * size, g.window_rows, line,
            g.window_columns * g.channels, size,
        )  # fmt: skip
        out = matrix_at(y, i * y.shape[1], pixels, g.outputs)
        call_window_product(network.functions.window_product, (windows, weights, out, False))
        kept = matrix_at(aux, i * aux.shape[1], pixels if aux.size else ZERO, g.outputs)
        bias_and_activation(table[k, ACTIVATION], network.reals[k, 0], out, bias, kept)
    release(memory)


@kernel
def convolution_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dW and db of a part of the batch, and dx."""
    table = network.instructions
    g = geometry_of(table, k)
    y, aux = y_of(table, k, block, theta), aux_of(table, k, block, theta)
    dy = dy_of(table, k, block, theta)
    pixels = block.rows * g.rows * g.columns
    by_pixel = matrix_at(dy, ZERO, pixels, g.outputs)
    activation_gradient(
        table[k, DERIVATIVE], network.reals[k, 0], matrix_at(y, ZERO, pixels, g.outputs),
        matrix_at(aux, ZERO, pixels if aux.size else ZERO, g.outputs), by_pixel,
    )  # fmt: skip
    db = vector_at(gradient.values, table[k, GRAD_B], table[k, BIAS_SIZE])
    if db.size:
        add_column_sums(by_pixel, db, gradient.fresh)
    _add_dW(network, k, theta, gradient, block)
    if table[k, DX] != NOWHERE:
        _write_dx(network, k, theta, block)


@kernel
def _add_dW(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dW[k] ← Σ_p x[s·p + k]ᵀ·dy[p], or added to it."""
    table, zero, size = network.instructions, theta.dtype.type(0), theta.itemsize
    g = geometry_of(table, k)
    x, dy = x_of(table, k, block, theta), dy_of(table, k, block, theta)
    dW = matrix_at(
        gradient.values, table[k, GRAD_W], g.window_rows * g.window_columns * g.channels, g.outputs
    )
    pixels, columns = g.rows * g.columns, packed_columns(g.outputs, zero)
    memory = allocate((pixels * columns + _frame_size(g)) * size + VECTOR_BYTES)
    start = (memory + VECTOR_BYTES - 1) // VECTOR_BYTES * VECTOR_BYTES
    packed = matrix_of(start, pixels, columns, zero)
    frame = matrix_of(
        start + pixels * columns * size, g.framed_height, g.framed_width * g.channels, zero
    )
    if _is_framed(g):
        fill(vector_at(frame, ZERO, frame.size), 0.0)
    line = frame.shape[1] * size
    for i in range(x.shape[0]):
        pack(matrix_at(dy, i * dy.shape[1], pixels, g.outputs), packed)
        windows = WindowedMatrix(
            _picture(g, x, i, frame).ctypes.data, g.window_rows, line, size, g.rows,
            g.stride_rows * line, g.columns, g.stride_columns * g.channels * size,
        )  # fmt: skip
        keep = i > 0 or not gradient.fresh
        call_window_product(network.functions.window_product, (windows, packed, dW, keep))
    release(memory)


@kernel
def _write_dx(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """dx[q] ← Σ dy[p]·W[k]ᵀ where s·p + k = q."""
    table, zero, size = network.instructions, theta.dtype.type(0), theta.itemsize
    g = geometry_of(table, k)
    dy, dx = dy_of(table, k, block, theta), view(block, table[k, DX], table[k, INPUTS], theta)
    inner, columns = g.window_rows * g.window_columns * g.outputs, packed_columns(g.channels, zero)
    height, width = g.height + g.window_rows - 1, g.width + g.window_columns - 1
    frame_size = height * width * g.outputs
    memory = allocate(
        (inner * columns + frame_size + inner * g.channels) * size + VECTOR_BYTES
    )
    start = (memory + VECTOR_BYTES - 1) // VECTOR_BYTES * VECTOR_BYTES
    weights = matrix_of(start, inner, columns, zero)
    frame = matrix_of(start + inner * columns * size, height, width * g.outputs, zero)
    turned = matrix_of(frame.ctypes.data + frame_size * size, inner, g.channels, zero)
    _turn(g, matrix_at(theta, table[k, W], inner // g.outputs * g.channels, g.outputs), turned)
    pack(turned, weights)
    fill(vector_at(frame, ZERO, frame.size), 0.0)
    line = frame.shape[1] * size
    windows = WindowedMatrix(
        frame.ctypes.data, g.height, line, g.outputs * size, g.window_rows, line,
        g.window_columns * g.outputs, size,
    )  # fmt: skip
    top, left = g.window_rows - 1 - g.top, g.window_columns - 1 - g.left
    for i in range(dy.shape[0]):
        of_sample = matrix_at(dy, i * dy.shape[1], g.rows, g.columns * g.outputs)
        put(of_sample, frame, g.outputs, top, left, g.stride_rows, g.stride_columns)
        out = matrix_at(dx, i * dx.shape[1], g.height * g.width, g.channels)
        call_window_product(network.functions.window_product, (windows, weights, out, False))
    release(memory)


@kernel
def _turn(g: Geometry, weights: Matrix, turned: Matrix) -> None:
    """The kernel turned half round, its channels and outputs exchanged."""
    places = g.window_rows * g.window_columns
    for place in range(places):
        for c in range(g.channels):
            for f in range(g.outputs):
                turned[(places - 1 - place) * g.outputs + f, c] = weights[place * g.channels + c, f]
