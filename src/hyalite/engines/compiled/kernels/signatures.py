"""The kernels that are compiled by themselves: what they are called with, and calls of them.

Their addresses are `Functions`, and the columns FORWARD and BACKWARD of the instructions.
"""

from __future__ import annotations

from typing import Any

from hyalite.engines.compiled.kernels.frames import caller
from hyalite.engines.compiled.structs import (
    Batch,
    BatchPartition,
    Block,
    DoubleVector,
    IntVector,
    LossTable,
    Matrix,
    Memory,
    NetworkTable,
    OptimizerStep,
    PartGradient,
    Source,
    StepRange,
    Team,
    UpdateTable,
    Vector,
    WindowedMatrix,
)

Hints = tuple[Any, ...]
FORWARD: Hints = (NetworkTable, int, Vector, Block)
BACKWARD: Hints = (NetworkTable, int, Vector, PartGradient, Block)
PRODUCT: Hints = (int, int, int, Matrix, bool, Matrix, int, int, bool)
WINDOW_PRODUCT: Hints = (WindowedMatrix, Matrix, Matrix, bool)
BIAS_AND_ACTIVATION: Hints = (int, float, Matrix, Vector, Matrix)
ACTIVATION_GRADIENT: Hints = (int, float, Matrix, Matrix, Matrix)
SLICE_FORWARD: Hints = (NetworkTable, BatchPartition, Memory, Source, Batch, int)
SHARED_PRODUCT: Hints = (NetworkTable, int, BatchPartition, Memory, Batch, Team, bool)
TILE_GRADIENT: Hints = (
    NetworkTable, UpdateTable, BatchPartition, Memory, int, int, int, Vector,
)  # fmt: skip
GATHER: Hints = (NetworkTable, Source, IntVector, int, int, Matrix)
LOSS: Hints = (LossTable, Source, IntVector, int, float, Matrix, Matrix, DoubleVector)
PREDICTIONS: Hints = (LossTable, Matrix, Matrix)
OPTIMIZER: Hints = (OptimizerStep, float, float, int, Vector, Vector, Vector, Vector)
JOIN_SUMS: Hints = (NetworkTable, int, BatchPartition, Memory, int, int, int, int, bool)
FOLLOW_MOMENTS: Hints = (NetworkTable, BatchPartition, Memory, int)
SET_DROP_RATES: Hints = (NetworkTable, StepRange, int)

call_forward, call_backward = caller(*FORWARD), caller(*BACKWARD)
call_product, call_window_product = caller(*PRODUCT), caller(*WINDOW_PRODUCT)
call_bias_and_activation = caller(*BIAS_AND_ACTIVATION)
call_activation_gradient = caller(*ACTIVATION_GRADIENT)
call_slice_forward, call_tile_gradient = caller(*SLICE_FORWARD), caller(*TILE_GRADIENT)
call_shared_product = caller(*SHARED_PRODUCT)
call_gather, call_loss = caller(*GATHER), caller(*LOSS)
call_predictions, call_optimizer = caller(*PREDICTIONS), caller(*OPTIMIZER)
call_join_sums, call_follow_moments = caller(*JOIN_SUMS), caller(*FOLLOW_MOMENTS)
call_set_drop_rates = caller(*SET_DROP_RATES)
