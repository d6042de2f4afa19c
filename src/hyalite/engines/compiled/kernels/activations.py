"""The activations themselves: a function of every number, or, as softmax, of every row.

Compiled once, for all operations that end with one.
"""

from __future__ import annotations

import math

from hyalite import layers
from hyalite.engines.compiled.kernels.column_loops import (
    NARROW,
    add_to_columns,
    rectify_columns,
)
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.elementwise import relu_row, sigmoids, softmax
from hyalite.engines.compiled.kernels.exponential import exp, expm1_of_negative, tanh
from hyalite.engines.compiled.kernels.intrinsics import address_of, vector_at
from hyalite.engines.compiled.structs import ActivationKind, Matrix, Vector

LINEAR, RELU, LEAKY_RELU, SIGMOID, TANH, GELU, SOFTMAX, SELU, MISH, SILU = (
    int(kind) for kind in ActivationKind
)
SELU_SCALE, SELU_SHIFT = layers.SELU.scale, layers.SELU.scale * layers.SELU.alpha


@kernel
def bias_and_activation(kind: int, slope: float, y: Matrix, bias: Vector, aux: Matrix) -> None:
    """y ← f(y + b), in one pass; `bias` may be empty. Some leave their derivative in aux."""
    rows, width = y.shape
    T = y.dtype.type
    zero, k = T(0), T(slope)
    values, slopes = vector_at(y, 0, y.size), vector_at(aux, 0, aux.size)  # rows may be short
    if bias.size and kind != RELU:
        if width < NARROW:
            add_to_columns(zero, address_of(y), address_of(y), address_of(bias), rows, width)
        else:
            for i in range(rows):
                for j in range(width):
                    y[i, j] += bias[j]
    if kind == RELU:
        if not bias.size:
            relu_row(values)
        elif width < NARROW:
            rectify_columns(zero, address_of(y), address_of(y), address_of(bias), rows, width)
        else:
            for i in range(rows):
                for j in range(width):
                    v = y[i, j] + bias[j]
                    y[i, j] = zero if v < zero else v  # lets NaN pass
    elif kind == LEAKY_RELU:
        for i in range(values.size):
            v = values[i]
            values[i] = v + zero if v > zero else k * v  # the sum: see `relu_row`
    elif kind == SIGMOID:
        sigmoids(y)
    elif kind == SOFTMAX:
        softmax(y, y)
    elif kind == TANH:
        _tanh(values)
    elif kind == GELU:
        _gelu(values, slopes)
    elif kind == SELU:
        _selu(values)
    elif kind == MISH:
        _mish(values, slopes)
    elif kind == SILU:
        _silu(values, slopes)


@kernel
def _tanh(y: Vector) -> None:
    for i in range(y.size):
        y[i] = tanh(y[i])


@kernel
def _gelu(y: Vector, aux: Vector) -> None:
    """With t = tanh u, u = √(2/π)·(x + 0.044715·x³)."""
    T = y.dtype.type
    one, half = T(1), T(0.5)
    c, cube, three = T(math.sqrt(2 / math.pi)), T(0.044715), T(3 * 0.044715)
    for i in range(y.size):
        v = y[i]
        t = tanh(c * (v + cube * v * v * v))
        slope_of_u = c * (one + three * v * v)
        aux[i] = half * (one + t) + half * v * (one - t * t) * slope_of_u
        y[i] = (one + t) * v * half


@kernel
def _selu(y: Vector) -> None:
    T = y.dtype.type
    zero, scale, shift = T(0), T(SELU_SCALE), T(SELU_SHIFT)
    for i in range(y.size):
        v = y[i]
        negative = shift * expm1_of_negative(zero if v > zero else v)
        y[i] = scale * v if v > zero else negative


@kernel
def _mish(y: Vector, aux: Vector) -> None:
    """With e = e⁻ˡˣˡ: t = a/(a + 2b), (1 - t²)·σ(x) = 4g·(1 + e)/(a + 2b)²; nothing overflows."""
    T = y.dtype.type
    zero, one, two, four = T(0), T(1), T(2), T(4)
    for i in range(y.size):
        v = y[i]
        e = exp(-abs(v))
        right = v >= zero
        a = one + two * e if right else e * (e + two)
        b = e * e if right else one
        g = b if right else e
        whole = a + two * b
        t = a / whole
        aux[i] = t + v * (four * g * (one + e) / (whole * whole))
        y[i] = v * t


@kernel
def _silu(y: Vector, aux: Vector) -> None:
    T = y.dtype.type
    zero, one = T(0), T(1)
    for i in range(y.size):
        v = y[i]
        e = exp(-abs(v))
        s = (one if v >= zero else e) / (one + e)
        aux[i] = s + v * (e / ((one + e) * (one + e)))
        y[i] = v * s


@kernel
def activation_gradient(kind: int, slope: float, y: Matrix, aux: Matrix, dy: Matrix) -> None:
    """dx over dy. The y of a LeakyReLU has the sign of its x, so y will do."""
    T = y.dtype.type
    zero, one, k = T(0), T(1), T(slope)
    v, slopes, d = vector_at(y, 0, y.size), vector_at(aux, 0, aux.size), vector_at(dy, 0, dy.size)
    if kind == RELU:
        for i in range(d.size):
            d[i] = d[i] if v[i] > zero else zero
    elif kind == LEAKY_RELU:
        for i in range(d.size):
            d[i] *= one if v[i] > zero else k
    elif kind == SIGMOID:
        for i in range(d.size):
            d[i] *= (one - v[i]) * v[i]
    elif kind == TANH:
        for i in range(d.size):
            d[i] *= one - v[i] * v[i]
    elif kind in (GELU, MISH, SILU):
        for i in range(d.size):
            d[i] *= slopes[i]
    elif kind == SELU:
        above, below = T(SELU_SCALE), T(SELU_SHIFT)
        for i in range(d.size):
            d[i] *= above if v[i] > zero else v[i] + below
    elif kind == SOFTMAX:
        for i in range(y.shape[0]):
            inner = zero
            for j in range(y.shape[1]):
                inner += dy[i, j] * y[i, j]
            for j in range(y.shape[1]):
                dy[i, j] = (dy[i, j] - inner) * y[i, j]
