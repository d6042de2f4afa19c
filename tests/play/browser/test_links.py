"""The address holds the whole state: written, read again, spoiled, given to another page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.play.browser.steps import control, header, rest, state, until

STATE = (
    "s=(batch_size:8,compare:(seed:3),data:(classes:4,kind:blobs),"
    "layers:!((activation:tanh,type:Dense,units:5),(rate:0.2,type:Dropout)),"
    "optimizer:(learning_rate:(decay:0.001,learning_rate:0.5,type:InverseTimeDecay),momentum:0.9,type:SGD))"
    "&v=(hidden:!(data.noise),showTest:!t,theme:dark)"
)
VALUES = [
    {"a": 1, "b": [True, False, None, -0.5, 1e-7, 1e21], "c": {"d": "x1*x2"}},
    {"text": "it's (a: b, c)! & 50 % of 'it' #?=+", "empty": "", "中文": "好"},
    {"number": "12", "yes": "true", "list": [], "object": {}, "deep": [[[{"a": []}]]]},
]


def test_rison_comes_back_as_it_went(open_page: Callable[..., Any]) -> None:
    page = open_page()
    for value in VALUES:
        script = (
            "async v => { const link = await import('/link.js');"
            " return link.parse(link.encode(v)); }"
        )
        assert page.evaluate(script, value) == value
    for spoiled in ["(", "(a:1", "!(", "'", "(a)", ")", "a:b)", "!x", ""]:
        script = (
            "async t => { const link = await import('/link.js');"
            " try { return link.parse(t) } catch (e) { return e.name } }"
        )
        assert page.evaluate(script, spoiled) == "SyntaxError", spoiled


def test_a_state_comes_back_from_its_address(open_page: Callable[..., Any]) -> None:
    page = open_page(STATE)
    settings, view = state(page, "settings"), state(page, "view")
    assert settings["data"]["classes"] == 4
    assert settings["optimizer"]["momentum"] == 0.9
    assert view["theme"] == "dark"
    assert "key=" not in page.url
    again = open_page(page.url.split("#")[1])
    assert state(again, "settings") == settings
    assert state(again, "view") == view
    assert again.url.split("#")[1] == page.url.split("#")[1]


def test_a_reload_keeps_state_and_right(open_page: Callable[..., Any]) -> None:
    page = open_page()
    control(page, "training.batch_size").locator("select").select_option("8")
    rest(page)
    page.reload()
    page.wait_for_selector("html[data-ready=true]")
    assert state(page, "settings.batch_size") == 8


def test_an_address_typed_over_is_followed(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.evaluate("location.hash = 's=(layers:!())'")
    until(page, "hyalite.store.description.settings.layers.length === 0")
    assert header(page, "runs.a.maps.length") == 1


def test_a_spoiled_link_says_so(open_page: Callable[..., Any]) -> None:
    page = open_page("s=(layers:!(")
    expect(page.locator("#message")).to_contain_text("damaged")
    assert state(page, "settings.layers.length") > 0


def test_a_link_with_wrong_settings_is_refused_in_words(open_page: Callable[..., Any]) -> None:
    page = open_page("s=(layers:!((type:Dense,units:-3)))", wait=False, expected=["400"])
    page.wait_for_selector("#message:not([hidden])")
    expect(page.locator("#message")).to_contain_text("units")


def test_without_a_key_the_page_says_what_to_do(browser: Any, server: Any) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.goto(server.origin)
    expect(page.locator(".locked")).to_contain_text("hyalite play")
    context.close()


def test_a_second_tab_gets_its_key_from_the_first(open_page: Callable[..., Any]) -> None:
    page = open_page("s=(batch_size:8)")
    tab = page.context.new_page()
    tab.goto(page.url)
    tab.wait_for_selector("html[data-ready=true]")
    assert state(tab, "settings.batch_size") == 8
    assert json.dumps(state(tab, "settings")) == json.dumps(state(page, "settings"))
