"""The steps that exports are made of."""

from __future__ import annotations

import pytest

import hyalite as hy
from hyalite.export import to_numpy


def test_a_layer_of_the_users_is_refused(tmp_path):
    class Own(hy.Layer):
        def forward(self, x, training=False):
            return x

    model = hy.Sequential([Own(), hy.Dense(2)])
    model.build(3)
    with pytest.raises(ValueError, match="Own is not one of the library's"):
        to_numpy(model, tmp_path / "made.py")
    assert list(tmp_path.iterdir()) == []
