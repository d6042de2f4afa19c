"""Cuts of the rows, and trainings side by side, one core each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event
from typing import Any, TypeVar

import numpy as np

from hyalite.engines.blas import one_blas_thread
from hyalite.engines.threads import get_num_threads, turns
from hyalite.parameters import Array
from hyalite.random import split_stream
from hyalite.recipes.tabular.problem import Problem

T = TypeVar("T")
Cut = tuple[Array, Array]  # rows to train on, and rows kept back; each in ascending order
STRATA = 10  # bands of a target of numbers, each of which gives every fold its share


def cut_into_folds(problem: Problem, folds: int, seed: int) -> list[Cut]:
    """Every row is kept back once; classes, and bands of numbers, are shared out evenly.

    Rows of one group stay together: then whole groups are shared out, the largest first, each to
    the fold that has the fewest rows.

    Args:
        problem: the table.
        folds: how many; of few rows or groups as many as there are.
        seed: of the choice.

    Raises:
        ValueError: a single group.
    """
    rows = len(problem)
    shuffled = split_stream(seed).permutation(rows)
    fold = np.empty(rows, np.int64)
    if problem.groups is not None:
        fold = _fold_of_groups(problem.groups, shuffled, folds)
    else:
        strata = _strata(problem)
        order = shuffled[np.argsort(strata[shuffled], kind="stable")]
        fold[order] = np.arange(rows) % min(folds, rows)
    return [
        (np.flatnonzero(fold != number), np.flatnonzero(fold == number))
        for number in range(fold.max() + 1)
    ]


def _strata(problem: Problem) -> Array:
    """A class for each row (n,)."""
    if problem.classes:
        return problem.y
    edges = np.quantile(problem.y, np.arange(1, STRATA) / STRATA)
    return np.searchsorted(edges, problem.y, side="right")


def _fold_of_groups(groups: Array, shuffled: Array, folds: int) -> Array:
    names, number = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        raise ValueError(
            f"groups has one group only, {str(names[0])!r}; rows of a group are not torn apart, so "
            "it takes two or more"
        )
    sizes = np.bincount(number)
    place = np.full(len(names), -1)
    first = np.unique(number[shuffled], return_index=True)[1]
    for group in np.lexsort((first, -sizes)):  # the largest first, equal ones by chance
        filled = [sizes[place == fold].sum() for fold in range(min(folds, len(names)))]
        place[group] = int(np.argmin(filled))
    return place[number]


_elsewhere: ContextVar[Callable[[Sequence[Any]], list[Any]] | None] = ContextVar(
    "elsewhere", default=None
)


@contextmanager
def elsewhere(runner: Callable[[Sequence[Any]], list[Any]]) -> Iterator[None]:
    """Have another run the jobs of this thread, as on other machines.

    Args:
        runner: given jobs as `run_side_by_side` takes them, each a `functools.partial`, it returns
            what they gave in their order.
    """
    token = _elsewhere.set(runner)
    try:
        yield
    finally:
        _elsewhere.reset(token)


def run_side_by_side(
    jobs: Sequence[Callable[[Callable[[], bool]], T]], n_jobs: int | None
) -> list[T]:
    """Run the jobs in as many threads as there are cores, and give what they gave, in their order.

    An engine takes its share of the cores: with as many jobs as cores one thread each. Calls at the
    same time, as of a search in threads, take turns: no more jobs run than one call alone would
    run. Neither the number of jobs at a time nor that of the cores changes a result.

    Args:
        jobs: each is called with a function that says whether it should end early, as it should
            when another one has failed.
        n_jobs: at a time; None for as many as engines may use threads.
    """
    if (runner := _elsewhere.get()) is not None:
        return runner(jobs)
    limit = n_jobs or get_num_threads()
    workers = max(1, min(len(jobs), limit))
    stop = Event()

    def guarded(job: Callable[[Callable[[], bool]], T]) -> T:
        try:
            with turns.one(limit):
                return job(stop.is_set)
        except BaseException:
            stop.set()
            raise

    with one_blas_thread:
        if workers == 1:
            return [job(lambda: False) for job in jobs]
        with ThreadPoolExecutor(workers, "hyalite-member") as pool:
            found = [pool.submit(guarded, job) for job in jobs]
            try:
                return [future.result() for future in found]
            except BaseException:
                stop.set()
                for future in found:
                    future.cancel()
                raise
