"""Training on packs: the bytes of the same rows in memory, and memory that is kept to."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from tests.data.tables.packs.helpers import pack
from tests.training.test_checkpoint import ENGINES, model, outcome


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> hy.tables.Pack:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((700, 6), np.float32), rng.integers(0, 3, 700)
    return pack((x, y), tmp_path_factory.mktemp("packs") / "numbers.pack", None)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_pack_gives_the_bytes_of_its_rows_in_memory(engine: str, numbers) -> None:
    order = hy.BlockShuffle(20, lanes=8, blocks=2)
    options = {"epochs": 2, "batch_size": 24, "seed": 1, "verbose": 0, "shuffle": order}
    one, other = model(engine), model(engine)
    one.fit(numbers, validation_data=numbers.validation, **options)
    x, y = np.array(numbers.x), np.array(numbers.y)
    other.fit(x, y, validation_data=numbers.validation, **options)
    assert outcome(one) == outcome(other)
    by_default = {"epochs": 1, "batch_size": 24, "seed": 1, "verbose": 0}
    one, other = model(engine), model(engine)
    one.fit(numbers, **by_default)
    other.fit(x, y, shuffle="blocks", **by_default)
    assert outcome(one) == outcome(other)


@pytest.mark.parametrize("engine", ENGINES)
def test_class_weights_of_a_pack(engine: str, numbers) -> None:
    one, other = model(engine), model(engine)
    options = {"class_weight": "balanced", "batch_size": 24, "seed": 1, "verbose": 0}
    one.fit(numbers, **options)
    other.fit(np.array(numbers.x), np.array(numbers.y), shuffle="blocks", **options)
    np.testing.assert_allclose(one.theta, other.theta, rtol=1e-4, atol=1e-5)


def test_blocks_maps_and_pickles(numbers) -> None:
    x, y = numbers.block(3, 10)
    np.testing.assert_array_equal(x, numbers.x[3:10])
    np.testing.assert_array_equal(y, numbers.y[3:10])
    again = pickle.loads(pickle.dumps(numbers))
    np.testing.assert_array_equal(again.block(0, 5)[0], numbers.x[:5])
    with pytest.raises(ValueError, match="rows 0 to 9999 of"):
        numbers.block(0, 9999)
    made = hy.Sequential([hy.Dense(3, "softmax")])
    made.compile("categorical_crossentropy", metrics=["accuracy"])
    made.fit(numbers, seed=0, verbose=0)
    found = made.evaluate(numbers)
    there = made.evaluate(np.array(numbers.x), np.array(numbers.y))
    np.testing.assert_allclose(found["loss"], there["loss"], rtol=1e-5)
    assert found["accuracy"] == pytest.approx(there["accuracy"])


def test_a_pack_that_shrinks_is_an_error(numbers, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(numbers.folder, tmp_path / "a.pack")
    made = hy.tables.Pack(tmp_path / "a.pack")
    with (tmp_path / "a.pack" / "x.npy").open("r+b") as file:
        file.truncate(2000)
    with pytest.raises(hy.FileFormatError, match="become shorter"):
        made.block(0, len(made))


MEMORY_PROGRAM = """
import resource, sys, numpy as np, hyalite as hy
from pathlib import Path

def size():
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()

pack = hy.tables.Pack(sys.argv[1])
model = hy.Sequential([hy.Dense(8, "relu"), hy.Dense(1)])
model.compile("mse", metrics=["mae"], engine=sys.argv[2])
model.fit(*pack.block(0, 5000), seed=0, verbose=0)  # what is loaded once
resource.setrlimit(resource.RLIMIT_AS, (size() + (32 << 20),) * 2)
order = hy.BlockShuffle(block_rows=500)
kept = pack.validation_rows
model.fit(pack, batch_size=4096, shuffle=order, validation_data=kept, seed=0, verbose=2)
print("loss", model.history["loss"][-1])
"""


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of 140 MB, made within 64 MiB of rows that nobody keeps."""

    class Source:
        def __len__(self):
            return 1_700_000

        def block(self, start, stop):
            x = np.repeat(np.arange(start, stop, dtype=np.float32)[:, None] / len(self), 20, axis=1)
            return x, x[:, 0].astype(np.float32)

    folder = tmp_path_factory.mktemp("wide") / "wide.pack"
    pack(Source(), folder, None, validation_split=0.02, memory="64 MiB")
    return folder


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits of addresses are Linux's")
@pytest.mark.parametrize("engine", ENGINES)
def test_memory_is_kept_under_a_limit(engine: str, wide: Path) -> None:
    """A pack of 140 MB within 32 MB beside what the process has."""
    assert sum(path.stat().st_size for path in wide.iterdir()) > 4 * (32 << 20)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY_PROGRAM, str(wide), engine],
        capture_output=True, text=True, timeout=120,
        env={**os.environ, "HYALITE_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "training takes up to" in done.stderr
    assert float(done.stdout.split()[-1]) < 0.1


def test_too_little_memory_is_said_before_it_starts(numbers, monkeypatch) -> None:
    from hyalite.training import sources

    monkeypatch.setattr(sources, "_addresses_left", lambda: 1000)
    with pytest.raises(ValueError, match="the process may take 0 MiB more"):
        model("numpy").fit(numbers, verbose=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shuffle", "least"),
    [pytest.param(True, 0.93, id="packed with a shuffle"), pytest.param(False, 0.92, id="lanes")],
)
def test_mnist_sorted_by_label(shuffle: bool, least: float, tmp_path: Path) -> None:
    """As it lies it would be 45 %: the worst order there is."""
    (x, y), test = hy.datasets.mnist(normalize=False)
    x, y = x[:20_000], y[:20_000]
    order = np.argsort(y, kind="stable")
    made = pack(
        (x[order], y[order]), tmp_path / "a.pack", None, shuffle=shuffle, validation_split=0
    )
    found = hy.Sequential([hy.Rescaling(1 / 255), hy.Dense(64, "relu"), hy.Dense(10, "softmax")])
    found.compile("categorical_crossentropy", hy.Adam(1e-3), ["accuracy"])
    found.fit(made, batch_size=100, epochs=3, seed=0, verbose=0)
    assert found.evaluate(*test)["accuracy"] >= least


def test_what_is_said_counts_rows_that_are_measured(
    numbers, caplog: pytest.LogCaptureFixture, monkeypatch
) -> None:
    from hyalite.data.block_samples import BlockSamples

    memory = BlockSamples.memory
    monkeypatch.setattr(
        BlockSamples,
        "memory",
        lambda self, size: memory(self, size) + (10**9 if self.shuffle is None else 0),
    )
    options = {"batch_size": 24, "seed": 0, "verbose": 2}
    model("numpy").fit(numbers, validation_data=numbers.validation, **options)
    assert "training takes up to 1.0 GB" not in caplog.text
    model("numpy").fit(numbers, validation_data=numbers.validation_rows, **options)
    assert "training takes up to 1.0 GB" in caplog.text
