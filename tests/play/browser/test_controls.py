"""Every control of the page by mouse and by keyboard: what the server then trains has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.play.browser.steps import control, header, rest, state, type_number, until

STEPS = {"sample": "s", "batch": "b", "epoch": "e"}


@pytest.mark.parametrize("way", ["mouse", "keys"])
def test_time(open_page: Callable[..., Any], way: str) -> None:
    page = open_page("s=(batch_size:100)")

    def do(name: str, key: str) -> None:
        if way == "keys":
            page.keyboard.press(key)
        else:
            page.click(f"#time-{name}")
        rest(page)

    assert header(page, "runs.a.step") == 0
    do("sample", "s")
    assert header(page, "runs.a.cursor.position") == 1
    assert header(page, "runs.a.step") == 0
    do("batch", "b")
    assert header(page, "runs.a.step") == 1
    do("epoch", "e")
    assert header(page, "runs.a.epoch") == 1
    first = page.evaluate("hyalite.store.frame.header.runs.a.figures.loss")
    do("reset", "r")
    assert header(page, "runs.a.step") == 0
    do("epoch", "e")
    assert page.evaluate("hyalite.store.frame.header.runs.a.figures.loss") == first
    do("play", "Space")
    until(page, "hyalite.store.frame.header.runs.a.epoch > 3")
    do("play", "Space")
    rest(page)
    epoch = header(page, "runs.a.epoch")
    page.wait_for_timeout(200)
    assert header(page, "runs.a.epoch") == epoch
    assert page.evaluate("hyalite.store.state.run.playing") is False


def test_frames_come_in_their_order_whatever_changes_meanwhile(
    open_page: Callable[..., Any],
) -> None:
    """Two are under way at a time; none is of a network that is gone."""
    page = open_page("s=(epochs:!n)")
    seen = "hyalite.store.on('frame', ({ header }) => seen.push([header.frame, header.generation]))"
    page.evaluate(f"() => {{ window.seen = []; {seen}; }}")
    page.keyboard.press("Space")
    for units in (3, 5, 2):
        page.evaluate("seen.length = 0")
        until(page, "seen.length > 10")
        layers = f"[{{ type: 'Dense', units: {units}, activation: 'tanh' }}]"
        page.evaluate(f"hyalite.store.change('settings', {{ layers: {layers} }})")
        until(page, f"hyalite.store.description.settings.layers[0].units === {units}")
    until(page, "hyalite.store.frame?.header.runs.a.step > 0")
    page.keyboard.press("Space")
    rest(page)
    frames = page.evaluate("seen")
    assert frames == sorted(frames)
    assert len({number for number, _ in frames}) == len(frames)
    assert not page.evaluate("hyalite.store.state.run.playing")


@pytest.mark.long
def test_the_goal_ends_playing(open_page: Callable[..., Any]) -> None:
    page = open_page("s=(epochs:3)")
    page.keyboard.press("Space")
    until(page, "hyalite.store.state.run.playing === false")
    assert header(page, "runs.a.epoch") == 3


def test_the_scrubber_goes_back_and_on(open_page: Callable[..., Any]) -> None:
    page = open_page()
    for _ in range(4):
        page.keyboard.press("e")
        rest(page)
    page.keyboard.press("e")
    loss = header(page, "runs.a.figures.loss")
    scrubber = page.locator("#scrubber-range")
    scrubber.focus()
    run = "hyalite.store.frame.header.runs.a"
    page.keyboard.press("Home")
    until(page, f"{run}.step == 0")
    page.keyboard.press("End")
    until(page, f"{run}.epoch == 5")
    assert header(page, "runs.a.figures.loss") == loss
    page.locator("body").click(position={"x": 2, "y": 400})
    page.keyboard.press(",")
    until(page, f"{run}.epoch < 5")
    page.keyboard.press(".")
    until(page, f"{run}.epoch == 5")


def test_layers_and_units_by_mouse(open_page: Callable[..., Any]) -> None:
    page = open_page("s=(layers:!((type:Dense,units:4,activation:relu)))")
    layers = control(page, "network.layers")
    layers.get_by_role("button").nth(1).click()
    assert len(state(page, "settings.layers")) == 2
    control(page, "network.units").get_by_role("button").nth(1).click()
    assert state(page, "settings.layers[0].units") == 5
    control(page, "network.units").get_by_role("button").nth(0).click()
    assert state(page, "settings.layers[0].units") == 4
    control(page, "network.activation").locator("select").select_option("tanh")
    assert state(page, "settings.layers[0].activation") == "tanh"
    for _ in range(2):
        layers.get_by_role("button").nth(0).click()
        rest(page)
    assert state(page, "settings.layers") == []
    assert header(page, "runs.a.maps.map(m => m.layer).length") == 1


def test_layers_and_units_by_keyboard(open_page: Callable[..., Any]) -> None:
    page = open_page("s=(layers:!((type:Dense,units:4,activation:relu)))")
    control(page, "network.layers").get_by_role("spinbutton").focus()
    page.keyboard.press("ArrowUp")
    assert len(state(page, "settings.layers")) == 2
    control(page, "network.units").get_by_role("spinbutton").focus()
    for _ in range(3):
        page.keyboard.press("ArrowUp")
        rest(page)  # the control is made anew and has the focus again
    assert state(page, "settings.layers[0].units") == 7
    control(page, "network.activation").locator("select").focus()
    page.keyboard.type("tanh")
    assert state(page, "settings.layers[0].activation") == "tanh"


def test_training_by_mouse(open_page: Callable[..., Any]) -> None:
    page = open_page()
    control(page, "training.loss").locator("select").select_option("MeanSquaredError")
    assert state(page, "settings.loss.type") == "MeanSquaredError"
    control(page, "training.optimizer").locator("select").select_option("SGD")
    assert state(page, "settings.optimizer.type") == "SGD"
    type_number(control(page, "training.optimizer.learning_rate").locator("input.digits"), "0.25")
    assert state(page, "settings.optimizer.learning_rate") == 0.25
    control(page, "training.schedule").locator("select").select_option("CosineDecay")
    assert state(page, "settings.optimizer.learning_rate.type") == "CosineDecay"
    assert state(page, "settings.optimizer.learning_rate.learning_rate") == 0.25
    control(page, "training.schedule").locator("select").select_option("null")
    assert state(page, "settings.optimizer.learning_rate") == 0.25
    control(page, "training.batch_size").locator("select").select_option("8")
    assert state(page, "settings.batch_size") == 8
    control(page, "training.batch_size").locator("select").select_option("null")
    assert state(page, "settings.batch_size") is None
    type_number(control(page, "training.seed").locator("input"), "7")
    assert state(page, "settings.seed") == 7
    control(page, "training.seed").locator("button").click()
    assert state(page, "settings.seed") == 8
    control(page, "training.stop").locator("label").click()
    assert state(page, "settings.stop.monitor") == "val_loss"
    assert state(page, "run.message") == ""


def test_training_by_keyboard(open_page: Callable[..., Any]) -> None:
    page = open_page()
    before = state(page, "settings.optimizer.learning_rate")
    control(page, "training.optimizer.learning_rate").locator("input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    assert state(page, "settings.optimizer.learning_rate") > before
    control(page, "training.optimizer").locator("select").focus()
    page.keyboard.type("SGD")
    assert state(page, "settings.optimizer.type") == "SGD"
    control(page, "training.stop").locator("input").focus()
    page.keyboard.press("Space")
    assert state(page, "settings.stop") is not None
    assert state(page, "run.playing") is False  # Space was the checkbox's


def test_space_plays_where_it_is_of_no_other_use(open_page: Callable[..., Any]) -> None:
    page = open_page("s=(epochs:!n)")
    kind = control(page, "data.kind")
    kind.get_by_text("moons").click()  # the choice is made, and has the focus
    assert state(page, "settings.data.kind") == "moons"
    for place in (
        kind.locator("input:checked"),
        control(page, "data.noise").locator("[type=range]"),
    ):
        place.focus()
        page.keyboard.press("Space")
        until(page, "hyalite.store.state.run.playing")
        page.keyboard.press("Space")
        until(page, "!hyalite.store.state.run.playing")
    assert state(page, "settings.data.kind") == "moons"


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_all_options_of_training(open_page: Callable[..., Any], optimizer: str) -> None:
    page = open_page(f"s=(optimizer:(type:{optimizer},learning_rate:0.1))")
    control(page, "training.more").click()
    known = set(
        page.evaluate(f"Object.keys(hyalite.store.catalog.optimizers.{optimizer}.arguments)")
    )
    shown = page.locator('#training-more [data-control^="optimizer."]').evaluate_all(
        "all => all.map(one => one.dataset.control.slice(10))"
    )
    assert {"learning_rate", *shown} >= {"momentum", "nesterov"} if optimizer == "SGD" else shown
    assert set(shown) <= known
    name, value = ("momentum", 0.9) if optimizer == "SGD" else ("beta_1", 0.5)
    type_number(control(page, f"optimizer.{name}").locator("input"), str(value))
    assert state(page, f"settings.optimizer.{name}") == value
    type_number(control(page, "training.epochs").locator("input"), "12")
    assert state(page, "settings.epochs") == 12
    control(page, "training.class_weight").locator("label").click()
    assert state(page, "settings.class_weight") == "balanced"
    control(page, "training.dtype").locator("select").select_option("float64")
    assert state(page, "settings.dtype") == "float64"
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('dialog')")
    assert state(page, "run.message") == ""


def test_all_options_of_a_layer(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.locator(".layer-head.hidden .layer-name").first.click()
    control(page, "layer.normalization").locator("select").select_option("BatchNormalization")
    assert state(page, "settings.layers[1].type") == "BatchNormalization"
    type_number(control(page, "layer.dropout").locator("input.digits"), "0.25")
    assert state(page, "settings.layers[2]") == {"type": "Dropout", "rate": 0.25}
    control(page, "layer.l2").locator("select").select_option("0.01")
    assert state(page, "settings.layers[0].l2") == 0.01
    control(page, "layer.l1").locator("select").select_option("0.001")
    assert state(page, "settings.layers[0].l1") == 0.001
    control(page, "layer.initializer").locator("select").select_option("zeros")
    assert state(page, "settings.layers[0].initializer") == "zeros"
    units = state(page, "settings.layers[0].units")
    page.locator("#inspector .actions button").first.click()
    layers = state(page, "settings.layers")
    assert [layer["type"] for layer in layers][:4] == [
        "Dense",
        "BatchNormalization",
        "Dropout",
        "Dense",
    ]
    assert layers[3]["units"]
    page.locator(".layer-head.hidden .layer-name").first.click()
    page.locator("#inspector .actions button").last.click()
    assert state(page, "settings.layers[0].type") == "Dense"
    assert len(state(page, "settings.layers")) == len(layers) - 3
    assert units


def test_what_is_refused_says_so_where_it_is(open_page: Callable[..., Any]) -> None:
    page = open_page(expected=["400"])
    page.evaluate("hyalite.store.change('settings', {batch_size: -1})")
    rest(page)
    expect(page.locator("#message")).to_contain_text("batch_size")
    assert "wrong" in (control(page, "training.batch_size").get_attribute("class") or "")
    page.evaluate("hyalite.store.change('settings', {batch_size: 16})")
    rest(page)
    expect(page.locator("#message")).to_be_hidden()


def test_output_switches(open_page: Callable[..., Any]) -> None:
    page = open_page()
    control(page, "output.test").locator("label").click()
    assert state(page, "view.showTest") is True
    control(page, "output.hard").locator("input").focus()
    page.keyboard.press("Space")
    assert state(page, "view.discretize") is True


def test_the_bar(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.click("#tool-language")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    expect(page.locator("#output h2")).to_have_text("输出")
    page.keyboard.press("l")
    expect(page.locator("#output h2")).to_have_text("Output")
    page.click("#tool-theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.keyboard.press("?")
    expect(page.locator("#keys kbd").nth(10)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.click("#tool-help")
    page.locator("#keys header button").click()
    until(page, "!document.querySelector('dialog')")
    page.keyboard.press("f")
    expect(page.locator("#meter")).to_be_visible()
    page.click("#tool-full")
    assert state(page, "view.wall") is True
    expect(page.locator("#training")).to_be_hidden()
    page.keyboard.press("w")
    assert state(page, "view.wall") is False


@pytest.mark.long
def test_speed(open_page: Callable[..., Any]) -> None:
    page = open_page("s=(epochs:!n)")
    control(page, "time.speed").locator("select").select_option("1")
    page.keyboard.press("Space")
    page.wait_for_timeout(1500)
    page.keyboard.press("Space")
    assert header(page, "runs.a.epoch") <= 3
    control(page, "time.speed").locator("select").select_option("null")
    page.keyboard.press("Space")
    until(page, "hyalite.store.frame.header.runs.a.epoch > 20")


def test_two_runs(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.click("#tool-compare")
    control(page, "compare.what").locator("select").select_option("rate")
    control(page, "compare.value").locator("select").select_option("1")
    page.locator("#compare .primary").click()
    assert state(page, "settings.compare.optimizer.learning_rate") == 1
    expect(page.locator('.plot[data-run="b"]')).to_be_visible()
    page.keyboard.press("e")
    assert header(page, "runs.b.epoch") == header(page, "runs.a.epoch") == 1
    assert header(page, "runs.b.figures.loss") != header(page, "runs.a.figures.loss")
    page.get_by_role("radio", name="B", exact=True).check(force=True)
    assert state(page, "view.run") == "b"
    cards = page.locator("#charts h2").all_inner_texts()
    assert cards, "the cards below show the run of the picture, and say so"
    assert all(title.endswith(" B") for title in cards)
    page.click("#tool-compare")
    page.locator("#compare .actions button").last.click()
    assert state(page, "settings.compare") is None
    expect(page.locator('.plot[data-run="b"]')).to_be_hidden()


def test_a_teacher_hides_controls(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.click("#tool-teacher")
    page.locator("#teacher").get_by_text("Learning rate", exact=True).click()
    assert state(page, "view.hidden") == ["training.optimizer.learning_rate"]
    link = page.locator("#teacher input.link").input_value()
    page.keyboard.press("Escape")
    expect(control(page, "training.optimizer.learning_rate")).to_be_hidden()
    assert "hidden:!(training.optimizer.learning_rate)" in link
    other = open_page(link.split("#")[1])
    expect(control(other, "training.optimizer.learning_rate")).to_be_hidden()
    expect(control(other, "training.loss")).to_be_visible()
