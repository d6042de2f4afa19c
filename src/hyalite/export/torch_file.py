"""PyTorch: the weights as a safetensors file, and the `torch.nn.Sequential` that takes them.

PyTorch itself is not needed to write them. The modules, with what differs from a first guess:

* `Rescaling` is a convolution of one channel and length 1, y = w·x + b with two numbers, between
  the `Unflatten` that makes the channel and the `Flatten` that takes it away: exact, and nothing
  is folded into the weights of the dense layer behind it;
* `BatchNormalization` with momentum m is `BatchNorm1d(momentum=1 - m)`, its name for the same.
  Trained further there, its running variance is the unbiased one (÷ (n - 1));
* `GELU` is the tanh form, ``GELU(approximate="tanh")``;
* pictures are PyTorch's, (n, channels, height, width), in networks with convolutions or pooling,
  also those whose samples here have no axis of channels. A kernel is (filters, channels, rows,
  columns) there, and the rows of the first dense matrix behind `Flatten` are in the order in which
  PyTorch flattens. A border that PyTorch's layers do not have, such as that of "same" with strides,
  is a module of its own;
* elsewhere they have channels last, and `BatchNormalization` is a `BatchNorm2d` that takes them so;
* for `Residual`, `ParametricActivation`, `Scale`, `SmoothClip` and the embeddings PyTorch has no
  module: each is a class made within the expression, from its formula. Such a network is saved by
  its `state_dict`.
"""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from hyalite import layers
from hyalite.exact import is_exactly, is_own
from hyalite.export.channels_first import rows_by_channel
from hyalite.export.steps import (
    ACTIVATIONS,
    NOTHING,
    OF_PICTURES,
    embedding_step,
    float32,
    foreign,
    of_pictures,
)
from hyalite.export.table_model import networks_of
from hyalite.files.replacing import replace
from hyalite.layers import Layer
from hyalite.layers.columns import ColumnEmbedding
from hyalite.layers.selection import Columns
from hyalite.layers.windows import Border, picture_shape
from hyalite.model import Sequential
from hyalite.parameters import Array, Shape
from hyalite.recipes.pipelines import RowModel
from hyalite.recipes.tabular import TabularModel
from hyalite.schedules import value_at

METADATA_KEY = "torch.nn.Sequential"  # of the expression, among the file's metadata
WEIGHTS_KEY = "weights"  # of what each of a table's networks counts
TO_CHANNELS_LAST = (
    "type('ChannelsLast', (torch.nn.Module,), {'forward': lambda self, x: x.movedim(1, -1)})()"
)
# the sum of a window, its border filled with zeros, by the number of its pixels
MEAN_OF_PIXELS = (
    "type('AvgPool2d', (torch.nn.AvgPool2d,), {{'forward': lambda self, x: torch.nn.functional."
    "avg_pool2d(torch.nn.functional.pad(x, {sides}), self.kernel_size, self.stride) / "
    "torch.nn.functional.avg_pool2d(torch.nn.functional.pad(torch.ones_like(x), {sides}), "
    "self.kernel_size, self.stride)}})"
)
BATCH_NORM_OF_CHANNELS_LAST = (
    "type('BatchNorm2d', (torch.nn.BatchNorm2d,), {'forward': lambda self, x: "
    "torch.nn.BatchNorm2d.forward(self, x.movedim(-1, 1)).movedim(1, -1)})"
)
Module = tuple[str, dict[str, Array]]  # its expression and what its state_dict holds


def to_torch(model: Sequential | RowModel, path: str | Path) -> None:
    """Write the weights, float32, under the keys of `torch_modules(model)`'s state_dict.

    ::

        net = torch.nn.Sequential(...)  # as torch_modules(model) says, or the file's metadata
        net.load_state_dict(safetensors.torch.load_file(path))
        net.eval()

    Networks with convolutions or pooling take pictures with channels first.

    Of a table's model the networks alone are written: they take what the preparation makes of a
    row, and give logits or standardised numbers. Several are a ``torch.nn.ModuleList``; what each
    counts stands in the metadata.

    Raises:
        ValueError: the model is not built, or has a layer that no module of PyTorch's stands for.
        OSError: it cannot be written; an older file is then untouched.

    Examples:
        >>> from safetensors.numpy import load_file
        >>> from hyalite.export import to_torch
        >>> model = hy.Sequential([hy.Dense(2, "relu"), hy.Dense(1)])
        >>> model.build(3)
        >>> to_torch(model, "net.safetensors")
        >>> {key: a.shape for key, a in load_file("net.safetensors").items()}
        {'0.bias': (2,), '0.weight': (2, 3), '2.bias': (1,), '2.weight': (1, 2)}
    """
    from safetensors.numpy import save

    networks = networks_of(model)
    state = {
        f"{number}.{place}.{key}" if len(networks) > 1 else f"{place}.{key}": array
        for number, network in enumerate(networks)
        for place, (_, arrays) in enumerate(_modules(network))
        for key, array in arrays.items()
    }
    metadata = {METADATA_KEY: torch_modules(model)}
    if isinstance(model, TabularModel):
        metadata[WEIGHTS_KEY] = json.dumps(model.weights.tolist())
    replace(Path(path), save(state, metadata=metadata))


def torch_modules(model: Sequential | RowModel) -> str:
    """The expression ``torch.nn.Sequential(...)`` that computes what the model does.

    Raises:
        ValueError: the model is not built, or has a layer that no module of PyTorch's stands for.

    Examples:
        >>> from hyalite.export import torch_modules
        >>> model = hy.Sequential([hy.Dense(2, "relu"), hy.Dense(1)])
        >>> model.build(3)
        >>> print(torch_modules(model))
        torch.nn.Sequential(
            torch.nn.Linear(3, 2),
            torch.nn.ReLU(),
            torch.nn.Linear(2, 1),
        )
    """
    found = [
        f"torch.nn.Sequential({_lines(list(_modules(network)))})" for network in networks_of(model)
    ]
    return found[0] if len(found) == 1 else f"torch.nn.ModuleList([{', '.join(found)}])"


def _modules(model: Sequential) -> Iterator[Module]:
    """The modules in order."""
    _ = model.network.ready
    return _modules_of(
        model.network.stages(), model.network.input_shape, channels_first=of_pictures(model)
    )


def _modules_of(stages: Sequence[Layer], shape: Shape, *, channels_first: bool) -> Iterator[Module]:
    waits = None  # shape of the pictures whose dense matrix is still to come
    for place, stage in enumerate(stages):
        after = stage.output_shape(shape)
        if is_exactly(stage, layers.Rescaling):
            yield from _rescaling(stage, math.prod(shape))
            if len(shape) > 1:
                here = _channels_first(stage, shape) if channels_first else shape
                yield f"torch.nn.Unflatten(1, {here})", {}
        elif is_exactly(stage, *OF_PICTURES):
            yield from _of_pictures(stage, picture_shape(stage, shape))
        elif is_exactly(stage, layers.ParametricActivation, layers.Scale, layers.SmoothClip):
            yield _own_module(stage)
        elif isinstance(stage, ColumnEmbedding) and is_own(stage):
            yield _embedding(stage)
        elif is_exactly(stage, layers.Residual):
            within = _modules_of(stage.within, shape, channels_first=channels_first)
            yield _residual(list(within))
        elif not is_exactly(stage, *NOTHING):
            if is_exactly(stage, layers.Flatten) and channels_first and len(shape) == 3:
                if _dense_follows(stages[place + 1 :]):
                    waits = shape
                else:
                    yield TO_CHANNELS_LAST, {}
            text, arrays = _module(stage, shape, channels_first)
            if is_exactly(stage, layers.Dense) and waits:
                arrays["weight"] = float32(rows_by_channel(stage.W, waits).T)
                waits = None
            yield text, arrays
        shape = after


def _module(stage: Layer, shape: Shape, channels_first: bool) -> Module:
    """The module of a layer on samples of this shape."""
    width = shape[-1]
    if is_exactly(stage, layers.Dense):
        bias = {"bias": float32(stage.b)} if stage.use_bias else {}
        more = "" if stage.use_bias else ", bias=False"
        made = f"torch.nn.Linear({width}, {stage.units}{more})"
        return made, {"weight": float32(stage.W.T), **bias}
    if is_exactly(stage, layers.BatchNormalization):
        momentum = float(np.float32(1 - stage.momentum))
        kind = f"torch.nn.BatchNorm{1 if len(shape) == 1 else 2}d"
        if len(shape) == 3 and not channels_first:
            kind = BATCH_NORM_OF_CHANNELS_LAST
        return f"{kind}({width}, eps={stage.epsilon!r}, momentum={momentum:g})", {
            "weight": float32(stage.gamma),
            "bias": float32(stage.beta),
            "running_mean": float32(stage.mean),
            "running_var": float32(stage.variance),
            "num_batches_tracked": np.array(0, np.int64),  # used with momentum=None only
        }
    if is_exactly(stage, layers.LayerNormalization):
        arrays = {"weight": float32(stage.gamma), "bias": float32(stage.beta)}
        return f"torch.nn.LayerNorm({width}, eps={stage.epsilon!r})", arrays
    if is_exactly(stage, layers.Dropout):
        # of a schedule, the rate that training has come to
        rate = value_at(stage.rate, stage.clock.step, "rate")
        return f"torch.nn.Dropout({rate!r})", {}
    if is_exactly(stage, layers.Flatten):
        return "torch.nn.Flatten()", {}
    if type(stage) in ACTIVATIONS:
        return f"torch.nn.{_activation(stage)}", {}
    raise foreign(stage, stage.name)


def _channels_first(stage: Layer, shape: Shape) -> Shape:
    """The shape of these pictures in PyTorch."""
    height, width, channels = picture_shape(stage, shape)
    return (channels, height, width)


def _dense_follows(stages: Sequence[Layer]) -> bool:
    """Whether the first layer that asks where in a row a number stands is a dense one."""
    anywhere = {*NOTHING, *ACTIVATIONS, layers.Dropout, layers.Rescaling} - {layers.Softmax}
    first = next((stage for stage in stages if not is_exactly(stage, *anywhere)), None)
    return is_exactly(first, layers.Dense)


def _of_pictures(stage: Layer, shape: Shape) -> Iterator[Module]:
    """The modules of a layer on pictures (height, width, channels)."""
    if is_exactly(stage, layers.GlobalAveragePooling2D):
        yield "torch.nn.AdaptiveAvgPool2d(1)", {}
        yield "torch.nn.Flatten()", {}
    elif is_exactly(stage, layers.ZeroPadding2D):
        yield f"torch.nn.ZeroPad2d({_sides(stage.padding)})", {}
    elif is_exactly(stage, layers.Conv2D):
        yield from _convolution(stage, shape, stage.W.transpose(3, 2, 0, 1))
    elif is_exactly(stage, layers.DepthwiseConv2D):
        W = stage.W.transpose(2, 3, 0, 1).reshape(-1, 1, *stage.kernel_size)
        yield from _convolution(stage, shape, W, f", groups={shape[2]}")
    elif is_exactly(stage, layers.MaxPooling2D):
        yield from _pooling(stage, shape, "MaxPool2d")
    else:
        assert is_exactly(stage, layers.AveragePooling2D)
        yield from _pooling(stage, shape, "AvgPool2d")


def _convolution(
    stage: layers.Conv2D | layers.DepthwiseConv2D, shape: Shape, W: Array, more: str = ""
) -> Iterator[Module]:
    """W is (filters, channels, rows, columns); `more` are arguments."""
    border = stage.windows(shape).border
    if stage.strides != (1, 1):
        more += f", stride={_pair(stage.strides)}"
    if not _is_even(border):
        yield f"torch.nn.ZeroPad2d({_sides(border)})", {}
    elif np.any(border):
        more += f", padding={_pair((border[0][0], border[1][0]))}"
    bias = {"bias": float32(stage.b)} if stage.use_bias else {}
    more += "" if stage.use_bias else ", bias=False"
    made = f"torch.nn.Conv2d({shape[2]}, {len(W)}, {_pair(stage.kernel_size)}{more})"
    yield made, {"weight": float32(W), **bias}


def _pooling(
    stage: layers.MaxPooling2D | layers.AveragePooling2D, shape: Shape, kind: str
) -> Iterator[Module]:
    _, size, strides, border, _ = stage.windows(shape)
    made, more = f"torch.nn.{kind}", ""
    if strides != size:
        more += f", stride={_pair(strides)}"
    # PyTorch's own border is the same on both sides and at most half a window
    if not _is_even(border) or any(2 * border[axis][0] > size[axis] for axis in (0, 1)):
        if kind == "MaxPool2d":
            yield f"torch.nn.ConstantPad2d({_sides(border)}, float('-inf'))", {}
        else:
            made = MEAN_OF_PIXELS.format(sides=_sides(border))
    elif np.any(border):
        more += f", padding={_pair((border[0][0], border[1][0]))}"
        more += ", count_include_pad=False" if kind == "AvgPool2d" else ""
    yield f"{made}({_pair(size)}{more})", {}


def _pair(both: tuple[int, int]) -> str:
    return str(both[0] if both[0] == both[1] else both)


def _is_even(border: Border) -> bool:
    """Whether as much is put after the picture as before it."""
    return all(before == after for before, after in border)


def _sides(border: Border) -> tuple[int, int, int, int]:
    """(left, right, top, bottom), PyTorch's order."""
    rows, columns = border
    return (*columns, *rows)


def _activation(activation: Layer) -> str:
    arguments = {
        layers.LeakyReLU: repr(getattr(activation, "slope", None)),
        layers.GELU: 'approximate="tanh"',
        layers.Softmax: "dim=1",
    }
    return f"{type(activation).__name__}({arguments.get(type(activation), '')})"


def _residual(modules: Sequence[Module]) -> Module:
    """A `torch.nn.Sequential` that adds its input."""
    formula = "x + torch.nn.Sequential.forward(self, x)"
    made = f"type('Residual', (torch.nn.Sequential,), {{'forward': lambda self, x: {formula}}})"
    arrays = {
        f"{place}.{key}": array
        for place, (_, state) in enumerate(modules)
        for key, array in state.items()
    }
    return f"{made}({_lines(modules)})", arrays


def _lines(modules: Sequence[Module]) -> str:
    """The expressions as arguments of another, a line or several each."""
    return "\n" + textwrap.indent("".join(f"{text},\n" for text, _ in modules), "    ")


def _own_module(stage: Layer) -> Module:
    """A class of the layer's name, made in place: a PReLU, which has a trained number for each
    feature, with another formula; or a module without parameters.
    """
    state: dict[str, Array] = {}
    if is_exactly(stage, layers.ParametricActivation):
        inside = stage.activation
        if not is_exactly(inside, *ACTIVATIONS, layers.Linear):
            raise foreign(inside, stage.name)
        f = "Identity()" if is_exactly(inside, layers.Linear) else _activation(inside)
        formula, state = f"x + self.weight * (torch.nn.{f}(x) - x)", {"weight": float32(stage.a)}
    elif is_exactly(stage, layers.Scale):
        formula = _on_columns("part * self.weight", stage.columns)
        state = {"weight": float32(stage.s)}
    else:
        assert is_exactly(stage, layers.SmoothClip)
        limit = f"x.new_tensor({stage.limit!r})"
        formula = _on_columns(f"{limit} * (part / torch.hypot(part, {limit}))", stage.columns)
    base, size = ("PReLU", len(state["weight"])) if state else ("Module", "")
    name = type(stage).__name__
    made = f"type('{name}', (torch.nn.{base},), {{'forward': lambda self, x: {formula}}})({size})"
    return made, state


# What each makes of x: the columns at p pass, those at c are embedded; see `embedding_step`.
EMBEDDINGS = {
    "embed": "self.E[x[:, {c}].round().long() + torch.tensor({starts}, device=x.device)]",
    "periodic": "torch.cat((x[:, {c}, None], torch.einsum('nkf,kfd->nkd', torch.cos(x[:, {c}, None]"
    " * self.w + self.b1), self.W2) + self.b2), 2)",
    "piecewise": "x[:, {c}, None] * self.w0 + self.b0 + torch.einsum('nkp,kpd->nkd', ((x[:, {c}, "
    "None] - self.left) / self.width).clamp(self.low, self.high), self.V)",
}
CONSTANTS = ("left", "width", "low", "high")  # that are not trained


def _embedding(stage: ColumnEmbedding) -> Module:
    """A `ParameterDict` with a formula, under the names that the layer has for its arrays."""
    step = embedding_step(stage, stage.name or "")
    places = {
        key: step.arrays.pop(key).astype(int).tolist()
        for key in ("columns", "passing", "starts")
        if key in step.arrays
    }
    part = EMBEDDINGS[step.kind].format(c=places["columns"], starts=places.get("starts"))
    formula = f"torch.cat((x[:, {places['passing']}], ({part}).flatten(1)), 1)"
    arguments = ", ".join(
        f"'{key}': torch.nn.Parameter(torch.zeros{a.shape}, requires_grad={key not in CONSTANTS})"
        for key, a in step.arrays.items()
    )
    name = type(stage).__name__
    # a ParameterDict refuses to be called, which every other module allows
    methods = f"'forward': lambda self, x: {formula}, '__call__': torch.nn.Module.__call__"
    made = f"type('{name}', (torch.nn.ParameterDict,), {{{methods}}})({{{arguments}}})"
    return made, step.arrays


def _on_columns(formula: str, columns: Columns) -> str:
    """The formula of `part` for all of x, or for these columns of it."""
    if columns is None:
        return formula.replace("part", "x")
    places = str(list(columns))
    index = f"torch.tensor({places}, device=x.device)"
    return f"x.index_copy(1, {index}, {formula.replace('part', f'x[:, {places}]')})"


def _rescaling(stage: layers.Rescaling, width: int) -> Iterator[Module]:
    yield "torch.nn.Flatten()", {}
    yield f"torch.nn.Unflatten(1, (1, {width}))", {}
    scale, offset = np.full((1, 1, 1), stage.scale), np.full(1, stage.offset)
    yield "torch.nn.Conv1d(1, 1, 1)", {"weight": float32(scale), "bias": float32(offset)}
    yield "torch.nn.Flatten()", {}
