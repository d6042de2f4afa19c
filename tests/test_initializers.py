"""Initial weights: their spread, and streams of their own."""

from __future__ import annotations

import math

import numpy as np
import pytest

import hyalite as hy
from hyalite.network import Network


@pytest.mark.parametrize(
    ("name", "deviation"),
    [
        ("glorot_normal", math.sqrt(2 / 700)),
        ("glorot_uniform", math.sqrt(2 / 700)),
        ("he_normal", math.sqrt(2 / 300)),
        ("he_uniform", math.sqrt(2 / 300)),
        ("lecun_normal", math.sqrt(1 / 300)),
        ("scaled_normal", 0.01),
        ("zeros", 0),
    ],
)
def test_initial_weights_have_the_stated_spread(name: str, deviation: float) -> None:
    W = hy.Dense(400, initializer=name).build(300, seed=0, dtype="float64").W
    assert W.mean() == pytest.approx(0, abs=1e-3)
    assert W.std() == pytest.approx(deviation, rel=0.01)
    if "uniform" in name:
        assert np.abs(W).max() <= deviation * math.sqrt(3)


def test_an_initializer_may_be_a_function() -> None:
    dense = hy.Dense(2, initializer=lambda shape, stream: np.full(shape, 7)).build(3)
    assert (dense.W == 7).all()
    with pytest.raises(ValueError, match=r"must return shape \(3, 2\), got \(2,\)"):
        hy.Dense(2, initializer=lambda shape, stream: np.zeros(2)).build(3)


def test_layers_of_a_model_draw_from_streams_of_their_own() -> None:
    network = Network([hy.Dense(5), hy.Dense(5), hy.Dense(5)])
    network.build((5,), seed=1)
    W = [layer.W for layer in network.layers]
    assert (W[0] != W[1]).all()
    assert (W[1] != W[2]).all()
    alone = hy.Dense(5).build(5, seed=1)
    np.testing.assert_array_equal(alone.W, W[0])
