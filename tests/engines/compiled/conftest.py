"""Data that the compiled engine and the reference are trained on."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    y = rng.integers(0, 3, 500)
    x = rng.standard_normal((500, 40)) + np.eye(3)[y] @ rng.standard_normal((3, 40))
    return x.astype(np.float32), y
