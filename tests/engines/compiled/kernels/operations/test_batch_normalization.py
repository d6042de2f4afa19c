"""Batch normalization, compiled: by feature, and of pictures by channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hyalite as hy

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

pytestmark = pytest.mark.compiled


def network(shape: tuple[int, ...]) -> hy.Sequential:
    layers = [hy.BatchNormalization(0.7), hy.Residual([hy.Tanh(), hy.BatchNormalization(0.8)])]
    model = hy.Sequential([*layers, hy.Flatten(), hy.Dense(3, "softmax")], dtype="float64")
    model.compile("categorical_crossentropy", hy.Adam(0.01))
    model.build(shape, seed=0)
    model.theta += 0.3 * np.random.default_rng(1).normal(size=model.theta.shape)
    return model


@pytest.mark.parametrize("shape", [(5, 4, 3), (5, 4, 1), (1, 1, 6), (1, 9, 2), (12,)])
@pytest.mark.parametrize("shards", [1, 3])
def test_pictures_and_flat_samples_agree_with_the_reference(
    shape: tuple[int, ...], shards: int
) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(3, 2, (130, *shape)), rng.integers(0, 3, 130)
    found = []
    for engine in ("numpy", "compiled"):
        model = network(shape)
        model.engine = engine
        model.fit(x, y, batch_size=64, epochs=3, shards=shards, seed=1, verbose=0)
        few = [model.predict(x[:rows]) for rows in (1, 130)]
        found.append([model.theta, model.state, *few])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


def test_of_many_pixels_no_digits_are_lost_in_single_precision() -> None:
    """As by the layer itself; one sum over all rows would be off by 7e-4."""
    x = np.maximum(np.random.default_rng(0).normal(size=(100, 28, 28, 4)), 0).astype("f4")
    model = hy.Sequential([hy.BatchNormalization(momentum=0), hy.Flatten(), hy.Dense(1)])
    model.compile("mean_squared_error", hy.SGD(0.0), engine="compiled")
    model.fit(x, np.zeros(100), batch_size=100, verbose=0)
    layer, exact = model.layers[0], x.astype("f8")
    np.testing.assert_allclose(layer.mean, exact.mean(axis=(0, 1, 2)), rtol=2e-6)
    np.testing.assert_allclose(layer.variance, exact.var(axis=(0, 1, 2)), rtol=2e-5)


# Layers whose batches come in several blocks, and a sample's shape.
MEETINGS: dict[str, tuple[Callable[[], list[hy.Layer]], tuple[int, ...]]] = {
    "flat": (
        lambda: [
            hy.BatchNormalization(), hy.Dense(40), hy.BatchNormalization(), hy.ReLU(),
            hy.Dropout(0.2), hy.Dense(300, "tanh"), hy.BatchNormalization(), hy.Dense(130, "relu"),
        ],
        (12,),
    ),
    "pictures": (
        lambda: [
            hy.Conv2D(17, 3, use_bias=False), hy.BatchNormalization(), hy.GELU(),
            hy.Residual([hy.BatchNormalization(), hy.LeakyReLU(0.3), hy.Conv2D(17, 3, padding=1)]),
            hy.MaxPooling2D(), hy.BatchNormalization(), hy.ReLU(), hy.Dropout(0.2), hy.Flatten(),
        ],
        (12, 11),
    ),
    "at both ends": (
        lambda: [
            hy.RandomFlip(), hy.BatchNormalization(), hy.BatchNormalization(), hy.Tanh(),
            hy.Conv2D(40, 3, activation="relu"), hy.Flatten(), hy.BatchNormalization(),
        ],
        (9, 9, 3),
    ),
}  # fmt: skip


def in_blocks(name: str, dtype: str, engine: str, **settings: Any) -> list[np.ndarray]:
    """Parameters, state, losses and predictions of a training in several blocks."""
    make, shape = MEETINGS[name]
    rng = np.random.default_rng(0)
    x, y = rng.normal(3, 2, (250, *shape)).astype(dtype), rng.integers(0, 3, 250)
    model = hy.Sequential([*make(), hy.Dense(3, "softmax")], dtype=dtype)
    model.compile("categorical_crossentropy", hy.SGD(0.05, momentum=0.9), engine=engine)
    history = model.fit(x, y, **{"batch_size": 100, "epochs": 2, **settings}, seed=1, verbose=0)
    assert lowered(model, 100).partition().blocks > 1
    return [model.theta, model.state, np.array(history["loss"]), model.predict(x)]


def lowered(model: hy.Sequential, batch_size: int) -> Any:
    from hyalite.engines.compiled.lowering.program import Lowering

    return Lowering(model.network, None, batch_size)


@pytest.mark.parametrize("shards", [1, 2, 7])
@pytest.mark.parametrize("name", MEETINGS)
def test_blocks_that_meet_agree_with_the_reference(name: str, shards: int) -> None:
    """The last batch has 50 rows, and another size of blocks."""
    found = [in_blocks(name, "float64", engine, shards=shards) for engine in ("numpy", "compiled")]
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", MEETINGS)
def test_any_number_of_threads_gives_the_same_bytes(name: str) -> None:
    found = []
    for threads in (1, 2, 3):
        hy.set_num_threads(threads)
        try:
            found.append([a.tobytes() for a in in_blocks(name, "float32", "compiled")])
        finally:
            hy.set_num_threads(None)
    assert found[0] == found[1] == found[2]


def test_a_batch_of_fewer_rows_than_blocks() -> None:
    """A batch of 100 has 16 blocks; the last one has 2 pictures."""
    x, found = np.random.default_rng(0).normal(size=(102, 12, 12)), []
    for engine in ("numpy", "compiled"):
        layers = [hy.Conv2D(70, 3), hy.BatchNormalization(), hy.Flatten(), hy.Dense(1)]
        model = hy.Sequential(layers, dtype="float64")
        model.compile("mean_squared_error", hy.SGD(0.001), engine=engine)
        model.fit(x, x[:, 0, 0], batch_size=100, epochs=2, seed=0, verbose=0)
        found.append(model.theta)
    assert lowered(model, 100).partition().blocks == 16
    np.testing.assert_allclose(*found, rtol=1e-9, atol=1e-11)


def test_an_activation_behind_it_is_in_its_pass_unless_it_is_softmax() -> None:
    for activation, count in ((hy.ReLU(), 2), (hy.GELU(), 2), (hy.Softmax(), 3)):
        model = hy.Sequential([hy.BatchNormalization(), activation, hy.Dense(2)])
        model.build(5, seed=0)
        assert len(lowered(model, 10).instructions) == count
