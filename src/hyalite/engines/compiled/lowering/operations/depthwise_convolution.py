"""Depthwise convolution: each channel of a picture with filters of its own."""

from __future__ import annotations

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import (
    ACTIVATION_KERNELS,
    Instruction,
    Operation,
)
from hyalite.engines.compiled.lowering.operations.convolution import Convolution
from hyalite.engines.compiled.structs import OperationKind


class DepthwiseConvolution(Convolution):
    """`y[p, c·m + d] = f(Σ_k x[s·p + k, c]·W[k, c, d] + b)`."""

    kind = OperationKind.DEPTHWISE_CONVOLUTION
    stages = (layers.DepthwiseConv2D,)

    def takes_pooling(self, one: Instruction) -> bool:
        return False

    def kernels(self) -> tuple[str, ...]:
        return (*Operation.kernels(self), *ACTIVATION_KERNELS)
