"""Texts for a terminal."""

from __future__ import annotations

import pytest

from hyalite.text import text_table


def test_a_text_table_counts_the_columns_of_a_terminal() -> None:
    rows = [("层", "n"), ("long name", "1"), ("e\u0301", "1,000")]
    assert text_table(rows, "<>").splitlines() == [
        "层             n",
        "long name      1",
        "e\u0301          1,000",
    ]
    assert text_table([("a", "b"), ("cc", "")], "><") == " a  b\ncc"
    with pytest.raises(ValueError, match="zip"):
        text_table([("a", "b"), ("c",)], "<>")
