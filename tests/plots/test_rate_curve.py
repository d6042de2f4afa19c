"""The picture of the search for a learning rate."""

from __future__ import annotations

import numpy as np

import hyalite as hy
from tests.extras import need


def test_its_picture_has_room_for_the_fall_not_for_the_explosion():
    need("matplotlib", "plot")
    curve = hy.RateCurve(
        10.0 ** np.arange(5), np.array([2, 1, 1, 50, 900.0]), np.array([2, 1, 1, 9, 99.0])
    )
    assert 2 < hy.plots.learning_rates(curve).get_ylim()[1] < 4
