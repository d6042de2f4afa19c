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
