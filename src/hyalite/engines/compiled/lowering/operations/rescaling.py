"""Rescaling: the same scale and offset for every number; first in a network, as samples come."""

from __future__ import annotations

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import Instructions, Operation
from hyalite.engines.compiled.structs import OperationKind
from hyalite.layers import Layer


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
