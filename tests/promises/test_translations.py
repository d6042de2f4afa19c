"""The site in Chinese: every sentence of its pages, with the code, formulas and links of ours."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = ROOT / "docs" / "locale" / "zh_CN" / "LC_MESSAGES"
PAGES = sorted(
    path.relative_to(CATALOGUES).with_suffix("").as_posix() for path in CATALOGUES.rglob("*.po")
)
PROMISED = ["book-words", "comparison", "gallery", "getting-started", "index", "lessons", "project"]

CODE = r"`[^`]+`"
FORMULA = r"\$[^$]+\$"
LINK = r"\]\([^)]+\)"
HAN = "[\u3400-\u9fff]"
IN_FORMULA = re.compile(r"\\text\{[^}]*\}")  # words that are translated there
# What an English text speaks of, and what the Chinese one has for it, whatever else it says.
WORDS = {
    r"\blearning rates?\b": "学习率",
    r"\boverfit": "过拟合",
    r"\boptimizers?\b": "优化器",
    r"\bbatch normalization\b": "批量归一化",
    r"\blayer normalization\b": "层归一化",
    r"\bcallbacks?\b": "回调",
    r"\bcheckpoints?\b": "检查点",
    r"\bcompiled engine\b": "编译引擎",
    r"\baccuracy\b": "准确率|accuracy",
    r"\bcross-entropy\b": "交叉熵",
    r"\bsquared error\b": "平方误差|均方误差",
    r"\bhidden layers?\b": "隐藏层",
    r"\bactivations?\b": "激活",
    r"\bbias(es)?\b": "偏置|bias",
    r"\bepochs?\b": "轮|epoch|训练",
    r"\bstandard deviations?\b": "标准差",
    r"\bdropout\b": "Dropout|丢弃|dropout",
    r"\bbackpropagation\b": "反向传播",
    r"\bforward pass\b": "前向传播",
    r"\bcommand line\b": "命令行",
}
OTHERS = "批归一化|反向传递|学习速率|最佳化|批标准化|断点|全链接|层正则化"  # words not taken


@cache
def messages(page: str) -> list[tuple[str, str]]:
    """English and Chinese."""
    pofile = pytest.importorskip("babel.messages.pofile", reason="Babel comes with extra 'docs'")
    with (CATALOGUES / f"{page}.po").open("rb") as file:
        catalogue = pofile.read_po(file, charset="utf-8", abort_invalid=True)
    return [(message.id, message.string) for message in catalogue if message.id]


def stands_apart(message: str) -> bool:
    """Whether it is a formula in lines of its own."""
    return "\\" in message and "$" not in message and "`" not in message


def test_the_first_pages_and_the_guide_are_in_chinese() -> None:
    guide = (f"guide/{path.stem}" for path in (ROOT / "docs" / "guide").glob("*.md"))
    examples = (ROOT / "examples").glob("[a-z]*.py")
    gallery = (f"gallery/{path.stem}" for path in examples)
    assert {*PROMISED, *guide, *gallery} <= set(PAGES)


@pytest.mark.slow
def test_nothing_on_these_pages_is_missing() -> None:
    for package in ("sphinx", "myst_nb", "jupytext", "latex2mathml", "ziamath", "sphinx_design"):
        pytest.importorskip(package, reason="the site is built with the extra 'docs'")
    script = ROOT / "scripts" / "update_translations.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"run {script.name} and translate:\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", PAGES)
def test_code_formulas_and_links_are_those_of_the_english_page(page: str) -> None:
    for english, chinese in messages(page):
        if stands_apart(english):
            assert IN_FORMULA.sub("", chinese) == IN_FORMULA.sub("", english)
        for markup in (CODE, FORMULA, LINK, r"%\(\w+\)s"):
            there, here = re.findall(markup, english), re.findall(markup, chinese)
            assert Counter(here) == Counter(there), chinese


@pytest.mark.parametrize("page", PAGES)
def test_chinese_is_set_as_in_the_readme(page: str) -> None:
    """Full-width punctuation; a space where Chinese meets letters, figures, code and formulas."""
    for english, chinese in messages(page):
        if chinese != english and not stands_apart(english):
            prose = re.sub(f"{CODE}|{FORMULA}", lambda match: "x" * len(match[0]), chinese)
            prose = re.sub(LINK, "]", prose).replace("*", "")
            prose = re.sub(r"\([^()]*\)", "()", prose)  # shapes, such as (输入数, 神经元数)
            assert not re.search(f"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}", prose), chinese
            assert not re.search(f"{HAN}[.;:!?,]|[.;:!?,]{HAN}|{HAN} {HAN}", prose), chinese


@pytest.mark.parametrize("page", PAGES)
def test_one_thing_has_one_word(page: str) -> None:
    for english, chinese in messages(page):
        prose = re.sub(f"{CODE}|{LINK}", "", english)
        for there, here in WORDS.items():
            if chinese != english and re.search(there, prose, re.I):
                assert re.search(here, chinese), f"{there}: {chinese}"
        assert not re.search(OTHERS, chinese), chinese
