"""Axe finds nothing serious in the parts: their cards, dialogs, and what is drawn by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.play.browser.steps import rest


def trained(page: Any, epochs: int) -> None:
    page.evaluate(f"hyalite.act('epoch', {{ count: {epochs} }})")
    rest(page)


@pytest.mark.long
@pytest.mark.parametrize(
    ("theme", "language", "width"), [("light", "en", 1280), ("dark", "zh", 360)]
)
def test_charts_and_dialogs(
    open_page: Callable[..., Any],
    axe: Callable[[Any], list[str]],
    theme: str,
    language: str,
    width: int,
) -> None:
    state = f"preset=overfitting&v=(theme:{theme},language:{language})"
    page = open_page(state, width=width, height=2400)
    page.evaluate(f"hyalite.store.change('view', {{ theme: '{theme}', language: '{language}' }})")
    trained(page, 30)
    assert axe(page) == []
    for name in ("presets", "export"):
        page.locator(f"#{name} button").first.click()
        page.wait_for_selector(f"#{name}-dialog button")
        assert axe(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
    page.evaluate("hyalite.store.emit('formula', { array: 'dense_1.dW', index: [0, 3] })")
    page.wait_for_selector("#formula-dialog math")
    assert axe(page) == []


@pytest.mark.long
def test_a_digit_and_painted_points(
    open_page: Callable[..., Any], axe: Callable[[Any], list[str]]
) -> None:
    page = open_page("s=(data:(kind:mnist,samples:500,test_samples:200))", height=2000)
    page.locator("[data-control='digit.test']").click()
    page.wait_for_selector(".probabilities li")
    assert axe(page) == []
    page = open_page(height=2000)
    page.locator("[data-control='data.paint'] label").nth(1).click()
    rest(page)
    assert axe(page) == []
