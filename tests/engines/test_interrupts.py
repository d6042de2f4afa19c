"""Ctrl-C and SIGTERM during a fit: heard between two steps; where they are ignored, not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.engines.interrupts import deferred

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
BOTH = (signal.SIGINT, signal.SIGTERM)


class Press(hy.Callback):
    """Send signals to this very process at the end of each epoch."""

    def __init__(self, *numbers: signal.Signals) -> None:
        self.numbers = numbers

    def on_epoch_end(self, model: hy.Sequential, epoch: int, figures: dict[str, float]) -> None:
        for number in self.numbers:
            os.kill(os.getpid(), number)


def fitted(press: Press, folder: Path) -> hy.Sequential:
    """A model trained for three epochs, with checkpoints, so that SIGTERM is held back, too."""
    rng = np.random.default_rng(0)
    model = hy.Sequential([hy.Dense(2, "softmax")])
    model.compile("categorical_crossentropy", engine="numpy")
    x, y, saved = rng.standard_normal((40, 3)), rng.integers(0, 2, 40), hy.Checkpoint(folder)
    model.fit(x, y, epochs=3, verbose=0, callbacks=[press], checkpoint=saved)
    return model


@pytest.fixture
def ignored() -> Iterator[None]:
    earlier = [signal.signal(number, signal.SIG_IGN) for number in BOTH]
    yield
    for number, handler in zip(BOTH, earlier, strict=True):
        signal.signal(number, handler)


def test_an_interrupt_is_heard(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fitted(Press(signal.SIGINT), tmp_path)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_program_s_own_handler_is_asked_and_stays(tmp_path: Path) -> None:
    heard: list[int] = []
    earlier = signal.signal(signal.SIGTERM, mine := lambda number, frame: heard.append(number))
    try:
        model = fitted(Press(signal.SIGTERM), tmp_path)
        assert signal.getsignal(signal.SIGTERM) is mine
    finally:
        signal.signal(signal.SIGTERM, earlier)
    assert heard == [signal.SIGTERM] * 3
    assert len(model.history) == 3


@pytest.mark.usefixtures("ignored")
def test_what_is_ignored_stays_ignored(tmp_path: Path) -> None:
    assert len(fitted(Press(*BOTH), tmp_path).history) == 3
    assert [signal.getsignal(number) for number in BOTH] == [signal.SIG_IGN] * 2


def test_what_is_handled_outside_python_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a program in C that holds Python has set a handler, `getsignal` gives None."""
    with monkeypatch.context() as patch:
        patch.setattr(signal, "getsignal", lambda number: None)
        patch.setattr(signal, "signal", lambda *_: pytest.fail("a handler was replaced"))
        with deferred(*BOTH):
            pass


PROGRAM = """
import os, signal
import numpy as np
import hyalite as hy

class Press(hy.Callback):
    def on_epoch_end(self, *_):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)

model = hy.Sequential([hy.Dense(1)])
model.compile("mse", engine="numpy")
saved = hy.Checkpoint("saved")
model.fit(np.ones((4, 2)), np.ones(4), epochs=3, callbacks=[Press()], checkpoint=saved, verbose=0)
print("epochs:", len(model.history), "saved:", len(saved.files()) > 0)
"""


def under_nohup(*words: str, folder: Path | None = None) -> str:
    """What Python prints where it is started as by `nohup ... &`: deaf to Ctrl-C."""
    shell = ["sh", "-c", "trap '' INT TERM; exec \"$@\"", "sh", sys.executable, *words]
    done = subprocess.run(shell, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_program_that_was_started_deaf_ends_by_itself(tmp_path: Path) -> None:
    assert under_nohup("-c", PROGRAM, folder=tmp_path) == "epochs: 3 saved: True\n"


def test_the_tests_hear_ctrl_c_under_nohup_too() -> None:
    this = f"{__file__}::test_an_interrupt_is_heard"
    assert "1 passed" in under_nohup("-m", "pytest", "-q", "-p", "no:cacheprovider", this)
