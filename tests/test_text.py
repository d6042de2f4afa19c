"""Texts for a terminal."""

from __future__ import annotations

import pytest

from hyalite.text import text_table, wrapped


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


def test_a_line_breaks_between_words_and_chinese_characters_but_before_no_stop() -> None:
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("unbreakable", 4) == ["unbreakable"]
    assert wrapped("", 9) == []
    assert wrapped("训练，然后预测。", 4) == ["训", "练，", "然后", "预", "测。"]
    assert wrapped("写 --output 就行", 10) == ["写", "--output", "就行"]
