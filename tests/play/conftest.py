"""One server for the tests of a file, and a page for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.play.helpers import Page, Place, serving

pytest.importorskip("uvicorn", reason="needs uvicorn: pip install 'hyalite[play]'")


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with serving() as found:
        yield found


@pytest.fixture
def page(place: Place) -> Iterator[Page]:
    found = place.page()
    yield found
    found.post("/api/leave", {})


@pytest.fixture(autouse=True)
def _no_page_stays_open() -> Iterator[None]:
    yield
    while Page.opened:
        Page.opened.pop().connection.close()
