"""A window of a picture with its numbers: what it shows is what the layer computes."""

from __future__ import annotations

from decimal import Decimal
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import hyalite as hy
from hyalite.text import columns
from hyalite.trace.document import Summation
from hyalite.trace.recording import Passage
from hyalite.trace.sums import worked
from tests import parts


def passage(layer: hy.Layer, x: np.ndarray) -> Passage:
    layer.build(x.shape[1:], seed=0)
    y = layer.forward(x)
    return Passage(layer, "layer", "x", {"x": x, "y": y, **layer.values})


def numbers(texts: np.ndarray) -> np.ndarray:
    return np.array([[float(text) for text in row] for row in texts])


def test_a_convolution_shows_the_window_of_its_strongest_channel() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(0.1, 1, (1, 6, 6, 3))
    conv = hy.Conv2D(4, 3, bias_initializer=parts.noise)
    taken = passage(conv, x)
    shown = worked(taken, "y", (0, 1, 2, 3), follow=True)
    assert isinstance(shown, Summation)
    window = x[0, 1:4, 2:5]
    products = window * conv.W[..., 3]
    channel = int(np.unravel_index(np.abs(products).argmax(), products.shape)[2])
    of_x, of_W, of_products = shown.grids
    assert of_x.title == f"x[1:4, 2:5, {channel}]"
    assert of_W.title == f"W[0:3, 0:3, {channel}, 3]"
    assert of_products.title == "products"
    np.testing.assert_allclose(numbers(of_x.texts), window[..., channel], atol=6e-3)
    np.testing.assert_allclose(numbers(of_W.texts), conv.W[..., channel, 3], atol=6e-3)
    np.testing.assert_allclose(numbers(of_products.texts), products[..., channel], atol=2e-3)
    assert [summand.letters for summand in shown.summands] == [
        "these 9",
        "18 of other channels",
        "b[3]",
    ]
    own = sum(Decimal(text) for text in of_products.texts.flat)
    assert own == Decimal(shown.summands[0].value)
    assert sum(Decimal(summand.value) for summand in shown.summands) == Decimal(shown.total)
    assert float(shown.total) == pytest.approx(taken.arrays["y"][0, 1, 2, 3], abs=2e-3)


def test_the_border_is_not_shown() -> None:
    x = np.arange(1.0, 10).reshape(1, 3, 3)
    shown = worked(passage(hy.Conv2D(1, 3, padding="same"), x), "y", (0, 0, 0, 0))
    assert shown.grids[0].title == "x[0:2, 0:2]"
    assert shown.grids[1].title == "W[1:3, 1:3, 0, 0]"
    assert shown.grids[0].texts.tolist() == [["1", "2"], ["4", "5"]]


def test_max_pooling_shows_the_window_and_which_number_is_taken() -> None:
    x = np.array([[[1.0, 2, 5, 7], [4, 3, 0, 6]]])
    shown = worked(passage(hy.MaxPooling2D(), x), "y", (0, 0, 1), follow=True)
    (grid,) = shown.grids
    assert (grid.title, grid.texts.tolist()) == ("x[0:2, 2:4]", [["5", "7"], ["0", "6"]])
    (line,) = shown.summands
    assert line == ("x[0, 3]", "", "7", True)


def test_average_pooling_shows_its_shares() -> None:
    x = np.array([[[1.0, 2, 5], [4, 3, 7]]])
    shown = worked(passage(hy.AveragePooling2D(padding="same"), x), "y", (0, 0, 0))
    assert [grid.title for grid in shown.grids] == ["x[0:2, 0:2]", "0.25·x"]
    assert shown.grids[1].texts.tolist() == [["0.25", "0.50"], ["1.00", "0.75"]]
    assert shown.total == "2.50"


def test_a_window_too_large_to_be_read_is_shown_by_its_largest_terms() -> None:
    x = np.random.default_rng(0).normal(size=(1, 12, 12))
    shown = worked(passage(hy.GlobalAveragePooling2D(), x), "y", (0, 0))
    assert not shown.grids
    assert [summand.letters.partition("[")[0] for summand in shown.summands[:2]] == [
        "0.006944·x",
        "0.006944·x",
    ]
    assert shown.summands[-1].letters == "139 others"


@pytest.mark.parametrize("seed", range(12))
def test_networks_for_pictures_are_traced(seed: int) -> None:
    model, x, y, weight = parts.random_model(np.random.default_rng(seed), pictures=True)
    trace = model.trace(x, y, sample_weight=weight)
    for full in (False, True):
        trace.full = full
        assert max(map(columns, str(trace).splitlines())) <= 88
        ET.fromstring(trace._repr_html_())


def test_a_path_goes_through_windows() -> None:
    model = hy.Sequential(
        [
            hy.Conv2D(6, 3, activation="relu", initializer="he_normal"),
            hy.MaxPooling2D(),
            hy.Conv2D(8, 3, activation="relu", initializer="he_normal"),
            hy.GlobalAveragePooling2D(),
            hy.Dense(3, "softmax"),
        ]
    )
    model.compile("categorical_crossentropy", hy.Adam())
    model.build((14, 14), seed=1)
    trace = model.trace(np.random.default_rng(0).uniform(size=(5, 14, 14)), [0, 1, 2, 0, 1], rows=2)
    text = " ".join(str(trace).split())
    path = text.partition("The path: ")[2].partition(" Forward")[0].split(" → ")
    assert [station.partition("[")[0] for station in path] == [
        "x", "conv2d_1.y", "conv2d_1.relu.y", "max_pooling2d_1.y", "conv2d_2.y",
        "conv2d_2.relu.y", "global_average_pooling2d_1.y", "dense_1.y", "dense_1.softmax.y", "loss",
    ]  # fmt: skip
    for station in path[:-1]:  # each is there in the trace
        name, _, place = station.removesuffix("]").partition("[")
        assert np.isfinite(trace[name][(0, *map(int, place.split(", ")))])
    html = trace._repr_html_()
    assert 'class="scroll windows"' in html
    assert "conv2d_1.dW[" in text
    assert "Step 1 of Adam, for conv2d_1.W[" in text
