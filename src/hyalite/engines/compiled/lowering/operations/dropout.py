"""Dropout: some numbers made zero, the others larger by as much; by Philox's counters."""

from __future__ import annotations

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import (
    BufferSizes,
    Instruction,
    Instructions,
    Operation,
)
from hyalite.engines.compiled.structs import ActivationKind, Column, OperationKind
from hyalite.layers import Layer
from hyalite.layers.dropout import LEVELS
from hyalite.schedules import Schedule


class Dropout(Operation):
    """`y = m·x` in training, with m either 0 or 1/(1 - rate)."""

    kind = OperationKind.DROPOUT
    stages = (layers.Dropout,)
    keeps_sign = True

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.Dropout)
        if not instructions.training:
            return
        scheduled = isinstance(stage.rate, Schedule)
        threshold = stage.threshold(0)
        if scheduled:
            instructions.scheduled[len(instructions)] = stage
        elif not threshold:
            return
        last = instructions.last
        # After a ReLU its zeros tell what was dropped: no mask need be kept.
        after_relu = last is not None and last.needs_y == (ActivationKind.RELU,)
        one = instructions.add(self, stage, (LEVELS / (LEVELS - threshold), 0.0))
        one[Column.THRESHOLD] = threshold
        if after_relu:
            one.needs_y = (ActivationKind.RELU,)
            one[Column.DERIVATIVE] = ActivationKind.RELU

    def place(self, one: Instruction, sizes: BufferSizes) -> None:
        if not one.needs_y:
            one[Column.AUX] = sizes.take(one[Column.OUTPUTS])

    def kernels(self) -> tuple[str, ...]:
        return (*super().kernels(), "set_drop_rates")
