# ---
# jupyter:
#   # as a notebook: hyalite lessons 17 --open
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
# # 17 · Errata
#
# **In short.** The sources' code has mistakes, and the ones that raise an error are the harmless
# ones. Here are ten that run and give wrong numbers, each beside the right one: an axis left out, a
# division that comes too early, a loop with one index too few, two arrays that broadcast, an array
# with two names, a type that has no -1. All of them, with chapter and line, are in
# [`docs/errata.md`](../docs/errata.md); each has a test.
#
# **小结。** 各份资料的代码里都有错误，而会报错的反倒无害。本课挑出十个“能运行、
# 但结果不对”的例子，把错误的数字与正确的数字并排放在一起：漏写的 axis、先算了的除法、
# 少一个下标的循环、意外的广播、一个数组两个名字、没有 -1 的整数类型……完整的清单（章节、
# 出错的代码、正确写法）见 [`docs/errata.md`](../docs/errata.md)，其中每一条都有对应的测试。

# %%
import numpy as np

import hyalite as hy
from figures import report

np.seterr(divide="ignore", over="ignore")  # below we divide by zero on purpose
rng = np.random.default_rng(0)

# %% [markdown]
# ## 1 · One softmax for the whole batch
#
# $$p_{ij} = \frac{e^{z_{ij} - m_i}}{\sum_k e^{z_{ik} - m_i}}, \qquad m_i = \max_k z_{ik}$$
#
# Every row has a sum of its own. Without an axis there is one for the batch, and of a probability
# of 0.1 each of 100 samples gets a hundredth. The loss shows it; the accuracy mostly does not.

# %%
z, labels = rng.standard_normal((100, 10)), np.zeros(100, int)
wrong = np.exp(z - np.max(z)) / np.sum(np.exp(z - np.max(z)))
right = hy.Softmax().forward(z)
loss = hy.CategoricalCrossentropy()
report("softmax: sum over a batch of 100", right.sum(), wrong.sum())
report("softmax: loss", loss(right, labels), -np.log(wrong[:, 0] + 1e-7).mean())

# %% [markdown]
# ## 2 · Division comes first
#
# $$\sigma(x) = \frac{1}{1 + e^{-x}} \quad\text{is not}\quad \frac{1}{1} + e^{-x}$$

# %%
x, sigmoid = np.array([[2.0]]), hy.Sigmoid()
out = 1 / 1 + np.exp(-x)
report("sigmoid of 2", sigmoid.forward(x)[0, 0], out[0, 0])
slope = sigmoid.backward(np.ones((1, 1)))
report("its slope", slope[0, 0], (out * (1 - out))[0, 0])

# %% [markdown]
# ## 3 · A loop with one index, on a matrix
#
# $$\frac{\partial f}{\partial w_i} \approx \frac{f(w_i + h) - f(w_i - h)}{2h}$$
#
# With one column the loop runs, but `W[i]` is a *view*: what was kept to go back to moves along,
# the second step only undoes the first, and we get half of the gradient.


# %%
def one_index(f, w, h=1e-4):
    grad = np.zeros_like(w)
    for i in range(w.size):
        kept = w[i]
        w[i] = kept + h
        above = f(w)
        w[i] = kept - h
        grad[i] = (above - f(w)) / (2 * h)
        w[i] = kept
    return grad


W, squares = np.array([[1.0], [2.0], [3.0]]), lambda w: float((w**2).sum())
right = hy.gradcheck.numerical_gradient(squares, W)
wrong = one_index(squares, W.copy())
report("numerical gradient of Σw² at 3", right[2, 0], wrong[2, 0])

# %% [markdown]
# ## 4 · Three hundred against three hundred
#
# Labels have shape (300,), whatever the text says. Beside a column they broadcast to a table of
# 90,000, and a perfect classifier is right in a third of the cells.

# %%
x, y = hy.datasets.spiral(100, 3)
right = hy.metrics.CategoricalAccuracy()(np.eye(3)[y], y)
report("accuracy of a perfect answer", right, np.mean(y.reshape(-1, 1) == y))

# %% [markdown]
# ## 5 · A type that has no -1
#
# $$\frac{\partial l}{\partial p} = -\frac{t}{p}$$
#
# The spiral's labels are uint8, and there $-1 = 255$. The source warns of it in one loss, and has
# it in the other, for one-hot rows.

# %%
p, t = np.array([[0.7, 0.2, 0.1]]), np.array([[1, 0, 0]], np.uint8)
report("gradient for uint8 labels", loss.backward(p, t)[0, 0], (-t / p)[0, 0])

# %% [markdown]
# ## 6 · Surely wrong, and nothing learned
#
# $$\frac{\partial l}{\partial p}\,\sigma'(z) = \frac{1 - t}{1 - p}\;p\,(1 - p)
# \qquad\text{against}\qquad \frac{\partial l}{\partial z} = p - t$$
#
# The two are equal, on paper. At $z = 40$ the sigmoid rounds to 1, so the left one is 0 while the
# right one is 1. And the clipped loss says 16 for any mistake, however bad.

# %%
z, t = np.array([[40.0]]), np.array([[0.0]])
p = 1 / (1 + np.exp(-z))
clipped = np.clip(p, 1e-7, 1 - 1e-7)
fused = hy.BinaryCrossentropy(from_logits=True)
wrong = (1 - t) / (1 - clipped) * p * (1 - p)
report("gradient at z = 40, target 0", fused.backward(z, t)[0, 0], wrong[0, 0])
report("loss there", fused(z, t), -np.log(1 - clipped)[0, 0])

# %% [markdown]
# ## 7 · A slope at the corner
#
# $$\mathrm{ReLU}'(0) = 0$$
#
# Zero looks unlikely. But each spiral arm starts at the origin and the biases start at zero, so for
# three samples *every* sum is exactly 0, and each bias gets three gradients too many.

# %%
dense, relu = hy.Dense(64).build(2, seed=0), hy.ReLU()
z = dense.forward(x)
relu.forward(z)
slopes = np.where(z < 0, 0, 1)  # the source's: 1 at 0, too
right = relu.backward(np.ones_like(z))
report("sums that are exactly 0", int((z == 0).sum()))
report("slopes of 1", int(right.sum()), int(slopes.sum()))

# %% [markdown]
# ## 8 · One array with two names
#
# $$v \leftarrow \mu v + g, \qquad \theta \leftarrow \theta - \eta v$$
#
# `delta = layer.dweight` copies nothing; `delta += ...` then changes the gradient itself. Give it
# the same gradient of 1 three times:

# %%
gradient, velocity = np.ones(1), np.zeros(1)
theta, g, optimizer = np.zeros(1), np.ones(1), hy.SGD(1.0, momentum=0.9)
for _ in range(3):
    delta = gradient
    delta += 0.9 * velocity
    velocity = delta
    before = theta.copy()
    optimizer.step(theta, g)
report("third momentum step", (before - theta)[0], velocity[0])
report("the gradient after it", g[0], gradient[0])

# %% [markdown]
# ## 9 · Dropout in the backward pass only
#
# $$y = (a \odot m)\,W, \qquad \frac{\partial L}{\partial a} = (\mathrm{d}y\,W^{\top}) \odot m$$
#
# The source computes $a \odot m$, then multiplies $a$. Differences tell: what it backpropagates is
# 0 or twice what is right for the pass it made.

# %%
a, W, dy = (rng.standard_normal(shape) for shape in ((4, 6), (6, 2), (4, 2)))
mask = rng.binomial(1, 0.5, a.shape) / 0.5
true = hy.gradcheck.numerical_gradient(lambda h: float((dy * (h @ W)).sum()), a)
model = hy.Sequential([hy.Dense(6, "tanh"), hy.Dropout(0.5), hy.Dense(2)])
model.compile("mse")
ours = hy.gradcheck.check_model(model, a, dy).error
theirs = np.abs((dy @ W.T) * mask / true - 1).max()
report("error of the gradient", f"{ours:.0e}", f"{theirs:.0f}")

# %% [markdown]
# ## 10 · Batches of one class
# The epochs of chapter 11 take the rows as they lie, and the spiral lies class by class.

# %%
found = {}
for shuffle in (True, False):
    model = hy.Sequential([hy.Dense(64, "relu"), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(0.05), ["accuracy"])
    model.fit(x, y, batch_size=100, epochs=50, shuffle=shuffle, seed=0, verbose=0)
    found[shuffle] = model.evaluate(x, y)["accuracy"]
report("accuracy after 50 epochs, shuffled", found[True], found[False])
