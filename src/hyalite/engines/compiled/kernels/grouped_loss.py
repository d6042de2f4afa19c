"""The loss of several groups of classes at once: a cross-entropy from logits for each.

The formula is that of `hyalite.losses.GroupedCrossentropy`. As in `losses`, exponentials and
logarithms go through all rows and groups at once.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.exponential import exp
from hyalite.engines.compiled.kernels.intrinsics import matrix_of, vector_at
from hyalite.engines.compiled.kernels.logarithm import log
from hyalite.engines.compiled.kernels.losses import factor, finish, sample_at
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.structs import LossTable, Matrix, Real, Source, Vector


@kernel
def grouped_loss(
    table: LossTable, source: Source, picked: Vector, first: int, total: float, out: Matrix,
    dy: Matrix, sums: Vector,
) -> None:  # fmt: skip
    """As `categorical_loss`; the targets have a column of labels for each group."""
    rows, width = out.shape
    groups, zero = table.groups, out.dtype.type(0)
    targets, weight, smoothing = source.targets, source.weight, table.label_smoothing
    count = out.dtype.type(groups.size)
    memory = allocate(rows * groups.size * out.itemsize)
    logarithms = matrix_of(memory, rows, groups.size, zero)
    _softmaxes(groups, out, dy, logarithms)
    losses = 0.0
    for i in range(rows):
        sample, start, loss = sample_at(picked, first + i), i * width, zero
        for g in range(groups.size):
            z, dz = vector_at(out, start, groups[g]), vector_at(dy, start, groups[g])
            label = int(targets[sample, g])
            loss += _crossentropy(smoothing, z, logarithms[i, g], label, dz)
            start += groups[g]
        losses += loss / count * factor(weight, sample)
    sums[0], sums[1] = losses, 0.0
    release(memory)
    for i in range(rows):
        for j in range(width):
            dy[i, j] /= count
    finish(table, source, picked, first, total, dy, sums)


@kernel
def _softmaxes(groups: Vector, x: Matrix, y: Matrix, logarithms: Matrix) -> None:
    """y ← the softmax of each group; logarithms, (rows, groups) ← ln Σ e^(x - max x) of each."""
    for i in range(x.shape[0]):
        start = i * x.shape[1]
        for g in range(groups.size):
            z, shifted = vector_at(x, start, groups[g]), vector_at(y, start, groups[g])
            top = _largest(z)
            for j in range(z.size):
                shifted[j] = z[j] - top
            start += groups[g]
    flat = vector_at(y, 0, y.size)
    for k in range(flat.size):
        flat[k] = exp(flat[k])
    for i in range(x.shape[0]):
        start = i * x.shape[1]
        for g in range(groups.size):
            p, total = vector_at(y, start, groups[g]), y.dtype.type(0)
            for j in range(p.size):
                total += p[j]
            for j in range(p.size):
                p[j] /= total
            logarithms[i, g] = total
            start += groups[g]
    totals = vector_at(logarithms, 0, logarithms.size)
    for k in range(totals.size):
        totals[k] = log(totals[k])


@kernel
def _crossentropy(smoothing: float, z: Vector, logarithm: Real, label: int, dz: Vector) -> Real:
    """The loss of a row and group; dz, which has the softmax, ← its derivative."""
    T = z.dtype.type
    rest, share, top, below = T(1 - smoothing), T(smoothing / z.size), _largest(z), T(0)
    for j in range(z.size):
        below += top - z[j]
        dz[j] -= rest + share if j == label else share
    # -ln p of the label, and the mean of all classes'
    loss, mean = logarithm + (top - z[label]), logarithm + below / T(z.size)
    return rest * loss + T(smoothing) * mean


@kernel
def _largest(z: Vector) -> Real:
    """The largest entry."""
    top = z[0]
    for j in range(1, z.size):
        top = max(top, z[j])
    return top
