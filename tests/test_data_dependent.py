"""Initial values from data."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import data_dependent

RNG = np.random.default_rng(4)
X = RNG.standard_normal((500, 6)) * [1, 10, 100, 0.01, 1, 1] + [0, 50, -3, 7, 0, 0]


def network(*layers: hy.Layer, dtype: str = "float64") -> hy.Sequential:
    chosen = layers or (
        hy.Dense(40, "relu", initializer="he_normal"),
        hy.Dropout(0.5),
        hy.Dense(30, "tanh"),
        hy.Dense(3, "softmax"),
    )
    return hy.Sequential(chosen, dtype=dtype)


def pre_activations(model: hy.Sequential, x: np.ndarray) -> list[np.ndarray]:
    """x·W of every dense layer."""
    return _pre_activations(model.network.stages(), x)


def _pre_activations(stages: list[hy.Layer], x: np.ndarray) -> list[np.ndarray]:
    found = []
    for stage in stages:
        if isinstance(stage, hy.Dense):
            found.append(x @ stage.W)
        found += _pre_activations(stage.within, x)
        x = stage.forward(x).copy()
    return found


BLOCKS = [
    lambda: [],
    lambda: [
        hy.Dense(9),
        hy.Residual([hy.Dense(7, "relu"), hy.Residual([hy.Dense(7, "tanh")]), hy.Dense(9)]),
        hy.Dense(3, "softmax"),
    ],
]


@pytest.mark.parametrize("layers", BLOCKS, ids=["layers", "blocks"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_unit_has_variance_one(dtype, layers):
    model = network(*layers(), dtype=dtype)
    hy.initialize_from_data(model, X, seed=1)
    for z in pre_activations(model, X.astype(dtype)):
        np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-3 if dtype == "float32" else 1e-10)


def test_weights_keep_their_direction_and_biases_lie_within_the_samples():
    model, plain = network(), network()
    plain.build(6, seed=1)
    hy.initialize_from_data(model, X, seed=1)
    ratio = model.layers[0].W / plain.layers[0].W
    np.testing.assert_allclose(ratio, np.broadcast_to(ratio[0], ratio.shape), rtol=1e-10)
    for z, layer in zip(pre_activations(model, X), model.layers[::2][:1], strict=False):
        assert (z.min(axis=0) <= -layer.b).all()
        assert (-layer.b <= z.max(axis=0)).all()
        assert len(np.unique(layer.b)) == layer.units
    # a mean of 5 rows, with the weights of a Dirichlet distribution: variance 1·Σp², E Σp² = 1/3
    wide = network(hy.Dense(4000))
    hy.initialize_from_data(wide, RNG.standard_normal((3000, 5)), seed=0)
    assert wide.layers[0].b.var() == pytest.approx(1 / 3, abs=0.04)


def test_the_same_seed_gives_the_same_bytes_and_another_one_others():
    models = [network() for _ in range(3)]
    for model, seed in zip(models, (7, 7, 8), strict=True):
        model.build(6, seed=0)
        hy.initialize_from_data(model, X, seed=seed)
    assert models[0].theta.tobytes() == models[1].theta.tobytes()
    assert models[0].layers[0].W.tobytes() == models[2].layers[0].W.tobytes()
    assert (models[0].layers[0].b != models[2].layers[0].b).all()


def test_a_unit_that_is_constant_is_left():
    for dtype in ("float32", "float64"):
        model = network(hy.Dense(8, "relu"), hy.Dense(2, initializer="zeros"), dtype=dtype)
        model.build(3, seed=0)
        before = model.theta.copy()
        hy.initialize_from_data(model, np.full((77, 3), [0.1, 1e6, -1 / 3]))
        np.testing.assert_array_equal(model.layers[0].W, before[:24].reshape(3, 8))
        assert (model.layers[1].W == 0).all()
        assert np.isfinite(model.theta).all()


def test_other_layers_stay_and_pass_the_samples_on():
    class Mine(hy.Dense):
        """May mean anything by its weights."""

    layers = hy.LayerNormalization(), Mine(5), hy.BatchNormalization(), hy.Dense(4, use_bias=False)
    model = network(*layers)
    model.build(6, seed=0)
    before = [array.copy() for layer in layers[:3] for array in layer.values.values()]
    state = model.state.copy()
    hy.initialize_from_data(model, X)
    after = [array for layer in layers[:3] for array in layer.values.values()]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(model.state, state)
    np.testing.assert_allclose(pre_activations(model, X)[-1].std(axis=0), 1)


def test_of_many_samples_some_are_taken(monkeypatch):
    monkeypatch.setattr(data_dependent, "MAX_ENTRIES", 100 * 40)
    seen = []

    class Watch(hy.Layer):
        def forward(self, x, training=False):
            assert not training
            seen.append(len(x))
            return x

    model = network(Watch(), hy.Dense(40))
    hy.initialize_from_data(model, X, seed=3)
    assert seen == [100]
    (z,) = pre_activations(model, X)
    assert z.std(axis=0) == pytest.approx(np.ones(40), abs=0.4)


def test_it_trains_from_there():
    x = 1e4 * np.c_[hy.datasets.spiral(60, 3)[0], np.ones(180)]
    model = network(hy.Dense(64, "relu"), hy.Dense(3, "softmax"))
    model.compile("categorical_crossentropy", hy.Adam(0.02), ["accuracy"], engine="numpy")
    hy.initialize_from_data(model, x)
    history = model.fit(x, hy.datasets.spiral(60, 3)[1], epochs=3, batch_size=30, verbose=0)
    assert np.isfinite(history["loss"]).all()


@pytest.mark.parametrize("x", [X[0], X[:, :5], "text", [[np.nan] * 6]])
def test_what_fit_refuses_is_refused(x):
    model = network()
    model.build(6, seed=0)
    before = model.theta.copy()
    with pytest.raises(ValueError, match=r"x must|x\[0\]|x holds"):
        hy.initialize_from_data(model, x)
    with pytest.raises(ValueError, match="seed must be"):
        hy.initialize_from_data(model, X, seed=-1)
    np.testing.assert_array_equal(model.theta, before)
