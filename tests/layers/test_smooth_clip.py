"""Numbers brought within a limit."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy


def test_values_and_slopes_worked_out_by_hand() -> None:
    layer = hy.SmoothClip(limit=3)
    x = np.array([[0.0, 4.0, -4.0, 3.0]])
    y = [[0, 12 / 5, -12 / 5, 3 / np.sqrt(2)]]
    np.testing.assert_allclose(layer.forward(x), y, rtol=1e-15)
    slopes = [[1, 0.6**3, 0.6**3, 0.5**1.5]]
    np.testing.assert_allclose(layer.backward(np.ones((1, 4))), slopes, rtol=1e-15)


def test_the_others_pass() -> None:
    layer = hy.SmoothClip(1, (2, 0))
    x = np.array([[1.0, 100, 1, 7]])
    half = np.sqrt(0.5)
    np.testing.assert_allclose(layer.forward(x), [[half, 100, half, 7]])
    np.testing.assert_allclose(layer.backward(2 * x), [[2 * half**3, 200, 2 * half**3, 14]])
    assert x.tolist() == [[1, 100, 1, 7]], "what came in is left as it was"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("limit", [1e-30, 3, 1e30])
def test_nothing_overflows(limit: float, dtype: str) -> None:
    """Squares of such numbers would."""
    x = np.array([[1e38, -1e38, 1e-38, 0, 1e20]], dtype)
    layer = hy.SmoothClip(limit)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y = layer.forward(x)
        dx = layer.backward(np.ones_like(x))
    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()
    np.testing.assert_allclose(y[0, :2], [limit, -limit], rtol=1e-6)


@pytest.mark.parametrize("limit", [0, -1, 1e31, np.nan, "3"])
def test_limits_out_of_range_are_refused(limit: object) -> None:
    with pytest.raises(ValueError, match="limit must be a number in"):
        hy.SmoothClip(limit)
