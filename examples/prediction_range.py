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
# # How do I predict a range rather than a number?
#
# Train a network for each end of the range with the loss `hy.Quantile(q)`: with q = 0.05 it learns
# the number that 5 % of the targets lie below, with 0.95 the one that 95 % lie below. Between them
# lie 90 %, and the range is wide where the data are uncertain. Count on new data whether it holds.

# %%
import numpy as np

import hyalite as hy
from _picture import BLUE, VERMILLION, dress, figure, show

# %% [markdown]
# ## Made-up data whose spread grows

# %%
random = np.random.default_rng(0)


def draw(samples):
    x = random.uniform(0, 10, (samples, 1))
    y = 4 * np.sin(x) + x + random.normal(0, 0.3 + 0.35 * x)
    return x, y[:, 0]


def train(loss):
    hidden = hy.Dense(64, "tanh"), hy.Dense(64, "tanh")
    # Rescaling brings x from 0..10 to -5..5
    model = hy.Sequential([hy.Rescaling(1, -5), *hidden, hy.Dense(1)])
    model.compile(loss, hy.Adam(hy.CosineDecay(0.01, steps=80 * 30)))
    model.fit(x, y, batch_size=100, epochs=80, seed=0, verbose=0)
    return model


(x, y), (x_test, y_test) = draw(3000), draw(10_000)
low, middle, high = (train(hy.Quantile(q)) for q in (0.05, 0.5, 0.95))

# %% [markdown]
# ## Does it hold?
#
# Beside it the common way: a network trained on squared error, plus and minus 1.645 standard
# deviations of its errors. Over all samples both are right; where the data are quiet, the range of
# constant width is far too wide, and where they are wild, too narrow.

# %%
number = train("mean_squared_error")
half = 1.645 * np.std(y - number.predict(x)[:, 0])
centre = number.predict(x_test)
ranges = {
    "two quantiles": (low.predict(x_test), high.predict(x_test)),
    "number ± constant": (centre - half, centre + half),
}
third = (x_test[:, 0] // (10 / 3)).astype(int)
shares = {}
for name, (bottom, top) in ranges.items():
    inside = (bottom[:, 0] <= y_test) & (y_test <= top[:, 0])
    shares[name] = np.array([inside[third == part].mean() for part in range(3)])
    parts = ", ".join(f"{share:.1%}" for share in shares[name])
    print(f"{name:18} {inside.mean():.1%} inside; by thirds of x {parts}")
assert abs(shares["two quantiles"] - 0.9).max() < 0.03
assert abs(shares["number ± constant"] - 0.9).max() > 0.08

# %%
ax = figure(7, 4.8).add_subplot()
grid = np.linspace(0, 10, 201, dtype=np.float32)[:, np.newaxis]
ax.plot(x_test[:1500], y_test[:1500], ".", color="#AAAAAA", markersize=3, zorder=1)
ax.fill_between(
    grid[:, 0], low.predict(grid)[:, 0], high.predict(grid)[:, 0],
    color=BLUE, alpha=0.25, linewidth=0, label="between the quantiles 0.05 and 0.95",
)  # fmt: skip
ax.plot(grid, middle.predict(grid), color=BLUE, linewidth=2, label="quantile 0.5")
for sign, label in ((-1, None), (1, "number ± constant")):
    edge = number.predict(grid) + sign * half
    ax.plot(grid, edge, "--", color=VERMILLION, linewidth=1.4, label=label)
dress(ax, "A range as wide as the data are uncertain", "x", "y")
ax.legend(fontsize=10, frameon=False, loc="upper left")
show(ax, "prediction_range")
