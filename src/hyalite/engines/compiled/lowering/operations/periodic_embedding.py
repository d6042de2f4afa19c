"""The periodic embedding: of each number itself, and what trained cosines make of it."""

from __future__ import annotations

import numpy as np

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import (
    BufferSizes,
    Instruction,
    Instructions,
    Operation,
)
from hyalite.engines.compiled.lowering.operations.columns import DIMENSION, column_constants
from hyalite.engines.compiled.structs import Column, OperationKind
from hyalite.layers import Layer

VECTORS = 6  # of the rows, that the passes work in besides those of the numbers made


class PeriodicEmbedding(Operation):
    """`yᵢ = (xᵢ, W2ᵢᵀ·cos(2π·w1ᵢ·xᵢ + b1ᵢ) + b2ᵢ)`."""

    kind = OperationKind.PERIODIC_EMBEDDING
    stages = (layers.PeriodicEmbedding,)
    in_place = False
    dx_over_dy = False

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.PeriodicEmbedding)
        one = instructions.add_weighted(self, stage, "w1", None)
        one[Column.WEIGHT_SIZE] = sum(values.size for values in stage.values.values())
        one[Column.COST] = one[Column.WEIGHT_SIZE] + 20 * stage.w1.size  # a cosine: 20
        one.constants = column_constants(stage, np.array([stage.frequencies]))

    def place(self, one: Instruction, sizes: BufferSizes) -> None:
        one[Column.AUX] = sizes.take(VECTORS + int(one.constants[DIMENSION]))
