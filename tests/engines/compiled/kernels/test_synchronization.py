"""Threads that meet and share out work: every piece is done once, by whoever comes to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from hyalite.engines.compiled.structs import GATE_SIZE, Team

numba = pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

pytestmark = pytest.mark.compiled
ROUNDS, PIECES = 300, 13


@cache
def worker() -> Callable[..., None]:
    """Some rounds of work; in every second one fewer pieces, as in the last batch of an epoch.
    Thread `late` begins each round when the others have done what there is.
    """
    from hyalite.engines.compiled.kernels.synchronization import (
        OTHERS,
        OWN,
        atomic_add,
        atomic_load,
        give_core_away,
        takes,
        wait_for_all,
    )

    def work(
        team: Team, late: int, done: int, by: np.ndarray, seen: np.ndarray, owned: np.ndarray
    ) -> None:
        for now in range(ROUNDS):
            pieces = PIECES - now % 2 * 4
            while team.thread == late and atomic_load(done, now) < pieces:
                give_core_away()
            for turn in (OWN, OTHERS):
                for piece in range(pieces):
                    if takes(team, turn, piece, owned[piece]):
                        by[now, piece] += 1
                        seen[now, piece] = team.thread
                        atomic_add(done, now, 1)
            wait_for_all(team.gate, team.threads)
            if atomic_load(done, now) != pieces:
                by[now, 0] = 99  # somebody was not waited for
            wait_for_all(team.gate, team.threads)

    compiled: Callable[..., None] = numba.njit(work, nogil=True)
    return compiled


@pytest.mark.parametrize(("threads", "late"), [(1, -1), (2, -1), (3, -1), (2, 1), (3, 1)])
def test_every_piece_is_done_once(threads: int, late: int) -> None:
    gate, claims = np.zeros(GATE_SIZE, np.int64), np.zeros(PIECES, np.int64)
    done = np.zeros(ROUNDS, np.int64)
    by, seen = np.zeros((ROUNDS, PIECES), np.int64), np.full((ROUNDS, PIECES), -1)
    owned = np.arange(PIECES)[::-1] // 2
    run = worker()

    def call(thread: int) -> None:
        team = Team(thread, threads, gate.ctypes.data, 0, claims.ctypes.data)
        run(team, late, done.ctypes.data, by, seen, owned)

    others = [threading.Thread(target=call, args=(thread,)) for thread in range(1, threads)]
    for other in others:
        other.start()
    call(0)
    for other in others:
        other.join()

    expected = np.ones((ROUNDS, PIECES), np.int64)
    expected[1::2, PIECES - 4 :] = 0
    np.testing.assert_array_equal(by, expected)
    if late >= 0:
        assert not (seen == late).any()  # the others have done its work, too


def test_with_time_for_its_own_a_thread_does_its_own() -> None:
    """One thread of two, that nobody hurries: first what is its own, in order, then the rest."""
    from hyalite.engines.compiled.kernels.synchronization import OTHERS, OWN, takes

    @numba.njit
    def order_of(team: Team, owned: np.ndarray, order: np.ndarray) -> None:
        count = 0
        for turn in (OWN, OTHERS):
            for piece in range(owned.size):
                if takes(team, turn, piece, owned[piece]):
                    order[count] = piece
                    count += 1

    gate, claims, order = np.zeros(GATE_SIZE, np.int64), np.zeros(6, np.int64), np.full(6, -1)
    team = Team(1, 2, gate.ctypes.data, 0, claims.ctypes.data)
    order_of(team, np.array([0, 1, 2, 3, 4, 5]), order)
    assert order.tolist() == [1, 3, 5, 0, 2, 4]
