"""Batch normalization: each feature brought to mean 0 and variance 1, then scaled and shifted."""

from __future__ import annotations

import numpy as np

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.activation import place_derivative
from hyalite.engines.compiled.lowering.operations.base import (
    ACTIVATION_KERNELS,
    BufferSizes,
    Instruction,
    Instructions,
    Operation,
)
from hyalite.engines.compiled.structs import ActivationKind, Column, Meeting, OperationKind
from hyalite.layers import Layer


class BatchNormalization(Operation):
    """`y = f(γ·(x - mean)/s + β)` with the moments of the rows of a shard, or the running ones.

    Of pictures a row is a pixel, with as many numbers as there are channels.
    """

    kind = OperationKind.BATCH_NORMALIZATION
    stages = (layers.BatchNormalization,)
    in_place = False  # the derivative is made of x

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.BatchNormalization)
        # before the momentum is room for an activation's number
        one = instructions.add_weighted(self, stage, "gamma", "beta", (0.0, stage.momentum))
        one[Column.STATE] = instructions.states[f"{stage.name}.mean"]
        one.constants = np.array([stage.epsilon], np.float64).view(np.int64)

    def meeting(self, one: Instruction, number: int, batch_size: int) -> Meeting:
        return Meeting.SUMS

    def takes_activation(self, one: Instruction, kind: ActivationKind) -> bool:
        """One at most; not softmax, which is of all the numbers of a sample."""
        return one[Column.ACTIVATION] == ActivationKind.LINEAR and kind != ActivationKind.SOFTMAX

    def place(self, one: Instruction, sizes: BufferSizes) -> None:
        place_derivative(one, sizes)

    def kernels(self) -> tuple[str, ...]:
        return (*super().kernels(), *ACTIVATION_KERNELS, "join_sums", "follow_moments")
