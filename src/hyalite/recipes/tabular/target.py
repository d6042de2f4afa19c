"""A target of numbers in the form that a network is trained to give, and back to its own unit."""

from __future__ import annotations

from typing import Self

import numpy as np

from hyalite import checks
from hyalite.config import Configurable
from hyalite.parameters import Array


class TargetScale(Configurable):
    """z = (f(y) - mean) / scale, where f is the identity or the logarithm.

    Back: y = factor·f⁻¹(z·scale + mean), no farther than what training saw or a margin beyond,
    since a network runs straight on; and there are no negative prices. The mean of a logarithm is
    not the logarithm of the mean: `factor` mends that, the least squares' of y over the
    predictions.

    Args:
        mean, scale: of f(y) over the training rows.
        low, high: the least and the largest answer.
        log: whether f is the logarithm, for positive y.
        factor: by which answers are multiplied.

    Source: Duan 1983, *Smearing estimate*, for the mending; clipping: Holzmüller et al. 2024.
    """

    def __init__(
        self,
        mean: float,
        scale: float,
        low: float,
        high: float,
        log: bool = False,
        factor: float = 1.0,
    ) -> None:
        self.mean = checks.number(mean, "mean")
        self.scale = checks.number(scale, "scale", low=0, above=True)
        self.low, self.high = checks.number(low, "low"), checks.number(high, "high")
        self.log, self.factor = bool(log), checks.number(factor, "factor", low=0, above=True)

    @classmethod
    def learn(cls, y: Array, weight: Array, log: bool = False, margin: float = 0.0) -> Self:
        """From the training rows' numbers and what each counts.

        Args:
            y: the numbers (n,).
            weight: what each counts (n,).
            log: whether the logarithm is learned.
            margin: how far answers may go beyond the numbers' ends, in their range; where none is
                below zero, or above it, no answer is either. 0 for a logarithm.
        """
        found = np.log(y) if log else y
        mean = float(np.average(found, weights=weight))
        spread = float(np.sqrt(np.average((found - mean) ** 2, weights=weight)))
        least, most = float(y.min()), float(y.max())
        reach = margin * (most - least)
        low = least - reach if least < 0 else max(0.0, least - reach)
        high = most + reach if most > 0 else min(0.0, most + reach)
        return cls(mean, spread or 1.0, low, high, log)

    def encode(self, y: Array) -> Array:
        """y (n,) -> z (n,)."""
        return ((np.log(y) if self.log else y) - self.mean) / self.scale

    def decode(self, z: Array) -> Array:
        """z (n,) -> y (n,), float64."""
        found = z.astype(np.float64) * self.scale + self.mean
        if self.log:  # the clip first: no network may overflow the exponential
            found = np.exp(found.clip(np.log(self.low), np.log(self.high)))
        return (self.factor * found).clip(self.low, self.high)

    def mended(self, y: Array, predicted: Array, weight: Array) -> Self:
        """With the factor for these predictions of rows that were not trained on."""
        if not self.log:
            return self
        square = float(np.average(predicted**2, weights=weight))
        factor = float(np.average(y * predicted, weights=weight)) / (square or 1.0)
        settings = self.get_config() | {"factor": min(2.0, max(0.5, factor))}
        return type(self)(**settings)


def may_be_logarithm(y: Array) -> bool:
    """Whether a logarithm suits the target's shape: all above 0, and skew to the right."""
    if y.min() <= 0 or len(np.unique(y)) < 10:
        return False
    centred = y - y.mean()
    spread = float(np.sqrt(np.mean(centred**2)))
    return bool(spread > 0 and np.mean(centred**3) > spread**3)  # skewness above 1
