"""A network's steps as lines of Python with NumPy."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Iterable

from hyalite.export.steps import Step

WEIGHTS = '''\
def weights(text, *shape):
    """An array of float32 from its bytes in base 85."""
    return np.frombuffer(base64.b85decode(text), "<f4").reshape(shape)
'''
WINDOWS = '''\
def windows(x, size, strides, border, fill=0):
    """All windows of pictures in a border, (n, rows, columns, channels, *size), as a view."""
    x = np.pad(x, ((0, 0), *border, (0, 0)), constant_values=fill)
    every = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))
    return every[:, :: strides[0], :: strides[1]]
'''
LINES = {
    "reshape": "x = x.reshape(len(x), *{shape})",
    "flatten": "x = x.reshape(len(x), -1)",
    "rescale": "x = x * np.float32({scale!r}) + np.float32({offset!r})",
    "dense": "x = x @ {name}_W + {name}_b",
    "convolution": "x = windows(x, {size}, {strides}, {border})\n"
    "x = sum(np.tensordot(x[..., i, j], {name}_W[i, j], 1) for i, j in np.ndindex({size}))\n"
    "x = x + {name}_b",
    "depthwise_convolution": "x = windows(x, {size}, {strides}, {border})\n"
    "x = sum(x[..., i, j, None] * {name}_W[i, j] for i, j in np.ndindex({size}))\n"
    "x = x.reshape(*x.shape[:3], -1) + {name}_b",
    "max_pooling": "x = windows(x, {size}, {strides}, {border}, -np.inf).max(axis=(4, 5))",
    "average_pooling": "ones = windows(np.ones_like(x), {size}, {strides}, {border})\n"
    "x = windows(x, {size}, {strides}, {border}).sum(axis=(4, 5)) / ones.sum(axis=(4, 5))",
    "global_average_pooling": "x = x.mean(axis=(1, 2))",
    "zero_padding": "x = np.pad(x, ((0, 0), *{border}, (0, 0)))",
    "affine": "x = x * {name}_a + {name}_c",
    "normalize": "x = x - x.mean(axis=1, keepdims=True)\n"
    "x = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + np.float32({epsilon!r}))\n"
    "x = x * {name}_gamma + {name}_beta",
    "embed": "rows = (x[:, {name}_columns.astype(int)].round() + {name}_starts).astype(int)\n"
    "made = {name}_E[rows].reshape(len(x), -1)\n"
    "x = np.hstack([x[:, {name}_passing.astype(int)], made])",
    "periodic": "part = x[:, {name}_columns.astype(int), None]\n"
    "waves = np.einsum('nkf,kfd->nkd', np.cos(part * {name}_w + {name}_b1), {name}_W2)\n"
    "made = np.concatenate([part, waves + {name}_b2], axis=2).reshape(len(x), -1)\n"
    "x = np.hstack([x[:, {name}_passing.astype(int)], made])",
    "piecewise": "part = x[:, {name}_columns.astype(int), None]\n"
    "t = np.clip((part - {name}_left) / {name}_width, {name}_low, {name}_high)\n"
    "made = part * {name}_w0 + {name}_b0 + np.einsum('nkp,kpd->nkd', t, {name}_V)\n"
    "x = np.hstack([x[:, {name}_passing.astype(int)], made.reshape(len(x), -1)])",
    "relu": "x = np.maximum(x, 0)",
    "leaky_relu": "x = np.where(x > 0, x, np.float32({slope!r}) * x)",
    "sigmoid": "x = np.where(x >= 0, 1, np.exp(-abs(x))) / (1 + np.exp(-abs(x)))",
    "tanh": "x = np.tanh(x)",
    "gelu": "x = 0.5 * x * (1 + np.tanh(np.float32(0.7978845608) * (x + 0.044715 * x * x * x)))",
    "selu": "x = np.where(x > 0, np.float32(1.050701) * x, "
    "np.float32(1.758099) * np.expm1(np.minimum(x, 0)))",
    "mish": "e = np.exp(-abs(x))\n"
    "a = np.where(x >= 0, 1 + 2 * e, e * (e + 2))\n"
    "x = x * a / (a + np.where(x >= 0, 2 * e * e, 2))",
    "silu": "x = x * np.where(x >= 0, 1, np.exp(-abs(x))) / (1 + np.exp(-abs(x)))",
    "smooth_clip": "x, columns = x.copy(), {name}_columns.astype(int)\n"
    "limit = np.float32({limit!r})\n"
    "x[:, columns] = limit * (x[:, columns] / np.hypot(limit, x[:, columns]))",
    "keep": "kept = x",
    "mix": "x = kept + {name}_a * (x - kept)",
    "fork": "{name}_x = x",
    "add": "x = x + {name}_x",
    "softmax": "x = np.exp(x - x.max(axis=1, keepdims=True))\nx = x / x.sum(axis=1, keepdims=True)",
}


def body(steps: Iterable[Step]) -> str:
    """The lines that make outputs of x, both called x."""
    return textwrap.indent("\n".join(map(_lines, steps)), "    ")


def _lines(step: Step) -> str:
    names = {"name": step.name, "shape": step.shape, **step.numbers, **step.arrays}
    if step.windows:
        names |= step.windows._asdict()
    return LINES[step.kind].format(**names)


def helpers(steps: Iterable[Step]) -> str:
    """The functions that the lines and the arrays call."""
    return "\n\n".join([WEIGHTS, WINDOWS] if any(s.windows for s in steps) else [WEIGHTS])


def arrays(steps: Iterable[Step]) -> str:
    """The arrays of all steps, by `weights`."""
    return "\n".join(_arrays(s) for s in steps if s.arrays)


def _arrays(step: Step) -> str:
    lines = []
    for name, array in step.arrays.items():
        digits = base64.b85encode(array.astype("<f4").tobytes()).decode()
        rows = "\n".join(f'    "{row}"' for row in textwrap.wrap(digits, 96)) or '    ""'
        shape = ", ".join(map(str, array.shape))
        lines.append(f"{step.name}_{name} = weights(\n{rows},\n    {shape},\n)\n")
    return "".join(lines)
