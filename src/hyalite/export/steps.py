"""What a model does at prediction, as a list of plain steps; every export is written from it."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass, field

import numpy as np

from hyalite import layers
from hyalite.exact import is_exactly
from hyalite.layers import Layer
from hyalite.model import Sequential
from hyalite.parameters import Array

ACTIVATIONS: dict[type[Layer], str] = {
    layers.ReLU: "relu",
    layers.LeakyReLU: "leaky_relu",
    layers.Sigmoid: "sigmoid",
    layers.Tanh: "tanh",
    layers.GELU: "gelu",
    layers.Softmax: "softmax",
}
# what changes nothing at prediction; so does dropout, for which PyTorch has a module
NOTHING = (layers.Linear, layers.GaussianNoise, layers.RandomAffine)


@dataclass
class Step:
    """One step, x -> y.

    Attributes:
        kind: "flatten", "rescale" (scale·x + offset), "dense" (x·W + b), "affine" (a·x + c, what
            batch normalization is at prediction), "normalize" (a layer normalization), "embed" (x
            without its last columns, then a row of E for each category there, at its column's
            start), or an activation's name.
        name: of the layer, fit for a variable.
        width: entries of y in a row.
        arrays: float32, by name.
        numbers: by name.
    """

    kind: str
    name: str
    width: int
    arrays: dict[str, Array] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)


def steps_of(model: Sequential) -> list[Step]:
    """The steps; numbers are rounded to float32.

    Raises:
        ValueError: not built, or a layer that is not the library's.
    """
    found: list[Step] = []
    _ = model.network.ready
    width = math.prod(model.network.input_shape)
    for stage in model.network.stages():
        name = "".join(c if c.isalnum() else "_" for c in stage.name or "")
        if is_exactly(stage, layers.Dense):
            width = stage.units
        step = Step("", name, width)
        if is_exactly(stage, layers.Dense):
            step.kind, step.arrays = "dense", {"W": float32(stage.W)}
            step.arrays["b"] = float32(stage.b if stage.use_bias else np.zeros(width))
        elif is_exactly(stage, layers.Embedding):
            columns, starts = len(stage.categories), np.cumsum((0, *stage.categories[:-1]))
            step.kind, step.arrays = "embed", {"E": float32(stage.E), "starts": float32(starts)}
            step.width = width = width + columns * (stage.dimension - 1)
        elif is_exactly(stage, layers.Rescaling):
            step.kind, step.numbers = "rescale", {"scale": stage.scale, "offset": stage.offset}
        elif is_exactly(stage, layers.Flatten):
            step.kind = "flatten"
        elif is_exactly(stage, layers.BatchNormalization):
            factor = stage.gamma / np.sqrt(stage.variance.astype(np.float64) + stage.epsilon)
            step.kind = "affine"
            step.arrays = {"a": float32(factor), "c": float32(stage.beta - stage.mean * factor)}
        elif is_exactly(stage, layers.LayerNormalization):
            step.kind, step.numbers = "normalize", {"epsilon": stage.epsilon}
            step.arrays = {"gamma": float32(stage.gamma), "beta": float32(stage.beta)}
        elif type(stage) in ACTIVATIONS:
            step.kind = ACTIVATIONS[type(stage)]
            if is_exactly(stage, layers.LeakyReLU):
                step.numbers = {"slope": stage.slope}
        elif is_exactly(stage, *NOTHING, layers.Dropout):
            continue  # they change nothing at prediction
        else:
            raise ValueError(
                f"layer {stage.name}: {type(stage).__name__} is not one of the library's, so it "
                "cannot be exported"
            )
        found.append(step)
    return found


def float32(array: Array) -> Array:
    """`array` as exported files hold it: single precision, contiguous."""
    return np.ascontiguousarray(array, np.float32)


def title(model: Sequential) -> str:
    """The model in words: "(28, 28) -> flatten -> dense 64 -> relu -> dense 10", in short lines."""
    parts = [str(model.network.input_shape)]
    parts += [f"dense {s.width}" if s.kind == "dense" else s.kind for s in steps_of(model)]
    return textwrap.fill(" -> ".join(parts), 90, subsequent_indent="    ")
