"""The reference engine's step where workers share it: own shards, then the exchange."""

from __future__ import annotations

import numpy as np

from hyalite.engines.base import Order, Task
from hyalite.engines.numpy import (
    NumpyEngine,
    NumpyRun,
    added,
    part_of,
    update_by_shards,
    weight_of,
)
from hyalite.exact import is_exactly
from hyalite.layers import BatchNormalization
from hyalite.network import Network
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array
from hyalite.workers.group import Message
from hyalite.workers.shards import Node, count_of, nodes_of, rows_of, rows_of_shard, total
from hyalite.workers.step import NOTHING, PAUSE, StepExchange


class SharedNumpyRun(NumpyRun):
    """Training by the reference engine, each worker its shards; see `engines.base.Run`."""

    alone = False

    def __init__(self, engine: NumpyEngine, task: Task, optimizer: Optimizer) -> None:
        super().__init__(engine, task, optimizer)
        self._exchange = StepExchange(engine.workers)

    def _step(self, start: int, stop: int, order: Order, wish: bool) -> bool:
        engine, task, group = self.engine, self.task, self.engine.workers
        parameters, clock, rows = engine.network.ready, engine.network.clock, stop - start
        count = count_of(engine.shards, rows)
        low, high = rows_of(rows, engine.shards, group.rank, group.size)
        batch = task.samples.batch(start + low, start + high, order)
        losses: list[float] = []
        weights: list[float] = []
        moments: list[Array] = []
        predictions: list[Array] = []

        def gradient(node: Node) -> Array | None:
            if node[1] - node[0] > 1:
                return None
            first, behind = rows_of_shard(node[0], count, rows)
            shard = part_of(batch, first - low, behind - low)
            # running ← momentum·running + what is new: from -0 what is left is just that, and
            # the sign of a zero with it
            parameters.state[...] = -0.0
            loss, prediction = engine.shard_gradient(
                self._stages, shard, task.objective, first, rows
            )
            losses.append(loss)
            weights.append(weight_of(shard, 1))
            moments.append(parameters.state.copy())
            if task.metrics:
                predictions.append(prediction.copy())
            return parameters.grad.copy()

        before = parameters.state.copy()
        try:
            sums = [
                total(*node, gradient, added) for node in nodes_of(count, group.rank, group.size)
            ]
        finally:
            parameters.state[...] = before
        riders = [
            np.array([losses, weights]),
            np.concatenate([before[:0], *moments]),
            np.concatenate([np.empty((0, *task.objective.outputs), before.dtype), *predictions]),
        ]
        wishes, riding = self._exchange(
            clock.step, count, sums, parameters.grad, riders, PAUSE if wish else NOTHING
        )
        loss, weight = self._account(riding, start, stop, order)
        self._update(loss, weight, start, stop, order)
        return bool(wishes & PAUSE)

    def _account(
        self, riding: list[Message], start: int, stop: int, order: Order
    ) -> tuple[float, float]:
        """Take over what all shards have left, in their order; the batch's loss and weight."""
        parameters = self.engine.network.ready
        figures = np.concatenate([one.view(np.float64).reshape(2, -1) for one, *_ in riding], 1)
        loss, weight = 0.0, 0.0
        for one, other in figures.T.tolist():
            loss, weight = loss + one, weight + other
        if parameters.state.size:
            momentum = momenta(self.engine.network)
            for _, moments, _ in riding:
                shape = -1, parameters.state.size
                for new in moments.view(parameters.state.dtype).reshape(shape):
                    parameters.state[...] = momentum * parameters.state + new
        if self.task.metrics:
            self._count(riding, start, stop, order)
        return loss, weight

    def _count(self, riding: list[Message], start: int, stop: int, order: Order) -> None:
        """Let the metrics count what all have predicted."""
        objective, dtype = self.task.objective, self.engine.network.dtype
        prediction = np.concatenate(
            [one.view(dtype).reshape(-1, *objective.outputs) for _, _, one in riding]
        )
        _, y, _, counts = self.task.samples.targets(start, stop, order)
        for metric in self.task.metrics:
            update_by_shards(metric, prediction, y, counts, self.engine.shards)


def momenta(network: Network) -> Array:
    """The momentum of each running statistic, laid out as they are."""
    parameters = network.ready
    result = np.zeros_like(parameters.state)
    views = parameters.state_layout.views(result)
    for place in network.walk():
        if is_exactly(place.layer, BatchNormalization):
            for name, view in views.items():
                if name.rpartition(".")[0] == place.name:
                    view[...] = place.layer.momentum
    return result
