"""Matrix products with few inputs or outputs, or of one row: there a tile would be mostly empty.

One row through 512-512 took tiles 15 µs, `narrow_rows` 9.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import LANES, address_of, fma, matrix_of
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.kernels.narrow_tile import (
    few_terms,
    few_terms_masked,
    few_terms_rectified,
    inner_products,
    outer_products,
)
from hyalite.engines.compiled.structs import Matrix, Real, Vector


@kernel
def four(
    a: Real, p: Real, b: Real, q: Real, c: Real, r: Real, d: Real, s: Real, total: Real
) -> Real:
    """total + d·s + c·r + b·q + a·p, in this order."""
    return fma(a, p, fma(b, q, fma(c, r, fma(d, s, total))))


@kernel
def narrow_rows(x: Matrix, W: Matrix, y: Matrix) -> None:
    """y ← x·W for an x of few rows: W is read as it is, four rows in a pass.

    The sums are those of `matmul.product`: a sample's prediction is the same alone or with others.
    """
    inputs, width = W.shape
    whole = inputs - inputs % 4
    for i in range(x.shape[0]):
        for j in range(width):
            y[i, j] = 0
        for k in range(0, whole, 4):
            a, b, c, d = x[i, k], x[i, k + 1], x[i, k + 2], x[i, k + 3]
            for j in range(width):
                y[i, j] = four(d, W[k + 3, j], c, W[k + 2, j], b, W[k + 1, j], a, W[k, j], y[i, j])
        for k in range(whole, inputs):
            for j in range(width):
                y[i, j] = fma(x[i, k], W[k, j], y[i, j])


@kernel
def transposed(W: Matrix) -> Matrix:
    """A contiguous copy of Wᵀ; `release` its memory."""
    memory = allocate(W.size * W.itemsize)
    result = matrix_of(memory, W.shape[1], W.shape[0], W)
    for k in range(W.shape[0]):
        for j in range(W.shape[1]):
            result[j, k] = W[k, j]
    return result


@kernel
def few_inputs(x: Matrix, W: Matrix, y: Matrix) -> None:
    """y ← x·W for an x of few columns."""
    at, zero = address_of(W), y.dtype.type(0)
    few_terms(zero, address_of(x), at, at, address_of(y), x.shape[0], W.shape[0], W.shape[1])


@kernel
def few_inputs_rectified(x: Matrix, W: Matrix, bias: Vector, y: Matrix) -> None:
    """y ← max(0, x·W + b)."""
    few_terms_rectified(
        y.dtype.type(0), address_of(x), address_of(W), address_of(bias), address_of(y),
        x.shape[0], W.shape[0], W.shape[1],
    )  # fmt: skip


@kernel
def narrow_outputs(x: Matrix, W: Matrix, bias: Vector, y: Matrix) -> None:
    """y ← x·W + b for a y of few columns: inner products with the rows of Wᵀ, as `dot` sums."""
    W_t = transposed(W)
    rows, inputs = x.shape
    outputs = W.shape[1]
    inner_products(
        y.dtype.type(0), address_of(x), address_of(W_t), address_of(y), rows, inputs, outputs
    )
    rest = inputs // LANES * LANES
    for i in range(rows):
        for j in range(outputs):
            total = y[i, j]
            for k in range(rest, inputs):
                total = fma(x[i, k], W_t[j, k], total)
            y[i, j] = total + bias[j] if bias.size else total
    release(address_of(W_t))


@kernel
def narrow_outputs_dw(x: Matrix, dy: Matrix, dW: Matrix, fresh: bool) -> None:
    """dW ← xᵀ·dy, added where not `fresh`; summed as its transpose, along the rows of x."""
    rows, inputs = x.shape
    outputs = dy.shape[1]
    memory = allocate(dW.size * dW.itemsize)
    outer_products(dW.dtype.type(0), address_of(x), address_of(dy), memory, rows, inputs, outputs)
    dW_t = matrix_of(memory, outputs, inputs, dW)
    for k in range(inputs):
        for j in range(outputs):
            dW[k, j] = dW_t[j, k] if fresh else dW[k, j] + dW_t[j, k]
    release(memory)


@kernel
def narrow_outputs_dx(
    dy: Matrix, W: Matrix, x: Matrix, masked: bool, scale: float, dx: Matrix
) -> None:
    """dx ← dy·Wᵀ for a dy of few columns; where `masked` scale·dx where x > 0, else 0."""
    W_t, factor = transposed(W), dx.dtype.type(scale)
    a, b, to, (rows, outputs) = address_of(dy), address_of(W_t), address_of(dx), dy.shape
    if masked:
        few_terms_masked(factor, a, b, address_of(x), to, rows, outputs, W.shape[0])
    else:
        few_terms(factor, a, b, b, to, rows, outputs, W.shape[0])
    release(b)
