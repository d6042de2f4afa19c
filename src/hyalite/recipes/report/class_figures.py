"""Figures of classes from probabilities, each for many weightings of the same rows at once.

All take probabilities ``p`` (n, classes), labels ``y`` (n,) and weights ``w`` (draws, n), and give
a value for each draw: (draws,), or (draws, classes) where it is one by class. What has no value,
since a class has no rows in a draw, is NaN.
"""

from __future__ import annotations

import numpy as np

from hyalite.parameters import Array

SMALLEST_PROBABILITY = 1e-7  # about what float32 resolves below 1; an infinite loss tells nothing
CALIBRATION_BINS = 15


def ratio(top: Array, bottom: Array) -> Array:
    """Top / bottom, NaN where bottom is 0."""
    return np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom > 0)


def one_hot(y: Array, classes: int) -> Array:
    """float64 (n, classes)."""
    return (y[:, None] == np.arange(classes)).astype(np.float64)


def accuracy(p: Array, y: Array, w: Array) -> Array:
    """Share of the rows whose likeliest class is the true one: Σ w·[ŷ = y] / Σ w."""
    return np.asarray(w @ (p.argmax(axis=1) == y) / w.sum(axis=1))


def balanced_accuracy(p: Array, y: Array, w: Array) -> Array:
    """The mean over the classes of the share of their rows that is found (recall).

    Classes without rows do not count. Source: Brodersen et al., *The balanced accuracy and its
    posterior distribution*, 2010.
    """
    true = one_hot(y, p.shape[1])
    hits = (p.argmax(axis=1) == y)[:, None] * true
    return mean_of_known(ratio(w @ hits, w @ true))


def log_losses(p: Array, y: Array) -> Array:
    """-ln of the probability of the true class, (n,)."""
    chosen = np.asarray(p[np.arange(len(y)), y], np.float64)
    return np.asarray(-np.log(chosen.clip(SMALLEST_PROBABILITY, 1)))


def log_loss(p: Array, y: Array, w: Array) -> Array:
    """Σ w·(-ln p[y]) / Σ w: small where the true class is thought likely. Good, 1952."""
    return np.asarray(w @ log_losses(p, y) / w.sum(axis=1))


def brier_score(p: Array, y: Array, w: Array) -> Array:
    """Mean squared distance of probabilities from the truth: Σ_k (p_k - [y = k])².

    Of two classes half of that, (p_1 - y)², as Brier's score is mostly given. Source: Brier,
    *Verification of forecasts expressed in terms of probability*, 1950.
    """
    squares = ((p - one_hot(y, p.shape[1])) ** 2).sum(axis=1)
    return np.asarray(w @ squares / w.sum(axis=1) / (2 if p.shape[1] == 2 else 1))


def f1_by_class(p: Array, y: Array, w: Array) -> Array:
    """2·hits / (predicted + actual) of each class, (draws, classes); 0 where it never occurs."""
    predicted, true = one_hot(p.argmax(axis=1), p.shape[1]), one_hot(y, p.shape[1])
    return np.nan_to_num(ratio(2 * (w @ (predicted * true)), w @ predicted + w @ true))


def calibration_error(p: Array, y: Array, w: Array) -> Array:
    """The expected calibration error, of the likeliest class, in 15 bins of equal width.

    Σ_b share of the rows in bin b · |accuracy in b - mean probability in b|. On few rows chance
    alone gives some: it falls as 1/√n. Source: Guo et al., *On calibration of modern neural
    networks*, 2017, equation 3.
    """
    sure = np.asarray(p.max(axis=1), np.float64)
    bins = np.ceil(sure * CALIBRATION_BINS).clip(1, CALIBRATION_BINS).astype(np.int64) - 1
    off = ((p.argmax(axis=1) == y) - sure)[:, None] * one_hot(bins, CALIBRATION_BINS)
    return np.asarray(np.abs(w @ off).sum(axis=1) / w.sum(axis=1))


def roc_auc(p: Array, y: Array, w: Array) -> Array:
    """The area under the ROC curve; of several classes each against the rest, their mean.

    How likely a row of the class gets a higher probability than one of the others; equal ones
    count half. Source: Hanley & McNeil 1982; Provost & Domingos 2000 for the mean.
    """
    w = np.ascontiguousarray(w.T)
    return mean_of_known(np.column_stack([_auc(p[:, k], y == k, w) for k in _told(p)]))


def average_precision(p: Array, y: Array, w: Array) -> Array:
    """Area under precision over recall: Σ_t (recall_t - recall_{t-1})·precision_t.

    t are the different probabilities, from high to low. Of two classes that of the rarer one, of
    several the mean of all. Source: Davis & Goadrich 2006; the sum is scikit-learn's.
    """
    places = [rarer(y)] if p.shape[1] == 2 else range(p.shape[1])
    w = np.ascontiguousarray(w.T)
    return mean_of_known(np.column_stack([_precision(p[:, k], y == k, w) for k in places]))


def rarer(y: Array) -> int:
    """The one of two classes that has fewer rows; of equals the second."""
    return int(2 * np.count_nonzero(y == 1) <= len(y))


def mean_of_known(values: Array) -> Array:
    """The mean of each row (draws, classes) over what is no NaN; NaN where all is."""
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0).sum(axis=1), known.sum(axis=1).astype(np.float64))


def _told(p: Array) -> list[int]:
    """The classes to measure: of two the second tells all."""
    return [1] if p.shape[1] == 2 else list(range(p.shape[1]))


def _auc(score: Array, positive: Array, w: Array) -> Array:
    yes, no = _tied_sums(score, positive, w)
    below = np.cumsum(no, axis=0) - no / 2  # equal ones half
    return ratio((yes * below).sum(axis=0), yes.sum(axis=0) * no.sum(axis=0))


def _precision(score: Array, positive: Array, w: Array) -> Array:
    yes, no = _tied_sums(-score, positive, w)
    hits = np.cumsum(yes, axis=0)
    taken = hits + np.cumsum(no, axis=0)
    gained = (yes * np.nan_to_num(ratio(hits, taken))).sum(axis=0)
    return ratio(gained, yes.sum(axis=0))


def _tied_sums(score: Array, positive: Array, w: Array) -> tuple[Array, Array]:
    """Weight of the positive and of the other rows at each different score, rising.

    Both (scores, draws) from w (n, draws): so the draws of a row lie together in memory, and rows
    are put in order at three times the speed.
    """
    order = np.argsort(score, kind="stable")
    score, positive, w = score[order], positive[order], w[order]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(score) > 0]))
    yes = w * positive[:, None]
    if len(starts) == len(score):
        return yes, w - yes
    yes = np.add.reduceat(yes, starts, axis=0)
    return yes, np.add.reduceat(w, starts, axis=0) - yes
