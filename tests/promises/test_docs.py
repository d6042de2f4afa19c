"""The documentation site has a place for every public name and reaches every page.

That it builds without a warning is the gate's matter, which builds it.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import hyalite as hy
from hyalite.engines.choice import choose
from tests import parts

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS / "_ext"))
chinese_text = importlib.import_module("chinese_text")
leftovers = importlib.import_module("leftovers").leftovers
width = importlib.import_module("width")

OWN = [p for p in sorted(DOCS.rglob("*.md")) if not {"_build", "locale"} & set(p.parts)]
API = "\n".join(path.read_text(encoding="utf-8") for path in sorted((DOCS / "api").glob("*.md")))
PLACES = set(re.findall(r"^(?:\.\. (?:auto|py:)\w+:: | {10,})(hyalite[\w.]*)$", API, re.M))
LESSONS = sorted((ROOT / "lessons").glob("[0-9][0-9]_*.py"))
EXAMPLES = sorted((ROOT / "examples").glob("[a-z]*.py"))


def public(name: str, module: ModuleType) -> list[str]:
    """A module's public names: those it lists, or those it defines."""
    listed = getattr(module, "__all__", None) or [
        key
        for key, value in vars(module).items()
        if not key.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]
    return [f"{name}.{key}" for key in listed]


def test_every_public_name_has_its_place() -> None:
    names = [f"hyalite.{name}" for name in hy.__all__]
    for name in hy.__all__:
        if isinstance(module := getattr(hy, name), ModuleType):
            # what a module offers from the front of the package stands there under that name
            front = {f"hyalite.{name}.{key}" for key in hy.__all__}
            names += [found for found in public(f"hyalite.{name}", module) if found not in front]
    for name in ("hyalite.dask", "hyalite.export", "hyalite.files", "hyalite.sklearn"):
        if name == "hyalite.sklearn":
            pytest.importorskip("sklearn")
        if name == "hyalite.dask":
            pytest.importorskip("distributed")
        names += public(name, importlib.import_module(name))
    assert sorted(set(names) - PLACES) == []


def test_every_lesson_has_its_summary_in_chinese() -> None:
    for path in LESSONS:
        first = path.read_text(encoding="utf-8").split("# %%")[1]
        summary = re.search(r"^# \*\*小结。\*\* (.+?)\n(?:#\n|\n|$)", first, re.M | re.S)
        assert summary, path.name
        assert len(re.findall("[\u4e00-\u9fff]", summary[1])) > 60, path.name


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ("神经元把\n每个输入", "神经元把每个输入"),
        ("乘以权重，\n求和", "乘以权重，求和"),
        ("矩阵乘法：\n$Y = XW$。\n本课", "矩阵乘法：$Y = XW$。本课"),
        ("从零写成的 NumPy\n代码", "从零写成的 NumPy\n代码"),
        ("two words\nand more", "two words\nand more"),
    ],
)
def test_lines_of_chinese_are_joined_without_spaces(lines: str, line: str) -> None:
    assert chinese_text.joined(lines) == line


def test_chinese_is_searched_by_pairs_of_characters() -> None:
    found = chinese_text.words("误差反向传播法与 SGD 的 learning_rate，层")
    assert found[:6] == ["误差", "差反", "反向", "向传", "传播", "播法"]
    assert {"SGD", "的", "learning_rate", "层"} < set(found)


def test_a_lessons_page_says_below_its_title_how_it_opens() -> None:
    pytest.importorskip("sphinx", reason="the site's extensions need the extra 'docs'")
    with_command = importlib.import_module("scripts").with_command
    for path in LESSONS:
        number = int(path.name[:2])
        page = with_command(path.read_text(encoding="utf-8"), number)
        first = page.split("# %%")[1].splitlines()
        assert first[1].startswith(f"# # {number} · ")
        assert first[3].startswith(f"# `hyalite lessons {number} --open` ")
        assert first[4] == "#"
        assert first[5].startswith("# **In short.** ")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('<p>so<br>$<span class="math"><math><mi>v</mi></math></span>$</p>', ["so$$"] * 2),
        (r"<p>the slope \(x^2\)</p>", [r"the slope \(x^2\)", r"the slope \(x^2\)"]),
        ("<p>a **bold** word</p>", ["a **bold** word"]),
        ("<p>see [the guide](guide.md)</p>", ["see [the guide](guide.md)"]),
        ("<p>one</p><p>## Two</p>", ["one ## Two"]),
        ("<p>::: {note}</p>", ["::: {note}"] * 2),
        ("<p><code>$HOME</code> and <pre>**x</pre> # 3 of 4</p>", []),
        ("<dt>fit(x, **settings)</dt><dd><strong>**settings</strong>: the rest</dd>", []),
    ],
)
def test_markup_that_is_left_on_a_page_is_found(body: str, found: list[str]) -> None:
    """The build looks at every page for it, as the extension `leftovers`."""
    assert leftovers(body) == found
    assert '"leftovers"' in (DOCS / "conf.py").read_text(encoding="utf-8")


def code_of(path: Path) -> list[str]:
    """Lines of code: a script's without its prose, those in the fences of a page."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return [line for line in text.splitlines() if not line.startswith("#")]
    fences = re.findall(r"^ *```([^\n]*)\n(.*?)^ *```", text, re.M | re.S)
    shown = [block for kind, block in fences if not kind.startswith("{") or "code-cell" in kind]
    return "".join(shown).splitlines()


SHOWN = [*LESSONS, *EXAMPLES, *OWN, *ROOT.glob("*.md"), ROOT / "examples/README.md"]


def test_code_is_found_on_pages() -> None:
    assert sum("model.compile(" in line for line in code_of(ROOT / "README.md")) == 1
    assert len(code_of(ROOT / "docs/guide/training.md")) > 40


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: str(path.relative_to(ROOT)))
def test_code_fits_on_a_page(path: Path) -> None:
    """What it prints is looked at when the site is built, by the extension `width`."""
    assert [line for line in code_of(path) if width.columns(line) > width.WIDTH] == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("<pre>" + 88 * "x" + "</pre>", []),
        ("<pre>short\n" + 89 * "x" + "\nshort</pre>", [89 * "x"]),
        ("<pre><span>" + 44 * "x" + "</span> " + 44 * "x" + "</pre>", [44 * "x" + " " + 44 * "x"]),
        ("<pre>" + 44 * "x" + "</pre><pre>" + 45 * "x" + "</pre>", []),
        ("<pre>" + 45 * "汉" + "</pre>", [45 * "汉"]),
        ("<pre>" + 88 * "e\u0301" + "</pre>", []),
        ("<p>" + 200 * "x" + "</p>", []),
    ],
)
def test_a_line_that_is_too_wide_is_found(body: str, found: list[str]) -> None:
    assert width.too_wide(body) == found
    assert '"width"' in (DOCS / "conf.py").read_text(encoding="utf-8")


def test_a_formula_apart_begins_a_paragraph() -> None:
    """MyST reads it as one only there; notebooks are less strict."""
    for path in (*LESSONS, *EXAMPLES):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^# [^\n|]*[^\s$|][^\n$]*\n# \$\$", text, re.M), path.name


def test_all_parts_of_the_library_run_compiled_as_the_guide_says() -> None:
    pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")
    made = [(make(), parts.SHAPES.get(name, (5,))) for name, make in parts.LAYERS.items()]
    made += [(make(), (5,)) for make in (parts.LOSSES | parts.OPTIMIZERS).values()]
    refused = {type(part).__name__ for part, shape in made if not runs_compiled(part, shape)}
    factors = {"*": 0.5}
    if not runs_compiled(hy.AdamW(learning_rate_factors=factors)):
        refused.add("learning_rate_factors")
    if not runs_compiled(hy.AdamW(weight_decay_factors=factors)):
        refused.add("weight_decay_factors")
    page = (DOCS / "guide" / "engines.md").read_text(encoding="utf-8")
    (section,) = re.findall(r"^## What runs on it\n(.*?)^## ", page, re.M | re.S)
    assert section.split(".")[0].strip() == "All layers, losses and optimizers of the library"
    assert not refused


def runs_compiled(part: Any, shape: tuple[int, ...] = (5,)) -> bool:
    """Whether the compiled engine takes a model with this layer, loss or optimizer."""
    layer = part if isinstance(part, hy.Layer) else hy.Dense(1)
    model = hy.Sequential([layer])
    model.build(shape)
    loss = part if isinstance(part, hy.losses.Loss) else None
    optimizer = part if isinstance(part, hy.optimizers.Optimizer) else None
    try:
        choose("compiled", model.network, loss=loss, optimizer=optimizer)
    except ValueError as error:
        return "has no compiled form" not in str(error)
    return True


@pytest.mark.filterwarnings("ignore::hyalite.errors.DataWarning")  # an island is new
def test_the_guide_trains_a_table_on_the_standardised_target() -> None:
    """As the command line does; with `Rescaling` there from the start L2 would hang on the unit."""
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow", reason="tables need the extra 'tables'")
    page = (DOCS / "guide" / "tables.md").read_text(encoding="utf-8")
    (section,) = re.findall(r"^## In Python\n(.*?)^## What each", page, re.M | re.S)
    names: dict[str, Any] = {}
    for cell in re.findall(r"^```\{code-cell\}\n(.*?)```", section, re.M | re.S):
        exec(cell, names)
        if "model.fit(" in cell:
            model = names["model"]
            assert len(model.history) == 200
            assert not any(isinstance(layer, hy.Rescaling) for layer in model.layers)
    assert isinstance(model.layers[-1], hy.Rescaling)
    x, y = names["preparation"].x(names["rest"]), names["preparation"].y(names["rest"])
    assert model.evaluate(x, y)["mean_absolute_error"] < 300  # the noise alone is 120


def test_every_page_is_reached() -> None:
    reached = set()
    for path in OWN:
        for tree in re.findall(r"```\{toctree\}\n(.*?)```", path.read_text("utf-8"), re.S):
            entries = [line for line in tree.splitlines() if line and not line.startswith(":")]
            reached |= {(path.parent / entry).resolve() for entry in entries}
    pages = {path.with_suffix("").resolve() for path in OWN} - {DOCS / "index"}
    assert sorted(map(str, pages - reached)) == []
