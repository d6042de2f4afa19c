"""Crossentropies: values known by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

import hyalite as hy

P = np.array([[0.7, 0.1, 0.2], [0.1, 0.5, 0.4], [0.02, 0.9, 0.08]])
LABELS = np.array([0, 1, 1])


def test_categorical_crossentropy_of_the_books_example() -> None:
    expected = -(math.log(0.7) + math.log(0.5) + math.log(0.9)) / 3
    loss = hy.CategoricalCrossentropy()
    assert loss(P, LABELS) == pytest.approx(expected)
    assert loss(P, np.eye(3)[LABELS]) == pytest.approx(expected)
    assert loss(P, LABELS.astype(np.uint8)) == pytest.approx(expected)
    np.testing.assert_allclose(loss.backward(P, LABELS), -np.eye(3)[LABELS] / P / 3)


def test_soft_rows_are_weighted() -> None:
    soft = np.array([[0.2, 0.3, 0.5]])
    assert hy.CategoricalCrossentropy()(P[:1], soft) == pytest.approx(-(soft * np.log(P[:1])).sum())


def test_label_smoothing_is_the_smoothed_target() -> None:
    smoothed = np.eye(3)[LABELS] * 0.9 + 0.1 / 3
    given = hy.CategoricalCrossentropy(label_smoothing=0.1)(P, LABELS)
    assert given == pytest.approx(-(smoothed * np.log(P)).sum(axis=1).mean())
    binary = np.array([[1], [0], [1]])
    p = P[:, :1]
    t = binary * 0.8 + 0.1
    given = hy.BinaryCrossentropy(label_smoothing=0.2)(p, binary)
    assert given == pytest.approx(-(t * np.log(p) + (1 - t) * np.log(1 - p)).mean())


def test_from_logits_is_exact_where_probabilities_round() -> None:
    loss = hy.CategoricalCrossentropy(from_logits=True)
    assert loss(np.array([[0.0, 1e3]]), [0]) == 1e3
    assert hy.BinaryCrossentropy(from_logits=True)(np.array([[-1e3]]), [1]) == 1e3
    tiny = hy.BinaryCrossentropy(from_logits=True)(np.array([[40.0]]), [1])
    assert tiny == pytest.approx(math.exp(-40))


def test_clipped_probabilities_are_a_branch_of_their_own() -> None:
    p = np.array([[0.0, 1e-9, 0.3, 0.7, 1 - 1e-9, 1.0]])
    for loss in (hy.BinaryCrossentropy(), hy.CategoricalCrossentropy()):
        found = loss.branches(p, p)
        assert found is not None
        np.testing.assert_array_equal(np.sign(found[0, :4]), [-1, -1, 0, 0])
    np.testing.assert_array_equal(hy.BinaryCrossentropy().branches(p, p)[0, 4:], [1, 1])
