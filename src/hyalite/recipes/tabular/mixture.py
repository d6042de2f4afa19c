"""How much each way to predict counts in the mixture, by what it said of rows it had not seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hyalite.parameters import Array
from hyalite.recipes.tabular.scores import loss

ROUNDS = 40  # weights are multiples of one fortieth


def greedy_weights(
    answers: Sequence[Array], y: Array, weight: Array, *, rounds: int = ROUNDS
) -> Array:
    """Weights (ways,) of a mixture that is good on rows that were not trained on.

    It begins with the best way alone; in each round the way is added once more with which the
    mixture's loss is least. What does not help is never added, and few of many are chosen, so it
    is hard to fit the weights to chance.

    Args:
        answers: of each way for the same rows, probabilities (n, classes) or numbers (n,).
        y: labels or numbers (n,).
        weight: what each row counts (n,).
        rounds: how many ways are added up.

    Source: Caruana et al. 2004, *Ensemble selection from libraries of models*.

    Examples:
        >>> from hyalite.recipes.tabular.mixture import greedy_weights
        >>> y = np.array([1.0, 2.0, 3.0])
        >>> ways = [y + 1, y - 1, y + 5]  # too high, too low, far off
        >>> greedy_weights(ways, y, np.ones(3)).tolist()
        [0.5, 0.5, 0.0]
    """
    counts = np.zeros(len(answers))
    total = np.zeros_like(answers[0], dtype=np.float64)
    best_counts, best = counts, np.inf
    for number in range(1, rounds + 1):
        losses = [loss((total + one) / number, y, weight) for one in answers]
        chosen = int(np.argmin(losses))
        total = total + answers[chosen]
        counts = counts + (np.arange(len(counts)) == chosen)
        # as good with fewer is better: chance has had less to choose from
        if losses[chosen] < best * (1 - 1e-6):
            best, best_counts = losses[chosen], counts
    return best_counts / best_counts.sum()
