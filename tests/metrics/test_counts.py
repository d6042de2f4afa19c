"""Metrics that count classes, against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import metrics

#  true      0  0  0  1  1  2
#  predicted 0  0  1  1  0  0
P = np.array(
    [
        [0.7, 0.2, 0.1],
        [0.5, 0.4, 0.1],
        [0.3, 0.6, 0.1],
        [0.1, 0.8, 0.1],
        [0.6, 0.3, 0.1],
        [0.6, 0.3, 0.1],
    ]
)
T = np.array([0, 0, 0, 1, 1, 2])
W = np.array([1, 2, 3, 1, 1, 2.0])


@pytest.mark.parametrize(
    ("metric", "expected", "weighted"),
    [
        (metrics.CategoricalAccuracy(), 3 / 6, 4 / 10),
        (metrics.TopKAccuracy(1), 3 / 6, 4 / 10),
        (metrics.TopKAccuracy(2), 5 / 6, 8 / 10),
        (metrics.TopKAccuracy(3), 1.0, 1.0),
        (metrics.TopKAccuracy(9), 1.0, 1.0),
        (
            metrics.ConfusionMatrix(),
            [[2, 1, 0], [1, 1, 0], [1, 0, 0]],
            [[3, 3, 0], [1, 1, 0], [2, 0, 0]],
        ),
        (metrics.Precision(), (2 / 4 + 1 / 2 + 0) / 3, (3 / 6 + 1 / 4 + 0) / 3),
        (metrics.Precision("none"), [2 / 4, 1 / 2, 0], [3 / 6, 1 / 4, 0]),
        (metrics.Precision("micro"), 3 / 6, 4 / 10),
        (metrics.Precision(positive=1), 1 / 2, 1 / 4),
        (metrics.Recall(), (2 / 3 + 1 / 2 + 0) / 3, (3 / 6 + 1 / 2 + 0) / 3),
        (metrics.Recall("none"), [2 / 3, 1 / 2, 0], [3 / 6, 1 / 2, 0]),
        (metrics.Recall("micro"), 3 / 6, 4 / 10),
        (metrics.F1("none"), [4 / 7, 1 / 2, 0], [6 / 12, 2 / 6, 0]),
        (metrics.F1(), (4 / 7 + 1 / 2 + 0) / 3, (6 / 12 + 2 / 6 + 0) / 3),
        (metrics.F1("micro"), 3 / 6, 4 / 10),
        (metrics.F1(positive=0), 4 / 7, 6 / 12),
    ],
    ids=repr,
)
def test_class_metrics_are_those_counted_by_hand(metric, expected, weighted):
    np.testing.assert_allclose(metric(P, T), expected, rtol=1e-12)
    np.testing.assert_allclose(metric(P, np.eye(3)[T]), expected, rtol=1e-12)
    np.testing.assert_allclose(metric(P, T, W), weighted, rtol=1e-12)
    np.testing.assert_allclose(metric(P, T), expected, err_msg="each call starts anew")


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        # one output: true 1 1 0 0 1, predicted 1 0 1 0 1 (0.5 is not above 0.5)
        (metrics.BinaryAccuracy(), 3 / 5),
        (metrics.ConfusionMatrix(), [[1, 1], [1, 2]]),
        (metrics.Precision(), 2 / 3),
        (metrics.Recall(), 2 / 3),
        (metrics.F1(), 2 / 3),
        (metrics.F1("micro"), 2 / 3),
        (metrics.F1("none"), [2 / 3]),
    ],
    ids=repr,
)
def test_yes_no_metrics_are_those_counted_by_hand(metric, expected):
    p = np.array([[0.9], [0.5], [0.6], [0.1], [0.51]])
    np.testing.assert_allclose(metric(p, [1, 1, 0, 0, 1]), expected)
    # the same of logits, inside a model
    model = hy.Sequential([hy.Linear()], dtype="float64")
    model.compile(hy.BinaryCrossentropy(from_logits=True), metrics=[metric])
    model.build(1)
    figures = model.evaluate(np.log(p / (1 - p)), [1, 1, 0, 0, 1])
    np.testing.assert_allclose(figures[metric.name], expected)
