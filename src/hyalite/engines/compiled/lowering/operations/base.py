"""What an operation says of itself, and the instructions that a network becomes.

How a layer becomes an instruction, what that needs in memory and what it costs stands here; the
forward and backward pass stand in the file of the same name in `kernels/operations`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from hyalite.engines.compiled.structs import (
    AXES,
    COLUMNS,
    NOWHERE,
    ActivationKind,
    Column,
    Meeting,
    OperationKind,
    Tile,
    Vector,
)
from hyalite.layers import Dropout, Layer
from hyalite.network import Network
from hyalite.parameters import Shape

TILE_SIZE = 1 << 16  # entries of theta in a piece of work
ACTIVATION_KERNELS = ("bias_and_activation", "activation_gradient")


@dataclass
class BufferSizes:
    """How much memory a program wants, in entries.

    Attributes:
        thread: buffers of a thread, per row of a block.
        batch: buffers of the batch, per row of it.
        part: gradient of a part of the batch.
    """

    thread: int = 0
    batch: int = 0
    part: int = 0

    def take(self, width: int) -> int:
        """A buffer of the thread, of this width."""
        self.thread += width
        return self.thread - width

    def take_batch(self, width: int) -> int:
        """A buffer of the batch, which outlives the block that writes it."""
        self.batch += width
        return ~(self.batch - width)

    def take_part(self, size: int) -> int:
        """An offset in the gradient of a part."""
        self.part += size
        return self.part - size


@dataclass
class Instruction:
    """One row of the table while it is made.

    Attributes:
        operation: what it does.
        row: the columns.
        reals: two numbers; which ones is the operation's choice.
        needs_y: the activations whose derivative the backward pass takes from y.
        constants: what else the kernels need to know, int64; real numbers by their bits.
    """

    operation: Operation
    row: Vector
    reals: tuple[float, float]
    needs_y: Sequence[ActivationKind] = ()
    constants: Vector = field(default_factory=lambda: np.empty(0, np.int64))

    def __getitem__(self, column: Column) -> int:
        return int(self.row[column])

    def __setitem__(self, column: Column, value: int) -> None:
        self.row[column] = value

    @property
    def has_weights(self) -> bool:
        """Whether it has parameters."""
        return self[Column.W] >= 0

    @property
    def by_tiles(self) -> bool:
        """Whether its gradient is made of the whole batch at once, tile by tile."""
        return self.has_weights and self[Column.GRAD_W] < 0

    @property
    def shares_product(self) -> bool:
        """Whether all threads make its product together."""
        return self[Column.MEETING] == Meeting.PRODUCT


class Instructions(list[Instruction]):
    """What to do with a batch, in order; the buffers are left open.

    Args:
        network: built.
        training: whether to drop, and to keep what the backward pass needs.

    Attributes:
        shape: of a sample after the last instruction.
        scale, offset: of the samples, as they are gathered.
        scheduled: by number of instruction, the dropout layers whose rate follows a schedule.
    """

    def __init__(self, network: Network, training: bool) -> None:
        super().__init__()
        self.training = training
        self.offsets = {slot.name: slot.offset for slot in network.ready.layout.slots}
        self.states = {slot.name: slot.offset for slot in network.ready.state_layout.slots}
        self.sizes = {slot.name: slot.size for slot in network.ready.layout.slots}
        self.shape = network.input_shape
        self.scale, self.offset = 1.0, 0.0
        self.scheduled: dict[int, Dropout] = {}

    @property
    def last(self) -> Instruction | None:
        """The one before the next."""
        return self[-1] if self else None

    def add(
        self,
        operation: Operation,
        stage: Layer | None = None,
        reals: tuple[float, float] = (0.0, 0.0),
    ) -> Instruction:
        """Append an instruction that takes the shape the one before gives."""
        row = np.full(COLUMNS, -1, np.int64)
        row[[Column.AUX, Column.STD, Column.DY, Column.DX, Column.SLICE_PRODUCTS]] = NOWHERE
        row[[Column.ACTIVATION, Column.DERIVATIVE, Column.LAYER, Column.COST]] = 0
        row[[Column.WEIGHT_SIZE, Column.BIAS_SIZE]] = 0
        row[Column.MEETING] = Meeting.NONE
        row[Column.OPERATION], row[Column.INPUTS] = operation.kind, math.prod(self.shape)
        row[_axes(Column.INPUT_SHAPE)] = _three(self.shape)
        if stage is not None:
            row[Column.LAYER] = stage.index
            self.shape = stage.output_shape(self.shape)
        row[Column.OUTPUTS] = math.prod(self.shape)
        row[_axes(Column.OUTPUT_SHAPE)] = _three(self.shape)
        self.append(Instruction(operation, row, reals))
        return self[-1]

    def extend_last(self, stage: Layer) -> None:
        """Let the last instruction's output be what the stage makes of it."""
        self.shape = stage.output_shape(self.shape)
        self[-1][Column.OUTPUTS] = math.prod(self.shape)
        self[-1].row[_axes(Column.OUTPUT_SHAPE)] = _three(self.shape)

    def add_weighted(
        self, operation: Operation, stage: Layer, weight: str, bias: str | None,
        reals: tuple[float, float] = (0.0, 0.0),
    ) -> Instruction:  # fmt: skip
        """Append one that has parameters, which the layer calls by these names."""
        added = self.add(operation, stage, reals)
        added[Column.W] = self.offsets[f"{stage.name}.{weight}"]
        added[Column.WEIGHT_SIZE] = self.sizes[f"{stage.name}.{weight}"]
        if bias is not None:
            added[Column.B] = self.offsets[f"{stage.name}.{bias}"]
            added[Column.BIAS_SIZE] = self.sizes[f"{stage.name}.{bias}"]
        added[Column.COST] = operation.cost(added)
        return added

    @property
    def cost(self) -> int:
        """Multiplications of a forward pass, per sample."""
        return sum(one[Column.COST] for one in self)


def _axes(column: Column) -> slice:
    return slice(int(column), int(column) + AXES)


def _three(shape: Shape) -> Shape:
    """Rows, columns, channels; what has fewer axes has ones before, what has more is one row."""
    if len(shape) > AXES:
        shape = (math.prod(shape),)
    return (1,) * (AXES - len(shape)) + tuple(shape)


class Operation:
    """A kind of instruction.

    Subclasses set what is otherwise here, and write `lower` where stages become such.
    """

    kind: ClassVar[OperationKind]
    stages: ClassVar[tuple[type[Layer], ...]] = ()  # that become such an instruction
    in_place: ClassVar[bool] = True  # y may be written over x
    keeps_sign: ClassVar[bool] = False  # y over x leaves what ReLU's derivative asks of x
    only_reads: ClassVar[bool] = False  # y is x
    keeps_y: ClassVar[bool] = False  # y is read again, later than by the next instruction
    dx_over_dy: ClassVar[bool] = True  # dx is written over dy
    keeps_dy: ClassVar[bool] = False  # dy is read again, later than by the next backward pass
    of_pictures: ClassVar[bool] = False  # a sample alone is work enough for a block

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        """Append what the stage becomes, or change what is there already."""
        raise NotImplementedError

    def cost(self, one: Instruction) -> int:
        """Multiplications per sample, of an instruction with parameters."""
        return one[Column.WEIGHT_SIZE] + one[Column.BIAS_SIZE]

    def place(self, one: Instruction, sizes: BufferSizes) -> None:
        """Take the buffers that it needs besides x, y and their derivatives."""

    @property
    def name(self) -> str:
        """What its kernels' names begin with."""
        return self.kind.name.lower()

    def takes_activation(self, one: Instruction, kind: ActivationKind) -> bool:
        """Whether its pass can do this activation, which follows."""
        return False

    def kernels(self) -> tuple[str, ...]:
        """The names of those that its passes need, in the kernels' catalogue."""
        return f"{self.name}_forward", f"{self.name}_backward"

    def by_tiles(self, one: Instruction, batch_size: int) -> bool:
        """Whether dW is made of the whole batch at once, in tiles, rather than summed from parts.

        Then its x and dy are kept for the whole batch.
        """
        return False

    def meeting(self, one: Instruction, number: int, batch_size: int) -> Meeting:
        """What an instruction, in a training, needs of all blocks."""
        return Meeting.NONE

    def feature_slices(self, one: Instruction) -> list[int]:
        """Where the samples' features are cut, if it comes first and its dW is made by tiles."""
        return []

    def tiles(
        self, number: int, one: Instruction, slices: Sequence[int], owner: int
    ) -> Iterator[Tile]:
        """Pieces of W whose gradients are made one by one.

        Args:
            number: of the instruction.
            one: itself.
            slices: where the features are cut, or empty.
            owner: of the first tile, where there are no slices.
        """
        raise NotImplementedError

    def fuse_backward(self, instructions: Instructions, number: int) -> None:
        """Let instruction `number` do, in its backward pass, what those before would in theirs."""
