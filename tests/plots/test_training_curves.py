"""Curves of a training."""

from __future__ import annotations

import pytest

from hyalite import plots
from hyalite.training.history import History
from tests.plots.helpers import history_of, labels_of

figures = pytest.importorskip("matplotlib.figure")


def test_curves_draws_a_panel_for_loss_and_each_metric() -> None:
    history = history_of(
        3,
        loss=[1.0, 0.5, 0.4],
        accuracy=[0.5, 0.6, 0.7],
        val_loss=[1.1, 0.6, 0.5],
        val_accuracy=[0.4, 0.5, 0.6],
        learning_rate=[0.1, 0.1, 0.1],
    )
    axes = plots.curves(history, validation="test")
    assert [ax.get_title() for ax in axes] == ["Loss", "Accuracy"]
    assert labels_of(axes[0]) == ["training", "test"]
    assert axes[0].lines[1].get_ydata().tolist() == [1.1, 0.6, 0.5]
    assert axes[0].lines[0].get_xdata().tolist() == [1, 2, 3]
    axes[0].figure.draw_without_rendering()
    ticks = [text.get_text() for text in axes[0].get_xticklabels()]
    assert all("." not in tick for tick in ticks)
    assert axes[1].get_yticklabels()[0].get_text().endswith(" %")
    assert axes[0].get_yscale() == "linear"


def test_curves_shows_the_loss_with_and_without_penalty() -> None:
    history = history_of(
        1, loss=[1.5], data_loss=[1.0], penalty=[0.5], val_loss=[1.1], learning_rate=[0.1]
    )
    (ax,) = plots.curves(history)
    assert labels_of(ax) == ["training", "training, with penalty", "validation"]
    assert [line.get_ydata()[0] for line in ax.lines] == [1.0, 1.5, 1.1]


def test_curves_of_large_falls_are_logarithmic_and_matrices_are_left_out() -> None:
    history = history_of(
        2, loss=[1.0, 1e-4], confusion_matrix=[[[1, 0], [0, 1]]] * 2, learning_rate=[0.1, 0.1]
    )
    (ax,) = plots.curves(history)
    assert ax.get_yscale() == "log"


def test_curves_draws_on_given_axes_and_counts_them() -> None:
    history = history_of(2, loss=[1.0, 0.9], accuracy=[0.5, 0.6])
    given = figures.Figure().subplots(1, 2)
    assert plots.curves(history, given)[1] is given[1]
    with pytest.raises(ValueError, match=r"axes must be 2 Axes, for loss, accuracy; got 1"):
        plots.curves(history, given[0])
    with pytest.raises(ValueError, match="no epochs yet"):
        plots.curves(History(0))
