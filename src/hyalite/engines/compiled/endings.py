"""The losses, their gradients and the accuracies, row by row.

The formulas are those of `hyalite.losses` and `hyalite.metrics`, where they are explained.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hyalite.engines.compiled.elementwise import kernel
from hyalite.engines.compiled.tables import Ending, Hit
from hyalite.losses.crossentropy import CLIP

CATEGORICAL_FUSED, CATEGORICAL = int(Ending.CATEGORICAL_FUSED), int(Ending.CATEGORICAL)
BINARY_FUSED, BINARY = int(Ending.BINARY_FUSED), int(Ending.BINARY)
SQUARED, ABSOLUTE = int(Ending.SQUARED), int(Ending.ABSOLUTE)
CLASS, YES_NO, NEAR = int(Hit.CLASS), int(Hit.YES_NO), int(Hit.NEAR)


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
    loss, hits = 0.0, 0.0
    labelled = source.labels.size > 0
    for i in range(rows):
        row = picked[first + i] if picked.size else first + i
        if program.ending == CATEGORICAL_FUSED or program.ending == CATEGORICAL:
            label = source.labels[row] if labelled else -1
            value, hit = _classes(program, out[i], label, source.targets, row, dy[i])
        elif program.ending == BINARY_FUSED or program.ending == BINARY:
            value, hit = _yes_no(program, out[i], source.targets[row], dy[i])
        else:
            value, hit = _numbers(program, out[i], source.targets[row], dy[i])
        weight = source.weight[row] if source.weight.size else 1.0
        loss += weight * value
        hits += hit * (source.counts[row] if source.counts.size else 1.0)
        if total:
            factor = out.dtype.type(weight / total)
            for j in range(width):
                dy[i, j] *= factor
    return loss, hits


@kernel
def _classes(program: Any, out: Any, label: int, targets: Any, row: int, dy: Any) -> Any:
    width = out.size
    T = out.dtype.type
    zero, one, clip = T(0), T(1), T(CLIP)
    rest, share = T(1 - program.smoothing), T(program.smoothing / width)
    top, place = out[0], 0
    for j in range(1, width):
        if out[j] > top:
            top, place = out[j], j
    value, mean_log, log_sum = zero, zero, zero
    fused = program.ending == CATEGORICAL_FUSED
    if fused:
        sum_e = zero
        for j in range(width):
            dy[j] = math.exp(out[j] - top)
            sum_e += dy[j]
        log_sum = math.log(sum_e)
        for j in range(width):
            dy[j] /= sum_e
    if fused and label >= 0 and program.smoothing == 0:
        value = log_sum - (out[label] - top)
        dy[label] -= one
    else:
        for j in range(width):
            if fused:
                log_p, inverse = (out[j] - top) - log_sum, one
            else:
                p = max(out[j], clip)
                log_p, inverse = math.log(p), one / p
                dy[j] = zero
            t = targets[row, j] if label < 0 else (one if j == label else zero)
            value -= t * log_p
            mean_log += log_p
            dy[j] = (dy[j] - t * rest - share) * inverse
        if program.smoothing > 0:
            value = value * rest - T(program.smoothing) * (mean_log / T(width))
    hit = 0.0
    if program.hit == CLASS:
        truth = label
        if label < 0:
            truth = 0
            for j in range(1, width):
                if targets[row, j] > targets[row, truth]:
                    truth = j
        hit = 1.0 if place == truth else 0.0
    return value, hit


@kernel
def _yes_no(program: Any, out: Any, target: Any, dy: Any) -> Any:
    width = out.size
    T = out.dtype.type
    zero, one, half, d, clip, keep = T(0), T(1), T(0.5), T(width), T(CLIP), T(1 - CLIP)
    value, hits = zero, 0
    for j in range(width):
        p, t = out[j], target[j]
        if program.hit == YES_NO and (p > T(program.limit)) == (t > half):
            hits += 1
        if program.smoothing > 0:
            t = t * T(1 - program.smoothing) + T(program.smoothing / 2)
        if program.ending == BINARY_FUSED:
            e = math.exp(-abs(p))
            value += (max(p, zero) - p * t) + math.log1p(e)
            dy[j] = ((one if p >= zero else e) / (one + e) - t) / d
        else:
            p = min(max(p, clip), keep)
            value -= t * math.log(p) + (one - t) * math.log1p(-p)
            dy[j] = ((one - t) / (one - p) - t / p) / d
    return value / d, hits / width


@kernel
def _numbers(program: Any, out: Any, target: Any, dy: Any) -> Any:
    width = out.size
    T = out.dtype.type
    half, d, huber = T(0.5), T(width), T(program.delta)
    value, hits = T(0), 0
    for j in range(width):
        error = out[j] - target[j]
        if program.hit == NEAR and abs(error) < T(program.limit):
            hits += 1
        if program.ending == SQUARED:
            value += error * error
            dy[j] = error * T(2 / width)
        elif program.ending == ABSOLUTE:
            value += abs(error)
            dy[j] = np.sign(error) / d
        else:
            inside = min(abs(error), huber)
            value += inside * (abs(error) - half * inside)
            dy[j] = min(max(error, -huber), huber) / d
    return value / d, hits / width


@kernel
def predicted(program: Any, out: Any, result: Any) -> None:
    """The prediction of one row: where the ending has the last activation in it, that is made up."""
    T = out.dtype.type
    one = T(1)
    if not program.joined:
        for j in range(out.size):
            result[j] = out[j]
    elif program.ending == CATEGORICAL_FUSED:
        top = out[0]
        for j in range(1, out.size):
            top = max(top, out[j])
        total = T(0)
        for j in range(out.size):
            result[j] = math.exp(out[j] - top)
            total += result[j]
        for j in range(out.size):
            result[j] /= total
    else:
        for j in range(out.size):
            e = math.exp(-abs(out[j]))
            result[j] = (one if out[j] >= T(0) else e) / (one + e)
