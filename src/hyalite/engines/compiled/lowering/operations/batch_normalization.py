"""Batch normalization: each feature brought to mean 0 and variance 1, then scaled and shifted."""

from __future__ import annotations

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import (
    BufferSizes,
    Instruction,
    Instructions,
    Operation,
)
from hyalite.engines.compiled.structs import Column, OperationKind
from hyalite.layers import Layer


class BatchNormalization(Operation):
    """`y = γ·x̂ + β` with x̂ = (x - mean)/s over the rows of a shard, or of the running moments.

    Of pictures a row is a pixel, with as many numbers as there are channels.
    """

    kind = OperationKind.BATCH_NORMALIZATION
    stages = (layers.BatchNormalization,)
    in_place = False
    whole_shard = True

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.BatchNormalization)
        reals = (stage.epsilon, stage.momentum)
        one = instructions.add_weighted(self, stage, "gamma", "beta", reals)
        one[Column.STATE] = instructions.states[f"{stage.name}.mean"]

    def place(self, one: Instruction, sizes: BufferSizes) -> None:
        one[Column.AUX] = sizes.take(one[Column.OUTPUTS])  # x̂
        one[Column.STD] = sizes.take(one[Column.WEIGHT_SIZE])
