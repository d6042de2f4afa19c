"""Metrics that are the mean of one number a sample."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import metrics
from tests.training.helpers import KINDS, NUMBERS, X, fit, plain


def test_the_books_accuracy_takes_the_whole_training_target_of_each_fit():
    model = plain(optimizer=hy.SGD(0.0))
    model.compile("mse", hy.SGD(0.0), ["accuracy"])
    model.build(5, seed=0)
    p = model.predict(X)
    for scale in (1.0, 1000.0):
        y = p + NUMBERS * 0.01
        y[0, 0] = 100 * scale  # makes the band wide
        history = fit(model, y=y, batch_size=4, validation_data=(X[:3], p[:3]))
        expected = (np.abs(p - y) < np.std(y) / 250).mean()
        assert history["accuracy"][0] == pytest.approx(expected)


def test_classes_with_equal_outputs_are_no_hit_of_top_k():
    p = np.full((2, 4), 0.25)
    assert metrics.TopKAccuracy(3)(p, [0, 3]) == 0.0
    assert metrics.TopKAccuracy(4)(p, [0, 3]) == 1.0


def test_regression_accuracy_alone_takes_the_band_of_each_target():
    metric = metrics.RegressionAccuracy()
    assert metric([[1.0], [2.0]], [1.0, 2.0]) == 1.0
    wide = np.array([0.0, 1000.0])  # the band is 2 wide to each side
    assert metric([[1.0], [1001.0]], wide) == 1.0, "the first target's band is kept"
    assert metrics.RegressionAccuracy(0.5)([[1.0], [2.0]], [1.4, 2.6]) == 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_a_loss_and_its_metric_are_the_same_figure(kind):
    loss, ending, y, _ = KINDS[kind]
    model = plain(loss, ending, 3)
    model.compile(loss, metrics=[metrics.LossMetric(loss)])
    model.build(5, seed=0)
    figures = model.evaluate(X, y)
    assert figures[model.loss.name] == pytest.approx(figures["loss"], rel=1e-9)
