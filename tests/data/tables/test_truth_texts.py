"""Truths in several languages, gaps, and texts that stay texts."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.data.tables.gaps import GAPS, is_error
from hyalite.data.tables.table import Table
from hyalite.data.tables.truth_texts import TruthFormat
from hyalite.data.tables.understanding import Options, understand


@pytest.mark.parametrize(
    ("texts", "true", "false"),
    [
        ("yes|no|No |YES|yes", "yes", "no"),
        ("True|False|FALSE|true|True|False", "True", "False"),
        ("ja|nein", "ja", "nein"),
        ("Y|N|N", "Y", "N"),
        ("oui|non", "oui", "non"),
        ("是|否", "是", "否"),
    ],
)
def test_truths(texts: str, true: str, false: str) -> None:
    found = understand(Table({"c": texts.split("|")}))["c"]
    assert found.kind == "truth"
    assert isinstance(found.format, TruthFormat)
    assert (found.format.true, found.format.false) == (true, false)
    assert set(found.values) == {true, false}
    assert found.format.read(np.array([True, False])).tolist() == [true, false]


@pytest.mark.parametrize(
    ("texts", "kind"),
    [("0|1|1", "number"), ("yes|yes", "category"), ("m|f", "category"), ("yes|no|x", "category")],
)
def test_what_is_no_truth(texts: str, kind: str) -> None:
    assert understand(Table({"c": texts.split("|")}))["c"].kind == kind


def test_a_third_word_that_is_repeated_is_a_category_and_one_slip_is_a_gap() -> None:
    many = ["yes"] * 300 + ["no"] * 200
    assert understand(Table({"c": [*many, *["rare"] * 9]}))["c"].kind == "category"
    slip = understand(Table({"c": [*many, "yess"]}))["c"]
    assert (slip.kind, slip.odd.tolist()) == ("truth", [500])


@pytest.mark.parametrize("gap", sorted(GAPS))
def test_gaps(gap: str) -> None:
    found = understand(Table({"c": ["1.5", f" {gap} ", "2", None]}))["c"]
    assert (found.kind, found.gaps, len(found.odd)) == ("number", 2, 0)


def test_a_minus_beside_a_plus_is_a_value() -> None:
    found = understand(Table({"c": ["+", "-", "+", "?"]}))["c"]
    assert found.values.tolist() == ["+", "-", "+", None]
    said = understand(Table({"c": ["+", "-"]}), Options(na_values=["-"]))["c"]
    assert said.values.tolist() == ["+", None]


def test_gaps_of_the_user_in_texts_and_numbers() -> None:
    rows = Table(
        {"c": ["1", "-999", "none"], "f": np.array([1.5, -999, 2]), "i": np.array([1, 2, -999])}
    )
    found = understand(rows, Options(na_values=["-999", "none"]))
    assert [one.gaps for one in found.values()] == [2, 1, 1]


def test_errors_of_spreadsheets() -> None:
    errors = ["#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#WERT!", "#BEZUG!"]
    assert all(map(is_error, errors))
    assert not any(map(is_error, ["#1", "yes!", "#", "#abc", "# 5"]))


def test_types_that_say_category() -> None:
    rows = Table({"c": np.array([1, 2, 1])}, categories=["c"])
    assert understand(rows)["c"].values.tolist() == ["1", "2", "1"]
