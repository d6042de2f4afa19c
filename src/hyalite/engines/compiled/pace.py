"""How many threads are fastest just now.

The threads of the kernel wait for each other several times a step. Where another program keeps a
core busy, they wait for the one that has lost its core, some milliseconds each time, and one thread
alone may be ahead of two. Which it is changes no byte, so it is decided anew for every call.
"""

from __future__ import annotations

CALL = 0.05  # seconds that a call of the kernel should last
LOOK = 0.003  # seconds of a call that is to show how fast the others would be
WARM = 3  # calls before the first look: threads wake, and caches fill
AGAIN = 20  # calls until the next look; while one thread works alone,
SOON = 5


class Pace:
    """Seconds a step, by the number of threads.

    Attributes:
        seconds: a step, as far as one knows.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._latest: dict[int, float] = {}
        self._calls = 0

    def next(self, most: int) -> tuple[int, int]:
        """How many of at most `most` threads to use for the next call, and how many steps."""
        if most == 1 or most not in self._latest or self.seconds > CALL:
            return most, self._steps(CALL, most)
        self._calls += 1
        now = min((most, 1), key=lambda threads: self._latest.get(threads, float("inf")))
        until = SOON if now == 1 else AGAIN if 1 in self._latest else WARM
        if self._calls >= until:
            self._calls = 0
            now = 1 if now == most else most
            return now, self._steps(LOOK, now)
        return now, self._steps(CALL, now)

    def _steps(self, seconds: float, threads: int) -> int:
        each = self._latest.get(threads, self.seconds)
        return max(1, int(seconds / each)) if each else 1

    def note(self, threads: int, seconds: float) -> None:
        """A call by so many threads took so many seconds a step."""
        self._latest[threads] = self.seconds = seconds
