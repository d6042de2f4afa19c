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
# # How do I search settings and stop bad trials early?
#
# Let Optuna propose the settings, and tell it of every epoch by a callback of a few lines. It stops
# the trials that do worse than others did by the same epoch, and most of the training is saved.
# Beware: a trial that only starts slowly is stopped, too.

# %%
import numpy as np
import optuna

import hyalite as hy
from _picture import BLUE, GRAY, VERMILLION, dress, figure, show

# %% [markdown]
# An exception raised in a callback ends `fit`; Optuna catches its own.


# %%
class Prune(hy.Callback):
    def __init__(self, trial):
        self.trial = trial

    def on_epoch_end(self, model, epoch, figures):
        self.trial.report(figures["val_accuracy"], epoch)
        if self.trial.should_prune():
            raise optuna.TrialPruned


# %%
(x, y), test = hy.datasets.mnist()
validation = x[2000:4000], y[2000:4000]
x, y = x[:2000], y[:2000]
EPOCHS, TRIALS = 10, 30
settings = {"epochs": EPOCHS, "seed": 0, "verbose": 0}


def network(rate, units, dropout):
    hidden = hy.Dense(units, "relu"), hy.Dropout(dropout)
    model = hy.Sequential([*hidden, hy.Dense(10, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(rate), metrics=["accuracy"])
    return model


def objective(trial):
    model = network(
        trial.suggest_float("rate", 1e-4, 0.3, log=True),
        trial.suggest_int("units", 8, 64, log=True),
        trial.suggest_float("dropout", 0, 0.6),
    )
    model.fit(x, y, **settings, validation_data=validation, callbacks=[Prune(trial)])
    return model.history["val_accuracy"][-1]


optuna.logging.set_verbosity(optuna.logging.WARNING)
study = optuna.create_study(
    direction="maximize",
    sampler=optuna.samplers.TPESampler(seed=0),
    pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=2, reduction_factor=2),
)
study.optimize(objective, n_trials=TRIALS)

# %%
curves = [list(trial.intermediate_values.values()) for trial in study.trials]
epochs, stopped = sum(map(len, curves)), sum(len(curve) < EPOCHS for curve in curves)
print(
    f"{stopped} of {TRIALS} trials stopped early, {epochs} of {TRIALS * EPOCHS} epochs"
)
accuracy = {}
for name, trial in (("first", study.trials[0]), ("best", study.best_trial)):
    model = network(**trial.params)
    model.fit(x, y, **settings)
    accuracy[name] = model.evaluate(*test)["accuracy"]
    found = ", ".join(f"{key} {value:.3g}" for key, value in trial.params.items())
    print(f"the {name} trial, {found}: test accuracy {accuracy[name]:.3f}")
assert epochs < 0.6 * TRIALS * EPOCHS
assert accuracy["best"] > accuracy["first"] - 0.01

# %%
ax = figure(7, 4.8).add_subplot()
looks = {"stopped": (GRAY, 1), "run to the end": (BLUE, 1), "best": (VERMILLION, 2.5)}
for trial, curve in zip(study.trials, curves, strict=True):
    name = "stopped" if len(curve) < EPOCHS else "run to the end"
    name = "best" if trial.number == study.best_trial.number else name
    color, width = looks[name]
    look = {"color": color, "linewidth": width, "zorder": width, "label": name}
    epoch, errors = range(1, len(curve) + 1), 1 - np.array(curve)
    ax.plot(epoch, errors, **look)
    if name == "stopped":
        ax.plot(epoch[-1], errors[-1], "x", color=color, zorder=1)
handles, names = ax.get_legend_handles_labels()
one_each = dict(zip(names, handles, strict=True))
ax.legend([one_each[name] for name in looks], looks, fontsize=11, frameon=False)
title = f"{TRIALS} trials, {stopped} of them stopped early"
dress(ax, title, "epoch", "validation error")
ticks = [0.05, 0.1, 0.2, 0.5, 1]
ax.set(xlim=(0.8, EPOCHS + 0.2), yscale="log", ylim=(0.05, 1))
ax.set_yticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])
ax.minorticks_off()
show(ax, "optuna_pruning")
