"""What stands on the page is what the library computes from the same settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from hyalite.play.run import run_of
from tests.play.browser.steps import control, header, rest, state, until

STATES = {
    "spiral": "s=(layers:!((activation:tanh,type:Dense,units:6),(rate:0.2,type:Dropout)),seed:3)",
    "sine": "s=(data:(kind:sine),layers:!((activation:tanh,type:Dense,units:8)),"
    "optimizer:(learning_rate:0.1,momentum:0.9,type:SGD))",
}


def shown(text: str) -> float:
    return float(text.replace("−", "-").replace("%", "").replace(",", ""))


@pytest.mark.parametrize("kind", STATES)
def test_figures_and_weights_after_three_epochs(open_page: Callable[..., Any], kind: str) -> None:
    page = open_page(STATES[kind])
    for _ in range(3):
        page.keyboard.press("e")
        rest(page)
    run = run_of(state(page, "settings"))
    run.train(3)
    history = {name: values[-1] for name, values in run.model.history.history.items()}
    figures = header(page, "runs.a.figures")
    for name in ("loss", "val_loss"):
        assert figures[name] == pytest.approx(history[name], rel=1e-6), name
        figure = f"document.querySelector('[data-figure=\"a.{name}\"]').innerText"
        near = 6e-5 + 6e-3 * history[name]
        until(page, f"Math.abs(parseFloat({figure}) - {history[name]}) < {near}")
    theta = np.array(page.evaluate("[...hyalite.store.frame.arrays.a.theta]"), np.float32)
    np.testing.assert_array_equal(theta, run.model.theta)


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_every_input_has_a_tile_with_its_name(open_page: Callable[..., Any], width: int) -> None:
    page = open_page("s=(data:(features:!(x1,'x2^2','sin(x1)'),kind:spiral))")
    page.set_viewport_size({"width": width, "height": 800})
    page.wait_for_timeout(300)
    input_, hidden, *_ = page.evaluate(
        """async () => {
            const { layout } = await import("/layout.js");
            const room = document.querySelector(".stage").parentElement.clientWidth;
            return layout(hyalite.store.description, "a", room, 400, 16).columns;
        }"""
    )
    assert input_["names"] == ["x1", "x2^2", "sin(x1)"]
    assert input_["count"] == page.evaluate(
        "hyalite.store.description.runs.a.parameters[0].shape[0]"
    )
    for tile in input_["tiles"]:
        name = 6 + max(11, 0.36 * tile["side"]) * 0.6 * len("sin x₁")
        assert tile["x"] >= name, "the name left of it is not cut"
        assert tile["x"] + tile["side"] < hidden["tiles"][0]["x"]


def test_a_weight_that_is_clicked(open_page: Callable[..., Any]) -> None:
    page = open_page(STATES["spiral"])
    page.keyboard.press("b")
    rest(page)
    page.evaluate(
        "hyalite.store.change('view', {selected: {parameter: 'dense_1.W', index: [1, 2]}})"
    )
    page.wait_for_selector("#inspector dd")
    value = page.evaluate(
        "(() => { const place = hyalite.store.description.runs.a.parameters[0];"
        " return hyalite.store.frame.arrays.a.theta[place.offset + 1 * place.shape[1] + 2]; })()"
    )
    rows = {
        name: shown(page.locator(f'#inspector [data-value="inspect.{name}"]').inner_text())
        for name in ("value", "gradient", "update", "after")
    }
    assert rows["value"] == pytest.approx(value, rel=1e-3)
    assert rows["after"] == pytest.approx(rows["value"] + rows["update"], abs=2e-4)
    assert rows["gradient"] * rows["update"] <= 0, "a step goes against the gradient"
    box = control(page, "network.edit").locator("input")
    box.fill("0.5")
    box.press("Enter")
    box.blur()
    until(page, "hyalite.store.frame?.arrays.a.theta[1 * 6 + 2] === 0.5")
    assert header(page, "runs.a.reproducible") is False
    expect(page.locator(".badge")).to_be_visible()


def test_a_unit_by_a_click_in_the_picture(open_page: Callable[..., Any]) -> None:
    page = open_page(STATES["spiral"])
    page.keyboard.press("e")
    rest(page)
    stage = page.locator(".stage").bounding_box()
    head = page.locator(".layer-head.hidden").first.bounding_box()
    x = head["x"] + head["width"] / 2
    found = None
    for share in (0.1, 0.2, 0.3, 0.35, 0.4, 0.45, 0.5):
        page.mouse.click(x, stage["y"] + stage["height"] * share)
        found = state(page, "view.selected")
        if found and "unit" in found:
            break
    assert found is not None
    assert found["layer"] == "dense_1"
    page.wait_for_selector("#inspector .bars")
    mean = shown(page.locator('#inspector [data-value="inspect.mean"]').inner_text())
    expected = page.evaluate(f"hyalite.store.frame.arrays.a.unit_mean[{found['unit']}]")
    assert mean == pytest.approx(expected, rel=2e-3, abs=1e-4)
