"""The piecewise-linear embedding: of each number a line, bent at the edges of pieces."""

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

VECTORS = 5  # of the rows, that the passes work in besides those of the numbers made


class PiecewiseLinearEmbedding(Operation):
    """`yᵢ = w0ᵢ·xᵢ + b0ᵢ + Vᵢᵀ·t(xᵢ)`."""

    kind = OperationKind.PIECEWISE_LINEAR_EMBEDDING
    stages = (layers.PiecewiseLinearEmbedding,)
    in_place = False
    dx_over_dy = False

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.PiecewiseLinearEmbedding)
        one = instructions.add_weighted(self, stage, "w0", None)
        one[Column.WEIGHT_SIZE] = sum(values.size for values in stage.values.values())
        one[Column.COST] = one[Column.WEIGHT_SIZE]
        pieces = np.array([len(edges) - 1 for edges in stage.bins])
        edges = np.concatenate(stage.edges).astype(np.float64)
        one.constants = column_constants(stage, pieces, edges.view(np.int64))

    def place(self, one: Instruction, sizes: BufferSizes) -> None:
        one[Column.AUX] = sizes.take(VECTORS + int(one.constants[DIMENSION]))
