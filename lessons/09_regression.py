# ---
# jupyter:
#   # as a notebook: hyalite lessons 9 --open
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
# # 9 · Regression: the sine
#
# **In short.** Now the network predicts a number instead of a class: one linear output, a squared
# error, and an "accuracy" that counts the points within a narrow band. We fit one period of the
# sine with three learning rates and three kinds of initial weights, and find that the start decides
# more than the rate: from very small weights most runs get stuck half-way.
#
# **小结。** 这一课让网络预测数值，而不再预测类别：输出层是线性的，损失是均方误差，
# “准确率”则是落在一条窄带之内的点所占的比例。
# 我们用三种学习率和三种初始权重去拟合一个周期的正弦曲线，并且看到：比学习率更要紧的是起点；
# 如果初始权重太小，多数训练会停在半路上。

# %%
import numpy as np
from matplotlib.figure import Figure

import hyalite as hy
from figures import epochs, report, show

# %% [markdown]
# ## The data
#
# $y = \sin 2\pi x$ at 1,000 places, $0 \le x < 1$, both as columns. (This library takes a vector as
# one column, too; plain NumPy would subtract it from a column to a table of 1000 × 1000.)

# %%
x, y = hy.datasets.sine()
assert np.allclose(y, np.sin(2 * np.pi * x), atol=1e-6)
print(f"x {x.shape}, y {y.shape}")

# %% [markdown]
# ## Linear output, squared error
#
# The last layer needs no activation: $\hat y = z$, with slope 1. For a sample with $J$ outputs
#
# $$l = \frac1J \sum_{j=1}^{J} (\hat y_j - y_j)^2, \qquad
# \frac{\partial l}{\partial \hat y_j} = \frac2J\,(\hat y_j - y_j)$$
#
# and the mean over $N$ samples divides both by $N$.

# %%
squared = hy.MeanSquaredError()
guess = np.random.default_rng(0).normal(size=(1000, 1))
assert np.isclose(squared(guess, y), np.mean((guess - y) ** 2))
assert np.allclose(squared.backward(guess, y), 2 * (guess - y) / 1 / 1000)
print(hy.gradcheck.check_loss(squared, guess[:20], y[:20]))

# %% [markdown]
# The absolute error, $l = \frac1J \sum_j |\hat y_j - y_j|$, is less moved by outliers:

# %%
assert np.isclose(hy.MeanAbsoluteError()(guess, y), np.abs(guess - y).mean())

# %% [markdown]
# ## An accuracy for numbers
#
# No prediction is exact, so "right" means within a band whose width follows the target's spread:
#
# $$\text{accuracy} = \frac1N \sum_n \big[\,|\hat y_n - y_n| < \varepsilon\,\big], \qquad
# \varepsilon = \frac{\operatorname{std}(y)}{250}$$

# %%
band = y.std() / 250
near = y + np.linspace(0, 2 * band, 1000, dtype=np.float32).reshape(-1, 1)
accuracy = hy.metrics.RegressionAccuracy()(near, y)
assert accuracy == np.mean(np.abs(near - y) < band)
print(f"band ±{band:.5f}; errors spread evenly over twice that: accuracy {accuracy}")

# %% [markdown]
# ## One network, five settings
#
# 1-64-64-1 with ReLU; every step sees all 1,000 points. The source draws its first weights as
# $W = s\cdot\mathcal N(0, 1)$ with $s = 0.01$, later $0.1$; Glorot's are this library's default.
# It draws anew in every run, without a seed. Ours are named, and chosen with care, as you will see.


# %%
def network(start, learning_rate=0.005, decay=1e-3, *, seed=2, dtype="float64"):
    glorot = start == "Glorot"
    initializer = "glorot_uniform" if glorot else hy.initializers.ScaledNormal(start)
    layers = [hy.Dense(64, "relu", initializer=initializer) for _ in range(2)]
    model = hy.Sequential([*layers, hy.Dense(1, initializer=initializer)], dtype=dtype)
    adam = hy.Adam(learning_rate, decay=decay)
    model.compile("mean_squared_error", adam, metrics=["accuracy"])
    model.build(1, seed=seed)
    return model


models = {
    "rate 0.01, s = 0.01, seed 2": (network(0.01, 0.01), "not learned"),
    "rate 0.001, s = 0.01, seed 2": (network(0.01, 0.001, decay=0), "not learned"),
    "rate 0.005, s = 0.01, seed 15": (network(0.01, seed=15), "learned"),
    "rate 0.001, s = 0.1, seed 2": (network(0.1, 0.001, decay=0), "learned"),
    "rate 0.005, Glorot, seed 2": (network("Glorot"), None),
}
settings = {"batch_size": 1000, "epochs": epochs(1100, 10_001), "verbose": 0}
for name, (model, words) in models.items():
    best = hy.EarlyStopping("loss", patience=10_001)  # never stops, keeps the best
    model.fit(x, y, callbacks=[best], **settings)
    goal = 0.9 if "rate 0.005, s" in name else None
    note = f"last epoch: {model.history['accuracy'][-1]:.3f}"
    share = model.evaluate(x, y)["accuracy"]
    report(f"{name}: in the band", share, words, at_least=goal, note=note)

# %% [markdown]
# The source shows pictures; the words in brackets are ours for them.

# %%
figure = Figure(figsize=(11, 6.4), layout="constrained")
*panels, below = figure.subplots(2, 3).flat
colors = ("#CC79A7", "#E69F00", "#0072B2", "#D55E00", "#009E73")  # Okabe & Ito
for ax, (name, (model, _)), color in zip(panels, models.items(), colors, strict=True):
    hy.plots.regression_fit(model, x, y, ax=ax)
    ax.set_title(f"{name}\nloss {model.evaluate(x, y)['loss']:.1e}", fontsize=11)
    ax.legend(frameon=False, loc="upper right")
    style = "--" if "0.001" in name else "-"
    label, _ = name.split(", seed")
    below.plot(model.history["loss"], style, color=color, label=label, lw=1.2)
below.set(yscale="log", xlabel="epoch", title="Loss")
below.set_ylim(top=30)
below.legend(frameon=False, fontsize=7.5, ncols=2, loc="upper center", handlelength=1.6)
show(figure, "09_fit")

# %% [markdown]
# ## Why the start matters
#
# A layer with weights of standard deviation $\sigma$ and $d$ inputs of size $a$ gives sums of the
# size $a\,\sigma\sqrt d$. With $\sigma = 0.01$, $d = 64$ that is $0.08\,a$: each layer makes the
# signal, and in the backward pass the gradient, twelve times smaller.

# %%
print("start      first layer   second layer   output    |dL/dW| of the first layer")
for start in (0.01, 0.1, "Glorot"):
    first, second, last = layers = network(start).layers
    one = first.forward(x)
    two = second.forward(one)
    out = last.forward(two)
    print(f"{start:<11}{one.std():<14.6f}{two.std():<15.6f}{out.std():<10.6f}", end="")
    dy = squared.backward(out, y)
    for layer in reversed(layers):
        dy = layer.backward(dy)
    print(f"{np.linalg.norm(first.dW):.6f}")

# %% [markdown]
# ## Was it luck?
#
# All seeds from 0 on: six of them and every second point, in the full form sixteen and all points.
# "Learned" is a loss below 0.01; stuck runs stay at 0.031, half of the wave flat.

# %%
seeds, every = range(epochs(6, 16)), epochs(2, 1)
small = ((0.01, 0.01, 1e-3), (0.01, 0.005, 1e-3), (0.01, 0.001, 0))
for start, rate, decay in (*small, (0.1, 0.005, 1e-3), ("Glorot", 0.005, 1e-3)):
    ends = []
    for seed in seeds:
        model = network(start, rate, decay, seed=seed, dtype="float32")
        model.fit(x[::every], y[::every], batch_size=1000, epochs=1000, verbose=0)
        ends.append(model.evaluate(x, y))
    good = [end["accuracy"] for end in ends if end["loss"] < 0.01]
    note = f"in the band {min(good):.2f} to {max(good):.2f} at the end" if good else ""
    name = f"start {start}, rate {rate}: seeds that learned"
    report(name, f"{len(good)} of {len(seeds)}", note=note)

# %% [markdown]
# So the source's conclusion, that only 0.005 will do, is the luck of single draws: with $s = 0.01$
# many runs get stuck at each of the three rates, and some learn at each. What helps is the start.
# (And even then Adam shakes the weights: the band is met now and missed then, so we kept the best
# epoch.)

# %% [markdown]
# ## What a network does not know
#
# The source's text (not its program) trains on the half with $x < 0.5$ and draws the whole period:

# %%
model = network("Glorot")
model.fit(x[:500], y[:500], batch_size=500, epochs=400, verbose=0)
off = np.abs(model.predict(x) - y)
report("trained on x < 0.5: error there", off[:500].mean())
report("and where it never was", off[500:].mean())

# %% [markdown]
# **Try it:** `"tanh"` instead of ReLU; and only five points of the sine.
