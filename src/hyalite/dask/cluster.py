"""The cluster as the client sees it. No wait is without a limit, and what fails has a name."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import Any

from distributed import Client, Semaphore, rejoin, secede
from distributed.utils import thread_state

ANSWER_SECONDS = 15.0  # for the scheduler to answer
POLL_SECONDS = 0.05  # between two looks at tasks
LOOK_SECONDS = 1.0  # between two looks at who is there
NOBODY_SECONDS = 300.0  # without any worker
LOCK = "hyalite.dask "  # and a worker's address: who holds it trains there


class Cluster:
    """Workers, and tasks on them.

    Args:
        client: of the cluster.

    Raises:
        ValueError: no client that waits.
    """

    def __init__(self, client: Any) -> None:
        if not isinstance(client, Client) or client.asynchronous:
            raise ValueError(
                f"client must be a dask.distributed.Client that is not asynchronous, got {client!r}"
            )
        self.client = client
        self._looked, self._seen = 0.0, frozenset[str]()
        self.gone = False  # the scheduler

    def workers(self) -> list[str]:
        """The addresses of those that are there.

        Raises:
            ConnectionError: the scheduler does not answer.
        """
        try:
            found = self.client.sync(self.client.scheduler.ncores, callback_timeout=ANSWER_SECONDS)
        except (OSError, TimeoutError, CancelledError, RuntimeError) as error:
            raise self._gone(error) from None
        self._looked, self._seen = time.monotonic(), frozenset(found)
        return sorted(found)

    def seen(self) -> frozenset[str]:
        """The same, as it was a moment ago."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self.workers()
        return self._seen

    def _gone(self, error: BaseException) -> ConnectionError:
        self.gone = True
        address = getattr(self.client.scheduler, "address", "")
        return ConnectionError(
            f"the Dask scheduler {address} does not answer ({type(error).__name__}: {error}). "
            "Without it nothing can be told to the workers; start the cluster again, and the fit"
        )

    def wait_for_workers(self, wanted: Sequence[str] | None, seconds: float) -> list[str]:
        """Those that are there and wanted, at least one.

        Raises:
            TimeoutError: none came.
        """
        end = time.monotonic() + seconds
        while True:
            found = [one for one in self.workers() if wanted is None or one in wanted]
            if found:
                return found
            if time.monotonic() > end:
                raise TimeoutError(
                    f"no worker came within {seconds:g} s; start some, such as `dask worker "
                    f"{self.client.scheduler.address}`, or give a longer timeout"
                )
            time.sleep(10 * POLL_SECONDS)

    def wait(self, futures: Sequence[Any], seconds: float, what: str) -> list[Any]:
        """Until all are there: their results are not fetched.

        Args:
            futures: of tasks.
            seconds: that may pass without another one.
            what: they are, for the error.

        Raises:
            TimeoutError: nothing came for so long.
            Exception: that a task raised.
        """
        count, latest = 0, time.monotonic()
        while True:
            states = [future.status for future in futures]
            for future, state in zip(futures, states, strict=True):
                if state == "error":
                    future.result(timeout=ANSWER_SECONDS)
            done = states.count("finished")
            if done == len(futures):
                return list(futures)
            self.seen()
            if "cancelled" in states:  # "lost" are computed again
                raise RuntimeError(
                    f"{what} cannot be computed: Dask has dropped {len(futures) - done} of "
                    f"{len(futures)} tasks. What was scattered is gone with its worker: "
                    "read it from files"
                )
            if done > count:
                count, latest = done, time.monotonic()
            if time.monotonic() - latest > seconds:
                raise TimeoutError(
                    f"{what} are not ready: {done} of {len(futures)} partitions are there, and no "
                    f"other came for {seconds:g} s. Is a worker busy, or out of memory? See their "
                    "logs, or give a longer timeout"
                )
            time.sleep(POLL_SECONDS)

    def wait_for_end(self, future: Any) -> None:
        """Until a task has ended, however long it trains; what it needs must be there.

        Raises:
            ConnectionError: the scheduler is gone.
            TimeoutError: no worker is there any more.
        """
        latest = time.monotonic()
        while future.status == "pending":
            if self.seen():
                latest = time.monotonic()
            elif time.monotonic() - latest > NOBODY_SECONDS:
                raise TimeoutError(f"all workers are gone, and none came for {NOBODY_SECONDS:g} s")
            time.sleep(POLL_SECONDS)
        self.wait([future], 0, "the model")

    def memory_limits(self) -> list[int]:
        """The bytes that each worker may take; of those that are limited."""
        found = self.client.run(memory_limit)
        return [limit for limit in found.values() if limit]

    def places(self, futures: Iterable[Any]) -> dict[str, str]:
        """Which worker holds each result, by key; without those that none holds."""
        held = self.client.who_has(list(futures))
        return {key: sorted(where)[0] for key, where in held.items() if where}

    @contextmanager
    def alone(self, addresses: Sequence[str], seconds: float) -> Iterator[Hold]:
        """Hold these workers: of fits at the same time each waits for the ones before it.

        All take locks in the same order, so two never wait for each other; and a lock whose
        holder is gone comes free by itself.

        Raises:
            TimeoutError: another fit has held one of them for so long.
        """
        end = time.monotonic() + seconds
        with _thread_given_back():
            hold = Hold(self)
            try:
                for address in sorted(addresses):
                    while not hold.add(address, ANSWER_SECONDS):
                        self.workers()
                        if time.monotonic() > end:
                            raise TimeoutError(
                                f"another fit has held worker {address} for {seconds:g} s; wait "
                                "for it, or give a longer queue_timeout"
                            )
                yield hold
            finally:
                hold.release()


def memory_limit(dask_worker: Any) -> int:
    """The bytes that a worker may take, 0 for any."""
    return int(getattr(dask_worker.memory_manager, "memory_limit", None) or 0)


class Hold:
    """The workers that a fit has for itself.

    Args:
        cluster: that they belong to.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self._locks = cluster, dict[str, Any]()

    @property
    def held(self) -> frozenset[str]:
        """Their addresses."""
        return frozenset(self._locks)

    def add(self, address: str, seconds: float = 0.0) -> bool:
        """Hold one more, where nobody else does within so many seconds."""
        client = self.cluster.client
        lock = Semaphore(
            max_leases=1, name=LOCK + address,
            scheduler_rpc=client.scheduler, loop=client.loop,
        )  # fmt: skip
        if lock.acquire(timeout=seconds):
            self._locks[address] = lock
        return address in self._locks

    def release(self) -> None:
        """Let them all go."""
        for lock in self._locks.values():
            if not self.cluster.gone:  # else the locks are gone with it
                with suppress(OSError, TimeoutError):
                    lock.release()


@contextmanager
def _thread_given_back() -> Iterator[None]:
    """Within a task its thread is another's for as long as the fit runs."""
    if not hasattr(thread_state, "execution_state"):
        yield
        return
    secede()
    try:
        yield
    finally:
        rejoin()
