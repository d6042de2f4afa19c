"""Weights of the first layer as pictures."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots
from tests.plots.helpers import assert_nothing_overlaps

figures = pytest.importorskip("matplotlib.figure")


def test_first_layer_weights_are_columns_of_W_on_one_centred_scale() -> None:
    model = hy.Sequential([hy.Dense(30, "relu"), hy.Dense(2, "softmax")])
    model.build(16, seed=0)
    axes = plots.first_layer_weights(model, 9)
    assert [ax.get_title() for ax in axes] == [f"unit {unit}" for unit in range(9)]
    W = model.layers[0].W
    for unit, ax in enumerate(axes):
        assert np.array_equal(ax.images[0].get_array(), W[:, unit].reshape(4, 4))
        low, high = ax.images[0].get_clim()
        assert -low == high == pytest.approx(np.abs(W[:, :9]).max())
        assert ax.images[0].get_cmap().name == "RdBu_r"
    figure = axes[0].figure
    assert figure.get_suptitle() == "dense_1.W: the first 9 of 30 units"
    assert figure.axes[-1].get_ylabel() == "weight"  # the colour bar
    assert_nothing_overlaps(axes)


@pytest.mark.parametrize(
    ("input_shape", "shape", "picture"),
    [
        ((6, 4), None, (6, 4)),
        ((6, 4, 1), None, (6, 4)),
        ((5, 8, 3), None, (5, 3 * 8 + 2)),
        ((24,), (2, 12), (2, 12)),
        ((48,), (4, 4, 3), (4, 3 * 4 + 2)),
        ((1,), None, (1, 1)),
    ],
)
def test_first_layer_weights_have_the_shape_of_the_samples(input_shape, shape, picture) -> None:
    model = hy.Sequential([hy.Rescaling(0.5), hy.Flatten(), hy.Dense(1)])
    model.build(input_shape, seed=0)
    (ax,) = plots.first_layer_weights(model, shape=shape)
    assert ax.images[0].get_array().shape == picture
    assert ax.figure.get_suptitle().startswith("dense_1.W: 1 unit")
    if picture[1] > 12:
        array = ax.images[0].get_array().filled(np.nan)
        W = model.layers[2].W[:, 0].reshape(picture[0], -1, 3)
        assert np.array_equal(array[:, : W.shape[1]], W[:, :, 0])
        assert np.array_equal(array[:, -W.shape[1] :], W[:, :, 2])
        assert ax.figure.get_suptitle().endswith("for red, green and blue")


def test_first_layer_weights_of_many_units_of_zeros_and_on_given_axes() -> None:
    model = hy.Sequential([hy.Dense(70, initializer="zeros")])
    model.build(4, seed=0)
    axes = plots.first_layer_weights(model, 100)
    assert len(axes) == 70
    assert not any(ax.get_title() for ax in axes)  # too small for numbers
    assert axes[0].images[0].get_clim() == (-1, 1)
    given = figures.Figure().subplots(1, 2)
    assert plots.first_layer_weights(model, 2, axes=given)[1] is given[1]
    with pytest.raises(ValueError, match=r"axes must be 3 Axes, for unit 0, .* got 2"):
        plots.first_layer_weights(model, 3, axes=given)


def test_first_layer_weights_refuses_what_makes_no_picture() -> None:
    model = hy.Sequential([hy.Dense(2)])
    with pytest.raises(ValueError, match="not built"):
        plots.first_layer_weights(model)
    model.build(6, seed=0)
    with pytest.raises(ValueError, match=r"6 numbers make no square .* give shape="):
        plots.first_layer_weights(model)
    with pytest.raises(ValueError, match=r"shape \(2, 2\) has not the 6 numbers"):
        plots.first_layer_weights(model, shape=(2, 2))
    with pytest.raises(ValueError, match=r"shape must be \(height, width\)"):
        plots.first_layer_weights(model, shape=(6,))
    block = hy.Sequential([hy.Residual([hy.Dense(4)])])
    block.build(4, seed=0)
    assert "residual_1.dense_1.W" in plots.first_layer_weights(block)[0].figure.get_suptitle()
    without = hy.Sequential([hy.ReLU()])
    without.build(4, seed=0)
    with pytest.raises(ValueError, match="no layer with weights W for the 4 numbers"):
        plots.first_layer_weights(without)
