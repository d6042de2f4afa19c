"""What one step costs on many workers: a model in closed form, with nothing measured in it.

A step on P workers, who hold all n parameters each and have B/P rows of the batch:

    rows:      6nB / (P·F)           three products of 2nB operations: forward, dW, dx
    passes:    40n / M               weights read twice, gradient written, Adam's seven vectors
    overhead:  c                     what neither rows nor parameters change
    latency:   messages · α          `direct`: 2(P−1); `halving`: 2⌈log₂P⌉
    wire:      2(P−1)/P · 4n / W     a slice to everybody, and the sums' slices back
    adding:    (P−1)/P · 12n / M     each addition reads two numbers and writes one

with F operations, M bytes of memory and W bytes of network a second, and α seconds a message.
Nothing overlaps, and the network carries all pairs at once (full bisection). Overlapping could at
best halve the time, since the longer of two parts is at least half of their sum.

Source of the exchange's terms: Thakur, Rabenseifner and Gropp, Optimization of Collective
Communication Operations in MPICH (2005).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from hyalite.workers.shards import nodes_of

FLOAT = 4  # bytes of a parameter
PASSES = 40  # bytes a parameter that a step moves, however few its rows
ADDITION = 12  # bytes a parameter: two read, one written
PRODUCTS = 6  # operations a parameter and row


@dataclass(frozen=True)
class Machine:
    """What a worker computes with.

    Attributes:
        speed: operations a second that the products of a step reach (F).
        memory: bytes a second of passes over the parameters (M).
        overhead: seconds of every step (c).
    """

    speed: float
    memory: float
    overhead: float = 0.0


@dataclass(frozen=True)
class Link:
    """What joins a worker with the others.

    Attributes:
        latency: seconds of a message, however short (α).
        bandwidth: bytes a second, in and out at once (W).
    """

    latency: float
    bandwidth: float


def direct(workers: int) -> int:
    """Messages one after the other, where each worker sends to every other, twice."""
    return 2 * (workers - 1)


def halving(workers: int) -> int:
    """The same by recursive halving and doubling.

    With 2ᵏ workers, neighbours first, its partial sums are those of the fixed binary tree, so it
    changes no byte.
    """
    return 2 * math.ceil(math.log2(workers))


@cache
def partial_sums(shards: int, workers: int) -> tuple[int, ...]:
    """How many gradients each worker sends: the nodes of the fixed tree that are its shards.

    One each where the workers are a power of two that divides the shards.
    """
    return tuple(len(nodes_of(shards, rank, workers)) for rank in range(workers))


class Step(NamedTuple):
    """Seconds of a step by part."""

    rows: float
    passes: float
    overhead: float
    latency: float
    wire: float
    adding: float

    @property
    def compute(self) -> float:
        """What a worker does alone."""
        return self.rows + self.passes + self.overhead

    @property
    def exchange(self) -> float:
        """What there is only with several workers."""
        return self.latency + self.wire + self.adding

    @property
    def total(self) -> float:
        """All of it."""
        return self.compute + self.exchange


def step(
    parameters: float,
    batch: float,
    workers: int,
    machine: Machine,
    link: Link,
    *,
    shards: int | None = None,
    messages: Callable[[int], int] = direct,
) -> Step:
    """The parts of a step.

    Args:
        parameters: of the network (n).
        batch: rows of a step, over all workers (B).
        workers: how many (P).
        machine: each of them.
        link: between them.
        shards: that the batch is cut into; as many as workers unless given. The busiest worker has
            ⌈shards/P⌉ of them and adds their gradients up, to the `partial_sums` that it sends.
        messages: one after the other, by the number of workers.

    Raises:
        ValueError: more workers than shards.
    """
    shards = shards or workers
    if shards < workers:
        raise ValueError(f"workers must be at most the shards, {shards}; got {workers}")
    busiest = -(-shards // workers)
    sums = partial_sums(shards, workers)
    others = parameters * (workers - 1) / workers
    return Step(
        rows=PRODUCTS * parameters * batch * busiest / shards / machine.speed,
        passes=(PASSES + ADDITION * (busiest - 1)) * parameters / machine.memory,
        overhead=machine.overhead,
        latency=messages(workers) * link.latency if workers > 1 else 0.0,
        wire=(max(sums) + 1) * FLOAT * others / link.bandwidth,
        adding=(sum(sums) - 1) * ADDITION * parameters / workers / machine.memory,
    )


def speed_up(parameters: float, batch: float, workers: int, machine: Machine, link: Link) -> float:
    """How many times as fast as one worker, with the same batch."""
    alone = step(parameters, batch, 1, machine, link).total
    return alone / step(parameters, batch, workers, machine, link).total


def break_even(parameters: float, workers: int, machine: Machine, link: Link) -> float:
    """The batch from which so many workers are faster than one.

    What is saved, (1 − 1/P)·6nB/F, is then the exchange. For large n it is 4/3·F/W and the adding,
    whatever n and P.
    """
    exchange = step(parameters, 0, workers, machine, link).exchange
    return exchange * machine.speed / (PRODUCTS * parameters * (1 - 1 / workers))


def half_of_all(parameters: float, workers: int, machine: Machine, link: Link) -> float:
    """The batch from which P workers are at least P/2 times as fast as one.

    With A = passes and overhead, X = 6nB/F, E the exchange: A + X = P/2·(A + X/P + E), so
    X = (P − 2)·A + P·E.
    """
    parts = step(parameters, 0, workers, machine, link)
    products = (workers - 2) * parts.compute + workers * parts.exchange
    return products * machine.speed / (PRODUCTS * parameters)


def to_target(
    parameters: float, noise: float, workers: int, machine: Machine, link: Link
) -> tuple[float, float]:
    """Seconds to a given loss with the batch that is best for it, as so many steps of huge batches.

    Steps to a loss are S·(1 + noise/B) (McCandlish et al. 2018, arXiv 1812.06162), S those that the
    largest batches take, `noise` the gradient noise scale in rows. The seconds are those by S.

    Returns:
        Seconds by S, and the best batch, a power of √2 with at least a row for each worker.
    """
    batches = (2 ** (power / 2) for power in range(2 * math.ceil(math.log2(workers)), 49))
    return min(
        ((1 + noise / batch) * step(parameters, batch, workers, machine, link).total, batch)
        for batch in batches
    )
