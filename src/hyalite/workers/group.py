"""A group of workers, as engines and the training loop see it, and a group of one.

What carries the messages (MPI, threads, Dask) is a file of its own beside this one. Nothing here or
there adds numbers: they are only moved, and added by us in the order of a fixed tree (`shards`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hyalite.parameters import Array

# Arrays of any dtype, C-contiguous; they come out as bytes, uint8 (size,).
Message = Sequence[Array]
TIMEOUT = 600.0  # seconds: longer than a checkpoint takes to write, or a kernel to compile


class Group(Protocol):
    """Workers that train one model together; every one of them makes the same calls.

    Attributes:
        rank: of this worker, 0..size-1. Rank 0 decides, writes and prints.
        size: how many there are.
        timeout: seconds that an exchange may take.
        neighbors: workers that share the cores which this one may use, itself among them.
        regroup: asked of rank 0 before each step; True ends the fit in all ranks behind that step
            with `hyalite.errors.Regroup`.

    Examples:
        What every rank hears from each:

        >>> def tell(group):
        ...     own = np.array([10 * group.rank])
        ...     got = group.exchange([[own]] * group.size, group.timeout)
        ...     return [int(one.view(own.dtype)[0]) for one, in got]
        >>> hy.workers.threads.run(3, tell)
        [[0, 10, 20], [0, 10, 20], [0, 10, 20]]
    """

    rank: int
    size: int
    timeout: float
    neighbors: int

    @property
    def regroup(self) -> bool:
        """Whether the group is to be formed anew, as where a worker wants to join."""

    def exchange(self, pieces: Sequence[Message], timeout: float) -> list[Message]:
        """Send `pieces[q]` to rank q and return what each rank had for this one.

        Args:
            pieces: a message for each rank; what is for this one comes back as it is. They may be
                written over once the next exchange has ended.
            timeout: seconds until a rank that says nothing counts as lost.

        Returns:
            a message from each rank, to be read until the next exchange.

        Raises:
            LostWorker: a rank is gone, or silent for too long.
        """

    def abort(self, reason: str) -> None:
        """End the fit in all ranks, since this one cannot go on."""


class Alone:
    """A group of one, which has nobody to talk to.

    Examples:
        >>> workers = hy.workers.alone()
        >>> workers.rank, workers.size
        (0, 1)
    """

    rank, size, neighbors = 0, 1, 1
    timeout = TIMEOUT
    regroup = False

    def exchange(self, pieces: Sequence[Message], timeout: float) -> list[Message]:
        """See `Group.exchange`."""
        return list(pieces)

    def abort(self, reason: str) -> None:
        """Nobody else is to be ended."""
