# ---
# jupyter:
#   # as a notebook: hyalite lessons 8 --open
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
# # 8 · Dropout
#
# **In short.** In every training step a dropout layer sets a random share of its inputs to zero and
# enlarges the others, so that no neuron can rely on one particular neighbour. When the model is
# used, the layer does nothing. We look at the masks, show why the enlarging is exactly right on
# average, derive the gradient, and then train on digits of which a fifth is labelled wrongly: a
# plain network learns the wrong labels by heart, one with dropout does not. On the source's spiral
# there is nothing of the kind to cure, and there dropout costs accuracy.
#
# **小结。** 训练时，Dropout 层在每一步都随机地把一部分输入置零，并把其余的输入按比例放大，
# 于是任何神经元都不能只依赖某一个邻居；而在预测时，这一层什么也不做。本课先观察掩码，
# 再说明为什么放大之后期望恰好不变，接着推导反向传播，然后用五分之一标错了的手写数字来训练：
# 普通网络把错误的标签也背了下来，加了 Dropout 的网络则不会。原文的螺旋数据没有这种过拟合可治，
# 在那里 Dropout 反而降低准确率。

# %%
import numpy as np
from matplotlib.figure import Figure

import hyalite as hy
from figures import epochs, report, show

# %% [markdown]
# ## The mask
#
# Let $q$ be the `rate`, the share that is dropped. Each entry draws its own $m_{ij}$:
#
# $$y_{ij} = x_{ij}\,m_{ij}, \qquad
# m_{ij} = \begin{cases} 0 & \text{with probability } q \\
# \dfrac{1}{1-q} & \text{with probability } 1-q \end{cases}$$
#
# The next step draws another mask: it is a function of the seed, the step, the layer and the place.
# (The random numbers have 16 bits: the true $q$ is the nearest multiple of $2^{-16}$.)

# %%
q = 0.3
drop, again = hy.Dropout(q).build(8, seed=0), hy.Dropout(q).build(8, seed=0)
x = np.arange(1, 33, dtype=np.float32).reshape(4, 8)
y = drop.forward(x, training=True)
m = drop.kept * drop.scale
assert np.allclose(y, x * m)
print(f"x {x.shape}, mask {m.shape}, 1 / (1 - q) = {1 / (1 - q):.4f}")
print(np.round(m, 3))
assert np.array_equal(again.forward(x, training=True), y)  # same seed, same first step
assert not np.array_equal(again.forward(x, training=True), y)  # the next step's mask

# %% [markdown]
# ## Why $1/(1-q)$: the expectation stays
#
# $$E[y] = q \cdot 0 + (1-q)\cdot\frac{x}{1-q} = x, \qquad
# \operatorname{Var}[y] = \frac{x^2}{1-q} - x^2 = x^2\,\frac{q}{1-q}$$
#
# So the next layer sees sums of the usual size in training, and in use nothing has to be rescaled.
# (The paper of 2014 scaled in use instead; today's form is called *inverted* dropout.)

# %%
ones = np.ones((2000, 50), np.float32)
masked = hy.Dropout(q).build(50, seed=1).forward(ones, training=True)
report("mean of 100,000 dropped-out ones", masked.mean(), note="expected 1")
expected = f"expected q/(1-q) = {q / (1 - q):.4f}"
report("their variance", masked.var(), note=expected)
assert np.isclose(masked.mean(), 1, atol=0.01)
assert np.isclose(masked.var(), q / (1 - q), atol=0.01)

figure = Figure(figsize=(10, 3.9), layout="constrained")
left, right = figure.subplots(1, 2, width_ratios=(1, 1.4))
left.imshow(masked[:20, :20], cmap="cividis", interpolation="nearest")
left.set(title=f"One mask, q = {q}: dark is dropped", xlabel="neuron", ylabel="sample")
left.set(xticks=range(0, 20, 5), yticks=range(0, 20, 5))
steps = np.arange(1, len(masked) + 1)
averages = np.cumsum(masked, axis=0) / steps[:, None]
right.plot(steps, averages[:, :12], color="#0072B2", linewidth=0.8, alpha=0.6)
off = 2 * np.sqrt(q / (1 - q) / steps)
band = right.plot(steps, np.stack([1 + off, 1 - off], axis=1), "--", color="#D55E00")
right.legend(band[:1], [r"$1 \pm 2\sqrt{q/(1-q)/n}$"], frameon=False)
right.set(title="Averages go to x", xscale="log", ylim=(0, 2), xlabel="masks n")
show(figure, "08_masks")

# %% [markdown]
# ## The backward pass
#
# $y_{ij}$ depends on $x_{ij}$ alone, with slope $m_{ij}$. What did not take part gets no gradient:
#
# $$\frac{\partial L}{\partial x_{ij}} = \frac{\partial L}{\partial y_{ij}}\,m_{ij}$$

# %%
dy = np.full_like(x, 2.0)
assert np.allclose(drop.backward(dy), dy * m)
print(hy.gradcheck.check_layer(drop, x))  # the mask is held still while x is varied
assert np.array_equal(drop.forward(x), x)  # in use (`training=False`) x is handed on

# %% [markdown]
# The source computes the dropped-out values, gives the next layer the *undropped* ones, and goes
# back through the mask: the gradient of another network. Lesson 17 measures what that does. In a
# `Sequential` each layer gets the output of the one before, so it cannot happen.
#
# ## What it cures
#
# 3,000 digits; a fifth of the labels is replaced by random ones, as careless hands would. With 256
# neurons twice a network has room to learn every label by heart, the wrong ones, too. Against it:
# $q = 0.2$ on the pixels and $q = 0.5$ behind each hidden layer. ($q = 0$ drops nothing.) The short
# form trains for 20 epochs and tests on 2,000 digits, the full one for 30 and on all 10,000.

# %%
(images, digits), unseen = hy.datasets.mnist()


def mislabelled(seed):
    random = np.random.default_rng(seed)
    rows = random.choice(len(images), 3000, replace=False)
    labels, careless = digits[rows], random.random(3000) < 0.2
    labels[careless] = random.integers(0, 10, careless.sum())
    return (images[rows], labels), [part[: epochs(2000, 10_000)] for part in unseen]


def reader(pixels, q):
    first, second = ([hy.Dense(256, "relu"), hy.Dropout(q)] for _ in range(2))
    return [hy.Dropout(pixels), *first, *second, hy.Dense(10, "softmax")]


def train(ax, color, name, task, layers, *rates, optimizer="adam", **setting):
    """Train from three seeds, of data and weights; draw and return test accuracies."""
    found, curves = [], []
    for seed in range(3):
        data, test = task(seed)
        model = hy.Sequential(layers(*rates))
        model.compile("categorical_crossentropy", optimizer, metrics=["accuracy"])
        calm = hy.EarlyStopping("loss", patience=10_001)  # keeps the best training loss
        setting |= {"callbacks": [calm], "validation_data": test, "verbose": 0}
        model.fit(*data, seed=seed, **setting)
        found.append([model.evaluate(*part)["accuracy"] for part in (data, test)])
        curves.append(model.history["val_accuracy"])
    for part, values in zip(("training", "test"), np.transpose(found), strict=True):
        note = f"mean of {values.min():.3f} to {values.max():.3f}"
        report(f"{name}: {part} accuracy", values.mean(), note=note)
    ax.plot(np.transpose(curves), color=color, linewidth=1.2)[0].set_label(name)
    return values


left, right = panels = Figure(figsize=(10, 4.2), layout="constrained").subplots(1, 2)
RED, BLUE, steps = "#D55E00", "#0072B2", {"batch_size": 50, "epochs": epochs(20, 30)}
plain = train(left, RED, "digits", mislabelled, reader, 0, 0, **steps)
cured = train(left, BLUE, "digits, dropout", mislabelled, reader, 0.2, 0.5, **steps)
assert min(cured) > max(plain) + 0.05

# %% [markdown]
# Only 82 % of the given labels are true; what a network scores above that in training are wrong
# ones, learned by heart. Without dropout that is nearly all of them, and the test accuracy, best
# after a few epochs, falls while they are learned. With dropout few are, and it does not fall.
#
# ## The source's spiral
#
# 3,000 points to train, 3,000 others to test, 512 neurons, $\lambda = 5\cdot10^{-4}$ on weights and
# biases, Adam with $lr = 0.05 / (1 + 5\cdot10^{-5}\,t)$, one step an epoch; dropout with $q = 0.1$.

# %%
x, y = hy.datasets.spiral(samples=2000, classes=3)


def halves(seed):
    split = np.split(np.random.default_rng(seed).permutation(len(x)), 2)
    return tuple((x[rows], y[rows]) for rows in split)


def source(q):
    wide = hy.Dense(512, "relu", l2=5e-4, bias_l2=5e-4)
    return [wide, hy.Dropout(q), hy.Dense(3, "softmax")]


steps = {"batch_size": 3000, "epochs": epochs(200, 10_001)}
steps["optimizer"] = hy.Adam(0.05, decay=5e-5)
train(right, RED, "spiral", halves, source, 0, **steps)
train(right, BLUE, "spiral, dropout 0.1", halves, source, 0.1, **steps)
for ax in panels:
    ax.set(xlabel="epoch", ylabel="test accuracy, three seeds")
    ax.legend(frameon=False, loc="lower right")
show(panels, "08_curves")

# %% [markdown]
# Here training and test accuracy lie together without dropout: two inputs and thousands of points
# leave little to over-fit, and $q = 0.1$ only takes accuracy away, in training and on new points
# (in the full form, too: 0.90 becomes 0.88). The source found its test result better than the
# book's, and later, in its chapter on the model, no use for dropout. We agree with the second.
#
# **Try it:** the digits with true labels; 300 of them; `l2=1e-3` in place of dropout.
