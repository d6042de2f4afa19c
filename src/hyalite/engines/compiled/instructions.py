"""From the stages of a network to instructions; what can be done in one pass becomes one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hyalite import layers
from hyalite.engines.compiled.support import FUNCTIONS
from hyalite.engines.compiled.tables import NOWHERE, Column, Function, Operation
from hyalite.layers import Layer
from hyalite.network import Network

SIGN_ONLY = (Function.RELU, Function.LEAKY_RELU)  # their derivative asks for the sign of y
VALUE = (Function.SIGMOID, Function.TANH, Function.SOFTMAX)  # these ask for y itself


@dataclass
class Instruction:
    """One row of the table while it is made."""

    row: np.ndarray
    reals: tuple[float, float]
    needs: Sequence[Function]  # what the way back asks of y: see SIGN_ONLY and VALUE

    def __getitem__(self, column: Column) -> int:
        return int(self.row[column])

    def __setitem__(self, column: Column, value: int) -> None:
        self.row[column] = value


class Instructions(list[Instruction]):
    """What to do with a batch, in order; the places of the arrays are left open.

    Args:
        network: built; `support.check` has passed it.
        stages: of it, without the one that is part of the loss.
        training: whether to drop, and to keep what the way back needs.

    Attributes:
        scale, offset: of the samples, as they are gathered.
        normalizes: whether there is batch normalization.
    """

    def __init__(self, network: Network, stages: Sequence[Layer], training: bool) -> None:
        super().__init__()
        self.training = training
        self.offsets = {slot.name: slot.offset for slot in network.ready.layout.slots}
        self.states = {slot.name: slot.offset for slot in network.ready.state_layout.slots}
        self.scale, self.offset = 1.0, 0.0
        self.width = math.prod(network.input_shape)
        self.normalizes = False
        for stage in stages:
            self._lower(stage)
        if not self:  # a network of nothing but Flatten and Rescaling
            self._add(Operation.ACTIVATION)

    def _lower(self, stage: Layer) -> None:
        previous = self[-1] if self else None
        if isinstance(stage, layers.Flatten | layers.Linear):
            return
        if isinstance(stage, layers.Rescaling):
            if previous is None and self.scale == 1 and self.offset == 0:
                self.scale, self.offset = stage.scale, stage.offset  # done as samples are gathered
            else:
                self._add(Operation.RESCALING, stage, reals=(stage.scale, stage.offset))
        elif isinstance(stage, layers.Dropout):
            threshold = min(round(stage.rate * 65536), 65535)  # as in the layer
            if threshold and self.training:
                # After a ReLU its zeros tell what was dropped: no mask need be kept.
                told = previous is not None and previous.needs == (Function.RELU,)
                added = self._add(Operation.DROPOUT, stage, (65536 / (65536 - threshold), 0.0))
                added.needs = (Function.RELU,) if told else ()
                added[Column.UNDO] = Function.RELU if told else Function.LINEAR
                added[Column.THRESHOLD] = threshold
        elif isinstance(stage, layers.Dense):
            added = self._add(Operation.DENSE, stage, outputs=stage.units)
            added[Column.W] = self.offsets[f"{stage.name}.W"]
            if stage.use_bias:
                added[Column.B] = self.offsets[f"{stage.name}.b"]
        elif isinstance(stage, layers.BatchNormalization | layers.LayerNormalization):
            batch = isinstance(stage, layers.BatchNormalization)
            operation = Operation.BATCH_NORMALIZATION if batch else Operation.LAYER_NORMALIZATION
            added = self._add(operation, stage, (stage.epsilon, getattr(stage, "momentum", 0.0)))
            added[Column.W] = self.offsets[f"{stage.name}.gamma"]
            added[Column.B] = self.offsets[f"{stage.name}.beta"]
            if batch:
                self.normalizes = True
                added[Column.STATE] = self.states[f"{stage.name}.mean"]
        else:
            self._activate(stage, previous)

    def _activate(self, stage: Layer, previous: Instruction | None) -> None:
        function, slope = FUNCTIONS[type(stage)], float(getattr(stage, "slope", 0.0))
        if (
            previous is None
            or previous[Column.OPERATION] != Operation.DENSE
            or previous[Column.FUNCTION] != Function.LINEAR
        ):
            previous = self._add(Operation.ACTIVATION, stage)
        # else the dense layer's own pass does it
        previous.reals, previous.needs = (slope, 0.0), (function,)
        previous[Column.FUNCTION] = previous[Column.UNDO] = function

    def _add(
        self,
        operation: Operation,
        stage: Layer | None = None,
        reals: tuple[float, float] = (0.0, 0.0),
        outputs: int | None = None,
        needs: Sequence[Function] = (),
    ) -> Instruction:
        row = np.full(len(Column), -1, np.int64)
        row[[Column.AUX, Column.STATS, Column.DY, Column.DX, Column.PARTIAL]] = NOWHERE
        row[[Column.FUNCTION, Column.UNDO, Column.LAYER]] = 0
        row[Column.OPERATION], row[Column.INPUTS] = operation, self.width
        row[Column.OUTPUTS] = self.width = self.width if outputs is None else outputs
        if stage is not None:
            row[Column.LAYER] = stage.index
        self.append(Instruction(row, reals, needs))
        return self[-1]
