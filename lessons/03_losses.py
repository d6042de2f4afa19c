# ---
# jupyter:
#   # as a notebook: hyalite lessons 3 --open
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
# # 3 · Losses
#
# **In short.** A loss is one number that says how wrong a network is. Training makes it small. We
# compute categorical cross-entropy from labels and from one-hot rows, binary cross-entropy with
# several outputs, and the mean squared error; we see what clipping is for, and why the loss of a
# probability is $-\ln p$ and not simply $1 - p$.
#
# **小结。** 损失是一个数，它说明网络错得有多厉害，训练就是让它变小。
# 本课分别用类别标签和 one-hot 表示计算分类交叉熵，再计算多个输出的二元交叉熵和均方误差；
# 说明为什么要截断概率，以及概率的损失为什么取 $-\ln p$ 而不是 $1 - p$。

# %%
import numpy as np
from matplotlib.figure import Figure

import hyalite as hy
from figures import report, say, show

np.seterr(divide="ignore")  # below we take the logarithm of 0 on purpose

# %% [markdown]
# ## Categorical cross-entropy: one class out of several
#
# $t$ is the true distribution, $p$ the predicted one. For one sample
#
# $$l = -\sum_k t_k \ln p_k$$
#
# With a one-hot $t$ a single term is left: minus the logarithm of the true class's share.

# %%
p = np.array([[0.7, 0.1, 0.2], [0.2, 0.5, 0.3], [0.05, 0.05, 0.9]])
labels = np.array([0, 1, 1])
one_hot = np.eye(3)[labels]

from_one_hot = -(one_hot * np.log(p)).sum(axis=1)
from_labels = -np.log(p[np.arange(3), labels])  # row n, column labels[n]
print("losses of the samples:", from_labels.round(4))
assert np.allclose(from_one_hot, from_labels)

# %% [markdown]
# The loss of a batch is the mean of its samples: $L = \frac{1}{N} \sum_n l_n$.

# %%
loss = hy.CategoricalCrossentropy()
assert np.isclose(loss(p, labels), from_labels.mean())
assert np.isclose(loss(p, one_hot), from_labels.mean())
print(f"loss of the batch: {loss(p, labels):.4f}")

# %% [markdown]
# Mind the index. `p[:, labels]` takes *all* rows for each label: 3 × 3 numbers, a wrong mean, and
# no error.

# %%
wrong = p[:, labels]
print("p[:, labels] has shape", wrong.shape, "and the mean", -np.log(wrong).mean())

# %% [markdown]
# ## A network that knows nothing
# With tiny weights all scores are about 0, so each of $K$ classes gets $1/K$, and the loss is
# $\ln K$. A first loss far from that is a sign of a mistake. The source's example gives its last
# layer **four** units for the **three** classes of the spiral. It runs, but one class can never be
# right, and the first loss is $\ln 4$ instead of $\ln 3$.

# %%
X, y = hy.datasets.spiral(samples=100, classes=3)
for units in (4, 3):
    start = hy.initializers.ScaledNormal(0.01)
    hidden = hy.Dense(3, initializer=start).build(2, seed=0)
    out = hy.Dense(units, initializer=start).build(3, seed=1)
    shares = hy.Softmax().forward(out.forward(hy.ReLU().forward(hidden.forward(X))))
    first = loss(shares, y)
    assert np.isclose(first, np.log(units), atol=1e-3)
    note = f"ln {units} = {np.log(units):.4f}"
    report(f"first loss with {units} outputs", first, note=note)

# %% [markdown]
# ## Clipping
# If a softmax rounds the true class to 0, the loss is $-\ln 0 = \infty$ and so is its derivative
# $-t/p$. The cure is a floor: $p \leftarrow \max(p, 10^{-7})$, which limits the loss of a sample to
# $-\ln 10^{-7} \approx 16.1$.

# %%
sure = np.array([[0.0, 1.0]])
print("unclipped:", -np.log(sure[0, 0]), " clipped:", loss(sure, [0]))
assert np.isclose(loss(sure, [0]), -np.log(1e-7))
print("gradient -t/p, clipped too:", loss.backward(sure, [0])[0])

# %% [markdown]
# The source also puts a ceiling of $1 - 10^{-7}$ on $p$, so a perfect answer costs $10^{-7}$. That
# is needed for the binary loss below, where $1 - p$ stands in a logarithm, but not here. And the
# source clips in the loss only: its derivative still divides by the unclipped 0.

# %%
print("perfect:", loss(sure, [1]), " with the ceiling:", round(-np.log(1 - 1e-7), 9))

# %% [markdown]
# ## Binary cross-entropy: several yes/no questions
# Tall or short, and cat or dog: the answers do not exclude each other, so each of the $d$ outputs
# has its own probability. The loss of a sample is their mean:
#
# $$l = -\frac{1}{d} \sum_j \bigl[t_j \ln p_j + (1 - t_j) \ln(1 - p_j)\bigr]$$

# %%
p2 = np.array([[0.9, 0.2], [0.6, 0.7], [0.1, 0.5]])
t2 = np.array([[1, 0], [1, 0], [0, 1]])
values = -(t2 * np.log(p2) + (1 - t2) * np.log(1 - p2)).mean(axis=1)
binary = hy.BinaryCrossentropy()
print("losses of the samples:", values.round(4))
assert np.isclose(binary(p2, t2), values.mean())

# %% [markdown]
# **Two traps that give no error.** A target `(n,)` against a prediction `(n, 1)` is broadcast to
# $n \times n$: every prediction is compared with everybody's target. Hyalite reads a vector as one
# column where there is one output, and refuses everything else. And labels stored as `uint8` have
# no minus: $-1$ becomes 255.

# %%
single, target = p2[:, :1], t2[:, 0]
print("broadcast by accident:", (target * np.log(single)).shape)
assert np.isclose(binary(single, target), -np.log([0.9, 0.6, 0.9]).mean())
try:
    binary(p2, target)
except ValueError as error:
    say(f"two outputs, one column of targets: {error}")
print("-np.array([1], np.uint8) =", -np.array([1], np.uint8))
assert np.isclose(binary(p2, t2.astype(np.uint8)), binary(p2, t2))

# %% [markdown]
# ## Mean squared error: numbers instead of classes
#
# $$l = \frac{1}{d} \sum_j (p_j - t_j)^2, \qquad
# \frac{\partial l}{\partial p_j} = \frac{2}{d}\,(p_j - t_j)$$
#
# (*Deep Learning from Scratch* takes $\frac12 \sum_j (p_j - t_j)^2$, without the mean.)

# %%
squared = hy.MeanSquaredError()
guess, truth = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[1.5, 2.0], [1.0, 1.0]])
assert np.isclose(squared(guess, truth), ((guess - truth) ** 2).mean())
assert np.allclose(squared.backward(guess, truth), 2 / 2 * (guess - truth) / len(guess))
print("mean squared error:", squared(guess, truth))

# %% [markdown]
# ## Why the logarithm?
# **It turns a product into a sum.** The probability that a network gives to *all* the true answers
# is a product, $\prod_n p_n$. Making it large is the same as making $-\sum_n \ln p_n$ small, and
# the sum does not vanish in rounding.

# %%
chances = np.full(1000, 0.4)
print("1000 chances of 0.4:", np.prod(chances), " -ln:", -np.log(chances).sum())
assert np.isclose(np.exp(-loss(p, labels)), np.prod(p[np.arange(3), labels]) ** (1 / 3))

# %% [markdown]
# **It still pulls where the network is surely wrong.** Let $p = \sigma(z)$, and let the truth be
# yes. The slopes by $z$ are
#
# $$\frac{d}{dz}(-\ln p) = p - 1, \qquad \frac{d}{dz}(1 - p)^2 = -2\,p\,(1 - p)^2$$
#
# Far on the wrong side ($z \to -\infty$) the first is $-1$, the second goes to 0: with squared
# errors, the worse the mistake, the less is learned from it.

# %%
z = np.linspace(-8, 4, 241).reshape(-1, 1)
sigmoid = hy.Sigmoid()
share = sigmoid.forward(z)
yes = np.ones_like(share)
kinds = (hy.BinaryCrossentropy(), hy.MeanSquaredError())
slopes = [len(z) * sigmoid.backward(kind.backward(share, yes)) for kind in kinds]
assert np.allclose(slopes[0], share - 1)
assert np.allclose(slopes[1], -2 * share * (1 - share) ** 2)
print(
    f"slopes at z = -8: {slopes[0][0, 0]:.4f} and, of the square, {slopes[1][0, 0]:.4f}"
)

panels = Figure(figsize=(10.5, 3.9), layout="constrained").subplots(1, 2)
losses = -np.log(share), (1 - share) ** 2
for ax, (log, square) in zip(panels, (losses, slopes), strict=True):
    ax.plot(z, log, color="#0072B2", linewidth=2, label="cross-entropy, $-\\ln p$")
    ax.plot(z, square, "--", color="#D55E00", linewidth=2, label="squared, $(1 - p)^2$")
    ax.set_xlabel("z (the truth is yes; left is surely wrong)")
panels[0].set_title("loss")
panels[1].set_title("its slope, by which z is moved")
panels[0].legend(frameon=False)
show(panels, "03_why_the_logarithm")
