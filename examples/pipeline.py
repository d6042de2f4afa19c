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
# # How do I put a network in a scikit-learn pipeline and search its settings?
#
# `hyalite.sklearn.MLPRegressor` and `MLPClassifier` are estimators like any other: scale inputs
# and targets in a pipeline, and let `GridSearchCV` try the settings in cross-validation. On few
# samples, as here, look first at `alpha`, the penalty on large weights.

# %%
import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from _picture import BLUE, GRAY, VERMILLION, dress, figure, show
from hyalite.sklearn import MLPRegressor

# %% [markdown]
# ## A pipeline
#
# 442 patients, 10 measurements each; to be predicted is how far the disease has gone on after a
# year, a number from 25 to 346. The scalers learn from the training part of each fold alone.

# %%
x, y = load_diabetes(return_X_y=True)
x, x_test, y, y_test = train_test_split(x, y, test_size=0.25, random_state=0)
setting = {"learning_rate_init": 0.01, "batch_size": 50, "max_iter": 500}
network = MLPRegressor(**setting, dtype="float32", random_state=0)
model = TransformedTargetRegressor(
    make_pipeline(StandardScaler(), network), transformer=StandardScaler()
)

# %%
alphas, sizes = 10.0 ** np.arange(-2, 1.1, 0.5), [(16,), (64, 64)]
settings = {
    "regressor__mlpregressor__alpha": alphas,
    "regressor__mlpregressor__hidden_layer_sizes": sizes,
}
search = GridSearchCV(model, settings, cv=5, return_train_score=True).fit(x, y)
alpha, size = search.best_params_.values()
trained = len(alphas) * len(sizes) * 5
print(f"{trained} networks trained; best: alpha={alpha:.3g}, units {size}")
plain, chosen = model.fit(x, y).score(x_test, y_test), search.score(x_test, y_test)
print(f"R² on {len(y_test)} other patients: default {plain:.2f}, chosen {chosen:.2f}")
assert chosen > plain + 0.1

# %% [markdown]
# ## What the search saw
#
# With a small penalty the networks fit the patients they are trained on, and others badly; too
# large a one hinders both. At its best value the size of the network matters little.

# %%
shape = len(alphas), len(sizes)
known = search.cv_results_["mean_train_score"].reshape(shape)
held_out = search.cv_results_["mean_test_score"].reshape(shape)
by_alpha, by_size = np.ptp(held_out, axis=0), np.ptp(held_out, axis=1)
assert by_alpha.min() > by_size[held_out.max(axis=1).argmax()]
ax = figure(7, 4.8).add_subplot()
for units, color, marker, train, other in zip(
    sizes, (BLUE, VERMILLION), "os", known.T, held_out.T, strict=True
):
    ax.plot(alphas, train, "--", color=color, linewidth=1.2)
    label = f"units {units}"
    ax.plot(alphas, other, marker + "-", color=color, linewidth=1.8, label=label)
ax.plot([], [], "--", color=GRAY, linewidth=1.2, label="on the samples trained on")
around = {"color": "none", "markeredgecolor": "black", "markersize": 15}
ax.plot(alpha, held_out.max(), "o", **around)
dress(ax, "Cross-validation over the penalty", "alpha", "R², mean of 5 folds")
ax.set(xscale="log", ylim=(0, 1))
ax.legend(fontsize=10, frameon=False)
show(ax, "pipeline")
