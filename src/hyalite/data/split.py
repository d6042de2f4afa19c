"""The cut into training and validation samples: shuffled, and by class where there are classes."""

from __future__ import annotations

import numpy as np

from hyalite.parameters import Array
from hyalite.random import split_stream


def split_rows(
    samples: int, fraction: float, labels: Array | None, seed: int
) -> tuple[Array, Array]:
    """Row numbers for training and for validation, each in ascending order.

    With labels every class gives its share, to within one sample, and the sizes are as without.

    Args:
        samples: how many there are.
        fraction: of them for validation, above 0 and below 1.
        labels: class of each sample, (samples,), or None.
        seed: of the choice.

    Raises:
        ValueError: one of the two parts would be empty.
    """
    count = round(samples * fraction)
    if not 0 < count < samples:
        raise ValueError(
            f"validation_split={fraction} of {samples} samples leaves one part empty; "
            "give validation_data, or more samples"
        )
    shuffled = split_stream(seed).permutation(samples)
    if labels is not None:
        # Sort by class, keep the shuffled order within one; then every 1/fraction-th sample is
        # taken, and so each class gives its share.
        shuffled = shuffled[np.argsort(labels[shuffled], kind="stable")]
        places = (np.arange(count) + 0.5) * samples / count
        chosen = np.zeros(samples, bool)
        chosen[places.astype(np.int64)] = True
        return np.sort(shuffled[~chosen]), np.sort(shuffled[chosen])
    return np.sort(shuffled[count:]), np.sort(shuffled[:count])
