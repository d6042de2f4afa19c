"""Operations on some of the columns: which, as runs of neighbours, so that loops go along them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hyalite.engines.compiled.kernels.buffers import constants_of
from hyalite.engines.compiled.kernels.decorators import ONE, kernel
from hyalite.engines.compiled.kernels.intrinsics import vector_at
from hyalite.engines.compiled.structs import Matrix, Vector

RUN = 3  # whole numbers of a run: its first column, how many, and the number of the first


def runs_of(columns: Sequence[int]) -> Vector:
    """An instruction's constants: how many numbers follow, and the runs.

    (0, 1, 2, 7) -> 6, and 0, 3, 0 and 7, 1, 3.
    """
    runs: list[int] = []
    for number, column in enumerate(columns):
        if runs and column == runs[-RUN] + runs[-RUN + 1]:
            runs[-RUN + 1] += 1
        else:
            runs += (column, 1, number)
    return np.array([len(runs), *runs], np.int64)


@kernel
def runs_at(table: Matrix, k: int) -> Vector:
    """The runs of instruction k."""
    size = constants_of(table, k, ONE)[0]
    return vector_at(constants_of(table, k, ONE), ONE, size)
