"""Initial values from data: every unit of a dense layer sees numbers of variance 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.engines.blas import no_false_alarm
from hyalite.exact import is_exactly
from hyalite.layers import Dense, Layer
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.random import check_seed, sample_order, sample_stream

MAX_ENTRIES = 1 << 22  # of the largest array on the way, 32 MiB of float64
SAMPLES_PER_BIAS = 5
ROUNDING = 16  # times the dtype's precision: what is spread no wider counts as constant


def initialize_from_data(model: Sequential, x: Any, *, seed: int = 0) -> None:
    """Scale the weights of all dense layers by what comes in, and set their biases by it.

    Layer by layer, from first to last, with z = x·W of the samples as they arrive there::

        W ← W / std(z)                       each unit by its own; z ← z / std(z)
        b ← -Σⱼ pⱼ·z[rⱼ],  j = 1..5,  p = e / Σ e,  eⱼ ~ Exp(1),  rows rⱼ at random

    So every pre-activation has the variance 1, whatever the scale of the samples, and the kink of
    an activation lies within the samples, at another place for each unit. A unit whose z is the
    same in all rows keeps its weights. Layers of other kinds, a class of one's own derived from
    `Dense` among them, stay as they are; the samples pass through them as at prediction.

    Args:
        model: built, or built here with the same seed; call it before training.
        x: training samples, as for `fit`. Of very many, as many are taken as fill 32 MiB at the
            widest layer.
        seed: of the rows and their shares.

    Raises:
        ValueError: x is not what the model takes, or another seed than a whole number from 0.

    Source: Holzmüller, Grinsztajn & Steinwart 2024, "Better by default", appendix (weights
    "std", biases "he+5"); cf. Krähenbühl et al. 2016 and Mishkin & Matas 2016.

    Examples:
        >>> x = 1000 * np.random.default_rng(0).standard_normal((300, 4)) + 50
        >>> model = hy.Sequential([hy.Dense(32, "relu"), hy.Dense(2)])
        >>> hy.initialize_from_data(model, x)
        >>> dense = model.layers[0]
        >>> (x @ dense.W).std(axis=0).round(3).tolist() == [1.0] * 32
        True
        >>> bool(((x @ dense.W).min(axis=0) < -dense.b).all())  # no unit is dead
        True
    """
    seed, network = check_seed(seed), model.network
    x = checks.inputs(x, network.input_shape if network.built else None, "x", network.note)
    model.build(x.shape[1:], seed)
    stages = network.stages()
    widest = max(int(np.prod(shape)) for shape in (network.input_shape, *network.shapes))
    rows = max(2 * SAMPLES_PER_BIAS, MAX_ENTRIES // max(1, widest))
    if len(x) > rows:
        x = x[np.sort(sample_order(seed, 0, len(x))[:rows])]
    with no_false_alarm():
        _initialize_all(stages, checks.cast(x, network.dtype, "x"), seed)


def _initialize_all(stages: Sequence[Layer], x: Array, seed: int) -> None:
    """The dense layers among these stages, which get x in a row; those within blocks, too."""
    for stage in stages:
        if is_exactly(stage, Dense):
            _initialize(stage, x, seed)
        _initialize_all(stage.within, x, seed)
        x = stage.forward(x)


def _initialize(dense: Dense, x: Array, seed: int) -> None:
    """Scale W, and set b, of a layer to which `x` (n, inputs) comes."""
    z = x.astype(np.float64) @ dense.W.astype(np.float64)
    std = z.std(axis=0)
    constant = std <= ROUNDING * np.finfo(dense.dtype).eps * np.abs(z).max(axis=0)
    std[constant] = 1.0
    dense.W[...] = dense.W / std
    if not dense.use_bias:
        return
    z /= std
    stream, size = sample_stream(seed, dense.index), (dense.units, SAMPLES_PER_BIAS)
    rows = stream.integers(len(z), size=size)
    shares = stream.standard_exponential(size)
    shares /= shares.sum(axis=1, keepdims=True)
    dense.b[...] = -(shares * z[rows, np.arange(dense.units)[:, np.newaxis]]).sum(axis=1)
