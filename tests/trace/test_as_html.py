"""The trace as HTML: well-formed, nothing run or loaded, no stranger's text taken as markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import hyalite as hy
from tests import parts
from tests.names import HOSTILE


def checked(html: str) -> ET.Element:
    """Its tree, after the promises that hold for every trace."""
    tree = ET.fromstring(html)
    tags = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert not tags & {"script", "link", "img", "iframe", "object", "form", "input", "a"}
    for element in tree.iter():
        for name in element.attrib:
            assert not name.startswith("on")
            assert name not in ("src", "href", "style")
    assert set(re.findall(r"https?://[^\"' <]+", html)) <= {"http://www.w3.org/1998/Math/MathML"}
    assert "url(" not in html
    assert "@import" not in html
    HTMLParser().feed(html)
    return tree


@pytest.mark.parametrize("seed", range(12))
def test_it_is_well_formed_and_has_nothing_that_runs(seed: int) -> None:
    model, x, y, weight = parts.random_model(np.random.default_rng(seed))
    trace = model.trace(x, y, sample_weight=weight)
    for full in (False, True):
        trace.full = full
        checked(trace._repr_html_())


def test_a_page_is_one_file(digits: tuple, tmp_path) -> None:
    model, x, y = digits
    trace = model.trace(x, y, rows=4)
    trace.save(tmp_path / "step.html")
    html = (tmp_path / "step.html").read_text(encoding="utf-8")
    tree = checked(html)
    assert [child.tag for child in tree] == ["head", "body"]
    assert "default-src 'none'; style-src 'unsafe-inline'" in html
    assert "prefers-color-scheme: dark" in html
    text = "".join(tree.itertext())
    for line in (f"row 4 of the 200 samples given; label {y[4]}.", "The path: x[", "Backward"):
        assert line in text


def test_it_says_what_the_text_says(small: hy.Sequential) -> None:
    trace = small.trace([[1.0, 2.0]], [10.0])
    tree = checked(trace._repr_html_())
    shown = "".join(tree.itertext()).replace("−", "-")
    for number in re.findall(r"\d+\.\d+", str(trace)):
        assert number in shown
    names = [code.text for code in tree.iter("code")]
    for name in trace:
        if "." in name and " " not in name:
            assert name in names


def test_formulas_are_mathml(small: hy.Sequential) -> None:
    tree = checked(small.trace([[1.0, 2.0]], [10.0])._repr_html_())
    space = "{http://www.w3.org/1998/Math/MathML}"
    assert len(list(tree.iter(f"{space}math"))) > 40
    assert len(list(tree.iter(f"{space}mfrac"))) >= 4
    for element in tree.iter():
        if element.tag in (f"{space}mfrac", f"{space}msup", f"{space}msub"):
            assert len(element) == 2


def test_the_path_is_marked(digits: tuple) -> None:
    model, x, y = digits
    tree = checked(model.trace(x, y, rows=4)._repr_html_())
    rows = [row for row in tree.iter("tr") if row.get("class") == "followed"]
    assert len(rows) == 4, "three sums and the table of outputs"
    assert all("← the path" in "".join(row.itertext()) for row in rows)


def test_a_large_array_is_text(digits: tuple) -> None:
    model, x, y = digits
    tree = checked(model.trace(x, y, rows=4, full=True)._repr_html_())
    assert any("columns 0 to" in pre.text for pre in tree.iter("pre"))


def test_names_from_files_are_no_markup() -> None:
    model = hy.Sequential([hy.Dense(3, "softmax", name="<b>&amp;")])
    model.compile("categorical_crossentropy")
    model.build(2)
    model.metadata["classes"] = ["<script>alert(1)</script>", HOSTILE, "&"]
    for full in (False, True):
        trace = model.trace([[1.0, 2.0]], [0], source="<i>x</i>", full=full)
        checked(trace._repr_html_())
        assert "\x1b" not in str(trace)
        assert "<script" not in trace._repr_html_()
