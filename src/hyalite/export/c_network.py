"""A network's steps in C99: constant arrays, and loops over the numbers of one sample.

They lie in one array, `scratch`. A step changes those at a in place, or writes others to b, before
or behind them. What a fork keeps for its sum lies behind all that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress, pairwise

import numpy as np

from hyalite.export.steps import Step
from hyalite.layers.windows import Windows
from hyalite.parameters import Array, Shape

LOOPS = {
    "rescale": "for (int i = 0; i < {width}; i++) a[i] = a[i] * {scale} + {offset};",
    "dense": """\
for (int j = 0; j < {width}; j++) b[j] = {name}_b[j];
for (int k = 0; k < {before}; k++)
    for (int j = 0; j < {width}; j++) b[j] += a[k] * {name}_W[k * {width} + j];""",
    "convolution": """\
for (int r = 0; r < {rows}; r++)
    for (int c = 0; c < {columns}; c++) {{
        float *out = b + (r * {columns} + c) * {filters};
        for (int f = 0; f < {filters}; f++) out[f] = {name}_b[f];
        for (int i = 0; i < {high}; i++)
            for (int j = 0; j < {wide}; j++) {{
                const int p = r * {down} + i - {top}, q = c * {right} + j - {left};
                if (p < 0 || p >= {before_rows} || q < 0 || q >= {before_columns}) continue;
                const float *in = a + (p * {before_columns} + q) * {channels};
                const float *w = {name}_W + (i * {wide} + j) * {channels} * {filters};
                for (int k = 0; k < {channels}; k++)
                    for (int f = 0; f < {filters}; f++) out[f] += in[k] * w[k * {filters} + f];
            }}
    }}""",
    "depthwise_convolution": """\
for (int r = 0; r < {rows}; r++)
    for (int c = 0; c < {columns}; c++) {{
        float *out = b + (r * {columns} + c) * {filters};
        for (int f = 0; f < {filters}; f++) out[f] = {name}_b[f];
        for (int i = 0; i < {high}; i++)
            for (int j = 0; j < {wide}; j++) {{
                const int p = r * {down} + i - {top}, q = c * {right} + j - {left};
                if (p < 0 || p >= {before_rows} || q < 0 || q >= {before_columns}) continue;
                const float *in = a + (p * {before_columns} + q) * {channels};
                const float *w = {name}_W + (i * {wide} + j) * {filters};
                for (int f = 0; f < {filters}; f++) out[f] += in[f / {multiplier}] * w[f];
            }}
    }}""",
    "max_pooling": """\
for (int r = 0; r < {rows}; r++)
    for (int c = 0; c < {columns}; c++)
        for (int k = 0; k < {channels}; k++) {{
            float top = -INFINITY;
            for (int i = 0; i < {high}; i++)
                for (int j = 0; j < {wide}; j++) {{
                    const int p = r * {down} + i - {top}, q = c * {right} + j - {left};
                    if (p < 0 || p >= {before_rows} || q < 0 || q >= {before_columns}) continue;
                    const float pixel = a[(p * {before_columns} + q) * {channels} + k];
                    if (pixel > top) top = pixel;
                }}
            b[(r * {columns} + c) * {channels} + k] = top;
        }}""",
    "average_pooling": """\
for (int r = 0; r < {rows}; r++)
    for (int c = 0; c < {columns}; c++)
        for (int k = 0; k < {channels}; k++) {{
            float sum = 0.0f;
            int count = 0;
            for (int i = 0; i < {high}; i++)
                for (int j = 0; j < {wide}; j++) {{
                    const int p = r * {down} + i - {top}, q = c * {right} + j - {left};
                    if (p < 0 || p >= {before_rows} || q < 0 || q >= {before_columns}) continue;
                    sum += a[(p * {before_columns} + q) * {channels} + k];
                    count++;
                }}
            b[(r * {columns} + c) * {channels} + k] = sum / count;
        }}""",
    "global_average_pooling": """\
for (int k = 0; k < {width}; k++) {{
    float sum = 0.0f;
    for (int i = k; i < {before}; i += {width}) sum += a[i];
    a[k] = sum / ({before} / {width});
}}""",
    "zero_padding": """\
for (int r = 0; r < {rows}; r++)
    for (int c = 0; c < {columns}; c++) {{
        const int p = r - {top}, q = c - {left};
        const int inside = 0 <= p && p < {before_rows} && 0 <= q && q < {before_columns};
        for (int k = 0; k < {channels}; k++)
            b[(r * {columns} + c) * {channels} + k] =
                inside ? a[(p * {before_columns} + q) * {channels} + k] : 0.0f;
    }}""",
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
}}""",
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
}}""",
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
}}""",
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
    "fork": "for (int i = 0; i < {width}; i++) scratch[{place} + i] = a[i];",
    "add": "for (int i = 0; i < {width}; i++) a[i] += scratch[{place} + i];",
    "softmax": """\
{{
    float top = a[0], sum = 0.0f;
    for (int i = 1; i < {width}; i++) if (a[i] > top) top = a[i];
    for (int i = 0; i < {width}; i++) sum += a[i] = expf(a[i] - top);
    for (int i = 0; i < {width}; i++) a[i] /= sum;
}}""",
}


SILENT = ("flatten", "reshape")  # they leave the numbers where they are
MOVING = (  # they write to b
    *("dense", "embed", "periodic", "piecewise", "keep"),
    *("convolution", "depthwise_convolution", "max_pooling", "average_pooling", "zero_padding"),
)


def arrays(steps: Iterable[Step]) -> str:
    """The constant arrays of all steps."""
    return "".join(array(f"{s.name}_{key}", a) for s in steps for key, a in s.arrays.items())


def layout(steps: Sequence[Step], inputs: int) -> tuple[list[int], int]:
    """Where in `scratch` each step writes, and how many numbers that needs.

    What does not change x in place writes before it, where there is room, else to the end. Of a
    fork and its sum it is where x is kept between them.
    """
    widths = [inputs, *(step.width for step in steps)]
    moves = [not _in_place(step) for step in steps]
    size = max(map(sum, compress(pairwise(widths), moves)), default=0)
    size, at, places = max(size, inputs), 0, []
    for before, step, moved in zip(widths[:-1], steps, moves, strict=True):
        place = at
        if moved:
            place = 0 if step.width <= at else max(at + before, size - step.width)
        places.append(place)
        size = max(size, place + step.width)
        at = at if step.kind == "keep" else place
    kept = most = 0
    for number, step in enumerate(steps):
        if step.kind == "add":
            kept -= step.width
        if step.kind in ("fork", "add"):
            places[number] = size + kept
        if step.kind == "fork":
            kept += step.width
            most = max(most, kept)
    return places, size + most


def _in_place(step: Step) -> bool:
    """Whether y takes the place of x.

    It may in pooling without a border: no window begins before the place of its result.
    """
    if step.windows is not None and "pooling" in step.kind:
        return not np.any(step.windows.border)
    return step.kind not in MOVING


def body(steps: Sequence[Step], inputs: int) -> str:
    """The statements that make outputs of `inputs` numbers at x; they are at a then."""
    text = "    float *a = scratch, *b = a;\n    (void)b;\n"
    text += f"    for (int i = 0; i < {inputs}; i++) a[i] = x[i];\n"
    before = inputs
    for step, place in zip(steps, layout(steps, inputs)[0], strict=True):
        if step.kind in SILENT:
            continue
        lines = loop(step, before, place).splitlines()
        if step.kind in MOVING:
            lines.insert(0, f"b = scratch + {place};")
            lines += [] if step.kind == "keep" else ["a = b;"]
        code = "".join(f"    {line}\n" for line in lines)
        text += f"\n    /* {step.name}: {step.kind} */\n{code}\n"
        before = step.width
    return text


def loop(step: Step, before: int, place: int) -> str:
    """The loops of a step on `before` numbers; `place` is its own in `scratch`."""
    numbers = {name: number(value) for name, value in step.numbers.items()}
    sizes = {"name": step.name, "width": step.width, "before": before, "place": place}
    sizes |= step.arrays
    if step.windows:
        sizes |= _window_sizes(step.windows, step.shape)
    return LOOPS[step.kind].format(**sizes, **numbers)


def _window_sizes(windows: Windows, shape: Shape) -> dict[str, int]:
    """What the loops over windows are about; `shape` is that of y."""
    (top, bottom), (left, right) = windows.border
    height, width, channels = windows.picture
    return {
        "before_rows": height - top - bottom,
        "before_columns": width - left - right,
        "channels": channels,
        "rows": shape[0],
        "columns": shape[1],
        "filters": shape[2],
        "multiplier": shape[2] // channels,
        "high": windows.size[0],
        "wide": windows.size[1],
        "down": windows.strides[0],
        "right": windows.strides[1],
        "top": top,
        "left": left,
    }


def array(name: str, values: Array) -> str:
    """A constant array."""
    numbers = [number(value) for value in values.ravel().tolist()] or ["0.0f"]  # C has none empty
    rows = [", ".join(numbers[i : i + 6]) for i in range(0, len(numbers), 6)]
    return f"static const float {name}[{len(numbers)}] = {{\n    " + ",\n    ".join(rows) + "};\n"


def number(value: float) -> str:
    """A number in single precision."""
    text = f"{np.float32(value):.9g}"
    return text + ("f" if "." in text or "e" in text else ".0f")
