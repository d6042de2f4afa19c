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
# # 7 · L1 and L2, and an open question
#
# **In short.** A penalty on large weights keeps a network from learning its training points by
# heart. The source trains with one and is puzzled: its test accuracy stays *below* the training
# accuracy, while the book's is *above*. It suspects its code. Experiments say: the code is right.
# No rule scores more than 91 % of new points on average; what a network scores above that in
# training is noise learned by heart; and the book's test set is small, and an easy one.
#
# **小结。** 惩罚过大的权重，可以防止网络死记训练点。
# 原文用了正则化，测试准确率却仍低于训练准确率，
# 而书中的测试准确率反而更高，作者因此怀疑代码有错。
# 实验表明代码没有错：对这种螺旋的新数据点，
# 任何方法的期望准确率都不超过 91%，
# 训练准确率超出的部分只是记住了噪声；
# 而书中的测试集很小，又恰好偏容易。

# %%
import math

import numpy as np
from matplotlib.figure import Figure

import hyalite as hy
from figures import FULL, epochs, report, show

# %% [markdown]
# ## The penalties
#
# $$L = L_{\text{data}} + \lambda_1 \sum_k |w_k| + \lambda_2 \sum_k w_k^2, \qquad
# \frac{\partial L}{\partial w} = \frac{\partial L_{\text{data}}}{\partial w}
# + \lambda_1\, \mathrm{sign}(w) + 2 \lambda_2\, w$$
#
# and for biases. (There the source's page takes the gradient from the weights; its file does not.
# At a weight of exactly 0 it pulls with $+\lambda_1$; we take $\mathrm{sign}(0) = 0$.)

# %%
dense = hy.Dense(3, l1=0.01, l2=0.02, bias_l1=0.03, bias_l2=0.04).build(2, seed=0)
W, b = dense.W, dense.b
b[...] = [0.5, -1.0, 0.0]
of_weights = 0.01 * np.abs(W).sum() + 0.02 * (W**2).sum()
assert np.isclose(dense.penalty(), of_weights + 0.03 * np.abs(b).sum() + 0.04 * (b**2).sum())

dense.add_penalty_gradient()  # onto gradients that are still 0
assert np.allclose(dense.dW, 0.01 * np.sign(W) + 2 * 0.02 * W)
assert np.allclose(dense.db, 0.03 * np.sign(b) + 2 * 0.04 * b)

# %% [markdown]
# L2 pulls a weight in proportion to its size, L1 pulls all alike and so brings many to zero.


# %%
def network(units, l1=0.0, l2=0.0, dtype="float32", seed=0):
    small = hy.initializers.ScaledNormal(0.01)
    hidden = hy.Dense(units, "relu", initializer=small, l1=l1, l2=l2, bias_l1=l1, bias_l2=l2)
    model = hy.Sequential([hidden, hy.Dense(3, "softmax", initializer=small)], dtype=dtype)
    model.compile("categorical_crossentropy", hy.Adam(0.02, decay=5e-7), metrics=["accuracy"])
    model.build(2, seed)
    return model


X, y = hy.datasets.spiral(100)
for name, penalty in (("none", {}), ("L1", {"l1": 1e-3}), ("L2", {"l2": 1e-3})):
    model = network(64, **penalty)
    model.fit(X, y, batch_size=300, epochs=epochs(500, 4000), shuffle=False, verbose=0)
    size = np.abs(model.layers[0].W)
    print(f"{name:>4}: largest |w| {size.max():5.2f}, below 0.01: {np.mean(size < 0.01):4.0%}")
assert hy.gradcheck.check_model(model, X[::30], y[::30]).ok  # with its penalty

# %% [markdown]
# ## How good can any rule be?
# At radius $r$ the arms stand at the angles $10(c + r)$, each with normal noise of
# $2.5 \cdot 0.2 = 0.5$. Modulo $2\pi$ the gaps between arms are 1.15, 2.57 and 2.57 at every
# radius. The best rule says the nearest arm; it errs where the noise passes half a gap:
#
# $$P(\text{right}) \approx 1 - \frac13 \sum_{\text{gaps}} 2\,Q\Bigl(\frac{\text{gap}/2}{0.5}\Bigr),
# \qquad Q(u) = \tfrac12\,\mathrm{erfc}(u / \sqrt2)$$

# %%
gaps = np.diff(sorted(10 * c % (2 * np.pi) for c in range(3)), append=2 * np.pi)
ceiling = 1 - sum(math.erfc(gap / math.sqrt(2)) for gap in gaps) / 3


def best_rule(x, labels):
    """How often the nearest arm is the right one."""
    off = np.arctan2(*x.T)[:, None] - 10 * (np.hypot(*x.T)[:, None] + np.arange(3))
    return float(np.mean(np.abs((off + np.pi) % (2 * np.pi) - np.pi).argmin(axis=1) == labels))


new = hy.datasets.spiral(epochs(10_000, 40_000), seed=99)
note = f"on {len(new[0]):,} drawn ones {best_rule(*new):.4f}"
report("best possible accuracy on new points", ceiling, note=note)

# %% [markdown]
# ## How easy is the book's test set?
# The book seeds NumPy with 0, then draws 1,000 points a class, the weights of 2-512-3, and *last*
# its test set of 100 a class. So we can draw that very set and ask how the best rule does on it.

# %%
book, stream = hy.datasets.spiral(1000), np.random.RandomState(0)
stream.randn(3, 1000)  # the noise of `book`
weights = [0.01 * stream.randn(2, 512), 0.01 * stream.randn(512, 3)]
r = np.linspace(0, 1, 100)
t = [2.5 * (4 * (c + r) + 0.2 * stream.randn(100)) for c in range(3)]
arms = [np.column_stack([r * np.sin(angle), r * np.cos(angle)]) for angle in t]
book_test = np.concatenate(arms), np.repeat(np.arange(3), 100)

tests = [hy.datasets.spiral(100, seed=seed) for seed in range(1000, 3000)]
by_rule = np.array([best_rule(*test) for test in tests])
note = f"as easy or easier: {np.mean(by_rule >= best_rule(*book_test)):.0%} of 2,000 other sets"
report("best rule on the book's training set", best_rule(*book))
report("best rule on the book's test set", best_rule(*book_test), note=note)
report("best rule on such sets, mean", float(by_rule.mean()), note=f"± {by_rule.std():.3f}")

# %% [markdown]
# ## The book's run, and the source's
# 512 units, $\lambda_2 = 0.0005$, Adam 0.02, the book's run from the book's own weights. The source
# draws 2,000 points a class, shuffles, and cuts into 3,000 to train and 3,000 to test. We read the
# accuracies on the way, too. (The short form takes 64 units, and stops early.)

# %%
units = epochs(64, 512)


def readings(model, *data, between):
    """Accuracies on each data set, of which the first is trained on; twenty times."""
    rows = []
    for _ in range(20):
        model.fit(*data[0], batch_size=10**6, epochs=between, shuffle=False, verbose=0)
        rows.append([model.evaluate(*one)["accuracy"] for one in data])
    return np.array(rows)


book_model = network(units, l2=5e-4)
for layer, values in zip(book_model.layers, weights, strict=True):
    layer.W[...] = values[: layer.W.shape[0], : layer.W.shape[1]]
x, labels = hy.datasets.spiral(2000, seed=1)
halves = np.split(np.random.default_rng(0).permutation(6000), 2)
train, test = ((x[half], labels[half]) for half in halves)
runs = (book_model, book, book_test, new), (network(units, l2=5e-4), train, test, new)
for name, run in zip(("book", "source"), runs, strict=True):
    rows = readings(*run, between=epochs(20, 500))
    for what, column in zip(("training", "its test set", "new points"), rows.T, strict=True):
        note = f"{column[10:].min():.3f} to {column[10:].max():.3f} in the second half"
        report(f"{name}: accuracy, {what}", column[-1], note=note)
    print(f"  test set above training in {np.sum(rows[10:, 1] > rows[10:, 0])} of 10 readings")

# %%
# One network, 2,000 test sets of the book's size
measured = np.array([book_model.evaluate(*test)["accuracy"] for test in tests])
ax = Figure(figsize=(8, 4.2), layout="constrained").add_subplot()
bins = np.arange(300 * measured.min() - 0.5, 300 * measured.max() + 1) / 300
ax.hist(measured, bins, color="#56B4E9", label="2,000 test sets of 300 points")
names, colors = ("training", "book's test set", "new points"), ("#D55E00", "#009E73", "#000000")
values = [book_model.evaluate(*data)["accuracy"] for data in (book, book_test, new)]
for name, color, style, value in zip(names, colors, ("-", "--", ":"), values, strict=True):
    ax.axvline(value, color=color, linestyle=style, linewidth=2, label=f"{name}: {value:.3f}")
report("book: share of such test sets above training", float(np.mean(measured > values[0])))
ax.set(title="One network, measured on many small test sets", xlabel="accuracy")
ax.legend(frameon=False, loc="upper left")
show(ax, "07_small_test_sets")

# %% [markdown]
# What the gap depends on: training accuracy minus that on new points (median of the last five
# readings, mean over seeds of data and weights).

# %%
l2, double = {"l2": 5e-4}, {"l2": 5e-4, "dtype": "float64"}
for samples, setting in ((100, {}), (100, l2), (1000, {}), (1000, l2), (1000, double), (3000, l2)):
    last = []
    for seed in range(3 if FULL else 1):
        run = network(units, seed=seed, **setting), hy.datasets.spiral(samples, seed=seed), new
        last.append(np.median(readings(*run, between=epochs(5, 50))[-5:], axis=0))
    seen, fresh = np.mean(last, axis=0)
    print(f"{samples:5} a class, {setting}: {seen:.3f} - {fresh:.3f} = {seen - fresh:+.3f}")

# %% [markdown]
# ## What the evidence shows (full form)
#
# - The source's network scores 0.914 in training, 0.890 on its test set, 0.897 on new points, near
#   the ceiling of 0.910. The gap is noise learned by heart; no fault is needed to explain it.
# - The book's network has the same gap: 0.921 in training, 0.895 on new points. But on the book's
#   own 300 points it scores 0.927, just as the best rule does. Three in a hundred such sets lie
#   above its training; and it is so in one reading of ten only.
# - With 100, 1,000, 3,000 points a class the gap is 0.08, 0.02, 0.005. L2 takes a little off it,
#   float64 no more than the seeds differ.
# - Not shown: that this is the figure the book printed. We know that one as a picture only.
