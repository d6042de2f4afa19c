"""The losses of numbers: squared and absolute error, Huber's, of counts, of a quantile."""

from __future__ import annotations

from typing import Any

import numpy as np

from hyalite import checks
from hyalite.losses.base import Loss
from hyalite.parameters import Array, Shape

MAX_LOG_RATE = 80  # of the logarithm of a count


class MeanSquaredError(Loss):
    """l = Σ_j (p_j - t_j)² / d,  dl/dp = 2·(p - t) / d.

    p, t: (n, d). Source: *Neural Networks from Scratch*, chapter 17. (*Deep Learning from
    Scratch* takes Σ/2 instead of the mean.)

    Examples:
        >>> loss = hy.MeanSquaredError()
        >>> loss([[1.0, 2.0]], [[0.0, 4.0]])  # (1² + 2²) / 2
        2.5
        >>> loss.backward([[1.0, 2.0]], [[0.0, 4.0]]).tolist()  # 2·1 / 2, 2·(-2) / 2
        [[1.0, -2.0]]
    """

    name = "mean_squared_error"
    formulas = {"values": "Σ_j (p - t)² / d", "gradient": "2·(p - t) / d / n"}

    def values(self, prediction: Array, target: Array) -> Array:
        error = prediction - target
        error *= error
        return error.mean(axis=1)

    def gradient(self, prediction: Array, target: Array) -> Array:
        error = prediction - target
        error *= 2 / error.shape[1]
        return error


class MeanAbsoluteError(Loss):
    """l = Σ_j |p_j - t_j| / d,  dl/dp = sign(p - t) / d, with sign(0) = 0.

    p, t: (n, d). Source: *Neural Networks from Scratch*, chapter 17.

    Examples:
        >>> loss = hy.MeanAbsoluteError()
        >>> loss([[1.0, 2.0]], [[0.0, 4.0]])  # (1 + 2) / 2
        1.5
        >>> loss.backward([[1.0, 2.0]], [[0.0, 4.0]]).tolist()
        [[0.5, -0.5]]
    """

    name = "mean_absolute_error"
    formulas = {"values": "Σ_j |p - t| / d", "gradient": "sign(p - t) / d / n"}

    def values(self, prediction: Array, target: Array) -> Array:
        return np.abs(prediction - target).mean(axis=1)

    def gradient(self, prediction: Array, target: Array) -> Array:
        return np.sign(prediction - target) / prediction.shape[1]

    def branches(self, prediction: Array, target: Array) -> Array:
        return np.sign(prediction - target)


class Huber(Loss):
    """l = Σ_j h(p_j - t_j) / d,  h(e) = e²/2 where |e| <= δ, else δ·(|e| - δ/2).

    dl/dp = clip(p - t, -δ, δ) / d. p, t: (n, d).

    Args:
        delta: δ > 0, in units of the target.

    Raises:
        ValueError: a delta that is not above 0.

    Source: Huber 1964.

    Examples:
        Squared below δ, straight above:

        >>> loss = hy.Huber(delta=1.0)
        >>> loss([[0.5]], [[0.0]]), loss([[3.0]], [[0.0]])  # 0.5² / 2, 1·(3 - 0.5)
        (0.125, 2.5)
        >>> loss.backward([[0.5], [3.0]], [[0.0], [0.0]]).tolist()  # 0.5 and 1, of a mean over two
        [[0.25], [0.5]]
    """

    name = "huber"
    formulas = {
        "values": "Σ_j h(p - t) / d,  h(e) = e²/2 where |e| ≤ δ, else δ·(|e| - δ/2)",
        "gradient": "clip(p - t, -δ, δ) / d / n",
    }
    symbols = {"δ": "delta"}

    def __init__(self, delta: float = 1.0) -> None:
        self.delta = checks.number(delta, "delta", low=0, above=True)

    def values(self, prediction: Array, target: Array) -> Array:
        error = np.abs(prediction - target)
        inside = np.minimum(error, self.delta)
        return (inside * (error - 0.5 * inside)).mean(axis=1)

    def gradient(self, prediction: Array, target: Array) -> Array:
        clipped = np.clip(prediction - target, -self.delta, self.delta)
        return clipped / prediction.shape[1]

    def branches(self, prediction: Array, target: Array) -> Array:
        error = prediction - target
        return np.sign(error) * (np.abs(error) > self.delta)


class HalfSquaredError(Loss):
    """l = Σ_j (p_j - t_j)² / 2d,  dl/dp = (p - t) / d.

    p, t: (n, d). Half the mean squared error: scikit-learn's loss, and for one output that of
    *Deep Learning from Scratch*, chapter 4.

    Examples:
        >>> loss = hy.HalfSquaredError()
        >>> loss([[3.0]], [[1.0]])  # 2² / 2
        2.0
        >>> loss.backward([[3.0]], [[1.0]]).tolist()
        [[2.0]]
    """

    name = "half_squared_error"
    formulas = {"values": "Σ_j (p - t)² / 2d", "gradient": "(p - t) / d / n"}

    def values(self, prediction: Array, target: Array) -> Array:
        error = prediction - target
        error *= error
        return error.mean(axis=1) / 2

    def gradient(self, prediction: Array, target: Array) -> Array:
        return (prediction - target) / prediction.shape[1]


class Poisson(Loss):
    """l = Σ_j (exp(z_j) - t_j·z_j) / d,  dl/dz = (exp(z) - t) / d, for counts t >= 0.

    z, t: (n, d). The model gives z, the logarithm of the expected count; without the term ln t!,
    which no weight changes. Above 80, exp(z) stays exp(80) in both formulas, which float32 can
    still hold.

    Raises:
        ValueError: (when called) a count below 0.

    Source: McCullagh and Nelder 1989, chapter 6.

    Examples:
        >>> loss = hy.Poisson()
        >>> loss([[0.0]], [[1]])  # exp(0) - 1·0
        1.0
        >>> loss.backward([[0.0]], [[1]]).tolist()  # 1 is expected, 1 was counted
        [[0.0]]
        >>> loss.backward(np.log([[2.0]]), [[5]]).round(3).tolist()  # 2 expected, 5 counted
        [[-3.0]]
    """

    name = "poisson"
    formulas = {"values": "Σ_j (exp(z) - t·z) / d", "gradient": "(exp(z) - t) / d / n"}

    def values(self, prediction: Array, target: Array) -> Array:
        return (_rate(prediction) - target * prediction).mean(axis=1)

    def gradient(self, prediction: Array, target: Array) -> Array:
        return (_rate(prediction) - target) / prediction.shape[1]

    def target(self, y: Any, output_shape: Shape, argument: str = "y") -> Array:
        y = super().target(y, output_shape, argument)
        if y.size and y.min() < 0:
            raise ValueError(
                f"{argument} must be counts of at least 0 for {self.name}, found {y.min()}; for "
                "numbers of either sign use 'mean_squared_error'"
            )
        return y


def _rate(z: Array) -> Array:
    return np.exp(np.minimum(z, MAX_LOG_RATE))


class Quantile(Loss):
    """l = Σ_j max(q·e_j, (q-1)·e_j) / d with e = t - p: the smallest where p is the quantile q.

    dl/dp = -q / d where t > p, (1-q) / d where t < p, 0 where they are equal. p, t: (n, d).

    Args:
        q: between 0 and 1; 0.5, the median, gives half the mean absolute error.

    Raises:
        ValueError: a q that is not between 0 and 1.

    Source: Koenker and Bassett 1978.

    Examples:
        For the quantile 0.9 a prediction too low costs nine times as much as one too high:

        >>> loss = hy.Quantile(0.9)
        >>> round(loss([[0.0]], [[1.0]]), 3), round(loss([[2.0]], [[1.0]]), 3)
        (0.9, 0.1)
        >>> loss.backward([[0.0], [2.0]], [[1.0], [1.0]]).round(3).tolist()  # of a mean over two
        [[-0.45], [0.05]]
    """

    name = "quantile"
    formulas = {
        "values": "Σ_j max(q·(t - p), (q - 1)·(t - p)) / d",
        "gradient": "(-q where t > p, 1 - q where t < p) / d / n",
    }

    def __init__(self, q: float = 0.5) -> None:
        self.q = checks.number(q, "q", low=0, high=1, above=True, below=True)

    def values(self, prediction: Array, target: Array) -> Array:
        error = target - prediction
        return np.maximum(self.q * error, (self.q - 1) * error).mean(axis=1)

    def gradient(self, prediction: Array, target: Array) -> Array:
        error = target - prediction
        slope = np.where(error > 0, -self.q, (1 - self.q) * (error < 0))
        return slope.astype(prediction.dtype) / prediction.shape[1]

    def branches(self, prediction: Array, target: Array) -> Array:
        return np.sign(target - prediction)
