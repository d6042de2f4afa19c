"""A network's steps in C99: constant arrays, and loops over two rows of numbers, a and b.

A fork keeps a third row for the sum that belongs to it, one within its block a fourth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from hyalite.export.steps import Step
from hyalite.parameters import Array

LOOPS = {
    "rescale": "for (int i = 0; i < {width}; i++) a[i] = a[i] * {scale} + {offset};",
    "dense": """\
for (int j = 0; j < {width}; j++) b[j] = {name}_b[j];
for (int k = 0; k < {before}; k++)
    for (int j = 0; j < {width}; j++) b[j] += a[k] * {name}_W[k * {width} + j];
{{ float *other = a; a = b; b = other; }}""",
    "affine": """\
for (float *p = a; p < a + {width}; p += {a.size})
    for (int i = 0; i < {a.size}; i++) p[i] = p[i] * {name}_a[i] + {name}_c[i];""",
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
    "fork": "for (int i = 0; i < {width}; i++) scratch[{row}][i] = a[i];",
    "add": "for (int i = 0; i < {width}; i++) a[i] += scratch[{row}][i];",
    "softmax": """\
{{
    float top = a[0], sum = 0.0f;
    for (int i = 1; i < {width}; i++) if (a[i] > top) top = a[i];
    for (int i = 0; i < {width}; i++) sum += a[i] = expf(a[i] - top);
    for (int i = 0; i < {width}; i++) a[i] /= sum;
}}""",
}


def arrays(steps: Iterable[Step]) -> str:
    """The constant arrays of all steps."""
    return "".join(array(f"{s.name}_{key}", a) for s in steps for key, a in s.arrays.items())


def scratch_shape(steps: Iterable[Step], inputs: int) -> tuple[int, int]:
    """Rows that `scratch` needs, and numbers in each."""
    rows = max([2, *(row + 1 for _, row in _with_rows(steps))])
    return rows, max([inputs, *(step.width for step in steps)])


def _with_rows(steps: Iterable[Step]) -> Iterator[tuple[Step, int]]:
    """Each step, with the row of `scratch` that is kept at a fork and added at its sum."""
    row = 1
    for step in steps:
        row += step.kind == "fork"
        yield step, row
        row -= step.kind == "add"


def body(steps: Iterable[Step], inputs: int) -> str:
    """The statements that make outputs of `inputs` numbers at x; they are at a then."""
    text = "    float *a = scratch[0], *b = scratch[1];\n    (void)b;\n"
    text += f"    for (int i = 0; i < {inputs}; i++) a[i] = x[i];\n"
    before = inputs
    for step, row in _with_rows(steps):
        if step.kind != "flatten":
            text += loop(step, before, row)
            before = step.width
    return text


def loop(step: Step, before: int, row: int) -> str:
    """The statements of a step on `before` numbers; `row` is that of the latest fork."""
    numbers = {name: number(value) for name, value in step.numbers.items()}
    sizes = {"name": step.name, "width": step.width, "before": before, "row": row, **step.arrays}
    code = LOOPS[step.kind].format(**sizes, **numbers)
    lines = "".join(f"    {line}\n" for line in code.splitlines())
    return f"\n    /* {step.name}: {step.kind} */\n{lines}\n"


def array(name: str, values: Array) -> str:
    """A constant array."""
    numbers = [number(value) for value in values.ravel().tolist()] or ["0.0f"]  # C has none empty
    rows = [", ".join(numbers[i : i + 6]) for i in range(0, len(numbers), 6)]
    return f"static const float {name}[{len(numbers)}] = {{\n    " + ",\n    ".join(rows) + "};\n"


def number(value: float) -> str:
    """A number in single precision."""
    text = f"{np.float32(value):.9g}"
    return text + ("f" if "." in text or "e" in text else ".0f")
