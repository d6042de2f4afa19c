"""Fits on a cluster of two or three processes: the bytes of one process, whatever happens."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

distributed = pytest.importorskip("distributed", reason="needs the extra 'dask'")
da = pytest.importorskip("dask.array", reason="needs the extra 'dask'")

import hyalite as hy  # noqa: E402
import hyalite.dask  # noqa: E402
from hyalite.dask import cluster as waiting  # noqa: E402
from hyalite.dask import training  # noqa: E402
from tests.dask.helpers import (  # noqa: E402
    FIT,
    Kill,
    Slow,
    alone,
    cluster,
    collections,
    data,
    network,
    sha,
)
from tests.extras import need  # noqa: E402

needs_sigkill = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here"
)
LONG = pytest.mark.long


def trained(client: Any, model: hy.Sequential, **more: Any) -> str:
    x, y = collections()
    return sha(hyalite.dask.fit(client, model, x, y, **FIT | {"timeout": 30.0} | more))


@pytest.mark.parametrize(
    ("engine", "workers"),
    [
        ("numpy", 2),
        ("compiled", 3),
        *(pytest.param("numpy", count, marks=LONG) for count in (1, 3)),
        *(pytest.param("compiled", count, marks=LONG) for count in (1, 2)),
    ],
)
def test_any_number_of_workers_gives_the_bytes_of_one_process(
    engine: str, workers: int, client: Any
) -> None:
    some = sorted(client.nthreads())[:workers]
    assert trained(client, network(engine), workers=some) == alone(network(engine))


@needs_sigkill
@pytest.mark.parametrize(
    ("step", "first"),
    [(7, False), pytest.param(0, True, marks=LONG), pytest.param(17, True, marks=LONG)],
)
def test_a_dead_worker_costs_no_digit(step: int, first: bool, client: Any, tmp_path: Path) -> None:
    flag = tmp_path / "killed"
    killed = trained(client, network("numpy", Kill(step, str(flag), first)))
    assert flag.exists()
    assert killed == alone(network("numpy", Kill(step, str(flag), first)))


@LONG
def test_a_worker_that_comes_takes_part(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there from the start, but nobody sees it before some steps are made."""
    groups, everyone = [], sorted(client.nthreads())
    hidden = {everyone[0]}
    make = training.Attempt

    def note(run: str, addresses: Any, *rest: Any) -> Any:
        groups.append(list(addresses))
        threading.Timer(0.3, hidden.clear).start()
        return make(run, addresses, *rest)

    seen, workers = waiting.Cluster.seen, waiting.Cluster.workers
    monkeypatch.setattr(training, "Attempt", note)
    monkeypatch.setattr(waiting.Cluster, "seen", lambda self: seen(self) - hidden)
    monkeypatch.setattr(
        waiting.Cluster, "workers", lambda self: [w for w in workers(self) if w not in hidden]
    )
    found = trained(client, network("numpy", Slow()))
    assert groups == [everyone[1:], everyone]
    assert found == alone(network("numpy", Slow()))


def test_validation_and_weights_are_those_of_one_process(client: Any) -> None:
    x, y = data(400)
    weight = np.linspace(0.5, 2, len(x))
    parts = [da.from_array(part, chunks=(90, *part.shape[1:])) for part in (x, y, weight)]
    model = hyalite.dask.fit(
        client, network(), *parts[:2], sample_weight=parts[2], validation_data=parts[:2],
        class_weight={0: 2.0}, **FIT,
    )  # fmt: skip
    same = network()
    same.fit(
        x, y, sample_weight=weight, validation_data=(x, y), class_weight={0: 2.0}, shards=8,
        verbose=0, **FIT,
    )  # fmt: skip
    assert sha(model) == sha(same)
    assert model.history["val_loss"] == same.history["val_loss"]


def test_blocks_are_read_as_they_are_due(client: Any) -> None:
    order = hy.BlockShuffle(block_rows=20, lanes=8, blocks=2)
    assert trained(client, network(), shuffle=order) == alone(network(), shuffle=order)
    x, y = collections()
    with pytest.raises(ValueError, match="sample_weight is for shuffle=True or False"):
        hyalite.dask.fit(client, network(), x, y, sample_weight=y, shuffle="blocks")


@LONG
def test_two_fits_at_once_take_turns(client: Any) -> None:
    wanted = alone(network(), epochs=1)
    found: list[str] = []
    fits = [
        threading.Thread(target=lambda: found.append(trained(client, network(), epochs=1)))
        for _ in range(3)
    ]
    for fit in fits:
        fit.start()
    for fit in fits:
        fit.join(timeout=60)
    assert found == [wanted] * 3


@LONG
def test_a_fit_within_a_task_gives_its_thread_back(client: Any) -> None:
    def within() -> str:
        return trained(distributed.get_client(), network(), epochs=1)

    assert client.submit(within, pure=False).result(timeout=60) == alone(network(), epochs=1)


def test_who_ends_the_fit_ends_it_on_the_workers(client: Any) -> None:
    """The program is interrupted: the workers stop, and the next fit need not wait."""

    class Interrupted(hy.Callback):
        def on_epoch_end(self, model: Any, epoch: int, figures: Any) -> None:
            raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        trained(client, network(), callbacks=[Interrupted()])
    began = time.monotonic()
    assert trained(client, network(), epochs=1) == alone(network(), epochs=1)
    assert time.monotonic() - began < 20


def test_data_that_do_not_get_ready_are_named(client: Any) -> None:
    def late(block: np.ndarray) -> np.ndarray:
        time.sleep(2.5)
        return block

    x, y = collections()
    with pytest.raises(TimeoutError, match=r"the data are not ready: \d of 8 partitions are there"):
        hyalite.dask.fit(client, network(), x.map_blocks(late, dtype=x.dtype), y, timeout=0.5)


def test_data_that_do_not_fit_are_named(client: Any) -> None:
    x, y = collections()
    with pytest.raises(ValueError, match=r"x must be a dask array or dask data frame, got ndarray"):
        hyalite.dask.fit(client, network(), data()[0], y)
    with pytest.raises(ValueError, match=r"must have the same partitions, got 8 and 1; take both"):
        hyalite.dask.fit(client, network(), x, y[:900].rechunk(900))
    hole = x.map_blocks(_with_a_hole, dtype=x.dtype)
    with pytest.raises(ValueError, match=r"x \(partition 2\) must be finite"):
        hyalite.dask.fit(client, network(), hole, y)
    with pytest.raises(ValueError, match="not asynchronous, got None"):
        hyalite.dask.fit(None, network(), x, y)


def _with_a_hole(block: np.ndarray, block_info: Any = None) -> np.ndarray:
    block = block.copy()
    if block_info and block_info[0]["chunk-location"][0] == 2:
        block[3, 1] = np.nan
    return block


def test_a_loss_that_diverges_is_told_by_one_error(client: Any) -> None:
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mse", hy.SGD(1e30), engine="numpy")
    x, _ = collections()
    with pytest.raises(hy.errors.NonFiniteError, match="training stopped in epoch 1, batch 2"):
        hyalite.dask.fit(client, model, x, x.sum(axis=1), **FIT)


@LONG
@needs_sigkill
def test_a_scheduler_that_dies_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "ANSWER_SECONDS", 3.0)
    file = tmp_path / "scheduler.json"
    words = ["--no-dashboard", "--host", "127.0.0.1", "--scheduler-file", str(file)]
    with (
        program("scheduler", *words, "--port", "0") as scheduler,
        program("worker", *words, "--no-nanny", "--nthreads", "1"),
        distributed.Client(scheduler_file=str(file), timeout=60) as client,
    ):
        client.wait_for_workers(1, timeout=60)
        threading.Timer(4.0, scheduler.kill).start()
        with pytest.raises(ConnectionError, match=r"the Dask scheduler tcp://.* does not answer"):
            trained(client, network("numpy", Slow()), epochs=100)
        assert scheduler.wait(timeout=10) == -signal.SIGKILL


@contextmanager
def program(name: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """One of Dask's own programs."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{name}", *words]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as found:
        yield found
        found.kill()


def test_predictions_wait_until_they_are_asked_for(client: Any) -> None:
    x, y = collections()
    model = hyalite.dask.fit(client, network(), x, y, **FIT)
    lazy = hyalite.dask.predict(model, x)
    assert lazy.chunks == (x.chunks[0], (3,))
    parts = np.split(data()[0], np.cumsum(x.chunks[0])[:-1])  # products round by their shapes
    np.testing.assert_array_equal(lazy.compute(), np.concatenate([*map(model.predict, parts)]))


def test_what_each_worker_keeps_is_said(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    trained(client, network(), epochs=1)
    said = "each worker keeps a copy of all 1,000 rows, 56 kB; hyalite.dask.fit with shuffle='bl"
    assert said in caplog.text
    caplog.clear()
    trained(client, network(), epochs=1, shuffle="blocks")
    assert "each worker keeps" not in caplog.text


def test_more_than_a_worker_may_take_is_refused(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "ready", _small)
    text = r"keeps a copy of all rows, 56 kB, and worker tcp://\S+ may take 50 kB; take hyalite"
    with pytest.raises(ValueError, match=text):
        trained(client, network())
    assert trained(client, network(), shuffle="blocks") == alone(network(), shuffle="blocks")


def _small(packs: Any) -> int:
    from hyalite.dask.job import ready

    ready(packs)
    return 50_000


@pytest.mark.parametrize("shards", [0, 2.5, None])
def test_shards_are_a_number(shards: Any, client: Any) -> None:
    with pytest.raises(ValueError, match="shards must be a whole number of at least 1"):
        trained(client, network(), shards=shards)


def test_partitions_without_rows(client: Any) -> None:
    """As a filter leaves them."""
    x, y = data(300)
    frames, pandas = need("dask.dataframe", "dask"), need("pandas", "dev")
    table = pandas.DataFrame(x.astype(np.float64), columns=list("abcdefghijkl"))
    table["label"], table["row"] = y, range(len(x))
    frame = frames.from_pandas(table, npartitions=5)
    some = frame[(frame.row < 100) | (frame.row > 200)]
    model = hyalite.dask.fit(client, network(), some[list("abcdefghijkl")], some.label, **FIT)
    kept = np.r_[0:100, 201:300]
    same = network()
    same.fit(x[kept], y[kept], shards=8, verbose=0, **FIT)
    assert sha(model) == sha(same)


@pytest.mark.parametrize("batch_size", [3, 5000])
def test_batches_smaller_than_the_shards_and_larger_than_the_table(
    batch_size: int, client: Any
) -> None:
    x, y = collections(100, 30)
    options = FIT | {"batch_size": batch_size}
    model = hyalite.dask.fit(client, network(), x, y, **options)
    assert sha(model) == alone(network(), rows=100, batch_size=batch_size)


@LONG
def test_a_worker_that_is_sent_away_costs_no_digit() -> None:
    """As where a cluster grows smaller: it ends by itself."""
    with cluster(2) as own:
        first = sorted(own.nthreads())[0]  # rank 0
        ends = threading.Timer(1.0, own.retire_workers, ([first],))
        ends.start()
        found = trained(own, network("numpy", Slow()), epochs=6)
        ends.join()
        assert first not in own.nthreads()
    assert found == alone(network("numpy", Slow()), epochs=6)
