"""How many threads are fastest just now.

The threads of the kernel wait for each other several times a step. Where another program keeps a
core busy, they wait for the one that has lost its core, some milliseconds each time, and one thread
alone may be ahead of two. Which it is changes no byte, so it is decided anew for every call.
"""

from __future__ import annotations

CALL_SECONDS = 0.05  # that a call of the kernel should last
TRIAL_SECONDS = 0.003  # of a call that is to show how fast the other number of threads would be
CALLS_BEFORE_FIRST_TRIAL = 3  # threads wake, and caches fill
CALLS_BETWEEN_TRIALS = 20
CALLS_BETWEEN_TRIALS_ALONE = 5  # while one thread works alone


class ThreadTuner:
    """Seconds a step, by the number of threads.

    Attributes:
        step_seconds: of the latest call; a guess before the first, or 0.
    """

    def __init__(self) -> None:
        self.step_seconds = 0.0
        self._latest: dict[int, float] = {}
        self._calls = 0  # since the last trial

    def next(self, most: int) -> tuple[int, int]:
        """How many of at most `most` threads to use for the next call, and how many steps."""
        if most == 1 or most not in self._latest or self.step_seconds > CALL_SECONDS:
            return most, self._steps(CALL_SECONDS, most)
        self._calls += 1
        fastest = min((most, 1), key=lambda threads: self._latest.get(threads, float("inf")))
        if self._calls >= self._calls_until_trial(fastest):
            self._calls = 0
            other = 1 if fastest == most else most
            return other, self._steps(TRIAL_SECONDS, other)
        return fastest, self._steps(CALL_SECONDS, fastest)

    def _calls_until_trial(self, fastest: int) -> int:
        if fastest == 1:
            return CALLS_BETWEEN_TRIALS_ALONE
        return CALLS_BETWEEN_TRIALS if 1 in self._latest else CALLS_BEFORE_FIRST_TRIAL

    def _steps(self, seconds: float, threads: int) -> int:
        each = self._latest.get(threads, self.step_seconds)
        return max(1, int(seconds / each)) if each else 1

    def note(self, threads: int, step_seconds: float) -> None:
        """A call by so many threads took so many seconds a step."""
        self._latest[threads] = self.step_seconds = step_seconds
