"""Smooth clip: numbers brought within a limit, in all columns or in some of them."""

from __future__ import annotations

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import Instructions, Operation
from hyalite.engines.compiled.lowering.operations.runs import runs_of
from hyalite.engines.compiled.structs import Column, OperationKind
from hyalite.layers import Layer


class SmoothClip(Operation):
    """`y = x / √(1 + (x/limit)²)`."""

    kind = OperationKind.SMOOTH_CLIP
    stages = (layers.SmoothClip,)
    in_place = False  # the derivative is made of x

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.SmoothClip)
        one = instructions.add(self, stage, (stage.limit, 0.0))
        columns = range(one[Column.INPUTS]) if stage.columns is None else stage.columns
        one.constants = runs_of(columns)
