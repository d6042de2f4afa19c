"""The lengths of gradients over the epochs."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots
from tests.plots.helpers import labels_of

figures = pytest.importorskip("matplotlib.figure")


def recorded(layers: int, epochs: int) -> plots.GradientNorms:
    recorder = plots.GradientNorms()
    recorder.epochs = list(range(1, epochs + 1))
    recorder.norms = {
        f"dense_{layer}": [10.0**-layer * epoch for epoch in recorder.epochs]
        for layer in range(1, layers + 1)
    }
    return recorder


def test_the_recorder_keeps_the_length_of_dW_over_all_fits() -> None:
    x, y = hy.datasets.spiral(20)
    model = hy.Sequential(
        [hy.Dense(4, "tanh", l2=0.1), hy.BatchNormalization(), hy.Dropout(0.1), hy.Dense(3)]
    )
    model.compile(hy.CategoricalCrossentropy(from_logits=True), "adam")
    norms = plots.GradientNorms()
    last: list[list[float]] = []

    class Check(hy.Callback):
        def on_epoch_end(self, model, epoch, figures) -> None:
            first, second, _, third = model.network.layers
            arrays = first.dW, second.dgamma, third.dW
            last.append([float(np.sqrt((a.astype(float) ** 2).sum())) for a in arrays])

    model.fit(x, y, epochs=2, seed=0, callbacks=[norms, Check()], verbose=0)
    model.fit(x, y, epochs=1, callbacks=[norms, Check()], verbose=0)
    assert norms.epochs == [1, 2, 3]
    assert list(norms.norms) == ["dense_1", "batch_normalization_1", "dense_2"]
    kept = np.array(list(norms.norms.values())).T
    assert kept == pytest.approx(np.array(last))
    ax = plots.gradient_norms(norms)
    assert ax.lines[2].get_ydata() == pytest.approx(norms.norms["dense_2"])

    model.compile("mean_squared_error")  # epochs are counted anew
    model.fit(x, np.zeros((60, 3)), callbacks=[norms], verbose=0)
    assert norms.epochs == [1]
    other = hy.Sequential([hy.Dense(1)])
    other.compile("mean_squared_error")
    other.fit(x, y.astype(float), epochs=2, callbacks=[norms], verbose=0)
    assert norms.epochs == [1, 2]
    assert list(norms.norms) == ["dense_1"]


def test_layers_within_a_block_have_norms_of_their_own() -> None:
    model = hy.Sequential([hy.Residual([hy.Dense(2, "tanh"), hy.Dropout(0.1)]), hy.Dense(3)])
    model.compile(hy.CategoricalCrossentropy(from_logits=True))
    norms = plots.GradientNorms()
    model.fit(*hy.datasets.spiral(20), seed=0, callbacks=[norms], verbose=0)
    assert list(norms.norms) == ["residual_1.dense_1", "dense_1"]


def test_gradient_norms_draws_a_line_for_each_layer() -> None:
    ax = plots.gradient_norms(recorded(3, 30))
    assert ax.get_yscale() == "log"
    assert labels_of(ax) == ["dense_1", "dense_2", "dense_3"]
    assert ax.lines[1].get_ydata() == pytest.approx(0.01 * np.arange(1, 31))
    assert len({line.get_linestyle() for line in ax.lines}) == 3
    assert len({line.get_color().tobytes() for line in ax.lines}) == 3
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "‖dW‖")
    ax.figure.draw_without_rendering()
    legend, axes = ax.get_legend().get_window_extent(), ax.get_window_extent()
    assert legend.x0 >= axes.x1
    assert legend.x1 <= ax.figure.bbox.x1


def test_gradient_norms_of_one_epoch_of_many_and_of_many_layers() -> None:
    given = figures.Figure().add_subplot()
    ax = plots.gradient_norms(recorded(2, 1), ax=given)
    assert ax is given
    assert {line.get_marker() for line in ax.lines} == {"o"}
    assert ax.get_xlim() == (0, 2)

    ax = plots.gradient_norms(recorded(2, 10_000))
    assert ax.get_title().endswith("means of 100 epochs")
    single, means = ax.lines[:2]
    assert len(single.get_ydata()) == 10_000
    assert means.get_xdata()[0] == pytest.approx(50.5)
    expected = np.exp(np.log(0.1 * np.arange(1, 101)).mean())
    assert means.get_ydata()[0] == pytest.approx(expected)
    assert len(means.get_ydata()) == 100
    assert labels_of(ax) == ["dense_1", "dense_2"]

    ax = plots.gradient_norms(recorded(40, 3))
    assert len(labels_of(ax)) == 40
    ax.figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().height < ax.figure.bbox.height


def test_gradient_norms_of_layers_that_learn_nothing_and_of_no_epochs() -> None:
    recorder = recorded(2, 300)
    recorder.norms["dense_2"] = [0.0] * 300
    ax = plots.gradient_norms(recorder)
    assert labels_of(ax) == ["dense_1", "dense_2: always 0"]
    ax.figure.draw_without_rendering()
    recorder.norms["dense_1"] = [0.0] * 300
    plots.gradient_norms(recorder).figure.draw_without_rendering()
    with pytest.raises(ValueError, match=r"no epochs yet; .*callbacks=\[recorder\]"):
        plots.gradient_norms(plots.GradientNorms())
