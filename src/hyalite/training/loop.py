"""The training loop: epochs, each in its order, validation after each, callbacks around them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from hyalite.engines.base import Engine, Task, Totals
from hyalite.engines.interrupts import held_back
from hyalite.errors import NonFiniteError
from hyalite.parameters import Array
from hyalite.random import sample_order
from hyalite.training.callbacks import Callback, Trainable
from hyalite.training.history import History
from hyalite.training.progress import Progress


@dataclass
class Plan:
    """What a fit is to do."""

    task: Task
    validation: Task | None
    epochs: int
    shuffle: bool
    callbacks: Sequence[Callback]

    @property
    def watched(self) -> bool:
        """Whether anything is to happen between two epochs."""
        return self.validation is not None or any(
            getattr(type(callback), method) is not getattr(Callback, method)
            for callback in self.callbacks
            for method in ("on_epoch_begin", "on_epoch_end")
        )


def train(
    model: Trainable,
    engine: Engine,
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
        with engine.ready():
            last = model.network.epochs + plan.epochs
            while model.network.epochs < last and not model.stop_training:
                together = 1 if plan.watched else engine.together(plan.task)
                together = min(together, last - model.network.epochs)
                _epochs(model, engine, plan, progress, together)
    finally:
        progress.close()
        # each is told, even if one before it fails
        with ExitStack() as stack:
            for callback in reversed(plan.callbacks):
                stack.callback(callback.on_train_end, model)
    return model.history


def _epochs(
    model: Trainable,
    engine: Engine,
    plan: Plan,
    progress: Progress,
    count: int,
) -> None:
    """So many epochs, one if anybody looks at each, and what follows each."""
    first = model.network.epochs + 1
    began = time.perf_counter()
    progress.begin_epoch(first, len(plan.task.samples))
    _tell(plan.callbacks, "on_epoch_begin", model, first)
    orders = [_order(model, plan, epoch) for epoch in range(first, first + count)]
    finished: list[Totals] = []
    good = _Good(model)

    def run(orders: Sequence[Array | None], tell: Callable[[Totals], object]) -> None:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            engine.train(plan.task, orders, model.optimizer, progress.tick, tell)

    failure: str | None = None
    try:
        run(orders, finished.append)
    except NonFiniteError as error:
        good.restore()
        failed = first + len(finished)
        failure = (
            f"training stopped in epoch {failed}, {error}. Epoch {failed} is undone. A smaller "
            "learning rate, clip_norm=1.0, or scaled inputs usually help"
        )
        if finished:  # those before the bad one: again, to the same bytes
            run(orders[: len(finished)], lambda _: None)
    finally:
        seconds = (time.perf_counter() - began) / max(1, len(finished))
        penalized = any(layer.has_penalty for layer in model.network.layers)
        # callbacks and validations take their time and may be interrupted
        with nullcontext() if plan.watched else held_back():
            for number, totals in enumerate(finished):
                if number:
                    progress.begin_epoch(first + number, len(plan.task.samples))
                _close_epoch(model, engine, plan, progress, totals, penalized, seconds)
    if failure:
        raise NonFiniteError(failure)


def _order(model: Trainable, plan: Plan, epoch: int) -> Array | None:
    """The order of the samples; a full batch has none to speak of, and needs no gathering."""
    if not plan.shuffle or plan.task.batch_size >= len(plan.task.samples):
        return None
    return sample_order(model.network.clock.seed, epoch, len(plan.task.samples))


def _close_epoch(
    model: Trainable,
    engine: Engine,
    plan: Plan,
    progress: Progress,
    totals: Totals,
    penalized: bool,
    seconds: float,
) -> None:
    """What follows an epoch: validation, callbacks, history, progress."""
    figures = totals.figures
    if penalized:
        penalty = totals.penalty / totals.rows
        figures = {
            "loss": figures["loss"] + penalty,
            "data_loss": figures["loss"],
            "penalty": penalty,
        } | totals.metrics
    began = time.perf_counter()
    if plan.validation is not None:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            measured = engine.evaluate(plan.validation)
        figures |= {f"val_{name}": value for name, value in measured.figures.items()}
    figures["learning_rate"] = totals.learning_rate
    model.network.epochs += 1
    epoch = model.network.epochs
    try:
        _tell(plan.callbacks, "on_epoch_end", model, epoch, figures)
        if plan.callbacks:
            engine.renew()
    finally:
        model.history.append(epoch, figures, seconds + time.perf_counter() - began)
    progress.end_epoch(epoch, figures, model.history.seconds[-1])


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
