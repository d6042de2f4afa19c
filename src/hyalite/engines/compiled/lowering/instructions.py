"""From the stages of a network to instructions; what can be done in one pass becomes one.

What each stage becomes is said in its operation's file.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hyalite import layers
from hyalite.engines.compiled.lowering.operations import OPERATION_OF
from hyalite.engines.compiled.lowering.operations.activation import Activation
from hyalite.engines.compiled.lowering.operations.add import Add
from hyalite.engines.compiled.lowering.operations.base import Instructions
from hyalite.engines.compiled.lowering.operations.fork import Fork
from hyalite.layers import Layer
from hyalite.network import Network


def instructions_of(network: Network, stages: Sequence[Layer], training: bool) -> Instructions:
    """What to do with a batch, in order; the buffers are left open.

    Args:
        network: built; `support.check` has passed it.
        stages: of it, without the one that is part of the loss.
        training: whether to drop, and to keep what the backward pass needs.
    """
    instructions = Instructions(network, training)
    _append(stages, instructions)
    if not instructions:  # a network of nothing but Flatten and Rescaling
        instructions.add(Activation())
    return instructions


def _append(stages: Sequence[Layer], instructions: Instructions) -> None:
    for stage in stages:
        if type(stage) is layers.Flatten:
            instructions.shape = stage.output_shape(instructions.shape)
        elif type(stage) is layers.Residual:
            fork, start = instructions.add(Fork()), len(instructions) - 1
            _append(stage.within, instructions)
            instructions.add(Add()).constants = np.array([start], np.int64)
            fork.constants = np.array([len(instructions) - 1], np.int64)
        else:
            OPERATION_OF[type(stage)].lower(stage, instructions)
