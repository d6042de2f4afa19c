"""The documentation site has a place for every public name and reaches every page.

That it builds without a warning is the gate's matter, which builds it.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import hyalite as hy

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS / "_ext"))
joined = importlib.import_module("chinese_text").joined

OWN = [path for path in sorted(DOCS.rglob("*.md")) if "_build" not in path.parts]
API = "\n".join(path.read_text(encoding="utf-8") for path in sorted((DOCS / "api").glob("*.md")))
PLACES = set(re.findall(r"^(?:\.\. (?:auto|py:)\w+:: | {10,})(hyalite[\w.]*)$", API, re.M))
LESSONS = sorted((ROOT / "lessons").glob("[0-9][0-9]_*.py"))


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
    for name in ("hyalite.export", "hyalite.files", "hyalite.sklearn"):
        if name == "hyalite.sklearn":
            pytest.importorskip("sklearn")
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
    assert joined(lines) == line


def test_every_page_is_reached() -> None:
    reached = set()
    for path in OWN:
        for tree in re.findall(r"```\{toctree\}\n(.*?)```", path.read_text("utf-8"), re.S):
            entries = [line for line in tree.splitlines() if line and not line.startswith(":")]
            reached |= {(path.parent / entry).resolve() for entry in entries}
    pages = {path.with_suffix("").resolve() for path in OWN} - {DOCS / "index"}
    assert sorted(map(str, pages - reached)) == []
