"""What the ranks of a group tell each other between steps: rank 0 decides, and all do alike.

With one rank nothing is said, and nothing here costs anything.
"""

from __future__ import annotations

import signal
from typing import Any

from hyalite.engines.base import Totals
from hyalite.engines.interrupts import deliver, first_waiting
from hyalite.errors import Regroup
from hyalite.training.callbacks import Trainable
from hyalite.training.plan import Plan
from hyalite.training.snapshot import Snapshot, differences
from hyalite.workers.talk import gathered, told

SIMPLE = (bool, int, float, str, type(None))


class Agreement:
    """The words of one fit.

    Args:
        model: that is trained.
        plan: of the fit; it has the group.
    """

    def __init__(self, model: Trainable, plan: Plan) -> None:
        self.model, self.plan, self.group = model, plan, plan.workers
        self._told: Snapshot | None = None

    @property
    def leads(self) -> bool:
        """Whether this rank decides, writes and prints."""
        return self.group.rank == 0

    @property
    def alone(self) -> bool:
        """Whether there is nobody else."""
        return self.group.size == 1

    def share(self, begun: Totals, more: Any = None) -> Any:
        """Let all ranks have the state of rank 0: numbers, counts, history, settings.

        Args:
            begun: the sums of the epoch that is not finished.
            more: JSON data that all are to know.

        Returns:
            rank 0's `more`.

        Raises:
            ValueError: a callback has changed what cannot be told.
            TypeError: the state of a callback or of the optimizer cannot be stored.
        """
        if self.alone:
            return more
        if self.leads:
            own = self._taken(begun)
            told(self.group, [own.values, self._settings(), self._config(), more], own.arrays)
            return more
        (values, settings, config, more), arrays = told(self.group, None)
        self._told = Snapshot(values, arrays)
        self._told.restore(self.model, self.plan.task, None, begun)
        for part, there in zip(self._parts(), settings, strict=True):
            for name, value in there.items():
                if name in vars(part) and vars(part)[name] != value:
                    setattr(part, name, value)
        for name, own, there in differences(self._config(), config):
            raise ValueError(
                f"a callback has made {name} {there!r} in rank 0, which is {own!r} elsewhere; with "
                "workers it may change weights, the learning rate and other numbers only"
            )
        return more

    def snapshot(self, begun: Totals) -> Snapshot:
        """The state of the run, in any rank; that of the callbacks as rank 0 told it last."""
        taken = self._taken(begun)
        if not self.leads and self._told is not None:
            taken.take_callbacks_from(self._told)
        return taken

    def _taken(self, begun: Totals) -> Snapshot:
        return Snapshot.take(self.model, self.plan.task, self.plan.callbacks, begun)

    def pause(self, due: bool, begun: Totals) -> tuple[bool, bool]:
        """Whether to save, and whether to stop for a signal that some rank has heard.

        Args:
            due: whether it is time to save, as rank 0 sees it.
            begun: the sums of the epoch that is not finished.

        Raises:
            Regroup: the group is to be formed anew.
        """
        words = [first_waiting(), due, self.group.regroup]
        everyones = [words] if self.alone else gathered(self.group, words)
        if everyones[0][2]:
            error = Regroup("the group of workers is to be formed anew")
            error.snapshot = self.snapshot(begun)
            raise error
        stopped = any(number for number, *_ in everyones)
        return bool(everyones[0][1]) or stopped, stopped

    def deliver(self) -> None:
        """Let a signal take effect: where it ends one rank, it ends all in the same way.

        Raises:
            KeyboardInterrupt: for SIGINT.
            SystemExit: for SIGTERM, with the exit code 143.
        """
        if self.alone:
            deliver()
            return
        number, own = first_waiting(), None
        try:
            deliver()
        except BaseException as error:
            own = error
        endings = [n for n in gathered(self.group, number if own is not None else 0) if n]
        if not endings:
            return
        if own is None:
            own = (
                KeyboardInterrupt() if endings[0] == signal.SIGINT else SystemExit(128 + endings[0])
            )
        own.told_to_all = True  # type: ignore[attr-defined]  # see `hyalite.workers.mpi`
        raise own

    def _parts(self) -> list[object]:
        """What callbacks may change the settings of."""
        layers = self.model.network.all_layers()
        activations = [getattr(layer, "activation", None) for layer in layers]
        found = [self.model.optimizer, self.model.loss, *layers, *activations]
        return [part for part in found if part is not None]

    def _settings(self) -> list[dict[str, Any]]:
        return [
            {name: value for name, value in vars(part).items() if isinstance(value, SIMPLE)}
            for part in self._parts()
        ]

    def _config(self) -> dict[str, Any]:
        return self.model.get_config(self.plan.input_shape)
