"""Chinese: every sentence of the site's pages and of the command line, one word for one thing.

The catalogues of the site are in docs/locale/, that of what the library shows (the command line, a
table's report, a trace) is in src/hyalite/locale/.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from hyalite import cli, layers, losses, optimizers, translation
from hyalite.cli.help import AS_IT_STANDS
from hyalite.cli.lessons import find_lessons

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
    r"\bweight decay\b": "权值衰减",
    r"\bearly stopping\b": "提前停止",
    r"\bcomputational graph\b": "计算图",
    r"\bhyperparameters?\b": "超参数",
    r"\bmini-batch": "小批量|mini-batch",
    r"\bextras? `": "可选依赖",
    r"\bwith (replacement|repetition)s?\b": "放回",
}
# words not taken
OTHERS = (
    "批归一化|反向传递|学习速率|最佳化|批标准化|断点|全链接|层正则化"
    "|权重衰减|早停|附加包|空缺|one-hot 编码"
)


@cache
def messages(page: str) -> list[tuple[str, str]]:
    """English and Chinese."""
    return list(translation.read(CATALOGUES / f"{page}.po").items())


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


def test_the_readme_and_the_command_line_have_no_other_words() -> None:
    assert not re.search(OTHERS, (ROOT / "README.zh-CN.md").read_text(encoding="utf-8"))
    assert not re.search(OTHERS, "\n".join(COMMAND_LINE.entries.values()))


# The command line ---------------------------------------------------------------------------------

SOURCE = ROOT / "src" / "hyalite"
COMMAND_LINE = translation.catalogue("zh_CN")
PROSE = re.compile(r"[a-z]{2,} [a-z]{2,}")  # two words in a row
SHOWN = [  # files with texts that are read
    path
    for room in ("cli", "recipes/report", "trace")
    for path in sorted((SOURCE / room).glob("*.py"))
]
NOT_SHOWN = {  # in these rooms, and no sentence that anybody is shown
    "wording.py": "texts that are replaced within errors",
    "style.py": "how a page looks",
}
# parts of the catalogue
OF_OTHERS = ("Words of click", "Words of the operating system", "Titles of the lessons")
NAMES = {  # of columns, arrays, formulas and styles
    "probability of {} = {}", "{}.d{} with penalty", " with penalty", "fused values", "one faint",
    "one thin",
}  # fmt: skip
TYPED = re.compile(r"^ *(?:\{\} |hyalite |import |from |net|--)|[<>]|=\"")  # commands, markup
VALUE = re.compile(r"\{(\d*)\}")


def literals(tree: ast.AST) -> Iterator[str]:
    """All texts in a file; what varies in one is {}."""
    within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
              for part in node.values}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                part.value if isinstance(part, ast.Constant) else "{}" for part in node.values
            )
        elif isinstance(node, ast.Constant) and id(node) not in within:
            yield from [node.value] if isinstance(node.value, str) else []


def help_texts() -> Iterator[str]:
    """What the help pages say, as it is looked up."""
    for command in (cli.commands, *cli.commands.commands.values()):
        for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
            lines = paragraph.removeprefix(AS_IT_STANDS).split("\n")
            yield ("\n" if paragraph.startswith(AS_IT_STANDS) else " ").join(lines)
        if command.short_help:
            yield command.short_help
        yield from filter(None, (getattr(option, "help", None) for option in command.params))


def test_all_help_pages_are_in_chinese() -> None:
    assert [text for text in help_texts() if text not in COMMAND_LINE.entries] == []


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_people_are_shown_is_in_chinese(path: Path) -> None:
    """Each line that has two words in a row, or is a part of one that is put together."""
    if path.name in NOT_SHOWN:
        pytest.skip(NOT_SHOWN[path.name])
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = (
        set(help_texts())
        | NAMES
        | {
            ast.get_docstring(node, clean=False)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        }
    )
    if path.parent.name != "cli":  # errors of Python's users
        known |= {text for node in ast.walk(tree) if isinstance(node, ast.Raise)
                  for text in literals(node)}  # fmt: skip
    lines = [line for text in set(literals(tree)) - known for line in re.split(r"\n|,  ", text)]
    lines = [line for line in lines if PROSE.search(line) and not TYPED.search(line)]
    parts = "\n".join(COMMAND_LINE.entries)
    example = {line: line.replace("{}", "7") for line in lines}
    untouched = [line for line in lines if COMMAND_LINE.translated(example[line]) == example[line]]
    missing = [line for line in untouched if line not in parts]
    if path.parent.name != "cli":  # some sentences are finished elsewhere: "all but {} % {}"
        missing = [line for line in missing if any(p not in parts for p in line.split("{}"))]
    assert missing == []


@cache
def source_texts() -> str:
    """All texts of the package, one after the other."""
    texts = []
    for path in SOURCE.rglob("*.py"):
        for text in literals(ast.parse(path.read_text(encoding="utf-8"))):
            texts += [text, inspect.cleandoc(text), " ".join(inspect.cleandoc(text).split("\n"))]
    return "\0".join(texts)


def is_said(text: str, parts: int = 3) -> bool:
    """Whether the package has the text, or its parts, which it puts together."""
    if text in source_texts():
        return True
    if parts == 1:
        return False
    # what begins a beginning that is there is there, too
    lengths = range(1, len(text))
    longest = bisect_left(lengths, True, key=lambda length: text[:length] not in source_texts())
    return any(is_said(text[cut:], parts - 1) for cut in range(longest, 0, -1))


def entries_of(part: str) -> list[str]:
    """The texts below a heading of the catalogue."""
    catalogue = (translation.FOLDER / "zh_CN.po").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^# (.+)\n((?:(?!# ).*\n)*)", catalogue, re.M))
    return [json.loads(text) for text in re.findall(r'^msgid (".*")', parts[part], re.M)]


def test_the_catalogue_has_nothing_that_nobody_says() -> None:
    others = {text for name in OF_OTHERS for text in entries_of(name)}
    gone = []
    for text in COMMAND_LINE.entries:
        if text not in others:
            gone += [text for piece in text.split("{}") if not is_said(piece.strip())]
    assert gone == []


def fillings() -> Iterator[str]:
    """Texts that the library looks up by themselves: forms with numbers, single words."""
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        if not any(node.module == "hyalite.translation" for node in imported):
            continue
        yield from (text for text in literals(tree) if re.search(r"\{\d\}", text))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "translated",
                "phrased",
            ):
                given = node.args[0]
                ways = [given.body, given.orelse] if isinstance(given, ast.IfExp) else [given]
                yield from (one.value for one in ways if isinstance(one, ast.Constant))


def test_whatever_is_looked_up_is_in_the_catalogue() -> None:
    assert {text for text in fillings() if text not in COMMAND_LINE.entries} == set()


def parts_with_formulas() -> Iterator[tuple[str, str]]:
    for room in (layers, losses, optimizers):
        for name, part in vars(room).items():
            for text in getattr(part, "formulas", {}).values():
                yield from ((name, piece) for piece in text.split(",  "))


@pytest.mark.parametrize(("part", "text"), sorted(set(parts_with_formulas())))
def test_words_in_a_formula_are_in_chinese(part: str, text: str) -> None:
    words = re.compile(rf"\b{PROSE.pattern}|\b(?:where|else|by|of)\b")
    assert not words.search(COMMAND_LINE.translated(text)), part


def test_the_lessons_have_the_titles_of_their_pages() -> None:
    titles = {lesson.path.stem: lesson.title for lesson in find_lessons().values()}
    pages = {
        name: next(chinese for english, chinese in messages(f"lessons/{name}") if title in english)
        for name, title in titles.items()
    }
    known = {
        name: f"{int(name[:2])} · {COMMAND_LINE.entries.get(title)}"
        for name, title in titles.items()
    }
    assert known == pages
    own = entries_of("Titles of the lessons")
    assert set(own) == set(titles.values())


def test_a_text_is_in_the_catalogue_once() -> None:
    catalogue = (translation.FOLDER / "zh_CN.po").read_text(encoding="utf-8")
    texts = [english for english, _ in translation.ENTRY.findall(catalogue)]
    assert [text for text, count in Counter(texts).items() if count > 1] == []


def test_a_form_has_no_other_values_than_the_english_text() -> None:
    for english, chinese in COMMAND_LINE.entries.items():
        given = VALUE.findall(english)
        assert len(set(map(bool, given))) < 2, f"{{}} beside {{0}}: {english}"
        numbers = {text or str(place) for place, text in enumerate(given)}
        assert set(re.findall(r"\{(\d+)(?:!t)?\}", chinese)) <= numbers, chinese
        if numbers:
            assert "{" not in re.sub(r"\{\d+(?:!t)?\}", "", chinese), chinese
