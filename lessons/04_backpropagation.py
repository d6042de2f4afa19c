# ---
# jupyter:
#   # as a notebook: hyalite lessons 4 --open
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
# # 4 · Backpropagation
#
# **In short.** To learn, a network must know how its loss changes with every weight. The chain rule
# gives all these slopes in one walk from the loss back to the input: each layer takes $dL/dy$ and
# returns $dL/dx$. We do it by hand for one neuron, write down the derivative of each layer, and
# hold each one against plain differences with `hy.gradcheck`.
#
# **小结。** 网络要学习，就必须知道每个权重稍有变化时损失会怎样变化。链式法则从损失出发，
# 往回走一遍就能得到所有这些斜率：每一层接收 $dL/dy$，返回 $dL/dx$。本课先为一个神经元手工推导，
# 再写出每一层的导数，并用 `hy.gradcheck` 与数值差分逐一对照。

# %%
import numpy as np
from matplotlib.figure import Figure

import hyalite as hy
from figures import report, show

rng = np.random.default_rng(0)

# %% [markdown]
# ## One neuron by hand
#
# $$s = x_1 w_1 + x_2 w_2 + b, \qquad y = \mathrm{ReLU}(s), \qquad L = (y - t)^2$$

# %%
x, w, b, t = np.array([2.0, -1.0]), np.array([0.5, -1.5]), 0.25, 1.0
s = x @ w + b
y = max(s, 0.0)
L = (y - t) ** 2  # the loss
print(f"s = {s}, y = {y}, L = {L}")

# %% [markdown]
# Going back, each step multiplies by one local slope:
#
# $$\frac{dL}{dy} = 2(y - t), \quad \frac{dL}{ds} = \frac{dL}{dy}\,[s > 0], \quad
# \frac{dL}{dw_i} = \frac{dL}{ds}\,x_i, \quad \frac{dL}{dx_i} = \frac{dL}{ds}\,w_i, \quad
# \frac{dL}{db} = \frac{dL}{ds}$$

# %%
dy = 2 * (y - t)
ds = dy * (s > 0)
dw, dx, db = ds * x, ds * w, ds
print(f"dL/dw = {dw}, dL/dx = {dx}, dL/db = {db}")

nudged = (max(x @ np.array([w[0] + 1e-6, w[1]]) + b, 0.0) - t) ** 2
print(f"w1 nudged by 0.000001: (L' - L) / 0.000001 = {(nudged - L) / 1e-6:.5f}")
assert np.isclose((nudged - L) / 1e-6, dw[0], atol=1e-4)

# %% [markdown]
# ## The dense layer
#
# Now $x$ is a batch, $y = xW + b$, and $dy$ holds $dL/dy_{nj}$. Weight $w_{ij}$ acts on unit $j$
# of *every* sample, so its slope is a sum over the batch:
#
# $$\frac{dL}{dw_{ij}} = \sum_n x_{ni}\,dy_{nj} \;\Rightarrow\; dW = x^\top dy, \qquad
# db = \sum_n dy_n, \qquad dx = dy\,W^\top$$

# %%
x, dy = rng.standard_normal((5, 3)), rng.standard_normal((5, 4))
dense = hy.Dense(4).build(3, seed=0, dtype="float64")
dense.forward(x)
dx = dense.backward(dy)
assert np.allclose(dense.dW, x.T @ dy)
assert np.isclose(dense.dW[1, 2], sum(x[n, 1] * dy[n, 2] for n in range(5)))
assert np.allclose(dense.db, dy.sum(axis=0))
assert np.allclose(dx, dy @ dense.W.T)

# %% [markdown]
# A gradient has the shape of what it belongs to; that alone tells where the transposes go. One
# comment in the source offers `dy @ ones((units, units))` for $db$. It sums over the units, not
# the samples, and has shape (n, units). As a matrix product it is `ones((1, n)) @ dy`.

# %%
assert np.allclose(np.ones((1, 5)) @ dy, dense.db)

# %% [markdown]
# ## Is it right? Ask differences
# The slope of any function is, nearly, a difference:
#
# $$\frac{f(a + h) - f(a)}{h} = f'(a) + O(h), \qquad
# \frac{f(a + h) - f(a - h)}{2h} = f'(a) + O(h^2)$$
#
# A large $h$ misses the curve, a small one drowns in rounding: see the picture, of $\sin$ at 1.
# `hy.gradcheck` uses a formula with error $O(h^4)$ and looks for a good $h$ itself.

# %%
h = 10.0 ** np.arange(-13, 0.1, 0.5)
forward = (np.sin(1 + h) - np.sin(1)) / h
central = (np.sin(1 + h) - np.sin(1 - h)) / (2 * h)
wider = (np.sin(1 + 2 * h) - np.sin(1 - 2 * h)) / (4 * h)
five = (4 * central - wider) / 3
errors = np.abs(np.array([forward, central, five]) - np.cos(1))

ax = Figure(figsize=(7.5, 4.4), layout="constrained").add_subplot()
ax.loglog(h, errors[0], "o-", color="#E69F00", label="forward difference, $O(h)$")
ax.loglog(h, errors[1], "s-", color="#0072B2", label="central difference, $O(h^2)$")
ax.loglog(h, errors[2], "^-", color="#009E73", label="five points, $O(h^4)$")
ax.set(title="Error of a slope: h neither too large nor too small", xlabel="step h")
ax.legend(frameon=False)
show(ax, "04_differences")

# %% [markdown]
# ## Each layer and its derivative
#
# | layer | forward | backward: $dx =$ |
# |---|---|---|
# | ReLU | $\max(0, x)$ | $dy\,[x > 0]$ |
# | leaky ReLU | $x$ or $sx$ | $dy$ or $s\,dy$ |
# | sigmoid | $y = 1/(1 + e^{-x})$ | $dy\,y(1 - y)$ |
# | tanh | $y = \tanh x$ | $dy\,(1 - y^2)$ |
# | GELU | $x(1 + \tanh u)/2$ | $dy\,\bigl((1 + \tanh u)/2 + x(1 - \tanh^2 u)\,u'/2\bigr)$ |
# | softmax | $y_i = e^{x_i} / \sum_j e^{x_j}$ | $y \odot (dy - \sum_j dy_j y_j)$ |
#
# Each line below is the largest relative error that the checker finds.

# %%
layers = (hy.Dense(4), hy.ReLU(), hy.LeakyReLU(0.1), hy.Sigmoid(), hy.Tanh(), hy.GELU())
for layer in (*layers, hy.Softmax()):
    found = hy.gradcheck.check_layer(layer, x)
    print(f"{found.error:.1e} in {found.checked} slopes: {type(layer).__name__}")
    assert found.ok

# %% [markdown]
# The losses too. For one sample, $\partial l / \partial p$ is $-t/p$ (categorical),
# $\bigl(\frac{1 - t}{1 - p} - \frac{t}{p}\bigr)/d$ (binary) and $2(p - t)/d$ (squared); the mean
# over the batch divides each by $N$.

# %%
p = hy.Softmax().forward(rng.standard_normal((4, 3)))
labels, T = np.array([2, 0, 1, 1]), np.eye(3)[[2, 0, 1, 1]]
for loss, target, direct in (
    (hy.CategoricalCrossentropy(), labels, -T / p / 4),
    (hy.BinaryCrossentropy(), T, ((1 - T) / (1 - p) - T / p) / 3 / 4),
    (hy.MeanSquaredError(), T, 2 * (p - T) / 3 / 4),
):
    assert np.allclose(loss.backward(p, target), direct)
    found = hy.gradcheck.check_loss(loss, p, target)
    print(f"{found.error:.1e} in {found.checked} slopes: {loss.name}")
    assert found.ok

# %% [markdown]
# ## The softmax Jacobian
# Each output of a softmax depends on each input of its row, so its derivative is a matrix:
#
# $$J_{ij} = \frac{\partial y_i}{\partial x_j} = y_i\,([i = j] - y_j), \qquad
# J = \mathrm{diag}(y) - y\,y^\top, \qquad dx = J^\top dy$$
#
# Written out, $dx_j = y_j\,dy_j - y_j \sum_i y_i\,dy_i$: the shortcut in the table, without the
# matrix. $J$ is symmetric, so `dy @ J` is `J @ dy`; the source's comment says that they differ.

# %%
softmax, dy = hy.Softmax(), rng.standard_normal((5, 3))
y = softmax.forward(x)
jacobians = [np.diag(row) - np.outer(row, row) for row in y]
formed = [J.T @ d for J, d in zip(jacobians, dy, strict=True)]
assert np.allclose(softmax.backward(dy), formed)
assert np.allclose(jacobians[0] @ dy[0], dy[0] @ jacobians[0])
print("Jacobian of the first row (each column sums to 0):\n", jacobians[0].round(4))

# %% [markdown]
# ## A whole network, back to front
# No layer knows its neighbours: what one `backward` returns goes into the one before. What a layer
# is given is never changed (the article's ReLU writes zeros into its caller's array).

# %%
points, classes = hy.datasets.spiral(samples=7, classes=3)
loss = hy.CategoricalCrossentropy()
model = hy.Sequential([hy.Dense(8), hy.ReLU(), hy.Dense(3), hy.Softmax()])
model.compile(loss, hy.SGD(1.0))
model.build(2, seed=0)

one, relu = hy.Dense(8).build(2), hy.ReLU()
two, softmax = hy.Dense(3).build(8), hy.Softmax()
one.W[...], two.W[...] = model.layers[0].W, model.layers[2].W  # biases are 0 in both
shares = softmax.forward(two.forward(relu.forward(one.forward(points))))
dlogits = softmax.backward(loss.backward(shares, classes))
one.backward(relu.backward(two.backward(dlogits)))

before = model.theta.copy()
model.fit(points, classes, batch_size=21, epochs=1, verbose=0)  # one step at rate 1
by_hand = np.concatenate([g.ravel() for g in (one.dW, one.db, two.dW, two.db)])
assert np.allclose(before - model.theta, by_hand, atol=1e-6)
print(found := hy.gradcheck.check_model(model, points, classes))
report("whole network: largest relative error of the gradient", found.error)
