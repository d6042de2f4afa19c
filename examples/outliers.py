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
# # Some of my targets are wild. Which loss?
#
# Under squared error a target that is ten times as far off pulls ten times as hard, so a few wild
# ones bend the whole fit. Under `"mean_absolute_error"` all pull alike; under `hy.Huber(delta)`
# none pulls harder than `delta`. Take a `delta` about as large as an ordinary error.

# %%
import numpy as np

import hyalite as hy
from _picture import BLUE, GRAY, GREEN, VERMILLION, dress, figure, show

# %%
random = np.random.default_rng(0)


def truth(x):
    return np.sin(x) + 0.3 * x


x = random.uniform(0, 10, (500, 1))
y = truth(x) + random.normal(0, 0.3, x.shape)
wild = random.random(x.shape) < 0.1
y[wild] += random.uniform(4, 10, wild.sum())
print(f"{wild.sum()} of {len(y)} targets are wild: 4 to 10 too high")

# %%
models = {}
for loss in ("mean_squared_error", hy.Huber(0.3), "mean_absolute_error"):
    hidden = hy.Dense(32, "tanh"), hy.Dense(32, "tanh")
    # Rescaling brings x from 0..10 to -5..5
    model = hy.Sequential([hy.Rescaling(1, -5), *hidden, hy.Dense(1)])
    model.compile(loss, hy.Adam(hy.CosineDecay(0.01, steps=150 * 16)))
    model.fit(x, y, epochs=150, seed=0, verbose=0)
    models[model.loss.name] = model

grid = np.linspace(0, 10, 201)[:, np.newaxis]
off = {}
for name, model in models.items():
    error = model.predict(grid) - truth(grid)
    off[name] = np.abs(error).mean()
    print(f"{name:20} off by {off[name]:.2f} on average, {error.mean():.2f} too high")
assert off["huber"] < off["mean_squared_error"] / 3
assert off["mean_absolute_error"] < off["mean_squared_error"] / 3

# %%
ax = figure(7, 4.8).add_subplot()
ax.plot(x[~wild], y[~wild], ".", color="#AAAAAA", markersize=5, label="targets")
ax.plot(x[wild], y[wild], "x", color=GRAY, markersize=5, label="wild targets")
ax.plot(grid, truth(grid), color="black", linewidth=1, label="truth")
for (name, model), color, style in zip(
    models.items(), (VERMILLION, BLUE, GREEN), ("--", "-", ":"), strict=True
):
    fitted, label = model.predict(grid), name.replace("_", " ")
    ax.plot(grid, fitted, style, color=color, linewidth=2, label=label)
dress(ax, f"Fits to {len(y)} targets, of which {wild.sum()} are wild", "x", "y")
ax.set_ylim(top=16)
ax.legend(fontsize=10, frameon=False, loc="upper left", ncols=2)
show(ax, "outliers")
