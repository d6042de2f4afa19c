"""What the browser tests do on a page: read its state, wait until it is at rest."""

from __future__ import annotations

import time
from typing import Any


def rest(page: Any) -> None:
    """Until everything that was asked for is answered and drawn."""
    page.evaluate("async () => { await Promise.resolve(); await hyalite.idle(); }")


def state(page: Any, path: str) -> Any:
    """A value of the page's state: ``state(page, "settings.layers[0].units")``."""
    rest(page)
    return page.evaluate(f"hyalite.store.state.{path}")


def header(page: Any, path: str) -> Any:
    """A value of the last frame's header: ``header(page, "runs.a.step")``."""
    rest(page)
    return page.evaluate(f"hyalite.store.frame.header.{path}")


def control(page: Any, name: str) -> Any:
    """The element that holds a control, by its stable name."""
    return page.locator(f'[data-control="{name}"]').first


def type_number(box: Any, text: str) -> None:
    """Types over what stands in a field, and says that it is done."""
    box.fill(text)
    box.press("Enter")
    box.blur()


def until(page: Any, expression: str, seconds: float = 30) -> None:
    """Until an expression is true. Playwright's own way evaluates text, which the page forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"never true: {expression}"
        page.wait_for_timeout(30)
