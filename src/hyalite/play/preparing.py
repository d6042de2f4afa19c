"""Kernels that a network needs are loaded, or compiled once for a machine, before it is trained.

A wheel brings them; from a checkout Numba makes them, which takes a minute. Whoever waits for that
is told so, and nobody else has to wait.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from hyalite.play.data import PlayData

WAIT_SECONDS = 1.0  # that a request waits for it
LATER_SECONDS = 0.3  # the first picture goes before, unless a request waits


class Preparing:
    """A network of these settings makes a step on the side.

    Args:
        settings: in normal form.
        data: of these settings.
    """

    def __init__(self, settings: Mapping[str, Any], data: PlayData) -> None:
        self.settings, self.data = settings, data
        self.done = threading.Event()
        self._wanted = threading.Event()
        threading.Thread(target=self._rehearse, name="hyalite-prepare", daemon=True).start()

    def wait(self, seconds: float = WAIT_SECONDS) -> bool:
        """Whether it is done, now or after a while."""
        self._wanted.set()
        return self.done.wait(seconds)

    def _rehearse(self) -> None:
        from hyalite.play.run import Run

        self._wanted.wait(LATER_SECONDS)
        try:
            run = Run(self.settings, self.data)
            run.advance(1)
            run.model.evaluate(self.data.x[:2], run.built.y[:2])
        except Exception:  # the run itself will say what is wrong
            pass
        finally:
            self.done.set()
