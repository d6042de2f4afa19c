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

from hyalite.data.block_samples import BlockSamples
from hyalite.data.samples import Batch, Samples
from hyalite.engines.base import OnStep, Order, Task, Totals, go_on, results
from hyalite.engines.blas import no_false_alarm, one_blas_thread
from hyalite.engines.validation import Measured, measured_by_shards
from hyalite.errors import NonFiniteError
from hyalite.layers import Layer
from hyalite.layers.chain import backward, forward
from hyalite.losses import Objective
from hyalite.metrics import Metric
from hyalite.network import Network
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array
from hyalite.workers import Group, alone
from hyalite.workers.shards import Node, count_of, rows_of_shard, total


class NumpyEngine:
    """Runs training, evaluation and prediction of one network.

    Args:
        network: built, for all but `start`'s caller, who builds it before the first step.
        shards: how many parts a batch is cut into; the gradient of each is made from zero, and they
            are added in the order of a tree, the same wherever they were made.
        workers: that share the shards; None for this process alone.
    """

    name = "numpy"

    def __init__(self, network: Network, shards: int = 1, workers: Group | None = None) -> None:
        self.network, self.shards = network, shards
        self.workers = alone() if workers is None else workers

    def start(self, task: Task, optimizer: Optimizer) -> NumpyRun:
        """See `Engine.start`."""
        if self.workers.size > 1:
            from hyalite.engines.numpy_workers import SharedNumpyRun

            return SharedNumpyRun(self, task, optimizer)
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
        parameters, rows, loss = self.network.ready, len(batch.x), 0.0
        count = count_of(self.shards, rows)

        def gradient(node: Node) -> Array | None:
            nonlocal loss
            if node[1] - node[0] > 1:
                return None
            first, stop = rows_of_shard(node[0], count, rows)
            shard = part_of(batch, first, stop)
            value, prediction = self.shard_gradient(stages, shard, objective, first, rows)
            loss += value
            for metric in metrics:
                assert shard.y is not None
                metric.update(prediction, shard.y, shard.counts)
            return parameters.grad.copy() if count > 1 else parameters.grad

        whole = total(0, count, gradient, added)
        if count > 1:
            parameters.grad[...] = whole
        return loss

    def shard_gradient(
        self, stages: Sequence[Layer], shard: Batch, objective: Objective, first: int, rows: int
    ) -> tuple[float, Array]:
        """Write the gradient of a shard, as part of that of the batch's mean loss.

        Args:
            stages: of the network.
            shard: its rows.
            objective: the loss.
            first: the place of its first row in the batch,
            rows: and how many rows that has in all.

        Returns:
            Σ weight · loss, and the predictions.
        """
        self.network.clock.row = first
        output = forward(stages, shard.x, training=True)
        assert shard.y is not None
        prediction, values, dy = objective(output, shard.y, shard.weight, rows)
        backward(stages, dy)
        return sum_of(values, shard.weight), prediction

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
        if self.shards > 1 and isinstance(task.samples, BlockSamples):
            from hyalite.engines.pieces import evaluate_in_stretches

            return evaluate_in_stretches(self, task)
        if self.shards > 1:
            return self._evaluate_by_shards(task)
        totals, samples = Totals(), task.samples
        objective, metrics = task.objective, task.metrics
        for metric in metrics:
            metric.reset()
        stages = self.network.stages(objective)
        with one_blas_thread, no_false_alarm():
            for start in range(0, len(samples), task.batch_size):
                batch = samples.batch(start, min(start + task.batch_size, len(samples)))
                assert batch.y is not None
                prediction, values = objective.values(forward(stages, batch.x), batch.y)
                for metric in metrics:
                    metric.update(prediction, batch.y, batch.counts)
                loss = sum_of(values, batch.weight)
                _add(totals, loss, weight_of(batch, 1), len(batch.x))
        totals.metrics = results(metrics)
        return totals

    def _evaluate_by_shards(self, task: Task) -> Totals:
        """The same, of each shard by itself, so that workers can share them."""
        objective, samples = task.objective, task.samples
        stages = self.network.stages(objective)

        def measured(some: Samples) -> Measured:
            loss, predictions = 0.0, np.empty((0, *objective.outputs), self.network.dtype)
            for start in range(0, len(some), task.batch_size):
                batch = some.batch(start, min(start + task.batch_size, len(some)))
                assert batch.y is not None
                prediction, values = objective.values(forward(stages, batch.x), batch.y)
                loss += sum_of(values, batch.weight)
                if task.metrics:
                    predictions = np.concatenate([predictions, prediction])
            return Measured(loss, 0.0, predictions)

        outputs = objective.outputs[0]
        with one_blas_thread, no_false_alarm():
            found = measured_by_shards(samples, self.shards, self.workers, outputs, measured)
        _, y, weight, counts = samples.everything()
        for metric in task.metrics:
            metric.reset()
            update_by_shards(metric, found.predictions, y, counts, self.shards)
        total_weight = float(len(samples) if weight is None else weight.sum())
        figures = results(task.metrics)
        return Totals(0, len(samples), found.loss, total_weight, metrics=figures)

    def predictor(self) -> None:
        """None."""

    def predict(self, samples: Samples, batch_size: int) -> Array:
        """The outputs of all samples, (n, *output_shape).

        The stages are this call's own, so calls in several threads do not meet.
        """
        stages = self.network.stages()
        result = np.empty((len(samples), *self.network.output_shape), self.network.dtype)
        with one_blas_thread, no_false_alarm():
            for start in range(0, len(samples), batch_size):
                stop = min(start + batch_size, len(samples))
                result[start:stop] = forward(stages, samples.batch(start, stop).x)
        return result


class NumpyRun(AbstractContextManager["NumpyRun"]):
    """Training by the reference engine; see `engines.base.Run`."""

    alone = True  # whether it pauses by its own decision

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
        samples, clock = self.task.samples, self.engine.network.clock
        made, wish = 0, False
        self._stages = self._stages or self.engine.network.stages(self.task.objective)
        for order in orders:
            if not self.partial.steps:
                for metric in self.task.metrics:
                    metric.reset()
            for start in range(self.partial.rows, len(samples), self.task.batch_size):
                stop, made = min(start + self.task.batch_size, len(samples)), made + 1
                pauses = self._step(start, stop, order, wish or made == max_steps)
                clock.step += 1
                rows = self.partial.rows
                if rows == len(samples):
                    yield self._finish()
                wish = on_step(rows)
                if pauses or (wish and self.alone):
                    return

    def _step(self, start: int, stop: int, order: Order, wish: bool) -> bool:
        """A step of these places of the order; whether to pause behind it, as is wished."""
        engine, task = self.engine, self.task
        batch = task.samples.batch(start, stop, order)
        loss = engine.batch_gradient(self._stages, batch, task.objective, task.metrics)
        weight = weight_of(batch, count_of(engine.shards, stop - start))
        self._update(loss, weight, start, stop, order)
        return wish

    def _update(self, loss: float, weight: float, start: int, stop: int, order: Order) -> None:
        """Move theta against the gradient of the whole batch."""
        network = self.engine.network
        if not math.isfinite(loss):
            self.task.samples.complete()
            batch = self.task.samples.batch(start, stop, order)
            where = self.engine.locate_non_finite(self.task.objective, batch.x)
            raise NonFiniteError(f"batch {self.partial.steps + 1}; {where}")
        _add(self.partial, loss, weight, stop - start, network.penalty())
        network.add_penalty_gradient()
        self.optimizer.step(network.ready.theta, network.ready.grad)

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


def _add(totals: Totals, loss: float, weight: float, rows: int, penalty: float = 0.0) -> None:
    totals.steps += 1
    totals.loss += loss
    totals.weight += weight
    totals.penalty += rows * penalty
    totals.rows += rows


def part_of(batch: Batch, first: int, stop: int) -> Batch:
    """Some of its rows."""
    x, *others = (None if one is None else one[first:stop] for one in batch)
    assert x is not None
    return Batch(x, *others)


def update_by_shards(
    metric: Metric, prediction: Array, y: Array | None, counts: Array | None, shards: int
) -> None:
    """Let a metric count the shards of a batch, one after the other."""
    rows = len(prediction)
    count = count_of(shards, rows)
    for number in range(count):
        first, stop = rows_of_shard(number, count, rows)
        assert y is not None
        some = None if counts is None else counts[first:stop]
        metric.update(prediction[first:stop], y[first:stop], some)


def weight_of(batch: Batch, count: int) -> float:
    """The sum of the rows' weights, shard after shard."""
    rows = len(batch.x)
    if batch.weight is None:
        return float(rows)
    bounds = (rows_of_shard(number, count, rows) for number in range(count))
    return sum(float(batch.weight[first:stop].sum()) for first, stop in bounds)


def added(one: Array, other: Array) -> Array:
    """Their sum, in the place of the first."""
    return np.add(one, other, out=one)


def sum_of(values: Array, weight: Array | None) -> float:
    """Σ weight · value."""
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
