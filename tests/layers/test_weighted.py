"""A layer with weights writes its two passes and the shape of W; the rest is `Weighted`."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite.initializers import fans
from hyalite.layers import Weighted
from hyalite.parameters import Array, Shape


class PointConvolution(Weighted):
    """A kernel of one place: each place of a picture (n, height, width, channels) through W."""

    formulas = {"y": "Σ_c x·W + b"}

    def __init__(self, filters: int, **options) -> None:
        super().__init__(**options)
        self.filters = filters

    def weight_shape(self, input_shape: Shape) -> Shape:
        return (1, 1, input_shape[-1], self.filters)

    def output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.filters)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = self.receive(x)
        y = self.x @ self.W[0, 0] + (self.b if self.use_bias else 0)
        return y if self.activation is None else self.activation.forward(y, training)

    def backward(self, dy: Array) -> Array:
        dy = self.receive_dy(dy)
        if self.activation is not None:
            dy = self.activation.backward(dy)
        self.dW[0, 0] = np.einsum("nhwc,nhwf->cf", self.x, dy)
        if self.use_bias:
            self.db[...] = dy.sum(axis=(0, 1, 2))
        return dy @ self.W[0, 0].T

    def get_config(self):
        return {"filters": self.filters, "activation": self.activation, "l2": self.l2}


@pytest.mark.parametrize("activation", [None, "tanh"])
def test_it_has_bias_activation_penalties_and_initial_values(activation: str | None) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 2))
    layer = PointConvolution(5, activation=activation, l2=0.1)
    assert hy.gradcheck.check_layer(layer, x).ok
    layer.build(x.shape[1:], seed=1)
    assert layer.W.shape == (1, 1, 2, 5)
    assert layer.b.shape == (5,)
    assert layer.penalty() == pytest.approx(0.1 * float((layer.W**2).sum()))
    before = layer.dW.copy()
    layer.add_penalty_gradient()
    np.testing.assert_allclose(layer.dW - before, 0.2 * layer.W, rtol=1e-6)


def test_in_a_model_it_trains_as_any_layer_and_its_gradient_is_right() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(12, 3, 4, 2)), rng.integers(0, 3, 12)
    model = hy.Sequential(
        [PointConvolution(3, activation="relu", l2=0.01), hy.Flatten(), hy.Dense(3, "softmax")]
    )
    model.compile("categorical_crossentropy", hy.SGD(0.5))
    assert hy.gradcheck.check_model(model, x, y).ok
    history = model.fit(x, y, epochs=20, seed=0, verbose=0, batch_size=None)
    assert history["loss"][-1] < history["loss"][0] / 2
    assert history["penalty"][-1] == pytest.approx(model.network.penalty(), rel=0.05)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((784, 64), (784, 64)), ((3, 3, 16, 32), (144, 288)), ((5, 8, 4), (40, 20)), ((7,), (7, 7))],
)
def test_fans_count_the_places_of_a_kernel(shape: Shape, expected: tuple[int, int]) -> None:
    assert fans(shape) == expected


@pytest.mark.parametrize(
    ("name", "deviation"),
    [
        ("glorot_normal", (2 / (9 * 8 + 9 * 40)) ** 0.5),
        ("glorot_uniform", (2 / (9 * 8 + 9 * 40)) ** 0.5),
        ("he_normal", (2 / (9 * 8)) ** 0.5),
        ("he_uniform", (2 / (9 * 8)) ** 0.5),
    ],
)
def test_kernels_start_by_their_fans(name: str, deviation: float) -> None:
    draw = hy.initializers.INITIALIZERS[name]()
    W = draw((3, 3, 8, 40), np.random.default_rng(0))
    assert W.std() == pytest.approx(deviation, rel=0.05)
