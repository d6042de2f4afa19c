"""The reference engine: the layers' own forward and backward passes, a batch at a time.

What the whole file does, but for shards, metrics and what may go wrong::

    for order in orders:                              # an epoch
        for x, y in batches(samples, order):          # a step
            output = forward(stages, x)               # each layer: y = f(x·W + b)
            loss, dy = objective(output, y)           # how wrong, and its derivative by the output
            backward(stages, dy)                      # each layer: dW, db into `grad`, dx = dy·Wᵀ
            add_penalty_gradient()                    # + λ1·sign(W) + 2·λ2·W
            optimizer.step(theta, grad)               # such as theta -= learning_rate·grad
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

import numpy as np

from hyalite.data.samples import Batch, Samples
from hyalite.engines.base import OnStep, Order, Task, Totals, go_on, results
from hyalite.engines.blas import one_blas_thread
from hyalite.errors import NonFiniteError
from hyalite.layers import Layer
from hyalite.layers.chain import backward, forward
from hyalite.losses import Objective
from hyalite.metrics import Metric
from hyalite.network import Network
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array


class NumpyEngine:
    """Runs training, evaluation and prediction of one network.

    Args:
        network: built, for all but `start`'s caller, who builds it before the first step.
        shards: how many parts a batch is cut into; the gradients are summed in their order.
    """

    name = "numpy"

    def __init__(self, network: Network, shards: int = 1) -> None:
        self.network, self.shards = network, shards

    def start(self, task: Task, optimizer: Optimizer) -> NumpyRun:
        """See `Engine.start`."""
        return NumpyRun(self, task, optimizer)

    def gradient(self, task: Task) -> float:
        """The mean loss of all samples with its penalties; its gradient is left in the network's.

        Sample weights are taken to have the mean 1.
        """
        stages = self.network.stages(task.objective)
        batch = task.samples.batch(0, len(task.samples))
        loss = self.batch_gradient(stages, batch, task.objective, ())
        self.network.add_penalty_gradient()
        return loss / len(batch.x) + self.network.penalty()

    def batch_gradient(
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

    def locate_non_finite(self, objective: Objective, x: Array) -> str:
        """Where a number that is not finite first appears."""
        found = self.bad_parameters()
        if found:
            return found
        name = _first_not_finite(self.network.stages(objective), x)
        if name is not None:
            return f"layer {name}: its output is not finite"
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
        stages = self.network.stages(objective)
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


class NumpyRun(AbstractContextManager["NumpyRun"]):
    """Training by the reference engine; see `engines.base.Run`."""

    def __init__(self, engine: NumpyEngine, task: Task, optimizer: Optimizer) -> None:
        self.engine, self.task, self.optimizer = engine, task, optimizer
        self.partial = Totals()
        self._stages: list[Layer] = []  # one set for the whole run: their scratch is used again

    def __enter__(self) -> NumpyRun:
        # BLAS on one thread: to ask anew in every epoch would cost as much as a small epoch
        one_blas_thread.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        one_blas_thread.__exit__()

    def refresh(self) -> None:
        """See `Run.refresh`."""
        self._stages = []

    def epochs_at_once(self) -> int:
        """One."""
        return 1

    def advance(
        self,
        orders: Sequence[Order],
        max_steps: int | None = None,
        on_step: OnStep = go_on,
    ) -> Iterator[Totals]:
        """See `Run.advance`."""
        engine, task, optimizer = self.engine, self.task, self.optimizer
        network, samples, made = engine.network, task.samples, 0
        parameters = network.ready
        self._stages = self._stages or network.stages(task.objective)
        for order in orders:
            if not self.partial.steps:
                for metric in task.metrics:
                    metric.reset()
            for start in range(self.partial.rows, len(samples), task.batch_size):
                batch = samples.batch(start, min(start + task.batch_size, len(samples)), order)
                loss = engine.batch_gradient(self._stages, batch, task.objective, task.metrics)
                if not math.isfinite(loss):
                    where = engine.locate_non_finite(task.objective, batch.x)
                    raise NonFiniteError(f"batch {self.partial.steps + 1}; {where}")
                _add(self.partial, loss, batch, network.penalty())
                network.add_penalty_gradient()
                optimizer.step(parameters.theta, parameters.grad)
                network.clock.step += 1
                rows, made = self.partial.rows, made + 1
                if rows == len(samples):
                    yield self._finish()
                if on_step(rows) or made == max_steps:
                    return

    def _finish(self) -> Totals:
        """The sums of the epoch."""
        # After the last step no loss tells. One sum does for nearly every vector; it can also
        # overflow, so look closer then.
        if not math.isfinite(self.engine.network.ready.theta.sum()):
            found = self.engine.bad_parameters()
            if found:
                raise NonFiniteError(f"last batch; {found}")
        whole, self.partial = self.partial, Totals()
        whole.metrics = results(self.task.metrics)
        whole.learning_rate = self.optimizer.last_learning_rate
        return whole


def _add(totals: Totals, loss: float, batch: Batch, penalty: float = 0.0) -> None:
    rows = len(batch.x)
    totals.steps += 1
    totals.loss += loss
    totals.weight += rows if batch.weight is None else float(batch.weight.sum())
    totals.penalty += rows * penalty
    totals.rows += rows


def _sum(values: Array, weight: Array | None) -> float:
    return float(values.sum(dtype=np.float64) if weight is None else np.dot(values, weight))


def _first_not_finite(stages: Sequence[Layer], x: Array) -> str | None:
    """The name of the first stage, be it within a block, whose output is not finite."""
    for stage in stages:
        y = stage.forward(x, True)
        if not np.isfinite(y).all():
            return _first_not_finite(stage.within, x) or stage.name
        x = y
    return None


def _not_finite(named: Mapping[str, Array]) -> str | None:
    for name, values in named.items():
        bad = int(np.count_nonzero(~np.isfinite(values)))
        if bad:
            layer, _, key = name.rpartition(".")
            return f"layer {layer}: {bad} of {values.size} entries of {key} are not finite"
    return None
