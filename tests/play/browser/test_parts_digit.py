"""A digit that is drawn: what was seen, its maps and probabilities, by mouse and by keyboard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.play.browser.steps import rest, until

PICTURES = (
    "s=(data:(kind:mnist,samples:1000,test_samples:200),layers:!((type:Conv2D,filters:4,kernel_size:5,"
    "activation:relu),(type:MaxPooling2D)),batch_size:50)"
)
PIXELS = """(canvas) => Array.from(
    canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
).filter((_, n) => n % 4 === 0)"""


def opened(open_page: Any) -> Any:
    page = open_page(PICTURES, height=1400)
    page.evaluate("hyalite.act('epoch', { count: 1 })")
    until(page, "hyalite.store.frame.header.runs.a.epoch >= 1")
    return page


def draw_one(page: Any, across: float, down: float) -> None:
    """A stroke from the top of the sheet, and wait until it is read; shares of its sides."""
    box = page.locator(".pad").bounding_box()
    x = box["x"] + across * box["width"]
    page.mouse.move(x, box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(x, box["y"] + down * box["height"], steps=12)
    page.mouse.up()
    page.wait_for_selector(".probabilities li")


def test_a_stroke_is_seen_centred_and_named(open_page: Any) -> None:
    page = opened(open_page)
    draw_one(page, 0.2, 0.5)  # far up and to the left: centring is what brings it to the middle
    expect(page.locator(".digit-said")).to_contain_text("It reads 1.")
    pixels = np.array(page.locator("canvas.seen").evaluate(PIXELS)).reshape(28, 28)
    rows, columns = np.nonzero(pixels > 40)
    assert 19 <= np.ptp(rows) + 1 <= 21
    assert abs(columns.mean() - 13.5) < 1.5
    shares = [
        float(text.rstrip(" %")) for text in page.locator(".probability-value").all_inner_texts()
    ]
    assert len(shares) == 10
    assert abs(sum(shares) - 100) < 0.6
    assert page.locator(".layer-pictures canvas.map").count() >= 8  # of two layers


def test_a_drawing_is_read_again_when_pictures_are_back(open_page: Any) -> None:
    page = opened(open_page)
    draw_one(page, 0.5, 0.7)
    # the picture of the network shows the drawing, not its own sample
    page.evaluate("hyalite.act('batch')")
    rest(page)
    assert page.evaluate("'seen' in hyalite.store.frame.arrays.a") is False
    for kind in ("moons", "mnist"):
        page.locator(f"#data input[value={kind}]").locator("..").click()
        until(page, f"hyalite.store.description.data.kind === '{kind}'")
    page.wait_for_selector(".probabilities li")
    expect(page.locator(".digit-said")).to_contain_text("It reads")
    page.locator("#digit button", has_text="Clear").first.click()
    until(page, "hyalite.store.frame !== null && 'seen' in hyalite.store.frame.arrays.a")


@pytest.mark.long
def test_it_is_drawn_by_arrow_keys_and_cleared(open_page: Any) -> None:
    page = opened(open_page)
    page.locator(".pad").focus()
    for key in ("ArrowUp",) * 6 + (" ",) + ("ArrowDown",) * 12 + (" ",):
        page.keyboard.press(key)
    page.wait_for_selector(".probabilities li")
    page.keyboard.press("Delete")
    until(page, "document.querySelectorAll('.probabilities li').length === 0")
    expect(page.locator(".digit-said")).to_contain_text("Draw")


@pytest.mark.long
def test_test_pictures_are_shown_with_their_labels(open_page: Any) -> None:
    page = opened(open_page)
    page.locator("[data-control='digit.test']").click()
    page.wait_for_selector(".probabilities li")
    expect(page.locator(".digit-said")).to_contain_text("the label says 7")


@pytest.mark.long
def test_touch_draws_and_does_not_scroll(open_page: Any) -> None:
    page = open_page(PICTURES, width=390, height=800, has_touch=True, is_mobile=True)
    action = page.locator(".pad").evaluate("(pad) => getComputedStyle(pad).touchAction")
    assert action == "none"
