"""Numbers as people write them, and what decides how they are meant."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.data.tables.number_texts import NumberFormat
from hyalite.data.tables.table import Table
from hyalite.data.tables.understanding import Options, understand

NAN = float("nan")
WRITTEN = {  # texts of one column: the numbers, decimal and thousands sign
    "1.5|-2|.5|+3": ([1.5, -2, 0.5, 3], ".", ""),
    "1.234,56|950,00|12.000,10": ([1234.56, 950, 12000.1], ",", "."),
    "1,234.56|950.00|-3": ([1234.56, 950, -3], ".", ","),
    "1.234.567|12": ([1234567, 12], ",", "."),
    "0,143|0,286": ([0.143, 0.286], ",", ""),
    "1'234.50|950|1’000": ([1234.5, 950, 1000], ".", "'"),
    "1\u202f234,5|12\u00a0000|7": ([1234.5, 12000, 7], ",", " "),
    "1 234|12 345 678": ([1234, 12345678], ".", " "),
    "1_000|20_000": ([1000, 20000], ".", "_"),
    "12,34,567.50|1,00,000": ([1234567.5, 100000], ".", ","),
    "$1,234.50|-$3.00|($5)|$ 7|$-2": ([1234.5, -3, -5, 7, -2], ".", ","),
    "100 EUR|5 EUR|7": ([100, 5, 7], ".", ""),
    "CHF 1'200|CHF 80": ([1200, 80], ".", "'"),
    "12.5 %|3%": ([12.5, 3], ".", ""),
    "5 km/h|7.5 km/h": ([5, 7.5], ".", ""),
    "1e5|-1.5E-3|2": ([1e5, -1.5e-3, 2], ".", ""),
    "1,5E+05|2,5": ([150000, 2.5], ",", ""),
    "5-|−3|(4)|+4": ([-5, -3, -4, 4], ".", ""),
}


def table(*texts: str, delimiter: str = "", **others: list[str]) -> Table:
    return Table({"c": list(texts), **others}, delimiter=delimiter)


@pytest.mark.parametrize("texts", WRITTEN)
def test_numbers_as_they_are_written(texts: str) -> None:
    numbers, decimal, thousands = WRITTEN[texts]
    found = understand(table(*texts.split("|")))["c"]
    assert found.kind == "number"
    assert isinstance(found.format, NumberFormat)
    assert found.format.decimal == decimal
    assert found.format.thousands == thousands or not thousands
    np.testing.assert_allclose(found.values, numbers, rtol=1e-15)
    assert not len(found.odd)


@pytest.mark.parametrize(
    "texts",
    ["007|012", "01234|99999", "1234567890123456|1", "192.168.1.1|10.0.0.1", "1.2.3|1.2.4",
     "5'11\"|6'1\"", "A-1|A-2", "12/5|3/7", "1-2|3-4", "<5|7|>9", "12a|13b", "1 2|3 4",
     "KD1001|KD1002"],
)  # fmt: skip
def test_what_looks_like_numbers_and_is_none(texts: str) -> None:
    assert understand(table(*texts.split("|")))["c"].kind == "category"


@pytest.mark.parametrize(
    ("delimiter", "others", "number", "unclear"),
    [
        (";", [], 1200, True),  # the delimiter alone decides
        (",", [], 1.2, True),
        ("", ["0,5", "2,25", "7"], 1200, False),  # another column shows decimal commas
        (";", ["0.5", "2.25", "7"], 1.2, False),
    ],
)
def test_groups_of_three_are_decided_by_the_rest_of_the_table(
    delimiter: str, others: list[str], number: float, unclear: bool
) -> None:
    more = {"d": others} if others else {}
    found = understand(table("950", "1.200", "1.550", delimiter=delimiter, **more))["c"]
    assert found.values[1] == number
    assert ("'1.200' may be" in found.unclear) == unclear


def test_what_the_user_says_goes() -> None:
    rows = table("1.200", "1.550", delimiter=";")
    for options, number in ((Options(decimal="."), 1.2), (Options(thousands="."), 1200)):
        found = understand(rows, options)["c"]
        assert (found.values[0], found.unclear) == (number, "")
    assert understand(table("007", "012"), Options(types={"c": "number"}))["c"].values[0] == 7
    with pytest.raises(ValueError, match=r"types\['c'\] must be one of number, category"):
        Options(types={"c": "int"})
    with pytest.raises(ValueError, match=r"decimal must be '\.' or ',', got ';'"):
        Options(decimal=";")
    with pytest.raises(ValueError, match="na_values must be several texts"):
        Options(na_values="none")
    with pytest.raises(ValueError, match="column 'c' has no numbers, but texts such as 'x'"):
        understand(table("x", "y"), Options(types={"c": "number"}))


def test_few_other_cells_are_gaps_and_named_with_their_rows() -> None:
    texts = [f"{n}.5" for n in range(199)] + ["Total"]
    rows = Table({"area": texts}, row_numbers=np.arange(2, 202))
    found = understand(rows)["area"]
    assert found.kind == "number"
    words = "199 of 200 are numbers; 'Total' (row 201) is taken as missing"
    assert found.odd_words(rows) == words
    texts[3] = texts[5] = "#DIV/0!"
    rows = Table({"area": texts}, row_numbers=np.arange(2, 202))
    words = understand(rows)["area"].odd_words(rows)
    assert words.startswith("197 of 200 are numbers; the spreadsheet error '#DIV/0!' (2 rows, firs")


def test_a_word_that_stands_for_a_gap_and_categories_among_numbers() -> None:
    numbers = [str(n) for n in range(40)]
    assert understand(table(*numbers, *["unknown"] * 20))["c"].kind == "number"
    # several words, where the numbers are quantities, and where they are codes
    found = table(*numbers, *["unknown", "none"] * 10)
    assert understand(found)["c"].kind == "number"
    assert understand(found)["c"].odd_words(found).startswith("40 of 60 are numbers; 'unknown' (10")
    assert understand(table(*numbers * 3, *["low", "high"] * 10))["c"].kind == "category"
    sizes = ["36", "38", "40"] * 50 + ["S"] * 3 + ["M"] * 3
    assert understand(table(*sizes))["c"].kind == "category"


def test_thousands_that_no_row_to_train_on_has() -> None:
    for texts, new in ((["0,5", "7,25"], "1.200,5"), (["0.5", "7.25"], "1,200.5")):
        made = understand(table(*texts))["c"].format
        assert made.read(np.array([new, "1.5.5"], object)).tolist()[0] == 1200.5


def test_a_group_that_begins_with_0_is_none() -> None:
    # a file with decimal commas, for a model that learned from one with points
    made = understand(table("0.5", "1234.25"))["c"].format
    cells = np.array(["0,346", "-0,346", "2,346", "01,23,456"], object)
    np.testing.assert_array_equal(made.read(cells), [NAN, NAN, 2346, NAN])


def test_infinite_numbers_are_none() -> None:
    found = understand(table(*[f"{n}.5" for n in range(60)], "inf", "1e999"))["c"]
    np.testing.assert_array_equal(found.values[-2:], [NAN, NAN])
    assert len(found.odd) == 2
    assert NumberFormat().typed(np.array([np.inf, 1.0])).tolist()[1] == 1
    assert np.isnan(NumberFormat().typed(np.array([np.inf, 1.0]))[0])


def test_a_million_cells_take_seconds() -> None:
    texts = np.empty(100_000, object)
    texts[:] = [f"{n / 7:.2f}".replace(".", ",") for n in range(100_000)]
    found = understand(Table({"c": texts}))["c"]
    assert found.kind == "number"
    np.testing.assert_allclose(found.values[:3], [0, 0.14, 0.29])
