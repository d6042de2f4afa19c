# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How do I run my network where Python is not?
#
# Export it: `to_c` writes one C99 file that needs nothing but the mathematics library, `to_onnx` a
# file for the runtimes of many languages, `to_numpy` one Python file that needs NumPy alone. All
# three give the same answers as the model here, to within rounding.

# %%
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime

import hyalite as hy
from _picture import BLUE, GRAY, dress, figure, show
from hyalite.export import to_c, to_numpy, to_onnx

# %%
(x, y), (x_test, y_test) = hy.datasets.mnist()
model = hy.Sequential([hy.Dense(32, "relu"), hy.Dense(10, "softmax")])
model.compile("categorical_crossentropy", "adam", metrics=["accuracy"])
model.fit(x[:20_000], y[:20_000], batch_size=100, epochs=2, seed=0, verbose=0)
print(f"test accuracy {model.evaluate(x_test, y_test)['accuracy']:.3f}")

place = tempfile.TemporaryDirectory()
folder = Path(place.name)
model.save(folder / "digits.safetensors")
to_onnx(model, folder / "digits.onnx")
to_numpy(model, folder / "digits.py")
to_c(model, folder / "digits.c")

# %% [markdown]
# A whole program in C: it reads pictures from its input and writes probabilities to its output.

# %%
MAIN = """
#include <stdio.h>
void predict(const float *x, float *y);
int main(void) {
    float x[784], y[10];
    while (fread(x, sizeof x, 1, stdin)) {
        predict(x, y);
        fwrite(y, sizeof y, 1, stdout);
    }
}
"""


def one_by_one(predict):
    rows = range(len(x_test))
    return lambda: np.concatenate([predict(x_test[row : row + 1]) for row in rows])


def in_c():
    answers = subprocess.check_output([folder / "digits"], input=x_test.tobytes())
    return np.frombuffer(answers, np.float32).reshape(-1, 10)


sys.path.insert(0, str(folder))
import digits  # noqa: E402  the file that to_numpy wrote

session = onnxruntime.InferenceSession(folder / "digits.onnx")
in_onnx = one_by_one(lambda row: session.run(None, {"x": row})[0])
ways = {
    "Hyalite": ("digits.safetensors", one_by_one(model.predict)),
    "NumPy alone": ("digits.py", one_by_one(digits.predict)),
    "ONNX Runtime": ("digits.onnx", in_onnx),
}
if compiler := shutil.which("cc"):
    (folder / "main.c").write_text(MAIN)
    words = [compiler, "-O3", "main.c", "digits.c", "-o", "digits", "-lm"]
    subprocess.run(words, cwd=folder, check=True)
    ways["C program"] = ("digits", in_c)
else:
    print("no C compiler (cc) here: the program in C is left out")

# %%
expected, rows = model.predict(x_test), []
for name, (file, predict) in ways.items():
    began = sum(os.times()[:4])  # processor time, that of child processes included
    answers = predict()
    micros = 1e6 * (sum(os.times()[:4]) - began) / len(x_test)
    off, size = np.abs(answers - expected).max(), (folder / file).stat().st_size / 1000
    rows.append((name, micros, size, off))
    print(f"{name:12} within {off:.1e}; {micros:.0f} µs a picture, {size:.0f} kB")
    assert np.mean(answers.argmax(axis=1) == expected.argmax(axis=1)) > 0.999
names, micros, sizes, offs = zip(*rows, strict=True)
assert max(offs) < 1e-5
place.cleanup()

# %%
drawing = figure(7, 3.8)
drawing.suptitle(f"{len(names)} ways, the same to {max(offs):.1e}", fontsize=13)
axes = drawing.subplots(1, 2, sharey=True)
for ax, values in zip(axes, (micros, sizes), strict=True):
    bars = ax.barh(names, values, color=[GRAY] + [BLUE] * 3)
    ax.bar_label(bars, fmt="%.0f", padding=4, fontsize=11)
    ax.margins(x=0.2)
dress(axes[0], "Processor time", "µs a picture, one at a time", "")
dress(axes[1], "Size", "kB of the file, weights included", "")
axes[0].invert_yaxis()
show(axes, "without_python")
