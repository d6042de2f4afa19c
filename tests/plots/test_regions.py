"""The regions of classes in the plane."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots
from hyalite.plots.regions import GRID_POINTS
from tests.plots.helpers import labels_of

figures = pytest.importorskip("matplotlib.figure")


def test_decision_regions_shows_every_class_and_rings_mistakes(spiral) -> None:
    model, x, y = spiral
    ax = plots.decision_regions(model, x, y, ["a", "b", "c"])
    assert labels_of(ax) == ["a", "b", "c", "answered wrong"]
    right = int((model.predict_classes(x) == y).sum())
    assert ax.get_title() == f"Decision regions: {right} of 120 samples right"
    ringed = sum(
        len(dots.get_offsets())
        for dots in ax.collections
        if len(dots.get_offsets()) and tuple(dots.get_edgecolors()[0][:3]) == (0, 0, 0)
    )
    assert ringed == 120 - right


def test_decision_regions_has_the_colours_of_the_classes_around_their_samples() -> None:
    x = np.array([[-1.0, 0.0], [1.0, 0.0]])
    model = hy.Sequential([hy.Dense(1, "sigmoid")])
    model.compile("binary_crossentropy")
    model.build(2, seed=0)
    model.set_weights({"dense_1.W": [[20.0], [0.0]], "dense_1.b": [0.0]})
    given = figures.Figure().add_subplot()
    ax = plots.decision_regions(model, x, [[0], [1]], ax=given)
    assert ax is given
    picture = ax.images[0].get_array()
    red, _, blue = picture[GRID_POINTS // 2, 0]
    assert blue > red
    red, _, blue = picture[GRID_POINTS // 2, -1]
    assert red > blue


def test_decision_regions_of_many_classes_and_of_other_models(spiral, pictures) -> None:
    x = np.random.default_rng(0).normal(size=(30, 2))
    model = hy.Sequential([hy.Dense(12, "softmax")])
    model.build(2, seed=0)
    ax = plots.decision_regions(model, x, np.arange(30) % 12)
    assert len(labels_of(ax)) == 13
    looks = {
        (tuple(dots.get_facecolors()[0]), dots.get_paths()[0].vertices.tobytes())
        for dots in ax.collections[:-1]
        if len(dots.get_offsets())
    }
    assert len(looks) == 12  # colour and shape together tell the classes apart
    with pytest.raises(ValueError, match=r"2 features, this one takes samples of shape \(5, 5\)"):
        plots.decision_regions(*pictures)
