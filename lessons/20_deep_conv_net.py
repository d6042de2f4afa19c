# ---
# jupyter:
#   # as a notebook: hyalite lessons 20 --open
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
# # 20 · DeepConvNet
#
# **In short.** The deepest network that the book builds: six convolutions of 3 × 3,
# a pooling behind each pair, two dense layers. Why many small kernels? We find by hand
# what a number of the last map sees of the picture. Then come He's initial weights,
# dropout, which the book has once too often, more pictures made of those there are,
# and the book's own weights, out of its file `deep_convnet_params.pkl`.
#
# **小结。** 这是书中搭建的最深的网络：六个 3 × 3 的卷积层，每两个之后接一个池化层，
# 最后是两个全连接层。为什么要用许多小的滤波器？
# 本课先手工推算最后一张特征图上的一个数能看到图片的哪些像素；
# 然后依次讲 He 初始值、Dropout（书中多用了一次）、数据增强（书中称为数据扩充），
# 最后从 `deep_convnet_params.pkl` 读取书中的权重。

# %%
import os
import pickle
import tempfile
from math import comb, log
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import hyalite as hy
from figures import FULL, epochs, report, show
from hyalite.files.pickles import convolution_arrays, import_pickle
from hyalite.loading import from_book_arrays

# %% [markdown]
# ## Many small kernels
#
# What a number sees of the picture is its receptive field. Behind layer $l$ with kernel
# $k_l$ and stride $s_l$ it has $r_l$ pixels along an axis; neighbours lie $j_l$ apart:
#
# $$r_l = r_{l-1} + (k_l - 1)\,j_{l-1}, \quad j_l = s_l\,j_{l-1}, \quad r_0 = j_0 = 1$$
#
# The backward pass tells the same: with all weights 1/9, and means in place of maxima,
# the $dx$ of one single number is zero but for the pixels that it sees.

# %%
panels = Figure(figsize=(10, 3.7), layout="constrained").subplots(1, 3)
for ax, pairs in zip(panels, (1, 2, 3), strict=True):
    layers, y, r, j = [], np.zeros((1, 64, 64, 1)), 1, 1
    for k, s in ((3, 1), (3, 1), (2, 2)) * pairs:
        even = {"padding": 1, "initializer": lambda shape, _: np.full(shape, 1 / 9)}
        layers.append(hy.Conv2D(1, k, **even) if s == 1 else hy.AveragePooling2D())
        y = layers[-1].forward(y)
        r, j = r + (k - 1) * j, s * j
    dx = np.zeros_like(y)
    dx[0, len(y[0]) // 2, len(y[0]) // 2] = 1
    for layer in reversed(layers):
        dx = layer.backward(dx)
    rows, columns, _ = dx[0].nonzero()
    assert np.ptp(rows) + 1 == np.ptp(columns) + 1 == r
    report(f"behind {2 * pairs} convolutions: pixels along an axis", r)
    ax.imshow(dx[0], cmap="cividis")
    ax.set(title=f"{2 * pairs} convolutions: {r} × {r} pixels")
show(panels, "20_receptive_fields")

# %% [markdown]
# The last map sees more than the 28 × 28 pixels of a digit, those in the middle most.
# Two kernels of 3 × 3 see as much as one of 5 × 5, three as one of 7 × 7. For $C$
# channels the three have $3\cdot 9\,C^2 = 27\,C^2$ weights, the one $49\,C^2$; and the
# three have three ReLUs, which bend three times.
#
# ## The network, and He's initial weights
#
# The fourth convolution has a border of 2, to make 16 rows of 14, which halve twice. A
# sum of $n$ products has $n$ times their variance, and ReLU leaves half of its square:
#
# $$\operatorname{Var} w = \frac2n, \quad n = k \cdot k \cdot C
# \qquad\Rightarrow\qquad E[y_l^2] \approx E[y_{l-1}^2]$$
#
# This $n$ is the book's `pre_node_nums`: the inputs of one sum, not a map's places.


# %%
def deep_conv_net(*front, start="he_normal"):
    layers, he = list(front), {"activation": "relu", "initializer": start}
    for filters, last in ((16, 1), (32, 2), (64, 1)):
        layers += [hy.Conv2D(filters, 3, padding=border, **he) for border in (1, last)]
        layers.append(hy.MaxPooling2D())
    layers += [hy.Flatten(), hy.Dense(50, **he), hy.Dropout(0.5)]
    model = hy.Sequential([*layers, hy.Dense(10, "softmax", initializer=start)])
    model.compile("categorical_crossentropy", hy.Adam(0.001), metrics=["accuracy"])
    return model


(x, t), (x_test, t_test) = hy.datasets.mnist(flatten=False)
for name, start in (("0.01", hy.initializers.ScaledNormal(0.01)), ("He", "he_normal")):
    model, y, sizes, inputs = deep_conv_net(start=start), x[:100], [], []
    model.build((28, 28), seed=0)
    for layer in model.layers[:-1]:
        y = layer.forward(y)
        if layer.values:
            sizes.append(np.sqrt((y**2).mean()))
            inputs.append(layer.W[..., 0].size)
    report(f"{name}: root mean square behind the first", sizes[0])
    report(f"{name}: behind the seventh", sizes[-1])
assert inputs == [9, 144, 144, 288, 288, 576, 1024]
model.summary()

# %% [markdown]
# From 0.01 nothing of the picture arrives behind: all digits get the same scores.
#
# ## Dropout, once too often
#
# Half of the numbers between the dense layers are dropped (lesson 8). The book drops
# once more, behind the last layer: half of the ten *scores* become 0. Where the right
# one does, its $e^0 = 1$ stands beside as much of each of the $K$ others that do. So
# no network, however good, gets its mean loss in training below
#
# $$\tfrac12\,E[\ln(1 + K)], \qquad K \sim B(9, \tfrac12)$$
#
# At prediction the book halves all scores. The largest stays the largest, so accuracy
# does not tell; the probabilities do. We leave this dropout out.

# %%
least = sum(comb(9, k) / 2**9 * log(1 + k) for k in range(10)) / 2
scores = np.where(np.arange(10) == 0, 50.0, np.full((20_000, 1), -50.0))  # perfect
dropped = scores * (np.random.default_rng(0).random(scores.shape) > 0.5)
loss = hy.CategoricalCrossentropy(from_logits=True)(dropped, np.zeros(20_000, int))
report("loss of perfect scores with it", loss, note=f"over all masks {least:.4f}")
sure = np.log(9 * 0.99 / 0.01) * np.eye(1, 10)  # e^s / (e^s + 9) = 0.99
report("a probability of 0.99, its scores halved", hy.Softmax().forward(sure / 2)[0, 0])

# %% [markdown]
# ## More pictures made of those there are
#
# Turned, shifted or zoomed a little, a digit is still that digit; mirrored it is none.
# `RandomAffine` draws anew for every picture in every step, and rests at prediction.

# %%
affine = {"shift": 2, "rotation": 10, "zoom": 0.1}
show(hy.plots.augmentations(hy.RandomAffine(**affine), x[:3]), "20_augmentations")

# %% [markdown]
# ## Training
#
# As in the book: Adam with 0.001, batches of 100, 20 epochs. The full form takes all
# 60,000 digits and one seed, the short form 300 in batches of 30 and three. More pictures
# help there; in the full form they did not: 0.9936 as in the book, 0.9931 augmented.

# %%
size, batch, tested = epochs(300, 60_000), epochs(30, 100), epochs(1000, 10_000)
for name, changes in (("as in the book", []), ("augmented", [affine])):
    ends = []
    for seed in range(epochs(3, 1)):
        model = deep_conv_net(*(hy.RandomAffine(**one) for one in changes))
        model.fit(x[:size], t[:size], batch_size=batch, epochs=20, seed=seed, verbose=0)
        ends.append(model.evaluate(x_test[:tested], t_test[:tested])["accuracy"])
    note = f"{size} + {tested} digits; " + ", ".join(f"{end:.4f}" for end in ends)
    report(f"{name}: test accuracy", np.mean(ends), 0.9938 if FULL else None, note=note)

# %% [markdown]
# ## Weights from a file
#
# In `ch08/deep_convnet_params.pkl` channels come first: kernels are (filters, channels,
# rows, columns), and so lie the rows of $W_7$. Without that file we write our weights
# in its form. $W_8$ and $b_8$ make up for what the book halves: `from_book_arrays`.

# %%
folder = tempfile.TemporaryDirectory()
path = Path(os.environ.get("HYALITE_DATA", ""), "book", "deep_convnet_params.pkl")
if not (THE_BOOKS := path.is_file()):
    print("deep_convnet_params.pkl is not here (copy ch08's to $HYALITE_DATA/book).")
    path, arrays = Path(folder.name, path.name), {}
    for n, layer in enumerate((layer for layer in model.layers if layer.values), 1):
        W = layer.W.transpose(3, 2, 0, 1) if n < 7 else layer.W
        arrays |= {f"W{n}": W, f"b{n}": layer.b}
    W7 = arrays["W7"].reshape(4, 4, 64, 50).transpose(2, 0, 1, 3).reshape(1024, 50)
    arrays |= {"W7": W7, "W8": 4 * arrays["W8"], "b8": 2 * arrays["b8"]}
    path.write_bytes(pickle.dumps(arrays))
    x_test, t_test = x_test[:tested], t_test[:tested]
read = from_book_arrays(*convolution_arrays(import_pickle(path)))
folder.cleanup()
accuracy = read.evaluate(x_test, t_test)["accuracy"]
report("weights from a file: accuracy", accuracy, 0.9938 if THE_BOOKS else None)
assert THE_BOOKS or np.allclose(read.predict(x[:9]), model.predict(x[:9]), atol=1e-5)
show(hy.plots.mistakes(read, x_test, t_test, count=12), "20_mistakes")

# %% [markdown]
# `hyalite convert deep_convnet_params.pkl model.safetensors` does it in one go; what is
# known of the file: [errata](../docs/errata.md). **Try it:** a `hy.CosineDecay`.
