"""Dask workers as a group that trains together: see `hyalite.workers` for the protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hyalite.dask.links import GRACE_SECONDS, Box, Peers, Service
from hyalite.errors import LostWorker
from hyalite.parameters import Array


class DaskGroup:
    """Some workers of a cluster, each of which runs one task of a fit.

    Every worker keeps its pieces until the others have fetched them. Whoever waits holds an open
    connection to the one it waits for, so a death is heard at once; what is slow has `timeout`
    seconds.

    Args:
        here: of the worker that this task runs on.
        run: names the run: a fit has a new one whenever the group is formed anew.
        addresses: of all workers, in the order of their ranks.
        rank: which of them this is.
        timeout: seconds that an exchange may take.
    """

    neighbors = 1  # each has threads of its own

    def __init__(
        self, here: Service, run: str, addresses: Sequence[str], rank: int, timeout: float
    ) -> None:
        self.rank, self.size, self.timeout = rank, len(addresses), timeout
        self._here, self._run, self._addresses = here, run, addresses
        self._peers, self._number = Peers(here), 0
        self._task = here.worker.get_current_task()

    @property
    def _box(self) -> Box:
        return self._here.box(self._run)

    @property
    def regroup(self) -> bool:
        """Whether somebody wants to join."""
        return self._box.regroup

    def exchange(self, pieces: Sequence[Sequence[Array]], timeout: float) -> list[Sequence[Array]]:
        """Give each its piece, and take what each has for this one; see `Group.exchange`.

        Raises:
            LostWorker: one is gone, or too slow.
        """
        self._number += 1
        if not self._here.wants(self._task):
            raise LostWorker("the client has ended the fit, or is gone")
        return self._here.run(self._swap(self._number, pieces, timeout), timeout + GRACE_SECONDS)

    async def _swap(
        self, number: int, pieces: Sequence[Sequence[Array]], seconds: float
    ) -> list[Sequence[Array]]:
        if self._box.ended is not None:
            raise LostWorker(self._box.ended)
        self._box.put(number, {rank: own for rank, own in enumerate(pieces) if rank != self.rank})
        asked = [
            asyncio.ensure_future(self._take(rank, number, pieces, seconds))
            for rank in range(self.size)
        ]
        try:
            return await asyncio.gather(*asked)
        finally:
            for one in asked:
                one.cancel()

    async def _take(
        self, rank: int, number: int, pieces: Sequence[Sequence[Array]], seconds: float
    ) -> Sequence[Array]:
        if rank == self.rank:
            return pieces[rank]
        return await self._peers.ask(
            self._addresses[rank], "hyalite_piece",
            run=self._run, number=number, rank=self.rank, seconds=seconds,
        )  # fmt: skip

    def abort(self, reason: str) -> None:
        """Let the others know that this one has ended, and why."""
        self._here.call(self._box.end, reason)

    def close(self) -> None:
        """The end of the run on this worker."""
        self.abort("its part has ended")
        self._peers.close()
