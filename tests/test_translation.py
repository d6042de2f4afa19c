"""Texts in another language, looked up by their form."""

from __future__ import annotations

import pytest

from hyalite import translation
from hyalite.translation import Catalogue, joined, speaking, spoken, translated, wanted

WORDS = Catalogue(
    {
        "Error: {}": "错误：{0!t}",
        "there is no column {}. {}The columns are {}": "没有列 {0}。{1!t}有 {2}",
        "Did you mean {}?": "是不是 {0}？",
        "{} rows": "{0} 行",
        "{}the model": "{0}模型",
        "two\nlines": "两\n行",
        "row": "行",
    }
)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("row", "行"),
        ("  row ", "  行 "),
        ("12 rows", "12 行"),
        ("a.txt   the model", "a.txt   模型"),
        ("two\nlines", "两\n行"),
        ("row\n\nno such text\n3 rows\n", "行\n\nno such text\n3 行\n"),
        ("Error: 3 rows", "错误：3 行"),  # not "Error: 3" and "rows"
        (
            "Error: there is no column 'a b'. Did you mean 'b'? The columns are b, c",
            "错误：没有列 'a b'。是不是 'b'？有 b, c",
        ),
        ("there is no column 'a'. The columns are b", "没有列 'a'。有 b"),
        ("rows", "rows"),
        ("", ""),
    ],
)
def test_a_text_is_found_by_its_form(english: str, chinese: str) -> None:
    assert WORDS.translated(english) == chinese


def test_braces_in_a_value_stay_as_they_are() -> None:
    assert WORDS.translated("Error: {0} {x!r} %s") == "错误：{0} {x!r} %s"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, None),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.gb18030@pinyin"}, "zh_CN"),
        ({"LANG": "zh_TW.UTF-8"}, None),  # other characters
        ({"LANG": "de_DE.UTF-8"}, None),
        ({"LANG": "zh_CN", "LC_ALL": "C"}, None),
        ({"LANG": "C", "LC_MESSAGES": "zh_CN"}, "zh_CN"),
        ({"LANG": "zh_CN", "HYALITE_LANG": "en"}, None),
        ({"LC_ALL": "C", "HYALITE_LANG": "zh-CN"}, "zh_CN"),
        ({"HYALITE_LANG": "zh"}, "zh_CN"),
        ({"HYALITE_LANG": "", "LANG": "zh_CN"}, "zh_CN"),
        ({"HYALITE_LANG": "../locale/zh_CN"}, None),
    ],
)
def test_the_environment_says_which_language(
    environment: dict[str, str], language: str | None
) -> None:
    assert wanted(environment) == language


def test_a_form_with_numbers_is_filled_and_never_found() -> None:
    words = Catalogue({"all {0}": "全部 {0}", "{1} of {0}": "{0!t}的{1}", "row": "行"})
    assert words.translated("all 3") == "all 3"
    assert words.phrased("all {0}", "all {1}") == "全部 all {1}"
    assert words.phrased("{1} of {0}", "row", 3) == "行的3"
    assert words.phrased("no such {0}", 3) == "no such 3"


def test_texts_one_after_the_other() -> None:
    assert joined("{0}, {1}", ["a", "b", "c"]) == "a, b, c"
    with speaking("zh_CN"):
        assert joined("{0}, {1}", ["a", "b", "c"]) == "a、b、c"


def test_a_page_is_told_which_language_is_spoken() -> None:
    assert spoken() == "en"
    with speaking("zh_CN"):
        assert spoken() == "zh-CN"


def test_a_language_is_spoken_within_a_block() -> None:
    text = "compiled in 3 s"
    with speaking("zh_CN"):
        assert not translation.is_english()
        assert translated(text) == "编译用了 3 秒"
        with speaking(None):
            assert translated(text) == text
        assert not translation.is_english()
    assert translation.is_english()
    assert translated(text) == text
