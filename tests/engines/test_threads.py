"""Fits in threads, after a fork, in worker processes, and interrupted ones."""

from __future__ import annotations

import _thread
import multiprocessing
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite.engines import threads
from tests.extras import need, optional

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")
joblib = optional("joblib", "dev")
pytestmark = pytest.mark.compiled


def fitted(seed: int = 1, engine: str = "compiled") -> bytes:
    """The parameters of a model trained from this seed."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((300, 20), np.float32), rng.integers(0, 3, 300)
    model = hy.Sequential([hy.Dense(400, "relu"), hy.Dropout(0.2), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", "adam", engine=engine)
    model.fit(x, y, epochs=3, seed=seed, verbose=0)
    return model.theta.tobytes()


def test_several_fits_in_threads_give_what_they_give_alone() -> None:
    alone = [fitted(seed) for seed in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(fitted, range(6))) == alone


def test_fits_at_the_same_time_share_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_chosen", 4)
    assert threads.fair_share() == 4
    with threads.active_fits:
        assert threads.fair_share() == 4
        with threads.active_fits, threads.active_fits:
            assert threads.fair_share() == 1
        with threads.active_fits:
            assert threads.fair_share() == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fit_after_a_fork_that_follows_a_fit() -> None:
    before = fitted()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        results = [pool.apply_async(fitted) for _ in range(4)]
        assert [result.get(timeout=120) for result in results] == [before] * 4
    assert fitted() == before


def _seen_by_a_worker(_: int) -> tuple[int, bytes]:
    return hy.get_num_threads(), fitted()


def test_workers_of_joblib_take_their_share_of_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (threads.VARIABLE, *threads.OTHER_VARIABLES):
        monkeypatch.delenv(name, raising=False)
    seen = joblib.Parallel(n_jobs=2)(joblib.delayed(_seen_by_a_worker)(i) for i in range(4))
    assert [result for _, result in seen] == [fitted()] * 4
    assert all(count <= max(1, joblib.cpu_count() // 2) for count, _ in seen)
    same = joblib.Parallel(n_jobs=3, backend="threading")(
        joblib.delayed(fitted)() for _ in range(3)
    )
    assert same == [fitted()] * 3


def test_the_number_of_threads_is_set_and_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (threads.VARIABLE, *threads.OTHER_VARIABLES):
        monkeypatch.delenv(name, raising=False)
    cores = hy.get_num_threads()
    assert cores >= 1
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert hy.get_num_threads() == 1
    monkeypatch.setenv("HYALITE_NUM_THREADS", "7")
    assert hy.get_num_threads() == 7
    hy.set_num_threads(3)
    try:
        assert hy.get_num_threads() == 3
    finally:
        hy.set_num_threads(None)
    assert hy.get_num_threads() == 7
    with pytest.raises(ValueError, match="threads must be a whole number of at least 1, got 0"):
        hy.set_num_threads(0)
    monkeypatch.setenv("HYALITE_NUM_THREADS", "many")
    with pytest.raises(ValueError, match="HYALITE_NUM_THREADS must be a whole number"):
        hy.get_num_threads()


def test_a_dask_worker_takes_the_threads_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = need("distributed", "dask")
    for name in (threads.VARIABLE, *threads.OTHER_VARIABLES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(threads, "_cores", lambda: 64)
    settings = {"dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=3, processes=False, **settings
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.wait_for_workers(2, timeout=30)
        assert client.submit(hy.get_num_threads).result(timeout=30) == 6
        monkeypatch.setenv("HYALITE_NUM_THREADS", "7")  # whoever says so knows why
        assert hy.get_num_threads() == 7
        monkeypatch.delenv("HYALITE_NUM_THREADS")
    assert hy.get_num_threads() == 64


def test_jobs_take_turns_whoever_asks() -> None:
    turns, seen = threads.Turns(), []

    def job(_: int) -> None:
        with turns.one(2):
            seen.append(turns.busy)
            time.sleep(0.002)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(job, range(24)))
    assert max(seen) == 2
    assert turns.busy == 0


class Interrupted:
    """Ctrl-C after some time, and how long it took until it was heard."""

    def __init__(self, seconds: float) -> None:
        self.at = 0.0
        self.timer = threading.Timer(seconds, self._press)

    def _press(self) -> None:
        self.at = time.perf_counter()
        _thread.interrupt_main()

    def __enter__(self) -> Interrupted:
        self.timer.start()
        return self

    def __exit__(self, kind: Any, *rest: Any) -> bool:
        self.timer.cancel()
        self.heard = time.perf_counter() - self.at
        return kind is KeyboardInterrupt


CASES = {  # rows, width, batch size: small steps, a long one, epochs that take a moment
    "many small steps": (200, 8, None),
    "mini-batches": (5000, 64, 100),
    "steps of seconds": (60_000, 1500, None),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("count", [1, 2])
def test_an_interrupt_is_heard_and_leaves_whole_steps(name: str, count: int) -> None:
    rows, width, batch_size = CASES[name]
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((rows, 50), np.float32), rng.integers(0, 3, rows)

    def make() -> hy.Sequential:
        model = hy.Sequential(
            [hy.Dense(width, "relu"), hy.Dense(width, "relu"), hy.Dense(3, "softmax")]
        )
        model.compile("categorical_crossentropy", hy.SGD(0.01), engine="compiled")
        model.build(50, seed=1)
        return model

    model = make()
    model.fit(x[:10], y[:10], verbose=0)  # nothing is to be compiled while the clock runs
    model = make()
    hy.set_num_threads(count)
    try:
        with Interrupted(0.7) as interrupt:
            model.fit(x, y, batch_size=batch_size, epochs=10**6, seed=1, verbose=0)
    finally:
        hy.set_num_threads(None)
    assert interrupt.at
    assert interrupt.heard < 5  # it is some hundredths; a hang is what this would show
    steps = model.optimizer.steps
    assert steps == model.network.clock.step
    each = -(-rows // (batch_size or rows))
    assert model.network.epochs == len(model.history) == steps // each
    if name == "many small steps":
        again = make()
        again.fit(x, y, batch_size=batch_size, epochs=steps, seed=1, verbose=0)
        assert again.theta.tobytes() == model.theta.tobytes()
    elif name == "steps of seconds":
        assert steps == 0
        assert model.theta.tobytes() == make().theta.tobytes()


def test_one_thread_takes_over_while_others_slow_two_down() -> None:
    pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")
    from hyalite.engines.compiled.runtime.tuning import (
        CALL_SECONDS,
        CALLS_BETWEEN_TRIALS,
        CALLS_BETWEEN_TRIALS_ALONE,
        ThreadTuner,
    )

    tuner, chosen = ThreadTuner(), []
    tuner.step_seconds = 1e-4  # a guess
    for call in range(5 * CALLS_BETWEEN_TRIALS):
        busy = CALLS_BETWEEN_TRIALS <= call < 3 * CALLS_BETWEEN_TRIALS
        threads, steps = tuner.next(2)
        each = 2e-4 if threads == 1 else 8e-4 if busy else 1e-4
        tuner.note(threads, each)
        chosen.append((threads, steps * each))
    kinds = [threads for threads, _ in chosen]
    assert kinds[:CALLS_BETWEEN_TRIALS].count(1) == 1  # a trial, which is short
    assert sum(seconds for threads, seconds in chosen[:CALLS_BETWEEN_TRIALS] if threads == 1) < 0.02
    assert (
        kinds[2 * CALLS_BETWEEN_TRIALS : 3 * CALLS_BETWEEN_TRIALS].count(1)
        >= 0.75 * CALLS_BETWEEN_TRIALS
    )
    assert kinds[3 * CALLS_BETWEEN_TRIALS + CALLS_BETWEEN_TRIALS_ALONE + 2 :].count(1) <= 2
    assert max(seconds for _, seconds in chosen) <= CALL_SECONDS * 8
    tuner.step_seconds = 2 * CALL_SECONDS  # where a step takes that long nobody waits for long
    assert tuner.next(2)[0] == 2
    assert tuner.next(1)[0] == 1
