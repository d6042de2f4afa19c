"""Tables that are kept between calls, and made anew where a setting has changed."""

from __future__ import annotations

from typing import cast

from hyalite.engines.compiled.frames import words_of
from hyalite.engines.compiled.lowering.program import Lowering
from hyalite.engines.compiled.runtime.settings_watch import SETTINGS, SettingsWatch
from hyalite.engines.compiled.structs import Program
from hyalite.losses import Objective
from hyalite.metrics import Metric
from hyalite.network import Network


class Lowered:
    """A network and its loss as the kernels take them.

    Args:
        network: built.
        objective: the loss joined to the last layer, or None for predictions.
        accuracy: the metric that the kernel counts, or None.
        batch_size: rows that are trained on at once; 0 for inference.
        shards: parts of a batch whose gradients are made apart.
    """

    def __init__(
        self,
        network: Network,
        objective: Objective | None,
        accuracy: Metric | None,
        batch_size: int,
        shards: int,
    ) -> None:
        self.objective, self.accuracy, self.batch_size = objective, accuracy, batch_size
        objects: list[object] = [*network.all_layers()]
        if objective is not None:
            objects.append(objective.loss)
        self._settings = SettingsWatch(objects, SETTINGS)
        self.lowering = Lowering(network, objective, batch_size, shards)
        self.program = self.lowering.program(accuracy)
        # packed once, for a hundredth of the time that 1,000 predictions take
        self.words = cast(Program, words_of(self.program))

    def serves(self, objective: Objective | None, accuracy: Metric | None, batch_size: int) -> bool:
        """Whether it is the one for this, and no setting has changed."""
        same = self.objective is objective and self.accuracy is accuracy
        return same and self.batch_size == batch_size and not self._settings.changed
