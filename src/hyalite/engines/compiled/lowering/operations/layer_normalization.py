"""Layer normalization: each sample brought to mean 0 and variance 1, then scaled and shifted."""

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


class LayerNormalization(Operation):
    """`y = γ·x̂ + β` with x̂ = (x - mean)/s over the numbers of a sample."""

    kind = OperationKind.LAYER_NORMALIZATION
    stages = (layers.LayerNormalization,)
    in_place = False

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.LayerNormalization)
        instructions.add_weighted(self, stage, "gamma", "beta", (stage.epsilon, 0.0))

    def place(self, one: Instruction, sizes: BufferSizes) -> None:
        one[Column.AUX] = sizes.take(one[Column.OUTPUTS])  # x̂
        one[Column.STD] = sizes.take(1)
