# ---
# jupyter:
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
# average, derive the gradient, and train the source's spiral model with dropout and without.
#
# **小结。** 训练时，Dropout 层在每一步都随机地把一部分输入置零，
# 并把其余的输入按比例放大，于是任何神经元都不能只依赖某一个邻居；
# 而在预测时，这一层什么也不做。本课先观察掩码，
# 再说明为什么放大之后期望恰好不变，接着推导反向传播，
# 最后用原文的螺旋数据模型，比较使用与不使用 Dropout 的结果。

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

# %%
q = 0.3
drop = hy.Dropout(q).build(8, seed=0)
x = np.arange(1, 33, dtype=np.float32).reshape(4, 8)
y = drop.forward(x, training=True)
m = drop.kept * drop.scale
assert np.allclose(y, x * m)
print(f"x {x.shape}, mask {m.shape}, 1 / (1 - q) = {1 / (1 - q):.4f}")
print(np.round(m, 3))

# %% [markdown]
# The next step draws another mask. It is a function of the seed, the step, the layer and the place,
# so the same seed gives the same masks. (The random numbers have 16 bits: the true $q$ is the
# nearest multiple of $2^{-16}$, and the factor fits it.)

# %%
again = hy.Dropout(q).build(8, seed=0)
assert np.array_equal(again.forward(x, training=True), y)  # the same seed: the same first step
assert not np.array_equal(again.forward(x, training=True), y)  # the next step: another mask

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
report("mean of 100,000 dropped-out ones", float(masked.mean()), note="expected 1")
report("their variance", float(masked.var()), note=f"expected q/(1-q) = {q / (1 - q):.4f}")
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
deviation = np.sqrt(q / (1 - q) / steps)
right.plot(steps, 1 + 2 * deviation, "--", color="#D55E00", label=r"$1 \pm 2\sqrt{q/(1-q)/n}$")
right.plot(steps, 1 - 2 * deviation, "--", color="#D55E00")
right.set(xscale="log", ylim=(0, 2), xlabel="masks n", ylabel="mean of y", title="Averages go to x")
right.legend(frameon=False)
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

# %% [markdown]
# In use (`training=False`, the default) the layer hands its input on:

# %%
assert np.array_equal(drop.forward(x), x)

# %% [markdown]
# ## A slip in the source
#
# The source computes `dropout1.output`, but gives `activation1.output` to the next layer; the
# backward pass, however, goes through the mask. The loss then belongs to one network and the
# gradient to another. Differences show it:

# %%
dense = hy.Dense(6, "relu").build(2, seed=0, dtype=float)
last = hy.Dense(3).build(6, seed=1, dtype=float)
loss = hy.CategoricalCrossentropy(from_logits=True)
points, labels = hy.datasets.spiral(samples=10)
hidden = dense.forward(points)
drop = hy.Dropout(0.1).build(6, seed=0, dtype=float)


def slope(kept):
    """dL/dW of the first layer; `kept` says whether the forward pass uses the mask."""
    drop.clock.step = 0  # the same mask for both
    dropped = drop.forward(hidden, training=True)
    dlogits = loss.backward(last.forward(dropped if kept else hidden), labels)
    dense.backward(drop.backward(last.backward(dlogits)))
    return dense.dW.copy()


def loss_without_mask(W):
    h = np.maximum(points @ W + dense.b, 0)
    return loss(h @ last.W + last.b, labels)


right_one, source_one = slope(kept=True), slope(kept=False)
truth = hy.gradcheck.numerical_gradient(loss_without_mask, dense.W)
error = np.abs(source_one - truth).max() / np.abs(truth).max()
report("the source's slip: error of the gradient", float(error), note="relative; 1e-9 is right")
assert error > 0.01

# %% [markdown]
# ## The source's model, with dropout and without
#
# In a `Sequential` each layer gets the output of the one before, so the slip cannot happen.
# 3,000 points of the spiral to train, 3,000 others to test, 512 neurons,
# $\lambda = 5\cdot10^{-4}$ on weights and biases, Adam with $lr = 0.05 / (1 + 5\cdot10^{-5}\,t)$;
# one step an epoch, 10,001 of them in the full form.

# %%
X, Y = hy.datasets.spiral(samples=2000, classes=3)
order = np.random.default_rng(0).permutation(len(X))
half = len(X) // 2
train, test = (X[order[:half]], Y[order[:half]]), (X[order[half:]], Y[order[half:]])


def network(*middle, units=512):
    model = hy.Sequential(
        [hy.Dense(units, "relu", l2=5e-4, bias_l2=5e-4), *middle, hy.Dense(3, "softmax")]
    )
    model.compile("categorical_crossentropy", hy.Adam(0.05, decay=5e-5), metrics=["accuracy"])
    return model


small = network(hy.Dropout(0.1), units=16)  # 512 ReLUs nearly always have one at its kink
print(hy.gradcheck.check_model(small, X[:20], Y[:20]))
models = {"without dropout": network(), "dropout 0.1": network(hy.Dropout(0.1))}
settings = {"batch_size": half, "epochs": epochs(120, 10_001), "seed": 0, "verbose": 0}
for name, model in models.items():
    model.fit(*train, validation_data=test, **settings)
    for part, data in (("training", train), ("test", test)):
        report(f"{name}, {part} accuracy", model.evaluate(*data)["accuracy"])

# %%
figure = Figure(figsize=(10, 4.2), layout="constrained")
for ax, (name, model) in zip(figure.subplots(1, 2, sharey=True), models.items(), strict=True):
    seen = model.history
    ax.plot(seen.epochs, seen["accuracy"], color="#0072B2", label="training step")
    ax.plot(seen.epochs, seen["val_accuracy"], "--", color="#D55E00", label="test, no dropout")
    ax.set(title=name, xlabel="epoch", ylabel="accuracy", ylim=(0.3, 1))
    ax.legend(frameon=False, loc="lower right")
show(figure, "08_curves")

# %% [markdown]
# The curve "training step" is measured while neurons are missing, the other with all of them; so
# with dropout the test curve may well lie above. The source found its test result better than the
# book's, and later, in its chapter on the model, no use for dropout here. We agree with the second:
# two inputs and thousands of points leave little to overfit. Even with 180 points and no L2 we saw
# 0.77 on fresh points with $q = 0$ and $q = 0.1$ alike, and 0.59 with $q = 0.5$.
#
# **Try it:** `samples=120`, 2,000 epochs, without `l2`, and several rates. Where does it help?
