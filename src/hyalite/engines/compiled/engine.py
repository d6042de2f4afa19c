"""The compiled engine: hands tables and samples to the kernel, 0.05 seconds of work a call."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from hyalite.data.samples import Samples
from hyalite.engines.base import Task, Tick, Totals, results
from hyalite.engines.blas import one_blas_thread
from hyalite.engines.compiled import entries
from hyalite.engines.compiled.pace import CALL, Pace
from hyalite.engines.compiled.predictor import Predictor
from hyalite.engines.compiled.program import Lowering
from hyalite.engines.compiled.settings import Settings
from hyalite.engines.compiled.support import HITS, rule_of
from hyalite.engines.compiled.tables import FORMS, Memory, Source, Step, Told
from hyalite.engines.compiled.team import Team, new_told
from hyalite.engines.interrupts import waiting
from hyalite.engines.numpy import NumpyEngine
from hyalite.engines.threads import working
from hyalite.errors import NonFiniteError
from hyalite.losses import Objective
from hyalite.metrics import Metric
from hyalite.network import Network
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array, Scratch

MOST_STEPS = 1 << 16  # of a call: as many learning rates are made beforehand
ORDERS = 1 << 20  # entries of the orders made beforehand
SMALL = 1 << 15  # multiplications that are done before a second thread wakes up
BRIEF = 2e-4  # seconds of a call that other threads would only be in time to see the end of
BAD_PARAMETERS = 2  # see `Told.BAD`
# Attributes of layers and losses that the tables hold
SETTINGS = ("activation", "slope", "epsilon", "momentum", "scale", "offset", "rate", "l1", "l2",
            "bias_l1", "bias_l2", "label_smoothing", "delta", "q", "from_logits")  # fmt: skip
SPEED = 5e9  # multiplications a second, until the first call has been timed


class CompiledEngine:
    """Runs training, evaluation and prediction of one network in compiled code.

    Args:
        network: built, and found fit by `support.check`.
        shards: parts of a batch that batch normalization treats apart. Other models give the same
            to rounding, whatever it is.
    """

    name = "compiled"

    def __init__(self, network: Network, shards: int = 1) -> None:
        self.network, self.shards = network, shards
        self.team, self.pace, self.scratch = Team(), Pace(), Scratch()
        self._held = False
        self._kept: dict[bool, _Tables] = {}  # by whether for training

    @contextmanager
    def ready(self) -> Iterator[None]:
        """BLAS on one thread, a share of the cores, helping threads."""
        if self._held:  # a validation within a fit
            yield
            return
        with one_blas_thread, working:
            self._held = True
            try:
                yield
            finally:
                self._held = False
                self.team.close()

    def renew(self) -> None:
        """Nothing to forget: whether the settings have changed is looked at in every call."""

    def tables(
        self, objective: Objective | None, own: Metric | None, batch_size: int = 0
    ) -> _Tables:
        """The tables for training in batches, or for inference; where nothing has changed since
        the call before, they are the same.
        """
        tables = self._kept.get(batch_size > 0)
        if tables is None or not tables.serve(objective, own, batch_size):
            tables = _Tables(self, objective, own, batch_size)
            self._kept[batch_size > 0] = tables
        return tables

    def together(self, task: Task) -> int:
        """How many epochs fill a call of the kernel."""
        steps, rows = task.steps, len(task.samples)
        room = ORDERS // rows if task.batch_size < rows else MOST_STEPS
        seconds = max(steps * self.pace.seconds, CALL / MOST_STEPS) or CALL
        return max(1, min(int(CALL / seconds), room, MOST_STEPS // steps))

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
        run = _Run(self, task, orders, begun, most)
        optimizer.prepare(self.network.ready.theta)
        while run.goes_on:
            try:
                run.call(optimizer)
            finally:  # whatever happens, the steps that were made count
                for totals in run.account(optimizer):
                    finished(totals)
            if tick(run.rows_of_the_epoch):
                break
        run.check()

    def evaluate(self, task: Task) -> Totals:
        """Loss and metrics without training; the blocks of rows are the kernel's own choice."""
        samples = task.samples
        kept = _Metrics(task.metrics, samples, self.network.output_shape[-1])
        sums = self._infer(samples, task.objective, kept.own, kept.predictions)
        loss, hits = sums.sum(axis=0).tolist()
        weight = _sum(samples.weight, samples)
        figures = kept.results(hits)
        return Totals(0, len(samples), loss, weight, hits=hits, metrics=figures)

    def predict(self, samples: Samples, batch_size: int) -> Array:
        """The outputs of all samples, (n, *output_shape)."""
        result = np.empty((len(samples), *self.network.output_shape), self.network.dtype)
        self._infer(samples, None, None, result.reshape(len(samples), -1))
        return result

    def predictor(self) -> Predictor:
        """For a few rows at a time."""
        return Predictor(self.network)

    def _infer(
        self, samples: Samples, objective: Objective | None, own: Metric | None, predictions: Array
    ) -> Array:
        """Fill `predictions` where it has rows; Σ weight·loss and Σ count·hits of each block."""
        tables = self.tables(objective, own)
        parameters, told = self.network.ready, new_told()
        cut = tables.lowering.cut(len(samples))
        sums = np.zeros((cut.blocks, 2))
        work = len(samples) * (parameters.theta.size + tables.room.block)
        with self.ready():
            threads = self.team.size(1 if work < SMALL else cut.blocks)
            arenas = np.empty((threads, cut.room * tables.room.block), self.network.dtype)
            arguments = (
                told, tables.program, cut, parameters.theta, parameters.state, arenas,
                _source(samples, [None], predictions), objective is not None, sums,
            )  # fmt: skip
            kernel = entries.prepare(entries.infer, self.network.dtype, (0, 1, *arguments))
            self.team.call(kernel, threads, told, arguments, work / SPEED)
        return sums


class _Tables:
    """A network and its loss as the kernel takes them."""

    def __init__(
        self,
        engine: CompiledEngine,
        objective: Objective | None,
        own: Metric | None,
        batch_size: int,
    ) -> None:
        self.objective, self.own, self.batch_size = objective, own, batch_size
        objects: list[object] = list(engine.network.layers)
        if objective is not None:
            objects.append(objective.loss)
        self.settings = Settings(objects, SETTINGS)
        self.lowering = Lowering(engine.network, objective, batch_size, engine.shards)
        self.program, self.room = self.lowering.program(own), self.lowering.room

    def serve(self, objective: Objective | None, own: Metric | None, batch_size: int) -> bool:
        """Whether they are those for this, and nothing has changed."""
        same = self.objective is objective and self.own is own and self.batch_size == batch_size
        return same and not self.settings.changed


class _Run:
    """Some epochs: the tables, the memory, and how far the kernel has come."""

    def __init__(
        self,
        engine: CompiledEngine,
        task: Task,
        orders: Sequence[Array | None],
        begun: Totals,
        most: int | None,
    ) -> None:
        self.engine, self.task, self.orders, self.begun = engine, task, orders, begun
        self.samples = samples = task.samples
        self.batch_size = batch_size = min(task.batch_size, len(samples))
        network, take, dtype = engine.network, engine.scratch.take, engine.network.dtype
        self.metrics = _Metrics(task.metrics, samples, network.output_shape[-1], begun.predictions)
        tables = engine.tables(task.objective, self.metrics.own, batch_size)
        self.program, self.cut, room = tables.program, tables.lowering.cut(), tables.room
        self.pieces = max(self.cut.parts, len(self.program.pieces))
        multiplications = 3 * batch_size * (network.ready.theta.size + room.block)
        if multiplications < SMALL:
            self.pieces = 1
        engine.pace.seconds = engine.pace.seconds or multiplications / SPEED
        self.block_room = self.cut.room * room.block
        self.whole = take("whole", (batch_size * room.whole,), dtype)
        self.parts = take("parts", (self.cut.parts, room.part), dtype)
        self.moments = take("moments", (self.cut.shards, network.ready.state.size), dtype)
        self.source = _source(samples, orders, self.metrics.predictions)
        self.told, self.gate = new_told(), np.zeros(16, np.int64)
        self.epoch_steps = task.steps
        self.sums = np.zeros((len(orders), 3))
        self.sums[0] = begun.loss, begun.hits, begun.penalty
        self.weight = _sum(samples.weight, samples)
        self.done, self.reported = begun.steps, 0  # steps, epochs
        self.last = len(orders) * self.epoch_steps
        if most is not None:
            self.last = min(self.last, self.done + most)
        self.told[Told.STEPS] = self.done
        self.rates, self.began = np.empty(0), 0  # of the latest call

    @property
    def goes_on(self) -> bool:
        """Whether there are steps to make, and all numbers are finite."""
        return self.done < self.last and not self.told[Told.BAD]

    @property
    def rows_of_the_epoch(self) -> int:
        """How many samples of the present epoch are done."""
        steps = self.done % self.epoch_steps or self.epoch_steps
        return min(steps * self.batch_size, len(self.samples))

    def call(self, optimizer: Optimizer) -> None:
        """Let the kernel make some steps."""
        engine, network = self.engine, self.engine.network
        threads, steps = engine.pace.next(engine.team.size(self.pieces))
        steps = min(steps, MOST_STEPS, self.last - self.done)
        if self.metrics.others:  # their predictions are those of one epoch
            steps = min(steps, self.epoch_steps - self.done % self.epoch_steps)
        seconds = steps * engine.pace.seconds
        if seconds <= BRIEF:
            threads = 1
        self.rates, self.began = optimizer.coming_learning_rates(steps), self.done
        arguments = (
            self.gate, self.told, self.program, self.cut, self._memory(optimizer, threads),
            self.source, _step(optimizer, self.rates), self.done, self.done + steps,
            self.epoch_steps, network.clock.seed, network.clock.step, self.sums,
        )  # fmt: skip
        kernel = entries.prepare(entries.train, network.dtype, (0, 1, *arguments))
        self.told[[Told.STOP, Told.AGREED]] = 0
        before, began = int(self.told[Told.STEPS]), time.perf_counter()
        engine.team.call(kernel, threads, self.told, arguments, seconds, waiting)
        made = int(self.told[Told.STEPS]) - before
        if made:
            engine.pace.note(threads, (time.perf_counter() - began) / made)

    def account(self, optimizer: Optimizer) -> Iterator[Totals]:
        """Count the steps that the kernel has made; the sums of epochs that are complete now."""
        made = int(self.told[Told.STEPS]) - self.done
        if made:
            self.done += made
            self.engine.network.clock.step += made
            optimizer.steps += made
            optimizer.last_learning_rate = float(self.rates[made - 1])
        complete = self.done // self.epoch_steps
        if self.told[Told.BAD] == BAD_PARAMETERS:
            complete -= 1
        rows, sums = len(self.samples), self.sums[self.reported : complete].tolist()
        # the learning rates of the epochs' last steps, made in the latest call
        first = (self.reported + 1) * self.epoch_steps - 1 - self.began
        rates = self.rates[first :: self.epoch_steps].tolist()
        for (loss, hits, penalty), rate in zip(sums, rates, strict=False):
            measured = self.metrics.results(hits, self.orders[self.reported])
            self.reported += 1
            yield Totals(
                self.epoch_steps, rows, loss, self.weight, penalty, hits, None, measured, rate
            )
        self._note_what_is_begun()

    def _note_what_is_begun(self) -> None:
        """Leave in `begun` what was done of the epoch that is not finished."""
        self.begun.clear()
        steps = self.done % self.epoch_steps
        if steps:
            loss, hits, penalty = self.sums[self.done // self.epoch_steps].tolist()
            self.begun.steps, self.begun.rows = steps, steps * self.batch_size
            self.begun.loss, self.begun.weight = loss, self.weight
            self.begun.hits, self.begun.penalty = hits, penalty
            if self.metrics.others:
                self.begun.predictions = self.metrics.predictions

    def check(self) -> None:
        """Raise a NonFiniteError where the kernel met such a number."""
        bad = int(self.told[Told.BAD])
        if not bad:
            return
        reference = NumpyEngine(self.engine.network, self.engine.shards)
        found = reference.bad_parameters()
        if bad == BAD_PARAMETERS:
            raise NonFiniteError(f"last batch; {found}")
        number = self.done % self.epoch_steps
        start = number * self.batch_size
        stop = min(start + self.batch_size, len(self.samples))
        batch = self.samples.batch(start, stop, self.orders[self.done // self.epoch_steps])
        stages = self.engine.network.stages()
        stages = stages[:-1] if self.task.objective.fuses_last else stages
        raise NonFiniteError(f"batch {number + 1}; {reference.culprit(stages, batch.x)}")

    def _memory(self, optimizer: Optimizer, threads: int) -> Memory:
        parameters, take = self.engine.network.ready, self.engine.scratch.take
        dtype = parameters.theta.dtype
        none = np.empty(0, dtype)
        first, second = [*(optimizer.slots[name] for name in optimizer.slot_names), none, none][:2]
        return Memory(
            parameters.theta,
            parameters.grad,
            parameters.state,
            first,
            second,
            take("arenas", (threads, self.block_room), dtype),
            self.whole,
            self.parts,
            self.moments,
            take("block sums", (self.cut.blocks, 2), np.float64),
            take("piece sums", (len(self.program.pieces), 2), np.float64),
        )


def _step(optimizer: Optimizer, rates: Array) -> Step:
    def number(name: str) -> float:
        return float(getattr(optimizer, name, 0.0) or 0.0)

    return Step(
        int(rule_of(optimizer)),
        number("beta_1"),
        number("beta_2") or number("rho"),
        number("epsilon"),
        number("momentum"),
        number("weight_decay"),
        number("clip_norm"),
        number("clip_value"),
        optimizer.steps,
        rates,
    )


def _source(samples: Samples, orders: Sequence[Array | None], predictions: Array) -> Source:
    """The samples as the kernel takes them; `samples` must outlive it."""
    none, dtype = np.empty(0), samples.dtype
    x, y = samples.plain(FORMS), samples.y
    labels, targets = np.empty(0, np.int64), np.empty((0, 0), dtype)
    if y is not None and y.ndim == 1:
        labels = _own(y, np.int64)
    elif y is not None:
        targets = _own(y, dtype)
    return Source(
        x.ctypes.data,
        FORMS.index(x.dtype.name),
        x[0].size,
        len(x),
        _orders(samples, orders),
        labels,
        targets,
        none if samples.weight is None else _own(samples.weight, np.float64),
        none if samples.counts is None else _own(samples.counts, np.float64),
        predictions,
    )


def _orders(samples: Samples, orders: Sequence[Array | None]) -> Array:
    if orders[0] is not None:
        rows = [o if samples.rows is None else samples.rows[o] for o in orders if o is not None]
        return np.stack(rows).astype(np.int64, copy=False)
    if samples.rows is not None:
        return _own(samples.rows, np.int64)[np.newaxis]
    return np.empty((0, 0), np.int64)


def _own(array: Array, dtype: Any) -> Array:
    """`array` such that the kernel's compiled signature fits: contiguous, aligned, writable."""
    return np.require(array, dtype, ["C", "A", "W"])


class _Metrics:
    """The accuracy, whose hits the kernel counts, and the others, which take predictions."""

    def __init__(
        self,
        metrics: Sequence[Metric],
        samples: Samples,
        outputs: int,
        predictions: Array | None = None,
    ) -> None:
        self.metrics, self.samples = metrics, samples
        self.own = next((metric for metric in metrics if type(metric) in HITS), None)
        self.others = [metric for metric in metrics if metric is not self.own]
        if predictions is None:
            predictions = np.empty((len(samples) if self.others else 0, outputs), samples.dtype)
        self.predictions = predictions
        self.counts = _sum(samples.counts, samples)

    def results(self, hits: float, order: Array | None = None) -> dict[str, Any]:
        """What was measured in an epoch, by name."""
        if self.own is not None:
            self.own.reset()
            self.own.add(hits, self.counts)  # type: ignore[attr-defined]
        if self.others:
            _, y, _, counts = self.samples.everything(order)
            assert y is not None
            for metric in self.others:
                metric.reset()
                metric.update(self.predictions, y, counts)
        return results(self.metrics)


def _sum(values: Array | None, samples: Samples) -> float:
    if values is None:
        return float(len(samples))
    return float((values if samples.rows is None else values[samples.rows]).sum())
