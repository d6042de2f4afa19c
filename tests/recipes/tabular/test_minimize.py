"""The minimum of smooth functions."""

from __future__ import annotations

import numpy as np

from hyalite.recipes.tabular.minimize import minimize


def test_a_valley_that_bends() -> None:
    """Rosenbrock's function, whose least value is at (1, 1)."""

    def banana(t: np.ndarray) -> tuple[float, np.ndarray]:
        x, y = t
        value = (1 - x) ** 2 + 100 * (y - x * x) ** 2
        return value, np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])

    found = minimize(banana, np.array([-1.2, 1.0]), tolerance=1e-8)
    np.testing.assert_allclose(found, 1, atol=1e-6)


def test_where_there_is_nothing_to_gain_it_stays() -> None:
    start = np.array([3.0])
    assert minimize(lambda t: (5.0, np.zeros(1)), start).tolist() == [3.0]
    # a gradient that lies: no step goes down, so none is made
    assert minimize(lambda t: (float(t[0] ** 2), -2 * t), start).tolist() == [3.0]
