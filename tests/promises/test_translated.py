"""A page in Chinese has what `docs/_ext/translated.py` adds to Sphinx's own translation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_formulas_are_translated_and_there_is_one_summary(tmp_path: Path) -> None:
    """Sphinx alone would show `::` for a formula with words."""
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
