"""Filters of a convolution before and after training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots
from tests.plots.helpers import assert_nothing_overlaps

figures = pytest.importorskip("matplotlib.figure")


def built(*layers: hy.Layer, shape: tuple[int, ...] = (12, 12)) -> hy.Sequential:
    model = hy.Sequential(layers)
    model.build(shape, seed=0)
    return model


def shown(ax: Any) -> list[np.ndarray]:
    return [np.asarray(image.get_array()) for image in ax.images]


def test_filters_of_gray_pictures_before_and_after_have_one_centred_scale() -> None:
    model = built(hy.Conv2D(8, (3, 5)), hy.Flatten(), hy.Dense(2))
    before = model.get_weights()
    model.layers[0].W[...] *= -3
    axes = plots.filters(model, before)
    assert [ax.get_title() for ax in axes] == ["before training", "after training"]
    assert axes[0].figure.get_suptitle() == "conv2d_1: 8 filters of 3 x 5"
    W = before["conv2d_1.W"][:, :, 0]
    for number, (old, new) in enumerate(zip(*map(shown, axes), strict=True)):
        np.testing.assert_array_equal(old, W[:, :, number])
        np.testing.assert_allclose(new, -3 * old, rtol=1e-6)
    for ax in axes:
        for image in ax.images:
            low, high = image.get_clim()
            assert -low == high == pytest.approx(3 * np.abs(W).max())
            assert image.get_cmap().name == "RdBu_r"
    assert axes[0].figure.axes[-1].get_ylabel() == "weight"  # the colour bar
    assert_nothing_overlaps(axes)


def test_filters_of_colour_pictures_are_in_colour() -> None:
    model = built(hy.Rescaling(1 / 255), hy.Conv2D(5, 3, padding="same"), shape=(8, 8, 3))
    W = model.layers[1].W
    W[...] = 0
    W[..., 0, 1] = 0.5  # filter 1 looks for red
    W[..., 2, 2] = -0.5  # filter 2 for what is not blue
    (ax,) = plots.filters(model)
    pixels = [image[0, 0].tolist() for image in shown(ax)]
    assert pixels[:3] == [[0.5, 0.5, 0.5], [1.0, 0.5, 0.5], [0.5, 0.5, 0.0]]
    assert len(pixels) == 5
    title = "conv2d_1: 5 filters of 3 x 3\nin the colours that they look for; gray makes no"
    assert ax.figure.get_suptitle() == title + " difference"
    assert not ax.get_title()
    assert len(ax.figure.axes) == 1  # no colour bar


def test_filters_over_many_channels_are_rows_of_their_channels() -> None:
    model = built(hy.Conv2D(3, 3), hy.Residual([hy.Conv2D(3, 3, padding="same")]))
    (ax,) = plots.filters(model, layer="residual_1.conv2d_1")
    W = model.layers[1].layers[0].W
    assert len(ax.images) == 9
    np.testing.assert_array_equal(shown(ax)[3 * 2 + 1], W[:, :, 1, 2])
    title = "residual_1.conv2d_1: 3 filters of 3 x 3\na row a filter, with 3 channels"
    assert ax.figure.get_suptitle() == title

    many = built(hy.Conv2D(20, 3), hy.Conv2D(70, 1))
    (ax,) = plots.filters(many, layer="conv2d_2")
    assert len(ax.images) == 256
    title = "conv2d_2: the first 16 of 70 filters of 1 x 1\na row a filter, with the first 16 of 20"
    assert ax.figure.get_suptitle() == title + " channels"
    (ax,) = plots.filters(many, layer="conv2d_2", count=2)
    assert len(ax.images) == 32
    (ax,) = plots.filters(many, count=6)
    assert len(ax.images) == 6
    assert ax.figure.get_suptitle() == "conv2d_1: the first 6 of 20 filters of 3 x 3"


def test_each_filter_of_a_depthwise_convolution_is_one_tile() -> None:
    model = built(hy.DepthwiseConv2D(3, depth_multiplier=2), shape=(8, 8, 3))
    axes = plots.filters(model, model.get_weights())
    assert axes[0].figure.get_suptitle() == "depthwise_conv2d_1: 6 filters of 3 x 3"
    W = model.layers[0].W
    for output, image in enumerate(shown(axes[0])):  # output channel c·m + d
        np.testing.assert_array_equal(image, W[:, :, output // 2, output % 2])


def test_filters_on_given_axes_and_of_zeros() -> None:
    model = built(hy.Conv2D(1, 3, initializer="zeros"))
    given = figures.Figure().subplots(1, 2)
    axes = plots.filters(model, model.get_weights(), axes=given)
    assert axes[1] is given[1]
    assert axes[0].images[0].get_clim() == (-1, 1)
    with pytest.raises(ValueError, match="axes must be 1 Axes, for after training; got 2"):
        plots.filters(model, axes=given)


def test_filters_says_what_is_missing() -> None:
    with pytest.raises(ValueError, match="the model is not built"):
        plots.filters(hy.Sequential([hy.Conv2D(2, 3)]))
    with pytest.raises(ValueError, match="the model has no convolution, such as Conv2D, so it has"):
        plots.filters(built(hy.Flatten(), hy.Dense(3)))
    model = built(hy.Conv2D(2, 3), hy.Conv2D(4, 3))
    with pytest.raises(ValueError, match="'dense_1' is no convolution of the model: conv2d_1, con"):
        plots.filters(model, layer="dense_1")
    for before in ({}, model.layers[0].W):
        with pytest.raises(ValueError, match=r"before must be .* with conv2d_1.W, as model.get_we"):
            plots.filters(model, before)
    with pytest.raises(ValueError, match=r"\['conv2d_1.W'\] has shape \(2, 2\), the model's con"):
        plots.filters(model, {"conv2d_1.W": np.ones((2, 2))})
    with pytest.raises(ValueError, match="count must be a whole number of at least 1"):
        plots.filters(model, count=0)
