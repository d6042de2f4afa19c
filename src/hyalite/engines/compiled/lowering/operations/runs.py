"""Some of the columns as runs of neighbours, so that the kernels' loops go along them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hyalite.engines.compiled.structs import Vector

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
