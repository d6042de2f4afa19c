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
# # How do I weight rare classes?
#
# Give `fit` the argument `class_weight="balanced"`, or a weight for each label. The network then
# finds far more of the rare class and raises more false alarms. How well it tells the two classes
# apart changes little: the weight moves the point where a yes begins, along nearly the same curve.

# %%
import numpy as np
from sklearn.datasets import make_classification
from sklearn.metrics import average_precision_score, precision_recall_curve

import hyalite as hy
from _picture import BLUE, GREEN, VERMILLION, dress, figure, show

# %% [markdown]
# ## Two samples in a hundred
#
# Made-up data in 10 columns. A network that always says no is right in 98 of 100 cases, so accuracy
# says nothing here. Recall is the share of the rare samples that are found, precision the share of
# the alarms that are right.

# %%
x, y = make_classification(
    30_000, 10, n_informative=6, weights=[0.98], class_sep=0.4, flip_y=0, random_state=3
)
x = x.astype(np.float32)
train, test = slice(0, 10_000), slice(10_000, None)
print(f"rare: {y[train].mean():.1%} of {len(y[train]):,} samples")

# %%
found, curves = {}, {}
for weight in (None, {0: 1, 1: 5}, "balanced"):
    hidden = hy.Dense(32, "relu"), hy.Dense(32, "relu")
    model = hy.Sequential([*hidden, hy.Dense(1, "sigmoid")])
    model.compile("binary_crossentropy", hy.Adam(0.003), ["precision", "recall"])
    setting = {"batch_size": 200, "epochs": 15, "seed": 0, "verbose": 0}
    model.fit(x[train], y[train], class_weight=weight, **setting)
    name, yes = repr(weight), model.predict(x[test])[:, 0]
    found[name] = model.evaluate(x[test], y[test])
    curves[name] = precision_recall_curve(y[test], yes)
    found[name]["area"] = average_precision_score(y[test], yes)
    figures = ", ".join(f"{key} {value:.2f}" for key, value in found[name].items())
    print(f"class_weight={name:12} {figures}")
assert found["'balanced'"]["recall"] > found["None"]["recall"] + 0.2
assert found["'balanced'"]["precision"] < found["None"]["precision"]
assert abs(found["'balanced'"]["area"] - found["None"]["area"]) < 0.05

# %% [markdown]
# ## Where on the curve?
#
# Each curve is one network with every threshold from 0 to 1, each dot the same network at 0.5. The
# dots lie far apart, the curves close together. So the weight is one way to choose the point, and
# `model.predict(x) > threshold` another, which needs no second training.

# %%
ax = figure(7, 4.8).add_subplot()
for (name, (precision, recall, _)), color, marker in zip(
    curves.items(), (BLUE, GREEN, VERMILLION), "os^", strict=True
):
    ax.plot(recall[:-1], precision[:-1], color=color, linewidth=1.3)
    point = found[name]["recall"], found[name]["precision"]
    ax.plot(*point, marker, color=color, markersize=10, markeredgecolor="white")
    look = {"textcoords": "offset points", "color": color, "fontsize": 11}
    ax.annotate(f"class_weight={name}", point, (10, 8), **look)
dress(
    ax,
    "A weight moves the network along its curve",
    "recall: share of the rare samples found",
    "precision: share of the alarms that are right",
)
ax.text(0.03, 0.05, "marks: yes above 0.5\nlines: every other threshold", fontsize=11)
ax.set(xlim=(0, 1.02), ylim=(0, 1.02))
show(ax, "rare_classes")
