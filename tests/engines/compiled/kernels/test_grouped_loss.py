"""The cross-entropy of several groups, compiled: the loss's values and gradients."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

import hyalite as hy
from hyalite.engines.compiled.frames import packed
from hyalite.engines.compiled.structs import LossKind, LossTable, Source

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

pytestmark = pytest.mark.compiled


@cache
def runnable() -> Callable[..., None]:
    """The kernel as a function that Python can call, with addresses of frames; compiled once for
    each dtype.
    """
    from numba import njit

    from hyalite.engines.compiled.kernels.frames import frame_at
    from hyalite.engines.compiled.kernels.grouped_loss import grouped_loss

    def run(table: int, source: int, zero: float, *others: object) -> None:
        grouped_loss(frame_at(LossTable, table, zero), frame_at(Source, source, zero), *others)

    compiled: Callable[..., None] = njit(run)
    return compiled


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("classes", [(3, 2), (1, 4, 1), (7,), (2, 30, 3)])
@pytest.mark.parametrize("size", [1.0, 1e4])
def test_values_and_gradients_are_the_losss(
    classes: tuple[int, ...], smoothing: float, dtype: str, size: float
) -> None:
    """Of logits as large as may be: samples out of order, with weights."""
    rng, loss = np.random.default_rng(0), hy.GroupedCrossentropy(classes, smoothing)
    out = (size * rng.normal(size=(50, sum(classes)))).astype(dtype)
    targets = rng.integers(0, classes, (60, len(classes))).astype(dtype)
    weight, picked, none = rng.uniform(0.1, 2, 60), rng.permutation(60), np.empty(0)
    table = LossTable(int(LossKind.GROUPED), False, smoothing, 1.0, 0, 0.0, np.array(classes))
    source = Source(
        0, 1, 1, 60, picked[np.newaxis], picked[:0], targets, weight, none, np.empty((0, 1), dtype)
    )
    dy, sums = np.empty_like(out), np.empty(2)
    frames = packed(table), packed(source)
    addresses = [frame.ctypes.data for frame in frames]
    runnable()(*addresses, out.dtype.type(0), picked, 7, 9.0, out, dy, sums)
    tolerance, rows = 1e-6 if dtype == "float32" else 1e-13, picked[7:57]
    each = weight[rows] @ loss.values(out, targets[rows]).astype(np.float64)
    np.testing.assert_allclose(sums, [each, 0], rtol=tolerance)
    expected = loss.gradient(out, targets[rows]) * weight[rows, np.newaxis] / 9
    np.testing.assert_allclose(dy, expected, rtol=0, atol=tolerance)


def test_the_bytes_are_those_of_any_number_of_threads() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(600, 20)), rng.integers(0, (4, 9), (600, 2))
    bytes_of = []
    for threads in (1, 2):
        hy.set_num_threads(threads)
        try:
            model = hy.Sequential([hy.Dense(40, "relu"), hy.Dense(13)])
            loss = hy.GroupedCrossentropy((4, 9), 0.1)
            model.compile(loss, hy.Adam(0.01), engine="compiled")
            model.fit(x, y, batch_size=256, epochs=3, seed=0, verbose=0)
        finally:
            hy.set_num_threads(None)
        bytes_of.append(model.theta.tobytes() + repr(model.evaluate(x, y)).encode())
    assert bytes_of[0] == bytes_of[1]
