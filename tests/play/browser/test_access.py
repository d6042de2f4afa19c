"""The page without a mouse, without colours, without eyes, without motion, on any screen."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.play.browser.steps import header, rest, state, until

SIZES = {"phone": (360, 740), "laptop": (1280, 800), "wall": (3840, 2160)}
DIALOGS = {
    "keys": "#tool-help", "compare": "#tool-compare", "teacher": "#tool-teacher",
    "training-more": '[data-control="training.more"]',
}  # fmt: skip


OFTEN = {("phone", "light", "zh"), ("laptop", "dark", "en")}
LOOKS = [
    pytest.param(*look, id="-".join(look), marks=[] if look in OFTEN else [pytest.mark.long])
    for look in product(("phone", "laptop"), ("light", "dark"), ("en", "zh"))
]


@pytest.mark.parametrize(("size", "theme", "language"), LOOKS)
def test_axe_finds_nothing_serious(
    open_page: Callable[..., Any],
    axe: Callable[[Any], list[str]],
    size: str,
    theme: str,
    language: str,
) -> None:
    width, height = SIZES[size]
    page = open_page(f"v=(language:{language},theme:{theme})", width=width, height=height)
    assert axe(page) == []
    page.locator("#table summary").click()
    page.locator(".layer-head.hidden .layer-name").first.click()
    rest(page)
    assert axe(page) == []
    if size == "laptop":
        for name, opener in DIALOGS.items():
            page.locator(opener).first.click()
            page.wait_for_selector(f"dialog#{name}")
            assert axe(page) == [], name
            page.keyboard.press("Escape")
            expect(page.locator("dialog")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_sticks_out(open_page: Callable[..., Any], size: str) -> None:
    width, height = SIZES[size]
    page = open_page(width=width, height=height)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """width => [...document.querySelectorAll('main *, header *')].filter(node => {
             const box = node.getBoundingClientRect();
             return box.width && box.right > width + 1
               && !node.closest('.picture-scroll, .scroll, .hidden-text');
           }).map(node => node.outerHTML.slice(0, 80))""",
        width,
    )
    assert outside == []


def walk(page: Any) -> set[str]:
    """Tab through the page: everything that gets the focus is seen, and shows that it has it."""
    seen = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        name = page.evaluate(
            """() => {
                 const node = document.activeElement;
                 if (!node || node === document.body) return null;
                 const name = node.id || node.ariaLabel || node.textContent.slice(0, 20);
                 const shows = getComputedStyle(node).outlineStyle !== 'none';
                 const seen = node.getBoundingClientRect().width > 0;
                 return [name, seen, shows || node.matches('input, select')]; }"""
        )
        if name is None:
            break
        assert name[1], f"{name[0]} has the focus and is not seen"
        assert name[2], f"{name[0]} shows no focus"
        seen.add(name[0])
    return seen


def test_a_lesson_by_keyboard_alone(open_page: Callable[..., Any]) -> None:
    page = open_page()
    assert len(walk(page)) > 30
    page.locator("#skip").focus()
    page.keyboard.press("Enter")  # the link that leads to the picture
    until(page, "document.activeElement.className === 'stage'")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    selected = state(page, "view.selected")
    assert selected["unit"] >= 0
    page.keyboard.press("w")
    assert state(page, "view.selected.parameter").endswith(".W")
    page.keyboard.press("Enter")
    until(page, "document.activeElement.closest('#inspector') !== null")


def test_the_table_has_the_numbers_of_the_picture(open_page: Callable[..., Any]) -> None:
    page = open_page("s=(layers:!((type:Dense,units:3,activation:relu)))")
    page.keyboard.press("e")
    rest(page)
    page.locator("#table summary").click()
    page.wait_for_selector("#table tbody tr")
    rows = page.locator("#table tbody tr")
    expect(rows).to_have_count(3 + 3)
    texts = [rows.nth(i).locator("td").nth(2).inner_text() for i in range(3)]
    means = page.evaluate("[...hyalite.store.frame.arrays.a.unit_mean].slice(0, 3)")
    assert [float(text.replace("−", "-")) for text in texts] == pytest.approx(
        means, rel=1e-3, abs=1e-4
    )


def test_the_live_region_is_calm(open_page: Callable[..., Any]) -> None:
    page = open_page("s=(epochs:!n)")
    page.evaluate(
        """() => { window.spoken = []; new MutationObserver(() => spoken.push([performance.now(),
             document.getElementById('live').textContent])).observe(document.getElementById('live'),
             {childList: true, characterData: true, subtree: true}); }"""
    )
    page.evaluate(
        """async () => { const {announce} = await import('/announce.js');
             for (let i = 0; i < 50; i++) announce(`text ${i}`); }"""
    )
    page.wait_for_timeout(500)
    assert len(page.evaluate("spoken")) <= 1  # one text in four seconds, whoever spoke last


def test_reduced_motion_and_the_system_theme(open_page: Callable[..., Any]) -> None:
    page = open_page(color_scheme="dark", reduced_motion="reduce")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    moving = page.evaluate("document.getAnimations().length")
    assert moving == 0
    duration = page.evaluate(
        "getComputedStyle(document.getElementById('time-play')).transitionDuration"
    )
    assert duration in ("0s", "")


def test_the_browsers_language(open_page: Callable[..., Any]) -> None:
    page = open_page(locale="zh-CN")
    assert page.title() == "Hyalite 演练场"


def test_touch(open_page: Callable[..., Any]) -> None:
    page = open_page(width=360, height=740, has_touch=True, is_mobile=True)
    page.tap("#time-play")
    until(page, "hyalite.store.frame.header.runs.a.step > 0")
    page.tap("#time-play")
    rest(page)
    small = page.evaluate(
        """[...document.querySelectorAll('#time button, .stepper button')]
           .map(node => node.getBoundingClientRect())
           .filter(box => box.width && Math.min(box.width, box.height) < 36).length"""
    )
    assert small == 0
    stage = page.locator(".stage")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert header(page, "status") == "paused"
