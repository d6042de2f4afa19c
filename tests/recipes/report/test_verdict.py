"""The verdict in a sentence: what is more complicated has to be better than what is simpler."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hyalite.recipes.report import Column, TrainingReport, Way
from tests.recipes.report.helpers import inside, of_classes, of_numbers


@pytest.mark.parametrize(
    ("rights", "take", "words"),
    [
        ((3.0, 1.0), "network", "The network is better than the logistic regression on 300 valid"),
        ((1.0, 3.0), "linear", "The logistic regression is better than the network on 300 valid"),
        ((2.0, 2.0), "linear", "take the logistic regression|take it"),
        ((0.0, 0.0), "trivial", "Nothing is clearly better than always 'kind 0' on 300 validat"),
    ],
)
def test_of_classes(rights: tuple[float, float], take: str, words: str) -> None:
    verdict = TrainingReport(of_classes(rights=rights)).verdict
    assert verdict.take == take
    assert any(word in str(verdict) for word in words.split("|"))
    assert "log loss" in str(verdict)


def test_of_numbers_in_their_unit() -> None:
    report = TrainingReport(of_numbers())
    assert report.verdict.take == "network"
    network, ridge = (
        report.comparison.interval(name, "RMSE").value for name in report.comparison.names[:2]
    )
    assert f"(RMSE {network:.3g} instead of {ridge:.3g}, difference" in str(report.verdict)
    turned = TrainingReport(of_numbers(noises=(2.0, 1.0))).verdict
    assert turned.sentence.startswith("The ridge regression is better than the network")
    assert turned.sentence.endswith("take it.")


def test_without_a_linear_model_the_trivial_answer_is_the_rival() -> None:
    assert TrainingReport(of_numbers(linear=None)).verdict.sentence.startswith(
        "The network is better than always the mean on 300 validation rows (RMSE "
    )


def test_answers_on_the_same_rows_are_compared_draw_by_draw() -> None:
    """Two models that err on the same rows are told apart by less than the rows' own spread."""
    rng = np.random.default_rng(0)
    y, noise = rng.normal(0, 10, 200), rng.normal(0, 5, 200)
    near = of_numbers(
        200,
        y=y,
        network=Way("this network", y + noise),
        linear=Way("ridge regression", y + 1.05 * noise),
        trivial=Way("always the mean", np.zeros(200)),
        intervals=None,
    )
    report = TrainingReport(near)
    assert report.verdict.take == "network"
    one, other = (report.comparison.interval(way.name, "RMSE") for way in near.ways[:2])
    assert one.high > other.low, "each alone could not tell"


def test_a_leak_is_said_first() -> None:
    evidence = of_numbers()
    base = inside(evidence)
    copy = Column("cents", "number", [0], 100 * evidence.y)
    report = TrainingReport(replace(evidence, inside=replace(base, columns=[copy])))
    assert report.verdict.leaks == ("cents",)
    assert report.verdict.take == "network"
    assert str(report.verdict).startswith(
        "Too good to be true: 'cents' alone gives 'price' away. Else: The network is better than"
    )
    assert report.warnings[0].startswith("A leak is suspected: 'cents'")


def test_a_small_difference_keeps_its_digits() -> None:
    y = np.tile([0, 1], 2000)
    p = np.where(y[:, None] == [0, 1], 0.6, 0.4)
    off = np.where(y[:, None] == [0, 1], -1, 1) * np.linspace(1e-4, 3e-4, 4000)[:, None]
    close = of_classes(
        4000,
        2,
        y=y,
        network=Way("this network", p),
        linear=Way("logistic regression", p + off),
        trivial=Way("always 'kind 0'", np.full((4000, 2), 0.5)),
    )
    assert "(log loss 0.511 instead of 0.511, difference 0.0003334 ± 0.0000029)" in str(
        TrainingReport(close).verdict
    )
