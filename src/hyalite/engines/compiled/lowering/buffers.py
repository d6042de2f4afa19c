"""Where every array of a batch lies: in a buffer of its own, or in another's that is done with."""

from __future__ import annotations

from collections.abc import Sequence

from hyalite.engines.compiled.lowering.operations.activation import FROM_SIGN, FROM_VALUE
from hyalite.engines.compiled.lowering.operations.base import BufferSizes, Instruction, Instructions
from hyalite.engines.compiled.structs import ActivationKind, Column

# Of samples that are only read: at the begin of what stands for the batch's buffers. The kernel
# sets that to the samples themselves, or so that it meets the thread's, where the same room is.
WHERE_THEY_LIE = ~0


class BufferPlan:
    """Writes the buffers into the instructions.

    Args:
        instructions: of the network.
        batch_size: rows that are trained on at once; 0 for inference, where nothing is kept.

    Attributes:
        sizes: what they take in all.
        feature_slices: where the samples' features are cut, or empty.
    """

    def __init__(self, instructions: Instructions, batch_size: int) -> None:
        self.instructions, self.batch_size = instructions, batch_size
        self.training = instructions.training
        self.sizes, self.feature_slices = BufferSizes(), list[int]()
        self._place_values()
        if self.training:
            self._place_derivatives()
            for number in range(1, len(instructions)):
                instructions[number].operation.fuse_backward(instructions, number)
            self._place_gradients()
        else:  # for the loss to work in
            last = instructions[-1]
            last[Column.DY] = self.sizes.take(last[Column.OUTPUTS])

    def by_tiles(self, one: Instruction) -> bool:
        """Whether its dW is made of the whole batch at once; see `Operation.by_tiles`."""
        return self.training and one.operation.by_tiles(one, self.batch_size)

    def _take(self, width: int, for_batch: bool) -> int:
        return self.sizes.take_batch(width) if for_batch else self.sizes.take(width)

    # Inputs and outputs ---------------------------------------------------------------------

    def _place_values(self) -> None:
        """Say where every x and y lies."""
        if self.training:
            for number, one in enumerate(self.instructions):
                one[Column.MEETING] = one.operation.meeting(one, number, self.batch_size)
        first = self.instructions[0]
        x = self._take(first[Column.INPUTS], self.by_tiles(first))
        if not (self.training or first.operation.in_place):
            x = WHERE_THEY_LIE
        needed: Sequence[ActivationKind] = ()  # what backward passes take from the numbers in x
        for number, one in enumerate(self.instructions):
            one[Column.X] = x
            for_batch = self._feeds_tiles(number) or one.shares_product
            in_place = not for_batch and self._may_overwrite_x(number, needed)
            one[Column.Y] = x if in_place else self._take(one[Column.OUTPUTS], for_batch)
            if number == 0 and self.by_tiles(one):
                self.feature_slices = one.operation.feature_slices(one)
                width = (len(self.feature_slices) - 1) * one[Column.OUTPUTS]
                one[Column.SLICE_PRODUCTS] = self.sizes.take_batch(width)
            one.operation.place(one, self.sizes)
            if one.needs_y or not in_place:
                needed = one.needs_y
            x = one[Column.Y]

    def _feeds_tiles(self, number: int) -> bool:
        """Whether the next instruction's x is kept for the whole batch."""
        following = self.instructions[number + 1 : number + 2]
        return any(self.by_tiles(one) for one in following)

    def _may_overwrite_x(self, number: int, needed: Sequence[ActivationKind]) -> bool:
        """Whether y may be written over x.

        Args:
            number: of the instruction.
            needed: the activations whose derivative is still to be taken from the numbers in x.
        """
        one = self.instructions[number]
        if one.operation.only_reads:
            return True
        kept = number > 0 and self.instructions[number - 1].operation.keeps_y
        if kept or not one.operation.in_place:
            return False
        if not self.training:
            return True
        spoiled = FROM_VALUE if one.operation.keeps_sign else FROM_SIGN + FROM_VALUE
        if any(kind in spoiled for kind in needed):
            return False
        # in the batch's buffers lies what a dense layer takes in, which its gradient needs
        return number == 0 or one[Column.X] >= 0

    # Derivatives ----------------------------------------------------------------------------

    def _place_derivatives(self) -> None:
        """Say where every dy lies.

        Most operations write dx over dy, so from one that does not, a dense layer, to the next
        all use the same buffer; of these two take turns, but for what is kept: for the tiles, or
        since it is read again.
        """
        weighted = (number for number, one in enumerate(self.instructions) if one.has_weights)
        first = next(weighted, 0)
        widest = max(one[Column.OUTPUTS] for one in self.instructions)
        buffer, other = self.sizes.take(widest), self.sizes.take(widest)
        stop = len(self.instructions)
        while stop > first:
            start = self._start_of_run(stop - 1)
            outputs, dy = self.instructions[stop - 1][Column.OUTPUTS], buffer
            following = self.instructions[stop : stop + 1]
            shared = any(one.shares_product for one in following)  # and its dx is of all rows
            if shared or self.by_tiles(self.instructions[start]):
                dy = self.sizes.take_batch(outputs)
            elif self.instructions[start].operation.keeps_dy:
                dy = self.sizes.take(outputs)
            for one in self.instructions[max(start, first) : stop]:
                one[Column.DY] = dy
            if stop < len(self.instructions):
                self.instructions[stop][Column.DX] = dy
            buffer, other, stop = other, buffer, start

    def _start_of_run(self, number: int) -> int:
        """The last instruction up to `number` that does not write dx over dy, or the first."""
        while number and self.instructions[number].operation.dx_over_dy:
            number -= 1
        return number

    # Gradients ------------------------------------------------------------------------------

    def _place_gradients(self) -> None:
        """Say where dW and db of a part of the batch lie."""
        for one in self.instructions:
            if not one.has_weights:
                continue
            if not self.by_tiles(one):
                one[Column.GRAD_W] = self.sizes.take_part(one[Column.WEIGHT_SIZE])
            if one[Column.B] >= 0:
                one[Column.GRAD_B] = self.sizes.take_part(one[Column.BIAS_SIZE])
