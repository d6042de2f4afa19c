"""All figures of all ways on the same draws."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.recipes.report import Comparison, Way
from tests.recipes.report.helpers import of_classes, of_numbers


def test_classes() -> None:
    evidence = of_classes()
    found = Comparison(evidence)
    table = found.table()
    assert [figure.name for figure, _ in table] == [
        "log loss",
        "accuracy",
        "balanced accuracy",
        "Brier score",
        "ROC AUC",
        "PR AUC",
        "calibration error",
    ]
    for _, intervals in table:
        assert len(intervals) == 3
        assert all(one.low <= one.value <= one.high for one in intervals)
    right = (evidence.network.answers.argmax(axis=1) == evidence.y).mean()
    assert found.interval("this network", "accuracy").value == pytest.approx(right)
    assert found.interval("always 'kind 0'", "ROC AUC").value == 0.5
    assert [len(each) for each in found.f1.values()] == [3, 3, 3]
    assert not Comparison(of_classes(200, 61)).f1


def test_numbers_with_intervals() -> None:
    evidence = of_numbers(1000)
    found = Comparison(evidence)
    assert [figure.name for figure in found.figures] == ["RMSE", "mean error", "R²"]
    figure, share = found.intervals["coverage"]
    assert figure.name == "coverage of 90 % intervals"
    assert share.low < 0.9 < share.high
    assert found.intervals["width"][1].value == pytest.approx(3.29)
    assert not Comparison(of_numbers(50, intervals=None)).intervals


def test_the_same_draws_for_all_ways() -> None:
    found = Comparison(of_numbers(noises=(1.0, 1.0), linear=None))
    again = found.difference("this network", "this network", "RMSE")
    assert (again.low, again.high) == (0, 0)
    same = Comparison(of_numbers(linear=None)).interval("this network", "RMSE")
    assert same == Comparison(of_numbers(linear=None)).interval("this network", "RMSE")


def test_weights_count_in_all_figures() -> None:
    weights = np.arange(300) % 3.0
    evidence = of_numbers(weights=weights)
    off = np.abs(evidence.network.answers - evidence.y)
    found = Comparison(evidence).interval("this network", "mean error")
    assert found.value == pytest.approx((weights * off).sum() / weights.sum())


def test_figures_are_written_as_they_are_read() -> None:
    texts = {figure.name: figure.text(0.98765) for figure in Comparison(of_classes(60)).figures}
    assert texts["accuracy"] == "98.8 %"
    assert texts["log loss"] == "0.988"
    unit = Comparison(of_numbers(60)).figures[0]
    assert unit.text(1234567.8) == "1,234,568"
    assert unit.text(float("nan")) == "–"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"y": np.empty(0)}, "a report needs rows that were held out"),
        (
            {"network": Way("this network", np.ones((300, 1)))},
            r"this network must have shape \(300,\)",
        ),
        ({"weights": np.ones(3)}, "300"),
    ],
)
def test_what_does_not_fit_is_refused(more, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        of_numbers(**more)
