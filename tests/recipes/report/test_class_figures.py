"""Each figure of classes against scikit-learn's, with weights and ties, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.recipes.report import class_figures as figures

P = np.array([[0.9, 0.1], [0.4, 0.6], [0.6, 0.4], [0.4, 0.6]])
Y = np.array([0, 0, 1, 1])


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        (figures.accuracy, 0.5),
        (figures.balanced_accuracy, 0.5),
        (figures.log_loss, -np.log([0.9, 0.4, 0.4, 0.6]).mean()),
        (figures.brier_score, np.mean([0.01, 0.36, 0.36, 0.16])),
        (figures.roc_auc, 2.5 / 4),  # 0.4 over 0.1; 0.6 over 0.1, and beside 0.6
        (figures.average_precision, 0.5 * 1 / 2 + 0.5 * 2 / 3),
        # 0.9: right, off by 0.1; three of 0.6: one is right, off by 1/3 - 0.6
        (figures.calibration_error, (0.1 + 3 * abs(1 / 3 - 0.6)) / 4),
    ],
)
def test_by_hand(figure, value: float) -> None:
    assert figure(P, Y, np.ones((1, 4)))[0] == pytest.approx(value)
    twice = figure(P, Y, np.array([[1.0, 1, 1, 1], [2, 2, 2, 2]]))
    np.testing.assert_allclose(twice, value)
    kept = np.array([[1.0, 0, 1, 1]])
    assert figure(P, Y, kept)[0] == pytest.approx(
        figure(P[[0, 2, 3]], Y[[0, 2, 3]], np.ones((1, 3)))[0]
    )


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("weighted", [False, True])
def test_as_scikit_learns(classes: int, weighted: bool) -> None:
    theirs = pytest.importorskip("sklearn.metrics", reason="to compare with")
    rng = np.random.default_rng(classes)
    y = rng.choice(classes, 300, p=np.array([0.5, 0.3, 0.1, 0.1][:classes]) / [0.8, 1][classes > 2])
    p = np.round(rng.dirichlet(np.ones(classes), 300) + 0.5 * np.eye(classes)[y], 1) + 0.01
    p /= p.sum(axis=1, keepdims=True)  # with many ties
    weights = rng.integers(1, 4, 300).astype(float) if weighted else np.ones(300)
    w = weights[None]
    said = p.argmax(axis=1)
    options = {"sample_weight": weights}
    wanted = {
        figures.accuracy: theirs.accuracy_score(y, said, **options),
        figures.balanced_accuracy: theirs.balanced_accuracy_score(y, said, **options),
        figures.log_loss: theirs.log_loss(y, p, **options),
    }
    if classes == 2:
        wanted[figures.brier_score] = theirs.brier_score_loss(y, p[:, 1], **options)
        wanted[figures.roc_auc] = theirs.roc_auc_score(y, p[:, 1], **options)
        place = figures.rarer(y)
        wanted[figures.average_precision] = theirs.average_precision_score(
            y == place, p[:, place], **options
        )
    else:
        each = [theirs.roc_auc_score(y == k, p[:, k], **options) for k in range(classes)]
        wanted[figures.roc_auc] = np.mean(each)
        each = [theirs.average_precision_score(y == k, p[:, k], **options) for k in range(classes)]
        wanted[figures.average_precision] = np.mean(each)
    for figure, value in wanted.items():
        assert figure(p, y, w)[0] == pytest.approx(value, abs=1e-9), figure.__name__
    np.testing.assert_allclose(
        figures.f1_by_class(p, y, w)[0], theirs.f1_score(y, said, average=None, **options)
    )


def test_a_class_without_rows_does_not_count() -> None:
    p, y = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1]]), np.array([0, 1])
    w = np.array([[1.0, 1.0], [1.0, 0.0]])
    assert figures.balanced_accuracy(p, y, w).tolist() == [1, 1]
    assert figures.f1_by_class(p, y, w).tolist() == [[1, 1, 0], [1, 0, 0]]
    auc = figures.roc_auc(p, y, w)
    assert auc[0] == 1
    assert np.isnan(auc[1])
