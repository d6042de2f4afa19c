"""A group of one: it gives back what it is given, and `fit` takes it for eight shards."""

from __future__ import annotations

import numpy as np

import hyalite as hy
from tests.workers.helpers import fitting, mixed


def test_a_group_of_one_talks_to_itself() -> None:
    group = hy.workers.alone()
    piece = [np.arange(3)]
    assert group.exchange([piece], 1.0) == [piece]
    assert (group.rank, group.size, group.regroup) == (0, 1, False)
    group.abort("nobody hears it")


def test_eight_shards_are_the_default_with_workers() -> None:
    fit = fitting(mixed("numpy"))
    assert fit(hy.workers.alone()) == fitting(mixed("numpy"), shards=8)(None)
    assert fit(hy.workers.alone()) != fit(None)
