# ---
# jupyter:
#   # as a notebook: hyalite lessons 15 --open
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
# # 15 · Losses, mini-batches and numerical gradients
#
# **In short.** A gradient says how the loss changes when each number is moved a little. It can be
# measured: move each number, look at the loss. We do this for functions of two numbers, draw the
# field of arrows, walk downhill, and then measure the gradient of a small network, where the
# source's printed digits come out again. On the way: two losses, and mini-batches.
#
# **小结。** 梯度告诉我们，每个数稍微变动时，损失会怎样变化。它可以直接量出来：把每个数挪动一点，
# 看损失变了多少。本课先对二元函数这样做，画出由箭头组成的梯度场，再沿着下坡方向一步步走；
# 然后量出一个小网络的梯度，得到的数字与原文打印的一致。途中还会讲到两种损失函数，
# 以及 mini-batch（小批量）学习。

# %%
import numpy as np

import hyalite as hy
from figures import report, show

# %% [markdown]
# ## Two losses
# The source's squared error is half the *sum*; this library takes the *mean* over the $J$ outputs:
#
# $$E = \frac12 \sum_j (y_j - t_j)^2 \qquad\text{against}\qquad l = \frac1J \sum_j (y_j - t_j)^2$$

# %%
y = np.array([[0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0]])
t = np.eye(10)[[2]]  # the answer is class 2, as a one-hot row (1, 10)
half_sum = 0.5 * np.sum((y - t) ** 2)
mean = hy.MeanSquaredError()(y, t)
print(f"half the sum {half_sum:.4f}, mean {mean:.4f}")
assert np.isclose(half_sum, 5 * mean)

# %% [markdown]
# The source's cross-entropy has a small $\delta = 10^{-7}$ against $\ln 0$; this library clips $y$
# at $10^{-7}$ instead, which leaves other values alone. Labels may be one-hot rows or numbers:
#
# $$E = -\sum_j t_j \ln(y_j + \delta)$$

# %%
cross = hy.CategoricalCrossentropy()
source_way = -np.sum(t * np.log(y + 1e-7))
assert np.isclose(cross(y, t), -np.log(0.6))
assert cross(y, t) == cross(y, np.array([2]))
print(f"-ln 0.6 = {cross(y, t):.9f}, with delta {source_way:.9f}")

# %% [markdown]
# ## Mini-batches
#
# The mean over $N$ samples, estimated from a few of them, drawn anew for every step:
#
# $$L = -\frac1N \sum_{n}\sum_j t_{nj}\ln y_{nj}$$
#
# `np.random.choice` draws *with* repetition; in an epoch of `fit` each sample comes exactly once.
# (The source's batch versions do not run: see lesson 17.)

# %%
(images, labels), _ = hy.datasets.mnist()
random = np.random.default_rng(0)
rows = random.choice(len(images), 10, replace=False)
x_batch, t_batch = images[rows], labels[rows]
print("labels", t_batch)
guesses = hy.Softmax().forward(random.normal(size=(10, 10)))
picked = guesses[np.arange(10), t_batch]  # of each row the probability of its own label
assert np.isclose(cross(guesses, t_batch), -np.log(picked).mean())
model = hy.Sequential([hy.Dense(10, "softmax")])
model.compile(cross)
model.build(784, seed=0)
whole = model.evaluate(images, labels)["loss"]
for size in (10, 100, 1000):
    draws = [random.choice(len(images), size) for _ in range(50)]
    spread = np.std([model.evaluate(images[d], labels[d])["loss"] for d in draws])
    print(f"loss of all {whole:.3f}; batches of {size:>4} spread by ±{spread:.3f}")

# %% [markdown]
# The spread falls with $1/\sqrt{n}$: a hundred times the work for a tenth of the noise.
#
# ## Measuring a slope
#
# $$\frac{\partial f}{\partial x_i} \approx \frac{f(x + h e_i) - f(x - h e_i)}{2h}
# \quad\text{(error } \sim h^2\text{)}$$


# %%
def central(function, x, h=1e-4):
    result = np.empty_like(x)
    for place in np.ndindex(x.shape):  # any number of dimensions
        step = np.zeros_like(x)
        step[place] = h
        result[place] = (function(x + step) - function(x - step)) / (2 * h)
    return result


def bowl(x):
    return x[0] ** 2 + x[1] ** 2  # its gradient is (2 x0, 2 x1)


found = central(bowl, np.array([5.0, 6.0]))
report("gradient of x0² + x1² at (5, 6)", found.round(6), "[10. 12.]")
assert np.allclose(found, [10, 12])

# %% [markdown]
# The library's checker takes two more points, for an error of $h^4$, and looks for the best $h$:
#
# $$f'(x) \approx \frac{8\,[f(x+h) - f(x-h)] - [f(x+2h) - f(x-2h)]}{12h}$$

# %%
point = np.array([0.5, 1.5])
# worked out on paper
slopes = np.array([np.cos(0.5) * np.cos(1.5), -np.sin(0.5) * np.sin(1.5)])


def hills(x):
    return np.sin(x[0]) * np.cos(x[1])


for h in (1e-2, 1e-4, 1e-12):
    error = np.abs(central(hills, point, h) - slopes).max()
    print(f"two points, h = {h:<6} error {error:.1e}")
best = hy.gradcheck.numerical_gradient(hills, point)
print(f"hy.gradcheck            error {np.abs(best - slopes).max():.1e}")

# %% [markdown]
# Too small an $h$ leaves nothing but rounding in the difference.
# ## The field, and the way down
#
# $$x \leftarrow x - \eta\,\nabla f(x)$$
#
# For the bowl each step multiplies $x$ by $1 - 2\eta$: by 0.8 with $\eta = 0.1$, and by -0.8,
# to and fro, with $\eta = 0.9$.

# %%
ax = hy.plots.gradient_field(bowl)
walks = ((0.1, [-1.8, 1.4], "o-", "#D55E00"), (0.9, [1.7, 1.2], "s--", "#CC79A7"))
for rate, start, style, color in walks:
    path = [np.array(start)]
    for _ in range(20):
        path.append(path[-1] - rate * hy.gradcheck.numerical_gradient(bowl, path[-1]))
    assert np.allclose(path[-1], (1 - 2 * rate) ** 20 * path[0])
    look = {"color": color, "markersize": 5, "zorder": 4, "label": f"rate {rate}"}
    ax.plot(*np.transpose(path), style, **look)
ax.legend(loc="lower right", framealpha=1)
ax.set_title("Downhill on x0² + x1²")
show(ax, "15_field")

# %% [markdown]
# ## The gradient of a small network
#
# One layer without bias, softmax, cross-entropy; $x$ (1, 2), $W$ (2, 3), the third class is right:
#
# $$z = xW, \qquad p = \operatorname{softmax}(z), \qquad L = -\ln p_3$$

# %%
to_first = [-0.05811371, 0.41911804, 1.63684316]
W = np.array([to_first, [0.13589681, 0.10144801, -2.26828293]])
x, t = np.array([[0.6, 0.9]]), np.array([2])
dense = hy.Dense(3, use_bias=False).build(2, dtype=float)
dense.W[...] = W
loss = hy.CategoricalCrossentropy(from_logits=True)  # softmax included
z = dense.forward(x)
value = loss(z, t)
print("z:", z, " answer:", z.argmax(), " truth:", t)
report("small network: loss", f"{value:.7f}", "2.1055812", note="it has the delta")
p = hy.Softmax().forward(z)
assert abs(value - 2.1055812) < 1e-6
assert f"{-np.log(p[0, 2] + 1e-7):.7f}" == "2.1055812"

# %% [markdown]
# The gradient measured, by $\;\partial L/\partial W = x^\top (p - t)$, and by `backward`:

# %%
measured = hy.gradcheck.numerical_gradient(lambda W: loss(x @ W, t), W)
dense.backward(loss.backward(z, t))
assert np.allclose(measured, x.T @ (p - np.eye(3)[t]), atol=1e-10)
assert np.allclose(measured, dense.dW, atol=1e-10)

printed = [0.23001268, 0.29692202, -0.5269347], [0.34501902, 0.44538303, -0.79040205]
report("small network: dL/dW[0, 0]", f"{measured[0, 0]:.8f}", "0.23001268")
assert np.allclose(measured, printed, rtol=0, atol=1e-6)  # six digits
with_delta = central(lambda W: -np.log(hy.Softmax().forward(x @ W)[0, 2] + 1e-7), W)
assert np.allclose(with_delta, printed, rtol=0, atol=1e-8)  # with the delta, all eight

# %% [markdown]
# The third column is negative: larger weights to the right class lower the loss.
#
# **Try it:** the field of `hills` with `hy.plots.gradient_field(hills, (-3, 3), (-3, 3))`.
