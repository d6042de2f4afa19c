"""The data panel: every control by mouse and by keyboard; painting; tables that are dropped."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.play.browser.steps import until

HOSTILE = "<img src=x onerror=alert(1)>,label\n1.0,<b>a</b>\n2.0,b\n3.0,<b>a</b>\n4.0,b\n"
DROP = """([text, name]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    for (const kind of ["dragover", "drop"]) {
        document.dispatchEvent(new DragEvent(kind, {
            dataTransfer: data, bubbles: true, cancelable: true,
        }));
    }
}"""


def settings(page: Any) -> dict[str, Any]:
    return page.evaluate("hyalite.store.state.settings")


def wait_for(page: Any, condition: str) -> None:
    """Until an expression over `settings` and `store` holds."""
    until(page, f"(({{ store }}) => (({{ settings }}) => {condition})(store.state))(hyalite)")


@pytest.mark.long
@pytest.mark.parametrize("kind", ["circles", "moons", "blobs", "xor", "vertical", "sine", "spiral"])
def test_each_kind_is_chosen_by_mouse(open_page: Any, kind: str) -> None:
    page = open_page("s=(data:(kind:xor))" if kind == "spiral" else "")
    page.locator(f"#data input[value={kind}]").locator("..").click()
    wait_for(page, f"store.description.data.kind === '{kind}'")
    expect(page.locator(f"#data input[value={kind}]")).to_be_checked()


def test_the_output_is_there_after_pictures(open_page: Any) -> None:
    page = open_page()
    for kind in ("mnist", "circles"):
        page.locator(f"#data input[value={kind}]").locator("..").click()
        wait_for(page, f"store.description.data.kind === '{kind}'")
    until(page, "document.querySelector('#output .below').width > 1")
    wait_for(page, "store.frame !== null && 'region' in store.frame.arrays.a")


def test_inputs_stay_with_another_plane(open_page: Any) -> None:
    page = open_page("s=(data:(features:!(x1,'x2^2'),kind:circles))")
    page.locator("#data input[value=xor]").locator("..").click()
    wait_for(page, "settings.data.kind === 'xor' && settings.data.features.join() === 'x1,x2^2'")


def test_pictures_get_layers_that_suit_where_nobody_chose_others(open_page: Any) -> None:
    page = open_page()
    units = "settings.layers.map(layer => layer.units).join()"
    for kind, expected in (("mnist", "64,32"), ("spiral", "8,8,8")):
        page.locator(f"#data input[value={kind}]").locator("..").click()
        wait_for(page, f"settings.data.kind === '{kind}' && {units} === '{expected}'")
    page.evaluate("hyalite.store.change('settings', {layers: [{type: 'Dense', units: 5}]})")
    page.locator("#data input[value=mnist]").locator("..").click()
    wait_for(page, f"settings.data.kind === 'mnist' && {units} === '5'")


@pytest.mark.long
def test_kinds_are_chosen_by_arrow_keys(open_page: Any) -> None:
    page = open_page()
    page.locator("#data input[value=spiral]").focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, "settings.data.kind === 'circles'")


@pytest.mark.long
def test_noise_classes_and_new_points(open_page: Any) -> None:
    page = open_page()
    noise = page.locator("[data-control='data.noise'] input[type=range]")
    noise.focus()
    page.keyboard.press("Home")
    wait_for(page, "settings.data.noise === 0")
    page.locator("[data-control='data.noise'] input.digits").fill("0.35")
    page.keyboard.press("Enter")
    wait_for(page, "settings.data.noise === 0.35")
    page.locator("[data-control='data.classes'] [role=spinbutton]").focus()
    page.keyboard.press("ArrowUp")
    wait_for(page, "settings.data.classes === 4")
    page.locator("[data-control='data.classes'] button").last.click()
    wait_for(page, "store.description.data.classes.length === 5")
    seeds = [settings(page)["data"][name] for name in ("seed", "test_seed")]
    page.locator("[data-control='data.seed'] button").click()
    wait_for(page, f"settings.data.seed !== {seeds[0]} && settings.data.test_seed !== {seeds[1]}")


@pytest.mark.long
def test_inputs_are_added_by_key(open_page: Any) -> None:
    page = open_page("s=(data:(kind:xor),layers:!())")
    page.locator("#data .feature", has_text="x₁·x₂").locator("input").focus()
    page.keyboard.press("Space")
    wait_for(page, "settings.data.features.includes('x1*x2')")
    wait_for(page, "store.description.runs.a.parameters[0].shape[0] === 3")


def stroke(page: Any, height: float) -> None:
    """From left to right over the picture, at a share of its height."""
    box = page.locator("#output canvas").first.bounding_box()
    y = box["y"] + height * box["height"]
    page.mouse.move(box["x"] + 0.1 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], y, steps=25)
    page.mouse.up()


def tool(page: Any, name: str) -> None:
    page.locator("[data-control='data.paint'] label", has_text=name).first.click()


def test_points_are_painted_and_erased(open_page: Any) -> None:
    page = open_page("s=(data:(kind:sine))")
    page.locator("#data input[value=points]").locator("..").click()
    wait_for(page, "store.description.data.kind === 'points'")
    for brush, height in ((0, 0.3), (1, 0.7)):
        page.locator(".brush").nth(brush).click()
        stroke(page, height)
        wait_for(page, f"settings.data.points.filter((p) => p[2] === {brush}).length > 20")
    wait_for(page, "store.description.data.training > 40")
    count = len(settings(page)["data"]["points"])
    tool(page, "Erase")
    stroke(page, 0.5)
    stroke(page, 0.3)
    wait_for(page, f"settings.data.points.length < {count}")


@pytest.mark.long
def test_a_clean_sheet_is_trained_on_once_there_are_enough(open_page: Any) -> None:
    page = open_page("s=(data:(kind:sine))")
    page.locator("#data input[value=points]").locator("..").click()
    wait_for(page, "store.description.data.kind === 'points'")
    page.locator("[data-control='data.paint'] button", has_text="Clear").click()
    expect(page.locator("[data-control='data.paint']")).to_contain_text("0 points")
    for n in range(5):
        page.locator(".brush").nth(n % 2).click()
        for place, value in enumerate((0.1 * n, 0.2)):
            page.locator("[data-control='data.add'] input").nth(place).fill(str(value))
        page.locator("[data-control='data.add'] button").focus()
        page.keyboard.press("Enter")
    wait_for(page, "settings.data.points.length === 5")
    assert settings(page)["data"]["points"][3] == [0.3, 0.2, 1]


@pytest.mark.long
def test_points_of_a_formula_become_painted_ones(open_page: Any) -> None:
    page = open_page()
    tool(page, "Paint")
    wait_for(page, "settings.data.kind === 'points' && settings.data.points.length === 600")


def table(rows: int = 60) -> str:
    lines = [f"{n % 7}.5,{n % 5},{'yes' if n % 7 > n % 5 else 'no'}" for n in range(rows)]
    return "\n".join(["width,height,sold", *lines, ""])


def test_a_table_is_dropped(open_page: Any) -> None:
    page = open_page()
    page.evaluate(DROP, [table(), "shop.csv"])
    wait_for(page, "store.description.data.kind === 'table'")
    expect(page.locator("#data")).to_contain_text("shop.csv: 60 rows, 3 columns")
    assert settings(page)["data"]["target"] == "sold"
    page.locator(".own-table select").first.select_option("height")
    wait_for(page, "settings.data.target === 'height'")


@pytest.mark.long
def test_what_a_table_says_is_text(open_page: Any) -> None:
    page = open_page()
    page.evaluate(DROP, [HOSTILE, "<img src=x onerror=alert(2)>.csv"])
    page.wait_for_timeout(700)
    expect(page.locator("#data img, #data b")).to_have_count(0)


@pytest.mark.long
@pytest.mark.parametrize("name", ["run.exe", "model.pkl", "table.xlsx"])
def test_other_files_are_refused_by_name(open_page: Any, name: str) -> None:
    page = open_page()
    page.evaluate(DROP, ["x", name])
    until(page, "hyalite.store.state.run.message !== ''")
    assert name in page.evaluate("hyalite.store.state.run.message")
