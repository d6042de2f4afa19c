"""Past states of a run, so that one can go back: many at first, then ever more apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hyalite.model import Sequential
from hyalite.play import limits
from hyalite.play.problems import Refused
from hyalite.training.history import History
from hyalite.training.loop import Fit
from hyalite.training.snapshot import Snapshot


@dataclass(frozen=True)
class Kept:
    """One past state.

    Attributes:
        number: its id.
        epoch, step, batch: when it was.
        state: all that training depends on, without the history.
        stopped: whether a rule had stopped the run.
        best_epoch: of the history.
        bytes: how much memory it takes.
    """

    number: int
    epoch: int
    step: int
    batch: int
    state: Snapshot
    stopped: bool
    best_epoch: int | None
    bytes: int


class Snapshots:
    """The past states of one run, in order of their steps."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []
        self.at: int | None = None  # which one the run is at
        self._next = 1
        self._stride = 1  # epochs between two
        self._trail = History(0)  # the longest history so far

    def is_due(self, epoch: int) -> bool:
        """Whether a state is to be kept at the end of this epoch."""
        return epoch % self._stride == 0

    def take(self, model: Sequential, fit: Fit, stopped: bool) -> int:
        """Keep the present state, in place of one of the same step; its id."""
        history = model.history
        if len(history) >= len(self._trail):
            self._trail = history
        try:
            model.history = History(history.seed)  # of a long run it would be the most of all
            state = Snapshot.take(model, fit.plan.task, fit.plan.callbacks, fit.training.partial)
        finally:
            model.history = history
        partial = fit.training.partial.steps
        network = model.network
        kept = Kept(
            self._next, network.epochs, network.clock.step, partial, state, stopped,
            history.best_epoch,
            sum(array.nbytes for array in state.arrays.values()),
        )  # fmt: skip
        self._next += 1
        # of the same step, and all that were kept before a change made another future of it
        self.kept = [one for one in self.kept if one.step != kept.step]
        self.kept.append(kept)
        self.kept.sort(key=lambda one: one.step)
        self.at = kept.number
        self._thin()
        return kept.number

    def forget_future(self, step: int) -> None:
        """Drop what was kept after a step: it will not come like that any more."""
        self.kept = [one for one in self.kept if one.step <= step]
        if len(self._trail) and self.kept:
            self._trail = _cut(self._trail, self.kept[-1].epoch)

    def restore(self, number: int, model: Sequential, fit: Fit) -> bool:
        """Put a state back; whether the run is stopped there.

        Raises:
            Refused: there is no such state.
        """
        found = next((one for one in self.kept if one.number == number), None)
        if found is None:
            raise Refused(
                f"there is no snapshot {number}; it may have been dropped", "snapshot", 409
            )
        if len(model.history) >= len(self._trail):
            self._trail = model.history
        model.history = History(self._trail.seed)
        found.state.restore(model, fit.plan.task, fit.plan.callbacks, fit.training.partial)
        model.history = _cut(self._trail, found.epoch)
        model.history.best_epoch = found.best_epoch
        fit.backup = None
        self.at = number
        return found.stopped

    def nearest(self, step: int) -> int:
        """The id of that whose step is nearest."""
        return min(self.kept, key=lambda one: abs(one.step - step)).number

    def described(self, step: int, entries: bool) -> dict[str, Any]:
        """As JSON data."""
        here = next((one.number for one in self.kept if one.step == step), None)
        found: dict[str, Any] = {
            "first": self.kept[0].number,
            "last": self.kept[-1].number,
            "at": here,
        }
        if entries:
            found["entries"] = [[one.number, one.epoch, one.step] for one in self.kept]
        return found

    def _thin(self) -> None:
        """Keep within the limits: the first, the last, and of the others every second epoch."""
        while len(self.kept) > 3 and (
            len(self.kept) > limits.SNAPSHOTS
            or sum(one.bytes for one in self.kept) > limits.SNAPSHOT_BYTES
        ):
            self._stride *= 2
            middle = [
                one for one in self.kept[1:-1] if not one.batch and one.epoch % self._stride == 0
            ]
            if len(middle) == len(self.kept) - 2:
                continue
            self.kept = [self.kept[0], *middle, self.kept[-1]]


def _cut(history: History, epochs: int) -> History:
    """The same up to an epoch."""
    result = History(history.seed)
    count = sum(epoch <= epochs for epoch in history.epochs)
    result.history = {name: column[:count] for name, column in history.history.items()}
    result.epochs, result.seconds = history.epochs[:count], history.seconds[:count]
    return result
