"""Workers that share rows which are read in blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite.workers import Group, threads


class Rows:
    """Arrays that are asked for block by block."""

    def __init__(self, x: np.ndarray, y: np.ndarray) -> None:
        self.x, self.y = x, y

    def __len__(self) -> int:
        return len(self.x)

    def block(self, start: int, stop: int) -> tuple[Any, ...]:
        return self.x[start:stop], self.y[start:stop]


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_any_number_of_workers_gives_the_same_bytes(engine: str) -> None:
    if engine == "compiled":
        pytest.importorskip("numba")
    rng = np.random.default_rng(0)
    x, y = rng.random((3003, 6), dtype=np.float32), rng.integers(0, 3, 3003)

    def trained(workers: Group | None) -> tuple[bytes, bytes, list[Any]]:
        model = hy.Sequential(
            [
                *(hy.Dense(8, "relu"), hy.BatchNormalization(), hy.Dropout(0.2)),
                hy.Dense(3, "softmax"),
            ]
        )
        model.compile("categorical_crossentropy", hy.Adam(), ["accuracy"], engine=engine)
        history = model.fit(
            Rows(x, y), batch_size=64, epochs=2, seed=0, verbose=0, workers=workers, shards=8,
            validation_data=Rows(x[:999], y[:999]),
        )  # fmt: skip
        figures = [history[name] for name in ("loss", "accuracy", "val_loss", "val_accuracy")]
        return model.theta.tobytes(), model.state.tobytes(), figures

    alone = trained(None)
    for size in (1, 2, 3):
        assert threads.run(size, trained) == [alone] * size


class Told(Rows):
    """They note what they are asked for."""

    def __init__(self, x: np.ndarray, y: np.ndarray) -> None:
        super().__init__(x, y)
        self.asked: list[tuple[int, int]] = []

    def block(self, start: int, stop: int) -> tuple[Any, ...]:
        self.asked.append((start, stop))
        return super().block(start, stop)

    def block_targets(self, start: int, stop: int) -> np.ndarray:
        return self.y[start:stop]


LAID_OUT = hy.BlockShuffle(block_rows=20, lanes=8, blocks=2)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize("shuffle", [LAID_OUT, hy.BlockShuffle(10, lanes=5, blocks=1), False])
def test_a_worker_reads_its_own_share(engine: str, shuffle: Any) -> None:
    """Inputs of no other rows, but where a lane is shared by two workers; and the same bytes."""
    if engine == "compiled":
        pytest.importorskip("numba")
    rng = np.random.default_rng(1)
    count, size = 4000, 4
    x, y = rng.random((count, 64), dtype=np.float32), rng.integers(0, 3, count)
    batch_size = 1600 if shuffle is False else 160  # a batch that is more than is read in one go

    def trained(workers: Group | None, kind: type[Rows] = Told) -> tuple[list[int], Any]:
        rows, held = kind(x, y), kind(x[:1000], y[:1000])
        model = hy.Sequential([hy.Dense(8, "relu"), hy.Dropout(0.2), hy.Dense(3, "softmax")])
        model.compile("categorical_crossentropy", hy.Adam(), ["accuracy", "f1"], engine=engine)
        history = model.fit(
            rows, batch_size=batch_size, epochs=2, seed=0, verbose=0, workers=workers, shards=8,
            shuffle=shuffle, class_weight=None, validation_data=held,
        )  # fmt: skip
        read = [sum(b - a for a, b in getattr(one, "asked", ())) for one in (rows, held)]
        return read, (model.theta.tobytes(), history.history)

    few = 64 * 16 + 10  # rows that tell one source from another, and the first
    alone = trained(None, Rows)[1]
    found = threads.run(size, trained)
    assert [one for _, one in found] == [alone] * size
    assert [one for _, one in threads.run(size, lambda group: trained(group, Rows))] == [alone] * 4
    for (read, held), _ in found:
        shared = 2 if isinstance(shuffle, hy.BlockShuffle) and shuffle.lanes == 5 else 1
        assert read - few <= 2 * shared * count // size
        assert held - few <= 2 * 1000 // size


@pytest.mark.parametrize(
    ("count", "batch_size", "order", "shards"),
    [
        (50, 1, hy.BlockShuffle(3, lanes=4, blocks=2), 8),
        (53, 7, hy.BlockShuffle(3, lanes=5, blocks=1), 8),
        (53, 9, hy.BlockShuffle(100, lanes=16, blocks=4), 8),
        (10, 64, hy.BlockShuffle(2, lanes=3, blocks=1), 5),
        (1, 4, hy.BlockShuffle(1), 8),
    ],
)
def test_fewer_rows_than_shards_or_lanes(
    count: int, batch_size: int, order: hy.BlockShuffle, shards: int
) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.random((count, 5)), rng.integers(0, 3, count)

    def trained(workers: Group | None) -> tuple[bytes, bytes, Any]:
        layers = [hy.Dense(6, "relu"), hy.BatchNormalization(), hy.Dense(3, "softmax")]
        model = hy.Sequential(layers)
        model.compile("categorical_crossentropy", hy.Adam(), ["accuracy", "f1"], engine="numpy")
        model.fit(
            Told(x, y), batch_size=batch_size, epochs=2, seed=0, verbose=0, workers=workers,
            shards=shards, shuffle=order, validation_data=Told(x[: count // 2 + 1], y),
        )  # fmt: skip
        return model.theta.tobytes(), model.state.tobytes(), model.history.history

    alone = trained(None)
    for size in (2, 3, shards):
        assert threads.run(size, trained) == [alone] * size


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_who_has_not_read_a_row_names_it_all_the_same(engine: str) -> None:
    if engine == "compiled":
        pytest.importorskip("numba")
    x, y = np.full((160, 4), 0.1, np.float32), np.zeros(160)
    x[-1] = 3e38  # in one share alone

    def trained(workers: Group | None) -> str:
        model = hy.Sequential([hy.Dense(4), hy.Dense(1)])
        model.build(4)
        model.theta[...] = 1
        model.compile("mse", hy.SGD(0.1), engine=engine)
        try:
            model.fit(
                Told(x, y), batch_size=160, epochs=1, seed=0, verbose=0, workers=workers,
                shards=8, shuffle=LAID_OUT,
            )  # fmt: skip
        except hy.NonFiniteError as error:
            return str(error)
        return "no error"

    alone = trained(None)
    assert "layer dense" in alone
    assert threads.run(4, trained) == [alone] * 4


def test_targets_of_many_rows_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of rows that do not give them alone: not all inputs at once."""
    from hyalite.data import block_samples

    monkeypatch.setattr(block_samples, "STRETCH_BYTES", 1 << 12)
    rng = np.random.default_rng(1)
    rows = Told(rng.random((5000, 6), dtype=np.float32), rng.integers(0, 3, 5000))

    class Plain(Rows):
        def block(self, start: int, stop: int) -> tuple[Any, ...]:
            return rows.block(start, stop)

    model = hy.Sequential([hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", metrics=["accuracy"])
    model.fit(Plain(rows.x, rows.y), batch_size=50, seed=0, verbose=0, shuffle=LAID_OUT)
    assert max(stop - start for start, stop in rows.asked) <= (1 << 12) // 24
