"""A training gives the same bytes on every machine: those that are written down."""

from __future__ import annotations

import json

import pytest

import hyalite as hy
from tests.engines.compiled import recorded

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

pytestmark = pytest.mark.compiled


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_bytes_are_those_that_any_machine_gives(dtype: str) -> None:
    assert recorded.digests(dtype) == json.loads(recorded.FILE.read_text("utf-8"))[dtype]


def test_one_thread_gives_them_too() -> None:
    hy.set_num_threads(1)
    try:
        assert recorded.digests("float32") == json.loads(recorded.FILE.read_text())["float32"]
    finally:
        hy.set_num_threads(None)
