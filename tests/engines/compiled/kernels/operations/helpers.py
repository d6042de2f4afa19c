"""An operation's kernels on arrays, without a network around them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

import hyalite as hy
from hyalite.engines.compiled.frames import packed
from hyalite.engines.compiled.lowering.operations import OPERATION_OF
from hyalite.engines.compiled.lowering.operations.base import Instructions
from hyalite.engines.compiled.structs import (
    COLUMNS,
    Block,
    Column,
    Functions,
    NetworkTable,
    PartGradient,
)
from hyalite.random import Clock

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

SEED = 3


@cache
def runnable(name: str) -> Callable[..., None]:
    """A kernel that Python can call; it takes the address of the network's frame, and a number of
    its dtype.
    """
    import numba

    from hyalite.engines.compiled.kernels.catalogue import kernel_of
    from hyalite.engines.compiled.kernels.frames import frame_at

    kernel = kernel_of(name)

    def run(network: int, zero: float, *others: object) -> None:
        kernel(frame_at(NetworkTable, network, zero), *others)

    compiled: Callable[..., None] = numba.njit(run)
    return compiled


class Alone:
    """What a layer without parameters becomes.

    Args:
        layer: of a kind that is an instruction; it is built here.
        shape: of a sample.
        dtype: of the model.
        rows: of a block; its first row is number `first` of the batch.
        first: see `rows`.
        step: of the random numbers.

    Attributes:
        x, y, dy, dx: the block's buffers, (rows, entries).
        clock: by which the layer draws the same.
    """

    def __init__(
        self, layer: hy.Layer, shape: tuple[int, ...], dtype: str, rows: int, first: int = 0,
        step: int = 0,
    ) -> None:  # fmt: skip
        model = hy.Sequential([layer, hy.Flatten(), hy.Dense(1)], dtype=dtype)
        model.build(shape, seed=SEED)
        instructions = Instructions(model.network, training=True)
        OPERATION_OF[type(layer)].lower(layer, instructions)
        (one,) = instructions
        width = one[Column.INPUTS]
        for number, column in enumerate((Column.X, Column.Y, Column.DY, Column.DX)):
            one[column] = number * width
        one[Column.CONSTANTS] = COLUMNS
        self._memory = np.concatenate([one.row, one.constants])
        self._buffers = np.full((4, rows, width), np.nan, dtype)
        self.x, self.y, self.dy, self.dx = self._buffers
        self._network = NetworkTable(
            self._memory[np.newaxis, :COLUMNS], np.array([one.reals]), np.empty(0, np.int64), True,
            1.0, 0.0, Functions(*[0] * len(Functions._fields)),
        )  # fmt: skip
        self._frame = packed(self._network)
        address = self._buffers.ctypes.data
        self._block = Block(
            address, address, 0, rows, rows, first, rows, SEED, step, 0, 0, False, 0
        )
        self.clock = Clock(SEED, step, first)
        self._kind, self._theta = one.operation.kind.name.lower(), np.zeros(1, dtype)
        self._given = self._frame.ctypes.data, self._theta[0], 0, self._theta

    def forward(self) -> np.ndarray:
        """y, from x."""
        runnable(f"{self._kind}_forward")(*self._given, self._block)
        return self.y

    def backward(self) -> np.ndarray:
        """dx, from dy."""
        gradient = PartGradient(self._theta, True)
        runnable(f"{self._kind}_backward")(*self._given, gradient, self._block)
        return self.dx
