"""``--workers``: a command that several processes run together, of which one speaks."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import TYPE_CHECKING

import click

from hyalite.cli.wording import tell
from hyalite.errors import MissingExtra

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


def tell_as_group(error: click.UsageError, words: Sequence[str]) -> None:
    """Where several processes were given these words, have one of them tell what is wrong with
    them, and end all; else do nothing.

    Args:
        error: of a command that has not begun, so that its group is not yet there.
        words: of the command line.
    """
    if not any(word.partition("=")[0] == "--workers" for word in words):
        return
    with suppress(MissingExtra), group_of(CARRIERS[0], tell) as group:
        if group is not None and group.size > 1:
            raise error
