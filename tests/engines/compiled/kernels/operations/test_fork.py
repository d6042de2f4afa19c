"""The two ways of a residual block, compiled: what came in is kept, whatever lies in between."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import pytest

import hyalite as hy

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

pytestmark = pytest.mark.compiled

D = 4
# Where what would be done in one pass, or over what is there, must not be.
NETWORKS: dict[str, Callable[[], list[hy.Layer]]] = {
    "an activation right behind the fork": lambda: [
        hy.Dense(D), hy.Residual([hy.ReLU(), hy.Dense(D, "tanh")]), hy.ReLU(),
    ],
    "a ReLU whose derivative the next layer would take": lambda: [
        hy.Dense(D, "relu"), hy.Residual([hy.Dense(D)]),
    ],
    "dropout that would have the mask of a ReLU": lambda: [
        hy.Dense(D, "relu"), hy.Residual([hy.Dropout(0.3), hy.Dense(D)]),
    ],
    "a rescaling that would be done as samples are gathered": lambda: [
        hy.Residual([hy.Rescaling(0.5, 0.1), hy.Dense(D)]),
    ],
    "rescaled samples": lambda: [hy.Rescaling(0.5, 0.1), hy.Residual([hy.Dense(D, "gelu")])],
    "layers that work in place": lambda: [
        hy.Residual([hy.Tanh(), hy.Rescaling(2), hy.SiLU(), hy.Dropout(0.2)]),
    ],
    "nothing at all": lambda: [
        hy.Dense(D, "tanh"), hy.Residual([hy.Dropout(0)]), hy.Residual([hy.Linear()]),
    ],
    "blocks that begin and end at one place": lambda: [
        hy.Dense(D, "sigmoid"),
        hy.Residual([hy.Residual([hy.Residual([hy.Dense(D, "tanh", l2=0.1)])])]),
    ],
    "blocks one behind the other": lambda: [
        hy.Residual([hy.Dense(D)]), hy.Residual([hy.ReLU()]), hy.Residual([hy.Dense(D, "relu")]),
    ],
    "normalizations": lambda: [
        hy.Dense(D),
        hy.Residual([hy.Residual([hy.LayerNormalization(), hy.Dense(D)]), hy.BatchNormalization()]),
        hy.BatchNormalization(),
        hy.Residual([hy.BatchNormalization(), hy.ReLU(), hy.Dropout(0.5), hy.Dense(D)]),
    ],
    "gradients by tiles": lambda: [
        hy.Dense(600, "relu"), hy.Residual([hy.Dense(300, "relu"), hy.Dense(600)]),
        hy.Dropout(0.3), hy.Residual([hy.Dense(600, "gelu")]),
    ],
    "embeddings": lambda: [
        hy.Dense(D), hy.Residual([hy.PeriodicEmbedding([1, 2], 3, 3), hy.Scale(), hy.Dense(D)]),
    ],
}  # fmt: skip


def network(name: str, dtype: str = "float64") -> hy.Sequential:
    model = hy.Sequential([*NETWORKS[name](), hy.Dense(3, "softmax")], dtype=dtype)
    model.compile("categorical_crossentropy", hy.Adam(0.01), ["accuracy"], engine="compiled")
    model.build(D, seed=1)
    return model


RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(300, D)), RNG.integers(0, 3, 300)


@pytest.mark.parametrize("batch_size", [70, 300])
@pytest.mark.parametrize("name", NETWORKS)
def test_both_engines_agree(name: str, batch_size: int) -> None:
    found = []
    for engine in ("numpy", "compiled"):
        model = network(name)
        model.engine = engine
        options = {"batch_size": batch_size, "epochs": 3, "shards": 2, "seed": 2, "verbose": 0}
        history = model.fit(X, Y, **options)
        few = [model.predict(X[:rows]) for rows in (1, 3, 300)]
        found.append([history["loss"], model.theta, model.state, *few])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("batch_size", [70, 300])
def test_a_block_of_wide_samples_keeps_them(batch_size: int) -> None:
    """Where the first layer is large, its samples would lie cut into slices of the features."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(300, 400)), rng.integers(0, 3, 300)
    found = []
    for engine in ("numpy", "compiled"):
        layers = [hy.Residual([hy.Dense(420, "tanh"), hy.Dense(400)]), hy.Dense(3, "softmax")]
        model = hy.Sequential(layers, dtype="float64")
        model.compile("categorical_crossentropy", hy.SGD(0.01), engine=engine)
        model.fit(x, y, batch_size=batch_size, epochs=2, shards=2, seed=2, verbose=0)
        found.append([model.theta, model.predict(x), model.predict(x[:1])])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["normalizations", "gradients by tiles", "embeddings"])
def test_the_bytes_are_those_of_any_number_of_threads(name: str, dtype: str) -> None:
    bytes_of = []
    for threads in (1, 2, 3):
        hy.set_num_threads(threads)
        try:
            model = network(name, dtype)
            model.fit(X, Y, batch_size=256, epochs=3, shards=3, seed=0, verbose=0)
            bytes_of.append(model.theta.tobytes() + model.predict(X).tobytes())
        finally:
            hy.set_num_threads(None)
    assert bytes_of[0] == bytes_of[1] == bytes_of[2]


def test_what_is_drawn_within_a_block_is_the_references_bit_for_bit() -> None:
    found = []
    for engine in ("numpy", "compiled"):
        drops = [hy.GaussianNoise(1.0), hy.Residual([hy.Dropout(0.5)]), hy.Dropout(0.4)]
        layers = [hy.Residual(drops), hy.Dense(1, use_bias=False, initializer="zeros")]
        model = hy.Sequential(layers)
        model.compile("mean_squared_error", hy.SGD(0.0), engine=engine)
        gradients = []
        for _ in range(40):  # one row a batch: dW shows what came in
            model.fit(np.ones((1, 19)), [-0.5], batch_size=1, seed=11, verbose=0)
            gradients.append(model.layers[1].dW.copy())
        found.append(np.array(gradients))
    np.testing.assert_array_equal(*found)
    assert len(np.unique(found[0])) > 400


class Tamper(hy.Callback):
    """Changes settings of layers within blocks between epochs."""

    def on_epoch_end(self, model, epoch, figures) -> None:
        dense, drop, inner = model.layers[0].layers
        dense.l2, drop.rate = 0.1 * epoch, 0.1 * epoch
        inner.layers[0].scale = 1 + 0.2 * epoch


def test_settings_within_blocks_may_change_between_epochs() -> None:
    layers = [hy.Dense(D, "relu"), hy.Dropout(0.4), hy.Residual([hy.Rescaling(0.5)])]
    model = hy.Sequential([hy.Residual(layers), hy.Dense(3, "softmax")], dtype="float64")
    model.compile("categorical_crossentropy", hy.SGD(0.1))
    model.build(D, seed=0)
    pair = [copy.deepcopy(model) for _ in range(2)]
    for one, engine in zip(pair, ("numpy", "compiled"), strict=True):
        one.engine = engine
        one.fit(X, Y, epochs=4, seed=1, callbacks=[Tamper()], verbose=0)
        one.predict(X[:1])
        one.layers[0].layers[2].layers[0].offset = 3.0
    np.testing.assert_allclose(pair[0].theta, pair[1].theta, rtol=1e-10)
    np.testing.assert_allclose(*(one.predict(X[:1]) for one in pair), rtol=1e-10)
    np.testing.assert_allclose(*(one.predict(X) for one in pair), rtol=1e-10)


def test_rates_within_blocks_follow_schedules() -> None:
    found = []
    for engine in ("numpy", "compiled"):
        drop = hy.Dropout(hy.ExponentialDecay(0.5, 0.5, 3))
        block = hy.Residual([hy.Dense(D, "relu"), drop, hy.Dense(D)])
        model = hy.Sequential([block, hy.Dense(3, "softmax")], dtype="float64")
        model.compile("categorical_crossentropy", hy.SGD(0.1), engine=engine)
        model.fit(X, Y, epochs=3, batch_size=64, seed=1, verbose=0)
        found.append(model.theta)
    np.testing.assert_allclose(*found, rtol=1e-11)
