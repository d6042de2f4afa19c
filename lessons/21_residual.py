# ---
# jupyter:
#   # as a notebook: hyalite lessons 21 --open
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
# # 21 · Residual blocks and batch normalization
#
# **In short.** More layers should do no worse, yet forty plain ones learn badly: each
# multiplies the gradient on its way back, and what is multiplied forty times fades. A
# residual block adds its input to its output, $y = x + f(x)$, and the gradient has a
# way past $f$. We do one by hand, measure the gradients of forty layers, and train
# them. Then batch normalization: what it cures and what not, both passes by hand, and
# why pictures are normalized by channel, not by pixel as in the book's code.
#
# **小结。** 层数更多，结果本不该更差，可是四十层的普通网络却学得很差：梯度往回走时，
# 每经过一层就要乘一次，乘上四十次便消失了。残差块把输入加到输出上，即 $y = x + f(x)$，
# 梯度就有了绕过 $f$ 的通路。本课手工计算一个残差块，测量四十层网络的梯度，并训练它们。
# 然后是批量归一化（Batch Normalization）：它能解决什么、不能解决什么，
# 手工写出它的前向传播和反向传播，以及图片为什么按通道而不按像素（书中的代码）归一化。

# %%
import numpy as np
from matplotlib.figure import Figure

import hyalite as hy
from figures import epochs, report, show

rng = np.random.default_rng(0)

# %% [markdown]
# ## A block by hand
#
# $$y = x + f(x), \qquad dx = dy + df, \qquad df = J_f^\top\,dy$$
#
# In the computational graph $x$ goes two ways, and the slopes of both add up. Here $f$
# is a dense layer, ReLU, and a dense layer that gives the shape of $x$ back.

# %%
x, dy = rng.standard_normal((2, 5, 8))
block = hy.Residual([hy.Dense(16, "relu"), hy.Dense(8)])
block.build(8, seed=0, dtype="float64")
W1, b1, W2, b2 = block.values.values()
h = np.maximum(0, x @ W1 + b1)
df = (dy @ W2.T * (h > 0)) @ W1.T
assert np.allclose(block.forward(x), x + h @ W2 + b2)
assert np.allclose(block.backward(dy), dy + df)
print(hy.gradcheck.check_layer(block, x))

# %% [markdown]
# ## Why gradients fade, and why here they do not
#
# With $J_l$ the slopes of layer $l$, or of the $f$ of block $l$, the gradient comes out
# of a plain network as on the left, of a residual one as on the right:
#
# $$dx_0 = J_1^\top \cdots J_L^\top\,dx_L, \qquad
# dx_0 = (I + J_1)^\top \cdots (I + J_L)^\top\,dx_L$$
#
# The right one, multiplied out, is $dx_L$ itself and products of few and many $J$:
# something arrives, whatever the layers do. On the left a layer of $n$ units with ReLU
# multiplies the square of the gradient by $n\operatorname{Var}(w)/2$ on average: 1 for
# He's start, 1/2 for Glorot's, so $2^{-20} \approx 10^{-6}$ in length after 40 layers.


# %%
def dense(activation="relu", start="he_normal"):
    return hy.Dense(64, activation, initializer=start)


def normalized(start="he_normal"):
    return [dense(None, start), hy.BatchNormalization(), hy.ReLU()]


SMALL = hy.initializers.ScaledNormal(0.01)
PARTS = {  # how many, and what one of them is; f of the residual blocks is 0 at first
    "40 plain, Glorot": (40, lambda: [dense(start="glorot_uniform")]),
    "40 plain, He": (40, lambda: [dense()]),
    "20 residual blocks": (20, lambda: [hy.Residual([dense(), dense(None, "zeros")])]),
    "40 normalized": (40, normalized),
    "8 plain, 0.01": (8, lambda: [dense(start=SMALL)]),
    "8 normalized, 0.01": (8, lambda: normalized(SMALL)),
}


def network(count, part):
    middle = [layer for _ in range(count) for layer in part()]
    model = hy.Sequential([hy.Flatten(), dense(), *middle, hy.Dense(10, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(0.001), metrics=["accuracy"])
    return model


(digits, labels), test = hy.datasets.mnist(flatten=False)
n, e = epochs(10_000, 60_000), epochs(2, 10)
ax = Figure(figsize=(7.5, 4.4), layout="constrained").add_subplot()
looks = "C1-", "C1--", "C0-", "C2-", "C1:", "C2:"
for (name, parts), look in zip(PARTS.items(), looks, strict=True):
    model, y, lengths = network(*parts), digits[:100], []
    model.build((28, 28), seed=0)
    for layer in model.layers:
        y = layer.forward(y, training=True)
    dx = model.loss.backward(y, labels[:100])
    for layer in model.layers[:1:-1]:
        dx = layer.backward(dx)
        if isinstance(layer, hy.Dense | hy.Residual):
            lengths.append(float(np.linalg.norm(dx)))
    report(f"{name}: gradient, first / last layer", lengths[-1] / lengths[0])
    ax.semilogy(np.linspace(1, 0, len(lengths)), lengths, look, label=name)
ax.set(title="Length of dx, before training", xlabel="from the first layer to the last")
ax.legend(frameon=False)
show(ax, "21_gradients")


# %%
def fitted_accuracy(model, seed):
    model.fit(digits[:n], labels[:n], batch_size=100, epochs=e, seed=seed, verbose=0)
    return model.evaluate(*test)["accuracy"]


for name, parts in PARTS.items():
    a, b, c = sorted(fitted_accuracy(network(*parts), seed) for seed in range(3))
    report(f"{name}: test accuracy", (a + b + c) / 3, note=f"{a:.3f} to {c:.3f}")

# %% [markdown]
# He's start keeps the length, but behind 40 layers all digits look nearly alike.
# Normalization undoes the size of the weights, so 8 layers from 0.01 learn; but its
# gradient grows with every layer. (Full form: residual 0.974, other 40s at most 0.87.)
#
# ## Batch normalization by hand
#
# Each channel gets mean 0 and variance 1 over all $m$ numbers that it has in the batch,
# those of all samples, rows and columns: $\hat x = (x - \mu)/s$ with
# $s = \sqrt{\sigma^2 + \varepsilon}$, and $y = \gamma\,\hat x + \beta$ may undo it. On
# the way back $x$ acts by itself, through $\sigma^2$ and through $\mu$. With
# $g = \gamma\,dy$ and sums over the channel:
#
# $$d\sigma^2 = -\frac{1}{2 s^3}\sum g\,(x - \mu), \quad
# d\mu = -\frac1s\sum g, \quad dx = \frac gs
# + \frac{2}{m}(x - \mu)\,d\sigma^2 + \frac1m\,d\mu$$
#
# which is $(g - \overline g - \hat x\,\overline{g \hat x})/s$, the bars being means.

# %%
x, dy = rng.standard_normal((2, 6, 5, 4, 3)) * [1, 5, 0.2] + [0, 10, -3]
norm = hy.BatchNormalization().build((5, 4, 3), dtype="float64")
norm.gamma[...], norm.beta[...] = rng.standard_normal((2, 3))
over, m = (0, 1, 2), 6 * 5 * 4
mu, s = x.mean(over), np.sqrt(x.var(over) + norm.epsilon)
x_hat = (x - mu) / s
assert np.allclose(norm.forward(x, training=True), norm.gamma * x_hat + norm.beta)
g = dy * norm.gamma
dvar, dmu = -(g * (x - mu)).sum(over) / (2 * s**3), -g.sum(over) / s
dx = g / s + 2 / m * (x - mu) * dvar + dmu / m
assert np.allclose(dx, (g - g.mean(over) - x_hat * (g * x_hat).mean(over)) / s)
assert np.allclose(norm.backward(dy), dx)
print(hy.gradcheck.check_layer(norm, x))

# %% [markdown]
# ## By channel, not by pixel
#
# A filter looks for the same thing in all places, so its numbers are of one kind. The
# book's class normalizes each place by itself. A corner that is black in all pictures
# of a batch has $\sigma = 0$, and whatever comes there later is multiplied by
# $1/\sqrt\varepsilon$; with its `10e-7`, which is $10^{-6}$, by 1000.

# %%
later = np.roll(test[0], 4, axis=(1, 2))  # off centre; all have one channel
for name, over in (("by pixel", 0), ("by channel", None)):
    mu, variance = digits[:100].mean(over), digits[:100].var(over)
    x_hat = (later - mu) / np.sqrt(variance + 10e-7)
    report(f"shifted digits {name}: largest number", float(np.abs(x_hat).max()))

# %% [markdown]
# ## Both together
#
# As in the paper of 2016: $f$ is convolution, normalization, ReLU, convolution and
# normalization, with a ReLU behind the sum. The rate falls as in lesson 12.

# %%
layers, kernel = [], {"padding": "same", "use_bias": False}
for channels in (16, 32):
    conv = [hy.Conv2D(channels, 3, **kernel) for _ in range(3)]
    f = [conv[1], hy.BatchNormalization(), hy.ReLU(), conv[2], hy.BatchNormalization()]
    layers += [conv[0], hy.BatchNormalization(), hy.ReLU(), hy.MaxPooling2D()]
    layers += [hy.Residual(f), hy.ReLU()]
model = hy.Sequential([*layers, hy.GlobalAveragePooling2D(), hy.Dense(10, "softmax")])
falling = hy.Adam(hy.CosineDecay(0.005, e * n // 100))
model.compile("categorical_crossentropy", falling, metrics=["accuracy"])
report("residual, of convolutions: test accuracy", fitted_accuracy(model, seed=0))

# %% [markdown]
# **Try it:** 100 layers in place of 40; a block whose last $W$ begins with He's values.
