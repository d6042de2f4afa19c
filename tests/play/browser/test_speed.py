"""Frames a second and answers to a click, as the page itself measures them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.play.browser.conftest import PATIENCE, READY, Server
from tests.play.browser.steps import rest, until

LAYER = "(activation:relu,type:Dense,units:64)"
NET = f"s=(engine:auto,epochs:!n,layers:!({LAYER},{LAYER}))&v=(speed:!n)"


def test_a_picture_soon_after_the_address_is_opened(open_page: Callable[..., Any]) -> None:
    open_page()  # the first page of a server waits for the engine
    began = time.perf_counter()
    page = open_page()
    seconds = time.perf_counter() - began
    assert page.evaluate("performance.getEntriesByType('navigation').length") == 1
    assert seconds < 20, "a limit for a busy machine; the goal of 1 s is measured by the long test"


@pytest.mark.long
def test_the_first_picture_within_a_second_of_the_command(browser: Any) -> None:
    """The browser is open already; the time ends when the first picture is on the screen."""
    found = []
    for _ in range(5):
        context = browser.new_context(locale="en-US")
        page = context.new_page()
        began = time.time()
        server = Server("-m", "hyalite")
        try:
            page.goto(server.address)
            page.wait_for_selector(READY, timeout=PATIENCE)
            until(page, "performance.getEntriesByName('painted').length === 1")
            painted = (
                "performance.timeOrigin + performance.getEntriesByName('painted')[0].startTime"
            )
            found.append(page.evaluate(painted) / 1000 - began)
        finally:
            server.close()
            context.close()
    print(f"first picture after {', '.join(f'{seconds:.2f}' for seconds in sorted(found))} s")
    assert min(found) < 1


@pytest.mark.long
def test_a_page_that_plays_does_not_grow(open_page: Callable[..., Any], server: Any) -> None:
    """HYALITE_PLAY_MINUTES: how long, half a minute where it is not set."""
    page = open_page(NET)
    session = page.context.new_cdp_session(page)

    def used() -> tuple[float, float]:
        session.send("HeapProfiler.collectGarbage")
        heap = session.send("Runtime.getHeapUsage")["usedSize"] / 2**20
        status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return heap, int(resident.split()[1]) / 2**10

    if not Path("/proc").exists():
        pytest.skip("needs /proc")
    page.keyboard.press("Space")
    page.wait_for_timeout(10_000)
    before = used()
    page.wait_for_timeout(60_000 * float(os.environ.get("HYALITE_PLAY_MINUTES", "0.5")))
    after = used()
    print(f"MiB in page and server: {before} at first, {after} at the end")
    assert after[0] - before[0] < 15
    assert after[1] - before[1] < 150, "snapshots are kept up to 128 MiB"


@pytest.mark.long
def test_sixty_frames_a_second(open_page: Callable[..., Any], record_property: Any) -> None:
    page = open_page(NET)
    page.keyboard.press("Space")
    until(page, "hyalite.store.frame.header.runs.a.step > 0", seconds=180)  # kernels are compiled
    page.wait_for_timeout(2000)
    step = page.evaluate("hyalite.store.frame.header.runs.a.step")
    page.evaluate("hyaliteMeter.measured.drawn.length = hyaliteMeter.measured.waits.length = 0")
    page.wait_for_timeout(4000)
    rate = page.evaluate("hyaliteMeter.rate()")
    waits = page.evaluate("hyaliteMeter.measured.waits")
    steps = (page.evaluate("hyalite.store.frame.header.runs.a.step") - step) / 4
    record_property("frames_a_second", rate)
    answer = sum(waits) / len(waits)
    print(f"{rate:.1f} frames a second, answers {answer:.1f} ms, {steps:,.0f} steps a second")
    assert rate > 50


@pytest.mark.long
def test_a_click_answers_within_fifty_milliseconds(open_page: Callable[..., Any]) -> None:
    page = open_page(NET)
    for _ in range(20):
        page.click("#time-batch")
        rest(page)
    clicks = sorted(page.evaluate("hyaliteMeter.measured.clicks"))
    print(f"clicks: median {clicks[len(clicks) // 2]:.0f} ms, slowest {clicks[-1]:.0f} ms")
    assert clicks[len(clicks) // 2] < 50
