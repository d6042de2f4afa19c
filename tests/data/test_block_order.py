"""The order by blocks and lanes: a permutation, whatever the numbers, and lanes that are shards."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np
import pytest

from hyalite.data.block_order import BlockShuffle, EpochOrder, Run, Share
from hyalite.workers.shards import rows_of

RNG = np.random.default_rng(0)
CASES = [
    (1, 1, 1, 1, 1),
    (5, 10, 3, 4, 2),
    (100, 7, 10, 16, 4),
    (64, 64, 8, 8, 1),
    (9, 4, 100, 3, 1),
]
CASES += [tuple(int(n) for n in RNG.integers(1, high, 5)) for high in [4] * 40 + [60] * 60]
CASES += [(int(RNG.integers(1, 5000)), *map(int, RNG.integers(1, 90, 4))) for _ in range(40)]


def order(rows: int, batch: int, block: int, lanes: int, blocks: int, epoch: int = 1) -> EpochOrder:
    return EpochOrder(rows, batch, BlockShuffle(block, lanes, blocks), seed=3, epoch=epoch)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case)))
def test_it_is_a_permutation(case: tuple[int, ...]) -> None:
    made = order(*case)
    np.testing.assert_array_equal(np.sort(made.whole()), np.arange(case[0]))
    stretches = [made.stretch(number) for number in range(made.count)]
    assert sum(one.rows for one in stretches) == case[0]
    assert max(one.rows for one in stretches) <= made.stretch_rows
    for one in stretches:
        assert one.first_row == one.first_step * made.batch_size
        for run in made.runs(one):
            assert 0 <= run.start < run.stop <= case[0]
    steps = -(-case[0] // made.batch_size)
    found = [made.at(step).number for step in range(steps)]
    for step, number in enumerate(found):
        one = made.stretch(number)
        assert one.first_row <= step * made.batch_size < one.first_row + one.rows


def test_it_is_another_one_in_each_epoch_and_the_same_each_time() -> None:
    case = (1000, 32, 10, 8, 2)
    np.testing.assert_array_equal(order(*case).whole(), order(*case).whole())
    assert (order(*case).whole() != order(*case, epoch=2).whole()).any()


def test_without_shuffle_rows_stay_as_they_lie() -> None:
    made = EpochOrder(1000, 32, None, stretch_rows=100)
    np.testing.assert_array_equal(made.whole(), np.arange(1000))
    assert made.count > 1
    assert made.order(made.stretch(0)) is None


@pytest.mark.parametrize("rows", [960, 1003, 47])
@pytest.mark.parametrize("shards", [1, 2, 4, 8])
def test_a_shard_is_made_of_lanes_of_its_own(rows: int, shards: int) -> None:
    """In every batch, the last and smaller one, too, shard k has the rows of its lanes alone."""
    made = order(rows, 48, 5, 8, 2)
    whole, lanes = made.whole(), made.shuffle.lanes
    owner = np.full(rows, -1)
    for number in range(made.count):
        stretch = made.stretch(number)
        read = np.concatenate([np.arange(run.start, run.stop) for run in made.runs(stretch)])
        place = 0
        for lane, (low, high) in enumerate(made.windows(stretch)):
            owner[read[place : place + high - low]] = lane * shards // lanes
            place += high - low
    for start in range(0, rows, made.batch_size):
        batch = owner[whole[start : start + made.batch_size]]
        count = min(shards, len(batch))
        if count < shards:
            continue
        for shard in range(count):
            part = batch[shard * len(batch) // count : (shard + 1) * len(batch) // count]
            assert (part == shard).all()


def test_a_batch_takes_from_many_blocks() -> None:
    """Of 20,000 rows in blocks of 100, 8 lanes of 5 blocks: some 40 blocks in each batch."""
    whole = order(20_000, 100, 100, 8, 5).whole()
    blocks = [len(set(whole[start : start + 100] // 100)) for start in range(0, 20_000, 100)]
    assert np.mean(blocks) > 30


def test_shuffle_says_what_it_takes() -> None:
    with pytest.raises(ValueError, match="lanes must be a whole number of at least 1, got 0"):
        BlockShuffle(lanes=0)
    assert BlockShuffle().for_rows(1 << 16).block_rows == 4
    assert BlockShuffle().for_rows(1 << 20).block_rows == 1
    assert repr(BlockShuffle(10)) == "BlockShuffle(block_rows=10)"


@pytest.mark.parametrize("case", CASES[::5], ids=lambda case: "-".join(map(str, case)))
@pytest.mark.parametrize(("shards", "size"), [(8, 2), (8, 3), (5, 5), (3, 2)])
def test_a_share_of_each_batch_lies_in_its_lanes(
    case: tuple[int, ...], shards: int, size: int
) -> None:
    made = order(*case)
    for rank in range(size):
        share = partial(rows_of, shards=shards, rank=rank, size=size)
        for number in range(made.count):
            stretch = made.stretch(number)
            places = made.order(stretch)
            assert places is not None
            lanes = made.lanes_of(stretch, share)
            read = there(made.runs(stretch, lanes))
            assert read | there(made.runs(stretch, ~lanes)) == set(range(stretch.rows))
            wanted = {int(place) for place in places[in_share(stretch.rows, made, share)]}
            assert wanted <= read
            if case[3] % shards == 0 and made.rest == 0:  # lanes that no two workers share
                assert wanted == read


def test_shares_of_batches_that_stay_as_they_lie() -> None:
    made = EpochOrder(1003, 32, None, stretch_rows=300)
    for rank in range(3):
        share = partial(rows_of, shards=8, rank=rank, size=3)
        for stretch in map(made.stretch, range(made.count)):
            own, others = made.pieces(stretch, share, 32)
            assert there(own) == set(in_share(stretch.rows, made, share))
            assert there(others) == set(range(stretch.rows)) - there(own)
            assert all(run.start == stretch.first_row + run.place for run in [*own, *others])


def there(runs: Iterable[Run]) -> set[int]:
    """Places that runs fill, each once."""
    found = [range(run.place, run.place + run.stop - run.start) for run in runs]
    places = set().union(*found)
    assert len(places) == sum(map(len, found))
    return places


def in_share(rows: int, made: EpochOrder, share: Share) -> list[int]:
    """The rows of a stretch that are a worker's."""
    found: list[int] = []
    for start in range(0, rows, made.batch_size):
        low, high = share(min(made.batch_size, rows - start))
        found += range(start + low, start + high)
    return found
