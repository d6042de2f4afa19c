"""Scale: a trained factor for each feature, or for some of them."""

from __future__ import annotations

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import Instructions, Operation
from hyalite.engines.compiled.lowering.operations.runs import runs_of
from hyalite.engines.compiled.structs import OperationKind
from hyalite.layers import Layer
from hyalite.layers.selection import chosen_of


class Scale(Operation):
    """`y = s ⊙ x`."""

    kind = OperationKind.SCALE
    stages = (layers.Scale,)
    in_place = False  # ds is made of x

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.Scale)
        runs = runs_of(chosen_of(stage, stage.columns, instructions.shape))
        instructions.add_weighted(self, stage, "s", None).constants = runs
