"""The training loop: epochs, each in its order, validation after each, callbacks around them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hyalite.data.samples import Samples
from hyalite.engines.blas import one_blas_thread
from hyalite.engines.numpy import NumpyEngine, Totals
from hyalite.errors import NonFiniteError
from hyalite.losses import Objective
from hyalite.metrics import Metric
from hyalite.parameters import Array
from hyalite.random import sample_order
from hyalite.training.callbacks import Callback, Trainable
from hyalite.training.history import History
from hyalite.training.progress import Progress


@dataclass
class Plan:
    """What a fit is to do."""

    samples: Samples
    validation: Samples | None
    epochs: int
    batch_size: int
    shuffle: bool
    callbacks: Sequence[Callback]
    metrics: list[Metric] = field(default_factory=list)
    validation_metrics: list[Metric] = field(default_factory=list)


def train(
    model: Trainable,
    engine: NumpyEngine,
    objective: Objective,
    plan: Plan,
    progress: Progress,
) -> History:
    """Run the epochs; the history is on the model from the start, whatever ends the run.

    Raises:
        NonFiniteError: naming epoch, batch and layer. The epoch is undone: weights, optimizer and
            counts are those from before it.
    """
    model.stop_training = False
    _tell(plan.callbacks, "on_train_begin", model)
    try:
        # once for the fit: asking anew for every epoch would cost as much as a small epoch
        with one_blas_thread():
            _epochs(model, engine, objective, plan, progress)
    finally:
        progress.close()
        # each is told, even if one before it fails
        with ExitStack() as stack:
            for callback in reversed(plan.callbacks):
                stack.callback(callback.on_train_end, model)
    return model.history


def _epochs(
    model: Trainable,
    engine: NumpyEngine,
    objective: Objective,
    plan: Plan,
    progress: Progress,
) -> None:
    clock, history = model.network.clock, model.history
    done = model.network.epochs
    for epoch in range(done + 1, done + plan.epochs + 1):
        began = time.perf_counter()
        progress.begin_epoch(epoch, len(plan.samples))
        _tell(plan.callbacks, "on_epoch_begin", model, epoch)
        # A full batch has no order to speak of, and needs no gathering.
        whole = plan.batch_size >= len(plan.samples)
        order = None
        if plan.shuffle and not whole:
            order = sample_order(clock.seed, epoch, len(plan.samples))
        figures = _epoch(model, engine, objective, plan, order, epoch, progress)
        model.network.epochs = epoch
        try:
            _tell(plan.callbacks, "on_epoch_end", model, epoch, figures)
        finally:
            history.append(epoch, figures, time.perf_counter() - began)
        progress.end_epoch(epoch, figures, history.seconds[-1])
        if model.stop_training:
            break


def _epoch(
    model: Trainable,
    engine: NumpyEngine,
    objective: Objective,
    plan: Plan,
    order: Array | None,
    epoch: int,
    progress: Progress,
) -> dict[str, Any]:
    """One epoch and its validation: what was measured."""
    good = _Good(model)
    for metric in plan.metrics:
        metric.reset()
    try:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            totals = engine.train_epoch(
                plan.samples,
                order,
                plan.batch_size,
                objective,
                model.optimizer,
                plan.metrics,
                progress.tick,
            )
    except NonFiniteError as error:
        good.restore()
        raise NonFiniteError(
            f"training stopped in epoch {epoch}, {error}. Epoch {epoch} is undone. A smaller "
            "learning rate, clip_norm=1.0, or scaled inputs usually help"
        ) from None
    figures = summarize(totals, plan.metrics)
    if any(layer.has_penalty for layer in model.network.layers):
        penalty = totals.penalty / totals.rows
        figures = {
            "loss": figures.pop("loss") + penalty,
            "data_loss": totals.loss / totals.weight,
            "penalty": penalty,
            **figures,
        }
    if plan.validation is not None:
        for metric in plan.validation_metrics:
            metric.reset()
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            totals = engine.evaluate(
                plan.validation, max(plan.batch_size, 1024), objective, plan.validation_metrics
            )
        for name, value in summarize(totals, plan.validation_metrics).items():
            figures[f"val_{name}"] = value
    figures["learning_rate"] = model.optimizer.last_learning_rate
    return figures


def summarize(totals: Totals, metrics: Sequence[Metric]) -> dict[str, Any]:
    """Loss and metrics by name."""
    # a batch of zero weight adds nothing; a whole epoch of it is refused beforehand
    return {"loss": totals.loss / totals.weight} | {m.name: m.result() for m in metrics}


def _tell(callbacks: Sequence[Callback], method: str, *arguments: Any) -> None:
    for callback in callbacks:
        getattr(callback, method)(*arguments)


class _Good:
    """All that a step changes, as it was at the start of the epoch."""

    def __init__(self, model: Trainable) -> None:
        self.model = model
        parameters = model.network.parameters
        assert parameters is not None
        self.vectors = [(v, v.copy()) for v in (parameters.theta, parameters.state)]
        self.slots = {name: v.copy() for name, v in model.optimizer.slots.items()}
        self.steps, self.clock_step = model.optimizer.steps, model.network.clock.step

    def restore(self) -> None:
        for vector, copy in self.vectors:
            vector[...] = copy
        self.model.optimizer.steps, self.model.optimizer.slots = self.steps, self.slots
        self.model.network.clock.step = self.clock_step
