"""What workers tell each other arrives as it was, and at the right place of the program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite.errors import LostWorker
from hyalite.workers.talk import gathered, swap, told
from tests.workers.helpers import noting

run = hy.workers.threads.run


def test_what_rank_0_has_all_have() -> None:
    values = {"rate": 0.1, "names": ["a", None], "odd": float("inf")}
    arrays = {"theta": np.arange(6, dtype=np.float32).reshape(2, 3), "none": np.empty((0, 4))}

    def tell(group: Any) -> Any:
        return told(group, values, arrays) if group.rank == 0 else told(group, None)

    for found, there in [*run(3, tell), tell(hy.workers.alone())]:
        assert found == values
        for name, one in arrays.items():
            assert there[name].tobytes() == one.tobytes()
            assert there[name].dtype == one.dtype
            assert there[name].shape == one.shape


def test_what_each_has_all_have() -> None:
    assert run(3, lambda group: gathered(group, group.rank * 1.5)) == [[0.0, 1.5, 3.0]] * 3


def test_numbers_of_numpy_become_plain_ones() -> None:
    given = [np.float32(0.5), np.int64(3), np.arange(2)]
    assert run(2, lambda group: told(group, given)[0])[1] == [0.5, 3, [0, 1]]


def test_a_rank_at_another_place_is_found() -> None:
    said: list[str] = []
    with pytest.raises(LostWorker):
        run(2, noting(lambda group: swap(group, (7, group.rank), [()] * 2), said))
    assert any("of the program, rank" in text for text in said)
