"""Stragglers and failures, drawn event by event, and the closed forms that they are held against.

A step lasts until its slowest worker is there. A failure of any worker ends the job, which starts
again from its last checkpoint; failures strike at constant rate, in a restart as well. That is the
fault story of MPI; with Dask the others go on, which is the same job with a checkpoint that costs
nothing after each step, and a shorter restart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Waits:
    """How long a worker takes for a step.

    Attributes:
        step: seconds at least.
        jitter: mean of what comes on top, exponential.
        chance: of a hiccup in a step.
        hiccup: seconds that it takes.
    """

    step: float
    jitter: float = 0.0
    chance: float = 0.0
    hiccup: float = 0.0

    def mean_of_slowest(self, workers: int) -> float:
        """The expected step of so many workers, where there is jitter or hiccups, not both.

        The largest of P exponentials is on average Hₚ = 1 + 1/2 + ... + 1/P times their mean;
        some worker has a hiccup with probability 1 − (1 − chance)ᴾ.
        """
        harmonic = math.fsum(1 / k for k in range(1, workers + 1))
        some = -math.expm1(workers * math.log1p(-self.chance))
        return self.step + self.jitter * harmonic + self.hiccup * some

    def total(self, workers: int, steps: int, random: np.random.Generator) -> float:
        """Seconds of so many steps."""
        if self.jitter == self.chance == 0:
            return steps * self.step
        return float(self.slowest(workers, steps, random).sum())

    def slowest(self, workers: int, steps: int, random: np.random.Generator) -> Any:
        """Seconds of so many steps, each of its slowest worker, shape (steps,).

        The largest of k exponentials is drawn at once, by the inverse of its distribution
        (1 − e^(−t))ᵏ; k are those with a hiccup, or those without.
        """
        late = random.binomial(workers, self.chance, steps)
        on_time = self.jitter * _largest(workers - late, random)
        behind = self.hiccup + self.jitter * _largest(late, random)
        return self.step + np.where(late > 0, np.maximum(on_time, behind), on_time)


def _largest(count: Any, random: np.random.Generator) -> Any:
    """The largest of so many draws of mean 1, where there are any."""
    u = 1 - random.random(len(count))  # above 0
    drawn = -np.log(-np.expm1(np.minimum(np.log(u), -1e-16) / np.maximum(count, 1)))
    return np.where(count > 0, drawn, 0.0)


@dataclass(frozen=True)
class Job:
    """A training that is interrupted.

    Attributes:
        waits: of a worker's step.
        workers: how many.
        between: mean seconds between two failures of one worker.
        checkpoint: seconds that writing one takes.
        restart: seconds from a failure until the first step.
    """

    waits: Waits
    workers: int
    between: float
    checkpoint: float
    restart: float

    @property
    def failure(self) -> float:
        """Mean seconds between two failures of any worker (M)."""
        return self.between / self.workers

    def run(self, steps: int, every: int, seed: int) -> float:
        """Seconds of a training of so many steps, with a checkpoint after `every`."""
        random = np.random.default_rng(seed)
        clock, done = 0.0, 0
        left = random.exponential(self.failure)  # until the next failure
        while done < steps:
            count = min(every, steps - done)
            spent = self.waits.total(self.workers, count, random) + self.checkpoint
            while left < spent:  # lost, and once more from the last checkpoint
                clock += left
                left = random.exponential(self.failure)
                while left < self.restart:
                    clock += left
                    left = random.exponential(self.failure)
                clock += self.restart
                left -= self.restart
                spent = self.waits.total(self.workers, count, random) + self.checkpoint
            clock += spent
            left -= spent
            done += count
        return clock

    def stretch(self, interval: float) -> float:
        """Expected seconds by seconds of training, with a checkpoint after so many.

        M·e^(R/M)·(e^((τ + C)/M) − 1)/τ: Daly (2006), with failures in a restart.
        """
        mean = self.failure
        segment = math.expm1(min((interval + self.checkpoint) / mean, 700.0))
        return mean * math.exp(min(self.restart / mean, 700.0)) * segment / interval

    def young(self) -> float:
        """Young's interval (1974): √(2CM) seconds of training."""
        return math.sqrt(2 * self.checkpoint * self.failure)

    def daly(self) -> float:
        """Daly's of higher order (2006); M where a checkpoint takes longer than 2M."""
        mean, cost = self.failure, self.checkpoint
        if cost >= 2 * mean:
            return mean
        x = cost / (2 * mean)
        return math.sqrt(2 * cost * mean) * (1 + math.sqrt(x) / 3 + x / 9) - cost

    def best(self) -> float:
        """The interval that makes `stretch` least: 1 − τ/M = e^(−(τ + C)/M), by Newton's method."""
        scaled, cost = self.daly() / self.failure, self.checkpoint / self.failure
        for _ in range(50):
            above = math.exp(-(scaled + cost)) - 1 + scaled
            scaled -= above / -math.expm1(-(scaled + cost))
        return scaled * self.failure
