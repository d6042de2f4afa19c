"""Matrix products with a side of a few: there a call of BLAS costs more than the arithmetic.

300 rows through 64-3 and back took BLAS 20 µs and these loops 7.
"""

from __future__ import annotations

from numba import carray

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.elementwise import relu_row
from hyalite.engines.compiled.kernels.intrinsics import dot, fma, pointer
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.structs import Matrix, Real, Vector


@kernel
def four(
    a: Real, p: Real, b: Real, q: Real, c: Real, r: Real, d: Real, s: Real, total: Real
) -> Real:
    """total + a·p + b·q + c·r + d·s."""
    return fma(a, p, fma(b, q, fma(c, r, fma(d, s, total))))


@kernel
def narrow_rows(x: Matrix, W: Matrix, bias: Vector, y: Matrix) -> None:
    """y ← x·W + b for an x of few rows: W is not packed, but read as it is, four rows in a pass."""
    inputs, width = W.shape
    whole = inputs - inputs % 4
    for i in range(x.shape[0]):
        for j in range(width):
            y[i, j] = bias[j] if bias.size else y.dtype.type(0)
        for k in range(0, whole, 4):
            a, b, c, d = x[i, k], x[i, k + 1], x[i, k + 2], x[i, k + 3]
            for j in range(width):
                y[i, j] = four(a, W[k, j], b, W[k + 1, j], c, W[k + 2, j], d, W[k + 3, j], y[i, j])
        for k in range(whole, inputs):
            for j in range(width):
                y[i, j] = fma(x[i, k], W[k, j], y[i, j])


@kernel
def narrow_inputs(x: Matrix, W: Matrix, bias: Vector, y: Matrix, relu: bool) -> None:
    """y ← x·W + b for an x of few columns, two in a pass; the last one can take max(0, y), too."""
    rows, inputs = x.shape
    width = y.shape[1]
    zero = y.dtype.type(0)
    for i in range(rows):
        for k in range(0, inputs, 2):
            other = min(k + 1, inputs - 1)
            a, b = x[i, k], x[i, other] if other > k else zero
            if k:
                for j in range(width):
                    y[i, j] = fma(a, W[k, j], fma(b, W[other, j], y[i, j]))
            elif bias.size:
                for j in range(width):
                    y[i, j] = fma(a, W[k, j], fma(b, W[other, j], bias[j]))
            else:
                for j in range(width):
                    y[i, j] = fma(a, W[k, j], b * W[other, j])
        if relu:
            relu_row(y[i])


@kernel
def narrow_inputs_dw(x: Matrix, dy: Matrix, dW: Matrix, db: Vector, fresh: bool) -> None:
    """dW ← xᵀ·dy and db ← Σ_rows dy, added where not `fresh`; four rows in a pass."""
    rows, inputs = x.shape
    width = dy.shape[1]
    if fresh:
        dW[:, :] = 0
        db[:] = 0
    whole = rows - rows % 4
    for i in range(0, whole, 4):
        for j in range(db.size):
            db[j] += (dy[i, j] + dy[i + 1, j]) + (dy[i + 2, j] + dy[i + 3, j])
        for k in range(inputs):
            a, b, c, d = x[i, k], x[i + 1, k], x[i + 2, k], x[i + 3, k]
            for j in range(width):
                dW[k, j] = four(
                    a, dy[i, j], b, dy[i + 1, j], c, dy[i + 2, j], d, dy[i + 3, j], dW[k, j]
                )  # fmt: skip
    for i in range(whole, rows):
        for j in range(db.size):
            db[j] += dy[i, j]
        for k in range(inputs):
            for j in range(width):
                dW[k, j] = fma(x[i, k], dy[i, j], dW[k, j])


@kernel
def transposed(W: Matrix) -> Matrix:
    """A contiguous copy of Wᵀ; `release` its memory."""
    memory = allocate(W.size * W.itemsize)
    result = carray(pointer(memory), (W.shape[1], W.shape[0]), W.dtype)
    for k in range(W.shape[0]):
        for j in range(W.shape[1]):
            result[j, k] = W[k, j]
    return result


@kernel
def narrow_outputs(x: Matrix, W: Matrix, bias: Vector, y: Matrix) -> None:
    """y ← x·W + b for a y of few columns: inner products with the rows of Wᵀ."""
    W_t = transposed(W)
    for i in range(x.shape[0]):
        for j in range(y.shape[1]):
            total = dot(x[i], W_t[j])
            y[i, j] = total + bias[j] if bias.size else total
    release(W_t.ctypes.data)


@kernel
def narrow_outputs_dw(x: Matrix, dy: Matrix, dW: Matrix, fresh: bool) -> None:
    """dW ← xᵀ·dy, added where not `fresh`; summed as its transpose, along the rows of x."""
    rows, inputs = x.shape
    outputs = dy.shape[1]
    memory = allocate(dW.size * dW.itemsize)
    dW_t = carray(pointer(memory), (outputs, inputs), dW.dtype)
    for j in range(outputs):
        for k in range(inputs):
            dW_t[j, k] = 0
    whole = rows - rows % 4
    for i in range(0, whole, 4):
        for j in range(outputs):
            a, b, c, d = dy[i, j], dy[i + 1, j], dy[i + 2, j], dy[i + 3, j]
            for k in range(inputs):
                dW_t[j, k] = four(
                    a, x[i, k], b, x[i + 1, k], c, x[i + 2, k], d, x[i + 3, k], dW_t[j, k]
                )  # fmt: skip
    for i in range(whole, rows):
        for j in range(outputs):
            for k in range(inputs):
                dW_t[j, k] = fma(dy[i, j], x[i, k], dW_t[j, k])
    for k in range(inputs):
        for j in range(outputs):
            dW[k, j] = dW_t[j, k] if fresh else dW[k, j] + dW_t[j, k]
    release(memory)


@kernel
def narrow_outputs_dx(
    dy: Matrix, W: Matrix, dx: Matrix, x: Matrix, masked: bool, scale: float
) -> None:
    """dx ← dy·Wᵀ for a dy of few columns; where `masked`, scale·dx where x > 0, else 0."""
    W_t = transposed(W)
    rows, inputs = dx.shape
    zero, s = dx.dtype.type(0), dx.dtype.type(scale)
    for i in range(rows):
        a = dy[i, 0]
        for k in range(inputs):
            dx[i, k] = a * W_t[0, k]
        for j in range(1, dy.shape[1]):
            a = dy[i, j]
            for k in range(inputs):
                dx[i, k] = fma(a, W_t[j, k], dx[i, k])
        for k in range(inputs if masked else 0):
            dx[i, k] = dx[i, k] * s if x[i, k] > zero else zero
    release(W_t.ctypes.data)
