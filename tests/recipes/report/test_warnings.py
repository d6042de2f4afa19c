"""What should make one doubt the figures, and what should not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hyalite.recipes.report import Column, Evidence, Inside
from hyalite.recipes.report.drift import drift
from hyalite.recipes.report.leaks import leaks
from hyalite.recipes.report.warnings import warnings as warnings_of
from tests.recipes.report.helpers import inside, of_classes, of_numbers


def warnings(evidence: Evidence) -> list[str]:
    return warnings_of(evidence, leaks(evidence))


def with_column(evidence: Evidence, values: np.ndarray, training: Any = None) -> Evidence:
    """A model with one column; x is what tells the rows apart."""
    base = inside(evidence)
    column = Column(
        "told", "category" if values.dtype == object else "number", [0], values, training
    )
    return replace(evidence, inside=replace(base, columns=[column]))


def test_none_where_nothing_is_wrong() -> None:
    for evidence in (of_classes(), of_numbers()):
        assert warnings(replace(evidence, inside=inside(evidence))) == []
    assert warnings(of_classes()) == []


@pytest.mark.parametrize("kind", ["copy", "number", "threshold", "texts"])
def test_a_column_that_gives_the_target_away(kind: str) -> None:
    numbers = kind in ("copy", "number")
    evidence = of_numbers() if numbers else of_classes()
    base, y = inside(evidence), evidence.y
    known: Any = base.y_training

    def column(y: np.ndarray) -> np.ndarray:
        if kind == "texts":
            return np.array([f"code {k}" for k in y], object)
        if kind == "threshold":
            return y + np.random.default_rng(len(y)).uniform(0, 0.9, len(y))
        return y * 1.0 if kind == "copy" else -3 * y + 1.7e9

    for training in (column(known), None):
        said = warnings(with_column(evidence, column(y), training))
        assert said[0].startswith("A leak is suspected: 'told' alone tells "), training


def test_a_good_column_is_no_leak() -> None:
    rng = np.random.default_rng(0)
    evidence = of_classes()
    noisy = np.where(rng.random(300) < 0.9, evidence.y, rng.integers(0, 3, 300)) * 1.0
    assert warnings(with_column(evidence, noisy)) == []
    numbers = of_numbers()
    assert warnings(with_column(numbers, numbers.y + rng.normal(0, 2, 300))) == []


def test_duplicates_across_the_cut() -> None:
    evidence = of_numbers()
    base: Inside = inside(evidence)
    assert base.x_training is not None
    assert base.y_training is not None
    x, y = base.x_training.copy(), base.y_training.copy()
    x[:10], y[:10] = base.x[:10], evidence.y[:10]
    x[10:20] = base.x[10:20]  # another target
    said = warnings(replace(evidence, inside=replace(base, x_training=x, y_training=y)))
    assert len(said) == 1
    assert said[0].startswith("10 of 300 validation rows stand in the training rows, too")


def test_duplicates_among_the_rows_of_folds() -> None:
    evidence = of_numbers()
    base: Inside = inside(evidence)
    x, y = base.x.copy(), evidence.y.copy()
    x[:10], y[:10] = x[10:20], y[10:20]
    x[20:30] = x[30:40]  # another target
    folds = replace(base, x=x, x_training=None, y_training=None, seen=True)
    said = warnings(replace(evidence, y=y, inside=folds))
    assert [text for text in said if "more than once" in text] == [
        "20 of 300 validation rows stand in the table more than once, equal in every column that "
        "is read and in the target. Unless rows are often equal by nature, the figures are better "
        "than they will be on new rows."
    ]


def test_a_class_with_few_rows() -> None:
    y = np.zeros(300, int)
    y[:9] = 1
    evidence = of_classes(classes=2, y=y)
    assert warnings(evidence) == [
        "The class 'kind 1' has 9 rows, 9 of them among those measured on; its figures are a "
        "matter of chance."
    ]
    many = of_classes(300, 30)
    assert warnings(many) == ["30 of 30 classes have fewer than 20 rows each."]


def test_drift_between_cut_and_rest() -> None:
    evidence = of_numbers()
    base = inside(evidence)
    moved = [
        replace(column, values=column.values + 1 if place == 0 else column.values)
        for place, column in enumerate(base.columns)
    ]
    said = warnings(replace(evidence, inside=replace(base, columns=moved)))
    assert len(said) == 1
    assert said[0].startswith("The rows measured on differ from those trained on in 'size': ")


def test_how_far_two_samples_lie_apart() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=300), rng.normal(0.3, 1, 200)
    stats = pytest.importorskip("scipy.stats", reason="to compare with")
    wanted = stats.ks_2samp(one, other, method="asymp")
    distance, chance = drift(one, other)
    assert distance == pytest.approx(wanted.statistic)
    assert chance == pytest.approx(wanted.pvalue, rel=0.2)
    shares = [0.5, 0.3, 0.2], [0.4, 0.3, 0.3]
    texts = [rng.choice(list("abc"), 300, p=p).astype(object) for p in shares]
    counts = [[(part == letter).sum() for letter in "abc"] for part in texts]
    distance, chance = drift(*texts)
    assert distance == pytest.approx(np.abs(np.diff(np.array(counts) / 300, axis=0)).sum() / 2)
    assert chance == pytest.approx(stats.chi2_contingency(counts).pvalue, rel=0.5)
    assert drift(one, one) == (0, 1)
    holes = np.where(rng.random(300) < 0.5, np.nan, one)
    distance, chance = drift(one, holes)
    assert distance > 0.4
    assert chance < 1e-9
    nothing = np.full(5, np.nan)
    assert drift(nothing, nothing) == (0, 1)
