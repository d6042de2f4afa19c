"""The losses, their gradients and the accuracies, row by row.

The formulas are those of `hyalite.losses` and `hyalite.metrics`, where they are explained.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hyalite.engines.compiled import atoms
from hyalite.engines.compiled.compiling import kernel
from hyalite.engines.compiled.elementwise import copy, exponentials, scale, softmax
from hyalite.engines.compiled.exponential import exp_of_negative
from hyalite.engines.compiled.tables import Ending, Hit
from hyalite.losses.crossentropy import CLIP
from hyalite.losses.regression import MAX_LOG_RATE

CATEGORICAL_FUSED, CATEGORICAL = int(Ending.CATEGORICAL_FUSED), int(Ending.CATEGORICAL)
BINARY_FUSED, BINARY = int(Ending.BINARY_FUSED), int(Ending.BINARY)
SQUARED, HALF_SQUARED = int(Ending.SQUARED), int(Ending.HALF_SQUARED)
ABSOLUTE, POISSON, QUANTILE = int(Ending.ABSOLUTE), int(Ending.POISSON), int(Ending.QUANTILE)
CLASS = int(Hit.CLASS)


@kernel
def end(program: Any, source: Any, picked: Any, first: int, total: float, out: Any, dy: Any) -> Any:
    """Loss, accuracy and gradient of a block of rows.

    Args:
        program: says which.
        source: targets and weights; row i is `picked[first + i]`, or first + i if that is empty.
        picked: indices of samples.
        first: place of the first row.
        total: what the gradient is divided by; 0 where none is wanted.
        out: of the network, (rows, outputs).
        dy: the gradient is written here.

    Returns:
        Σ weight·loss, Σ count·hits.
    """
    rows, width = out.shape
    index = np.empty(rows, np.int64)
    for i in range(rows):
        index[i] = picked[first + i] if picked.size else first + i
    values, right = np.empty(rows, out.dtype), np.zeros(rows, np.int64)
    ending, hit, smoothing = program.ending, program.hit, program.smoothing
    if ending == CATEGORICAL_FUSED and source.labels.size and smoothing == 0:
        _fused_labels(out, source.labels, index, values, right, dy)
    elif ending in (CATEGORICAL_FUSED, CATEGORICAL):
        fused = ending == CATEGORICAL_FUSED
        _classes(fused, smoothing, out, source.labels, source.targets, index, values, right, dy)
    elif ending in (BINARY_FUSED, BINARY):
        limit = out.dtype.type(program.limit)
        _yes_no(ending, smoothing, limit, out, source.targets, index, values, right, dy)
    else:
        limit = out.dtype.type(program.limit)
        _numbers(ending, program.delta, limit, out, source.targets, index, values, right, dy)
    loss, hits = 0.0, 0.0
    each = 1.0 if hit == CLASS else 1.0 / width
    for i in range(rows):
        loss += values[i] * (source.weight[index[i]] if source.weight.size else 1.0)
        hits += right[i] * (source.counts[index[i]] if source.counts.size else 1.0)
    if total and source.weight.size:
        for i in range(rows):
            factor = out.dtype.type(source.weight[index[i]] / total)
            for j in range(width):
                dy[i, j] *= factor
    elif total:
        scale(atoms.stretch(dy, 0, dy.size), 1 / total)
    return loss, hits * each if hit else 0.0


@kernel
def _fused_labels(out: Any, labels: Any, index: Any, values: Any, right: Any, dy: Any) -> None:
    """The usual case: softmax and cross-entropy of labels."""
    width = out.shape[1]
    one = out.dtype.type(1)
    exponentials(out, dy)
    for i in range(out.shape[0]):
        label = labels[index[i]]
        top, place = out[i, 0], 0
        total = dy[i, 0]
        for j in range(1, width):
            if out[i, j] > top:
                top, place = out[i, j], j
            total += dy[i, j]
        inverse = one / total
        for j in range(width):
            dy[i, j] *= inverse
        dy[i, label] -= one
        values[i] = math.log(total) - (out[i, label] - top)
        right[i] = place == label


@kernel
def _classes(
    fused: bool, smoothing: float, out: Any, labels: Any, targets: Any, index: Any, values: Any,
    right: Any, dy: Any,
) -> None:  # fmt: skip
    """Cross-entropy of classes, with soft targets, smoothing, or of probabilities."""
    width = out.shape[1]
    T = out.dtype.type
    zero, one, clip = T(0), T(1), T(CLIP)
    rest, share = T(1 - smoothing), T(smoothing / width)
    if fused:
        exponentials(out, dy)
    for i in range(out.shape[0]):
        row = index[i]
        label = labels[row] if labels.size else -1
        truth, place = max(label, 0), 0
        total = zero
        for j in range(width):
            if out[i, j] > out[i, place]:
                place = j
            if label < 0 and targets[row, j] > targets[row, truth]:
                truth = j
            total += dy[i, j] if fused else zero
        value, mean_log = zero, zero
        for j in range(width):
            if fused:
                log_p, inverse = (out[i, j] - out[i, place]) - math.log(total), one
                p = dy[i, j] / total
            else:
                clipped = max(out[i, j], clip)
                log_p, inverse, p = math.log(clipped), one / clipped, zero
            t = targets[row, j] if label < 0 else (one if j == label else zero)
            value -= t * log_p
            mean_log += log_p
            dy[i, j] = (p - t * rest - share) * inverse
        if smoothing > 0:
            value = value * rest - T(smoothing) * (mean_log / T(width))
        values[i] = value
        right[i] = place == truth


@kernel
def _yes_no(
    ending: int, smoothing: float, limit: Any, out: Any, targets: Any, index: Any, values: Any,
    right: Any, dy: Any,
) -> None:  # fmt: skip
    """Cross-entropy of independent yes/no outputs."""
    width = out.shape[1]
    T = out.dtype.type
    zero, one, half, d, clip, keep = T(0), T(1), T(0.5), T(width), T(CLIP), T(1 - CLIP)
    rest, share = T(1 - smoothing), T(smoothing / 2)
    for i in range(out.shape[0]):
        value = zero
        for j in range(width):
            p, t = out[i, j], targets[index[i], j]
            right[i] += (p > limit) == (t > half)
            if smoothing > 0:
                t = t * rest + share
            if ending == BINARY_FUSED:
                e = exp_of_negative(-abs(p))
                value += (max(p, zero) - p * t) + math.log1p(e)
                dy[i, j] = ((one if p >= zero else e) / (one + e) - t) / d
            else:
                p = min(max(p, clip), keep)
                value -= t * math.log(p) + (one - t) * math.log1p(-p)
                dy[i, j] = ((one - t) / (one - p) - t / p) / d
        values[i] = value / d


@kernel
def _numbers(
    ending: int, delta: float, limit: Any, out: Any, targets: Any, index: Any, values: Any,
    right: Any, dy: Any,
) -> None:  # fmt: skip
    """The losses of regression."""
    width = out.shape[1]
    T = out.dtype.type
    half, d, huber, q, twice = T(0.5), T(width), T(delta), T(delta), T(2 / width)
    for i in range(out.shape[0]):
        value = T(0)
        for j in range(width):
            error = out[i, j] - targets[index[i], j]
            size = abs(error)
            right[i] += size < limit
            if ending == SQUARED:
                value += error * error
                dy[i, j] = error * twice
            elif ending == HALF_SQUARED:
                value += half * error * error
                dy[i, j] = error / d
            elif ending == ABSOLUTE:
                value += size
                dy[i, j] = np.sign(error) / d
            elif ending == POISSON:
                rate = math.exp(min(out[i, j], T(MAX_LOG_RATE)))
                value += rate - targets[index[i], j] * out[i, j]
                dy[i, j] = (rate - targets[index[i], j]) / d
            elif ending == QUANTILE:
                value += max(-q * error, (T(1) - q) * error)
                dy[i, j] = (T(1) - q if error > 0 else (-q if error < 0 else T(0))) / d
            else:
                inside = min(size, huber)
                value += inside * (size - half * inside)
                dy[i, j] = min(max(error, -huber), huber) / d
        values[i] = value / d


@kernel
def predict(program: Any, out: Any, result: Any) -> None:
    """Predictions: where the ending has the last activation in it, that is made up."""
    one, zero = out.dtype.type(1), out.dtype.type(0)
    if not program.joined:
        copy(out, result)
    elif program.ending == CATEGORICAL_FUSED:
        softmax(out, result)
    else:
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                e = exp_of_negative(-abs(out[i, j]))
                result[i, j] = (one if out[i, j] >= zero else e) / (one + e)
