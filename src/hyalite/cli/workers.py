"""``--workers``: a command that several processes run together, of which one speaks."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hyalite.workers import Group

CARRIERS = ("mpi",)


@contextmanager
def group_of(name: str | None, tell: Callable[[BaseException], int]) -> Iterator[Group | None]:
    """The group of that name, or None where there is none; all but rank 0 print nothing.

    Args:
        name: one of CARRIERS, or None.
        tell: prints the error where it is the user's to mend, and gives an exit code; else 0.
    """
    if name is None:
        yield None
        return
    from hyalite import workers

    def report(error: BaseException) -> None:
        if not tell(error):
            traceback.print_exception(error)

    with workers.mpi(report=report) as group:
        if group.rank == 0:
            yield group
            return
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
            yield group
