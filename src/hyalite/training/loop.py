"""The training loop: epochs, each in its order, validation after each, callbacks around them."""

from __future__ import annotations

import copy
import signal
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np

from hyalite.data.block_samples import BlockSamples
from hyalite.engines.base import OnStep, Order, Totals, go_on
from hyalite.engines.interrupts import deferred, waiting
from hyalite.engines.threads import sharing_cores
from hyalite.errors import LostWorker, NonFiniteError
from hyalite.random import sample_order
from hyalite.training.agreement import Agreement
from hyalite.training.callbacks import Callback, Trainable
from hyalite.training.history import History
from hyalite.training.plan import Plan, begin
from hyalite.training.progress import Progress
from hyalite.training.snapshot import Snapshot


def train(model: Trainable, plan: Plan) -> History:
    """Build the model where it is not, and run the epochs.

    The history is on the model from the start, whatever ends the run.

    A Ctrl-C takes effect between two steps, and between two callbacks; so does a SIGTERM where
    there are checkpoints, and then one is saved before.

    Raises:
        NonFiniteError: naming epoch, batch and layer. The epoch is undone: weights, optimizer and
            counts are those from before it.
    """
    signals = [signal.SIGINT, signal.SIGTERM] if plan.saves else [signal.SIGINT]
    with deferred(*signals), sharing_cores(plan.workers.neighbors):
        return Fit(model, plan).run()


class Fit:
    """The epochs of one fit, and what happens between them.

    `run` does all of it. Whoever wants to stop and look in between, at any step, makes the same
    calls one by one, to the same bytes::

        fit = Fit(model, plan)
        fit.begin()
        with fit.training:  # may be left and entered again
            while fit.goes_on:
                fit.advance(max_steps=1)
        fit.end()

    Args:
        model: of the plan; it is built where it is not.
        plan: of `plan_fit`.
    """

    def __init__(self, model: Trainable, plan: Plan) -> None:
        self.model, self.plan = model, plan
        model.build(plan.input_shape, plan.seed)
        model.optimizer.bind(model.network.ready.layout)
        for metric in model.metrics:  # the model's own learn what is measured against the target
            begin(metric, model, plan.task.samples, model.network.output_shape)
        model.network.clock.seed = plan.seed
        model.history = History(plan.seed)
        self.agreement = Agreement(model, plan)
        self.training = plan.engine.start(plan.task, model.optimizer)
        first = plan.saver.first if plan.saver is not None else model.network.epochs + 1
        self.last = first - 1 + plan.epochs
        begun = plan.snapshot.epochs if plan.snapshot is not None else first - 1
        self.progress = Progress(plan.verbose, begun + 1, self.last)
        self.notified: list[Callback] = []
        self.seconds = 0.0  # that the epoch has taken so far
        self.backup: _Backup | None = None  # of when the epoch began, or was gone on with

    def run(self) -> History:
        """All epochs that are left."""
        try:
            self.begin()
            with self.training:
                while self.goes_on:
                    self.advance(self._steps_to_save())
                    self._pause()
            self._save()
        except LostWorker as error:  # who forms a new group goes on from here
            error.snapshot = error.snapshot or self.agreement.snapshot(self.training.partial)
            raise
        finally:
            self.end()
        self.agreement.share(Totals())
        return self.model.history

    @property
    def _called(self) -> Sequence[Callback]:
        """The callbacks that are called here: rank 0 calls them, and tells the others."""
        return self.plan.callbacks if self.agreement.leads else ()

    def begin(self) -> None:
        """Tell the callbacks, and take up what a checkpoint holds."""
        model, plan = self.model, self.plan
        model.stop_training = False
        for callback in self._called:
            callback.on_train_begin(model)
            self.notified.append(callback)
        if plan.snapshot is not None and self.agreement.leads:
            plan.snapshot.restore(model, plan.task, plan.callbacks, self.training.partial)
        self.last = self.agreement.share(self.training.partial, self.last)

    def end(self) -> None:
        """Tell the callbacks that were told of the beginning, each even if one before it fails."""
        self.progress.close()
        notified, self.notified = self.notified, []
        with ExitStack() as stack:
            for callback in reversed(notified):
                stack.callback(callback.on_train_end, self.model)

    @property
    def goes_on(self) -> bool:
        """Whether there are epochs to train."""
        return self.model.network.epochs < self.last and not self.model.stop_training

    def advance(self, max_steps: int | None = None) -> None:
        """Some epochs, one if anybody looks at each, or a part of one; and what follows each.

        Args:
            max_steps: pause after so many, be it within an epoch.

        Raises:
            NonFiniteError: as `train`.
        """
        network, plan = self.model.network, self.plan
        first = network.epochs + 1
        count = self._epochs_at_once(self.last - network.epochs, max_steps)
        began = time.perf_counter()
        self.progress.begin_epoch(first, len(plan.task.samples))
        if self.training.partial.steps == plan.task.steps:  # all but what follows it is done
            complete, self.training.partial = self.training.partial, Totals()
            self._close_epochs([complete])
            return
        if not self.training.partial.steps:
            self._notify("on_epoch_begin", self.model, first)
            if plan.overrides("on_epoch_begin"):
                self.agreement.share(Totals())
            self.backup, self.seconds = None, 0.0
        backup = self.backup = self.backup or _Backup(self.model)
        orders = [self._order(epoch) for epoch in range(first, first + count)]
        finished: list[Totals] = []
        failure: str | None = None
        try:
            self._train(orders, finished, max_steps, self._on_step)
        except NonFiniteError as error:
            backup.restore()
            self.training.partial = Totals()
            failed = first + len(finished)
            failure = (
                f"training stopped in epoch {failed}, {error}. Epoch {failed} is undone. A smaller "
                "learning rate, clip_norm=1.0, or scaled inputs usually help"
            )
            if finished:  # those before the bad one: again, to the same bytes
                self._train(orders[: len(finished)], [], None, go_on)
        finally:
            self.seconds += time.perf_counter() - began
            self._close_epochs(finished)
        if failure:
            raise NonFiniteError(failure)

    def _steps_to_save(self) -> int | None:
        """How many steps until a checkpoint is due; None where steps do not matter."""
        saver = self.plan.saver
        return None if saver is None else saver.steps_left(self.model.network.clock.step)

    def _epochs_at_once(self, left: int, max_steps: int | None) -> int:
        """How many epochs to ask the engine for; only whole ones, if more than one."""
        if self.plan.watched or self.training.partial.steps:
            return 1
        count = min(left, self.training.epochs_at_once())
        return count if max_steps is None else max(1, min(count, max_steps // self.plan.task.steps))

    def _train(
        self,
        orders: Sequence[Order],
        finished: list[Totals],
        max_steps: int | None,
        on_step: OnStep,
    ) -> None:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for totals in self.training.advance(orders, max_steps, on_step):
                finished.append(totals)  # noqa: PERF402  # those before an error count, too

    def _on_step(self, rows: int) -> bool:
        self.progress.tick(rows)
        saver = self.plan.saver
        return waiting() or self.plan.workers.regroup or (saver is not None and saver.is_time)

    def _order(self, epoch: int) -> Order:
        """The order of the samples; a full batch has none to speak of, and needs no gathering."""
        task, seed = self.plan.task, self.model.network.clock.seed
        if isinstance(task.samples, BlockSamples):
            return task.samples.order(task.batch_size, seed, epoch)
        if not self.plan.shuffle or task.batch_size >= len(task.samples):
            return None
        return sample_order(seed, epoch, len(task.samples))

    def _close_epochs(self, finished: Sequence[Totals]) -> None:
        """What follows each epoch: validation, callbacks, history, progress.

        A small network makes a hundred thousand epochs a second, so what is the same for all of
        them is asked once: where several are run together, nobody changes anything between them.
        """
        network, history, progress = self.model.network, self.model.history, self.progress
        rows, looked_at = len(self.plan.task.samples), self.plan.validation or self.plan.callbacks
        if not finished:
            return
        seconds, columns = self.seconds / len(finished), self._figures(finished)
        if not (looked_at or progress.shows):
            first, network.epochs = network.epochs + 1, network.epochs + len(finished)
            columns["learning_rate"] = [totals.learning_rate for totals in finished]
            history.extend(range(first, network.epochs + 1), columns, seconds)
            return
        for number, totals in enumerate(finished):
            network.epochs = epoch = network.epochs + 1
            if progress.shows:
                progress.begin_epoch(epoch, rows)
            figures = {name: values[number] for name, values in columns.items()}
            began = time.perf_counter() if looked_at else 0.0
            try:
                if looked_at:
                    self._look_at(epoch, figures, totals.learning_rate)
                else:
                    figures["learning_rate"] = totals.learning_rate
            except LostWorker:  # who is left closes the epoch
                network.epochs, self.training.partial = epoch - 1, totals
                raise
            finally:
                took = seconds + (time.perf_counter() - began if looked_at else 0.0)
                if self.training.partial is not totals:
                    history.append(epoch, figures, took)
            if progress.shows:
                progress.end_epoch(epoch, figures, took)

    def _figures(self, finished: Sequence[Totals]) -> dict[str, list[Any]]:
        """Loss and metrics by name, of each epoch; of a penalized loss its two parts, too."""
        losses = [totals.loss / totals.weight for totals in finished]
        figures: dict[str, list[Any]] = {"loss": losses}
        if any(layer.has_penalty for layer in self.model.network.layers):
            penalties = [totals.penalty / totals.rows for totals in finished]
            both = [loss + penalty for loss, penalty in zip(losses, penalties, strict=True)]
            figures = {"loss": both, "data_loss": losses, "penalty": penalties}
        for name in finished[0].metrics:
            figures[name] = [totals.metrics[name] for totals in finished]
        return figures

    def _look_at(self, epoch: int, figures: dict[str, Any], learning_rate: float) -> None:
        """Validation, which adds to the figures of the epoch, and callbacks."""
        plan = self.plan
        if plan.validation is not None:
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                measured = plan.engine.evaluate(plan.validation)
            figures |= {f"val_{name}": value for name, value in measured.figures.items()}
        figures["learning_rate"] = learning_rate
        self._notify("on_epoch_end", self.model, epoch, figures)
        if plan.callbacks:
            shared = dict(self.agreement.share(Totals(), figures))
            figures.clear()
            figures.update(shared)
            self.training.refresh()

    def _pause(self) -> None:
        """Save where it is due; let a signal that waits take effect, but never before all is saved.

        One that comes while this runs waits for the next pause.
        """
        saver, partial = self.plan.saver, self.training.partial
        step, between = self.model.network.clock.step, not partial.steps
        due = saver is not None and saver.is_due(step, ends_epoch=between)
        save, stopped = self.agreement.pause(due, partial)
        if save:
            self._save()
        if stopped:
            if saver is not None:
                epochs = self.model.network.epochs
                saver.say_how_to_resume(
                    f"epoch {epochs}" if between else f"step {partial.steps} of epoch {epochs + 1}"
                )
            self.agreement.deliver()

    def _save(self) -> None:
        saver, step = self.plan.saver, self.model.network.clock.step
        if saver is not None and step != saver.latest:
            task, callbacks = self.plan.task, self.plan.callbacks
            saver.save(step, Snapshot.take(self.model, task, callbacks, self.training.partial))

    def _notify(self, method: str, *arguments: Any) -> None:
        for callback in self._called:
            getattr(callback, method)(*arguments)


class _Backup:
    """All that a step changes, as it was at the start of the epoch."""

    def __init__(self, model: Trainable) -> None:
        self.model = model
        self.numbers = model.network.ready.backup()
        self.optimizer = copy.deepcopy(model.optimizer.get_state())
        self.step = model.network.clock.step

    def restore(self) -> None:
        self.model.network.ready.restore(self.numbers)
        self.model.optimizer.set_state(self.optimizer)
        self.model.network.clock.step = self.step
