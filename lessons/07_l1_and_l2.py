# ---
# jupyter:
#   # as a notebook: hyalite lessons 7 --open
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
# heart: among 40 columns of noise L2 lifts the accuracy on new points from 0.48 to 0.66, and L1,
# which finds the one column that counts, to 0.89. The source trains its spiral with L2 and is
# puzzled: its test accuracy stays *below* the training accuracy, while the book's is *above*. It
# suspects its code. The code is right, experiments say: no rule scores more than 91 % of new points
# on average, what training scores above that is noise, and the book's test set is small and easy.
#
# **小结。** 惩罚过大的权重，可以防止网络死记训练点：在四十列噪声当中，L2 把新数据点上的准确率
# 从 0.48 提高到 0.66；L1 找得出唯一有用的那一列，提高到 0.89。原文用 L2 训练螺旋数据，
# 测试准确率却仍低于训练准确率，而书中的测试准确率反而更高，作者因此怀疑代码有错。
# 实验表明代码没有错：对这种螺旋的新数据点，任何方法的期望准确率都不超过 91%，
# 训练准确率超出的部分只是记住了噪声；而书中的测试集很小，又恰好偏容易。

# %%
import math

import numpy as np
from matplotlib.figure import Figure

import hyalite as hy
from figures import epochs, report, show

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
of_biases = 0.03 * np.abs(b).sum() + 0.04 * (b**2).sum()
assert np.isclose(dense.penalty(), of_weights + of_biases)
dense.add_penalty_gradient()  # onto gradients that are still 0
assert np.allclose(dense.dW, 0.01 * np.sign(W) + 2 * 0.02 * W)
assert np.allclose(dense.db, 0.03 * np.sign(b) + 2 * 0.04 * b)

# %% [markdown]
# ## What they are for
# Three clouds in a row, 30 points each, which $x_0$ alone tells apart; $x_1$ is the same for all,
# and 40 more columns are pure noise. With 42 inputs any 90 points can be told apart, rightly or by
# chance. L2 pulls a weight in proportion to its size, so it keeps all of them small. L1 pulls all
# alike, so it takes most of them to nearly zero, and those that earn their keep remain.


# %%
def clouds(samples, seed):
    x, labels = hy.datasets.vertical(samples, seed=seed)
    noise = np.random.default_rng(seed).normal(0, 0.3, (len(x), 40))
    return np.hstack([x, noise]), labels


figure = Figure(figsize=(11, 3.4), layout="constrained")
panels, means = figure.subplots(1, 3), []
kinds = ("no penalty", {}), ("L2", {"l2": 1e-3}), ("L1", {"l1": 1e-3})
for ax, (name, penalty) in zip(panels, kinds, strict=True):
    found = []
    for seed in range(5):  # of data and weights
        model = hy.Sequential([hy.Dense(64, "relu", **penalty), hy.Dense(3, "softmax")])
        model.compile("categorical_crossentropy", hy.Adam(0.02), metrics=["accuracy"])
        model.fit(*clouds(30, seed), batch_size=90, epochs=1000, seed=seed, verbose=0)
        parts = clouds(30, seed), clouds(1000, 1000 + seed)
        found.append([model.evaluate(*part)["accuracy"] for part in parts])
    seen, fresh = np.transpose(found)
    note = f"of {fresh.min():.3f} to {fresh.max():.3f}; training {seen.mean():.3f}"
    means.append(fresh.mean())
    report(f"{name}: accuracy on new points, mean", means[-1], note=note)
    ax.bar(range(42), np.abs(model.layers[0].W).sum(axis=1), color="#0072B2")
    ax.set(title=f"{name}: {fresh.mean():.2f} on new points", xlabel="input")
panels[0].set_ylabel("sum of |w| of its weights")
show(panels, "07_noise")
assert means[0] + 0.1 < means[1] < means[2] - 0.1

# %% [markdown]
# ## An open question: how good can any rule be?
# At radius $r$ the spiral's arms stand at the angles $10(c + r)$, each with normal noise of
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
    nearest = np.abs((off + np.pi) % (2 * np.pi) - np.pi).argmin(axis=1)
    return np.mean(nearest == labels)


new = hy.datasets.spiral(10_000, seed=99)
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
easier = np.mean(by_rule >= best_rule(*book_test))
report("best rule on the book's training set", best_rule(*book))
note = f"{easier:.0%} of 2,000 other sets are as easy"
report("best rule on the book's test set", best_rule(*book_test), note=note)
report("best rule on such sets", by_rule.mean(), note=f"± {by_rule.std():.3f}")

# %% [markdown]
# ## The book's run, and the source's
# 512 units, $\lambda_2 = 0.0005$, Adam 0.02, the book's run from the book's own weights. The source
# draws 2,000 points a class, shuffles, and cuts into 3,000 to train and 3,000 to test. A third run
# has 100 points a class. Each is read ten times in its second half, of which we give the median.
# (The short form takes 64 units, and a fifth of the epochs.)

# %%
units, small = epochs(64, 512), hy.initializers.ScaledNormal(0.01)
hidden = {"initializer": small, "l2": 5e-4, "bias_l2": 5e-4}
x, labels = hy.datasets.spiral(2000, seed=1)
halves = np.split(np.random.default_rng(0).permutation(6000), 2)
source = [(x[half], labels[half]) for half in halves]
few = hy.datasets.spiral(100, seed=1), hy.datasets.spiral(100, seed=2)
parts = ("training", "its test set", "new points")
for name, sets in {"few": few, "source": source, "book": (book, book_test)}.items():
    model = hy.Sequential([hy.Dense(units, "relu", **hidden)])
    model.add(hy.Dense(3, "softmax", initializer=small))
    adam = hy.Adam(0.02, decay=5e-7)
    model.compile("categorical_crossentropy", adam, metrics=["accuracy"])
    model.build(2, seed=0)
    if name == "book":
        for layer, values in zip(model.layers, weights, strict=True):
            layer.W[...] = values[: layer.W.shape[0], : layer.W.shape[1]]
    rows = []
    for _ in range(20):
        model.fit(*sets[0], batch_size=3000, epochs=epochs(100, 500), verbose=0)
        rows.append([model.evaluate(*one)["accuracy"] for one in (*sets, new)])
    for part, values in zip(parts, np.transpose(rows[10:]), strict=True):
        note = f"{values.min():.3f} to {values.max():.3f}"
        report(f"{name}: accuracy, {part}", np.median(values), note=note)
    above = sum(test > training for training, test, _ in rows[10:])
    print(f"  test set above training in {above} of 10 readings")

# %%
# The last network, measured on 2,000 test sets of the book's size
measured = np.array([model.evaluate(*test)["accuracy"] for test in tests])
ax = Figure(figsize=(8, 4.2), layout="constrained").add_subplot()
bins = np.arange(300 * measured.min() - 0.5, 300 * measured.max() + 1) / 300
ax.hist(measured, bins, color="#56B4E9", label="2,000 test sets of 300 points")
looks = (("#D55E00", "-"), ("#009E73", "--"), ("#000000", ":"))
for part, value, (color, style) in zip(parts, rows[-1], looks, strict=True):
    ax.axvline(value, color=color, ls=style, lw=2, label=f"{part}: {value:.3f}")
report("book: share of such sets above training", np.mean(measured > rows[-1][0]))
ax.set(title="One network, measured on many small test sets", xlabel="accuracy")
ax.legend(frameon=False, loc="upper left")
show(ax, "07_small_test_sets")

# %% [markdown]
# ## What the evidence shows (full form)
# - The source's network scores 0.912 in training, 0.889 on its test set, 0.893 on new points, near
#   the ceiling of 0.910. The gap is noise learned by heart; no fault is needed to explain it.
# - The book's has the same gap, 0.918 against 0.892 on new points. But the book's own 300 are easy:
#   there it scores 0.917, and is above its training in three readings of ten; of other such sets
#   four in a hundred are. With 100 points a class the gap is 0.08.
# - Not shown: that this is the figure the book printed. We know that one as a picture only.
#
# **Try it:** the spirals without L2. Do they gain from it as the noisy clouds do?
