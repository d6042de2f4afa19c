"""The optimizers on a stretch of the parameter vector, one fused pass each.

The formulas are those of `hyalite.optimizers`, where they are explained.
"""

from __future__ import annotations

import math

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.exponential import expm1_of_negative
from hyalite.engines.compiled.kernels.intrinsics import dot
from hyalite.engines.compiled.kernels.logarithm import log
from hyalite.engines.compiled.structs import OptimizerKind, OptimizerStep, Vector

SGD, MOMENTUM, NESTEROV = (
    int(OptimizerKind.SGD),
    int(OptimizerKind.MOMENTUM),
    int(OptimizerKind.NESTEROV),
)
ADAGRAD, RMSPROP, ADAMW = (
    int(OptimizerKind.ADAGRAD),
    int(OptimizerKind.RMSPROP),
    int(OptimizerKind.ADAMW),
)


@kernel
def optimizer_step(
    step: OptimizerStep, rate: float, weight_decay: float, number: int, theta: Vector,
    grad: Vector, first: Vector, second: Vector,
) -> None:  # fmt: skip
    """Move `theta` against `grad`; `number` counts the steps of the call."""
    T = theta.dtype.type
    lr, epsilon, mu, one = T(rate), T(step.epsilon), T(step.momentum), T(1)
    b1, r1 = T(step.beta_1), T(1 - step.beta_1)
    b2, r2 = T(step.beta_2), T(1 - step.beta_2)
    if step.kind == SGD:
        for i in range(theta.size):
            theta[i] -= grad[i] * lr
    elif step.kind == MOMENTUM:
        for i in range(theta.size):
            first[i] = first[i] * mu + grad[i]
            theta[i] -= first[i] * lr
    elif step.kind == NESTEROV:
        for i in range(theta.size):
            first[i] = first[i] * mu + grad[i]
            theta[i] -= (first[i] * mu + grad[i]) * lr
    elif step.kind == ADAGRAD:
        for i in range(theta.size):
            first[i] += grad[i] * grad[i]
            theta[i] -= grad[i] / (math.sqrt(first[i]) + epsilon) * lr
    elif step.kind == RMSPROP:
        for i in range(theta.size):
            first[i] = first[i] * b2 + grad[i] * grad[i] * r2
            theta[i] -= grad[i] / (math.sqrt(first[i]) + epsilon) * lr
    else:
        t = float(step.steps_before + number + 1)
        size = T(rate / _rest_of_power(step.beta_1, t))
        root = T(1 / math.sqrt(_rest_of_power(step.beta_2, t)))
        shrink = T(1 - rate * weight_decay) if step.kind == ADAMW else one
        for i in range(theta.size):
            m = first[i] * b1 + grad[i] * r1
            s = second[i] * b2 + grad[i] * grad[i] * r2
            first[i] = m
            second[i] = s
            theta[i] = theta[i] * shrink - m / (math.sqrt(s) * root + epsilon) * size


@kernel
def _rest_of_power(base: float, exponent: float) -> float:
    """1 - βᵗ, for 0 <= β < 1; where βᵗ is near 1 no digits are lost."""
    return float(-expm1_of_negative(exponent * log(base)))


@kernel
def penalize(theta: Vector, grad: Vector, l1: float, l2: float) -> float:
    """Add the penalties' gradient to `grad`; return λ1·Σ|θ| + λ2·Σθ²."""
    T = theta.dtype.type
    one, two, zero = T(l1), T(2 * l2), T(0)
    square = dot(theta, theta)
    absolute = zero
    if l1 == 0:
        for i in range(theta.size):
            grad[i] += theta[i] * two
    else:
        for i in range(theta.size):
            v = theta[i]
            absolute += abs(v)
            sign = one if v > zero else (-one if v < zero else zero)
            grad[i] += v * two + sign
    return l1 * absolute + l2 * square


@kernel
def clip(grad: Vector, limit: float) -> None:
    """Limit every entry to ±limit."""
    c = grad.dtype.type(limit)
    for i in range(grad.size):
        grad[i] = min(max(grad[i], -c), c)


@kernel
def square_sum(grad: Vector) -> float:
    """Σ g²; in double precision where single overflows."""
    total = float(dot(grad, grad))
    if not math.isfinite(total):
        total = 0.0
        for i in range(grad.size):
            total += float(grad[i]) * float(grad[i])
    return total
