"""Training on rows that come in stretches: for the kernels each is a small epoch.

What goes on from one stretch to the next are the sums: of losses, of penalties, of metrics. Masks
depend on the step's number and the place in the batch, so they are what they would be in one piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from hyalite.data.block_order import EpochOrder
from hyalite.data.block_samples import BlockSamples
from hyalite.engines.base import OnStep, Task, Totals, go_on, results
from hyalite.engines.compiled.runtime.run import CompiledRun, Runtime
from hyalite.engines.pieces import PieceMetrics
from hyalite.optimizers import Optimizer


class StretchedRun(AbstractContextManager["StretchedRun"]):
    """Training by the kernels, a stretch at a time; see `engines.base.Run`.

    In `partial`, `correct` and `predictions` are those of the stretch that is begun, `weight` is
    that of the stretches before it.

    Args:
        run: makes the training of one stretch.
    """

    def __init__(
        self,
        runtime: Runtime,
        task: Task,
        optimizer: Optimizer,
        run: Callable[[Runtime, Task, Optimizer], CompiledRun],
    ) -> None:
        self.runtime, self.task, self.optimizer, self._run = runtime, task, optimizer, run
        self.partial = Totals()
        self._metrics = PieceMetrics(task.metrics)
        self._held = run(runtime, task, optimizer)

    def __enter__(self) -> StretchedRun:
        self._held.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._held.__exit__(*error)

    def refresh(self) -> None:
        """See `Run.refresh`."""

    def epochs_at_once(self) -> int:
        """One."""
        return 1

    def advance(
        self,
        orders: Sequence[Any],
        max_steps: int | None = None,
        on_step: OnStep = go_on,
    ) -> Iterator[Totals]:
        """See `Run.advance`; the orders are `EpochOrder`s."""
        stop = None if max_steps is None else self.optimizer.steps + max_steps
        for order in orders:
            if not self.partial.steps:
                self._metrics.reset()
            ended = False
            while not ended:
                left = None if stop is None else stop - self.optimizer.steps
                paused = self._advance_in_stretch(order, left, on_step)
                ended = self.partial.rows == order.rows
                if ended:
                    yield self._finish()
                if paused or (stop is not None and self.optimizer.steps >= stop):
                    return

    def _advance_in_stretch(self, order: EpochOrder, left: int | None, on_step: OnStep) -> bool:
        """Train on a stretch, or what is left of it; whether training is to pause."""
        samples, before = self.task.samples, self.partial
        assert isinstance(samples, BlockSamples)
        stretch = order.at(before.steps)
        part, places = samples.of_stretch(order, stretch)
        task = replace(
            self.task, samples=part, batch_size=order.batch_size, metrics=self._metrics.within
        )
        run = self._run(self.runtime, task, self.optimizer)
        run.partial = replace(
            before,
            steps=before.steps - stretch.first_step,
            rows=before.rows - stretch.first_row,
            predictions=None if before.predictions is None else before.predictions[: stretch.rows],
        )
        paused = False

        def noted(rows: int) -> bool:
            nonlocal paused
            paused = on_step(stretch.first_row + rows)
            return paused

        finished: list[Totals] = []
        try:
            finished.extend(run.advance([places], left, noted))
        finally:
            now = finished[0] if finished else run.partial
            if finished or now.steps:
                self.partial = replace(
                    now,
                    steps=stretch.first_step + now.steps,
                    rows=stretch.first_row + now.rows,
                    weight=before.weight,
                    metrics={},
                )
        if finished:
            self._metrics.add()
            self.partial.weight += now.weight
            self.partial.correct, self.partial.predictions = 0.0, None
        return paused

    def _finish(self) -> Totals:
        whole, self.partial = self.partial, Totals()
        whole.metrics = results(self.task.metrics)
        return whole
