"""What a class's probability hangs on, over the pictures."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hyalite import plots
from tests.plots.helpers import assert_nothing_overlaps

figures = pytest.importorskip("matplotlib.figure")


def found(*channels: int) -> plots.OcclusionMap:
    random = np.random.default_rng(0)
    return plots.OcclusionMap(
        random.integers(0, 256, (3, 6, 5, *channels)).astype(np.uint8),
        np.array([1, 0, 1]),
        np.array([0.9, 0.8, 0.998]),
        np.array([0.123, 0.7, 0.5]),
        random.uniform(-0.1, 0.8, (3, 6, 5)),
        (2, 3),
    )


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_the_colours_lie_over_the_pictures_each_on_its_own_scale(channels) -> None:
    numbers = found(*channels)
    axes = plots.occlusion(numbers, ["dark", "bright"])
    assert axes.shape == (2, 3)
    above = [ax.get_title() for ax in axes[0]]
    assert above == ["bright, 90.0 %", "dark, 80.0 %", "bright, 99.8 %"]
    below = [ax.get_title() for ax in axes[1]]
    assert below == ["down to 12.3 %", "down to 70.0 %", "down to 50.0 %"]
    for place, (upper, lower) in enumerate(axes.T):
        picture = numbers.x[place] if channels == (3,) else numbers.x[place].reshape(6, 5)
        np.testing.assert_array_equal(upper.images[0].get_array(), picture)
        pale, colors = lower.images
        assert pale.get_array().shape == (6, 5, 3)
        assert 0.5 < pale.get_array().min() < pale.get_array().max() <= 1
        np.testing.assert_array_equal(colors.get_array(), numbers.falls[place])
        limit = np.abs(numbers.falls[place]).max()
        assert colors.get_clim() == (-limit, limit)
        np.testing.assert_allclose(colors.get_alpha(), np.abs(numbers.falls[place]) / limit)
    figure = axes[0, 0].figure
    assert figure.get_suptitle() == "A class's probability with 2 x 3 pixels covered"
    bar = figure.axes[-1]
    assert [text.get_text() for text in bar.get_xticklabels()] == ["rises", "stays", "falls"]
    assert bar.get_xlabel() == "the probability, when this is covered"
    assert_nothing_overlaps(axes.ravel())


def test_given_axes_places_without_a_patch_and_nothing_that_falls() -> None:
    numbers = dataclasses.replace(found(), falls=np.zeros((3, 6, 5)))
    numbers.falls[0, 0, 0] = np.nan
    given = figures.Figure().subplots(2, 3)
    axes = plots.occlusion(numbers, axes=given)
    assert axes[1, 2] is given[1, 2]
    assert axes[0, 0].get_title() == "1, 90.0 %"
    assert axes[1, 0].images[1].get_clim() == (-0.05, 0.05)
    assert not axes[1, 0].images[1].get_alpha().any()
    with pytest.raises(ValueError, match="axes must be 6 Axes, for picture 0, picture 1"):
        plots.occlusion(numbers, axes=given[0])
    with pytest.raises(ValueError, match="classes must name class 1, got 1 names"):
        plots.occlusion(numbers, ["dark"])
    with pytest.raises(ValueError, match="x must hold pictures"):
        plots.occlusion(found(2))
