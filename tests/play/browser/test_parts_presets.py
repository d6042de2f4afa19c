"""Questions: opened by mouse, by key and by link; hints, answers and repairs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.play.browser.steps import rest, until
from tests.play.test_presets import PRESETS

IN_ORDER = [preset["name"] for preset in sorted(PRESETS, key=lambda preset: preset["order"])]


@pytest.mark.long
def test_all_are_listed_and_one_is_opened_by_key(open_page: Any) -> None:
    page = open_page()
    page.locator("#presets button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".preset")
    listed = page.locator(".preset").evaluate_all("(all) => all.map((one) => one.dataset.preset)")
    assert listed == IN_ORDER
    page.locator(".preset[data-preset=no-hidden-layer]").focus()
    page.keyboard.press("Enter")
    until(page, "hyalite.store.description.data.kind === 'xor'")
    assert page.locator("#question").is_visible()
    assert page.evaluate("location.hash").find("no-hidden-layer") > 0


@pytest.mark.long
def test_each_opens_by_its_link(open_page: Any) -> None:
    page = open_page("preset=rate-too-low")
    for preset in PRESETS:
        page.evaluate("(name) => { location.hash = `#preset=${name}`; }", preset["name"])
        until(
            page,
            f"document.querySelector('#question').innerText.includes({preset['question']['en']!r})",
        )
        rest(page)
        assert page.evaluate("hyalite.store.state.run.message") == "", preset["name"]
        settings = page.evaluate("hyalite.store.description.settings")
        assert settings["data"]["kind"] == preset["settings"]["data"]["kind"]


def test_hint_answer_and_repairs_are_behind_a_key(open_page: Any) -> None:
    page = open_page("preset=rate-too-high")
    assert not page.locator("#question details p").first.is_visible()
    for summary in page.locator("#question summary").all():
        summary.focus()
        page.keyboard.press("Enter")
    assert page.locator("#question details p").first.is_visible()
    page.locator("#question .try").first.click()
    until(page, "hyalite.store.description.settings.optimizer.learning_rate < 0.5")
    page.locator("#question button", has_text="From the start").click()
    until(page, "hyalite.store.description.settings.optimizer.learning_rate >= 0.5")
    page.locator("#question button", has_text="Close").click()
    assert page.locator("#question").is_hidden()


def test_a_question_about_a_trained_network_offers_to_train_it(open_page: Any) -> None:
    page = open_page("preset=dead-relu")
    train = page.locator("#question .primary")
    train.click()
    until(page, "hyalite.store.frame.header.runs.a.epoch > 2")
    assert train.is_hidden()


@pytest.mark.long
def test_they_speak_the_pages_language(open_page: Any) -> None:
    page = open_page("preset=overfitting")
    page.evaluate("hyalite.store.change('view', { language: 'zh' })")
    until(page, "document.documentElement.lang === 'zh-CN'")
    question = next(p for p in PRESETS if p["name"] == "overfitting")["question"]["zh"]
    assert question in page.locator("#question").inner_text()
