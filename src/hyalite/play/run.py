"""One model in training, which can be stopped, looked at and sent back at any step.

It makes the calls of a `fit`, one by one; so its weights are byte for byte those that
``model.fit`` gives for the same settings.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hyalite.data.samples import Batch, Samples
from hyalite.errors import NonFiniteError
from hyalite.losses import Objective
from hyalite.model import Sequential
from hyalite.parameters import Array, Backup
from hyalite.play import limits
from hyalite.play.building import Built, batches_of, build
from hyalite.play.causes import cause_of, warnings_of
from hyalite.play.data import PlayData, data_of
from hyalite.play.problems import Refused, at
from hyalite.play.settings import normalized, of_runs
from hyalite.play.snapshots import Snapshots
from hyalite.random import sample_order
from hyalite.training.loop import Fit
from hyalite.training.plan import plan_fit

ENDLESS = 1 << 40  # epochs


class Run:
    """One model in training.

    Args:
        settings: in normal form.
        data: of these settings.
        start: the first numbers, where they are not those of the seed.

    Attributes:
        model: itself.
        reproducible: whether its settings alone lead to its weights.
        failed: what went wrong, where the numbers are not finite any more; else None.
        stopped: whether a rule has stopped it for good.
        cursor: how many samples of the coming batch have been visited.

    Raises:
        Refused: naming the setting that does not fit.
    """

    def __init__(
        self, settings: Mapping[str, Any], data: PlayData, start: Backup | None = None
    ) -> None:
        self.settings, self.data, self.start = settings, data, start
        self.built: Built = build(settings, data)
        self.model: Sequential = self.built.model
        if start is not None:
            self.model.network.ready.restore(start)
        self.reproducible = start is None
        self.failed: dict[str, Any] | None = None
        self.stopped = False
        self.cursor = 0
        self.step_seconds = 0.0  # about
        self.goal = settings["epochs"] or ENDLESS
        self._begin()
        self.snapshots = Snapshots()
        self.keep()

    def _begin(self) -> None:
        """Start a fit that goes on with the model as it is."""
        settings, data, built = self.settings, self.data, self.built
        validation = None if data.x_test is None else (data.x_test, built.y_test)
        with at("data"):
            plan = plan_fit(
                self.model,
                data.x,
                built.y,
                batch_size=settings["batch_size"],
                epochs=ENDLESS,
                validation_data=validation,
                validation_split=data.test_share,
                sample_weight=None,
                class_weight=settings["class_weight"],
                shuffle=settings["shuffle"],
                seed=settings["seed"],
                shards=None,
                callbacks=built.callbacks,
                checkpoint=None,
                verbose=0,
            )
        history = getattr(self.model, "history", None)
        self._check_monitor(plan.validation is not None)
        self.fit = Fit(self.model, plan)
        if history is not None:
            self.model.history = history
        self.fit.begin()
        self.engine = plan.engine.name
        # their batches are cast in memory that training uses, too: whoever looks has copies
        self._looked_at = {"training": _apart(plan.task.samples)}
        if plan.validation is not None:
            self._looked_at["test"] = _apart(plan.validation.samples)

    def _check_monitor(self, tested: bool) -> None:
        stop = self.settings["stop"]
        known = self.metric_names(tested)
        if stop is not None and stop["monitor"] not in known:
            raise Refused(
                f"there is no figure {stop['monitor']!r}. There are {', '.join(known)}",
                "stop.monitor",
            )

    def metric_names(self, tested: bool) -> list[str]:
        """Names of the figures that an epoch gives."""
        own = ["loss", *(metric.name for metric in self.model.metrics)]
        return [*own, *(f"val_{name}" for name in own if tested), "learning_rate"]

    # What it is -------------------------------------------------------------------------------

    @property
    def samples(self) -> Samples:
        """Those that are trained on."""
        return self.fit.plan.task.samples

    @property
    def test_samples(self) -> Samples | None:
        """Those that are tested on."""
        validation = self.fit.plan.validation
        return None if validation is None else validation.samples

    def rows(self, part: str) -> Array:
        """Which of the data's samples are in a part, "training" or "test"."""
        samples = self.samples if part == "training" else self.test_samples
        if samples is None:
            return np.empty(0, np.int64)
        return np.arange(len(samples.x)) if samples.rows is None else samples.rows

    def part(self, part: str) -> tuple[Array, Array, Array | None]:
        """Inputs, labels or numbers, and coordinates of a part."""
        data = self.data
        if part == "test" and data.x_test is not None:
            assert data.y_test is not None
            return data.x_test, data.y_test, data.drawn_test
        rows = self.rows(part)
        return data.x[rows], data.y[rows], None if data.drawn is None else data.drawn[rows]

    @property
    def objective(self) -> Objective:
        """Loss and last activation."""
        return self.fit.plan.task.objective

    @property
    def batches(self) -> int:
        """Steps of an epoch."""
        return self.fit.plan.task.steps

    @property
    def epoch(self) -> int:
        """How many are complete."""
        return self.model.network.epochs

    @property
    def step(self) -> int:
        """How many steps were made."""
        return self.model.network.clock.step

    @property
    def batch(self) -> int:
        """How many steps of the running epoch were made."""
        return self.fit.training.partial.steps

    @property
    def samples_seen(self) -> int:
        """Over all epochs."""
        return self.epoch * len(self.samples) + self.fit.training.partial.rows

    @property
    def rows_to_come(self) -> int:
        """Samples of the coming batch."""
        task = self.fit.plan.task
        return min(task.batch_size, len(self.samples) - self.fit.training.partial.rows)

    @property
    def goes_on(self) -> bool:
        """Whether there is something to train until the goal."""
        return self.failed is None and not self.stopped and self.epoch < self.goal

    @property
    def figures(self) -> dict[str, float | None]:
        """Of the last epoch that is complete."""
        history = self.model.history
        values = {name: column[-1] for name, column in history.history.items() if column}
        return {
            n: v if isinstance(v, float) and math.isfinite(v) else None for n, v in values.items()
        }

    def order(self) -> Array:
        """The places of the samples in the running epoch."""
        count = len(self.samples)
        if not self.settings["shuffle"] or self.fit.plan.task.batch_size >= count:
            return np.arange(count)
        return sample_order(self.model.network.clock.seed, self.epoch + 1, count)

    def coming_rows(self) -> Array:
        """The samples of the coming batch, as places among those that are trained on."""
        start, size = self.fit.training.partial.rows, self.fit.plan.task.batch_size
        return self.order()[start : start + size]

    def batch_of(self, part: str, places: Sequence[int] | Array) -> Batch:
        """Some samples of a part; a copy."""
        samples = self._looked_at[part]
        order = np.asarray(places, np.intp)
        taken = samples.batch(0, len(order), order)
        return Batch(taken.x.copy(), taken.y, taken.weight, taken.counts)

    # Training ---------------------------------------------------------------------------------

    def advance(self, steps: int) -> int:
        """Make at most so many steps, of one epoch at most; how many were made.

        Where the numbers become infinite the epoch is undone, `failed` says why.
        """
        before, began = self.step, time.perf_counter()
        self.cursor = 0
        try:
            with self.fit.training:
                self.fit.advance(min(steps, self.batches - self.batch))
        except NonFiniteError as error:
            self.failed = cause_of(error, self.settings, self.epoch + 1)
            return 0
        made = self.step - before
        self._thin_history()
        if made:
            seconds = (time.perf_counter() - began) / made
            self.step_seconds = (
                0.7 * self.step_seconds + 0.3 * seconds if self.step_seconds else seconds
            )
        if self.model.stop_training:
            self.fit.end()  # the best weights come back
            self.stopped = True
            self.keep()
        elif not self.batch and self.snapshots.is_due(self.epoch):
            self.keep()
        return made

    def _thin_history(self) -> None:
        """Of a history that is very long the older half loses every second epoch."""
        history = self.model.history
        count = len(history)
        if count > limits.EPOCHS_KEPT:
            half = count // 2
            for column in (*history.history.values(), history.epochs, history.seconds):
                del column[1:half:2]

    def visit(self) -> bool:
        """Go on to the next sample of the coming batch; whether the step was made instead."""
        if self.cursor < self.rows_to_come:
            self.cursor += 1
            return False
        self.advance(1)
        return True

    def keep(self) -> int:
        """Keep a snapshot of now; its id."""
        return self.snapshots.take(self.model, self.fit, self.stopped)

    def seek(self, snapshot: int) -> None:
        """Back, or forward again, to a snapshot; training goes on from there to the same bytes.

        Raises:
            Refused: there is no such snapshot.
        """
        self.stopped = self.snapshots.restore(snapshot, self.model, self.fit)
        self.failed, self.cursor = None, 0
        if not self.stopped and not self.fit.notified and self.built.callbacks:
            self.fit.notified = list(self.built.callbacks)

    def restarted(self) -> Run:
        """The same from its start."""
        return Run(self.settings, self.data, self.start)

    def go_beyond(self) -> None:
        """Set the next goal, where this one is reached."""
        while self.epoch >= self.goal:
            self.goal += self.settings["epochs"] or ENDLESS

    # Changes while it runs --------------------------------------------------------------------

    def take_over(self, settings: Mapping[str, Any]) -> None:
        """Go on with other numbers of the same kind of settings, with the weights as they are.

        Raises:
            Refused: a number out of range; nothing is changed then.
        """
        other = build(settings, self.data)
        mine, its = self.model, other.model
        kept = mine.optimizer.get_state()
        optimizer = copy.deepcopy(its.optimizer)
        same_slots = set(optimizer.slot_names) == set(kept["slots"])
        optimizer.set_state(kept if same_slots else {**kept, "slots": {}})
        for own, new in zip(mine.network.all_layers(), its.network.all_layers(), strict=True):
            for name in ("l1", "l2", "bias_l1", "bias_l2", "rate", "stddev"):
                if hasattr(new, name):
                    setattr(own, name, getattr(new, name))
        mine.optimizer = optimizer
        self.settings, self.built.callbacks = settings, other.callbacks
        self.goal = settings["epochs"] or ENDLESS
        self.reproducible, self.failed, self.stopped, self.cursor = False, None, False, 0
        self.snapshots.forget_future(self.step)
        self._begin()
        self.keep()

    def set_number(self, parameter: str, index: tuple[int, ...], value: float) -> float:
        """Write one number of a parameter by hand; what is stored."""
        array = self.model.network.ready.named()[parameter]
        self.snapshots.forget_future(self.step)
        array[index] = value
        self.reproducible = False
        self.keep()
        return float(array[index])

    @property
    def steps_of_a_slice(self) -> int:
        """How many steps take about as long as a page may have to wait for its turn."""
        if not self.step_seconds:
            return 1
        return max(1, min(limits.COUNT, int(limits.SLICE_SECONDS / self.step_seconds)))

    @property
    def warnings(self) -> list[dict[str, str]]:
        """What will probably go wrong."""
        steps = batches_of(self.settings, len(self.samples))
        return warnings_of(self.settings, self.model, steps)

    def train(self, epochs: int) -> None:
        """Train until so many epochs are complete, or there is nothing more to do."""
        while self.goes_on and self.epoch < epochs:
            self.advance(self.batches)


def run_of(settings: Mapping[str, Any], uploads: Mapping[str, Any] | None = None) -> Run:
    """A run of settings as a link or a preset holds them; of two that are compared the first.

    Args:
        settings: partial ones, too.
        uploads: tables by their ids.

    Raises:
        Refused: naming the field.

    Examples:
        >>> from hyalite.play.run import run_of
        >>> run = run_of({"data": {"kind": "moons"}, "epochs": 5})
        >>> run.train(5)
        >>> run.epoch, "val_accuracy" in run.model.history
        (5, True)
    """
    own = of_runs(normalized(dict(settings)))["a"]
    return Run(own, data_of(own, uploads or {}))


def _apart(samples: Samples) -> Samples:
    """The same samples, with memory of their own for a batch."""
    return Samples(
        samples.x, samples.y, samples.counts, samples.dtype, samples.rows, samples.weight
    )
