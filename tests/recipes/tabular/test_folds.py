"""Cuts, and jobs side by side."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from hyalite.engines import threads
from hyalite.recipes.tabular.folds import cut_into_folds, run_side_by_side
from tests.recipes.tabular.helpers import problem


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_every_row_is_kept_back_once(classes: int) -> None:
    table = problem(61, classes=classes)
    cuts = cut_into_folds(table, 5, seed=0)
    kept = np.concatenate([kept for _, kept in cuts])
    assert np.sort(kept).tolist() == list(range(61))
    for rows, kept in cuts:
        assert not set(rows) & set(kept)
        assert len(rows) + len(kept) == 61
        if classes:  # each class gives its share
            counts = np.bincount(table.y[kept], minlength=classes)
            assert np.ptp(counts) <= 1 + np.ptp(np.bincount(table.y)) // 5
        else:
            assert abs(table.y[kept].mean() - table.y.mean()) < table.y.std() / 2


def test_the_seed_decides() -> None:
    table = problem(40)
    one, same, other = (cut_into_folds(table, 5, seed)[0][1].tolist() for seed in (1, 1, 2))
    assert one == same != other


def test_groups_are_not_torn_apart() -> None:
    groups = np.repeat([f"person {n}" for n in range(12)], np.arange(1, 13))
    table = replace(problem(len(groups)), groups=groups)
    cuts = cut_into_folds(table, 4, seed=0)
    sizes = [len(kept) for _, kept in cuts]
    for rows, kept in cuts:
        assert not set(groups[rows]) & set(groups[kept])
    assert max(sizes) - min(sizes) <= 6
    with pytest.raises(ValueError, match="one group only"):
        cut_into_folds(replace(table, groups=np.zeros(len(groups))), 4, seed=0)


def test_fewer_rows_or_groups_than_folds() -> None:
    assert len(cut_into_folds(problem(3), 5, seed=0)) == 3
    table = replace(problem(10), groups=np.arange(10) % 2)
    assert len(cut_into_folds(table, 5, seed=0)) == 2


@pytest.mark.parametrize("n_jobs", [1, 2, None])
def test_jobs_give_what_they_gave_in_their_order(n_jobs: int | None) -> None:
    jobs = [lambda stopped, n=n: (n, stopped()) for n in range(5)]
    assert run_side_by_side(jobs, n_jobs) == [(n, False) for n in range(5)]


def test_calls_at_the_same_time_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_chosen", 2)
    lock, running, most = threading.Lock(), [0], [0]

    def job(stopped):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        threading.Event().wait(0.005)
        with lock:
            running[0] -= 1

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: run_side_by_side([job] * 4, None), range(3)))
    assert most[0] == 2


def test_where_one_fails_the_others_are_told() -> None:
    told = threading.Event()

    def fail(stopped):
        raise ArithmeticError("no")

    def wait(stopped):
        for _ in range(5000):
            if stopped():
                told.set()
                return
            threading.Event().wait(0.001)

    with pytest.raises(ArithmeticError, match="no"):
        run_side_by_side([wait, fail], 2)
    assert told.is_set()
