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
# # How do I stop before it overfits?
#
# Set validation data apart and pass `hy.EarlyStopping()`: training ends when the validation loss
# has not improved for some epochs, and the model gets the weights of the best epoch back, always,
# also where all epochs were run. You need not guess how many epochs to train.

# %%
import copy

import hyalite as hy
from _picture import BLUE, GRAY, VERMILLION, dress, figure, show

# %% [markdown]
# ## Few samples, a large network
#
# 2,000 of MNIST's digits and a network of 270,000 numbers, which can learn them by heart.
# A fifth of the samples is set apart; the 10,000 test digits are looked at once, at the end.

# %%
(x, y), test = hy.datasets.mnist()
x, y = x[:2000], y[:2000]
hidden = hy.Dense(256, "relu"), hy.Dense(256, "relu")
model = hy.Sequential([*hidden, hy.Dense(10, "softmax")])
model.compile("categorical_crossentropy", hy.Adam(0.001), metrics=["accuracy"])
model.build(784, seed=0)
print(f"{model.theta.size:,} numbers to learn, {len(x):,} samples")

# %%
patient = copy.deepcopy(model)
settings = {"validation_split": 0.2, "seed": 0, "verbose": 0}
stop = hy.EarlyStopping("val_loss", patience=6)
stopped = model.fit(x, y, epochs=40, callbacks=[stop], **settings)
history = patient.fit(x, y, epochs=40, **settings)
print(f"stopped after epoch {stop.stopped_epoch}, best was epoch {stop.best_epoch}")
early, late = model.evaluate(*test), patient.evaluate(*test)
for name, found in (("stopped early", early), ("all 40 epochs", late)):
    print(f"{name}: test loss {found['loss']:.3f}, accuracy {found['accuracy']:.3f}")
assert early["loss"] < 0.9 * late["loss"]
assert model.history.best_epoch == stop.best_epoch

# %% [markdown]
# The accuracy is the same, the loss is not: trained on, the network grows surer of its mistakes.
# The second run is the first one over again, byte for byte, and goes on where that one stopped.

# %%
assert history["val_loss"][: stop.stopped_epoch] == stopped["val_loss"]
ax = figure(7, 4.6).add_subplot()
best, last = stop.best_epoch, stop.stopped_epoch
ax.axvspan(last, 40, color="#F0F0F0", linewidth=0)
ax.text(last + 0.6, 0.56, "never run with EarlyStopping", color=GRAY, fontsize=11)
ax.plot(history.epochs, history["loss"], color=BLUE, linewidth=1.8)
ax.plot(history.epochs, history["val_loss"], color=VERMILLION, linewidth=1.8)
look = {"ha": "right", "fontsize": 11}
ax.text(40, history["loss"][-1] + 0.02, "training samples", color=BLUE, **look)
ax.text(40, history["val_loss"][-1] + 0.03, "validation", color=VERMILLION, **look)
ax.plot(best, stop.best, "o", color=VERMILLION, markersize=10, markeredgecolor="white")
ax.plot([best, best], [stop.best, 0.3], color=GRAY, linewidth=1, zorder=1)
kept = f"best: epoch {best},\nthese weights are kept"
ax.text(best, 0.31, kept, ha="center", fontsize=11)
dress(ax, "The validation loss says when to stop", "epoch", "loss (cross-entropy)")
ax.set(xlim=(0, 40.5), ylim=(0, 0.6))
show(ax, "early_stopping")
