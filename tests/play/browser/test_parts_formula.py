"""A number opens its formula; from there one goes on, and back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.play.browser.steps import until

OPEN = """(reference) => hyalite.store.emit("formula", reference)"""


@pytest.mark.long
def test_a_number_opens_its_formula_with_the_numbers(open_page: Any) -> None:
    page = open_page()
    page.evaluate(OPEN, {"array": "dense_1.y", "index": [0, 3]})
    page.wait_for_selector("#formula-dialog math")
    expect(page.locator(".formula-value")).to_contain_text("dense_1.y")
    expect(page.locator(".formula-value")).to_contain_text("forward")


def test_one_goes_on_to_what_it_is_made_of_and_back(open_page: Any) -> None:
    page = open_page()
    page.evaluate(OPEN, {"array": "dense_1.dW", "index": [0, 3]})
    page.wait_for_selector("#formula-dialog math")
    first = page.locator(".formula-value").inner_text()
    page.locator(".formula-ways section").first.locator("button").first.focus()
    page.keyboard.press("Enter")
    until(page, f"document.querySelector('.formula-value').innerText !== {first!r}")
    page.locator("#formula-dialog .buttons button").first.click()
    until(page, f"document.querySelector('.formula-value').innerText === {first!r}")
    page.keyboard.press("Escape")
    expect(page.locator("#formula-dialog")).to_have_count(0)


@pytest.mark.long
def test_a_number_that_is_no_part_of_the_step_says_so(open_page: Any) -> None:
    page = open_page(expected=["400"])
    page.evaluate(OPEN, {"array": "dense_9.y", "index": [0, 0]})
    page.wait_for_selector("#formula-dialog .warn")


def test_the_loss_is_the_sum_of_data_and_penalty(open_page: Any) -> None:
    page = open_page("preset=too-much-penalty")
    page.keyboard.press("e")
    until(page, "hyalite.store.frame?.header.runs.a.epoch === 1")
    until(page, "!document.querySelector('[data-figure=\"a.penalty\"]').innerText.includes('–')")
    data, penalty, total = (
        float(page.locator(f'[data-figure="a.{name}"]').inner_text())
        for name in ("data_loss", "penalty", "loss")
    )
    assert abs(data + penalty - total) < 2e-4
    expect(page.locator(".figures")).to_contain_text("not added")
    expect(page.locator("#loss-card")).to_contain_text("with the penalty")
    page.locator('[data-figure="a.loss"] button').click()
    page.wait_for_selector("#formula-dialog math")
    expect(page.locator(".formula-value")).to_contain_text("of the coming batch, 32 samples")
    expect(page.locator(".formula-text")).to_contain_text("total")
    expect(page.locator("#formula-dialog")).to_contain_text("mean over the last epoch")


def test_only_known_markup_is_copied(open_page: Any) -> None:
    # the browser says what its policy would have forbidden, had the text been put on the page
    page = open_page(expected=["Content Security Policy"])
    found = page.evaluate(
        """async () => {
            const { copied } = await import("/parts/formula.js");
            const box = document.createElement("div");
            box.append(...copied(`<p onclick="alert(1)" class="soft">a<script>alert(2)</script></p>
                <img src=x onerror=alert(3)><math><mi href="javascript:alert(4)">x</mi>
                <annotation-xml encoding="text/html"><img src=x></annotation-xml></math>
                <p><b>bold</b><span style="color:red">s</span></p>`));
            return box.innerHTML;
        }"""
    )
    for gone in ("onclick", "script", "img", "href", "annotation", "<b>", "style"):
        assert gone not in found, found
    assert '<p class="soft">a</p>' in found
    assert "<mi>x</mi>" in found
