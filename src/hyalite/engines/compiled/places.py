"""Where in memory every array of a batch lies: shared where one can take another's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyalite.engines.compiled import narrow
from hyalite.engines.compiled.instructions import SIGN_ONLY, VALUE, Instruction, Instructions
from hyalite.engines.compiled.tables import NOWHERE, Column, Function, Operation

TILE = 1 << 16  # entries of theta in a piece of work
SLICES = 4  # of the samples' features, where the first layer is large


@dataclass
class Room:
    """How much memory a program wants, in entries: per row, and of a part's gradient."""

    block: int = 0
    whole: int = 0
    part: int = 0

    def take(self, width: int, whole: bool = False) -> int:
        """A place for an array of this width."""
        if whole:
            self.whole += width
            return ~(self.whole - width)
        self.block += width
        return self.block - width

    def take_part(self, size: int) -> int:
        """An offset in the gradient of a part."""
        self.part += size
        return self.part - size


class Places:
    """Writes the places into the instructions.

    Args:
        instructions: of the network.
        batch_size: rows that are trained on at once; 0 for inference, where nothing is kept.

    Attributes:
        room: what they take in all.
        slices: where the samples' features are cut, or empty.
    """

    def __init__(self, instructions: Instructions, batch_size: int) -> None:
        self.instructions, self.batch_size = instructions, batch_size
        self.training = instructions.training
        self.room, self.slices = Room(), list[int]()
        self._place()
        if self.training:
            self._place_derivatives()

    def by_tiles(self, one: Instruction) -> bool:
        """Whether dW is made of the whole batch at once, in tiles, rather than summed from parts.

        Where W is large against the rows of a block, a gradient for each part would cost more
        memory traffic than keeping x and dy.
        """
        if not self.training or one[Column.OPERATION] != Operation.DENSE:
            return False
        inputs, outputs = one[Column.INPUTS], one[Column.OUTPUTS]
        if inputs <= narrow.INPUTS or outputs <= narrow.OUTPUTS or inputs * outputs < TILE // 2:
            return False
        return self.batch_size * (inputs + outputs) <= 8 * inputs * outputs

    def _place(self) -> None:
        """Say where every x and y lies."""
        x = self.room.take(self.instructions[0][Column.INPUTS], self.by_tiles(self.instructions[0]))
        needs: Sequence[Function] = ()
        for number, one in enumerate(self.instructions):
            one[Column.X] = x
            operation, outputs = one[Column.OPERATION], one[Column.OUTPUTS]
            following = self.instructions[number + 1 : number + 2]
            kept = any(self.by_tiles(other) for other in following)
            in_place = operation not in (Operation.DENSE, Operation.BATCH_NORMALIZATION)
            in_place &= operation != Operation.LAYER_NORMALIZATION and not kept
            if self.training:
                spoils = SIGN_ONLY + VALUE if operation != Operation.DROPOUT else VALUE
                in_place &= not any(function in spoils for function in needs)
                # what a dense layer takes in is needed for its gradient
                in_place &= number == 0 or x >= 0
            one[Column.Y] = x if in_place else self.room.take(outputs, kept)
            if number == 0 and self.by_tiles(one):
                inputs = one[Column.INPUTS]
                self.slices = [inputs * i // SLICES for i in range(SLICES + 1)]
                one[Column.PARTIAL] = self.room.take(SLICES * outputs, whole=True)
            if (
                (operation == Operation.DROPOUT and one.needs == () and self.training)
                or one[Column.FUNCTION] == Function.GELU
                or operation
                in (
                    Operation.BATCH_NORMALIZATION,
                    Operation.LAYER_NORMALIZATION,
                )
            ):
                one[Column.AUX] = self.room.take(outputs)
            if operation == Operation.BATCH_NORMALIZATION:
                one[Column.STATS] = self.room.take(outputs)
            elif operation == Operation.LAYER_NORMALIZATION:
                one[Column.STATS] = self.room.take(1)
            needs = one.needs if not in_place or one.needs else needs
            x = one[Column.Y]
        if not self.training:  # room for the loss to work in
            last = self.instructions[-1]
            last[Column.DY] = self.room.take(last[Column.OUTPUTS])

    def _place_derivatives(self) -> None:
        """Say where every dy lies: two places take turns, but for what is kept for the tiles."""
        first = next((n for n, one in enumerate(self.instructions) if one[Column.W] >= 0), None)
        widest = max(one[Column.OUTPUTS] for one in self.instructions)
        turns = [self.room.take(widest), self.room.take(widest)]
        place = NOWHERE
        for number in range(len(self.instructions) - 1, -1, -1):
            one = self.instructions[number]
            if place == NOWHERE:  # behind a dense layer, or at the end
                start = number
                while self.instructions[start][Column.OPERATION] != Operation.DENSE and start:
                    start -= 1
                place = turns[0]
                if self.by_tiles(self.instructions[start]):
                    place = self.room.take(one[Column.OUTPUTS], whole=True)
                turns.reverse()
                if number + 1 < len(self.instructions):
                    self.instructions[number + 1][Column.DX] = place
            one[Column.DY] = place
            if number == (first or 0):
                break
            if one[Column.OPERATION] == Operation.DENSE:
                place = NOWHERE
        for number in range(1, len(self.instructions)):
            self._merge_masks(number)
        for one in self.instructions:
            if one[Column.W] < 0:
                continue
            sizes = one[Column.OUTPUTS], one[Column.OUTPUTS]
            if one[Column.OPERATION] == Operation.DENSE:
                sizes = one[Column.INPUTS] * one[Column.OUTPUTS], one[Column.OUTPUTS]
            if not self.by_tiles(one):
                one[Column.PART_W] = self.room.take_part(sizes[0])
            if one[Column.B] >= 0:
                one[Column.PART_B] = self.room.take_part(sizes[1])

    def _merge_masks(self, number: int) -> None:
        """Let a dense layer's pass over dx do what a ReLU before it, or with dropout, asks."""
        one, before = self.instructions[number], self.instructions[number - 1]
        if one[Column.OPERATION] != Operation.DENSE or one[Column.DX] == NOWHERE:
            return
        if before.needs != (Function.RELU,) or before[Column.UNDO] != Function.RELU:
            return
        scale = 1.0
        if before[Column.OPERATION] == Operation.DROPOUT:
            scale = before.reals[0]
            self.instructions[number - 2][Column.UNDO] = Function.LINEAR
        before[Column.UNDO] = Function.LINEAR
        one[Column.MASKED] = 1
        one.reals = (one.reals[0], scale)
