"""Partial dependence against the formula, for numbers, dates and categories with gaps."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.recipes.report import dependence, effects
from hyalite.recipes.report.dependence import partial_dependence
from tests.recipes.report.helpers import inside, of_classes, of_numbers


def test_a_line_is_found_as_a_line(monkeypatch) -> None:
    model = inside(of_numbers())
    found = partial_dependence(model, model.columns[0])
    at = model.columns[0].values[found.at]
    assert (np.diff(at) > 0).all()
    assert len(at) == dependence.POINTS
    slope = np.diff(found.answers[:, 0]) / np.diff(at)
    np.testing.assert_allclose(slope, 2)
    mean = (2 * at[0] + 3 * model.x[:, 1]).mean()  # by the formula, of all rows
    assert found.answers[0, 0] == pytest.approx(mean)
    assert found.missing is None
    monkeypatch.setattr(dependence, "VALUES_AT_ONCE", 5 * model.x.size)
    np.testing.assert_allclose(partial_dependence(model, model.columns[0]).answers, found.answers)


def test_categories_the_most_frequent_first_and_gaps() -> None:
    model = inside(of_numbers())
    found = partial_dependence(model, model.columns[1])
    values = model.columns[1].values
    names = values[found.at].tolist()
    assert sorted(names) == ["a", "b"]
    assert (values == names[0]).sum() >= (values == names[1]).sum()
    by_name = dict(zip(names, found.answers[:, 0], strict=True))
    assert by_name["b"] - by_name["a"] == pytest.approx(3)
    assert found.missing is not None
    assert found.missing[0] == pytest.approx(by_name["a"])


def test_the_columns_that_matter_are_found_and_followed() -> None:
    for evidence in (of_numbers(), of_classes()):
        if not evidence.classes:
            evidence = of_numbers(y=inside(evidence).predict(inside(evidence).x))
        model = inside(evidence)
        found = effects.importance(evidence, model)
        if not evidence.classes:
            assert found.loss == pytest.approx(0)
            assert set(np.array(found.names)[found.order[:2]]) == {"size", "place"}
            # RMSE of 2·(x - x') with x standard normal, in the target's unit: √(2·2²)
            assert found.mean[0] == pytest.approx(8**0.5, rel=0.15)
            assert next(each.column.name for each in effects.dependences(model, found)) in (
                "size",
                "place",
            )
        assert found.measure == ("log loss" if evidence.classes else "RMSE")
        np.testing.assert_array_equal(found.mean[2:], 0)
