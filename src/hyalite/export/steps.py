"""What a model does at prediction, as a list of plain steps; every export is written from it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hyalite import layers
from hyalite.exact import is_exactly
from hyalite.layers import Layer
from hyalite.layers.columns import ColumnEmbedding
from hyalite.layers.selection import index
from hyalite.layers.windows import Windows
from hyalite.model import Sequential
from hyalite.parameters import Array, Shape

ACTIVATIONS: dict[type[Layer], str] = {
    layers.ReLU: "relu",
    layers.LeakyReLU: "leaky_relu",
    layers.Sigmoid: "sigmoid",
    layers.Tanh: "tanh",
    layers.GELU: "gelu",
    layers.Softmax: "softmax",
    layers.SELU: "selu",
    layers.Mish: "mish",
    layers.SiLU: "silu",
}
# what changes nothing at prediction; so does dropout, for which PyTorch has a module
NOTHING = (layers.Linear, layers.GaussianNoise, layers.RandomAffine, layers.RandomFlip)
OF_PICTURES = (
    layers.Conv2D,
    layers.DepthwiseConv2D,
    layers.MaxPooling2D,
    layers.AveragePooling2D,
    layers.GlobalAveragePooling2D,
    layers.ZeroPadding2D,
)


@dataclass
class Step:
    """One step, x -> y.

    Attributes:
        kind: "flatten", "rescale" (scale·x + offset), "dense" (x·W + b), "affine" (a·x + c, what
            batch normalization is at prediction; of pictures by channel), "normalize" (a layer
            normalization), the three of `embedding_step`, "smooth_clip" (the columns within
            ±limit), "keep" (x, for later) and "mix" (a·x + (1 - a)·what was kept; an activation
            stands between), "fork" (x, for later) and "add" (x + what the fork of this name had;
            any steps stand between), or an activation's name. Of pictures "convolution",
            "depthwise_convolution", "max_pooling", "average_pooling", "global_average_pooling" and
            "zero_padding". "reshape" gives pictures their axis of one channel, and takes it away
            at the end.
        name: of the layer, fit for a variable.
        shape: of a sample of y; pictures are (height, width, channels).
        arrays: float32, by name.
        numbers: by name.
        windows: of a picture; of "zero_padding" they are its pixels.
    """

    kind: str
    name: str
    shape: Shape
    arrays: dict[str, Array] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    windows: Windows | None = None

    @property
    def width(self) -> int:
        """Entries of y in a row."""
        return math.prod(self.shape)


def steps_of(model: Sequential, prefix: str = "") -> list[Step]:
    """The steps; numbers are rounded to float32.

    Args:
        model: built.
        prefix: of the steps' names.

    Raises:
        ValueError: not built, or a layer that is not the library's.
    """
    _ = model.network.ready
    shape, last = model.network.input_shape, model.network.output_shape
    names: dict[str, str] = {}
    for place in model.network.walk():
        names[place.name] = _variable(prefix, place.name, names.values())
    found: list[Step] = []
    if len(shape) == 2 and of_pictures(model):
        shape = (*shape, 1)
        found.append(Step("reshape", "x", shape))
    found += _steps(model.network.stages(), names, shape)
    if found and found[-1].shape != last:
        found.append(Step("reshape", "y", last))
    return found


def _steps(stages: Sequence[Layer], names: Mapping[str, str], shape: Shape) -> list[Step]:
    """Those of some stages, the first of which takes samples of this shape."""
    found: list[Step] = []
    for stage in stages:
        name = names[stage.name or ""]
        if is_exactly(stage, layers.Residual):
            found.append(Step("fork", name, shape))
            found += [*_steps(stage.within, names, shape), Step("add", name, shape)]
        elif type(stage) in STEPS:
            found += STEPS[type(stage)](stage, name, shape)
        else:
            raise foreign(stage, stage.name)
        shape = found[-1].shape if found else shape
    return found


def of_pictures(model: Sequential) -> bool:
    """Whether any of the model's layers works on pictures."""
    return any(is_exactly(layer, *OF_PICTURES) for layer in model.network.all_layers())


def _variable(prefix: str, name: str, taken: Collection[str]) -> str:
    """A layer's name as Python and C have names, and as no other layer is called."""
    made = prefix + "".join(c if c.isascii() and c.isalnum() else "_" for c in name)
    made = made if made[:1].isalpha() else f"layer_{made}"
    while made in taken:
        made += "_"
    return made


def _dense(stage: layers.Dense, name: str, shape: Shape) -> list[Step]:
    b = stage.b if stage.use_bias else np.zeros(stage.units)
    return [Step("dense", name, (stage.units,), {"W": float32(stage.W), "b": float32(b)})]


def _rescale(stage: layers.Rescaling, name: str, shape: Shape) -> list[Step]:
    return [Step("rescale", name, shape, numbers={"scale": stage.scale, "offset": stage.offset})]


def _batch_normalization(stage: layers.BatchNormalization, name: str, shape: Shape) -> list[Step]:
    factor = stage.gamma / np.sqrt(stage.variance.astype(np.float64) + stage.epsilon)
    arrays = {"a": float32(factor), "c": float32(stage.beta - stage.mean * factor)}
    return [Step("affine", name, shape, arrays)]


def _layer_normalization(stage: layers.LayerNormalization, name: str, shape: Shape) -> list[Step]:
    arrays = {"gamma": float32(stage.gamma), "beta": float32(stage.beta)}
    return [Step("normalize", name, shape, arrays, {"epsilon": stage.epsilon})]


def _scale(stage: layers.Scale, name: str, shape: Shape) -> list[Step]:
    factors = np.ones(shape)
    factors[index(stage.columns)] = stage.s
    return [Step("affine", name, shape, {"a": float32(factors), "c": np.zeros(shape, "f4")})]


def _convolution(
    stage: layers.Conv2D | layers.DepthwiseConv2D, name: str, shape: Shape
) -> list[Step]:
    kind = "convolution" if is_exactly(stage, layers.Conv2D) else "depthwise_convolution"
    filters = stage.outputs(shape)
    b = stage.b if stage.use_bias else np.zeros(filters)
    arrays = {"W": float32(stage.W), "b": float32(b)}
    windows = stage.windows(shape)
    return [Step(kind, name, (*windows.output, filters), arrays, windows=windows)]


def _pooling(
    stage: layers.MaxPooling2D | layers.AveragePooling2D, name: str, shape: Shape
) -> list[Step]:
    kind = "max_pooling" if is_exactly(stage, layers.MaxPooling2D) else "average_pooling"
    return [Step(kind, name, stage.output_shape(shape), windows=stage.windows(shape))]


def _global_pooling(stage: layers.GlobalAveragePooling2D, name: str, shape: Shape) -> list[Step]:
    return [Step("global_average_pooling", name, shape[2:])]


def _zero_padding(stage: layers.ZeroPadding2D, name: str, shape: Shape) -> list[Step]:
    height, width, channels = after = stage.output_shape(shape)
    pixels = Windows((height, width, channels), (1, 1), (1, 1), stage.padding, (height, width))
    return [Step("zero_padding", name, after, windows=pixels)]


def _smooth_clip(stage: layers.SmoothClip, name: str, shape: Shape) -> list[Step]:
    columns = float32(np.arange(*shape) if stage.columns is None else np.array(stage.columns))
    return [Step("smooth_clip", name, shape, {"columns": columns}, {"limit": stage.limit})]


def _parametric_activation(
    stage: layers.ParametricActivation, name: str, shape: Shape
) -> list[Step]:
    inside = stage.activation
    linear = is_exactly(inside, layers.Linear)
    between = [] if linear else [activation_step(inside, name, shape)]
    mix = Step("mix", name, shape, {"a": float32(stage.a)})
    return [Step("keep", name, shape), *between, mix]


def embedding_step(stage: ColumnEmbedding, name: str) -> Step:
    """The step of an embedding: the columns at `passing`, then what is made of those at `columns`.

    "embed": for each category a row of E, from its column's start on; "periodic": the number, and
    cos(w·x + b1)·W2 + b2, with w = 2π·w1; "piecewise": w0·x + b0 + t·V with t = (x - left)/width
    within low and high, in as many pieces for each column, of which some are always 0.
    """
    places = {"columns": float32(stage.chosen), "passing": float32(stage.passing)}
    kind, arrays = "embed", dict[str, Array]()
    if is_exactly(stage, layers.Embedding):
        arrays = {"E": stage.E, "starts": stage.starts}
    elif is_exactly(stage, layers.PeriodicEmbedding):
        kind, arrays = "periodic", {"w": 2 * math.pi * stage.w1, **stage.values}
        del arrays["w1"]
    elif is_exactly(stage, layers.PiecewiseLinearEmbedding):
        kind, arrays = "piecewise", {**stage.values, **padded_pieces(stage)}
    arrays = {key: float32(array) for key, array in arrays.items()}
    width = len(stage.passing) + len(stage.chosen) * stage.dimension
    return Step(kind, name, (width,), {**places, **arrays})


def padded_pieces(stage: layers.PiecewiseLinearEmbedding) -> dict[str, Array]:
    """Of every piece the left edge, width and bounds, (columns, pieces), and V; where a column has
    fewer than another, pieces whose bounds are 0.
    """
    most, infinity = max(map(len, stage.bins)) - 1, np.finfo("f4").max
    made = {key: np.zeros((len(stage.bins), most)) for key in ("left", "low", "high")}
    made["width"], made["V"] = made["left"] + 1, np.zeros((len(stage.bins), most, stage.dimension))
    for place, (edges, rows) in enumerate(zip(stage.edges, stage.pieces, strict=True)):
        count = len(edges) - 1
        made["left"][place, :count], made["width"][place, :count] = edges[:-1], np.diff(edges)
        made["low"][place, 0], made["high"][place, :count] = -infinity, 1
        made["high"][place, count - 1], made["V"][place, :count] = infinity, stage.V[rows]
    return made


def activation_step(activation: Layer, name: str, shape: Shape) -> Step:
    """The step of an activation, in the layer of this name."""
    if type(activation) not in ACTIVATIONS:
        raise foreign(activation, name)
    slope = {"slope": activation.slope} if is_exactly(activation, layers.LeakyReLU) else {}
    return Step(ACTIVATIONS[type(activation)], name, shape, numbers=slope)


def foreign(part: Layer, name: str | None) -> ValueError:
    """The error of a part that no export knows."""
    return ValueError(
        f"layer {name}: {type(part).__name__} is not one of the library's, so it cannot be exported"
    )


def float32(array: Array) -> Array:
    """`array` as exported files hold it: single precision, contiguous."""
    return np.ascontiguousarray(array, np.float32)


def title(model: Sequential) -> str:
    """The model in words: "(28, 28) -> flatten -> dense 64 -> relu -> dense 10", in short lines."""
    parts = [str(model.network.input_shape)]
    for step in steps_of(model):
        units = f" {step.shape[-1]}" if step.kind == "dense" or "convolution" in step.kind else ""
        parts += [f"{step.kind}{units}"] if step.kind != "reshape" else []
    head = " " * 24  # room for what stands before it
    words = " -> ".join(parts)
    return textwrap.fill(words, 84, initial_indent=head, subsequent_indent="    ").lstrip()


# The steps of a layer, from the layer, its name and the shape of a sample of x.
STEPS: dict[type[Layer], Callable[[Any, str, Shape], list[Step]]] = {
    layers.Dense: _dense,
    layers.Rescaling: _rescale,
    layers.Flatten: lambda stage, name, shape: [Step("flatten", name, (math.prod(shape),))],
    layers.BatchNormalization: _batch_normalization,
    layers.LayerNormalization: _layer_normalization,
    layers.Conv2D: _convolution,
    layers.DepthwiseConv2D: _convolution,
    layers.MaxPooling2D: _pooling,
    layers.AveragePooling2D: _pooling,
    layers.GlobalAveragePooling2D: _global_pooling,
    layers.ZeroPadding2D: _zero_padding,
    layers.Scale: _scale,
    layers.SmoothClip: _smooth_clip,
    layers.ParametricActivation: _parametric_activation,
    **dict.fromkeys(
        (layers.Embedding, layers.PeriodicEmbedding, layers.PiecewiseLinearEmbedding),
        lambda stage, name, shape: [embedding_step(stage, name)],
    ),
    **dict.fromkeys(ACTIVATIONS, lambda stage, name, shape: [activation_step(stage, name, shape)]),
    **dict.fromkeys((*NOTHING, layers.Dropout), lambda stage, name, shape: []),
}
