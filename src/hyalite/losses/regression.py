"""The losses of numbers: mean squared error, mean absolute error, Huber's."""

from __future__ import annotations

import numpy as np

from hyalite import checks
from hyalite.losses.base import Loss
from hyalite.parameters import Array


class MeanSquaredError(Loss):
    """l = Σ_j (p_j - t_j)² / d,  dl/dp = 2·(p - t) / d.

    p, t: (n, d). Source: *Neural Networks from Scratch*, chapter 17. (*Deep Learning from
    Scratch* takes Σ/2 instead of the mean.)
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
        delta: δ > 0, in units of the target. Source: Huber 1964.
    """

    name = "huber"
    formulas = {"values": "Σ_j h(p - t) / d", "gradient": "clip(p - t, -δ, δ) / d / n"}

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
