"""The cross-entropy of several groups, compiled: the loss's own values and gradients."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

pytestmark = pytest.mark.compiled


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("classes", [(3, 2), (1, 4, 1), (7,), (2, 30, 3)])
@pytest.mark.parametrize("size", [1.0, 1e4])
def test_values_and_gradients_are_the_losss(
    classes: tuple[int, ...], smoothing: float, dtype: str, size: float
) -> None:
    """Of logits as large as may be: one sample a row, out of order."""
    from numba import njit

    from hyalite.engines.compiled.kernels.grouped_crossentropy import grouped_crossentropy

    rng, loss = np.random.default_rng(0), hy.GroupedCrossentropy(classes, smoothing)
    out = (size * rng.normal(size=(50, sum(classes)))).astype(dtype)
    targets = rng.integers(0, classes, (60, len(classes))).astype(dtype)
    index, values, dy = rng.permutation(60)[:50], np.empty(50, dtype), np.empty_like(out)
    groups = np.array(classes)
    njit(lambda *arguments: grouped_crossentropy(*arguments))(
        smoothing, groups, out, targets, index, values, dy
    )
    tolerance = 1e-6 if dtype == "float32" else 1e-13
    expected = loss.values(out, targets[index]), loss.gradient(out, targets[index])
    np.testing.assert_allclose(values, expected[0], rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(dy, expected[1], rtol=0, atol=tolerance)


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
