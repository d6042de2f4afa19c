"""The losses, their gradients and the accuracies, row by row.

The formulas are those of `hyalite.losses` and `hyalite.metrics`, where they are explained. What has
exponentials and logarithms goes through all rows at once first, since rows are often of one entry
or a few: made number by number they take ten times as long. It is kept where the gradient will be.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.elementwise import (
    copy,
    exponentials,
    scale,
    sigmoids,
    softmax,
)
from hyalite.engines.compiled.kernels.exponential import exp
from hyalite.engines.compiled.kernels.intrinsics import vector_at, vector_of
from hyalite.engines.compiled.kernels.logarithm import log, log1p
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

CATEGORICAL_FUSED, BINARY_FUSED = int(LossKind.CATEGORICAL_FUSED), int(LossKind.BINARY_FUSED)
SQUARED, HALF_SQUARED = int(LossKind.SQUARED), int(LossKind.HALF_SQUARED)
ABSOLUTE, POISSON, QUANTILE = int(LossKind.ABSOLUTE), int(LossKind.POISSON), int(LossKind.QUANTILE)
CLASS = int(AccuracyKind.CLASS)


@kernel
def categorical_loss(
    table: LossTable, source: Source, picked: Vector, first: int, total: float, out: Matrix,
    dy: Matrix, sums: Vector,
) -> None:  # fmt: skip
    """Loss, accuracy and gradient of a block of rows; the other losses take the same.

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
    fused, smoothing = table.kind == CATEGORICAL_FUSED, table.label_smoothing
    rows, one = out.shape[0], out.dtype.type(1)
    memory = allocate(2 * rows * out.itemsize)
    totals = vector_of(memory, rows, one)
    logarithms = vector_of(memory + rows * out.itemsize, rows, one)
    if fused:
        exponentials(out, dy)
        _logarithms_of_sums(dy, totals, logarithms)
    if fused and source.labels.size and smoothing == 0:
        _softmax_crossentropy_of_labels(source, picked, first, out, totals, logarithms, dy, sums)
    else:
        _categorical_crossentropy(
            fused, smoothing, source, picked, first, out, totals, logarithms, dy, sums
        )
    release(memory)
    finish(table, source, picked, first, total, dy, sums)


@kernel
def binary_loss(
    table: LossTable, source: Source, picked: Vector, first: int, total: float, out: Matrix,
    dy: Matrix, sums: Vector,
) -> None:  # fmt: skip
    """As `categorical_loss`, of independent binary outputs."""
    smoothing, threshold = table.label_smoothing, out.dtype.type(table.accuracy_threshold)
    if table.kind == BINARY_FUSED:
        _sigmoid_crossentropy(smoothing, threshold, source, picked, first, out, dy, sums)
    else:
        _binary_crossentropy(smoothing, threshold, source, picked, first, out, dy, sums)
    finish(table, source, picked, first, total, dy, sums)


@kernel
def regression_loss(
    table: LossTable, source: Source, picked: Vector, first: int, total: float, out: Matrix,
    dy: Matrix, sums: Vector,
) -> None:  # fmt: skip
    """As `categorical_loss`, of numbers."""
    threshold = out.dtype.type(table.accuracy_threshold)
    _regression(table.kind, table.parameter, threshold, source, picked, first, out, dy, sums)
    finish(table, source, picked, first, total, dy, sums)


@kernel
def finish(
    table: LossTable, source: Source, picked: Vector, first: int, total: float, dy: Matrix,
    sums: Vector,
) -> None:  # fmt: skip
    """Bring what was counted into shares, and the gradient to the mean loss of the batch."""
    rows, width = dy.shape
    weight = source.weight
    each = 1.0 if table.accuracy == CLASS else 1.0 / width
    sums[1] = sums[1] * each if table.accuracy else 0.0
    if total and weight.size:
        for i in range(rows):
            factor = dy.dtype.type(weight[sample_at(picked, first + i)] / total)
            for j in range(width):
                dy[i, j] *= factor
    elif total:
        scale(vector_at(dy, 0, dy.size), 1 / total)


@kernel
def sample_at(picked: Vector, place: int) -> int:
    """Which sample stands at a place of the batch."""
    return int(picked[place]) if picked.size else place


@kernel
def factor(factors: Vector, sample: int) -> float:
    """The sample's weight or count: 1 where none are given."""
    return float(factors[sample]) if factors.size else 1.0


@kernel
def _logarithms_of_sums(y: Matrix, totals: Vector, logarithms: Vector) -> None:
    """The sum of each row, and its logarithm."""
    for i in range(y.shape[0]):
        total = y[i, 0]
        for j in range(1, y.shape[1]):
            total += y[i, j]
        totals[i] = total
    for i in range(totals.size):
        logarithms[i] = log(totals[i])


@kernel
def _softmax_crossentropy_of_labels(
    source: Source, picked: Vector, first: int, out: Matrix, totals: Vector, logarithms: Vector,
    dy: Matrix, sums: Vector,
) -> None:  # fmt: skip
    """The usual case: softmax and cross-entropy of labels."""
    rows, width = out.shape
    labels, weight, counts = source.labels, source.weight, source.counts
    one = out.dtype.type(1)
    losses, count = 0.0, 0.0
    for i in range(rows):
        sample = sample_at(picked, first + i)
        label = labels[sample]
        top, place = out[i, 0], 0
        for j in range(1, width):
            if out[i, j] > top:
                top, place = out[i, j], j
        inverse = one / totals[i]
        for j in range(width):
            dy[i, j] *= inverse
        dy[i, label] -= one
        losses += (logarithms[i] - (out[i, label] - top)) * factor(weight, sample)
        count += factor(counts, sample) if place == label else 0.0
    sums[0], sums[1] = losses, count


@kernel
def _categorical_crossentropy(
    fused: bool, smoothing: float, source: Source, picked: Vector, first: int, out: Matrix,
    totals: Vector, logarithms: Vector, dy: Matrix, sums: Vector,
) -> None:  # fmt: skip
    """Cross-entropy of classes, with soft targets, smoothing, or of probabilities."""
    rows, width = out.shape
    T = out.dtype.type
    zero, one, least = T(0), T(1), T(MIN_PROBABILITY)
    labels, targets, weight, counts = source.labels, source.targets, source.weight, source.counts
    rest, share = T(1 - smoothing), T(smoothing / width)
    losses, count = 0.0, 0.0
    if not fused:
        probabilities, flat = vector_at(out, 0, out.size), vector_at(dy, 0, dy.size)
        for k in range(flat.size):
            flat[k] = log(max(probabilities[k], least))
    for i in range(rows):
        sample = sample_at(picked, first + i)
        label = labels[sample] if labels.size else -1
        truth, place = max(label, 0), 0
        for j in range(width):
            if out[i, j] > out[i, place]:
                place = j
            if label < 0 and targets[sample, j] > targets[sample, truth]:
                truth = j
        loss, mean_log, norm = zero, zero, one / totals[i] if fused else one
        for j in range(width):
            if fused:
                log_p, inverse = (out[i, j] - out[i, place]) - logarithms[i], one
                p = dy[i, j] * norm
            else:
                log_p, inverse, p = dy[i, j], one / max(out[i, j], least), zero
            t = targets[sample, j] if label < 0 else (one if j == label else zero)
            loss -= t * log_p
            mean_log += log_p
            dy[i, j] = (p - t * rest - share) * inverse
        if smoothing > 0:
            loss = loss * rest - T(smoothing) * (mean_log / T(width))
        losses += loss * factor(weight, sample)
        count += factor(counts, sample) if place == truth else 0.0
    sums[0], sums[1] = losses, count


@kernel
def _sigmoid_crossentropy(
    smoothing: float, threshold: Real, source: Source, picked: Vector, first: int, out: Matrix,
    dy: Matrix, sums: Vector,
) -> None:  # fmt: skip
    """Sigmoid and cross-entropy of independent binary outputs."""
    rows, width = out.shape
    T = out.dtype.type
    zero, half, d = T(0), T(0.5), T(width)
    targets, weight, counts = source.targets, source.weight, source.counts
    rest, share = T(1 - smoothing), T(smoothing / 2)
    losses, count = 0.0, 0.0
    logits, terms = vector_at(out, 0, out.size), vector_at(dy, 0, dy.size)
    for k in range(out.size):
        terms[k] = log1p(exp(-abs(logits[k])))
    for i in range(rows):
        sample = sample_at(picked, first + i)
        loss, correct = zero, 0
        for j in range(width):
            z, t = out[i, j], targets[sample, j]
            correct += 1 if (z > threshold) == (t > half) else 0
            t = t * rest + share
            loss += (max(z, zero) - z * t) + dy[i, j]
        losses += loss / d * factor(weight, sample)
        count += correct * factor(counts, sample)
    sums[0], sums[1] = losses, count
    copy(out, dy)
    sigmoids(dy)
    for i in range(rows):
        sample = sample_at(picked, first + i)
        for j in range(width):
            t = targets[sample, j] * rest + share
            dy[i, j] = (dy[i, j] - t) / d


@kernel
def _binary_crossentropy(
    smoothing: float, threshold: Real, source: Source, picked: Vector, first: int, out: Matrix,
    dy: Matrix, sums: Vector,
) -> None:  # fmt: skip
    """Cross-entropy of independent probabilities."""
    rows, width = out.shape
    T = out.dtype.type
    zero, one, half, d = T(0), T(1), T(0.5), T(width)
    least, most = T(MIN_PROBABILITY), T(1 - MIN_PROBABILITY)
    targets, weight, counts = source.targets, source.weight, source.counts
    rest, share = T(1 - smoothing), T(smoothing / 2)
    losses, count = 0.0, 0.0
    for i in range(rows):
        sample = sample_at(picked, first + i)
        loss, correct = zero, 0
        for j in range(width):
            p, t = out[i, j], targets[sample, j]
            correct += 1 if (p > threshold) == (t > half) else 0
            t = t * rest + share
            p = min(max(p, least), most)
            loss -= t * log(p) + (one - t) * log1p(-p)
            dy[i, j] = ((one - t) / (one - p) - t / p) / d
        losses += loss / d * factor(weight, sample)
        count += correct * factor(counts, sample)
    sums[0], sums[1] = losses, count


@kernel
def _regression(
    kind: int, parameter: float, threshold: Real, source: Source, picked: Vector, first: int,
    out: Matrix, dy: Matrix, sums: Vector,
) -> None:  # fmt: skip
    """The losses of regression."""
    rows, width = out.shape
    T = out.dtype.type
    zero, one, half, d, twice = T(0), T(1), T(0.5), T(width), T(2 / width)
    targets, weight, counts = source.targets, source.weight, source.counts
    delta, q = T(parameter), T(parameter)  # of Huber, of a quantile
    losses, count = 0.0, 0.0
    if kind == POISSON:
        logarithms, rates = vector_at(out, 0, out.size), vector_at(dy, 0, dy.size)
        for k in range(out.size):
            rates[k] = exp(min(logarithms[k], T(MAX_LOG_RATE)))
    for i in range(rows):
        sample = sample_at(picked, first + i)
        loss, correct = zero, 0
        for j in range(width):
            target = targets[sample, j]
            error = out[i, j] - target
            size = abs(error)
            correct += 1 if size < threshold else 0
            if kind == SQUARED:
                loss += error * error
                dy[i, j] = error * twice
            elif kind == HALF_SQUARED:
                loss += half * error * error
                dy[i, j] = error / d
            elif kind == ABSOLUTE:
                loss += size
                dy[i, j] = (one if error > 0 else (-one if error < 0 else zero)) / d
            elif kind == POISSON:
                rate = dy[i, j]
                loss += rate - target * out[i, j]
                dy[i, j] = (rate - target) / d
            elif kind == QUANTILE:
                loss += max(-q * error, (one - q) * error)
                dy[i, j] = (one - q if error > 0 else (-q if error < 0 else zero)) / d
            else:
                inside = min(size, delta)
                loss += inside * (size - half * inside)
                dy[i, j] = min(max(error, -delta), delta) / d
        losses += loss / d * factor(weight, sample)
        count += correct * factor(counts, sample)
    sums[0], sums[1] = losses, count


@kernel
def predict(table: LossTable, out: Matrix, result: Matrix) -> None:
    """The predictions; where the last activation is part of the loss, it is applied here."""
    copy(out, result)
    if table.fused and table.kind == CATEGORICAL_FUSED:
        softmax(result, result)
    elif table.fused:
        sigmoids(result)
