"""The reference engine: the layers' own forward and backward passes, a batch at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

import numpy as np

from hyalite.data.samples import Batch, Samples
from hyalite.engines.base import Task, Tick, Totals, results
from hyalite.engines.blas import one_blas_thread
from hyalite.errors import NonFiniteError
from hyalite.layers import Layer
from hyalite.losses import Objective
from hyalite.metrics import Metric
from hyalite.network import Network, backward, forward
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array


class NumpyEngine:
    """Runs training, evaluation and prediction of one network.

    Args:
        network: built.
        shards: how many parts a batch is cut into; the gradients are summed in their order.
    """

    name = "numpy"

    def __init__(self, network: Network, shards: int = 1) -> None:
        self.network, self.shards = network, shards
        self._stages: list[Layer] = []  # one set for a whole fit: its scratch is used at every step

    def ready(self) -> AbstractContextManager[None]:
        """BLAS on one thread: to ask anew in every epoch would cost as much as a small epoch."""
        return one_blas_thread

    def renew(self) -> None:
        """See `Engine.renew`."""
        self._stages = []

    def together(self, task: Task) -> int:
        """One epoch at a time."""
        return 1

    def train(
        self,
        task: Task,
        orders: Sequence[Array | None],
        optimizer: Optimizer,
        begun: Totals,
        tick: Tick,
        finished: Callable[[Totals], object],
        most: int | None = None,
    ) -> None:
        """Epochs, one for each order; see `Engine.train`."""
        parameters, samples, metrics = self.network.ready, task.samples, task.metrics
        self._stages = self._stages or self.network.stages()
        stages = self._stages[:-1] if task.objective.fuses_last else self._stages
        made = 0
        for order in orders:
            if not begun.steps:
                for metric in metrics:
                    metric.reset()
            for start in range(begun.steps * task.batch_size, len(samples), task.batch_size):
                batch = samples.batch(start, min(start + task.batch_size, len(samples)), order)
                loss = self._gradient(stages, batch, task.objective, metrics)
                if not math.isfinite(loss):
                    where = f"batch {begun.steps + 1}; {self.culprit(stages, batch.x)}"
                    raise NonFiniteError(where)
                _add(begun, loss, batch, self.network.penalty())
                self.network.add_penalty_gradient()
                optimizer.step(parameters.theta, parameters.grad)
                self.network.clock.step += 1
                rows, made = begun.rows, made + 1
                if begun.steps == task.steps:
                    self._finish(task, optimizer, begun, finished)
                if tick(rows) or made == most:
                    return

    def _finish(
        self, task: Task, optimizer: Optimizer, epoch: Totals, finished: Callable[[Totals], object]
    ) -> None:
        # After the last step no loss tells. One sum does for nearly every vector; it can also
        # overflow, so look closer then.
        if not math.isfinite(self.network.ready.theta.sum()):
            found = self.bad_parameters()
            if found:
                raise NonFiniteError(f"last batch; {found}")
        learning_rate = optimizer.last_learning_rate
        finished(replace(epoch, metrics=results(task.metrics), learning_rate=learning_rate))
        epoch.clear()

    def gradient(self, task: Task) -> float:
        """The mean loss of all samples with its penalties; its gradient is left in the network's.

        Sample weights are taken to have the mean 1.
        """
        stages = self.network.stages()
        stages = stages[:-1] if task.objective.fuses_last else stages
        batch = task.samples.batch(0, len(task.samples))
        loss = self._gradient(stages, batch, task.objective, ())
        self.network.add_penalty_gradient()
        return loss / len(batch.x) + self.network.penalty()

    def _gradient(
        self,
        stages: Sequence[Layer],
        batch: Batch,
        objective: Objective,
        metrics: Sequence[Metric],
    ) -> float:
        """Write the gradient of the batch's mean loss; return Σ weight · loss."""
        parameters, clock = self.network.ready, self.network.clock
        rows, loss = len(batch.x), 0.0
        shards = min(self.shards, rows)
        total = np.zeros_like(parameters.grad) if shards > 1 else None
        for number in range(shards):
            clock.row = number * rows // shards
            part = slice(clock.row, (number + 1) * rows // shards)
            x, y, weight, counts = (None if v is None else v[part] for v in batch)
            assert x is not None
            assert y is not None
            output = forward(stages, x, training=True)
            prediction, values, dy = objective(output, y, weight, rows)
            loss += _sum(values, weight)
            for metric in metrics:
                metric.update(prediction, y, counts)
            backward(stages, dy)
            if total is not None:
                total += parameters.grad  # in the order of the shards, whoever ran them
        if total is not None:
            parameters.grad[...] = total
        return loss

    def culprit(self, stages: Sequence[Layer], x: Array) -> str:
        """Where a number that is not finite first appears."""
        found = self.bad_parameters()
        if found:
            return found
        for stage in stages:
            x = stage.forward(x, True)
            if not np.isfinite(x).all():
                return f"layer {stage.name}: its output is not finite"
        return "the loss is not finite, though every layer's output is"

    def bad_parameters(self) -> str | None:
        """Which parameters are not finite."""
        parameters = self.network.ready
        return _not_finite(parameters.layout.views(parameters.theta))

    def evaluate(self, task: Task) -> Totals:
        """Loss and metrics without training."""
        totals, samples = Totals(), task.samples
        objective, metrics = task.objective, task.metrics
        for metric in metrics:
            metric.reset()
        stages = self.network.stages()
        stages = stages[:-1] if objective.fuses_last else stages
        with one_blas_thread:
            for start in range(0, len(samples), task.batch_size):
                batch = samples.batch(start, min(start + task.batch_size, len(samples)))
                assert batch.y is not None
                prediction, values = objective.values(forward(stages, batch.x), batch.y)
                for metric in metrics:
                    metric.update(prediction, batch.y, batch.counts)
                _add(totals, _sum(values, batch.weight), batch)
        totals.metrics = results(metrics)
        return totals

    def predictor(self) -> None:
        """None."""

    def predict(self, samples: Samples, batch_size: int) -> Array:
        """The outputs of all samples, (n, *output_shape).

        The stages are this call's own, so calls in several threads do not meet.
        """
        stages = self.network.stages()
        result = np.empty((len(samples), *self.network.output_shape), self.network.dtype)
        with one_blas_thread:
            for start in range(0, len(samples), batch_size):
                stop = min(start + batch_size, len(samples))
                result[start:stop] = forward(stages, samples.batch(start, stop).x)
        return result


def _add(totals: Totals, loss: float, batch: Batch, penalty: float = 0.0) -> None:
    rows = len(batch.x)
    totals.steps += 1
    totals.loss += loss
    totals.weight += rows if batch.weight is None else float(batch.weight.sum())
    totals.penalty += rows * penalty
    totals.rows += rows


def _sum(values: Array, weight: Array | None) -> float:
    return float(values.sum(dtype=np.float64) if weight is None else np.dot(values, weight))


def _not_finite(named: Mapping[str, Array]) -> str | None:
    for name, values in named.items():
        bad = int(np.count_nonzero(~np.isfinite(values)))
        if bad:
            layer, _, key = name.rpartition(".")
            return f"layer {layer}: {bad} of {values.size} entries of {key} are not finite"
    return None
