"""A training run: the calls of the kernel, their memory, and how far it has come."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hyalite.engines.base import OnStep, Task, Totals, go_on
from hyalite.engines.compiled.frames import packed
from hyalite.engines.compiled.lowering.support import optimizer_kind
from hyalite.engines.compiled.machine_code.entry_points import entry_point
from hyalite.engines.compiled.runtime.lowered import Lowered
from hyalite.engines.compiled.runtime.measures import Measures
from hyalite.engines.compiled.runtime.source import source_of, total
from hyalite.engines.compiled.runtime.threads import new_control, run_on_threads, threads_for
from hyalite.engines.compiled.runtime.tuning import CALL_SECONDS, ThreadTuner
from hyalite.engines.compiled.structs import (
    GATE_SIZE,
    NONFINITE_PARAMETERS,
    SHARED_COLUMNS,
    Column,
    Control,
    IntVector,
    Memory,
    OptimizerStep,
    Phase,
    Share,
    StepRange,
    Tile,
    Training,
)
from hyalite.engines.interrupts import waiting
from hyalite.engines.numpy import NumpyEngine
from hyalite.engines.threads import active_fits
from hyalite.errors import NonFiniteError
from hyalite.losses import Objective
from hyalite.metrics import Metric
from hyalite.network import Network
from hyalite.optimizers import Optimizer
from hyalite.parameters import LINE, Array, Scratch, whole_lines, zeros

MAX_CALL_STEPS = 1 << 16  # as many learning rates are made beforehand
MAX_ORDER_ENTRIES = 1 << 20  # of the orders of samples that are made beforehand
ONE_THREAD_COST = 1 << 15  # multiplications that are done before a second thread wakes up
ONE_THREAD_SECONDS = 2e-4  # of a call that other threads would only be in time to see the end of
COST_PER_SECOND = 5e9  # multiplications, until the first call has been timed
PASSES = 3  # of a training step: forward, dx, dW


@dataclass
class Runtime:
    """What the runs of one network share: tables, memory, and how long a step takes."""

    network: Network
    shards: int
    tuner: ThreadTuner = field(default_factory=ThreadTuner)
    scratch: Scratch = field(default_factory=Scratch)
    _kept: dict[bool, Lowered] = field(default_factory=dict)  # by whether for training
    _held: bool = False

    @contextmanager
    def ready(self) -> Iterator[None]:
        """A share of the cores is this fit's."""
        if self._held:  # a validation within a fit
            yield
            return
        with active_fits:
            self._held = True
            try:
                yield
            finally:
                self._held = False

    def lowered(
        self, objective: Objective | None, accuracy: Metric | None, batch_size: int = 0
    ) -> Lowered:
        """The tables for training in batches, or for inference; where nothing has changed since
        the call before, they are the same.
        """
        lowered = self._kept.get(batch_size > 0)
        if lowered is None or not lowered.serves(objective, accuracy, batch_size):
            lowered = Lowered(self.network, objective, accuracy, batch_size, self.shards)
            self._kept[batch_size > 0] = lowered
        return lowered


class CompiledRun(AbstractContextManager["CompiledRun"]):
    """Training by the kernels; see `engines.base.Run`."""

    def __init__(self, runtime: Runtime, task: Task, optimizer: Optimizer) -> None:
        self.runtime, self.task, self.optimizer = runtime, task, optimizer
        self.partial = Totals()
        self._held = ExitStack()

    def __enter__(self) -> CompiledRun:
        self._held.enter_context(self.runtime.ready())
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def refresh(self) -> None:
        """Nothing to forget: whether the settings have changed is looked at in every call."""

    def epochs_at_once(self) -> int:
        """How many fill a call of the kernel."""
        steps, rows = self.task.steps, len(self.task.samples)
        orders = MAX_ORDER_ENTRIES // rows if self.task.batch_size < rows else MAX_CALL_STEPS
        least = CALL_SECONDS / MAX_CALL_STEPS
        seconds = max(steps * self.runtime.tuner.step_seconds, least) or CALL_SECONDS
        return max(1, min(int(CALL_SECONDS / seconds), orders, MAX_CALL_STEPS // steps))

    def advance(
        self,
        orders: Sequence[Any],
        max_steps: int | None = None,
        on_step: OnStep = go_on,
    ) -> Iterator[Totals]:
        """See `Run.advance`."""
        calls = Calls(self.runtime, self.task, orders, self.partial, max_steps)
        self.optimizer.prepare(self.runtime.network.ready.theta)
        while calls.goes_on:
            try:
                calls.call(self.optimizer)
            finally:  # whatever happens, the steps that were made count
                finished = calls.account(self.optimizer)
                self.partial = calls.partial_epoch()
                yield from finished
            if on_step(calls.epoch_rows):
                break
        calls.check()


class Calls:
    """The calls of the kernel that train some epochs.

    Args:
        runtime: of the network.
        task: the samples, the loss and the metrics.
        orders: of the samples, an epoch each.
        partial: what was done of the first epoch.
        max_steps: pause after so many.
    """

    def __init__(
        self,
        runtime: Runtime,
        task: Task,
        orders: Sequence[Array | None],
        partial: Totals,
        max_steps: int | None,
    ) -> None:
        self.runtime, self.network, self.task = runtime, runtime.network, task
        self.samples, self.orders = task.samples, orders
        self.batch_size = min(task.batch_size, len(self.samples))
        self.epoch_steps = task.steps
        self.done, self.reported = partial.steps, 0  # steps, epochs
        self.last = len(orders) * self.epoch_steps
        if max_steps is not None:
            self.last = min(self.last, self.done + max_steps)
        self.measures = Measures(
            task.metrics, self.samples, self.network.output_shape[-1], partial.predictions
        )
        self.weight = total(self.samples.weight, self.samples)
        lowered = runtime.lowered(task.objective, self.measures.accuracy, self.batch_size)
        self.program, self.partition = lowered.program, lowered.lowering.partition()
        self.sizes = lowered.lowering.sizes
        self.dropouts = lowered.lowering.scheduled_dropouts()
        places = [places for _, *places in self.dropouts]
        self.drop_places = np.array(places, np.int64).reshape(-1, 2)
        self.epoch_sums = np.zeros((len(orders), 3))
        self.epoch_sums[0] = partial.loss, partial.correct, partial.penalty
        self._share_out(PASSES * self.batch_size * lowered.lowering.cost)
        self._take_memory()
        self.source = source_of(self.samples, orders, self.measures.predictions)
        self.control, self.gate = new_control(), np.zeros(GATE_SIZE, np.int64)
        self.control[Control.STEPS] = self.done
        self.learning_rates, self.call_begin = np.empty(0), 0  # of the latest call

    def _share_out(self, step_cost: int) -> None:
        """Into how many pieces the work can be divided, and how long a step may take."""
        self.pieces = max(self.partition.parts, len(self.program.update.tiles))
        if step_cost < ONE_THREAD_COST:
            self.pieces = 1
        tuner = self.runtime.tuner
        tuner.step_seconds = tuner.step_seconds or step_cost / COST_PER_SECOND

    def _take_memory(self) -> None:
        take, dtype, partition = self.runtime.scratch.take, self.network.dtype, self.partition
        self.batch_buffers = take("batch", (self.batch_size * self.sizes.batch,), dtype)
        self.part_gradients = take("parts", (partition.parts, whole_lines(self.sizes.part)), dtype)

    @property
    def goes_on(self) -> bool:
        """Whether there are steps to make, and all numbers are finite."""
        found = self.control[Control.NONFINITE] or self.control[Control.UNKNOWN_CATEGORY]
        return self.done < self.last and not found

    @property
    def epoch_rows(self) -> int:
        """How many samples of the present epoch are done."""
        steps = self.done % self.epoch_steps or self.epoch_steps
        return min(steps * self.batch_size, len(self.samples))

    def call(self, optimizer: Optimizer) -> None:
        """Let the kernel make some steps."""
        runtime, network = self.runtime, self.network
        threads, steps = runtime.tuner.next(threads_for(self.pieces))
        steps = min(steps, MAX_CALL_STEPS, self.last - self.done)
        if self.measures.others:  # their predictions are those of one epoch
            steps = min(steps, self.epoch_steps - self.done % self.epoch_steps)
        seconds = steps * runtime.tuner.step_seconds
        if seconds <= ONE_THREAD_SECONDS:
            threads = 1
        none = np.empty((0, 0), network.dtype)
        whole = Share(Phase.WHOLE, 0, self.partition.shards, np.empty((0, 2), np.int64), none)
        call = self.training(optimizer, threads, steps, whole)
        kernel, frame = entry_point("train", network.dtype), packed(call)
        self.control[[Control.STOP, Control.STOPPED]] = 0
        before, began = int(self.control[Control.STEPS]), time.perf_counter()
        run_on_threads(kernel, threads, self.control, frame, seconds, waiting)
        made = int(self.control[Control.STEPS]) - before
        if made:
            runtime.tuner.note(threads, (time.perf_counter() - began) / made)

    def training(self, optimizer: Optimizer, threads: int, steps: int, share: Share) -> Training:
        """What the kernel is called with; it must outlive the call."""
        network, clock = self.network, self.network.clock
        self.learning_rates = optimizer.coming_learning_rates(steps)
        weight_decays = optimizer.coming_weight_decays(steps)
        thresholds = self._drop_thresholds(steps)
        self.call_begin = self.done
        segments = optimizer.segments_of(network.ready.theta.size)
        ranges = np.array([segment[:2] for segment in segments], np.int64)
        factors = np.array([segment[2:] for segment in segments], np.float64)
        return Training(
            self.gate, self.control, self._claims(), self.program, self.partition,
            self._memory(optimizer, threads), self.source,
            _optimizer_step(optimizer, self.learning_rates, weight_decays, ranges, factors),
            StepRange(
                self.done, self.done + steps, self.epoch_steps, clock.seed, clock.step,
                self.drop_places, thresholds,
            ),
            share,
        )  # fmt: skip

    def _claims(self) -> IntVector:
        """For every kind of work at least as many as it has pieces."""
        network, tiles = self.program.network, len(self.program.update.tiles)
        widest = int(network.instructions[:, [Column.INPUTS, Column.OUTPUTS]].max())
        shared = -(-widest // SHARED_COLUMNS)
        most = max(self.partition.parts, tiles, shared, network.feature_slices.size)
        return zeros((most,), np.int64)

    def _drop_thresholds(self, steps: int) -> Array:
        """Of the dropouts that follow a schedule, int64 (steps, dropouts)."""
        first = self.network.clock.step
        columns = [
            [dropout.threshold(step) for step in range(first, first + steps)]
            for dropout, *_ in self.dropouts
        ]
        return np.ascontiguousarray(np.array(columns, np.int64).reshape(-1, steps).T)

    def account(self, optimizer: Optimizer) -> list[Totals]:
        """Count the steps that the kernel has made; the sums of epochs that are complete now."""
        made = int(self.control[Control.STEPS]) - self.done
        if made:
            self.done += made
            self.network.clock.step += made
            optimizer.steps += made
            optimizer.last_learning_rate = float(self.learning_rates[made - 1])
        complete = self.done // self.epoch_steps
        if self.control[Control.NONFINITE] == NONFINITE_PARAMETERS:
            complete -= 1
        rows, sums = len(self.samples), self.epoch_sums[self.reported : complete].tolist()
        # the learning rates of the epochs' last steps, made in the latest call
        first = (self.reported + 1) * self.epoch_steps - 1 - self.call_begin
        rates = self.learning_rates[first :: self.epoch_steps].tolist()
        finished = []
        for (loss, correct, penalty), rate in zip(sums, rates, strict=False):
            measured = self.measures.results(correct, self.orders[self.reported])
            self.reported += 1
            finished.append(
                Totals(
                    self.epoch_steps, rows, loss, self.weight, penalty, correct, None, measured,
                    rate,
                )
            )  # fmt: skip
        return finished

    def partial_epoch(self) -> Totals:
        """What was done of the epoch that is not finished."""
        steps = self.done % self.epoch_steps
        if not steps:
            return Totals()
        loss, correct, penalty = self.epoch_sums[self.done // self.epoch_steps].tolist()
        predictions = self.measures.predictions if self.measures.others else None
        rows = steps * self.batch_size
        return Totals(steps, rows, loss, self.weight, penalty, correct, predictions)

    def check(self) -> None:
        """Raise what the reference engine raises where the kernel met such a number."""
        found = int(self.control[Control.NONFINITE])
        unknown = self.control[Control.UNKNOWN_CATEGORY]
        if not (found or unknown):
            return
        reference = NumpyEngine(self.network, self.runtime.shards)
        if found == NONFINITE_PARAMETERS:
            raise NonFiniteError(f"last batch; {reference.bad_parameters()}")
        number = self.done % self.epoch_steps
        named = self.samples.first_step + number + 1
        start = number * self.batch_size
        stop = min(start + self.batch_size, len(self.samples))
        self.samples.complete()
        batch = self.samples.batch(start, stop, self.orders[self.done // self.epoch_steps])
        if unknown:
            stages = self.network.stages(self.task.objective)
            reference.batch_gradient(stages, batch, self.task.objective, ())
        where = reference.locate_non_finite(self.task.objective, batch.x)
        raise NonFiniteError(f"batch {named}; {where}")

    def _memory(self, optimizer: Optimizer, threads: int) -> Memory:
        parameters, take = self.network.ready, self.runtime.scratch.take
        partition, state_size = self.partition, 2 * parameters.state.size
        dtype = parameters.theta.dtype
        none = np.empty(0, dtype)
        first, second = [*(optimizer.slots[name] for name in optimizer.slot_names), none, none][:2]
        tiles = [Tile(*numbers) for numbers in self.program.update.tiles.tolist()]
        largest = max(tile.high - tile.low for tile in tiles)
        # one sum of shards for each power of two waits for its neighbour
        waiting = partition.shards.bit_length()
        buffer_size = max(partition.block_rows * self.sizes.thread, waiting * largest)
        buffers = max(threads, partition.blocks) if partition.own_buffers else threads
        return Memory(
            parameters.theta,
            parameters.grad,
            parameters.state,
            first,
            second,
            take("threads", (buffers, whole_lines(buffer_size)), dtype),
            self.batch_buffers,
            self.part_gradients,
            take("moments", (threads * partition.shards, state_size), dtype),
            take("block moments", (partition.blocks, state_size), dtype),
            take("block sums", (partition.blocks, LINE // 8), np.float64),
            take("tile sums", (len(self.program.update.tiles), 2), np.float64),
            self.epoch_sums,
        )


def _optimizer_step(
    optimizer: Optimizer, learning_rates: Array, weight_decays: Array, ranges: Array, factors: Array
) -> OptimizerStep:
    """The optimizer's numbers."""

    def number(name: str) -> float:
        return float(getattr(optimizer, name, 0.0) or 0.0)

    return OptimizerStep(
        int(optimizer_kind(optimizer)),
        number("beta_1"),
        number("beta_2") or number("rho"),
        number("epsilon"),
        number("momentum"),
        number("clip_norm"),
        number("clip_value"),
        optimizer.steps,
        learning_rates,
        weight_decays,
        ranges,
        factors,
    )
