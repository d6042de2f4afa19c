"""Loops over a block of rows that fits the cache, which several operations and losses share.

Scalars have the model's dtype, so that rounding is that of `hyalite.layers`.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels.column_loops import NARROW, sums_of_columns
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.exponential import exp
from hyalite.engines.compiled.kernels.intrinsics import address_of, vector_at
from hyalite.engines.compiled.structs import Matrix, Vector


@kernel
def copy(x: Matrix, y: Matrix) -> None:
    """y ← x. (An assignment of arrays brings the texts of its errors along: seconds to compile.)"""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = x[i, j]


@kernel
def add(x: Matrix, y: Matrix) -> None:
    """y ← y + x."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] += x[i, j]


@kernel
def scale(x: Vector, factor: float) -> None:
    """x ← factor·x."""
    f = x.dtype.type(factor)
    for i in range(x.size):
        x[i] *= f


@kernel
def rescale(y: Matrix, scale: float, offset: float) -> None:
    """y ← scale·y + offset."""
    T = y.dtype.type
    a, b = T(scale), T(offset)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = y[i, j] * a + b


@kernel
def is_finite(x: Vector) -> bool:
    """Whether every entry of a vector is."""
    zero = x.dtype.type(0)
    finite = True
    for i in range(x.size):
        finite &= x[i] * zero == zero  # infinity times 0 is NaN, too
    return finite


@kernel
def relu_row(y: Vector) -> None:
    """y ← max(0, y), NaN left as it is.

    Without the sum, which changes nothing, the compiler would store in one of the two cases only,
    and a loop with a choice of stores is not made of vector instructions: 13 µs instead of 2.
    """
    zero = y.dtype.type(0)
    for j in range(y.size):
        v = y[j]
        y[j] = zero if v < zero else v + zero


@kernel
def mask_by_sign(x: Matrix, dx: Matrix, scale: float) -> None:
    """dx ← scale·dx where x > 0, else 0: the backward pass of ReLU, or of ReLU and dropout."""
    zero, s = dx.dtype.type(0), dx.dtype.type(scale)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            dx[i, j] = dx[i, j] * s if x[i, j] > zero else zero


@kernel
def exponentials(x: Matrix, y: Matrix) -> None:
    """y ← e^(x - the row's largest); may be in place."""
    rows, width = x.shape
    for i in range(rows):
        top = x[i, 0]
        for j in range(1, width):
            top = max(top, x[i, j])
        for j in range(width):
            y[i, j] = x[i, j] - top
    flat = vector_at(y, 0, y.size)  # rows are short, the whole is not
    for i in range(flat.size):
        flat[i] = exp(flat[i])


@kernel
def sigmoids(y: Matrix) -> None:
    """y ← σ(y)."""
    one, zero = y.dtype.type(1), y.dtype.type(0)
    flat = vector_at(y, 0, y.size)
    for i in range(flat.size):
        v = flat[i]
        e = exp(-abs(v))  # never of what is positive: nothing overflows
        flat[i] = (one if v >= zero else e) / (one + e)


@kernel
def softmax(x: Matrix, y: Matrix) -> None:
    """Softmax of each row of x into y, which may be x itself."""
    exponentials(x, y)
    for i in range(y.shape[0]):
        total = y.dtype.type(0)
        for j in range(y.shape[1]):
            total += y[i, j]
        for j in range(y.shape[1]):
            y[i, j] /= total


@kernel
def add_column_sums(dy: Matrix, out: Vector, fresh: bool) -> None:
    """out ← Σ_rows dy, added where not `fresh`; four rows at a time.

    Long rows are read along, not across: 512 columns took twice as long by vectors of columns.
    """
    rows, width = dy.shape
    if width < NARROW:
        at = address_of(dy)
        sums_of_columns(dy.dtype.type(0), at, at, at, rows, width, address_of(out), not fresh)
        return
    if fresh:
        out[:] = 0
    whole = rows - rows % 4
    for i in range(0, whole, 4):
        for j in range(width):
            out[j] += (dy[i, j] + dy[i + 1, j]) + (dy[i + 2, j] + dy[i + 3, j])
    for i in range(whole, rows):
        for j in range(width):
            out[j] += dy[i, j]


@kernel
def add_column_products(dy: Matrix, x_hat: Matrix, out: Vector, fresh: bool) -> None:
    """out ← Σ_rows dy·x̂, added where not `fresh`."""
    if fresh:
        out[:] = 0
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            out[j] += dy[i, j] * x_hat[i, j]
