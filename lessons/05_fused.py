# ---
# jupyter:
#   # as a notebook: hyalite lessons 5 --open
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
# # 5 · Softmax and loss as one
#
# **In short.** The derivative of softmax is a matrix, that of cross-entropy a division by $p$.
# Together they shrink to $p - t$. The same happens to sigmoid with binary cross-entropy. We show
# that the gradients agree, measure how much faster the fused form is, and find that speed is the
# smaller gain: the fused form still learns where the separate one has rounded its gradient away.
#
# **小结。** softmax 的导数是一个矩阵，交叉熵的导数要除以 $p$；两者合在一起，
# 却化简成 $p - t$。sigmoid 与二元交叉熵也是如此。本课验证两种算法的梯度相同，测量合并之后快多少，
# 并指出速度还是次要的：当分开计算的梯度已被舍入误差抹掉时，合并的形式仍然能够学习。

# %%
from timeit import timeit

import numpy as np
from matplotlib.figure import Figure

import hyalite as hy
from figures import epochs, report, show

# %% [markdown]
# ## Softmax + categorical cross-entropy
#
# With $p = \mathrm{softmax}(z)$, $\;l = -\sum_i t_i \ln p_i\;$ and lesson 4's Jacobian,
#
# $$\frac{\partial l}{\partial z_j}
# = \sum_i \underbrace{-\frac{t_i}{p_i}}_{\text{loss}}\,
# \underbrace{p_i\,([i = j] - p_j)}_{\text{softmax}}
# = -t_j + p_j \sum_i t_i = p_j - t_j$$
#
# The $p_i$ cancels, and $\sum_i t_i = 1$. Over a batch of $N$ samples the mean divides by $N$.

# %%
rng = np.random.default_rng(0)
z, labels = rng.standard_normal((6, 3)), np.array([0, 1, 2, 2, 1, 0])
t = np.eye(3)[labels]
softmax, loss = hy.Softmax(), hy.CategoricalCrossentropy()
p = softmax.forward(z)
separate = softmax.backward(loss.backward(p, labels))
assert np.allclose(separate, (p - t) / 6)

fused = hy.CategoricalCrossentropy(from_logits=True)  # takes z, does softmax itself
assert np.allclose(fused.backward(z, labels), separate)
print("p - t, one row a sample:\n", (p - t).round(3))

# %% [markdown]
# The source's own three rows, with both forms:

# %%
shares = np.array([[0.7, 0.1, 0.2], [0.1, 0.5, 0.4], [0.02, 0.9, 0.08]])
truth = np.array([0, 1, 1])
softmax.forward(np.log(shares))  # the softmax of ln p is p again
separate = softmax.backward(loss.backward(shares, truth))
difference = np.abs(separate - fused.backward(np.log(shares), truth)).max()
report("softmax: fused and separate, difference", difference, "none in its print")

# %% [markdown]
# ## Sigmoid + binary cross-entropy
#
# The same for each of $d$ outputs, with $\sigma' = p\,(1 - p)$:
#
# $$\frac{\partial l}{\partial z_j}
# = \frac1d \Bigl(\frac{1 - t_j}{1 - p_j} - \frac{t_j}{p_j}\Bigr)\, p_j\,(1 - p_j)
# = \frac{p_j - t_j}{d}$$
#
# The source derived this one on its own and asks for a check. It is right.

# %%
z2, t2 = rng.standard_normal((6, 2)), rng.integers(0, 2, (6, 2))
sigmoid, binary = hy.Sigmoid(), hy.BinaryCrossentropy()
p2 = sigmoid.forward(z2)
separate = sigmoid.backward(binary.backward(p2, t2))
together = hy.BinaryCrossentropy(from_logits=True).backward(z2, t2)
assert np.allclose(together, (p2 - t2) / 2 / 6)
difference = np.abs(separate - together).max()
report("sigmoid: fused and separate, difference", difference, "none in its print")

# %% [markdown]
# A model does this by itself: where the two meet, only the fused form runs.
#
# ## How much faster?
#
# The source timed the backward pass only, on its three rows: separate took about 4 times as long.
# Its separate form walks over the samples in Python and multiplies by a Jacobian for each; most of
# the factor is that loop. So we time three forms of the same gradient, as plain NumPy lines. (It
# also made new objects at each call, on another machine: expect the order, not the digit.)


# %%
def jacobian_loop(p, labels):
    dz, dp = np.empty_like(p), -np.eye(p.shape[1])[labels] / p / len(p)
    for row, into, d in zip(p, dz, dp, strict=True):
        into[:] = (np.diagflat(row) - np.outer(row, row)) @ d
    return dz


def two_steps(p, labels):
    dp = -np.eye(p.shape[1])[labels] / p / len(p)
    return p * (dp - (dp * p).sum(axis=1, keepdims=True))


def one_step(p, labels):
    dz = p.copy()
    dz[np.arange(len(p)), labels] -= 1
    return dz / len(p)


def seconds(call):
    """For one call, the best of five tries."""
    count = max(1, int(epochs(2, 20) * 1e-3 / timeit(call, number=1)))
    return min(timeit(call, number=count) for _ in range(5)) / count


# %%
sizes, ratios = (3, 10, 30, 100, 300, 1000), []
for n in sizes:
    p, y = hy.Softmax().forward(rng.standard_normal((n, 3))), rng.integers(0, 3, n)
    assert np.allclose(jacobian_loop(p, y), one_step(p, y))
    assert np.allclose(two_steps(p, y), one_step(p, y))
    ways = (jacobian_loop, two_steps, one_step)
    loop, two, one = (seconds(lambda f=f, p=p, y=y: f(p, y)) for f in ways)
    ratios.append((loop / one, two / one))
    print(f"{n:5} samples: loop {loop / one:6.1f}, two steps {two / one:4.1f}")
report("softmax, 3 samples, with the loop: separate / fused", ratios[0][0], "about 4")
report("softmax, 3 samples, without a loop: separate / fused", ratios[0][1])

# %%
ax = Figure(figsize=(7.5, 4.2), layout="constrained").add_subplot()
with_loop, without = zip(*ratios, strict=True)
ax.loglog(sizes, with_loop, "o-", color="#D55E00", label="loop, a Jacobian a sample")
ax.loglog(sizes, without, "s-", color="#0072B2", label="two steps on the whole batch")
ax.plot(3, 4, "*", markersize=14, color="#009E73", label="the source's figure")
ax.axhline(1, color="#777777", linestyle="--", label="fused")
ax.set(xlabel="samples", ylabel="times as long as fused")
ax.set_title("Backward pass of softmax and loss")
ax.legend(frameon=False)
show(ax, "05_speed")

# %% [markdown]
# Sigmoid has no matrix and no loop. Its factor comes from clipping, two divisions and two
# products against one subtraction. The source has 200 samples and one output, and says 6.

# %%
p1 = hy.Sigmoid().forward(rng.standard_normal((200, 1)))
t1 = rng.integers(0, 2, (200, 1))


def sigmoid_two_steps():
    clipped = np.clip(p1, 1e-7, 1 - 1e-7)
    return -(t1 / clipped - (1 - t1) / (1 - clipped)) / 1 / 200 * p1 * (1 - p1)


ratio = seconds(sigmoid_two_steps) / seconds(lambda: (p1 - t1) / 1 / 200)
report("sigmoid, 200 samples: time of separate / fused", ratio, "about 6")

# %% [markdown]
# And this library's own layers, forward *and* backward, which is what a training step pays.

# %%
z3, y3 = rng.standard_normal((300, 3)), rng.integers(0, 3, 300)


def layers_apart():
    p = softmax.forward(z3)
    return loss(p, y3), softmax.backward(loss.backward(p, y3))


ratio = seconds(layers_apart) / seconds(lambda: loss.fused(z3, y3))
report("hyalite's layers, 300 samples, both ways: separate / fused", ratio)

# %% [markdown]
# ## The larger gain
#
# A network is sure, and wrong: the true class has $z = 0$, another $z = 100$, so $p$ is $e^{-100}$.
# The separate form divides by the floor $10^{-7}$ and multiplies by the true $p$: nothing is left
# to learn from. The fused one says what is to be done.

# %%
wrong = np.array([[100.0, 0.0]])
p = softmax.forward(wrong)
apart, together = softmax.backward(loss.backward(p, [1])), fused.backward(wrong, [1])
print("gradients, separate:", apart[0], " fused:", together[0])
print("losses, clipped:", round(loss(p, [1]), 2), " fused:", fused(wrong, [1]))
assert np.abs(apart).max() < 1e-30
assert np.allclose(together, [[1, -1]])
