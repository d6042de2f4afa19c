"""What an optimizer's kernel computes for itself."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


pytestmark = pytest.mark.compiled


def test_what_a_power_leaves_of_1_is_exact_to_a_few_units() -> None:
    from numba import njit

    from hyalite.engines.compiled.kernels.optimizers import _rest_of_power

    @njit
    def run(base: float, exponent: float) -> float:
        return _rest_of_power(base, exponent)

    for base in (0.0, 0.5, 0.9, 0.999, 1 - 1e-9):
        for exponent in (1, 2, 3, 10, 1000, 123_457, 10_000_000):
            with localcontext() as context:
                context.prec = 60
                true = float(1 - Decimal(base) ** exponent)
            assert abs(run(base, float(exponent)) - true) <= 4 * np.spacing(true), (base, exponent)
