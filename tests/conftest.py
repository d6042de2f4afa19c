"""What all tests share: the data beside the checkout, signals, and scratch memory never clean."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hyalite.parameters import Scratch

# read by SciPy when it is first imported; without it scikit-learn skips some of its checks
os.environ.setdefault("SCIPY_ARRAY_API", "1")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the sources' documents and data; tests that need it skip where it is not."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED.name}/ does not lie beside the checkout")
    return SHARED


@pytest.fixture(autouse=True)
def _signals_are_heard() -> Iterator[None]:
    """Ctrl-C and SIGTERM as in a terminal, where pytest was started deaf, as by `nohup ... &`.

    Else tests that send one wait for ever: child processes, too, ignore what their parent does.
    """
    handlers = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    deaf = [number for number in handlers if signal.getsignal(number) == signal.SIG_IGN]
    for number in deaf:
        signal.signal(number, handlers[number])
    yield
    for number in deaf:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(autouse=True)
def _dirty_scratch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill scratch with NaN before each use, so that a read of what was never written shows."""
    clean = Scratch.take

    def take(self, name, shape, dtype):
        array = clean(self, name, shape, dtype)
        array.fill(np.nan if array.dtype.kind == "f" else 1)
        return array

    monkeypatch.setattr(Scratch, "take", take)
