"""The training loop: epochs, each in its order, validation after each, callbacks around them."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np

from hyalite.engines.base import Engine, Task, Totals
from hyalite.engines.interrupts import deferred, deliver, waiting
from hyalite.errors import NonFiniteError
from hyalite.parameters import Array
from hyalite.random import sample_order
from hyalite.training.callbacks import Callback, Trainable
from hyalite.training.checkpoint import Saver
from hyalite.training.fingerprint import data
from hyalite.training.history import History
from hyalite.training.progress import Progress
from hyalite.training.snapshot import Snapshot


@dataclass
class Plan:
    """What a fit is to do."""

    task: Task
    validation: Task | None
    epochs: int  # from the fit's first
    shuffle: bool
    callbacks: Sequence[Callback] = ()
    saver: Saver | None = None
    snapshot: Snapshot | None = None  # to go on from

    def settings(self) -> dict[str, Any]:
        """What makes another fit the same, beside the model, as JSON data."""
        return {
            "batch_size": self.task.batch_size,
            "shuffle": self.shuffle,
            "data": data(self.task.samples),
            "validation": data(self.validation.samples if self.validation else None),
        }

    @property
    def watched(self) -> bool:
        """Whether anything is to happen between two epochs."""
        return (
            self.validation is not None
            or (self.saver is not None and self.saver.every_epoch)
            or any(
                getattr(type(callback), method) is not getattr(Callback, method)
                for callback in self.callbacks
                for method in ("on_epoch_begin", "on_epoch_end")
            )
        )


def train(model: Trainable, engine: Engine, plan: Plan, verbose: int | str) -> History:
    """Run the epochs; the history is on the model from the start, whatever ends the run.

    A Ctrl-C takes effect between two steps, and between two callbacks; so does a SIGTERM where
    there are checkpoints, and then one is saved before.

    Raises:
        NonFiniteError: naming epoch, batch and layer. The epoch is undone: weights, optimizer and
            counts are those from before it.
    """
    signals = [signal.SIGINT] if plan.saver is None else [signal.SIGINT, signal.SIGTERM]
    with deferred(*signals):
        return _Training(model, engine, plan, verbose).run()


class _Training:
    """One fit on its way."""

    def __init__(self, model: Trainable, engine: Engine, plan: Plan, verbose: int | str) -> None:
        self.model, self.engine, self.plan = model, engine, plan
        first = plan.saver.first if plan.saver is not None else model.network.epochs + 1
        self.last = first - 1 + plan.epochs
        begun = plan.snapshot.epochs if plan.snapshot is not None else first - 1
        self.progress = Progress(verbose, begun + 1, self.last)
        self.begun = Totals()  # of the epoch that is not finished
        self.seconds = 0.0  # that it took so far
        self.good: _Good | None = None  # as it was when the epoch began, or was taken up

    def run(self) -> History:
        model, plan = self.model, self.plan
        model.stop_training = False
        told: list[Callback] = []
        try:
            for callback in plan.callbacks:
                callback.on_train_begin(model)
                told.append(callback)
            if plan.snapshot is not None:
                plan.snapshot.restore(model, plan.task, plan.callbacks, self.begun)
            with self.engine.ready():
                while model.network.epochs < self.last and not model.stop_training:
                    self._go_on()
                    self._save_where_due()
                    deliver()
            self._save(ends=True)
        finally:
            self.progress.close()
            # each is told, even if one before it fails
            with ExitStack() as stack:
                for callback in reversed(told):
                    stack.callback(callback.on_train_end, model)
        return model.history

    def _go_on(self) -> None:
        """Some epochs, one if anybody looks at each, or a part of one; and what follows each."""
        network, plan = self.model.network, self.plan
        first = network.epochs + 1
        most = None if plan.saver is None else plan.saver.steps_left(network.clock.step)
        count = self._together(self.last - network.epochs, most)
        began = time.perf_counter()
        self.progress.begin_epoch(first, len(plan.task.samples))
        if not self.begun.steps:
            self._tell("on_epoch_begin", self.model, first)
            self.good, self.seconds = None, 0.0
        good = self.good = self.good or _Good(self.model)
        orders = [self._order(epoch) for epoch in range(first, first + count)]
        finished: list[Totals] = []
        failure: str | None = None
        try:
            self._train(orders, self._tick, finished.append, most)
        except NonFiniteError as error:
            good.restore()
            self.begun.clear()
            failed = first + len(finished)
            failure = (
                f"training stopped in epoch {failed}, {error}. Epoch {failed} is undone. A smaller "
                "learning rate, clip_norm=1.0, or scaled inputs usually help"
            )
            if finished:  # those before the bad one: again, to the same bytes
                again = orders[: len(finished)]
                self._train(again, lambda _: False, lambda _: None, None)
        finally:
            self.seconds += time.perf_counter() - began
            for number, totals in enumerate(finished):
                if number:
                    self.progress.begin_epoch(first + number, len(plan.task.samples))
                self._close_epoch(totals, self.seconds / len(finished))
        if failure:
            raise NonFiniteError(failure)

    def _together(self, left: int, most: int | None) -> int:
        """How many epochs to ask the engine for; only whole ones, if more than one."""
        if self.plan.watched or self.begun.steps:
            return 1
        count = min(left, self.engine.together(self.plan.task))
        return count if most is None else max(1, min(count, most // self.plan.task.steps))

    def _train(
        self,
        orders: Sequence[Array | None],
        tick: Callable[[int], bool],
        finished: Callable[[Totals], object],
        most: int | None,
    ) -> None:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            self.engine.train(
                self.plan.task, orders, self.model.optimizer, self.begun, tick, finished, most
            )

    def _tick(self, rows: int) -> bool:
        self.progress.tick(rows)
        return waiting() or (self.plan.saver is not None and self.plan.saver.is_time)

    def _order(self, epoch: int) -> Array | None:
        """The order of the samples; a full batch has none to speak of, and needs no gathering."""
        task = self.plan.task
        if not self.plan.shuffle or task.batch_size >= len(task.samples):
            return None
        return sample_order(self.model.network.clock.seed, epoch, len(task.samples))

    def _close_epoch(self, totals: Totals, seconds: float) -> None:
        """What follows an epoch: validation, callbacks, history, progress."""
        model, plan = self.model, self.plan
        figures = totals.figures
        if any(layer.has_penalty for layer in model.network.layers):
            penalty = totals.penalty / totals.rows
            figures = {
                "loss": figures["loss"] + penalty,
                "data_loss": figures["loss"],
                "penalty": penalty,
            } | totals.metrics
        began = time.perf_counter()
        if plan.validation is not None:
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                measured = self.engine.evaluate(plan.validation)
            figures |= {f"val_{name}": value for name, value in measured.figures.items()}
        figures["learning_rate"] = totals.learning_rate
        model.network.epochs += 1
        epoch = model.network.epochs
        try:
            self._tell("on_epoch_end", model, epoch, figures)
            if plan.callbacks:
                self.engine.renew()
        finally:
            model.history.append(epoch, figures, seconds + time.perf_counter() - began)
        self.progress.end_epoch(epoch, figures, model.history.seconds[-1])

    def _save_where_due(self) -> None:
        saver, step = self.plan.saver, self.model.network.clock.step
        if saver is not None and (waiting() or saver.is_due(step, ends_epoch=not self.begun.steps)):
            self._save()

    def _save(self, ends: bool = False) -> None:
        saver = self.plan.saver
        if saver is None:
            return
        network, step = self.model.network, self.model.network.clock.step
        if step != saver.latest:
            task, callbacks = self.plan.task, self.plan.callbacks
            saver.save(step, Snapshot.take(self.model, task, callbacks, self.begun))
        if waiting() and not ends:
            steps = self.begun.steps
            where = (
                f"step {steps} of epoch {network.epochs + 1}"
                if steps
                else f"epoch {network.epochs}"
            )
            saver.say_how_to_resume(where)

    def _tell(self, method: str, *arguments: Any) -> None:
        for callback in self.plan.callbacks:
            getattr(callback, method)(*arguments)


class _Good:
    """All that a step changes, as it was at the start of the epoch."""

    def __init__(self, model: Trainable) -> None:
        self.model = model
        parameters = model.network.ready
        self.vectors = [(v, v.copy()) for v in (parameters.theta, parameters.state)]
        self.slots = {name: v.copy() for name, v in model.optimizer.slots.items()}
        self.steps, self.clock_step = model.optimizer.steps, model.network.clock.step

    def restore(self) -> None:
        for vector, copy in self.vectors:
            vector[...] = copy
        self.model.optimizer.steps, self.model.optimizer.slots = self.steps, self.slots
        self.model.network.clock.step = self.clock_step
