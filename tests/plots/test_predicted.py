"""Images with what a classifier says of them."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots
from tests.plots.helpers import assert_nothing_overlaps

figures = pytest.importorskip("matplotlib.figure")


def test_each_image_has_its_class_and_title(pictures) -> None:
    model, x, _ = pictures
    axes = plots.predictions(model, x, ["dark", "bright"], titles=[f"{i}.png" for i in range(10)])
    titles = [ax.get_title() for ax in axes]
    assert titles[0] == "0.png\ndark, 62.2 %"  # softmax of (0.5, 0)
    assert titles[9] == "9.png\nbright, 100.0 %"
    assert all(
        np.array_equal(ax.images[0].get_array(), one) for ax, one in zip(axes, x, strict=True)
    )
    assert_nothing_overlaps(axes)


def test_a_pale_image_looks_pale(pictures) -> None:
    model, x, _ = pictures
    for ax in plots.predictions(model, x[:2]):
        assert ax.images[0].get_clim() == (0, 255)
    flat = hy.Sequential([hy.Dense(2, "softmax")])
    flat.build(9, seed=1)
    (ax,) = plots.predictions(flat, np.full((1, 9), 0.5))
    assert ax.images[0].get_clim() == (0, 1)
    assert ax.images[0].get_array().shape == (3, 3)
    (ax,) = plots.predictions(flat, np.linspace(-2, 3, 9)[None])
    assert ax.images[0].get_clim() == (-2, 3)


@pytest.mark.parametrize(("channels", "shape"), [(1, (4, 4)), (3, (4, 4, 3))])
def test_images_with_channels(channels: int, shape: tuple[int, ...]) -> None:
    model = hy.Sequential([hy.Flatten(), hy.Dense(2, "softmax")])
    model.build((4, 4, channels), seed=1)
    x = np.random.default_rng(0).random((2, 4, 4, channels))
    given = figures.Figure().subplots(1, 2)
    axes = plots.predictions(model, x, axes=given)
    assert axes[1] is given[1]
    assert axes[0].images[0].get_array().shape == shape


def test_long_names_leave_room(pictures) -> None:
    model, x, _ = pictures
    (ax,) = plots.predictions(model, x[9:], ["a", "b" * 40], titles=["c" * 40])
    assert ax.get_title() == f"{'c' * 19}…\n{'b' * 10}…, 100.0 %"


def test_what_is_refused(pictures, spiral) -> None:
    model, x, _ = pictures
    with pytest.raises(ValueError, match="titles must be 10, one for each picture, got 2"):
        plots.predictions(model, x, titles=["a", "b"])
    with pytest.raises(ValueError, match="classes must be 2 names, got 1"):
        plots.predictions(model, x, ["a"])
    with pytest.raises(ValueError, match="x must hold pictures"):
        plots.predictions(*spiral[:2])
