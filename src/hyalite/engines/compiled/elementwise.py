"""Activations, dropout, normalizations, bias sums: loops over a block of rows that fits the cache.

The formulas are those of `hyalite.layers`, where they are explained; here they run in place where
they can, and scalars have the model's dtype, so that rounding is the same.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hyalite.engines.compiled.atoms import multiply_wide, stretch
from hyalite.engines.compiled.compiling import kernel, merged
from hyalite.engines.compiled.exponential import exp_of_negative, tanh
from hyalite.engines.compiled.tables import Function
from hyalite.random import Purpose

LINEAR, RELU, LEAKY_RELU = int(Function.LINEAR), int(Function.RELU), int(Function.LEAKY_RELU)
SIGMOID, TANH, GELU = int(Function.SIGMOID), int(Function.TANH), int(Function.GELU)

M0, M1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
W0, W1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
MASK = np.uint64(Purpose.MASK)
LOW = np.uint64(0xFFFF)


@kernel
def copy(x: Any, y: Any) -> None:
    """Y ← x. (An assignment of arrays brings the texts of its errors along: seconds to compile.)"""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = x[i, j]


@kernel
def relu_row(y: Any) -> None:
    """Y ← max(0, y), NaN left as it is.

    Without the sum, which changes nothing, the compiler would store in one of the two cases only,
    and a loop with a choice of stores is not made of vector instructions: 13 µs instead of 2.
    """
    zero = y.dtype.type(0)
    for j in range(y.size):
        v = y[j]
        y[j] = zero if v < zero else v + zero


@kernel
def bias_and_function(function: int, slope: float, y: Any, bias: Any, aux: Any) -> None:
    """Y ← f(y + b), in one pass; `bias` may be empty. GELU leaves its derivative in aux."""
    rows, width = y.shape
    T = y.dtype.type
    zero, one, half = T(0), T(1), T(0.5)
    k, c, cube, three = T(slope), T(math.sqrt(2 / math.pi)), T(0.044715), T(3 * 0.044715)
    if bias.size and function != RELU:
        for i in range(rows):
            for j in range(width):
                y[i, j] += bias[j]
    if function == RELU:
        for i in range(rows):
            if bias.size:
                for j in range(width):
                    v = y[i, j] + bias[j]
                    y[i, j] = zero if v < zero else v  # lets NaN pass
            else:
                relu_row(y[i])
    elif function == LEAKY_RELU:
        for i in range(rows):
            for j in range(width):
                v = y[i, j]
                y[i, j] = v + zero if v > zero else k * v  # the sum: see `relu_row`
    elif function == SIGMOID:
        for i in range(rows):
            for j in range(width):
                v = y[i, j]
                e = exp_of_negative(-abs(v))
                y[i, j] = (one if v >= zero else e) / (one + e)
    elif function == TANH:
        for i in range(rows):
            for j in range(width):
                y[i, j] = tanh(y[i, j])
    elif function == GELU:
        for i in range(rows):
            for j in range(width):
                v = y[i, j]
                t = tanh(c * (v + cube * v * v * v))
                slope_of_u = c * (one + three * v * v)
                aux[i, j] = half * (one + t) + half * v * (one - t * t) * slope_of_u
                y[i, j] = (one + t) * v * half
    elif function != LINEAR:
        softmax(y, y)


@kernel
def exponentials(x: Any, y: Any) -> None:
    """Y ← e^(x - the row's largest); may be in place."""
    rows, width = x.shape
    for i in range(rows):
        top = x[i, 0]
        for j in range(1, width):
            top = max(top, x[i, j])
        for j in range(width):
            y[i, j] = x[i, j] - top
    flat = stretch(y, 0, y.size)  # rows are short, the whole is not
    for i in range(flat.size):
        flat[i] = exp_of_negative(flat[i])


@kernel
def softmax(x: Any, y: Any) -> None:
    """Softmax of each row of x into y, which may be x itself."""
    exponentials(x, y)
    for i in range(y.shape[0]):
        total = y.dtype.type(0)
        for j in range(y.shape[1]):
            total += y[i, j]
        for j in range(y.shape[1]):
            y[i, j] /= total


@kernel
def function_back(function: int, slope: float, y: Any, aux: Any, dy: Any) -> None:
    """Dx over dy. LeakyReLU's y has the sign of its x, so y will do."""
    rows, width = y.shape
    T = y.dtype.type
    zero, one, k = T(0), T(1), T(slope)
    if function == RELU:
        for i in range(rows):
            for j in range(width):
                dy[i, j] = dy[i, j] if y[i, j] > zero else zero
    elif function == LEAKY_RELU:
        for i in range(rows):
            for j in range(width):
                dy[i, j] *= one if y[i, j] > zero else k
    elif function == SIGMOID:
        for i in range(rows):
            for j in range(width):
                dy[i, j] *= (one - y[i, j]) * y[i, j]
    elif function == TANH:
        for i in range(rows):
            for j in range(width):
                dy[i, j] *= one - y[i, j] * y[i, j]
    elif function == GELU:
        for i in range(rows):
            for j in range(width):
                dy[i, j] *= aux[i, j]
    elif function != LINEAR:
        for i in range(rows):
            inner = zero
            for j in range(width):
                inner += dy[i, j] * y[i, j]
            for j in range(width):
                dy[i, j] = (dy[i, j] - inner) * y[i, j]


@merged
def _philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    for _ in range(10):
        h0, l0 = multiply_wide(M0, c0)
        h1, l1 = multiply_wide(M1, c2)
        c0, c1, c2, c3 = h1 ^ c1 ^ k0, l1, h0 ^ c3 ^ k1, l0
        k0 += W0
        k1 += W1
    return c0, c1, c2, c3


@kernel
def mask_by(x: Any, dx: Any, scale: float) -> None:
    """Dx ← scale·dx where x > 0, else 0: the way back through ReLU, or ReLU and dropout."""
    zero, s = dx.dtype.type(0), dx.dtype.type(scale)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            dx[i, j] = dx[i, j] * s if x[i, j] > zero else zero


@kernel
def dropout(
    y: Any, mask: Any, row: int, seed: int, layer: int, step: int, threshold: int, scale: float
) -> None:
    """Y ← y·m, with the numbers of `hyalite.random.lanes`; keeps m where `mask` is not y itself."""
    rows, width = y.shape
    T = y.dtype.type
    zero, s = T(0), T(scale)
    blocks = (width + 15) // 16
    words = np.empty(4 * blocks, np.uint64)
    numbers = words.view(np.uint16)
    limit = np.uint16(threshold)
    kept = mask.shape[0] > 0
    for i in range(rows):
        for block in range(blocks):
            words[4 * block], words[4 * block + 1], words[4 * block + 2], words[4 * block + 3] = (
                _philox(
                    np.uint64((row + i) * blocks + block + 1),
                    np.uint64(layer),
                    np.uint64(step),
                    np.uint64(0),
                    np.uint64(seed),
                    MASK,
                )
            )
        for j in range(width):
            y[i, j] = y[i, j] * s if numbers[j] >= limit else zero
        if kept:
            for j in range(width):
                mask[i, j] = s if numbers[j] >= limit else zero


@kernel
def scale(x: Any, factor: float) -> None:
    """X ← factor·x."""
    f = x.dtype.type(factor)
    for i in range(x.size):
        x[i] *= f


@kernel
def is_finite(x: Any) -> bool:
    """Whether every entry of a vector is."""
    zero = x.dtype.type(0)
    odd = 0
    for i in range(x.size):
        odd += 0 if x[i] * zero == zero else 1  # infinity times 0 is NaN, too
    return odd == 0


@kernel
def rescale(y: Any, scale: float, offset: float) -> None:
    """Y ← scale·y + offset."""
    T = y.dtype.type
    a, b = T(scale), T(offset)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = y[i, j] * a + b


@kernel
def normalize_rows(
    x: Any, y: Any, x_hat: Any, s: Any, gamma: Any, beta: Any, epsilon: float
) -> None:
    """Layer normalization; s (rows,)."""
    rows, width = x.shape
    T = x.dtype.type
    e, n = T(epsilon), T(width)
    for i in range(rows):
        mean = T(0)
        for j in range(width):
            mean += x[i, j]
        mean /= n
        variance = T(0)
        for j in range(width):
            d = x[i, j] - mean
            variance += d * d
        s[i] = math.sqrt(variance / n + e)
        for j in range(width):
            x_hat[i, j] = (x[i, j] - mean) / s[i]
            y[i, j] = x_hat[i, j] * gamma[j] + beta[j]


@kernel
def normalize_rows_back(dy: Any, x_hat: Any, s: Any, gamma: Any) -> None:
    """Dx over dy."""
    rows, width = dy.shape
    T = dy.dtype.type
    n = T(width)
    for i in range(rows):
        first, second = T(0), T(0)
        for j in range(width):
            g = dy[i, j] * gamma[j]
            first += g
            second += g * x_hat[i, j]
        first /= n
        second /= n
        for j in range(width):
            dy[i, j] = (dy[i, j] * gamma[j] - x_hat[i, j] * second - first) / s[i]


@kernel
def moments(x: Any, mean: Any, variance: Any) -> None:
    """Mean and biased variance of each column."""
    rows, width = x.shape
    n = x.dtype.type(rows)
    mean[:] = 0
    variance[:] = 0
    for i in range(rows):
        for j in range(width):
            mean[j] += x[i, j]
    for j in range(width):
        mean[j] /= n
    for i in range(rows):
        for j in range(width):
            d = x[i, j] - mean[j]
            variance[j] += d * d
    for j in range(width):
        variance[j] /= n


@kernel
def normalize_columns(
    x: Any,
    y: Any,
    x_hat: Any,
    s: Any,
    mean: Any,
    variance: Any,
    gamma: Any,
    beta: Any,
    epsilon: float,
) -> None:
    """Batch normalization with these moments; s (columns,)."""
    rows, width = x.shape
    e = x.dtype.type(epsilon)
    for j in range(width):
        s[j] = math.sqrt(variance[j] + e)
    for i in range(rows):
        for j in range(width):
            h = (x[i, j] - mean[j]) / s[j]
            x_hat[i, j] = h
            y[i, j] = h * gamma[j] + beta[j]


@kernel
def normalize_columns_back(dy: Any, x_hat: Any, s: Any, gamma: Any) -> None:
    """Dx over dy, of training."""
    rows, width = dy.shape
    n = dy.dtype.type(rows)
    first, second = np.zeros(width, dy.dtype), np.zeros(width, dy.dtype)
    for i in range(rows):
        for j in range(width):
            first[j] += dy[i, j]
            second[j] += dy[i, j] * x_hat[i, j]
    for j in range(width):
        first[j] = gamma[j] * first[j] / n
        second[j] = gamma[j] * second[j] / n
    for i in range(rows):
        for j in range(width):
            dy[i, j] = (dy[i, j] * gamma[j] - x_hat[i, j] * second[j] - first[j]) / s[j]


@kernel
def add_column_sums(dy: Any, out: Any, fresh: bool) -> None:
    """Out ← Σ_rows dy, added where not `fresh`; four rows in a pass over `out`."""
    rows, width = dy.shape
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
def add_column_products(dy: Any, x_hat: Any, out: Any, fresh: bool) -> None:
    """Out ← Σ_rows dy·x̂, added where not `fresh`."""
    if fresh:
        out[:] = 0
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            out[j] += dy[i, j] * x_hat[i, j]
