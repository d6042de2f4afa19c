"""One file of C99 without dependencies but the mathematics library: for microcontrollers."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from hyalite.export.steps import Step, steps_of, title
from hyalite.files.replacing import replace
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.version import __version__

HEAD = """\
/* A neural network: {title}.
   Made by Hyalite {version}. C99; link with -lm.

   void predict(const float *x, float *y);   x: {inputs} numbers, y: {outputs} numbers

   It keeps {scratch} bytes of its own between calls; one thread at a time may call it. */

#include <math.h>

#define INPUTS {inputs}
#define OUTPUTS {outputs}

"""
LOOPS = {
    "rescale": "for (int i = 0; i < {width}; i++) a[i] = a[i] * {scale} + {offset};",
    "dense": """\
for (int j = 0; j < {width}; j++) b[j] = {name}_b[j];
for (int k = 0; k < {before}; k++)
    for (int j = 0; j < {width}; j++) b[j] += a[k] * {name}_W[k * {width} + j];
{{ float *other = a; a = b; b = other; }}""",
    "affine": "for (int i = 0; i < {width}; i++) a[i] = a[i] * {name}_a[i] + {name}_c[i];",
    "normalize": """\
{{
    float mean = 0.0f, square = 0.0f;
    for (int i = 0; i < {width}; i++) mean += a[i];
    mean /= {width};
    for (int i = 0; i < {width}; i++) square += (a[i] - mean) * (a[i] - mean);
    const float s = sqrtf(square / {width} + {epsilon});
    for (int i = 0; i < {width}; i++)
        a[i] = (a[i] - mean) / s * {name}_gamma[i] + {name}_beta[i];
}}""",
    "embed": """\
{{
    const int passed = {passing.size}, dimension = {E.shape[1]};
    for (int i = 0; i < passed; i++) b[i] = a[(int)({name}_passing[i] + 0.5f)];
    for (int c = 0; c < {columns.size}; c++) {{
        const float category = a[(int)({name}_columns[c] + 0.5f)];
        const int row = (int)(category + {name}_starts[c] + 0.5f);
        for (int i = 0; i < dimension; i++)
            b[passed + c * dimension + i] = {name}_E[row * dimension + i];
    }}
}}
{{ float *other = a; a = b; b = other; }}""",
    "periodic": """\
{{
    const int passed = {passing.size}, waves = {w.shape[1]}, made = {b2.shape[1]};
    for (int i = 0; i < passed; i++) b[i] = a[(int)({name}_passing[i] + 0.5f)];
    for (int c = 0; c < {columns.size}; c++) {{
        const float number = a[(int)({name}_columns[c] + 0.5f)];
        float *out = b + passed + c * (made + 1);
        *out++ = number;
        for (int i = 0; i < made; i++) out[i] = {name}_b2[c * made + i];
        for (int f = c * waves; f < (c + 1) * waves; f++) {{
            const float wave = cosf({name}_w[f] * number + {name}_b1[f]);
            for (int i = 0; i < made; i++) out[i] += wave * {name}_W2[f * made + i];
        }}
    }}
}}
{{ float *other = a; a = b; b = other; }}""",
    "piecewise": """\
{{
    const int passed = {passing.size}, pieces = {V.shape[1]}, made = {V.shape[2]};
    for (int i = 0; i < passed; i++) b[i] = a[(int)({name}_passing[i] + 0.5f)];
    for (int c = 0; c < {columns.size}; c++) {{
        const float number = a[(int)({name}_columns[c] + 0.5f)];
        float *out = b + passed + c * made;
        for (int i = 0; i < made; i++)
            out[i] = {name}_w0[c * made + i] * number + {name}_b0[c * made + i];
        for (int q = c * pieces; q < (c + 1) * pieces; q++) {{
            float t = (number - {name}_left[q]) / {name}_width[q];
            t = t < {name}_low[q] ? {name}_low[q] : t > {name}_high[q] ? {name}_high[q] : t;
            for (int i = 0; i < made; i++) out[i] += t * {name}_V[q * made + i];
        }}
    }}
}}
{{ float *other = a; a = b; b = other; }}""",
    "relu": "for (int i = 0; i < {width}; i++) if (a[i] < 0.0f) a[i] = 0.0f;",
    "leaky_relu": "for (int i = 0; i < {width}; i++) if (a[i] <= 0.0f) a[i] *= {slope};",
    "sigmoid": """\
for (int i = 0; i < {width}; i++) {{
    const float e = expf(-fabsf(a[i]));
    a[i] = (a[i] >= 0.0f ? 1.0f : e) / (1.0f + e);
}}""",
    "tanh": "for (int i = 0; i < {width}; i++) a[i] = tanhf(a[i]);",
    "gelu": """\
for (int i = 0; i < {width}; i++)
    a[i] *= 0.5f + 0.5f * tanhf(0.7978845608f * (a[i] + 0.044715f * a[i] * a[i] * a[i]));""",
    "selu": """\
for (int i = 0; i < {width}; i++)
    a[i] = a[i] > 0.0f ? 1.050700987f * a[i] : 1.758099341f * expm1f(a[i]);""",
    "mish": """\
for (int i = 0; i < {width}; i++) {{
    const float e = expf(-fabsf(a[i]));
    const float over = a[i] >= 0.0f ? 1.0f + 2.0f * e : e * (e + 2.0f);
    a[i] *= over / (over + (a[i] >= 0.0f ? 2.0f * e * e : 2.0f));
}}""",
    "silu": """\
for (int i = 0; i < {width}; i++) {{
    const float e = expf(-fabsf(a[i]));
    a[i] *= (a[i] >= 0.0f ? 1.0f : e) / (1.0f + e);
}}""",
    "smooth_clip": """\
for (int c = 0; c < {columns.size}; c++) {{
    const int i = (int)({name}_columns[c] + 0.5f);
    a[i] = {limit} * (a[i] / hypotf({limit}, a[i]));
}}""",
    "keep": "for (int i = 0; i < {width}; i++) b[i] = a[i];",
    "mix": "for (int i = 0; i < {width}; i++) a[i] = b[i] + {name}_a[i] * (a[i] - b[i]);",
    "softmax": """\
{{
    float top = a[0], sum = 0.0f;
    for (int i = 1; i < {width}; i++) if (a[i] > top) top = a[i];
    for (int i = 0; i < {width}; i++) sum += a[i] = expf(a[i] - top);
    for (int i = 0; i < {width}; i++) a[i] /= sum;
}}""",
}


def to_c(model: Sequential, path: str | Path) -> None:
    """Write the file: ``void predict(const float *x, float *y)`` for one sample.

    Args:
        model: built.
        path: of the file; an older one is replaced at once, or not at all.

    Raises:
        ValueError: the model is not built, or has a layer that is not the library's.
        OSError: it cannot be written; an older file is then untouched.

    Examples:
        >>> from hyalite.export import to_c
        >>> model = hy.Sequential([hy.Dense(3, "relu"), hy.Dense(1)])
        >>> model.build(2)
        >>> to_c(model, "network.c")
        >>> with open("network.c") as file:
        ...     print(file.readline(), end="")
        /* A neural network: (2,) -> dense 3 -> relu -> dense 1.
    """
    steps = [step for step in steps_of(model) if step.kind != "flatten"]
    network = model.network
    inputs, outputs = (math.prod(s) for s in (network.input_shape, network.output_shape))
    widest = max([inputs, *(step.width for step in steps)])
    text = HEAD.format(
        title=title(model),
        version=__version__,
        inputs=inputs,
        outputs=outputs,
        scratch=8 * widest,
    )
    text += "".join(_array(f"{s.name}_{key}", a) for s in steps for key, a in s.arrays.items())
    text += f"\nstatic float scratch[2][{widest}];\n\nvoid predict(const float *x, float *y)\n{{\n"
    text += "    float *a = scratch[0], *b = scratch[1];\n    (void)b;\n"
    text += "    for (int i = 0; i < INPUTS; i++) a[i] = x[i];\n"
    before = inputs
    for step in steps:
        text += _loop(step, before)
        before = step.width
    text += "    for (int i = 0; i < OUTPUTS; i++) y[i] = a[i];\n}\n"
    replace(Path(path), text.encode())


def _loop(step: Step, before: int) -> str:
    numbers = {name: _number(value) for name, value in step.numbers.items()}
    sizes = {"name": step.name, "width": step.width, "before": before, **step.arrays}
    code = LOOPS[step.kind].format(**sizes, **numbers)
    lines = "".join(f"    {line}\n" for line in code.splitlines())
    return f"\n    /* {step.name}: {step.kind} */\n{lines}\n"


def _array(name: str, array: Array) -> str:
    numbers = [_number(value) for value in array.ravel().tolist()] or ["0.0f"]  # C has none empty
    rows = [", ".join(numbers[i : i + 6]) for i in range(0, len(numbers), 6)]
    return f"static const float {name}[{len(numbers)}] = {{\n    " + ",\n    ".join(rows) + "};\n"


def _number(value: float) -> str:
    text = f"{np.float32(value):.9g}"
    return text + ("f" if "." in text or "e" in text else ".0f")
