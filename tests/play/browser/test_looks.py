"""Screenshots at three sizes, themes and languages; HYALITE_SCREENSHOTS=folder keeps them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.play.browser.steps import rest, until

SIZES = {"phone": (360, 740), "laptop": (1280, 800), "wall": (3840, 2160)}
STATE = "s=(layers:!((activation:tanh,type:Dense,units:8),(activation:relu,type:Dense,units:6)))"
COLOURS = """selector => {
  const canvas = document.querySelector(selector);
  const pixels = new Uint32Array(
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  return new Set(pixels).size;
}"""


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_look(
    open_page: Callable[..., Any], tmp_path: Path, size: str, theme: str, language: str
) -> None:
    width, height = SIZES[size]
    phone = {"has_touch": True, "is_mobile": True} if size == "phone" else {}
    look = f"{STATE}&v=(language:{language},theme:{theme})"
    page = open_page(look, width=width, height=height, **phone)
    page.locator("#time-play").click()
    until(page, "hyalite.store.frame.header.runs.a.epoch >= 60")
    page.locator("#time-play").click()
    rest(page)
    page.wait_for_timeout(800)
    folder = Path(os.environ.get("HYALITE_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{size}-{theme}-{language}.png", full_page=size == "phone")
    for selector in ("#output .below", "#picture"):
        page.locator(selector).first.scroll_into_view_if_needed()
        page.wait_for_timeout(100)
        assert page.evaluate(COLOURS, selector) > 40, f"{selector} shows nothing"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_comes_and_goes_moves_nothing(open_page: Callable[..., Any], language: str) -> None:
    page = open_page(f"v=(language:{language})")
    places = (
        "['bar', 'training', 'network'].map(id => { const box = "
        "document.getElementById(id).getBoundingClientRect(); return [box.top, box.height]; })"
    )
    page.keyboard.press("e")
    rest(page)
    before = page.evaluate(places)
    page.evaluate("hyalite.store.change('settings', { batch_size: 8 })")
    until(page, "document.querySelector('#counts .badge').hidden === false")
    page.evaluate("hyalite.store.change('run', { notice: 'The kernels are compiled.' })")
    until(page, "document.querySelector('#message').hidden === false")
    assert page.evaluate(places) == before
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    single = "[...document.querySelectorAll('#tools button')].every(b => b.offsetHeight < 48)"
    assert page.evaluate(single)
