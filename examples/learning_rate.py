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
# # Which learning rate?
#
# `hy.find_learning_rate` trains a copy of the model for at most a hundred steps, each with a larger
# rate, and watches the loss. Take the rate where it falls fastest; that costs less than one epoch.
# Below, the same network is trained from the start at ten rates, to see whether the advice holds.

# %%
import numpy as np

import hyalite as hy
from _picture import BLUE, VERMILLION, dress, figure, show


# %%
def network():
    hidden = hy.Dense(64, "relu"), hy.Dense(64, "relu")
    model = hy.Sequential([*hidden, hy.Dense(10, "softmax")])
    model.compile("categorical_crossentropy", "adam", metrics=["accuracy"])
    return model


(x, y), test = hy.datasets.mnist()
x, y = x[:20_000], y[:20_000]
curve = hy.find_learning_rate(network(), x, y, batch_size=100, seed=0)
print(curve)

# %%
rates = 10.0 ** np.arange(-5, 0, 0.5)
losses = []
for rate in rates:
    model = network()
    model.optimizer.learning_rate = rate
    model.fit(x, y, batch_size=100, epochs=2, seed=0, verbose=0)
    losses.append(model.evaluate(*test)["loss"])
    print(f"trained at {rate:.5f}: test loss {losses[-1]:.3f}")

# %%
found = curve.suggestion
nearest = losses[np.abs(np.log(rates / found)).argmin()]
assert nearest < 1.3 * min(losses)
assert losses[np.abs(np.log(rates / (found / 100))).argmin()] > 2 * nearest
assert losses[np.abs(np.log(rates / (found * 30))).argmin()] > 2 * nearest

above, below = axes = figure(7, 6.4).subplots(2, 1, sharex=True)
hy.plots.learning_rates(curve, ax=above)
title = f"{len(curve.rates)} steps, each with a larger rate"
dress(above, title, "", "loss of the batch")
above.set_xlim(rates[0] / 1.4, rates[-1] * 1.4)
above.legend(fontsize=10, frameon=False, loc="lower left")
below.plot(rates, losses, "o-", color=BLUE, markersize=7, linewidth=1.3)
below.axvline(found, color=VERMILLION, linewidth=1.2)
dress(below, "Two epochs at each of ten rates", "learning rate", "test loss")
below.set_ylim(0, 2.5)
show(axes, "learning_rate")
