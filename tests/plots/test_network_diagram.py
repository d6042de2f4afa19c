"""The diagram of a network."""

from __future__ import annotations

from typing import Any

import pytest

import hyalite as hy
from hyalite import plots
from hyalite.plots.canvas import BLUE, VERMILLION
from tests.plots.helpers import assert_no_texts_overlap, cells_of, labels_of

figures = pytest.importorskip("matplotlib.figure")


def circles_of(ax: Any) -> list[int]:
    """How many each column has."""
    return [
        len(part.get_offsets())
        for part in ax.collections
        if type(part).__name__ == "PathCollection"
    ]


def lines_of(ax: Any) -> list[Any]:
    return [part for part in ax.collections if type(part).__name__ == "LineCollection"]


def test_diagram_has_a_column_for_each_layer_and_colours_weights_by_sign() -> None:
    from matplotlib.colors import to_hex

    model = hy.Sequential([hy.Dense(3, "relu"), hy.Dense(1, "sigmoid", name="answer")])
    model.build(2, seed=0)
    model.set_weights({**model.get_weights(), "answer.W": [[2.0], [-1.0], [0.5]]})
    ax = plots.diagram(model)
    assert circles_of(ax) == [2, 3, 1]
    assert cells_of(ax) == [
        "input\n(2,)",
        "dense_1\nDense, ReLU\n(3,)",
        "answer\nDense, Sigmoid\n(1,)",
    ]
    assert ax.get_title() == "2 layers, 13 parameters"
    assert labels_of(ax) == ["weight above 0", "below 0"]
    first, second = lines_of(ax)
    assert len(first.get_segments()) == 6
    # drawn from the weakest to the strongest
    colors = [to_hex(color).upper() for color in second.get_colors()]
    assert colors == [VERMILLION, BLUE, VERMILLION]
    widths = second.get_linewidths()
    assert widths == sorted(widths)
    assert second.get_segments()[2][0].tolist() == [1, -1]  # from the first of three circles


def test_diagram_of_many_units_leaves_some_out_and_of_other_layers_draws_no_weights() -> None:
    model = hy.Sequential(
        [
            hy.Flatten(),
            hy.Dense(11),
            hy.BatchNormalization(),
            hy.Dense(10, "softmax"),
        ]
    )
    model.build((28, 28), seed=0)
    ax = plots.diagram(model)
    assert circles_of(ax) == [8, 8, 8, 8, 10]
    assert cells_of(ax).count("⋮") == 4
    assert "flatten_1\nFlatten\n(784,)" in cells_of(ax)
    assert "batch_\nnormalization_1\nBatchNormalization\n(11,)" in cells_of(ax)
    assert [len(lines.get_segments()) for lines in lines_of(ax)] == [8, 64, 8, 80]
    assert ax.get_legend() is None
    assert_no_texts_overlap(ax)


@pytest.mark.parametrize("kind", ["one unit", "deep", "long names", "zeros"])
def test_diagram_keeps_texts_apart(kind) -> None:
    layers = {
        "one unit": [hy.Dense(1)],
        "deep": [hy.Dense(3, "leaky_relu") for _ in range(20)],
        "long names": [hy.Dense(2, name=f"the_{i}th_of_the_many_layers_of_this") for i in range(4)],
        "zeros": [hy.Dense(2, initializer="zeros")],
    }[kind]
    model = hy.Sequential(layers)
    model.build(1, seed=0)
    ax = plots.diagram(model)
    assert_no_texts_overlap(ax)
    assert len(circles_of(ax)) == len(layers) + 1


def test_diagram_of_a_model_that_is_not_built_and_on_given_axes() -> None:
    model = hy.Sequential([hy.Dense(1)])
    with pytest.raises(ValueError, match="not built"):
        plots.diagram(model)
    model.build(1, seed=0)
    given = figures.Figure().add_subplot()
    assert plots.diagram(model, ax=given) is given
