# ---
# jupyter:
#   # as a notebook: hyalite lessons 2 --open
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
# # 2 · Activations
#
# **In short.** An activation is a function put between two dense layers. Its bend is what lets a
# network draw curves. We compute sigmoid, tanh, ReLU, leaky ReLU, GELU and softmax, each beside its
# derivative, see why softmax subtracts the largest entry first, and build a curve out of ReLUs
# with weights set by hand: no training at all.
#
# **小结。** 激活函数放在两个全连接层之间，正是它的“弯折”让网络能够画出曲线。
# 本课计算 sigmoid、tanh、ReLU、leaky ReLU、GELU 和 softmax，并把每个函数与它的导数放在一起看；
# 说明 softmax 为什么要先减去最大值；最后不做任何训练，手工设定权重，
# 用若干个 ReLU 拼出一条正弦曲线。

# %%
import numpy as np
from matplotlib.figure import Figure

import hyalite as hy
from figures import report, show

np.seterr(over="ignore", invalid="ignore")  # below we let numbers overflow on purpose
z = np.linspace(-4, 4, 401).reshape(-1, 1)  # one column, float64

# %% [markdown]
# ## Sigmoid: a share between 0 and 1
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}, \qquad \sigma'(z) = \sigma(z)\,\bigl(1 - \sigma(z)\bigr)$$
#
# A layer's `backward(dy)` returns $dy \cdot \sigma'(z)$. With $dy = 1$ that is the derivative.

# %%
sigmoid = hy.Sigmoid()
y = sigmoid.forward(z)
slope = sigmoid.backward(np.ones_like(z))
assert np.allclose(y, 1 / (1 + np.exp(-z)))
assert np.allclose(slope, y * (1 - y))
print(f"σ(0) = {y[200, 0]}, σ'(0) = {slope[200, 0]}")

# %% [markdown]
# Two traps. The article writes `1 / 1 + np.exp(-x)`; division comes first, so this is $1 + e^{-x}$
# and gives 2 where it should give one half. And $e^{-z}$ overflows for very negative $z$ in
# float32. For $z < 0$ the same value can be had from $e^{z}$, which never grows:
#
# $$\sigma(z) = \frac{e^{z}}{1 + e^{z}} \quad (z < 0)$$

# %%
print("1 / 1 + exp(-0) =", 1 / 1 + np.exp(-0.0), "but σ(0) = 0.5")
far = np.array([[-100.0, -20.0, 100.0]], np.float32)
print("e^100 in float32:", np.exp(-far[0, 0]))
tiny = hy.Sigmoid().forward(far)
from_below = np.exp(far) / (1 + np.exp(far))
assert np.allclose(tiny, np.where(far < 0, from_below, 1), rtol=1e-6)
print("σ(-100), σ(-20), σ(100) =", tiny[0])

# %% [markdown]
# ## Tanh, ReLU, leaky ReLU, GELU
#
# $$\tanh z = \frac{e^z - e^{-z}}{e^z + e^{-z}}, \qquad \tanh' = 1 - \tanh^2$$
#
# $$\mathrm{ReLU}(z) = \max(0, z), \qquad \mathrm{ReLU}'(z) = [z > 0]$$
#
# $$\mathrm{leaky}(z) = z \text{ if } z > 0 \text{ else } 0.01\,z, \qquad
# \mathrm{leaky}'(z) = 1 \text{ or } 0.01$$
#
# $$\mathrm{GELU}(z) = \tfrac{z}{2}\,(1 + \tanh u), \qquad u = \sqrt{2/\pi}\,(z + 0.044715\,z^3)$$

# %%
assert np.allclose(hy.Tanh().forward(z), 2 / (1 + np.exp(-2 * z)) - 1)
assert np.allclose(hy.ReLU().forward(z), np.maximum(0, z))
assert np.allclose(hy.LeakyReLU(0.01).forward(z), np.where(z > 0, z, 0.01 * z))
gelu = z / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))
assert np.allclose(hy.GELU().forward(z), gelu)

# %% [markdown]
# At $z = 0$ ReLU has no derivative; one must be chosen. Hyalite takes 0. (The source's formula
# leaves the point out, and its `input < 0` mask takes 1 there. Lesson 17 has the whole list.)

# %%
relu = hy.ReLU()
relu.forward(np.array([[-1.0, 0.0, 1.0]]))
print("ReLU'(-1, 0, 1) =", relu.backward(np.ones((1, 3)))[0])

# %% [markdown]
# The curves, and the derivatives computed by `backward`. Sigmoid's slope is never above 1/4: ten of
# them in a row shrink a gradient at least a million times. ReLU passes it on whole, or not at all.

# %%
print(f"(1/4)^10 = {0.25**10:.1e}")
layers = (hy.Sigmoid(), hy.Tanh(), hy.ReLU(), hy.LeakyReLU(0.1), hy.GELU())
names = ("sigmoid", "tanh", "ReLU", "leaky ReLU (slope 0.1)", "GELU")
figure = Figure(figsize=(11, 6), layout="constrained")
panels = figure.subplots(2, 3, sharex=True)
for ax, layer, name in zip(panels.flat, layers, names, strict=False):
    value = layer.forward(z)
    ax.plot(z, value, color="#0072B2", linewidth=2, label="y = f(z)")
    slope = layer.backward(np.ones_like(z))
    ax.plot(z, slope, "--", color="#D55E00", linewidth=2, label="f '(z)")
    ax.set(title=name, ylim=(-1.25, 2.25), xlabel="z")
    ax.tick_params(labelbottom=True)
    ax.axhline(0, color="#BBBBBB", linewidth=0.8, zorder=0)
panels[1, 2].set_axis_off()
entries = ax.get_legend_handles_labels()
panels[1, 2].legend(*entries, loc="center", fontsize=13, frameon=False)
show(panels, "02_activations")

# %% [markdown]
# ## Softmax: one share for each class
#
# $$S_j = \frac{e^{z_j}}{\sum_k e^{z_k}}$$
#
# along each row of the batch. All shares are positive and each row sums to 1.

# %%
scores = np.array([[2.0, 1.0, 0.1], [0.0, 0.0, 0.0], [-1.0, 3.0, 3.0]])
shares = hy.Softmax().forward(scores)
assert np.allclose(shares, np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True))
print("scores:\n", scores, "\nshares:\n", shares.round(3))
print("row sums:", shares.sum(axis=1))

# %% [markdown]
# Leave out `axis=1`, as the article does, and the whole batch shares one sum.

# %%
wrong = np.exp(scores) / np.exp(scores).sum()
print("without an axis, row sums:", wrong.sum(axis=1).round(3))

# %% [markdown]
# **Why subtract the largest entry?** $e^{1000}$ is infinite in any float, and ∞/∞ is not a number.
# But a constant taken from all scores of a row cancels:
#
# $$\frac{e^{z_j - m}}{\sum_k e^{z_k - m}} = \frac{e^{-m}\,e^{z_j}}{e^{-m} \sum_k e^{z_k}} = S_j$$
#
# With $m = \max_k z_k$ the largest exponent is 0, so nothing overflows. The source says
# that it also keeps the network from being too sure. It cannot: the result is the same.

# %%
huge = np.array([[1000.0, 1001.0, 1002.0]])
print("direct:  ", np.exp(huge) / np.exp(huge).sum())
print("hyalite: ", hy.Softmax().forward(huge))
assert np.allclose(hy.Softmax().forward(huge), hy.Softmax().forward(huge - 1000))

# %% [markdown]
# ## A curve from ReLUs, by hand
#
# A ReLU with bias $-k$ starts to rise at $x = k$. Straight pieces with slopes $s_0, s_1, \dots$
# that change at the knots $k_0 = 0, k_1, \dots$ are therefore a network with one hidden layer:
#
# $$f(x) = f(0) + \sum_i (s_i - s_{i-1})\,\mathrm{ReLU}(x - k_i), \qquad s_{-1} = 0$$

# %%
x, target = hy.datasets.sine(1000)


def by_hand(units: int) -> np.ndarray:
    knots = np.linspace(0, 1, units + 1)
    slopes = np.diff(np.sin(2 * np.pi * knots)) * units
    hidden, out = hy.Dense(units).build(1), hy.Dense(1).build(units)
    hidden.W[...], hidden.b[...] = 1, -knots[:-1]
    out.W[:, 0], out.b[...] = np.diff(slopes, prepend=0), 0
    return out.forward(hy.ReLU().forward(hidden.forward(x)))


# %% [markdown]
# With twice the ReLUs the largest error falls to about a quarter: for a curve with second
# derivative at most $M = 4\pi^2$ it is bounded by $M h^2 / 8$, with pieces of length
# $h = 1/\text{units}$.

# %%
figure = Figure(figsize=(11, 3.6), layout="constrained")
panels = figure.subplots(1, 3, sharey=True)
for ax, units in zip(panels, (4, 8, 16), strict=True):
    fitted = by_hand(units)
    error, bound = np.abs(fitted - target).max(), 4 * np.pi**2 / units**2 / 8
    assert error < bound + 1e-5
    name = f"sine from {units} ReLUs by hand: largest error"
    report(name, error, note=f"bound {bound:.4f}")
    ax.plot(x, target, color="#999999", linewidth=5, label="sin 2πx")
    ax.plot(x, fitted, color="#D55E00", linewidth=1.8, label="network")
    ax.set(title=f"{units} ReLUs, error {error:.3f}", xlabel="x")
panels[0].legend(frameon=False, loc="lower left")
show(panels, "02_sine_by_hand")

# %% [markdown]
# Training (lessons 4 to 6, and 9 for this very curve) only has to find such weights by itself.
#
# **Try it:** move the knots to where the sine bends most. How small does the error get with 8?
