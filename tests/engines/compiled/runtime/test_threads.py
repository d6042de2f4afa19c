"""Any number of threads gives the same bytes."""

from __future__ import annotations

import re
import threading

import numpy as np
import pytest

from tests import compiling

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

from hyalite.engines.compiled.runtime import threads

pytestmark = pytest.mark.compiled

NOTICE = (
    r"hyalite: compiling the fast engine, once for this machine and dtype \.\.\.\n"
    r"hyalite: compiled in \d+ s\n"
)


@pytest.mark.slow
def test_any_number_of_threads_gives_the_same_bytes_in_fresh_processes(
    first_use: dict[str, list[str]],
) -> None:
    results = [compiling.run(threads) for threads in (None, 1, 2, 3, 8)]
    # the first process may have been the one that compiled the engine, and then has said so
    output, said = first_use["float32"]
    assert {result.stdout for result in results} == {output}
    assert re.sub(NOTICE, "", said) == ""
    assert len(results[0].stdout) == 65
    assert [result.stderr for result in results] == [""] * 5  # nothing was compiled again


@pytest.mark.parametrize("given", [0, 1, 2, 3])
def test_a_kernel_runs_on_the_threads_that_the_system_gives(
    monkeypatch: pytest.MonkeyPatch, given: int
) -> None:
    """Of the four that are wanted none can be started, or some."""
    there = max(1, given)
    met, started, calls = threading.Barrier(there), list[threading.Thread](), list[object]()
    start = threading.Thread.start

    def start_some(thread: threading.Thread) -> None:
        if len(started) == given:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    def kernel(*call: int) -> None:
        met.wait(10)  # as at a kernel's barriers: all are there
        calls.append(call)

    frame = np.zeros(1, np.int64)
    monkeypatch.setattr(threads, "_threads", threads._Threads())
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start_some)
        threads.run_on_threads(kernel, 4, threads.new_control(), frame, seconds=1.0)
    assert sorted(calls) == [(number, there, frame.ctypes.data) for number in range(there)]


def test_a_job_whose_thread_cannot_be_started_is_never_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool, called = threads._Threads(), list[int]()

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="new thread"):
            pool.submit(called.append, 1)
    pool.submit(called.append, 2).result()  # after the one that the pool kept
    assert called == [2]
