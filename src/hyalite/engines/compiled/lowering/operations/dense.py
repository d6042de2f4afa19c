"""The dense layer: its products, and how they are cut where W is large.

Where W is large its gradient is not summed from those of the parts of a batch, but made of the
whole batch's x and dy, tile by tile, when the tile is updated. Where such a layer is the first, its
forward product is cut, too, by slices of the features: no other thread than the owner of a slice
of x and W reads or writes it, unless one is done early. What one core has written costs another
0.5 µs a kilobyte, and W is by far the largest of all there is. Of another such layer all threads
make the products together, by columns, if a W fits no cache.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.activation import place_derivative
from hyalite.engines.compiled.lowering.operations.base import (
    ACTIVATION_KERNELS,
    TILE_SIZE,
    BufferSizes,
    Instruction,
    Instructions,
    Operation,
)
from hyalite.engines.compiled.structs import (
    MAX_NARROW,
    NOWHERE,
    ActivationKind,
    Column,
    Meeting,
    OperationKind,
    Tile,
)
from hyalite.layers import Layer

FEATURE_SLICES = 4
SHARED_SIZE = 1 << 19  # entries of a W whose products are shared
MAX_BATCH_PER_WEIGHT = 8  # entries of x and dy that are kept for an entry of W


class Dense(Operation):
    """`y = f(x·W + b)`."""

    kind = OperationKind.DENSE
    stages = (layers.Dense,)
    in_place = False
    dx_over_dy = False

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.Dense)
        instructions.add_weighted(self, stage, "W", "b" if stage.use_bias else None)

    def place(self, one: Instruction, sizes: BufferSizes) -> None:
        place_derivative(one, sizes)

    def takes_activation(self, one: Instruction, kind: ActivationKind) -> bool:
        return one[Column.ACTIVATION] == ActivationKind.LINEAR

    def kernels(self) -> tuple[str, ...]:
        own = "product", "slice_forward", "tile_gradient"
        return (*super().kernels(), *ACTIVATION_KERNELS, *own)

    def by_tiles(self, one: Instruction, batch_size: int) -> bool:
        """Where W is large against the rows of a block: a gradient for each part would cost more
        memory traffic than keeping x and dy.
        """
        inputs, outputs, size = one[Column.INPUTS], one[Column.OUTPUTS], one[Column.WEIGHT_SIZE]
        if outputs <= MAX_NARROW or size < TILE_SIZE // 2:
            return False
        return batch_size * (inputs + outputs) <= MAX_BATCH_PER_WEIGHT * size

    def meeting(self, one: Instruction, number: int, batch_size: int) -> Meeting:
        """Where W is large; the first layer's product is cut by slices of the features."""
        shared = number > 0 and one[Column.WEIGHT_SIZE] >= SHARED_SIZE
        return Meeting.PRODUCT if shared and self.by_tiles(one, batch_size) else Meeting.NONE

    def feature_slices(self, one: Instruction) -> list[int]:
        return [one[Column.INPUTS] * i // FEATURE_SLICES for i in range(FEATURE_SLICES + 1)]

    def tiles(
        self, number: int, one: Instruction, slices: Sequence[int], owner: int
    ) -> Iterator[Tile]:
        """Rows of W; those of a slice all belong to the thread that owns the slice."""
        w, outputs = one[Column.W], one[Column.OUTPUTS]
        edges = itertools.pairwise(slices or (0, one[Column.INPUTS]))
        for slice_, (first, last) in enumerate(edges):
            count = -(-(last - first) * outputs // TILE_SIZE)
            rows = [first + (last - first) * i // count for i in range(count + 1)]
            for i, (low, high) in enumerate(itertools.pairwise(rows)):
                whose = slice_ if slices else owner + i
                yield Tile(w + low * outputs, w + high * outputs, number, low - first, whose)

    def fuse_backward(self, instructions: Instructions, number: int) -> None:
        """Do in the pass over dx what a ReLU before it asks, or dropout behind a ReLU."""
        one, before = instructions[number], instructions[number - 1]
        relu = before.needs_y == (ActivationKind.RELU,)
        if one[Column.DX] == NOWHERE or not relu:
            return
        if before[Column.DERIVATIVE] != ActivationKind.RELU:
            return
        scale = 1.0
        if before[Column.OPERATION] == OperationKind.DROPOUT:
            scale = before.reals[0]
            instructions[number - 2][Column.DERIVATIVE] = ActivationKind.LINEAR
        before[Column.DERIVATIVE] = ActivationKind.LINEAR
        one[Column.MASKED] = 1
        one.reals = (one.reals[0], scale)
