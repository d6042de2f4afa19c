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
# # How do I predict counts?
#
# Compile with the loss `"poisson"`: the network then gives the logarithm of the expected count, and
# `np.exp(model.predict(x))` is the count itself, which cannot fall below 0. Squared error treats a
# mistake of 2 alike at 1 and at 100, and predicts negative counts where there are few.

# %%
import numpy as np

import hyalite as hy
from _picture import BLUE, GRAY, VERMILLION, dress, figure, show

# %% [markdown]
# Bicycles let in an hour, made up: the hour of the day and the temperature multiply each other's
# effect, and the count is drawn from Poisson's distribution. 1,000 hours to learn from.

# %%
random = np.random.default_rng(0)


def truth(hour, degrees):
    rush = np.exp(-((hour - 8) ** 2) / 4) + 1.3 * np.exp(-((hour - 17.5) ** 2) / 6)
    return (0.3 + 12 * rush) * np.exp(0.06 * (degrees - 10))


def inputs(hour, degrees):
    turn = 2 * np.pi * hour / 24  # a circle, so that 24 o'clock lies beside 0 o'clock
    waves = [f(k * turn) for k in (1, 2) for f in (np.sin, np.cos)]
    return np.column_stack([*waves, degrees / 15 - 1])


hour, degrees = random.uniform(0, 24, 1000), random.uniform(-5, 30, 1000)
x, y = inputs(hour, degrees), random.poisson(truth(hour, degrees))
print(f"counts from {y.min()} to {y.max()}, {np.mean(y == 0):.0%} of them 0")


# %%
def train(loss):
    model = hy.Sequential([hy.Dense(32, "tanh"), hy.Dense(32, "tanh"), hy.Dense(1)])
    model.compile(loss, hy.Adam(hy.CosineDecay(0.01, steps=100 * 32)))
    model.fit(x, y, epochs=100, seed=0, verbose=0)
    return model


squared, poisson = train("mean_squared_error"), train("poisson")
counts = {
    "squared error": lambda *at: squared.predict(inputs(*at))[:, 0],
    "Poisson": lambda *at: np.exp(poisson.predict(inputs(*at))[:, 0]),
}

# %%
new = random.uniform(0, 24, 10_000), random.uniform(-5, 30, 10_000)
quiet, off, negative = truth(*new) < 1, {}, {}
for name, count in counts.items():
    error = np.abs(count(*new) - truth(*new))
    off[name], negative[name] = error.mean(), np.mean(count(*new) < 0)
    print(
        f"{name:14} off by {off[name]:.2f}, by {error[quiet].mean():.2f} where "
        f"fewer than 1 is expected; {negative[name]:.1%} negative"
    )
assert off["Poisson"] < 0.7 * off["squared error"]
assert negative["Poisson"] == 0 < negative["squared error"]

# %%
ax = figure(7, 4.8).add_subplot()
clock = np.linspace(0, 24, 241)
day = clock, np.full_like(clock, 5.0)
near = abs(degrees - 5) < 3
label = "counted, at 2 to 8 °C"
ax.plot(hour[near], y[near], ".", color="#AAAAAA", markersize=6, label=label)
ax.plot(clock, truth(*day), color="black", linewidth=1, label="truth at 5 °C")
ax.plot(
    clock,
    counts["squared error"](*day),
    "--",
    color=VERMILLION,
    linewidth=1.8,
    label="squared error",
)
ax.plot(clock, counts["Poisson"](*day), color=BLUE, linewidth=1.8, label="Poisson")
ax.axhline(0, color=GRAY, linewidth=0.8)
title = "Expected bicycles an hour, over a day of 5 °C"
dress(ax, title, "hour of the day", "bicycles")
ax.set(xlim=(0, 24), xticks=range(0, 25, 4), yticks=range(0, 21, 5), ylim=(-1.5, 20))
ax.legend(fontsize=10, frameon=False, loc="upper left")
show(ax, "counts")
