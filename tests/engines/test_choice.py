"""Which engine runs a model."""

from __future__ import annotations

import sys

import pytest

import hyalite as hy
from hyalite import messages
from hyalite.engines import choice

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


pytestmark = pytest.mark.compiled


def test_without_numba(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    messages.say_once.cache_clear()
    monkeypatch.setattr(choice, "there_is_any", lambda: False)
    monkeypatch.setitem(sys.modules, "numba", None)
    x, y = hy.datasets.sine(8)
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mse")
    model.fit(x, y, verbose=2)
    assert "pip install 'hyalite[fast]'" in caplog.text
    model.compile("mse", engine="compiled")
    with pytest.raises(hy.MissingExtra, match=r"pip install 'hyalite\[fast\]'"):
        model.fit(x, y)
