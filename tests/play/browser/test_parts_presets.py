"""Questions: opened by mouse, by key and by link; hints, answers and repairs."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

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
    expect(page.locator("#question")).to_be_visible()
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
    expect(page.locator("#question details p").first).to_be_hidden()
    for summary in page.locator("#question summary").all():
        summary.focus()
        page.keyboard.press("Enter")
    expect(page.locator("#question details p").first).to_be_visible()
    page.locator("#question .try").first.click()
    until(page, "hyalite.store.description.settings.optimizer.learning_rate < 0.5")
    page.locator("#question button", has_text="From the start").click()
    until(page, "hyalite.store.description.settings.optimizer.learning_rate >= 0.5")
    page.locator("#question button", has_text="Close").click()
    expect(page.locator("#question")).to_be_hidden()


def test_what_differs_is_told_with_the_answer(open_page: Any) -> None:
    page = open_page("preset=momentum")
    until(page, "hyalite.store.description.runs.b !== undefined")
    expect(page.locator(".difference")).to_be_hidden()
    page.locator("#question summary").last.click()
    until(page, "!document.querySelector('.difference').hidden")
    page.locator("#question button", has_text="Close").click()
    expect(page.locator("#question")).to_be_hidden()
    until(page, "hyalite.store.state.settings.epochs === 300")
    expect(page.locator(".difference")).to_be_visible()


def test_a_question_about_a_trained_network_offers_to_train_it(open_page: Any) -> None:
    page = open_page("preset=dead-relu")
    train = page.locator("#question .primary")
    train.click()
    until(page, "hyalite.store.frame.header.runs.a.epoch > 2")
    expect(train).to_be_hidden()


@pytest.mark.parametrize("name", ["dead-relu", "too-much-penalty"])
def test_a_repair_and_the_start_begin_anew(open_page: Any, name: str) -> None:
    page = open_page(f"preset={name}")
    train, badge = page.locator("#question .primary"), page.locator("#counts .badge")
    first = page.evaluate("hyalite.store.frame.arrays.a.theta[0]")
    page.locator("#question summary").last.click()
    for button in (page.locator("#question .try").first, page.locator("#question .quiet").first):
        train.click()
        until(page, "hyalite.store.frame.header.runs.a.epoch > 2")
        button.click()
        until(page, "hyalite.store.frame?.header.runs.a.step === 0")
        rest(page)
        assert page.evaluate("hyalite.store.frame.header.runs.a.step") == 0
        assert page.evaluate("hyalite.store.frame.arrays.a.theta[0]") == first
        expect(train).to_be_visible()
        expect(badge).to_be_hidden()
    # what is changed by hand still goes on
    train.click()
    until(page, "hyalite.store.frame.header.runs.a.epoch > 2")
    page.evaluate("hyalite.store.change('settings', { batch_size: 8 })")
    until(page, "document.querySelector('#counts .badge').hidden === false")
    page.locator("#question .quiet").first.click()
    until(page, "document.querySelector('#counts .badge').hidden === true")
    assert page.evaluate("hyalite.store.description.settings.batch_size") == 32


def test_show_test_data_says_what_is_shown(open_page: Any) -> None:
    page = open_page("preset=leak")
    box = page.locator('[data-control="output.test"] input')
    ring = page.locator("#output .mark.outlined")
    expect(box).to_be_checked()
    expect(ring).to_be_visible()
    box.uncheck()
    until(page, "hyalite.store.state.view.showTest === false")
    expect(ring).to_be_hidden()
    page.locator("#question .quiet").first.click()
    until(page, "hyalite.store.state.view.showTest === true")
    expect(box).to_be_checked()
    page.evaluate("location.hash = '#preset=dead-relu'")
    until(page, "hyalite.store.state.view.showTest === false")
    expect(box).not_to_be_checked()


@pytest.mark.long
def test_they_speak_the_pages_language(open_page: Any) -> None:
    page = open_page("preset=overfitting")
    page.evaluate("hyalite.store.change('view', { language: 'zh' })")
    until(page, "document.documentElement.lang === 'zh-CN'")
    question = next(p for p in PRESETS if p["name"] == "overfitting")["question"]["zh"]
    expect(page.locator("#question")).to_contain_text(question)
