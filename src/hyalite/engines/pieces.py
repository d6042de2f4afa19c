"""Measuring samples that come in pieces: what each piece gives is added up."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hyalite.data.block_samples import BlockSamples
from hyalite.engines.base import Engine, Task, Totals, results
from hyalite.engines.compiled.lowering.support import ACCURACY_KINDS
from hyalite.metrics import Metric


class PieceMetrics:
    """The metrics of a task, and what a piece's own task is given in their place.

    Args:
        metrics: of the task.

    Attributes:
        within: for the pieces. An accuracy, which the compiled engine counts itself, is a copy,
            whose sums `add` takes over; to the others each piece adds as it is measured.
    """

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self.metrics = metrics
        self.within: list[Any] = [
            copy.copy(one) if type(one) in ACCURACY_KINDS else _Adding(one) for one in metrics
        ]

    def reset(self) -> None:
        """Forget all pieces."""
        for metric in self.metrics:
            metric.reset()

    def add(self) -> None:
        """Count a piece that is done."""
        for metric, own in zip(self.metrics, self.within, strict=True):
            if not isinstance(own, _Adding):
                metric.add(own.total, own.weight)  # type: ignore[attr-defined]


class _Adding:
    """A metric that is not reset between pieces."""

    def __init__(self, metric: Metric) -> None:
        self.name, self.update = metric.name, metric.update

    def reset(self) -> None:
        """Nothing."""

    def result(self) -> None:
        """Nothing, until all pieces are done."""


def evaluate_in_stretches(engine: Engine, task: Task) -> Totals:
    """Loss and metrics without training, of rows that are read as they lie."""
    samples, metrics, whole = task.samples, PieceMetrics(task.metrics), Totals()
    assert isinstance(samples, BlockSamples)
    metrics.reset()
    order = samples.as_they_lie(task.batch_size)
    for number in range(order.count):
        part, _ = samples.of_stretch(order, order.stretch(number), whole=True)
        found = engine.evaluate(replace(task, samples=part, metrics=metrics.within))
        metrics.add()
        whole.loss += found.loss
        whole.weight += found.weight
        whole.rows += found.rows
    whole.metrics = results(task.metrics)
    return whole
