"""Feature maps of one picture, layer by layer."""

from __future__ import annotations

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


def test_feature_maps_are_what_the_layers_give() -> None:
    hidden = [hy.Conv2D(6, 3, activation="relu"), hy.MaxPooling2D(), hy.Dropout(0.5)]
    model = built(hy.Rescaling(1 / 255), *hidden, hy.Conv2D(20, 3), hy.Flatten(), hy.Dense(2))
    x = np.random.default_rng(0).integers(0, 256, (12, 12), np.uint8)
    axes = plots.feature_maps(model, x)
    assert [ax.get_title() for ax in axes] == [
        "the picture\n12 x 12",
        "conv2d_1, ReLU\n6 maps of 10 x 10",
        "max_pooling2d_1\n6 maps of 5 x 5",
        "conv2d_2\n16 of 20 maps of 3 x 3",
    ]
    np.testing.assert_array_equal(axes[0].images[0].get_array(), x)
    y = x[np.newaxis]
    for layer, ax in zip(model.layers[:3], (None, *axes[1:3]), strict=True):
        y = type(layer).forward(layer.replica(), y)
        if ax is not None:
            for channel, image in enumerate(ax.images):
                np.testing.assert_allclose(
                    image.get_array(), y[0, :, :, channel], rtol=1e-4, atol=1e-6
                )
                low, high = image.get_clim()
                assert -low == high == pytest.approx(np.abs(y).max(), rel=1e-4)
    assert len(axes[3].images) == 16
    assert_nothing_overlaps(axes)
    assert [len(ax.images) for ax in plots.feature_maps(model, x[np.newaxis], count=4)] == [
        1, 4, 4, 4,
    ]  # fmt: skip


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_feature_maps_of_any_channels_and_blocks_on_given_axes(channels: int) -> None:
    block = hy.Residual([hy.DepthwiseConv2D(3, padding="same"), hy.ReLU()])
    shape = (9, 6, channels)
    model = built(block, hy.GlobalAveragePooling2D(), hy.Dense(2), shape=shape)
    given = figures.Figure().subplots(1, 2)
    x = np.random.default_rng(0).normal(size=shape)
    axes = plots.feature_maps(model, x, axes=given)
    assert axes[1] is given[1]
    many = f"{channels} maps" if channels > 1 else "1 map"
    assert axes[1].get_title() == f"residual_1\n{many} of 9 x 6"
    assert len(axes[0].images) == (2 if channels == 2 else 1)


def test_feature_maps_says_what_is_missing() -> None:
    with pytest.raises(ValueError, match="the model is not built"):
        plots.feature_maps(hy.Sequential([hy.Conv2D(2, 3)]), np.ones((4, 4)))
    with pytest.raises(ValueError, match=r"no convolution, .* no feature maps to show; hy.plots.a"):
        plots.feature_maps(built(hy.Flatten(), hy.Dense(3)), np.ones((12, 12)))
    model = built(hy.Conv2D(2, 3))
    with pytest.raises(ValueError, match=r"x must be one picture, got 3; give one of them, as x\["):
        plots.feature_maps(model, np.ones((3, 12, 12)))
    with pytest.raises(ValueError, match=r"x must have shape \(samples, 12, 12\), got \(1, 5, 5\)"):
        plots.feature_maps(model, np.ones((1, 5, 5)))
    with pytest.raises(ValueError, match="axes must be 2 Axes, for the picture, conv2d_1; got 1"):
        plots.feature_maps(model, np.ones((12, 12)), axes=figures.Figure().add_subplot())
