"""The chain of layers: what fits together, and what may be added to one that is built."""

from __future__ import annotations

import time

import numpy as np
import pytest

import hyalite as hy
from tests.inputs import NUMBERS, X, classifier, fitted, refused


def trained() -> tuple[hy.Sequential, np.ndarray]:
    model = hy.Sequential(
        [hy.Dense(3, hy.LeakyReLU(0.2)), hy.BatchNormalization(name="b"), hy.Dense(1)]
    )
    model.compile("mean_squared_error", hy.Adam(0.01), ["mean_absolute_error"], engine="numpy")
    x = np.random.default_rng(0).normal(size=(20, 4))
    model.fit(x, x[:, :1], epochs=2, seed=0, verbose=0)
    return model, x


def test_a_layer_without_arrays_can_follow_a_trained_model() -> None:
    model, x = trained()
    before, theta, state = model.predict(x), model.theta, model.state.copy()
    model.add(hy.Rescaling(10, 3))
    np.testing.assert_allclose(model.predict(x), 10 * before + 3, rtol=1e-5)
    assert model.theta is theta
    np.testing.assert_array_equal(model.state, state)
    assert np.shares_memory(model.layers[0].W, model.theta)
    model.fit(x, x[:, :1], epochs=1, verbose=0)
    model.add(hy.Flatten())
    assert model.network.names[-2:] == ["rescaling_1", "flatten_1"]


def test_the_predictor_of_a_few_rows_learns_of_the_new_layer() -> None:
    pytest.importorskip("numba", reason="needs the extra 'fast'")
    model, x = trained()
    model.compile(model.loss, model.optimizer, engine="auto")
    before = [model.predict(x[:1]) for _ in range(3)][-1]
    model.add(hy.Rescaling(10, 3))
    np.testing.assert_allclose(model.predict(x[:1]), 10 * before + 3, rtol=1e-5)


def test_what_a_built_model_cannot_take_changes_nothing() -> None:
    model, x = trained()
    before = model.predict(x)
    for layer, message in (
        (hy.Dense(2), "the model is built, its vectors have no room for the arrays of Dense"),
        (hy.BatchNormalization(), "no room for the arrays"),
        (hy.Rescaling(2, name="b"), "two layers are named 'b'"),
        (model.layers[0], "is in the model twice|no room"),
        (hy.Softmax(), "softmax"),
    ):
        with pytest.raises(ValueError, match=message):
            model.add(layer)
    assert len(model.layers) == len(model.network.names) == len(model.network.shapes) == 3
    np.testing.assert_array_equal(model.predict(x), before)


def test_a_softmax_does_not_follow_a_softmax() -> None:
    model = hy.Sequential([hy.Dense(2, "softmax")])
    model.build(3, seed=0)
    with pytest.raises(ValueError, match="softmax of a softmax"):
        model.add(hy.Softmax())
    assert len(model.layers) == 1


def test_the_same_layer_twice_is_refused():
    layer = hy.Dense(4)
    refused(lambda: hy.Sequential([layer, layer]), "twice", "two")


def test_a_layer_of_another_model_is_refused():
    model = fitted(classifier())
    refused(lambda: hy.Sequential([model.layers[0]]), "built already", "new one")


def test_a_layer_in_two_models_that_are_not_built_is_refused_by_the_second():
    layer = hy.Dense(3)
    first, second = hy.Sequential([layer]), hy.Sequential([layer])
    first.build(4)
    refused(lambda: second.build(4), "Dense(units=3)", "another model", "new one")


def test_one_name_twice_is_refused():
    refused(lambda: hy.Sequential([hy.Dense(4, name="a"), hy.ReLU(name="a")]), "'a'", mend=False)


def test_default_names_avoid_those_that_are_taken():
    model = hy.Sequential([hy.Dense(4, name="dense_2"), hy.Dense(3), hy.Dense(2), hy.ReLU()])
    assert len(set(model.network.names)) == 4
    model.build(4)


@pytest.mark.parametrize("seed", range(5))
def test_default_names_are_those_of_layers_added_one_by_one(seed):
    rng = np.random.default_rng(seed)
    names = [f"relu_{number}" for number in rng.permutation(30)[:8]]
    names += [None if rng.random() < 0.7 else f"other_{place}" for place in range(22)]
    together, one_by_one = hy.Sequential([hy.ReLU(name) for name in names]), hy.Sequential()
    for name in names:
        one_by_one.add(hy.ReLU(name))
    assert together.network.names == one_by_one.network.names
    assert len(set(together.network.names)) == 30


def test_ten_thousand_layers_take_no_minutes():
    began = time.process_time()
    model = hy.Sequential([hy.Dense(1) for _ in range(10_000)])
    model.build(1, seed=0)
    assert time.process_time() - began < 20
    assert model.layers[-1].W.shape == (1, 1)
    assert model.network.names[-1] == "dense_10000"


def test_layers_cannot_be_added_to_a_built_model():
    refused(lambda: fitted(classifier()).add(hy.Dense(3)), "built", "make a new")


def test_a_model_without_layers_is_refused():
    model = hy.Sequential()
    model.compile("mse")
    refused(lambda: model.fit(X, NUMBERS, verbose=0), "no layers", "Dense")
    refused(lambda: hy.Sequential().build(4), "no layers", "Dense")


@pytest.mark.parametrize(
    "layer", [hy.Dense(3), hy.Softmax(), hy.BatchNormalization(), hy.LayerNormalization()]
)
def test_a_layer_for_flat_samples_after_images_says_flatten(layer):
    model = hy.Sequential([hy.Rescaling(0.1), layer])
    refused(lambda: model.build((5, 5)), type(layer).__name__.lower()[:5], "(5, 5)", "Flatten()")


def test_a_model_built_for_one_shape_refuses_another():
    model = classifier()
    model.build(4)
    model.build((4,))
    refused(lambda: model.build(5), "(4,)", "(5,)", mend=False)


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [hy.Dense(3, "softmax"), hy.Softmax()],
        lambda: [hy.Dense(3), hy.Softmax(), hy.Softmax()],
    ],
)
def test_softmax_twice_is_refused(layers):
    model = hy.Sequential(layers())
    refused(lambda: model.build(4), "softmax of a softmax", "leave one")


@pytest.mark.parametrize(
    "layers", [lambda: [hy.Dense(1, "softmax")], lambda: [hy.Dense(1), hy.Softmax()]]
)
def test_softmax_of_one_unit_is_refused(layers):
    refused(lambda: hy.Sequential(layers()).build(4), "always 1", "sigmoid", "Dense(2")
