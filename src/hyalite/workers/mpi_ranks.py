"""Workers that are MPI's processes: on one machine or on many, started by ``mpiexec`` or ``srun``.

MPI moves bytes and nothing else. Its own sum is no basis for equal bytes: which order it adds in
depends on the number of ranks, the size of the message and the implementation.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.errors import LostWorker, MissingExtra, require
from hyalite.messages import muted
from hyalite.parameters import Array
from hyalite.workers.group import TIMEOUT, Message
from hyalite.workers.talk import gathered

FRAME, LARGE = 1, 2  # tags: of what tells sizes and holds small arrays, of each large array
MAX_SMALL = 1 << 14  # bytes of an array that travels within the frame
# Times that a waiting rank asks again before it lets others have the core, and seconds of waiting
# after which it sleeps in between: for a checkpoint of rank 0, say, not for a step.
SPINS, PATIENCE, NAP = 200, 0.05, 0.001
COURTESY = 0.4  # seconds that a failing rank waits, so that of several the first one speaks


@contextmanager
def mpi(
    timeout: float = TIMEOUT,
    *,
    report: Callable[[BaseException], object] = traceback.print_exception,
) -> Iterator[MpiRank]:
    """The workers that MPI has started, as a context: ``with hy.workers.mpi() as workers: ...``.

    Without ``mpiexec`` or ``srun`` it is a group of one. Where the block ends by an exception in
    any rank, all of them end, with one message and an exit code that is not 0. What ranks other
    than 0 would say through the library's logger is left out.

    Args:
        timeout: seconds that a rank may say nothing; then it counts as lost. One that dies is
            noticed by MPI itself, within seconds.
        report: prints what ended the block; by default the traceback.

    Raises:
        MissingExtra: mpi4py is not installed, or finds no MPI.
        ValueError: a timeout that is not above 0.

    Examples:
        The same program for one process and for ``mpiexec -n 4 python train.py``:

        >>> x, y = hy.datasets.spiral(seed=0)
        >>> model = hy.Sequential([hy.Dense(8, "relu"), hy.Dense(3, "softmax")])
        >>> model.compile("categorical_crossentropy", hy.Adam(0.01))
        >>> with hy.workers.mpi() as workers:  # doctest: +SKIP
        ...     history = model.fit(x, y, batch_size=256, epochs=5, seed=0, workers=workers)
    """
    timeout = checks.number(timeout, "timeout", low=0, above=True)
    rank = MpiRank(_library(), timeout)
    try:
        rank.meet()
        with muted() if rank.rank else nullcontext():
            yield rank
    except BaseException as error:
        # where all end together, as after a signal, each goes by itself
        if rank.size > 1 and not getattr(error, "told_to_all", False):
            _end_all(rank, error, report)
        raise
    rank.close()


def _end_all(
    rank: MpiRank, error: BaseException, report: Callable[[BaseException], object]
) -> None:
    """Say what it was, and end all ranks."""
    if rank.rank:  # where all fail alike, rank 0 is to say so, and ends the others meanwhile
        time.sleep(COURTESY * min(rank.rank, 5))
    code = error.code if isinstance(error, SystemExit) else getattr(error, "exit_code", 1)
    try:
        sys.stdout.flush()
        print(f"hyalite: rank {rank.rank} of {rank.size} ends all:", file=sys.stderr)
        report(error)
        sys.stderr.flush()
    finally:  # also where nobody reads what is printed
        rank.abort_with(code if isinstance(code, int) and code else 1)


def _library() -> Any:
    """mpi4py's MPI.

    Raises:
        MissingExtra: it or an MPI library is not there.
    """
    require("mpi4py", "mpi", "a group of workers on MPI")
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise MissingExtra(
            "mpi4py finds no MPI library: load your cluster's module of it, or pip install mpich "
            f"({error})",
            name="mpich",
        ) from None
    return MPI


class MpiRank:
    """A rank of MPI's; see `Group`.

    Args:
        library: mpi4py's MPI.
        timeout: seconds that a rank may say nothing.
    """

    regroup = False

    def __init__(self, library: Any, timeout: float) -> None:
        self.library, self.timeout = library, timeout
        self._world = library.COMM_WORLD.Dup()  # messages of others never meet ours
        self.rank: int = self._world.rank
        self.size: int = self._world.size
        self.neighbors = 1
        self._buffers: dict[tuple[int, int], Array] = {}

    def meet(self) -> None:
        """Wait until all are there, and see who shares this one's cores.

        Raises:
            LostWorker: not all came in time.
        """
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        here = [self.library.Get_processor_name(), cores]
        self.neighbors = sum(there == here for there in gathered(self, here))

    def exchange(self, pieces: Sequence[Message], timeout: float) -> list[Message]:
        """See `Group.exchange`."""
        world, byte, status = self._world, self.library.BYTE, self.library.Status()
        missing = [rank for rank in range(self.size) if rank != self.rank]
        requests, sent = [], []
        for rank in missing:
            frame, large = _frame_of(pieces[rank])
            sent.append(frame)  # held until it has gone
            requests.append(world.Isend([frame, byte], rank, FRAME))
            requests += [world.Isend([part, byte], rank, LARGE) for part in large]
        got: list[Message] = [pieces[self.rank]] * self.size
        wait = _Wait(timeout)
        while True:
            for rank in tuple(missing):
                message = world.Improbe(rank, FRAME, status)
                if message is not None:
                    missing.remove(rank)
                    frame = self._buffer(rank, 0, status.Get_count(byte))
                    message.Recv([frame, byte])  # it is here already
                    got[rank] = self._parts(rank, frame, requests)
                    wait.begin()
            if not missing and self.library.Request.Testall(requests):
                return got
            if not wait.again():
                who = ", ".join(map(str, missing)) or "all that another sends"
                raise LostWorker(
                    f"rank {self.rank} has waited {timeout:g} s for rank {who} of {self.size}; "
                    "hy.workers.mpi(timeout=...) says how long is too long"
                )

    def _parts(self, rank: int, frame: Array, requests: list[Any]) -> Message:
        """What a frame tells of: small arrays are in it, large ones are asked for."""
        count = int(frame[:8].view(np.int64)[0])
        at, parts = 8 + 8 * count, []
        for number, size in enumerate(frame[8:at].view(np.int64).tolist(), 1):
            if size <= MAX_SMALL:
                parts.append(frame[at : at + size])
                at += size + -size % 8
            else:
                parts.append(self._buffer(rank, number, size))
                part = [parts[-1], self.library.BYTE]
                requests.append(self._world.Irecv(part, rank, LARGE))
        return parts

    def _buffer(self, rank: int, number: int, size: int) -> Array:
        """Memory for what comes; the same for the next that is no larger."""
        buffer = self._buffers.get((rank, number))
        if buffer is None or buffer.size < size:
            buffer = self._buffers[rank, number] = np.empty(size, np.uint8)
        return buffer[:size]

    def close(self) -> None:
        """The end of the group; MPI has numbers for some thousand of them."""
        self._world.Free()

    def abort(self, reason: str) -> None:
        """See `Group.abort`."""
        try:
            text = f"hyalite: rank {self.rank} of {self.size}: {reason}"
            print(text, file=sys.stderr, flush=True)
        finally:
            self.abort_with(1)

    def abort_with(self, code: int) -> None:
        """End all ranks, with this exit code."""
        self._world.Abort(code)


class _Wait:
    """Asking again and again: first in haste, then at leisure, and not for ever."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.begin()

    def begin(self) -> None:
        """Something has come."""
        self.began, self.spins = time.monotonic(), 0

    def again(self) -> bool:
        """Whether to ask once more."""
        self.spins += 1
        if self.spins < SPINS:
            return True
        waited = time.monotonic() - self.began
        time.sleep(NAP if waited > PATIENCE else 0)
        return waited < self.timeout


def _frame_of(piece: Message) -> tuple[Array, list[Array]]:
    """One array with the number of parts, their sizes, and the small ones; and the large ones."""
    parts = [np.ascontiguousarray(part).reshape(-1).view(np.uint8) for part in piece]
    frame = [np.array([len(parts), *(part.size for part in parts)], np.int64).view(np.uint8)]
    for part in parts:
        if part.size <= MAX_SMALL:
            frame += [part, np.zeros(-part.size % 8, np.uint8)]  # all begin at multiples of 8
    return np.concatenate(frame), [part for part in parts if part.size > MAX_SMALL]
