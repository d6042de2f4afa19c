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
# # Which inputs matter to my network?
#
# Shuffle one column of data the network has not seen and measure how much worse it gets: that is
# the column's permutation importance. The weights of the first layer do not tell: here those of
# inputs without any effect are nearly as large as those of an input that matters.

# %%
import numpy as np
from sklearn.datasets import make_friedman1

import hyalite as hy
from _picture import BLUE, GRAY, dress, figure, show

# %% [markdown]
# ## Data of which we know what matters
#
# Friedman's: y depends on x0 to x4, and x5 to x9 are only there to mislead.
#
# $$y = 10 \sin(\pi x_0 x_1) + 20 (x_2 - \tfrac12)^2 + 10 x_3 + 5 x_4 + \text{noise}$$

# %%
x, y = make_friedman1(4000, 10, noise=1.0, random_state=0)
x, y = (x - x.mean(axis=0)) / x.std(axis=0), (y - y.mean()) / y.std()
train, new = slice(0, 3000), slice(3000, None)
model = hy.Sequential([hy.Dense(64, "relu"), hy.Dense(64, "relu"), hy.Dense(1)])
model.compile("mean_squared_error", hy.Adam(0.003), metrics=["r2"])
model.fit(x[train], y[train], epochs=30, seed=0, verbose=0)
before = model.evaluate(x[new], y[new])["r2"]
print(f"R² on new samples: {before:.3f}")

# %%
found = hy.permutation_importance(model, x[new], y[new])
importance = found.mean  # of 5 shuffles
weights = np.abs(model.layers[0].W).mean(axis=1)
for column, (gained, weight) in enumerate(zip(importance, weights, strict=True)):
    print(f"x{column}  loss gained {gained:6.3f}   mean |weight| {weight:.3f}")
assert importance[:5].min() > 0.1 > 0.01 > np.abs(importance[5:]).max()
assert weights[5:].max() > 0.8 * weights[:5].min()

# %%
axes = figure(7, 4.4).subplots(1, 2, sharey=True)
names = [f"x{column}" for column in range(10)]
colors = [BLUE] * 5 + [GRAY] * 5
gained = "loss gained when the column is shuffled"
for ax, values, title, across in (
    (axes[0], importance, "Permutation importance", gained),
    (axes[1], weights, "First layer", "mean absolute weight"),
):
    ax.barh(names, values, color=colors)
    dress(ax, title, across, "")
axes[0].invert_yaxis()
axes[0].text(
    0.98,
    0.2,
    "x5 to x9 have no effect on y",
    color=GRAY,
    fontsize=11,
    ha="right",
    transform=axes[0].transAxes,
)
show(axes, "importance")
