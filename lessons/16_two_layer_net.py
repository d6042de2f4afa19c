# ---
# jupyter:
#   # as a notebook: hyalite lessons 16 --open
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
# # 16 · The two-layer network
#
# **In short.** The last step of the second book: 784 inputs, 50 sigmoid neurons, 10 outputs,
# trained on handwritten digits. Its gradient can be measured, parameter by parameter, as in lesson
# 15, or computed by backpropagation. We hold one against the other, find out how much faster the
# second is, and train with it.
#
# **小结。** 这是第二本书的最后一步：784 个输入、50 个 sigmoid 神经元、10 个输出，
# 用手写数字来训练。它的梯度可以像第 15 课那样逐个参数地量出来，也可以用反向传播算出来。
# 本课比较这两种结果，看看后者快多少倍，再用它来训练。

# %%
import time

import numpy as np
from matplotlib.figure import Figure
from threadpoolctl import threadpool_limits

import hyalite as hy
from figures import epochs, report, show

# %% [markdown]
# ## The network
#
# $$z = \sigma(xW_1 + b_1), \qquad y = \operatorname{softmax}(zW_2 + b_2), \qquad
# L = -\frac1N\sum_n \ln y_{n,t_n}$$
#
# with $\sigma(a) = 1 / (1 + e^{-a})$. (The article's `1 / 1 + e^-x` would be $1 + e^{-x}$.)
# Its dict `params` holds $W_1, b_1, W_2, b_2$; here they are windows on one vector, `theta`.

# %%
(x, t), (x_test, t_test) = hy.datasets.mnist()
SMALL = hy.initializers.ScaledNormal(0.01)  # the source's weight_init_std


def network(start=SMALL, dtype="float32"):
    model = hy.Sequential([hy.Dense(50, "sigmoid", initializer=start)], dtype=dtype)
    model.add(hy.Dense(10, "softmax", initializer=start))
    model.compile("categorical_crossentropy", hy.SGD(0.1), metrics=["accuracy"])
    model.build(784, seed=0)
    return model


model = network(dtype="float64")  # differences need the digits
model.summary()

# %% [markdown]
# ## The gradient, measured
#
# $$\frac{\partial L}{\partial\theta_i} \approx
# \frac{L(\theta + h e_i) - L(\theta - h e_i)}{2h}, \qquad h = 10^{-4}$$
#
# Two forward passes for each of 39,760 parameters. We do it for 300 of them and take the time.

# %%
batch = x[:100].astype(np.float64), t[:100]
loss = model.loss


def loss_now():
    prediction = batch[0]
    for layer in model.layers:
        prediction = layer.forward(prediction)
    return loss(prediction, batch[1])


def measured(places, h=1e-4):
    theta, gradient = model.theta, []
    for i in places:
        kept = theta[i]
        theta[i] = kept + h
        above = loss_now()
        theta[i] = kept - h
        below = loss_now()
        theta[i] = kept
        gradient.append((above - below) / (2 * h))
    return np.array(gradient)


places = np.random.default_rng(0).choice(model.theta.size, 300, replace=False)
threads = threadpool_limits(1)  # one thread for both, so that the two times compare
began = time.perf_counter()
numerical = measured(places)
slow = (time.perf_counter() - began) / len(places) * model.theta.size

# %% [markdown]
# (The function printed in the article counts through a matrix with a single index; see lesson 17.)
#
# ## The gradient, backpropagated
#
# One pass forward, one back, for all parameters at once:
#
# $$\delta_2 = \frac{y - \text{onehot}(t)}{N}, \quad
# \frac{\partial L}{\partial W_2} = z^\top\delta_2, \quad
# \delta_1 = \delta_2 W_2^\top \odot z(1 - z), \quad
# \frac{\partial L}{\partial W_1} = x^\top\delta_1$$
#
# and the rows of $\delta$ add up to the gradients of the biases.


# %%
def backpropagated():
    prediction = batch[0]
    for layer in model.layers:
        prediction = layer.forward(prediction, training=True)
    dy = loss.backward(prediction, batch[1])
    for layer in reversed(model.layers):
        dy = layer.backward(dy)
    return model.grad


began = time.perf_counter()
for _ in range(50):
    gradient = backpropagated()
fast = (time.perf_counter() - began) / 50
threads.restore_original_limits()

first, second = model.layers
z = 1 / (1 + np.exp(-(batch[0] @ first.W + first.b)))
delta_2 = (model.predict(batch[0]) - np.eye(10)[batch[1]]) / 100
delta_1 = delta_2 @ second.W.T * z * (1 - z)
assert np.allclose(second.dW, z.T @ delta_2)
assert np.allclose(first.dW, batch[0].T @ delta_1)
assert np.allclose(first.db, delta_1.sum(axis=0))

# %% [markdown]
# ## One against the other

# %%
difference = np.abs(numerical - gradient[places]).mean()
report("mean |numerical - backpropagated|, 300 parameters", f"{difference:.1e}")
assert difference < 1e-8
report("numerical gradient: seconds", round(slow, 1), note="scaled up from the 300")
report("backpropagation: milliseconds", round(1000 * fast, 2))
note = "79,520 passes forward / 1 of both"
report("factor in time", f"{slow / fast:,.0f}", note=note)
print(hy.gradcheck.check_model(model, x[:10], t[:10], directions=10))

# %% [markdown]
# The last line is the library's check along ten random directions in the space of all parameters:
# some forward passes each, and an error anywhere shows.
#
# ## Training
#
# Batches of 100 and $\theta \leftarrow \theta - 0.1\,\partial L/\partial\theta$. The book draws
# 10,000 batches, 16.7 epochs; the full form runs 17.

# %%
model, other = network(), network("glorot_uniform")
curves = {"training": [], "test": [], "test, Glorot's start": []}
pairs = (model, x, t), (model, x_test, t_test), (other, x_test, t_test)
for _ in range(epochs(4, 17)):
    for each in (model, other):
        each.fit(x, t, batch_size=100, seed=0, verbose=0)
    for values, (each, *data) in zip(curves.values(), pairs, strict=True):
        values.append(each.evaluate(*data)["accuracy"])

ax = Figure(figsize=(7, 4), layout="constrained").add_subplot()
looks = ("o-", "#0072B2"), ("s--", "#D55E00"), ("^:", "#009E73")
for (name, values), (style, color) in zip(curves.items(), looks, strict=True):
    note = f"after 1: {values[0]:.4f}"
    report(f"{name}: accuracy after {len(values)} epochs", values[-1], note=note)
    numbers = range(1, len(values) + 1)
    ax.plot(numbers, values, style, color=color, label=name)
ax.set(xlabel="epoch", ylabel="accuracy", xticks=numbers, title="784-50-10, SGD 0.1")
ax.legend(frameon=False)
show(ax, "16_curves")

# %% [markdown]
# Training and test stay together: nothing is learned by heart yet. The article says that one need
# not care much about the first weights, here $0.01\cdot\mathcal N(0,1)$. Glorot's gain nine points
# in the first epoch and nearly nothing in the end (full form), so with one hidden layer that is
# right. In lesson 9 there are two, and most runs from 0.01 get stuck.
#
# What the neurons look for, each as a picture of its 784 weights:

# %%
show(hy.plots.first_layer_weights(model), "16_weights")

# %% [markdown]
# **Try it:** `hy.Adam()` in place of `hy.SGD(0.1)`, `"relu"` in place of `"sigmoid"`.
