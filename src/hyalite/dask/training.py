"""`fit` on a cluster: data first, then a group of workers, formed anew whenever one is lost."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import Any

from distributed import KilledWorker

import dask
from hyalite import checks
from hyalite.dask.cluster import ANSWER_SECONDS, POLL_SECONDS, Cluster, Hold
from hyalite.dask.collections import partitions
from hyalite.dask.job import Attempt, Job, Outcome, ask_to_regroup, ready, serve, train_part
from hyalite.dask.links import GRACE_SECONDS
from hyalite.dask.prepared import Rows
from hyalite.dask.rows import Preparing
from hyalite.dask.shared import Shared
from hyalite.data.block_samples import is_source
from hyalite.errors import LostWorker
from hyalite.messages import say
from hyalite.model import Sequential
from hyalite.random import check_seed, new_seed
from hyalite.training.callbacks import Callback
from hyalite.training.snapshot import Snapshot
from hyalite.training.sources import amount
from hyalite.workers.shards import DEFAULT

TIMEOUT = 300.0  # seconds
QUEUE_TIMEOUT = 86_400.0
PRIORITY = 100  # of a fit's tasks over others that wait
MAX_VAIN = 5  # groups that are formed one after the other without a step


def fit(
    client: Any,
    model: Sequential,
    x: Any,
    y: Any = None,
    *,
    sample_weight: Any = None,
    batch_size: int = 1024,
    epochs: int = 1,
    validation_data: Sequence[Any] | None = None,
    class_weight: Mapping[int, float] | str | None = None,
    shuffle: Any = True,
    seed: int | None = None,
    shards: int = DEFAULT,
    callbacks: Sequence[Callback] = (),
    workers: Sequence[str] | None = None,
    timeout: float = TIMEOUT,
    queue_timeout: float = QUEUE_TIMEOUT,
) -> Sequential:
    """Train a model on collections or on a pack, by all workers of a cluster together.

    Weights, optimizer and history are byte for byte those of ``model.fit`` with the same
    arguments in one process, on any number of workers, also where some die on the way and others
    come.

    A dead worker costs the step it was in, and its partitions are computed again by Dask. New
    workers take part from the next step on. Fits at the same time take turns on the workers that
    they share. Nothing of the data goes through the scheduler or this process.

    With ``shuffle="blocks"`` blocks of rows are read from the workers that hold them as they are
    due, and the memory that this takes does not depend on how many there are. With True, where any
    row may follow any other, each worker reads all rows when the group is formed, and keeps them:
    how much that is is said before training starts, and refused where a worker may not take it.

    A pack, of `hy.tables.pack`, is opened by each worker under the path that it has here, so it
    must lie where all see it. A worker reads the inputs of its own share of each batch, in blocks.

    Args:
        client: of the cluster, `dask.distributed.Client`.
        model: compiled; it is not changed.
        x: a dask array (n, *input_shape), or a dask data frame of numbers; or a pack, or an object
            of your own with `__len__` and `block`, as `Sequential.fit` takes it, which every worker
            is given a copy of.
        y: a dask array or series, partitioned as x; None where x gives it.
        sample_weight: the same, or None.
        batch_size: samples a step, over all workers.
        epochs: how many.
        validation_data: (x, y) as collections, or in memory, or ``pack.validation_rows``; measured
            after each epoch.
        class_weight: as for `Sequential.fit`.
        shuffle: True, False, "blocks" or a `BlockShuffle`, as for `Sequential.fit`.
        callbacks: as for `Sequential.fit`; copies of them are called, on one of the workers.
        seed: of initial weights, order and dropout; None takes a fresh one.
        shards: parts of a batch, and the most workers that can take part.
        workers: addresses of those that may; None for all.
        timeout: seconds that a worker may be silent, or that may pass until one more partition is
            there.
        queue_timeout: seconds to wait for fits that were there before.

    Returns:
        the trained model, with its ``history``.

    Raises:
        ValueError: an argument that does not fit; or a worker sees another pack, or may not take
            as much memory as all rows need.
        FileNotFoundError: a worker does not see the pack.
        TimeoutError: the data are not ready, or no worker comes, or another fit does not end.
        ConnectionError: the scheduler is gone.
        LostWorker: one worker after the other is lost without a step between.
        NonFiniteError: the loss became NaN or infinite.

    Examples:
        >>> import dask.array as da
        >>> import hyalite.dask
        >>> from dask.distributed import Client  # doctest: +SKIP
        >>> x = da.random.random((100_000, 20), chunks=(10_000, 20))
        >>> model = hy.Sequential([hy.Dense(16, "relu"), hy.Dense(1)])
        >>> model.compile("mse")
        >>> with Client() as client:  # doctest: +SKIP
        ...     model = hyalite.dask.fit(client, model, x, x.sum(axis=1), epochs=5, seed=0)
    """
    if not model.compiled:
        raise ValueError("the model has no loss yet: call model.compile(...) before fit")
    parts, measured = None, None
    if is_source(x):
        if y is not None or sample_weight is not None:
            raise ValueError("x gives its targets itself: leave y and sample_weight away")
    else:
        if sample_weight is not None and not isinstance(shuffle, bool):
            raise ValueError("sample_weight is for shuffle=True or False; in blocks leave it out")
        parts = partitions(x, y, sample_weight)
    if validation_data is not None and not is_source(validation_data):
        if not isinstance(validation_data, tuple | list) or len(validation_data) != 2:
            raise ValueError("validation_data must be (x, y) or a source of rows")
        if any(map(dask.is_dask_collection, validation_data)):
            names = ("validation_data[0]", "validation_data[1]", "")
            measured = partitions(validation_data[0], validation_data[1], None, names)
    shared = Shared(x if parts is None else None, validation_data if measured is None else None)
    arguments = {
        "batch_size": checks.integer(batch_size, "batch_size"), "epochs": epochs,
        "class_weight": class_weight, "shuffle": shuffle,
        "shards": checks.integer(shards, "shards"),
        "seed": new_seed() if seed is None else check_seed(seed), "callbacks": list(callbacks),
        "verbose": 0,
    }  # fmt: skip
    job = Job(model, arguments, checks.number(timeout, "timeout", low=0, above=True))
    cluster, preparing = Cluster(client), Preparing(model.network.dtype)
    with begun(cluster, workers, job.timeout, queue_timeout) as hold:
        rows, held_back = (
            None if one is None else Rows.prepare(cluster, one, preparing, job.timeout)
            for one in (parts, measured)
        )
        return train_job(hold, job, rows, held_back, workers, shared).model


@contextmanager
def begun(
    cluster: Cluster, workers: Sequence[str] | None, timeout: float, queue_timeout: float
) -> Iterator[Hold]:
    """The workers, held until the end of the block."""
    found = cluster.wait_for_workers(workers, timeout)
    with cluster.alone(found, queue_timeout) as hold:
        yield hold


def train_job(
    hold: Hold,
    job: Job,
    rows: Rows | None,
    validation: Rows | None = None,
    workers: Sequence[str] | None = None,
    shared: Shared | None = None,
) -> Job:
    """Train on rows, and give the job back as rank 0 had it in the end.

    Args:
        hold: of the workers.
        job: what is to be trained.
        rows: that lie in parts on the workers, to train on,
        validation: and to be measured.
        workers: those that may take part; None for all.
        shared: rows that workers open by themselves.
    """
    return _Fit(hold, job, rows, validation, workers, shared or Shared()).run()


class _Fit:
    """The attempts of one fit."""

    def __init__(
        self,
        hold: Hold,
        job: Job,
        rows: Rows | None,
        validation: Rows | None,
        wanted: Sequence[str] | None,
        shared: Shared,
    ) -> None:
        self.hold, self.job, self.wanted, self.shared = hold, job, wanted, shared
        self.cluster, self.client = hold.cluster, hold.cluster.client
        self.rows, self.validation = rows, validation
        self.name, self.number, self.vain = uuid.uuid4().hex[:12], 0, 0
        self.best: Snapshot | None = None
        self.silent: set[str] = set()  # those that are there and say nothing

    def run(self) -> Job:
        """Until training is done."""
        self._state_memory()
        while True:
            step = -1 if self.best is None else self.best.step
            outcomes = self._attempt()
            for outcome in outcomes:
                if outcome.job is not None:
                    return outcome.job
            states = [one.snapshot for one in outcomes if one.snapshot is not None]
            self.best = max([*([self.best] if self.best else []), *states], key=_step, default=None)
            now = -1 if self.best is None else self.best.step
            reasons = sorted({one.lost for one in outcomes if one.lost})
            self.vain = 0 if now > step else self.vain + 1
            if self.vain == MAX_VAIN:
                raise LostWorker(
                    f"{MAX_VAIN} groups of workers were lost without a step between them; the last "
                    f"one at step {max(0, now)}: {'; '.join(reasons) or 'no worker said why'}"
                )
            if not any(one.regroup for one in outcomes):
                say(f"a worker is lost at step {max(0, now)}; the others go on from there")

    @property
    def _kept(self) -> list[Rows]:
        """Of which rows each worker keeps a copy."""
        if self.rows is not None and not isinstance(self.job.fit["shuffle"], bool):
            return []
        return [one for one in (self.rows, self.validation) if one is not None]

    def _state_memory(self) -> None:
        """Say what each worker is to keep."""
        if self._kept:
            rows, size = sum(map(len, self._kept)), sum(one.size for one in self._kept)
            say(
                f"each worker keeps a copy of all {rows:,} rows, {amount(size)}; hyalite.dask.fit "
                "with shuffle='blocks' reads them where they lie, when they are due"
            )

    def _attempt(self) -> list[Outcome]:
        """One group of workers, until it has done or lost somebody."""
        addresses = self._members()
        self.number += 1
        attempt = Attempt(
            f"{self.name}-{self.number}",
            addresses,
            *(None if one is None else one.places() for one in (self.rows, self.validation)),
        )
        try:
            self._make_ready(addresses)
            places = [*(attempt.places or ()), *(attempt.validation or ())]
            if others := {place.address for place in places} - set(addresses):
                self.client.run(serve, workers=sorted(others))
            job, shared, *state = self.client.scatter(
                [self.job, self.shared, *([self.best] if self.best is not None else [])],
                workers=list(addresses), broadcast=True, hash=False, timeout=self.job.timeout,
            )  # fmt: skip
        except FileNotFoundError:  # of a pack, which the workers were to see
            raise
        except (OSError, TimeoutError, LostWorker, KilledWorker) as error:
            self.cluster.workers()  # is it the scheduler?
            return [Outcome(lost=str(error))]
        first = state[0] if state else None
        futures = {
            address: self._submit(
                address, train_part, job, attempt, shared, rank, first if rank == 0 else None
            )
            for rank, address in enumerate(addresses)
        }
        try:
            return self._watch(attempt, futures)
        finally:
            for future in futures.values():
                future.release()  # what still runs notices that nobody waits for it

    def _make_ready(self, addresses: Sequence[str]) -> None:
        """Have each answer: those that are there, have a thread for the fit, and see its rows.

        Raises:
            LostWorker: one is gone, or is of no use.
            TimeoutError: one is busy.
            ValueError, OSError: at the beginning one is of no use.
        """
        packs = self.shared.packs()
        asked = {address: self._submit(address, ready, packs) for address in addresses}
        end = time.monotonic() + self.job.timeout
        while any(one.status == "pending" for one in asked.values()):
            there = self.cluster.seen()
            for address, one in asked.items():
                if address not in there:
                    raise LostWorker(f"worker {address} is gone")
                if time.monotonic() > end and one.status == "pending":
                    raise TimeoutError(
                        f"worker {address} has had no thread for the fit for "
                        f"{self.job.timeout:g} s; other tasks keep it busy"
                    )
            time.sleep(POLL_SECONDS)
        for address, one in asked.items():
            try:
                self._check_memory(address, one.result(timeout=ANSWER_SECONDS))
            except (CancelledError, KilledWorker):
                raise LostWorker(f"worker {address} is gone") from None
            except (ValueError, FileNotFoundError) as error:
                if self.number == 1:
                    raise
                self.silent.add(address)  # who came later is not to end what the others do
                say(f"worker {address} takes no part: {error}")
                raise LostWorker(str(error)) from None

    def _check_memory(self, address: str, most: int) -> None:
        """Refuse to have a worker keep more than it may take.

        Raises:
            ValueError: naming both.
        """
        size = sum(one.size for one in self._kept)
        if most and size > most:
            raise ValueError(
                f"each worker keeps a copy of all rows, {amount(size)}, and worker {address} may "
                f"take {amount(most)}; take hyalite.dask.fit with shuffle='blocks', or workers "
                "that may take more"
            )

    def _submit(self, address: str, function: Callable[..., Any], *arguments: Any) -> Any:
        return self.client.submit(
            function, *arguments, workers=[address], allow_other_workers=False, pure=False,
            retries=0, priority=PRIORITY,
        )  # fmt: skip

    def _members(self) -> list[str]:
        """Who takes part: those who are there and held, and those who came."""
        end = time.monotonic() + self.job.timeout
        while True:
            now = self.cluster.workers()
            self._hold_newcomers(now)
            there = set(now) & self.hold.held - self.silent
            if there:
                return sorted(there)[: self.job.fit["shards"]]
            if time.monotonic() > end:
                raise TimeoutError(
                    f"all workers of the fit are lost, and none came for {self.job.timeout:g} s"
                )
            time.sleep(10 * POLL_SECONDS)

    def _hold_newcomers(self, there: Iterable[str]) -> bool:
        """Hold those who may take part and do not yet; whether there is one more than before."""
        held = self.hold.held
        for address in sorted(there):
            wanted = self.wanted is None or address in self.wanted
            if wanted and address not in held | self.silent:
                self.hold.add(address)
        return self.hold.held > held

    def _watch(self, attempt: Attempt, futures: Mapping[str, Any]) -> list[Outcome]:
        """Until each task has ended, or its worker has."""
        ended: dict[str, Outcome] = {}
        failed: list[BaseException] = []
        full, end, looked = len(futures) >= self.job.fit["shards"], math.inf, frozenset(futures)
        while len(ended) < len(futures):
            there = self.cluster.seen()
            for address, future in futures.items():
                if address in ended:
                    continue
                state = future.status
                if state == "finished":
                    ended[address] = self._result(address, future)
                elif state == "error" and not isinstance(error := future.exception(), KilledWorker):
                    failed.append(error)
                    ended[address] = Outcome(lost=str(error))
                elif state != "pending" or address not in there:
                    ended[address] = Outcome(lost=f"worker {address} is gone")
            if ended and end == math.inf:
                end = time.monotonic() + self.job.timeout + GRACE_SECONDS
            if time.monotonic() > end:
                for address in futures.keys() - ended.keys():
                    self.silent.add(address)
                    ended[address] = Outcome(lost=f"worker {address} says nothing")
            if not full and not ended and there != looked and self._hold_newcomers(there):
                with suppress(Exception):  # rank 0 is gone, say; then the group ends anyway
                    self.client.run(ask_to_regroup, attempt.run, workers=[attempt.addresses[0]])
            looked = there
            time.sleep(POLL_SECONDS)
        if failed:
            raise failed[0]
        return [ended[address] for address in futures]

    def _result(self, address: str, future: Any) -> Outcome:
        """What a task that has ended gave, if its worker still has it."""
        try:
            found: Outcome = future.result(timeout=ANSWER_SECONDS)
        except (OSError, TimeoutError, CancelledError, KilledWorker):
            return Outcome(lost=f"worker {address} is gone, with what it had done")
        return found


def _step(snapshot: Snapshot) -> int:
    return snapshot.step
