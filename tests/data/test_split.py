"""The rows set apart for validation."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.data.split import split_rows


@pytest.mark.parametrize("fraction", [0.1, 0.25, 1 / 3, 0.5, 0.9])
@pytest.mark.parametrize("samples", [10, 97, 300])
@pytest.mark.parametrize("classes", [None, 1, 2, 7])
def test_the_split_is_disjoint_complete_stratified_and_seeded(samples, fraction, classes):
    labels = None if classes is None else np.random.default_rng(1).integers(0, classes, samples)
    train, kept = split_rows(samples, fraction, labels, seed=5)
    assert sorted([*train, *kept]) == list(range(samples))
    assert len(kept) == round(samples * fraction)
    if labels is not None:
        share = np.bincount(labels[kept], minlength=classes)
        expected = np.bincount(labels, minlength=classes) * fraction
        # to within one sample, and what rounding the whole number of them adds
        assert (np.abs(share - expected) <= 1 + abs(len(kept) - samples * fraction)).all()
    again = split_rows(samples, fraction, labels, seed=5)
    np.testing.assert_array_equal(again[1], kept)
    if samples > 50:
        assert not np.array_equal(split_rows(samples, fraction, labels, seed=6)[1], kept)
        assert kept.tolist() != list(range(samples - len(kept), samples)), "shuffled first"
        assert kept.tolist() != list(range(len(kept)))
