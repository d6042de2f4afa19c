"""Measuring by shards: validation samples are cut, too, so that workers can share them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from hyalite.data.samples import Samples
from hyalite.parameters import Array
from hyalite.workers import Group
from hyalite.workers.shards import count_of, rows_of_shard, shards_of
from hyalite.workers.talk import swap

MEASURED = 5  # what an exchange is about


class Measured(NamedTuple):
    """What a forward pass over some samples gives."""

    loss: float  # Σ weight · loss
    correct: float  # Σ count of those that are right, where the engine counts them itself
    predictions: Array  # (rows, outputs), or no rows where nobody needs them


def measured_by_shards(
    samples: Samples,
    shards: int,
    workers: Group,
    outputs: int,
    measure: Callable[[Samples], Measured],
) -> Measured:
    """What all samples give: each shard measured by itself, by the worker whose it is.

    Args:
        samples: to be measured.
        shards: how many parts they are cut into.
        workers: who share them.
        outputs: of the network.
        measure: what measures some of them.
    """
    rows = len(samples)
    count = count_of(shards, rows)
    bounds = (
        rows_of_shard(number, count, rows)
        for number in range(*shards_of(count, workers.rank, workers.size))
    )
    found = [measure(samples.part(*both)) for both in bounds]
    sums = np.array([one[:2] for one in found]).reshape(-1, 2)
    nothing = np.empty((0, outputs), samples.dtype)
    predictions = np.concatenate([nothing, *(one.predictions for one in found)])
    if workers.size > 1:
        got = swap(workers, (MEASURED,), [[sums, predictions]] * workers.size)
        sums = np.concatenate([one.view(np.float64).reshape(-1, 2) for one, _ in got])
        parts = [part.view(samples.dtype).reshape(-1, outputs) for _, part in got]
        predictions = np.concatenate(parts)
    loss, correct = 0.0, 0.0
    for one, other in sums.tolist():  # shard after shard, whoever measured it
        loss, correct = loss + one, correct + other
    return Measured(loss, correct, predictions)
