"""Activations mixed with what came in."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
import hyalite.summary

ACTIVATIONS = [name for name in hy.layers.ACTIVATIONS if name != "softmax"]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_at_1_it_is_the_activation_and_at_0_what_came_in(name: str) -> None:
    x = np.random.default_rng(0).normal(size=(6, 3))
    activation = hy.layers.ACTIVATIONS[name]()
    layer = hy.ParametricActivation(name).build(3, dtype="float64")
    np.testing.assert_allclose(layer.forward(x), activation.forward(x), atol=1e-15)
    np.testing.assert_allclose(layer.backward(x), activation.backward(x), atol=1e-15)
    layer.a[...] = 0
    np.testing.assert_array_equal(layer.forward(x), x)
    np.testing.assert_array_equal(layer.backward(x), x)
    layer.a[...] = [0.3, -1, 2]
    report = hy.gradcheck.check_layer(layer, x)
    assert report.ok, str(report)


def test_every_feature_has_its_share() -> None:
    layer = hy.ParametricActivation(hy.LeakyReLU(0.5), initial=0.25).build(2, dtype="float64")
    assert layer.a.tolist() == [0.25, 0.25]
    layer.a[...] = [1, -1]
    np.testing.assert_array_equal(layer.forward([[-2, -2], [4, 4]]), [[-1, -3], [4, 4]])
    np.testing.assert_array_equal(layer.backward([[1, 1], [1, 1]]), [[0.5, 1.5], [1, 1]])
    np.testing.assert_array_equal(layer.da, [1, 1])


def test_what_is_no_function_of_one_number_is_refused() -> None:
    class Tempered(hy.Softmax):
        pass

    for activation in ("softmax", hy.Softmax(), Tempered()):
        with pytest.raises(ValueError, match="function of each number alone, got softmax"):
            hy.ParametricActivation(activation)
    with pytest.raises(ValueError, match=r"'rellu' is unknown\. Did you mean 'relu'"):
        hy.ParametricActivation("rellu")
    with pytest.raises(ValueError, match="initial must be a number"):
        hy.ParametricActivation("relu", initial=np.inf)
    with pytest.raises(TypeError, match="must be a name, class or instance"):
        hy.ParametricActivation(3)
    with pytest.raises(ValueError, match=r"takes samples of shape \(features,\)"):
        hy.ParametricActivation("relu").build((2, 2))


def test_an_activation_of_the_users_goes_on_the_numpy_engine() -> None:
    class Square(hy.layers.Activation):
        def forward(self, x, training=False):
            self.x = self.receive(x)
            return self.x**2

        def backward(self, dy):
            return 2 * self.x * self.receive_dy(dy)

    x, y = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 2
    model = hy.Sequential([hy.ParametricActivation(Square()), hy.Dense(2, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(0.01))
    report = hy.gradcheck.check_model(model, x, y)
    assert report.ok, str(report)
    assert model.fit(x, y, epochs=2, seed=0, verbose=0)["loss"][-1] > 0
    model.compile("categorical_crossentropy", engine="compiled")
    with pytest.raises(ValueError, match="cannot run this model"):
        model.fit(x, y, verbose=0)


def test_a_model_shares_nothing_of_a_batch_between_replicas() -> None:
    model = hy.Sequential([hy.ParametricActivation("mish"), hy.Dense(1)])
    model.build(3)
    one, other = model.network.stages()[0], model.network.stages()[0]
    assert one.activation is not other.activation
    assert one.activation.scratch is not None
    assert np.shares_memory(one.a, model.theta)
    assert "ParametricActivation, Mish" in hyalite.summary.table(model.network)
