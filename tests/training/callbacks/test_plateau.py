"""The learning rate falls where a figure no longer gets better."""

from __future__ import annotations

import pytest

import hyalite as hy
from hyalite.training.callbacks import (
    ReduceLearningRate,
)
from tests.training.callbacks.helpers import Script, X, fit


def test_the_learning_rate_falls_after_epochs_without_improvement():
    reduce = ReduceLearningRate("score", factor=0.5, patience=2, cooldown=1, least=0.15)
    model = fit(Script(3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2), reduce, epochs=12)
    assert model.history["learning_rate"] == [0.8] * 4 + [0.4] * 3 + [0.2] * 3 + [0.15] * 2
    assert reduce.epochs == [4, 7, 10]
    assert (reduce.best, reduce.best_epoch) == (2, 2)


def test_a_rising_figure_and_a_schedule():
    reduce = ReduceLearningRate("accuracy", patience=1)
    fit(Script(0.1, 0.2, 0.3, name="accuracy"), reduce, epochs=3)
    assert reduce.epochs == []
    model = hy.Sequential([hy.Dense(2)])
    model.compile("mse", hy.SGD(hy.CosineDecay(0.1, 10)), engine="numpy")
    with pytest.raises(ValueError, match="follows a schedule"):
        model.fit(X, X[:, :2], callbacks=[ReduceLearningRate("loss")], verbose=0)
