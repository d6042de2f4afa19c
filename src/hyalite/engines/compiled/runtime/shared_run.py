"""A training run that workers share: two calls of the kernel a step, and the exchange in between.

The first call leaves the gradient's sums over this worker's shards, the second goes on from the
gradient of the whole batch. Both are Python's to make: 0.1 ms a step, of one that takes several.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from hyalite.engines.base import OnStep, Task, Totals, go_on
from hyalite.engines.compiled.frames import entry_of, packed
from hyalite.engines.compiled.machine_code.entry_points import EntryPoint, entry_point
from hyalite.engines.compiled.runtime.run import Calls, CompiledRun, Runtime
from hyalite.engines.compiled.runtime.threads import run_on_threads, threads_for
from hyalite.engines.compiled.structs import Control, IntVector, Phase, Share, Training
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array
from hyalite.workers import Group
from hyalite.workers.group import Message
from hyalite.workers.shards import count_of, nodes_of, rows_of, shards_of
from hyalite.workers.step import NOTHING, PAUSE, StepExchange

PHASE = entry_of(Training, "share", "phase")


class SharedRun(CompiledRun):
    """Training by the kernels, each worker its shards; see `engines.base.Run`."""

    def __init__(self, runtime: Runtime, task: Task, optimizer: Optimizer, workers: Group) -> None:
        super().__init__(runtime, task, optimizer)
        self._exchange = StepExchange(
            workers, partial(_add, entry_point("add", task.samples.dtype))
        )

    def epochs_at_once(self) -> int:
        """One: all are asked what comes next."""
        return 1

    def advance(
        self,
        orders: Sequence[Array | None],
        max_steps: int | None = None,
        on_step: OnStep = go_on,
    ) -> Iterator[Totals]:
        """See `Run.advance`."""
        calls = _SharedCalls(self.runtime, self.task, orders, self.partial, None)
        self.optimizer.prepare(self.runtime.network.ready.theta)
        made, wish, pauses = 0, False, False
        while calls.goes_on and not pauses:
            made += 1
            try:
                pauses = calls.step(self.optimizer, self._exchange, wish or made == max_steps)
            finally:  # whatever happens, the step counts if it was made
                finished = calls.account(self.optimizer)
                self.partial = calls.partial_epoch()
                yield from finished
            wish = on_step(calls.epoch_rows)
        calls.check()


class _SharedCalls(Calls):
    """The calls of the kernel for some epochs, a step each time."""

    def step(self, optimizer: Optimizer, exchange: StepExchange, wish: bool) -> bool:
        """Make a step, and say whether to pause behind it.

        Raises:
            LostWorker: a worker is gone; the step is not made.
        """
        group, parameters, partition = exchange.group, self.network.ready, self.partition
        start = self.done % self.epoch_steps * self.batch_size
        rows = min(self.batch_size, len(self.samples) - start)
        count = count_of(partition.shards, rows)
        first, stop = shards_of(count, group.rank, group.size)
        nodes = nodes_of(count, group.rank, group.size)
        sums = self.runtime.scratch.take(
            "sums", (len(nodes), parameters.theta.size), parameters.theta.dtype
        )
        share = Share(Phase.GRADIENT, first, stop, np.array(nodes, np.int64).reshape(-1, 2), sums)
        threads = threads_for(self.pieces)
        call = self.training(optimizer, threads, 1, share)
        kernel, frame = entry_point("train", parameters.theta.dtype), packed(call)

        began = time.perf_counter()
        self._run(kernel, threads, frame)
        took = time.perf_counter() - began
        low, high = rows_of(rows, partition.shards, group.rank, group.size)
        blocks = partition.blocks // partition.shards
        block_sums, moments = call.memory.block_sums[:, :2], self._moments(call)
        riders = [
            self.control[Control.UNKNOWN_CATEGORY, None],
            np.ascontiguousarray(block_sums[first * blocks : stop * blocks]),
            np.ascontiguousarray(moments[first:stop]),
            self.measures.predictions[start + low : start + high],
        ]
        wishes, riding = exchange(
            self.network.clock.step, count, [*sums], parameters.grad, riders,
            PAUSE if wish else NOTHING,
        )  # fmt: skip
        self._take_over(riding, start, block_sums, moments, self.measures.predictions)
        if self.control[Control.UNKNOWN_CATEGORY]:
            return False
        began = time.perf_counter()
        frame[PHASE] = Phase.UPDATE
        self._run(kernel, threads, frame)
        self.runtime.tuner.step_seconds = took + time.perf_counter() - began
        return bool(wishes & PAUSE)

    def _run(self, kernel: EntryPoint, threads: int, frame: IntVector) -> None:
        self.control[[Control.STOP, Control.STOPPED]] = 0
        # a signal waits for the end of the step, which the other workers make, too
        run_on_threads(kernel, threads, self.control, frame, self.runtime.tuner.step_seconds)

    def _moments(self, call: Training) -> Array:
        """Where the kernel looks for those of the shards, (shards, size of the state)."""
        return call.memory.moments[: self.partition.shards, : self.network.ready.state.size]

    def _take_over(self, riding: Sequence[Message], start: int, *places: Array) -> None:
        """What the shards of all workers have left, in its place, as if all were made here."""
        at = [0, 0, start]
        for unknown, *others in riding:
            self.control[Control.UNKNOWN_CATEGORY] |= int(unknown.view(np.int64)[0])
            for kind, (place, one) in enumerate(zip(places, others, strict=True)):
                some = one.view(place.dtype).reshape(-1, *place.shape[1:]) if one.size else one
                if len(some):
                    place[at[kind] : at[kind] + len(some)] = some
                    at[kind] += len(some)


def _add(kernel: EntryPoint, one: Array, other: Array, out: Array) -> None:
    kernel(one.ctypes.data, other.ctypes.data, out.ctypes.data, out.size)
