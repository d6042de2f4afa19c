"""Histograms of activations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots
from tests.plots.helpers import assert_nothing_overlaps

figures = pytest.importorskip("matplotlib.figure")


def heights(ax: Any) -> np.ndarray:
    return ax.patches[0].get_data().values


def test_activations_has_a_panel_for_each_layer_that_does_something() -> None:
    model = hy.Sequential(
        [
            hy.Flatten(),
            hy.Rescaling(1 / 255),
            hy.Dense(8),
            hy.BatchNormalization(),
            hy.ReLU(),
            hy.Dropout(0.5),
            hy.Dense(4, "tanh", name="a_name_that_is_too_long_for_its_panel"),
            hy.Dense(3, "softmax"),
        ]
    )
    model.build((3, 3), seed=0)
    x = np.random.default_rng(0).integers(0, 256, (50, 3, 3), np.uint8)
    axes = plots.activations(model, x)
    assert [ax.get_title().split("\n")[0] for ax in axes] == [
        "rescaling_1",
        "dense_1",
        "batch_normalization_1",
        "relu_1, ReLU",
        "a_name_that_is_too_long_for…, Tanh",
        "dense_3, Softmax",
    ]
    assert heights(axes[0]).sum() == pytest.approx(1)
    edges = axes[4].patches[0].get_data().edges
    assert (edges[0], edges[-1]) == (-1, 1)
    assert axes[0].figure.get_suptitle() == "Outputs of each layer, 50 samples"
    assert_nothing_overlaps(axes)
    axes[0].figure.draw_without_rendering()
    assert axes[0].get_yticklabels()[0].get_text() == "0 %"


def test_activations_counts_dead_units_and_saturated_outputs() -> None:
    model = hy.Sequential([hy.Dense(4, "relu"), hy.Dense(1, "sigmoid")])
    model.build(1, seed=0)
    # unit 0 gives x, unit 1 max(0, x - 2), units 2 and 3 are dead; x = 1, 2, 3, 4
    model.set_weights(
        {
            "dense_1.W": [[1, 1, 1, -1]],
            "dense_1.b": [0, -2, -9, 0],
            "dense_2.W": [[2.5], [0], [0], [0]],
            "dense_2.b": [-7.5],
        }
    )
    first, second = plots.activations(model, [[1.0], [2.0], [3.0], [4.0]])
    assert first.get_title() == "dense_1, ReLU\n50 % of units dead, 62 % zeros"
    assert heights(first).sum() == pytest.approx(6 / 16)  # the zeros are not among the bars
    # sigmoid(-5), (-2.5), (0), (2.5): one within 0.01 of an end
    assert second.get_title() == "dense_2, Sigmoid\n25 % of outputs saturated"


def test_activations_says_none_and_all_only_of_none_and_all() -> None:
    model = hy.Sequential([hy.Dense(1, "tanh")])
    model.build(1, seed=0)
    model.set_weights([[[1.0]], [0.0]])
    few = np.zeros((1000, 1))
    few[0] = 9
    for x, words in ((few, "<1"), (9 - few, ">99"), (few * 0, "0"), (few * 0 + 9, "100")):
        (ax,) = plots.activations(model, x)
        assert ax.get_title().endswith(f"\n{words} % of outputs saturated")


def test_activations_of_a_dead_layer_and_of_what_cannot_be_shown() -> None:
    model = hy.Sequential([hy.Dense(2, "relu"), hy.Dense(1)])
    with pytest.raises(ValueError, match="not built"):
        plots.activations(model, [[1.0]])
    model.build(1, seed=0)
    model.set_weights([[[1, 1]], [-9, -9], [[1], [1]], [0]])
    given = figures.Figure().subplots(1, 2)
    axes = plots.activations(model, [[1.0]], axes=given)
    assert axes[0] is given[0]
    assert axes[0].texts[0].get_text() == "every output is 0"
    assert axes[0].get_title().endswith("100 % of units dead, 100 % zeros")
    with pytest.raises(ValueError, match="axes must be 2 Axes, for dense_1, dense_2; got 1"):
        plots.activations(model, [[1.0]], axes=given[0])
    model.set_weights([[[1e30, 1]], [0, 0], [[1e30], [1]], [0]])
    with pytest.raises(ValueError, match="layer dense_2: its output is not finite"):
        plots.activations(model, [[1.0]])
    idle = hy.Sequential([hy.Flatten()])
    idle.build((2, 2), seed=0)
    with pytest.raises(ValueError, match="nothing to show"):
        plots.activations(idle, np.ones((1, 2, 2)))
