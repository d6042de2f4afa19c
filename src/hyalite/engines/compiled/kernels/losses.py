"""The losses, their gradients and the accuracies, row by row.

The formulas are those of `hyalite.losses` and `hyalite.metrics`, where they are explained.
"""

from __future__ import annotations

import math

import numpy as np

from hyalite.engines.compiled.kernels.decorators import ZERO, kernel
from hyalite.engines.compiled.kernels.elementwise import copy, exponentials, scale, softmax
from hyalite.engines.compiled.kernels.exponential import exp_of_negative
from hyalite.engines.compiled.kernels.intrinsics import vector_at, vector_of
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.structs import (
    AccuracyKind,
    LossKind,
    LossTable,
    Matrix,
    Real,
    Source,
    Vector,
)
from hyalite.losses.crossentropy import CLIP as MIN_PROBABILITY
from hyalite.losses.regression import MAX_LOG_RATE

CATEGORICAL_FUSED, CATEGORICAL = int(LossKind.CATEGORICAL_FUSED), int(LossKind.CATEGORICAL)
BINARY_FUSED, BINARY = int(LossKind.BINARY_FUSED), int(LossKind.BINARY)
SQUARED, HALF_SQUARED = int(LossKind.SQUARED), int(LossKind.HALF_SQUARED)
ABSOLUTE, POISSON, QUANTILE = int(LossKind.ABSOLUTE), int(LossKind.POISSON), int(LossKind.QUANTILE)
CLASS = int(AccuracyKind.CLASS)


@kernel
def loss_and_gradient(
    table: LossTable, source: Source, picked: Vector, first: int, total: float, out: Matrix,
    dy: Matrix, sums: Vector,
) -> None:  # fmt: skip
    """Loss, accuracy and gradient of a block of rows.

    Args:
        table: says which.
        source: targets and weights; row i is `picked[first + i]`, or first + i if that is empty.
        picked: indices of samples.
        first: place of the first row.
        total: what the gradient is divided by; 0 where none is wanted.
        out: of the network, (rows, outputs).
        dy: the gradient is written here.
        sums: Σ weight·loss and Σ count·correct are written here, float64 (2,).
    """
    rows, width = out.shape
    memory = allocate(24 * rows)
    index, right = vector_of(memory, rows, ZERO), vector_of(memory + 8 * rows, rows, ZERO)
    values = vector_of(memory + 16 * rows, rows, out.dtype.type(0))
    for i in range(rows):
        index[i] = picked[first + i] if picked.size else first + i
        right[i] = 0
    kind, smoothing = table.kind, table.label_smoothing
    if kind == CATEGORICAL_FUSED and source.labels.size and smoothing == 0:
        _softmax_crossentropy_of_labels(out, source.labels, index, values, right, dy)
    elif kind in (CATEGORICAL_FUSED, CATEGORICAL):
        fused = kind == CATEGORICAL_FUSED
        _categorical_crossentropy(
            fused, smoothing, out, source.labels, source.targets, index, values, right, dy
        )
    elif kind in (BINARY_FUSED, BINARY):
        threshold = out.dtype.type(table.accuracy_threshold)
        _binary_crossentropy(
            kind, smoothing, threshold, out, source.targets, index, values, right, dy
        )
    else:
        threshold = out.dtype.type(table.accuracy_threshold)
        _regression(kind, table.parameter, threshold, out, source.targets, index, values, right, dy)
    loss, correct = 0.0, 0.0
    each = 1.0 if table.accuracy == CLASS else 1.0 / width
    for i in range(rows):
        loss += values[i] * (source.weight[index[i]] if source.weight.size else 1.0)
        correct += right[i] * (source.counts[index[i]] if source.counts.size else 1.0)
    if total and source.weight.size:
        for i in range(rows):
            factor = out.dtype.type(source.weight[index[i]] / total)
            for j in range(width):
                dy[i, j] *= factor
    elif total:
        scale(vector_at(dy, 0, dy.size), 1 / total)
    release(memory)
    sums[0], sums[1] = loss, correct * each if table.accuracy else 0.0


@kernel
def _softmax_crossentropy_of_labels(
    out: Matrix, labels: Vector, index: Vector, values: Vector, right: Vector, dy: Matrix
) -> None:
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
def _categorical_crossentropy(
    fused: bool, smoothing: float, out: Matrix, labels: Vector, targets: Matrix, index: Vector,
    values: Vector, right: Vector, dy: Matrix,
) -> None:  # fmt: skip
    """Cross-entropy of classes, with soft targets, smoothing, or of probabilities."""
    width = out.shape[1]
    T = out.dtype.type
    zero, one, least = T(0), T(1), T(MIN_PROBABILITY)
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
                clipped = max(out[i, j], least)
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
def _binary_crossentropy(
    kind: int, smoothing: float, threshold: Real, out: Matrix, targets: Matrix, index: Vector,
    values: Vector, right: Vector, dy: Matrix,
) -> None:  # fmt: skip
    """Cross-entropy of independent binary outputs."""
    width = out.shape[1]
    T = out.dtype.type
    zero, one, half, d = T(0), T(1), T(0.5), T(width)
    least, most = T(MIN_PROBABILITY), T(1 - MIN_PROBABILITY)
    rest, share = T(1 - smoothing), T(smoothing / 2)
    for i in range(out.shape[0]):
        value = zero
        for j in range(width):
            p, t = out[i, j], targets[index[i], j]
            right[i] += (p > threshold) == (t > half)
            if smoothing > 0:
                t = t * rest + share
            if kind == BINARY_FUSED:
                e = exp_of_negative(-abs(p))
                value += (max(p, zero) - p * t) + math.log1p(e)
                dy[i, j] = ((one if p >= zero else e) / (one + e) - t) / d
            else:
                p = min(max(p, least), most)
                value -= t * math.log(p) + (one - t) * math.log1p(-p)
                dy[i, j] = ((one - t) / (one - p) - t / p) / d
        values[i] = value / d


@kernel
def _regression(
    kind: int, parameter: float, threshold: Real, out: Matrix, targets: Matrix, index: Vector,
    values: Vector, right: Vector, dy: Matrix,
) -> None:  # fmt: skip
    """The losses of regression."""
    width = out.shape[1]
    T = out.dtype.type
    half, d, twice = T(0.5), T(width), T(2 / width)
    delta, q = T(parameter), T(parameter)  # of Huber, of a quantile
    for i in range(out.shape[0]):
        value = T(0)
        for j in range(width):
            error = out[i, j] - targets[index[i], j]
            size = abs(error)
            right[i] += size < threshold
            if kind == SQUARED:
                value += error * error
                dy[i, j] = error * twice
            elif kind == HALF_SQUARED:
                value += half * error * error
                dy[i, j] = error / d
            elif kind == ABSOLUTE:
                value += size
                dy[i, j] = np.sign(error) / d
            elif kind == POISSON:
                rate = math.exp(min(out[i, j], T(MAX_LOG_RATE)))
                value += rate - targets[index[i], j] * out[i, j]
                dy[i, j] = (rate - targets[index[i], j]) / d
            elif kind == QUANTILE:
                value += max(-q * error, (T(1) - q) * error)
                dy[i, j] = (T(1) - q if error > 0 else (-q if error < 0 else T(0))) / d
            else:
                inside = min(size, delta)
                value += inside * (size - half * inside)
                dy[i, j] = min(max(error, -delta), delta) / d
        values[i] = value / d


@kernel
def predict(table: LossTable, out: Matrix, result: Matrix) -> None:
    """The predictions; where the last activation is part of the loss, it is applied here."""
    one, zero = out.dtype.type(1), out.dtype.type(0)
    if not table.fused:
        copy(out, result)
    elif table.kind == CATEGORICAL_FUSED:
        softmax(out, result)
    else:
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                e = exp_of_negative(-abs(out[i, j]))
                result[i, j] = (one if out[i, j] >= zero else e) / (one + e)
