"""The embedding: for each category its row of a table."""

from __future__ import annotations

import numpy as np

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import Instruction, Instructions, Operation
from hyalite.engines.compiled.lowering.operations.columns import column_constants
from hyalite.engines.compiled.structs import Column, OperationKind
from hyalite.layers import Layer


class Embedding(Operation):
    """`y = (x₁ … x_k, E[c₁], E[c₂], …)`."""

    kind = OperationKind.EMBEDDING
    stages = (layers.Embedding,)
    in_place = False
    dx_over_dy = False

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.Embedding)
        one = instructions.add_weighted(self, stage, "E", None)
        one.constants = column_constants(stage, np.array(stage.categories), stage.starts)

    def cost(self, one: Instruction) -> int:
        return one[Column.OUTPUTS]
