"""Tuples that kernels read where they were packed."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.engines.compiled.frames import packed
from hyalite.engines.compiled.structs import FewRows, Functions, NetworkTable

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

pytestmark = pytest.mark.compiled


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_field_is_what_was_packed(dtype: str) -> None:
    from numba import njit

    from hyalite.engines.compiled.kernels.frames import frame_at

    @njit
    def read(address: int, zero: float, out: np.ndarray) -> None:
        call = frame_at(FewRows, address, zero)
        network = call.network
        out[0], out[1], out[2] = network.scale, network.training, network.functions.optimizer
        out[3], out[4], out[5] = network.instructions[1, 2], network.reals[1, 0], call.theta[2]
        out[6], out[7], out[8] = network.instructions.shape[1], call.state.size, call.head

    kinds = {name: number for number, name in enumerate(Functions._fields)}
    theta = np.array([1, 2, 0.1], dtype)
    network = NetworkTable(
        np.arange(6).reshape(2, 3), np.array([[1, 2], [0.1, 4]]), np.empty(0, np.int64), True, 0.3,
        0.0, Functions(**kinds),
    )  # fmt: skip
    frame = packed(FewRows(network, theta, np.empty(0, dtype), 7, 16))
    out = np.empty(9)
    read(frame.ctypes.data, theta[0], out)
    assert out.tolist() == [0.3, True, kinds["optimizer"], 5, 0.1, float(theta[2]), 3, 0, 16]
