"""Numbers as they are shown: never 0 for what is not, and sums that add up as they stand."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pytest

from hyalite.numerals import adding_up, figures, number

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def read(text: str) -> float:
    """The number that a reader sees."""
    match = re.fullmatch("(-?)(?:([0-9.]+)×)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
    if match is None:
        return float(text)
    sign, factor, power = match.groups()
    return float(f"{sign}{factor or 1}e{power.translate(SUPERSCRIPTS)}")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (5.0, "5"),
        (-3, "-3"),
        (0.1, "0.1"),
        (0.30000001192092896, "0.3"),  # float32
        (12.3456, "12.35"),
        (0.000999999, "0.001"),
        (3.2123e-5, "3.212×10⁻⁵"),
        (-1e-7, "-10⁻⁷"),
        (99999.6, "10⁵"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_one_number(value: float, text: str) -> None:
    assert number(value) == text


def test_a_number_is_read_as_it_is_to_four_digits() -> None:
    rng = np.random.default_rng(0)
    for value in rng.normal(size=500) * 10.0 ** rng.integers(-30, 30, 500):
        assert read(number(value)) == pytest.approx(value, rel=5.1e-4)
        assert number(value) != "0"


@pytest.mark.parametrize("spread", [0, 1, 2, 3, 6, 12])
def test_an_array_shows_nothing_as_0_but_0(spread: int) -> None:
    rng = np.random.default_rng(spread)
    for _ in range(50):
        array = rng.normal(size=(3, 4)) * 10.0 ** rng.uniform(-spread, 0, (3, 4))
        array *= 10.0 ** rng.integers(-9, 9)
        array[0, 0] = 0
        texts, power = figures(array)
        factor = read(power.removeprefix("×")) if power else 1.0
        shown = np.array([[read(text) for text in row] for row in texts]) * factor
        assert texts[0, 0] == "0"
        assert (shown != 0).sum() == 11
        np.testing.assert_allclose(shown, array, rtol=0.06)
        np.testing.assert_allclose(np.abs(shown).max(), np.abs(array).max(), rtol=6e-4)


def test_the_numbers_of_an_array_have_one_form() -> None:
    assert figures([[1, -1], [0, 12]]).texts.tolist() == [["1", "-1"], ["0", "12"]]
    assert figures([0.5, 0.25, 0]).texts.tolist() == ["0.50", "0.25", "0"]
    texts, power = figures(np.array([-3.2e-5, 1.25e-5], np.float32))
    assert (texts.tolist(), power) == (["-3.20", "1.25"], "×10⁻⁵")
    texts, power = figures([2.5e7, 1e6])
    assert (texts.tolist(), power) == (["2.5", "0.1"], "×10⁷")
    assert figures([0.5, 3e-9, np.nan]).texts.tolist() == ["0.5", "3×10⁻⁹", "nan"]
    assert figures(np.zeros((2, 0))).texts.shape == (2, 0)


def test_what_is_shown_of_a_sum_adds_up() -> None:
    rng = np.random.default_rng(0)
    for size in rng.integers(1, 12, 300):
        terms = rng.normal(size=size) * 10.0 ** rng.uniform(-4, 0, size)
        terms *= 10.0 ** rng.integers(-8, 8)
        shown = adding_up(terms.tolist(), float(terms.sum()))
        decimals = len(shown.total.partition(".")[2])
        plain = [text for text in [*shown.terms, shown.total] if "×" not in text]
        unit = Decimal(1).scaleb(-max((len(t.partition(".")[2]) for t in plain), default=0))
        counted = [Decimal(text) for text in shown.terms if "×" not in text]
        assert abs(sum(counted) - Decimal(shown.total if "×" not in shown.total else 0)) == 0
        factor = read(shown.power.removeprefix("×")) if shown.power else 1.0
        for text, term in zip(shown.terms, terms, strict=True):
            assert read(text) * factor == pytest.approx(term, abs=1.01 * float(unit) * factor)
            assert text != "0"
        assert decimals <= 7


def test_a_summand_too_small_for_the_others_is_not_0() -> None:
    shown = adding_up([0.1234567, 1e-9, -2e-9, 0.0], 0.123456699)
    assert shown == (["0.12346", "10⁻⁹", "-2×10⁻⁹", "0"], "0.12346", "")


def test_a_sum_of_nothing_and_one_that_is_not_finite() -> None:
    assert adding_up([0.0, 0.0], 0.0) == (["0", "0"], "0", "")
    assert adding_up([1.0, float("nan")], float("nan")) == (["1", "nan"], "nan", "")
