"""Operations on some of the columns: which, as runs of neighbours, so that loops go along them."""

from __future__ import annotations

from collections.abc import Sequence

RUN = 3  # whole numbers of a run: its first column, how many, and the number of the first


def runs_of(columns: Sequence[int]) -> list[int]:
    """Neighbours in the table's form: (0, 1, 2, 7) -> 0, 3, 0 and 7, 1, 3."""
    runs: list[int] = []
    for number, column in enumerate(columns):
        if runs and column == runs[-RUN] + runs[-RUN + 1]:
            runs[-RUN + 1] += 1
        else:
            runs += (column, 1, number)
    return runs
