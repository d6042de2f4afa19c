"""Which columns a layer is for."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ((0, 4), "columns of Scale must be from 0 to 3, .* 4 features, got 4"),
        ((), "columns must name at least one column, got none"),
        ((1, 0, 1), "columns must name each column once, got 1 more than once"),
        ((-1,), "columns must be a whole number of at least 0, got -1"),
        ((0.5,), "columns must be a whole number of at least 0, got 0.5"),
        (3, r"columns must be places of columns such as \(0, 2\), or None for all, got 3"),
        ("02", "columns must be places of columns"),
    ],
)
@pytest.mark.parametrize("kind", [hy.Scale, hy.SmoothClip])
def test_columns_that_are_none_are_refused(kind: type, columns: object, text: str) -> None:
    with pytest.raises(ValueError, match=text.replace("Scale", kind.__name__)):
        kind(columns=columns).build(4)


def test_only_flat_samples_have_columns() -> None:
    for layer in (hy.Scale(), hy.Scale((0,)), hy.SmoothClip(columns=(0,))):
        with pytest.raises(ValueError, match=r"samples of shape \(features,\).* Flatten"):
            layer.build((2, 2))
    assert hy.SmoothClip().forward(np.ones((3, 2, 2))).shape == (3, 2, 2)
