"""The page is whole, well-formed, loads nothing, and shows any name as it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from hyalite.recipes.report import Evidence, TrainingReport, Way
from tests.recipes.report.helpers import CURVES, NASTY, inside, of_classes, of_numbers

VOID = {"meta"}


class Tags(HTMLParser):
    """Names of the elements; each is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def nasty(evidence: Evidence) -> Evidence:
    count = len(evidence.classes)
    classes = tuple([*NASTY, *(f"<i>{k}" for k in range(count))][:count])
    return replace(
        evidence,
        name=NASTY[0],
        target=NASTY[1],
        classes=classes,
        inside=inside(evidence, nasty=True),
        curves=CURVES,
        read=[("column", "kind"), *((name, NASTY[0]) for name in NASTY)],
        notes=[f"Left out: {name!r}" for name in NASTY],
        facts={NASTY[0]: NASTY[1]},
        uses={"In Python": "\n".join(NASTY)},
    )


@pytest.mark.parametrize("classes", [0, 2, 3, 20])
def test_any_name_is_shown_and_nothing_runs(classes: int) -> None:
    page = TrainingReport(nasty(of_classes(classes=classes) if classes else of_numbers())).html()
    tags = Tags(page).found
    names = {tag for tag, _ in tags}
    assert not names & {"script", "link", "img", "iframe", "object", "form", "base"}
    for _, attributes in tags:
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith("#")
        assert "src" not in attributes
    assert not re.search(r"url\(|@import|https?:", page)
    assert "\x1b" not in page
    assert "城市 &amp; 村" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    for drawing in re.findall(r"<svg class=\"chart\".*?</svg>", page, re.S):
        root = ElementTree.fromstring(drawing)
        assert root.get("role") == "img"
        assert root.get("aria-label")
        assert "nan" not in drawing


def test_its_parts_stand_in_their_order() -> None:
    page = TrainingReport(nasty(of_classes())).html()
    assert re.findall(r"<h2 id=\"(\w+)\"", page) == [
        "verdict",
        "read",
        "figures",
        "pictures",
        "columns",
        "warnings",
        "use",
    ]
    assert page.index("The network is better than") < page.index('id="read"')
    assert "prefers-color-scheme: dark" in page
    assert "size: A4" in page
    assert page.count("<th scope") >= 10


def test_what_is_not_known_is_left_out(tmp_path: Path) -> None:
    report = TrainingReport(of_numbers(intervals=None))
    assert report.importance is None
    assert report.dependences == []
    report.save(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.findall(r"<h2 id=\"(\w+)\"", page) == ["verdict", "figures", "pictures", "warnings"]
    assert "None: no leak" in page


def test_many_rows_are_fields_and_not_dots() -> None:
    many = TrainingReport(of_numbers(40_000)).html()
    assert many.count("<circle") == 0
    assert len(many) < 400_000
    assert "The darker a field" in many
    few = TrainingReport(of_numbers(100)).html()
    assert few.count("<circle") == 200


def test_a_few_far_rows_do_not_take_the_room() -> None:
    evidence = of_numbers(1000)
    off = evidence.network.answers.copy()
    off[0] = 1e9
    page = TrainingReport(replace(evidence, network=Way("this network", off))).html()
    assert re.search(r" \d far rows? lies? outside\.", page)


def test_odd_evidence_has_a_page() -> None:
    one = of_numbers(
        1,
        y=np.array([5.0]),
        network=Way("this network", np.array([5.0])),
        linear=None,
        trivial=Way("always the mean", np.array([5.0])),
        intervals=None,
    )
    assert "Nothing is clearly better" in TrainingReport(one).html()
    same = of_classes(30, 2, y=np.zeros(30, int))
    assert "–" in TrainingReport(same).html(), "ROC AUC, which wants both classes"
