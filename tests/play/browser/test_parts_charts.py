"""The charts have the library's numbers, and are moved along by keys."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

import hyalite as hy
from tests.play.browser.steps import header, until

EPOCHS = 12


def trained(page: Any) -> None:
    """Some epochs, by the page's own buttons for it."""
    page.evaluate(f"hyalite.act('epoch', {{ count: {EPOCHS} }})")
    until(page, f"hyalite.store.frame.header.runs.a.epoch === {EPOCHS}")
    canvas = page.locator("#loss-card canvas").first
    canvas.scroll_into_view_if_needed()  # what is not seen is not drawn
    expect(canvas).to_have_attribute("aria-valuemax", str(EPOCHS))


def library() -> hy.Sequential:
    """What the page's defaults are, trained here."""
    x, y = hy.datasets.spiral(100, 3, noise=0.1)
    test = hy.datasets.spiral(100, 3, seed=1, noise=0.1)
    model = hy.Sequential([*(hy.Dense(8, "relu") for _ in range(3)), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(0.01), metrics=["accuracy"], engine="numpy")
    model.fit(x, y, batch_size=32, epochs=EPOCHS, validation_data=test, seed=0, verbose=0)
    return model


def test_losses_and_accuracies_are_those_of_the_library(open_page: Any) -> None:
    page = open_page()
    trained(page)
    history = library().history
    canvas = page.locator("#loss-card canvas").first
    canvas.focus()
    page.keyboard.press("End")
    for epoch in (EPOCHS, EPOCHS - 1):
        said = canvas.get_attribute("aria-valuetext")
        numbers = [float(n) for n in re.findall(r"\d+\.\d+", said)]
        expected = [float(f"{history[name][epoch - 1]:.4g}") for name in ("loss", "val_loss")]
        assert numbers == expected, said
        assert f"epoch {epoch}" in said
        page.keyboard.press("ArrowLeft")


@pytest.mark.long
def test_enter_goes_back_to_an_epoch(open_page: Any) -> None:
    page = open_page()
    trained(page)
    canvas = page.locator("#loss-card canvas").first
    canvas.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    until(page, "hyalite.store.frame.header.runs.a.epoch < 3")


@pytest.mark.long
def test_the_confusion_matrix_counts_all_and_agrees_with_the_accuracy(open_page: Any) -> None:
    page = open_page(height=2400)
    trained(page)
    cells = page.locator(".confusion td")
    counts = [int(text) if text.isdigit() else 0 for text in cells.all_inner_texts()]
    assert len(counts) == 9
    assert sum(counts) == 300
    model = library()
    right = round(model.history["val_accuracy"][-1] * 300)
    assert counts[0] + counts[4] + counts[8] == right
    expect(page.locator(".confusion caption")).to_contain_text(f"{right} of 300 right")


def test_figures_go_back_and_forth_with_the_scrubber(open_page: Any) -> None:
    page = open_page()
    trained(page)
    canvas = page.locator("#loss-card canvas").first
    last = "document.querySelector('#loss-card canvas').getAttribute('aria-valuemax') === '{}'"
    scrubber = page.locator("#scrubber-range")
    scrubber.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    epoch = header(page, "runs.a.epoch")
    assert 0 < epoch < EPOCHS
    until(page, last.format(epoch))
    page.keyboard.press("End")
    until(page, last.format(EPOCHS))
    assert header(page, "runs.a.epoch") == EPOCHS
    canvas.focus()
    page.keyboard.press("Home")
    expect(canvas).to_have_attribute("aria-valuetext", re.compile("^epoch 1;"))


@pytest.mark.long
def test_histograms_have_a_row_for_each_layer_and_say_their_range(open_page: Any) -> None:
    page = open_page(height=2400)
    trained(page)
    rows = page.locator(".histograms tbody tr")
    expect(rows).to_have_count(4)
    names = [
        label.split(",")[0]
        for label in (picture.get_attribute("aria-label") for picture in rows.locator("svg").all())
    ]
    assert names == [f"dense_{n}" for n in (1, 2, 3, 4) for _ in range(3)]
    weights = library().layers[0].W
    said = rows.first.locator("svg").first.get_attribute("aria-label")
    low, high = (float(n.replace("−", "-")) for n in re.findall(r"−?\d+\.?\d*", said.split(":")[1]))
    assert abs(low - weights.min()) < 0.05 * abs(weights.min())
    assert abs(high - weights.max()) < 0.05 * abs(weights.max())


@pytest.mark.long
def test_the_scale_of_the_loss_is_switched_by_key(open_page: Any) -> None:
    page = open_page()
    trained(page)
    page.locator("#loss-card input[type=radio]").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#loss-card input[type=radio]").nth(1)).to_be_checked()


@pytest.mark.long
def test_charts_of_the_plane_are_hidden_for_a_curve(open_page: Any) -> None:
    page = open_page("s=(data:(kind:sine))")
    for name in ("confusion", "field", "hidden"):
        expect(page.locator(f"[data-control='charts.{name}']")).to_be_hidden()
