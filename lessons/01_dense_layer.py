# ---
# jupyter:
#   # as a notebook: hyalite lessons 1 --open
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
# # 1 · The dense layer
#
# **In short.** A neuron multiplies each input by a weight, adds the products up and adds a bias.
# A dense layer is many neurons that read the same inputs, and its whole forward pass is one matrix
# product: $Y = XW + b$. We build it up from one neuron to a batch, look at the shapes, meet the
# two data sets of the next lessons, and see what a dense layer alone cannot do.
#
# **小结。** 一个神经元把每个输入乘以对应的权重，求和之后再加上偏置。
# 全连接层就是许多神经元读取同一组输入，整层的前向传播只是一次矩阵乘法：$Y = XW + b$。
# 本课从单个神经元讲到一个批次，认清每个数组的形状，认识后面几课要用的两个数据集，
# 最后看看只有全连接层时做不到什么。

# %%
import numpy as np
from matplotlib.figure import Figure

import hyalite as hy
from figures import report, show

# %% [markdown]
# ## One neuron
#
# Three inputs, three weights, one bias:
#
# $$y = x_1 w_1 + x_2 w_2 + x_3 w_3 + b = \sum_i x_i w_i + b$$

# %%
x, w, b = np.array([1.0, 2.0, -1.5]), np.array([0.5, -0.25, 2.0]), 0.75
y = np.dot(x, w) + b
print(f"one neuron: {x} · {w} + {b} = {y}")
assert y == 1.0 * 0.5 + 2.0 * -0.25 + -1.5 * 2.0 + 0.75

# %% [markdown]
# ## A layer is many neurons, a batch is many samples
#
# Neuron $j$ has its own column of weights $w_{1j}, w_{2j}, \dots$ and its own $b_j$. Sample $n$ is
# row $n$ of $X$. Then
#
# $$y_{nj} = \sum_i x_{ni}\, w_{ij} + b_j \qquad\text{or}\qquad Y = XW + b$$
#
# | array | shape | meaning |
# |---|---|---|
# | $X$ | (samples, inputs) | one row a sample |
# | $W$ | (inputs, units) | one column a neuron |
# | $b$ | (units,) | added to every row |
# | $Y$ | (samples, units) | one row a sample |
#
# The inner sizes meet: (n, **2**) · (**2**, 3) gives (n, 3). No transpose is needed.

# %%
X, labels = hy.datasets.spiral(samples=100, classes=3)  # the numbers of the book
dense = hy.Dense(3)
dense.build(2, seed=0)  # two inputs; forward would do it by itself
Y = dense.forward(X)
for name, array in (("X", X), ("W", dense.W), ("b", dense.b), ("Y", Y)):
    print(f"{name} {array.shape}, {array.dtype}")

assert np.allclose(Y, X @ dense.W + dense.b)  # the formula in matrices
assert np.isclose(Y[7, 2], sum(X[7, i] * dense.W[i, 2] for i in range(2)) + dense.b[2])
print("first rows of Y:\n", Y[:3])

# %% [markdown]
# Rows do not know of each other. A batch is not another calculation, only many at once, and that
# is why it is fast: one matrix product instead of three hundred small ones.

# %%
assert np.allclose(dense.forward(X[:5]), Y[:5])
assert np.allclose(np.stack([dense.forward(X[n : n + 1])[0] for n in range(300)]), Y)

# %% [markdown]
# The source calls its labels "300 × 1". They are a vector, `(300,)`, and the difference matters:
# NumPy subtracts a `(300,)` from a `(300, 1)` without complaint and gives 300 × 300 numbers.
# Lesson 3 comes back to that.

# %%
report("spiral: shape of the labels", labels.shape, "300x1", note="no column")
print("column minus vector:", (Y[:, :1] - labels).shape)

# %% [markdown]
# ## Where the first weights come from
#
# All weights equal would make all neurons equal for ever, so the start is random. The source draws
# $W = 0.01 \cdot \mathcal{N}(0, 1)$. Hyalite's default follows the layer's size (Glorot & Bengio):
#
# $$w_{ij} \sim U(-a, a), \qquad a = \sqrt{\frac{6}{\text{inputs} + \text{units}}}$$
#
# Biases start at zero in both.

# %%
wide = hy.Dense(500).build(300, seed=0)
limit = np.sqrt(6 / (300 + 500))
assert np.abs(wide.W).max() <= limit
assert np.all(wide.b == 0)
print(f"Glorot: a = {limit:.4f}, largest weight {np.abs(wide.W).max():.4f}")

small = hy.Dense(500, initializer=hy.initializers.ScaledNormal(0.01)).build(300, seed=0)
print(f"the source's start: standard deviation {small.W.std():.5f}, asked for 0.01")

# %% [markdown]
# ## The data
#
# **Spiral.** Arm $c$ starts in the middle ($r = 0$) and winds outwards ($r = 1$):
#
# $$t = 4c + 4r + 0.2\,\varepsilon, \qquad x = (r \sin 2.5t,\; r \cos 2.5t), \qquad
# \varepsilon \sim \mathcal{N}(0, 1)$$

# %%
random = np.random.RandomState(0)
r = np.linspace(0, 1, 100)
t = 4 * 0 + 4 * r + 0.2 * random.randn(100)  # arm c = 0
arm = np.column_stack([r * np.sin(2.5 * t), r * np.cos(2.5 * t)])
assert np.allclose(X[labels == 0], arm, atol=1e-6)
# the noise turns, it does not push
assert np.allclose(np.hypot(*X[labels == 2].T), r, atol=1e-6)

# %% [markdown]
# **Vertical.** Three clouds in a row: $x = (c/3,\; 1/2) + 0.1\,\varepsilon$.

# %%
V, v_labels = hy.datasets.vertical(samples=100, classes=3)
for c in range(3):
    print(f"centre of cloud {c}:", V[v_labels == c].mean(axis=0))

COLORS, MARKERS = ("#0072B2", "#E69F00", "#009E73"), "o^s"  # Okabe & Ito
figure = Figure(figsize=(10, 4.6), layout="constrained")
panels = figure.subplots(1, 2)
data = ((X, labels, "spiral"), (V, v_labels, "vertical"))
for ax, (points, classes, name) in zip(panels, data, strict=True):
    for c in range(3):
        one = points[classes == c]
        ax.scatter(*one.T, s=20, color=COLORS[c], marker=MARKERS[c], label=f"class {c}")
    ax.set(title=f"{name}: 3 × 100 points", aspect="equal")
    ax.set(xlabel="x[0]", ylabel="x[1]")
entries = ax.get_legend_handles_labels()
figure.legend(*entries, loc="outside lower center", ncols=3)
show(panels, "01_data")

# %% [markdown]
# ## What a dense layer cannot do
#
# Two dense layers in a row are one, because
#
# $$(XW_1 + b_1)W_2 + b_2 = X\,(W_1W_2) + (b_1W_2 + b_2)$$

# %%
second = hy.Dense(4).build(3, seed=1)
dense.b[...] = [0.1, -0.2, 0.3]  # write into the array; its name cannot be rebound
both = second.forward(dense.forward(X))
one = X @ (dense.W @ second.W) + (dense.b @ second.W + second.b)
assert np.allclose(both, one, atol=1e-6)

# %% [markdown]
# So any pile of dense layers draws straight borders. Here `fit` looks for the best ones (how it
# does that is the matter of the next five lessons); the class with the largest output is the
# answer. Straight borders do for the clouds. They do not do for the spiral.

# %%
for points, classes, name in data:
    model = hy.Sequential([hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(0.1), metrics=["accuracy"])
    model.fit(points, classes, batch_size=300, epochs=300, seed=0, verbose=0)
    answers = (points @ model.layers[0].W + model.layers[0].b).argmax(axis=1)
    right = np.mean(answers == classes)
    assert np.isclose(right, model.evaluate(points, classes)["accuracy"])
    report(f"{name}: accuracy with straight borders", right)

# %% [markdown]
# What is missing is a bend between the layers: the *activation*, in lesson 2.
#
# **Try it:** give `dense.forward` a vector `X[0]` instead of a batch and read what it says; then
# draw the spiral with `samples=1000` and count by eye how far two arms overlap (lesson 7 will
# compute it).
