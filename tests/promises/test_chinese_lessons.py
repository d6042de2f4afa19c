"""The lessons in Chinese: every paragraph, with the code, formulas and links of the English one."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = ROOT / "docs" / "locale" / "zh_CN" / "LC_MESSAGES" / "lessons"
LESSONS = sorted((ROOT / "lessons").glob("[0-9][0-9]_*.py"))

CODE = r"`[^`]+`"
FORMULA = r"\$[^$]+\$"
LINK = r"\]\([^)]+\)"
HAN = "[\u3400-\u9fff]"
WORDS = re.compile(r"\\text\{[^}]*\}")  # in a formula


def messages(lesson: Path) -> list[tuple[str, str]]:
    pofile = pytest.importorskip("babel.messages.pofile", reason="Babel comes with extra 'docs'")
    with open(CATALOGUES / f"{lesson.stem}.po", "rb") as file:
        catalogue = pofile.read_po(file, abort_invalid=True)
    assert not catalogue.obsolete
    assert not [message.id for message in catalogue if message.id and message.fuzzy]
    return [(message.id, message.string) for message in catalogue if message.id]


def stands_apart(message: str) -> bool:
    """Whether it is a formula in lines of its own."""
    return "\\" in message and "$" not in message


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_code_formulas_and_links_are_those_of_the_english_page(lesson: Path) -> None:
    for english, chinese in messages(lesson):
        if stands_apart(english):
            assert WORDS.sub("", chinese) == WORDS.sub("", english)
        for markup in (CODE, FORMULA, LINK):
            there, here = re.findall(markup, english), re.findall(markup, chinese)
            assert Counter(here) == Counter(there), chinese


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_chinese_is_set_as_in_the_readme(lesson: Path) -> None:
    """Full-width punctuation; a space where Chinese meets letters, figures, code and formulas."""
    for english, chinese in messages(lesson):
        if chinese != english and not stands_apart(english):
            prose = re.sub(f"{CODE}|{FORMULA}", lambda match: "x" * len(match[0]), chinese)
            prose = prose.replace("*", "")
            assert not re.search(f"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}", prose), chinese
            assert not re.search(f"{HAN}[.;:!?]|{HAN} {HAN}", prose), chinese


def test_the_site_shows_translated_formulas_and_one_summary(tmp_path: Path) -> None:
    """As `docs/_ext/translated.py` makes it; Sphinx alone would show `::` for such a formula."""
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_parser")
    mofile = pytest.importorskip("babel.messages.mofile")
    catalog = pytest.importorskip("babel.messages.catalog")
    (tmp_path / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'docs' / '_ext')!r})\n"
        "extensions = ['myst_parser', 'translated']\n"
        "myst_enable_extensions = ['dollarmath']\n"
        "locale_dirs = ['locale']\n",
        encoding="utf-8",
    )
    (tmp_path / "index.md").write_text(
        "# Title\n\n**In short.** One.\n\n**小结。** 一。\n\n$$a \\text{ or } b$$\n\n$$c^2$$\n",
        encoding="utf-8",
    )
    translations = catalog.Catalog(locale="zh_CN")
    translations.add("**In short.** One.", "**提要**：一。")
    translations.add(r"a \text{ or } b", r"a \text{ 或 } b")
    folder = tmp_path / "locale" / "zh_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with open(folder / "index.mo", "wb") as file:
        mofile.write_mo(file, translations)

    def page(language: str) -> str:
        built = tmp_path / language
        options = ("-q", "-W", "-E", "-b", "pseudoxml", "-D", f"language={language}")
        subprocess.run([sys.executable, "-m", "sphinx", *options, tmp_path, built], check=True)
        return (built / "index.pseudoxml").read_text(encoding="utf-8")

    english, chinese = page("en"), page("zh_CN")
    assert all(words in english for words in ("In short", "小结", r"a \text{ or } b", "c^2"))
    assert all(words in chinese for words in ("提要", r"a \text{ 或 } b", "c^2"))
    assert "小结" not in chinese
