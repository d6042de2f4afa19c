"""The reference engine: the layers' own forward and backward passes, a batch at a time."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hyalite.data.samples import Samples
from hyalite.errors import NonFiniteError
from hyalite.layers import Layer
from hyalite.losses import Objective
from hyalite.metrics import Metric
from hyalite.network import Network, backward, forward
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array

Tick = Callable[[int], object]  # told the number of rows done, after every batch


@dataclass
class Totals:
    """Sums over the samples of an epoch."""

    loss: float = 0.0  # Σ weight · loss of the sample
    weight: float = 0.0
    penalty: float = 0.0  # Σ rows · penalty at that batch
    rows: int = 0


class NumpyEngine:
    """Runs training, evaluation and prediction of one network.

    Args:
        network: built.
        shards: how many parts a batch is cut into; the gradients are summed in their order.
    """

    name = "numpy"

    def __init__(self, network: Network, shards: int = 1) -> None:
        self.network, self.shards = network, shards
        self._stages = network.stages()
        self._predicting = threading.local()

    def train_epoch(
        self,
        samples: Samples,
        order: Array | None,
        batch_size: int,
        objective: Objective,
        optimizer: Optimizer,
        metrics: Sequence[Metric],
        tick: Tick,
    ) -> Totals:
        """One pass over the samples.

        Raises:
            NonFiniteError: a loss that is not finite, before the step that would use it.
        """
        totals = Totals()
        stages = self._stages[:-1] if objective.fuses_last else self._stages
        for number, start in enumerate(range(0, len(samples), batch_size), 1):
            rows = min(batch_size, len(samples) - start)
            x, y, weight = samples.batch(start, start + rows, order)
            assert y is not None
            loss = self._gradient(stages, x, y, weight, objective, metrics)
            if not math.isfinite(loss):
                raise NonFiniteError(f"batch {number}; {self._culprit(stages, x)}")
            totals.penalty += rows * self.network.penalty()
            self.network.add_penalty_gradient()
            parameters = self.network.parameters
            assert parameters is not None
            optimizer.step(parameters.theta, parameters.grad)
            self.network.clock.step += 1
            totals.loss += loss
            totals.weight += rows if weight is None else float(weight.sum())
            totals.rows += rows
            tick(totals.rows)
        return totals

    def _gradient(
        self,
        stages: Sequence[Layer],
        x: Array,
        y: Array,
        weight: Array | None,
        objective: Objective,
        metrics: Sequence[Metric],
    ) -> float:
        """Write the gradient of the batch's mean loss; return Σ weight · loss."""
        parameters = self.network.parameters
        assert parameters is not None
        rows, loss = len(x), 0.0
        total: Array | None = None
        for number in range(min(self.shards, rows)):
            first = number * rows // min(self.shards, rows)
            part = slice(first, (number + 1) * rows // min(self.shards, rows))
            w = None if weight is None else weight[part]
            self.network.clock.row = first
            output = forward(stages, x[part], training=True)
            prediction, values, dy = objective(output, y[part], w, rows)
            loss += float(values.sum(dtype=np.float64) if w is None else np.dot(values, w))
            for metric in metrics:
                metric.update(prediction, y[part], w)
            backward(stages, dy)
            if self.shards > 1:
                # the only place where gradients add up: in the order of the shards
                total = parameters.grad.copy() if total is None else total + parameters.grad
        if total is not None:
            parameters.grad[...] = total
        return loss

    def check_finite(self) -> None:
        """Raise a NonFiniteError where a parameter is not finite: the last step is not followed
        by a loss that would tell.
        """
        found = self._bad_parameter()
        if found:
            raise NonFiniteError(f"last batch; {found}")

    def _bad_parameter(self) -> str | None:
        parameters = self.network.parameters
        assert parameters is not None
        for name, values in parameters.named().items():
            bad = int(np.count_nonzero(~np.isfinite(values)))
            if bad:
                layer, _, key = name.rpartition(".")
                return f"layer {layer}: {bad} of {values.size} entries of {key} are not finite"
        return None

    def _culprit(self, stages: Sequence[Layer], x: Array) -> str:
        """Where a number that is not finite first appears."""
        found = self._bad_parameter()
        if found:
            return found
        with np.errstate(all="ignore"):
            for stage in stages:
                x = stage.forward(x, True)
                if not np.isfinite(x).all():
                    return f"layer {stage.name}: its output is not finite"
        return "the loss is not finite, though every layer's output is"

    def evaluate(
        self,
        samples: Samples,
        batch_size: int,
        objective: Objective,
        metrics: Sequence[Metric],
    ) -> Totals:
        """Loss and metrics without training."""
        totals = Totals()
        stages = self._inference_stages()
        stages = stages[:-1] if objective.fuses_last else stages
        for start in range(0, len(samples), batch_size):
            rows = min(batch_size, len(samples) - start)
            x, y, weight = samples.batch(start, start + rows)
            assert y is not None
            prediction, values = objective.values(forward(stages, x), y)
            for metric in metrics:
                metric.update(prediction, y, weight)
            totals.loss += float(
                values.sum(dtype=np.float64) if weight is None else values @ weight
            )
            totals.weight += rows if weight is None else float(weight.sum())
            totals.rows += rows
        return totals

    def predict(self, samples: Samples, batch_size: int) -> Array:
        """The outputs of all samples, (n, *output_shape)."""
        stages = self._inference_stages()
        result = np.empty((len(samples), *self.network.output_shape), self.network.dtype)
        for start in range(0, len(samples), batch_size):
            stop = min(start + batch_size, len(samples))
            result[start:stop] = forward(stages, samples.batch(start, stop)[0])
        return result

    def _inference_stages(self) -> list[Layer]:
        """Stages of the calling thread's own: so predictions in several threads do not meet."""
        if not hasattr(self._predicting, "stages"):
            self._predicting.stages = self.network.stages()
        stages: list[Layer] = self._predicting.stages
        return stages
