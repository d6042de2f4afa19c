"""Which samples early stopping holds back."""

from __future__ import annotations

import math

import numpy as np
from sklearn.model_selection import train_test_split

from hyalite.parameters import Array


def hold_out(count: int, fraction: float, strata: Array | None, seed: int) -> tuple[Array, Array]:
    """The numbers of the samples to train on and of those to hold back.

    Where there are strata, each keeps its share in both parts; one with a single sample stays in
    training. Where that cannot be (more strata than samples held back, or hardly any that has two),
    the samples are drawn regardless of them, as scikit-learn does for more than two classes.

    Args:
        count: of the samples.
        fraction: of them, to hold back.
        strata: the class of each (count,), or None.
        seed: of the draw.

    Raises:
        ValueError: fewer than two samples to hold back, or none to train on.
    """
    rows, held = np.arange(count), math.ceil(fraction * count)
    if held < 2:
        raise ValueError(
            f"The validation set is too small: validation_fraction={fraction} of {count} samples "
            f"is {held}, and 2 is the least. Increase validation_fraction or give more samples"
        )
    alone, stratify = rows[:0], None
    if strata is not None:
        _, places, sizes = np.unique(strata, return_inverse=True, return_counts=True)
        single = sizes[places] == 1
        if np.count_nonzero(~single) > held:
            rows, alone = rows[~single], rows[single]
        stratify = strata[rows]
        sizes = np.unique(stratify, return_counts=True)[1]
        if sizes.min() < 2 or len(sizes) > min(held, len(rows) - held):
            stratify = None
    training, validation = train_test_split(
        rows, test_size=held, random_state=seed, stratify=stratify
    )
    return np.concatenate([training, alone]), validation
