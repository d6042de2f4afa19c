"""What a worker serves to the others of a fit, and how it asks them: over Dask's own connections.

No port is opened: pieces and rows go through the workers' own servers, encrypted where Dask is.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Coroutine, Sequence
from concurrent.futures import CancelledError
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from distributed import get_worker
from distributed.comm import connect
from distributed.core import send_recv
from distributed.protocol import to_serialize

from hyalite.errors import LostWorker
from hyalite.parameters import Array

T = TypeVar("T")
CONNECT_SECONDS = 10.0  # to reach a worker that is there
GRACE_SECONDS = 5.0  # for an answer that says that something took too long
REMEMBERED = 64  # ended runs whose late askers are told so


class Box:
    """What one worker has ready for the others of a run. It is used by the server's thread only.

    Attributes:
        ended: why there is nothing more to come, or None.
        regroup: whether somebody wants to join.
    """

    def __init__(self) -> None:
        self.ended: str | None = None
        self.regroup = False
        self._pieces: dict[int, dict[int, Sequence[Array]]] = {}
        self._changed = asyncio.Event()

    def put(self, number: int, pieces: dict[int, Sequence[Array]]) -> None:
        """Publish what an exchange has for each rank."""
        self._pieces[number] = pieces
        self._tell()

    def end(self, reason: str) -> None:
        """Nothing more comes; what is there may still be fetched."""
        self.ended = self.ended or reason
        self._tell()

    def forget(self) -> None:
        """Let go what nobody has fetched."""
        self._pieces.clear()

    async def piece(self, number: int, rank: int) -> Sequence[Array] | None:
        """What an exchange has for a rank, as soon as it is there; None where the run has ended."""
        while number not in self._pieces and self.ended is None:
            await self._changed.wait()
        there = self._pieces.get(number, {})
        found = there.pop(rank, None)
        if not there:
            self._pieces.pop(number, None)
        return found

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Service:
    """What the server of a worker answers beside Dask's own questions.

    Args:
        worker: whose server it is.
    """

    def __init__(self, worker: Any) -> None:
        self.worker = weakref.proxy(worker)
        self.boxes: dict[str, Box] = {}
        worker.handlers.update(hyalite_piece=self.piece, hyalite_rows=self.rows)

    def box(self, run: str) -> Box:
        """Of a run of a fit; who asks before it has begun here waits for it."""
        if run not in self.boxes:
            ended = [name for name, box in self.boxes.items() if box.ended]
            for name in ended:
                self.boxes[name].forget()
            for name in ended[:-REMEMBERED]:
                del self.boxes[name]
            self.boxes[run] = Box()
        return self.boxes[run]

    async def piece(self, run: str, number: int, rank: int, seconds: float) -> dict[str, Any]:
        """Answer a worker that wants its piece of an exchange."""
        box = self.box(run)
        try:
            pieces = await asyncio.wait_for(box.piece(number, rank), seconds)
        except TimeoutError:
            return {"lost": f"it had nothing to give within {seconds:g} s"}
        if pieces is None:
            return {"lost": box.ended}
        return {"piece": [to_serialize(_bytes(array)) for array in pieces]}

    async def rows(self, key: str, start: int, stop: int, which: Sequence[int]) -> dict[str, Any]:
        """Answer a worker that wants rows of a part that lies here."""
        found = self.part(key, start, stop, which)
        if found is None:
            return {"lost": f"the rows {key} are no longer there"}
        return {"rows": [None if own is None else to_serialize(own) for own in found]}

    def part(
        self, key: str, start: int, stop: int, which: Sequence[int]
    ) -> list[Array | None] | None:
        """Some columns of some rows of a part that lies here; None where it does not."""
        try:
            part = self.worker.data[key]
        except KeyError:
            return None
        columns = (part[column] for column in which)
        return [None if own is None else own[start:stop] for own in columns]

    def wants(self, task: str) -> bool:
        """Whether anybody still waits for what a task gives."""
        found = self.worker.state.tasks.get(task)
        return found is not None and found.state != "cancelled"

    def run(self, coroutine: Coroutine[Any, Any, T], seconds: float) -> T:
        """Have the server's thread do something, and wait for it.

        Raises:
            LostWorker: it took too long, or a connection broke.
        """
        limited = asyncio.wait_for(coroutine, seconds)
        try:
            asked = asyncio.run_coroutine_threadsafe(limited, self.worker.loop.asyncio_loop)
        except (RuntimeError, ReferenceError):  # its loop is closed, or the worker is gone
            limited.close()
            coroutine.close()
            raise LostWorker("this worker is being closed") from None
        try:
            return asked.result(seconds + GRACE_SECONDS)
        except CancelledError:
            raise LostWorker("this worker is being closed") from None
        except TimeoutError:
            raise LostWorker(f"no answer within {seconds:g} s") from None
        except OSError as error:
            raise LostWorker(f"a connection broke: {error}") from None

    def call(self, function: Any, *arguments: Any) -> None:
        """Have the server's thread call something soon."""
        self.worker.loop.add_callback(function, *arguments)


def _bytes(array: Array) -> Array:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


_services: weakref.WeakKeyDictionary[Any, Service] = weakref.WeakKeyDictionary()
_lock = Lock()


def service() -> Service:
    """Of the worker that runs this task."""
    return service_of(get_worker())


def service_of(worker: Any) -> Service:
    """Of a worker of this process."""
    with _lock:
        if worker not in _services:
            _services[worker] = Service(worker)
        return _services[worker]


class Peers:
    """Connections to other workers, one each, that are never made anew.

    So a worker that dies is noticed at once: its connection breaks, be it in use or not. Dask's
    own pool of connections would try for half a minute to reach it.
    """

    def __init__(self, here: Service) -> None:
        self._here = here
        self._comms: dict[str, Any] = {}
        self._busy: dict[str, asyncio.Lock] = {}

    async def ask(self, address: str, question: str, **about: Any) -> Any:
        """Ask, and wait for the answer.

        Raises:
            LostWorker: it is gone, or says that it has nothing to give.
        """
        lock = self._busy.setdefault(address, asyncio.Lock())
        async with lock:  # one question at a time on a connection
            try:
                if address not in self._comms:
                    arguments = self._here.worker.connection_args
                    self._comms[address] = await connect(
                        address, timeout=CONNECT_SECONDS, **arguments
                    )
                answer = await send_recv(self._comms[address], op=question, **about)
            except OSError as error:
                raise LostWorker(f"worker {address} is gone: {error}") from None
        if "lost" in answer:
            raise LostWorker(f"worker {address}: {answer['lost']}")
        return next(iter(answer.values()))

    def close(self) -> None:
        """Let the connections go."""
        comms, self._comms = list(self._comms.values()), {}
        for comm in comms:
            self._here.call(comm.abort)
