"""Random numbers by seed, step, layer and row."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from hyalite.random import LEVEL_BITS, MAX_DEPTH, Clock, index_within, lanes, sample_order


class TestLanes:
    def test_rows_do_not_depend_on_how_the_batch_is_cut(self) -> None:
        whole = lanes(Clock(5, 9), 2, 12, 21)
        for cut in range(1, 12):
            part = lanes(Clock(5, 9, row=cut), 2, 12 - cut, 21)
            np.testing.assert_array_equal(part, whole[cut:])

    def test_seed_step_and_layer_each_change_them(self) -> None:
        base = lanes(Clock(5, 9), 2, 4, 16)
        for other in (
            lanes(Clock(6, 9), 2, 4, 16),
            lanes(Clock(5, 8), 2, 4, 16),
            lanes(Clock(5, 9), 3, 4, 16),
        ):
            assert (base == other).mean() < 0.1

    def test_they_are_uniform(self) -> None:
        numbers = lanes(Clock(1), 0, 1000, 160)
        counts = np.bincount(numbers.ravel() >> 12, minlength=16)
        expected = numbers.size / 16
        assert ((counts - expected) ** 2 / expected).sum() < 50  # 15 degrees of freedom

    def test_the_first_numbers_are_these(self) -> None:
        # Philox-4x64-10 with key (1, 2) and counter (1, 0, 0, 0), cut into 16-bit lanes: every
        # engine must draw the same
        assert lanes(Clock(seed=1), 0, 1, 4).tolist() == FIRST


def test_an_order_is_that_of_a_stream_of_its_own_whoever_asks() -> None:
    asked = [(seed, epoch) for seed in (0, 7, 2**63 - 1) for epoch in (1, 2, 2**40)]
    own = []
    for seed, epoch in asked:
        # key (seed, 1), counter (0, 0, epoch, 0): see `hyalite.random`
        bits = np.random.Philox(key=np.uint64([seed, 1]), counter=np.uint64([0, 0, epoch, 0]))
        own.append(np.random.Generator(bits).permutation(1000).tolist())
    assert [sample_order(*one, 1000).tolist() for one in asked] == own
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda one: sample_order(*one, 1000).tolist(), asked * 50)
    assert list(found) == own * 50


FIRST = [[27401, 46419, 17171, 20271]]


def test_no_two_layers_have_one_index() -> None:
    """Three levels of blocks deep, and at the largest places that there are."""
    last = (1 << LEVEL_BITS) - 1
    level, seen = [0, 1, last], {0, 1, last}
    for _ in range(MAX_DEPTH):
        level = [index_within(block, place) for block in level for place in (0, 1, last - 1)]
        assert len(seen | set(level)) == len(seen) + len(level)
        seen |= set(level)
    assert max(seen) < 1 << 63
    lanes(Clock(), max(seen), 1, 16)
