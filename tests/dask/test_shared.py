"""Fits of packs on a cluster: each worker opens them; the bytes are those of one process."""

from __future__ import annotations

import os
import pickle
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

distributed = pytest.importorskip("distributed", reason="needs the extra 'dask'")

import hyalite as hy  # noqa: E402
import hyalite.dask  # noqa: E402
from hyalite.dask import cluster as waiting  # noqa: E402
from hyalite.dask import training  # noqa: E402
from hyalite.dask.job import ready  # noqa: E402
from tests.dask.helpers import (  # noqa: E402
    FIT,
    Kill,
    Slow,
    collections,
    data,
    network,
    sha,
)
from tests.dask.test_training import LONG, needs_sigkill  # noqa: E402
from tests.extras import need  # noqa: E402

ORDER = hy.BlockShuffle(block_rows=20, lanes=8, blocks=2)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> hy.tables.Pack:
    folder = tmp_path_factory.mktemp("packs") / "numbers.pack"
    return hy.tables.pack(data(), folder, validation_split=0.2, verbose=0)


def alone(model: hy.Sequential, pack: hy.tables.Pack, **more: Any) -> str:
    """What one process makes of it."""
    model.fit(pack, shards=8, verbose=0, **FIT | {"shuffle": ORDER} | more)
    return sha(model)


def trained(client: Any, model: hy.Sequential, pack: Any, **more: Any) -> str:
    options = FIT | {"shuffle": ORDER, "timeout": 30.0} | more
    return sha(hyalite.dask.fit(client, model, pack, **options))


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
    engine: str, workers: int, client: Any, pack: hy.tables.Pack
) -> None:
    some = sorted(client.nthreads())[:workers]
    more = {"validation_data": pack.validation_rows, "class_weight": "balanced"}
    expected = alone(network(engine), pack, **more)
    assert trained(client, network(engine), pack, workers=some, **more) == expected


@needs_sigkill
@pytest.mark.parametrize(
    ("step", "first"),
    [(7, False), pytest.param(0, True, marks=LONG), pytest.param(17, True, marks=LONG)],
)
def test_a_dead_worker_costs_no_digit(
    step: int, first: bool, client: Any, pack: hy.tables.Pack, tmp_path: Path
) -> None:
    flag = tmp_path / "killed"
    killed = trained(client, network("numpy", Kill(step, str(flag), first)), pack)
    assert flag.exists()
    assert killed == alone(network("numpy", Kill(step, str(flag), first)), pack)


@pytest.mark.parametrize("shuffle", [False, True])
def test_validation_rows_in_memory(shuffle: bool, client: Any, pack: hy.tables.Pack) -> None:
    more = {"validation_data": pack.validation, "shuffle": shuffle}
    assert trained(client, network(), pack, **more) == alone(network(), pack, **more)


def test_validation_in_memory_of_collections(client: Any) -> None:
    x, y = data()
    held = x[:50], y[:50]
    parts = collections()
    found = hyalite.dask.fit(client, network(), *parts, validation_data=held, **FIT)
    same = network()
    same.fit(x, y, validation_data=held, shards=8, verbose=0, **FIT)
    assert sha(found) == sha(same)


def test_a_pack_that_workers_do_not_see_is_named(client: Any, tmp_path: Path) -> None:
    folder = tmp_path / "numbers.pack"
    pack = hy.tables.pack(data(200), folder, verbose=0)
    shutil.rmtree(folder)
    text = r"worker tcp://\S+ does not see the pack .*numbers\.pack \(No such file or directory\)"
    with pytest.raises(FileNotFoundError, match=text + "; a pack must lie where all workers see"):
        trained(client, network(), pack)
    hy.tables.pack(data(200), folder, seed=1, verbose=0)
    with pytest.raises(ValueError, match=r"worker tcp://\S+ sees another pack in .*numbers\.pack"):
        trained(client, network(), pack)
    (folder / "x.npy").write_bytes(b"")
    with pytest.raises(hy.errors.FileFormatError, match=r"worker tcp://\S+: .*x\.npy has 0 bytes"):
        trained(client, network(), pack)


class Blind:
    """A worker's `ready`, but that some of the workers see no pack.

    Args:
        addresses: of these.
    """

    def __init__(self, addresses: set[str]) -> None:
        self.addresses = addresses

    def __call__(self, packs: Any) -> int:
        if distributed.get_worker().address in self.addresses:
            raise FileNotFoundError("it sees nothing")
        return ready(packs)


@LONG
def test_a_worker_that_comes_and_sees_no_pack_is_left_out(
    client: Any, pack: hy.tables.Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there from the start, but nobody sees it before some steps are made."""
    groups, everyone = [], sorted(client.nthreads())
    hidden, make = {everyone[0]}, training.Attempt

    def note(run: str, addresses: Any, *rest: Any) -> Any:
        groups.append(list(addresses))
        threading.Timer(0.3, hidden.clear).start()
        return make(run, addresses, *rest)

    seen, workers = waiting.Cluster.seen, waiting.Cluster.workers
    monkeypatch.setattr(training, "Attempt", note)
    monkeypatch.setattr(training, "ready", Blind({everyone[0]}))
    monkeypatch.setattr(waiting.Cluster, "seen", lambda self: seen(self) - hidden)
    monkeypatch.setattr(
        waiting.Cluster, "workers", lambda self: [w for w in workers(self) if w not in hidden]
    )
    found = trained(client, network("numpy", Slow()), pack)
    assert groups == [everyone[1:], everyone, everyone[1:]]
    assert found == alone(network("numpy", Slow()), pack)


class Mine:
    """A source of one's own."""

    def __len__(self) -> int:
        return 600

    def block(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        rows = np.arange(start, stop)[:, None]
        return np.sin(rows * np.arange(1, 13)), rows[:, 0] % 3


def test_a_source_of_ones_own(client: Any) -> None:
    source: Any = Mine()
    assert trained(client, network(), source) == alone(network(), source)


def test_what_goes_with_collections_alone_is_refused(client: Any, pack: hy.tables.Pack) -> None:
    with pytest.raises(ValueError, match="leave y and sample_weight away"):
        hyalite.dask.fit(client, network(), pack, np.zeros(len(pack)))
    with pytest.raises(ValueError, match=r"validation_data must be \(x, y\) or a source of rows"):
        hyalite.dask.fit(client, network(), pack, validation_data=7)


def test_a_pack_travels_without_its_rows_and_with_its_place(
    pack: hy.tables.Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pack.folder.parent)
    near = hy.tables.Pack(pack.folder.name)
    plain = pickle.dumps(near)
    assert len(near.validation[0])
    assert len(pickle.dumps(near)) == len(plain)
    rows = pickle.dumps(near.validation_rows)
    monkeypatch.chdir(tmp_path)
    far = pickle.loads(plain)
    assert os.path.isabs(far.folder)
    assert far.block(3, 9)[0].tobytes() == pack.block(3, 9)[0].tobytes()
    assert pickle.loads(rows).block(0, 5)[1].tobytes() == pack.validation[1][:5].tobytes()


@pytest.mark.slow
def test_a_table_is_trained_from_its_pack(client: Any, tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="the estimators need the extra 'sklearn'")
    need("pandas", "dev")
    from hyalite import sklearn

    rng = np.random.default_rng(0)
    sizes, towns = rng.normal(50, 10, 300), rng.integers(0, 3, 300)
    lines = [f"{n:.1f},{t},{int(n > 50)}" for n, t in zip(sizes, towns, strict=True)]
    text = "\n".join(["size,town,sold", *lines])
    (tmp_path / "houses.csv").write_text(text + "\n")
    pack = hy.tables.pack(tmp_path / "houses.csv", tmp_path / "pack", target="sold", verbose=0)
    settings = {"effort": "quick", "random_state": 0, "engine": "numpy"}
    alone = sklearn.TabularClassifier(**settings).fit(pack)
    model = hyalite.dask.TabularClassifier(**settings).fit(pack)
    rows = pack.validation[0]
    np.testing.assert_array_equal(model.model_.outputs(rows), alone.model_.outputs(rows))
    with pytest.raises(ValueError, match="a pack has its own target"):
        hyalite.dask.TabularClassifier(**settings).fit(pack, [1])
