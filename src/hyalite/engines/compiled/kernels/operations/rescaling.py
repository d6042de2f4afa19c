"""Rescaling: the same scale and offset for every number; first in a network, as samples come."""

from __future__ import annotations

from hyalite import layers
from hyalite.engines.compiled.kernels.buffers import dy_of, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import inlined
from hyalite.engines.compiled.kernels.elementwise import copy, rescale
from hyalite.engines.compiled.kernels.operations.base import Instructions, Operation
from hyalite.engines.compiled.structs import (
    Block,
    Column,
    OperationKind,
    Parameters,
    PartGradient,
    Program,
    Vector,
)
from hyalite.layers import Layer

X, Y = int(Column.X), int(Column.Y)


class Rescaling(Operation):
    """`y = scale·x + offset`."""

    kind = OperationKind.RESCALING
    stages = (layers.Rescaling,)

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.Rescaling)
        if not instructions and (instructions.scale, instructions.offset) == (1, 0):
            # done as samples are gathered
            instructions.scale, instructions.offset = stage.scale, stage.offset
        else:
            instructions.add(self, stage, (stage.scale, stage.offset))


@inlined
def rescaling_forward(program: Program, k: int, parameters: Parameters, block: Block) -> None:
    """y ← scale·x + offset."""
    x, y = x_of(program, k, block), y_of(program, k, block)
    if program.instructions[k, X] != program.instructions[k, Y]:
        copy(x, y)
    rescale(y, program.reals[k, 0], program.reals[k, 1])


@inlined
def rescaling_backward(
    program: Program, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx over dy."""
    rescale(dy_of(program, k, block), program.reals[k, 0], 0.0)
