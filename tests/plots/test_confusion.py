"""The confusion matrix."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots
from tests.plots.helpers import cells_of

figures = pytest.importorskip("matplotlib.figure")


def test_confusion_matrix_of_a_model_counts_true_rows_and_predicted_columns(spiral) -> None:
    model, x, y = spiral
    ax = plots.confusion_matrix(model, x, y, ["a", "b", "c"])
    said = model.predict_classes(x)
    counts = [[int(((y == i) & (said == j)).sum()) for j in range(3)] for i in range(3)]
    assert cells_of(ax) == [f"{count}" for row in counts for count in row]
    shares = np.array(counts) / 40
    assert ax.images[0].get_array().data == pytest.approx(shares)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["a", "b", "c"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b", "c"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")
    assert ax.get_title() == f"Confusion matrix: {(said == y).sum()} of 120 right"
    assert cells_of(plots.confusion_matrix(model, x, np.eye(3)[y])) == cells_of(ax)
    metric = hy.metrics.ConfusionMatrix()(model.predict(x), y)
    assert cells_of(plots.confusion_matrix(metric)) == cells_of(ax)


def test_confusion_matrix_of_one_output_has_two_classes() -> None:
    model = hy.Sequential([hy.Dense(1, "sigmoid")])
    model.compile("binary_crossentropy")
    model.build(1, seed=0)
    model.set_weights([[[1.0]], [0.0]])
    ax = plots.confusion_matrix(model, [[-1.0], [1.0], [2.0]], [[0], [0], [1]])
    assert cells_of(ax) == ["1", "1", "0", "1"]
    assert ax.texts[2].get_color() != ax.texts[3].get_color()  # zeros stand back


@pytest.mark.parametrize("count", [1, 2, 10, 20])
@pytest.mark.parametrize("length", [1, 60])
def test_confusion_matrix_is_readable_for_few_and_many_classes(count, length) -> None:
    matrix = np.arange(count**2).reshape(count, count) * 7 + 1
    matrix[0, 0] = 12_345
    names = [f"{number:x>{length}}" for number in range(count)]
    ax = plots.confusion_matrix(matrix, classes=names)
    assert len(ax.texts) == count**2
    assert cells_of(ax)[0] == "12,345"
    ax.figure.draw_without_rendering()
    cell = ax.get_window_extent().width / count
    boxes = [text.get_window_extent() for text in ax.texts]
    assert max(box.width for box in boxes) < cell
    assert all(text.get_fontsize() >= 6 for text in ax.texts)
    for labels in (ax.get_xticklabels(), ax.get_yticklabels()):
        assert len(labels) == count
        assert all(len(text.get_text()) <= 22 for text in labels)
        for text in labels:
            box = text.get_window_extent()
            assert box.x0 >= 0
            assert box.y0 >= 0
    upright = [text for text in ax.get_xticklabels() if text.get_rotation() == 0]
    for one, other in itertools.pairwise(upright):
        assert one.get_window_extent().x1 < other.get_window_extent().x0


def test_confusion_matrix_of_very_many_classes_and_of_large_and_broken_counts() -> None:
    ax = plots.confusion_matrix(np.eye(100, dtype=int))
    assert not ax.texts
    assert len(ax.get_xticklabels()) == 34
    small = figures.Figure(figsize=(3, 3)).add_subplot()
    assert not plots.confusion_matrix(np.eye(30, dtype=int) * 1000, ax=small).texts
    matrix = np.full((20, 20), 7)
    matrix[0, 0] = 12_345_678
    assert cells_of(plots.confusion_matrix(matrix))[:2] == ["12.3M", "7"]
    ax = plots.confusion_matrix([[1.5, 0.25], [0, 0]], classes=["a", "b"])
    assert cells_of(ax) == ["1.5", "0.25", "0", "0"]
    assert ax.get_title() == "Confusion matrix: 1.5 of 1.75 right"
    assert ax.images[0].get_array()[1].tolist() == [0, 0]  # a class without samples


def test_confusion_matrix_refuses_what_is_none(spiral) -> None:
    model, x, y = spiral
    for wrong, match in (
        ([[1, 2, 3], [4, 5, 6]], r"shape \(classes, classes\), got \(2, 3\)"),
        ([[1, -1], [0, 1]], "none below 0"),
        ([[0, 0], [0, 0]], "not all 0"),
    ):
        with pytest.raises(ValueError, match=match):
            plots.confusion_matrix(wrong)
    with pytest.raises(ValueError, match="a model needs x and y"):
        plots.confusion_matrix(model, x)
    with pytest.raises(ValueError, match="a model with x and y, or a matrix without"):
        plots.confusion_matrix([[1]], x, y)
    with pytest.raises(ValueError, match=r"labels from 0 to 2, .* y\[0\] is -1"):
        plots.confusion_matrix(model, x[:1], [-1])
    with pytest.raises(ValueError, match="classes must be 3 names, got 2"):
        plots.confusion_matrix(model, x, y, ["a", "b"])
